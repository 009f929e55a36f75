"""Drafts are written and signed once; signed reports keep their figures, number and files for ever."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from sync_server.errors import NotFound, Refused
from sync_server.models.people import AuditEntry
from sync_server.models.register import RegisterEntry
from sync_server.models.report import Report, ReportFile
from sync_server.queries import reports
from sync_server.reporting import making
from sync_server.reporting.rights import may_sign
from sync_server.services import numbering, paper_templates
from sync_server.services import reports as writing
from sync_server.services.numbering import Paper
from tests.sync_server.reporting.builders import text_of
from tests.sync_server.reports.conftest import MONDAY, Place, moment, month, week

GOOD_WEEK = [(day, 5, ()) for day in range(5) for _ in range(8)]


def later(place: Place, day: date, hour: int = 9) -> None:
    """Let the clock stand at an hour of a day."""
    place.clock.at = moment(day, hour)


@pytest.fixture
def rated(place: Place) -> Place:
    """A town of which one commune was rated for a week, which is over."""
    place.rate(place.desks[0], GOOD_WEEK)
    later(place, MONDAY + timedelta(days=7))
    return place


def file(place: Place, number: int, kind: str = "docx") -> bytes:
    with place.office.database.read() as session:
        found = reports.file(session, number, kind)
    assert found is not None
    return found


def sign(place: Place, name: str, number: int, seen: int = 0) -> None:
    with place.office.database.write() as session:
        writing.sign(session, place.office, place.writer(name), number, seen=seen, now=place.office.now())


def test_a_signed_report_has_its_number_its_files_and_a_copy_for_each_addressee(rated: Place) -> None:
    near = rated.desks[0].unit_id
    number = rated.signed("alice", near, week())
    page = rated.page(number)
    assert page.line.signed is not None
    assert (page.line.signed.number, page.line.sign) == (1, "BC-UBND")
    assert page.figures is not None
    assert page.figures.whole.n == 40
    assert [copy.name for copy in page.line.copies] == ["Lãnh đạo Ủy ban nhân dân xã Mộc Bắc"]
    said = "\n".join(text_of(file(rated, number)))
    assert "Số: 01/BC-UBND" in said
    assert "Mộc Bắc, ngày 09 tháng 3 năm 2026" in said
    assert file(rated, number, "xlsx").startswith(b"PK")


def test_the_plans_reports_have_two_addressees_and_each_copy_is_noted_as_sent_once(rated: Place) -> None:
    near, rule = rated.desks[0].unit_id, writing.report_rules().rule_at("six_month", MONDAY.toordinal())
    later(rated, date(2026, 6, 11))
    number = rated.signed("alice", near, writing.periods.period_of(rule, 2026))
    sent = [date(2026, 6, 11), date(2026, 6, 12)]
    with rated.office.database.write() as session:
        for place, day in enumerate(sent, start=1):
            given = {"day": day.toordinal(), "today": sent[1].toordinal(), "now": rated.office.now()}
            writing.send(session, rated.writer("alice"), number, place, **given)
            writing.send(session, rated.writer("alice"), number, place, **{**given, "day": sent[0].toordinal()})
    copies = rated.page(number).line.copies
    assert [(copy.name, copy.through) for copy in copies] == [
        ("Ban Thường vụ Thị ủy", "Ban Dân vận Thị ủy"),
        ("Ủy ban nhân dân thị xã", "phòng Nội vụ thị xã"),
    ]
    assert [copy.sent_day for copy in copies] == [day.toordinal() for day in sent]
    today = sent[0].toordinal()
    with pytest.raises(Refused, match="chưa tới"), rated.office.database.write() as session:
        writing.send(session, rated.writer("alice"), number, 1, day=today + 1, today=today, now=rated.office.now())


def test_made_again_from_what_is_kept_it_is_the_same(rated: Place) -> None:
    number = rated.signed("alice", rated.desks[0].unit_id, week())
    rated.clock.advance(days=400)
    with rated.office.database.read() as session:
        again = writing.again(session, number)
    assert again == {"docx": file(rated, number), "xlsx": file(rated, number, "xlsx")}


def test_ratings_that_come_late_change_no_signed_report_and_go_into_a_supplement(rated: Place) -> None:
    near = rated.desks[0]
    first = rated.signed("alice", near.unit_id, week())
    before = file(rated, first), rated.page(first)
    rated.rate(near, [(4, 1, ("slow",))] * 3, sent_day=8)
    later(rated, MONDAY + timedelta(days=9))
    assert (file(rated, first), rated.page(first)) == before
    second = rated.begun("alice", near.unit_id, week())
    page = rated.page(second)
    assert page.line.supplements == first
    assert page.words == before[1].words
    sign(rated, "alice", second)
    told = rated.page(second)
    assert told.figures is not None
    assert told.figures.whole.n == 43
    said = "\n".join(text_of(file(rated, second)))
    assert "(Bản bổ sung)" in said
    assert "Báo cáo số 01/BC-UBND ngày 09 tháng 3 năm 2026" in said
    assert "từ 40 lượt thành 43 lượt" in said
    assert rated.page(first).supplemented_by == second


def test_numbers_of_a_unit_count_up_without_gaps_and_anew_each_year(rated: Place) -> None:
    near, far = (desk.unit_id for desk in rated.desks)
    rated.signed("alice", near, week(8))
    refused = rated.begun("alice", near, week(9))
    with pytest.raises(Refused), rated.office.database.write() as session:
        writing.sign(session, rated.office, rated.writer("alice"), refused, seen=7, now=rated.office.now())
    rated.signed("alice", near, week(10))
    rated.signed("chi", far, week(10))
    later(rated, date(2027, 1, 4))
    rated.signed("alice", near, month(2026, 12))
    with rated.office.database.read() as session:
        entries = session.execute(
            select(RegisterEntry.unit_id, RegisterEntry.year, RegisterEntry.number).order_by(RegisterEntry.id)
        ).all()
    assert [tuple(entry) for entry in entries] == [(near, 2026, 1), (near, 2026, 2), (far, 2026, 1), (near, 2027, 1)]


def test_two_who_take_numbers_at_once_get_two(place: Place) -> None:
    unit_id, found, faults = place.desks[0].unit_id, [], []
    start = threading.Barrier(4)

    def take() -> None:
        try:
            start.wait(30)
            for _ in range(5):
                with place.office.database.write() as session:
                    paper = Paper(book="letter", sign="TXL-UBND", kind="apology")
                    entry = numbering.take_number(session, unit_id, paper, year=2026, day=1, by=None, now=1)
                    found.append(entry.number)
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert sorted(found) == list(range(1, 21))


def test_the_report_and_the_letter_books_count_for_themselves(place: Place) -> None:
    with place.office.database.write() as session:
        numbers = [
            numbering.take_number(
                session, place.town, Paper(book=book, sign="X", kind="x"), year=2026, day=1, by=None, now=1
            ).number
            for book in ("report", "letter", "report")
        ]
    assert numbers == [1, 1, 2]


def test_a_signed_report_is_neither_written_in_nor_dropped_nor_signed_again(rated: Place) -> None:
    number = rated.signed("alice", rated.desks[0].unit_id, week())
    writer, now = rated.writer("alice"), rated.office.now()
    for act in (
        lambda s: writing.write(s, writer, number, rated.page(number).words, seen=0, now=now),
        lambda s: writing.drop(s, writer, number, now=now),
        lambda s: writing.sign(s, rated.office, writer, number, seen=0, now=now),
    ):
        with pytest.raises(Refused, match="đã ký"), rated.office.database.write() as session:
            act(session)


def test_two_who_write_at_once_lose_nothing(rated: Place) -> None:
    number = rated.begun("alice", rated.desks[0].unit_id, week())
    words = rated.page(number).words
    with rated.office.database.write() as session:
        writing.write(session, rated.writer("town"), number, replace(words, general="Của tôi"), seen=0, now=1)
    with pytest.raises(Refused, match="Người khác vừa sửa"), rated.office.database.write() as session:
        writing.write(session, rated.writer("alice"), number, replace(words, general="Của tôi nữa"), seen=0, now=1)
    assert rated.page(number).words.general == "Của tôi"
    with pytest.raises(Refused, match="Người khác vừa sửa"):
        sign(rated, "alice", number, seen=0)


def test_beginning_twice_gives_one_draft_and_a_dropped_one_is_gone(rated: Place) -> None:
    near = rated.desks[0].unit_id
    first = rated.begun("alice", near, week())
    assert rated.begun("town", near, week()) == first
    with rated.office.database.write() as session:
        writing.drop(session, rated.writer("alice"), first, now=1)
    with pytest.raises(NotFound):
        rated.page(first)
    assert rated.begun("alice", near, week()) != first


def test_a_report_is_signed_when_its_days_are_over_and_by_its_own_head(rated: Place) -> None:
    near = rated.desks[0].unit_id
    running = rated.begun("alice", near, month())
    with pytest.raises(Refused, match="chưa kết thúc"):
        sign(rated, "alice", running)
    over = rated.begun("town", near, week())
    with pytest.raises(Refused, match="lãnh đạo đơn vị đó ký"):
        sign(rated, "town", over)
    with pytest.raises(NotFound):
        sign(rated, "chi", over)
    with pytest.raises(Refused, match="chưa tới"):
        rated.begun("alice", near, week(20))
    rated.signed("town", rated.town, week())


@pytest.mark.parametrize(
    ("role", "own", "unit", "parent", "kind", "may"),
    [
        ("head", 2, 2, 1, "commune", True),
        ("head", 1, 2, 1, "commune", False),
        ("head", 2, 5, 2, "office", True),
        ("town_staff", 1, 1, None, "town", True),
        ("town_staff", None, 1, None, "town", True),
        ("town_staff", None, 2, 1, "commune", False),
        ("inspector", 2, 2, 1, "commune", False),
        ("administrator", 2, 2, 1, "commune", False),
    ],
)
def test_who_signs(role: str, own: int | None, unit: int, parent: int | None, kind: str, may: bool) -> None:
    assert may_sign(role, own, unit_id=unit, parent_id=parent, unit_kind=kind) is may


def test_what_a_paper_must_have_is_asked_for_by_name(rated: Place) -> None:
    number = rated.begun("alice", rated.desks[0].unit_id, week())
    words = replace(rated.page(number).words, signer=" ", addressees=())
    with rated.office.database.write() as session:
        writing.write(session, rated.writer("alice"), number, words, seen=0, now=1)
    with pytest.raises(Refused, match="người ký, nơi nhận"):
        sign(rated, "alice", number, seen=1)


def test_whatever_was_altered_in_a_signed_report_is_found(rated: Place) -> None:
    near = rated.desks[0].unit_id
    number = rated.signed("alice", near, week())
    other = rated.signed("alice", near, week(9))

    def altered() -> list[str]:
        with rated.office.database.read() as session:
            return writing.altered(session, rated.office)

    assert altered() == []
    figures = dict(rated.page(number).figures.to_json())  # type: ignore[union-attr]
    figures["whole"]["n"] += 1
    with rated.office.database.write() as session:
        session.execute(update(Report).where(Report.id == number).values(figures=figures))
        session.execute(update(ReportFile).where(ReportFile.report_id == other).values(content=b"other"))
    found = altered()
    assert len(found) == 2
    assert f"report {number}: its figures" in found[0]
    assert f"report {other}: its words, number or files" in found[1]


def test_each_act_is_in_the_log(rated: Place) -> None:
    rated.signed("alice", rated.desks[0].unit_id, week())
    with rated.office.database.read() as session:
        acts = session.scalars(select(AuditEntry.act).where(AuditEntry.act.like("report %"))).all()
    assert sorted(acts) == ["report begun", "report signed"]


def test_a_units_own_template_goes_for_it_and_those_below_and_can_be_taken_back(rated: Place) -> None:
    def in_force(unit_id: int) -> bytes:
        with rated.office.database.read() as session:
            return writing.template_of(session, unit_id)

    near, far = (desk.unit_id for desk in rated.desks)
    for unit_id, content in ((rated.town, b"the town's"), (near, b"its own"), (near, None)):
        with rated.office.database.write() as session:
            given = {"file_name": "mau.docx", "content": content, "by": rated.staff["town"].id, "now": 1}
            paper_templates.bring(session, unit_id, writing.TEMPLATE, **given)
        if content == b"its own":
            assert in_force(near) == b"its own"
    assert in_force(near) == in_force(far) == b"the town's"
    with pytest.raises(Refused), rated.office.database.write() as session:
        paper_templates.bring(session, near, writing.TEMPLATE, file_name="x", content=b"", by=1, now=1)


def test_a_draft_that_nobody_rated_can_be_signed_too(place: Place) -> None:
    later(place, MONDAY + timedelta(days=7))
    number = place.signed("chi", place.desks[1].unit_id, week())
    assert "chưa ghi nhận lượt đánh giá nào" in "\n".join(text_of(file(place, number)))
    with place.office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ReportFile)) == 2
    assert making.file_name(place.page(number).figures, place.page(number).line.signed, "docx") == (  # type: ignore[arg-type]
        "bao-cao-01-weekly-2026-03-02-2026-03-08.docx"
    )
