"""Opinions: two persons before they count, apart from all ratings, answered in time, read by few."""

import uuid
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from survey.wire import to_json
from sync_server.answering.rules import due_day, reads_words
from sync_server.errors import NotFound, Refused
from sync_server.models.opinion import Opinion
from sync_server.models.people import AuditEntry
from sync_server.models.rating import Rating, Tally
from sync_server.queries import opinions as queries
from sync_server.services import followup, opinions
from sync_server.services.opinions import Written
from sync_server.services.retention import erase_old
from tests.builders import a_batch, a_rating
from tests.sync_server import builders
from tests.sync_server.conftest import SetClock
from tests.sync_server.web.conftest import Town

DOSSIER = "H42.12-210301-0007"


def key_in(town: Town, *, by: str = "clerk", **given: Any) -> int:
    """An opinion as it was keyed in at Mộc Bắc; its number."""
    today = followup.today_of(town.office)
    what = {"unit_id": town.moc_bac.id, "source": "box", "day": today.day, "text": "Đường vào trụ sở lầy lội", **given}
    with town.office.database.write() as writing:
        code = opinions.key_in(
            writing, town.office.seals, Written(**what), by=town.staff[by].id, today=today, new_id=uuid.uuid4()
        )
        return int(writing.scalars(select(Opinion.id).where(Opinion.receipt == code)).one())


def check(town: Town, number: int, *, by: str = "alice", right: bool = True) -> None:
    with town.office.database.write() as writing:
        opinions.check(
            writing, number, {town.moc_bac.id}, by=town.staff[by].id, right=right, today=followup.today_of(town.office)
        )


def comment(town: Town, text: str, **more: Any) -> None:
    """A rating of Mộc Bắc's kiosk with a comment."""
    said = a_rating(
        officer_id=f"o{town.officer.id}", counter_id=f"c{town.counter.id}", survey_id="q1", comment=text, **more
    )
    headers = {**builders.bearer(town.key), "Content-Type": "application/json"}
    answer = town.app.test_client().post("/api/v1/batches", data=to_json(a_batch(said)), headers=headers)
    assert answer.get_json()["receipts"][0]["verdict"] == "stored", answer.text


def inbox(town: Town, role: str, **asked: Any) -> list[str | None]:
    given = {"shown": "all", "kind": "all", "search": "", "today": followup.today_of(town.office).day, **asked}
    with town.office.database.read() as reading:
        return [line.words for line in queries.inbox(reading, {town.moc_bac.id, town.town.id}, role, **given)]


def counts(town: Town) -> dict[str, tuple[int, int, int]]:
    day = followup.today_of(town.office).day
    with town.office.database.read() as reading:
        found = queries.counts(reading, {town.moc_bac.id}, day - 9, day + 1)
    return {each.source: (each.n, each.dissatisfied, each.repeated) for each in found}


def test_what_is_keyed_in_counts_after_another_account_checked_it_and_is_no_rating(town_on_both: Town) -> None:
    town = town_on_both
    number = key_in(town, source="paper", level=1, reasons=(), text="")
    assert (counts(town), inbox(town, "head")) == ({}, [])
    with pytest.raises(Refused, match="không tự kiểm tra"):
        check(town, number, by="clerk")
    check(town, number)
    assert counts(town) == {"paper": (1, 1, 0)}
    with pytest.raises(Refused, match="rồi"):
        check(town, number, by="town_staff")
    with town.office.database.read() as reading:
        assert [reading.scalar(select(func.count()).select_from(kind)) for kind in (Rating, Tally)] == [0, 0]


def test_a_form_that_was_keyed_in_wrong_is_dropped_with_its_words(town_on_both: Town) -> None:
    number = key_in(town_on_both, level=1)
    check(town_on_both, number, right=False)
    assert (counts(town_on_both), inbox(town_on_both, "town_staff")) == ({}, [])
    with town_on_both.office.database.read() as reading:
        row = reading.get_one(Opinion, number)
        assert (row.text, row.plain) == ("", "")
        assert queries.told(reading, row.receipt) is None


def test_a_dossier_counts_once_among_the_forms_and_its_code_is_nowhere(town_on_both: Town) -> None:
    for _ in range(2):
        check(town_on_both, key_in(town_on_both, source="paper", level=5, dossier_code=DOSSIER))
    assert counts(town_on_both) == {"paper": (1, 0, 1)}
    with town_on_both.office.database.read() as reading:
        rows = reading.scalars(select(Opinion)).all()
        assert not [row for row in rows if DOSSIER in repr(vars(row))]
        assert DOSSIER not in repr([vars(row) for row in reading.scalars(select(AuditEntry))])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"source": "kiosk"}, "hòm thư"),
        ({"source": "paper", "level": None}, "mức độ"),
        ({"text": " "}, "nội dung"),
        ({"level": 6}, "Mức độ"),
        ({"reasons": ("no_such",)}, "Lý do"),
        ({"day": 800_000}, "hôm nay"),
    ],
)
def test_a_form_that_cannot_be_is_refused(town: Town, given: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        key_in(town, **given)


def test_comments_come_to_the_inbox_and_are_found_without_marks(town_on_both: Town, clock: SetClock) -> None:
    comment(town_on_both, "Đợi lâu quá, ĐƯỢC hẹn lại hai lần")
    assert inbox(town_on_both, "town_staff", search="duoc HEN") == ["Đợi lâu quá, ĐƯỢC hẹn lại hai lần"]
    assert inbox(town_on_both, "inspector", search="đợi lâu") == ["Đợi lâu quá, ĐƯỢC hẹn lại hai lần"]
    assert inbox(town_on_both, "town_staff", search="100%_") == []
    assert inbox(town_on_both, "head") == []  # nobody who sees the officer each day


def test_that_somebody_was_asked_for_money_is_for_inspectors(town_on_both: Town) -> None:
    comment(town_on_both, "Đòi thêm tiền", level=1, reasons=("asked_for_money",))
    assert inbox(town_on_both, "town_staff") == []
    assert inbox(town_on_both, "inspector") == ["Đòi thêm tiền"]


def test_a_paper_that_tells_of_money_goes_to_inspectors_past_everybody_of_the_unit(town_on_both: Town) -> None:
    town = town_on_both
    number = key_in(town, source="paper", text="Đòi thêm tiền", level=1, reasons=("asked_for_money",))
    with town.office.database.read() as reading:
        assert queries.unchecked(reading, {town.moc_bac.id}) == []
    with pytest.raises(Refused, match="đã được kiểm tra"):
        check(town, number, right=False)  # the head cannot drop it
    assert [inbox(town, role) for role in ("head", "town_staff", "inspector")] == [[], [], ["Đòi thêm tiền"]]


def test_the_unit_reads_what_was_released_of_a_comment_and_cannot_search_the_rest(town_on_both: Town) -> None:
    town = town_on_both
    comment(town, "Tôi là Bảy bán phở, đợi từ sáng")
    today = followup.today_of(town.office)
    with town.office.database.write() as writing:
        number = writing.scalars(select(Opinion.id)).one()
        with pytest.raises(NotFound):
            opinions.locked(writing, number, {town.moc_bac.id}, "head")
        row = opinions.locked(writing, number, {town.moc_bac.id}, "town_staff")
        opinions.assign(
            writing, row, to="Bộ phận một cửa", released="Chờ lâu vào buổi sáng", unit_id=town.moc_bac.id,
            by=town.staff["town_staff"].id, today=today,
        )  # fmt: skip
        assert row.due_day == due_day(today.day)
    assert inbox(town, "head") == ["Chờ lâu vào buổi sáng"]
    assert inbox(town, "head", search="pho") == []


def test_an_answer_reaches_the_receipt_and_only_edited_words_reach_the_board(town_on_both: Town) -> None:
    town = town_on_both
    number = key_in(town, text="Bà Hoa ở xóm 3 hỏi: sao chưa sửa đường?")
    with town.office.database.read() as reading:
        code = reading.get_one(Opinion, number).receipt
    assert "Đã tiếp nhận" in town.person().get(f"/n/{code}").text
    check(town, number)
    alice = town.as_("alice")
    assert alice.send(f"/opinions/{number}/close").status_code == 422  # not before it is answered
    named = alice.send(f"/opinions/{number}/answer", answer="Bà Hạnh sẽ làm")
    assert named.status_code == 422
    assert alice.send(f"/opinions/{number}/answer", answer="Xã sửa đường trong tháng Tư.").status_code == 303
    assert "Xã sửa đường trong tháng Tư." in town.person().get(f"/n/{code.lower()}").text
    address = f"/bang/{town.moc_bac.id}/hoi-dap"
    assert "Xã sửa đường" not in town.person().get(address).text
    public = {"public_question": "Bao giờ sửa đường vào trụ sở?", "public_answer": "Trong tháng Tư."}
    assert alice.send(f"/opinions/{number}/publish", **public).status_code == 303
    shown = town.person().get(address).text
    assert "Bao giờ sửa đường" in shown
    assert "xóm 3" not in shown
    assert alice.send(f"/opinions/{number}/publish", public_question="", public_answer="").status_code == 303
    assert "Bao giờ sửa đường" not in town.person().get(address).text
    assert alice.send(f"/opinions/{number}/close").status_code == 303


def test_others_units_opinions_are_not_there(town: Town) -> None:
    number = key_in(town)
    check(town, number)
    chi = town.as_("chi")
    assert chi.get(f"/opinions/{number}").status_code == 404
    assert chi.send(f"/opinions/{number}/answer", answer="x").status_code == 404
    assert chi.send(f"/opinions/{number}/check", right="yes").status_code == 404
    assert chi.send("/opinions/new", unit=town.moc_bac.id, source="box", day="2026-03-02", text="x").status_code == 422


def test_a_clerk_keys_in_and_another_person_checks_by_the_pages(town: Town) -> None:
    clerk = town.as_("clerk")
    sent = clerk.send(
        "/opinions/new", unit=town.moc_bac.id, source="paper", day="2026-03-02", level="4", text="<b>Tốt</b>"
    )
    assert sent.status_code == 303
    assert "chờ một người khác" in clerk.get("/opinions/check").text
    assert "&lt;b&gt;Tốt" in clerk.get("/opinions/check").text
    assert clerk.send("/opinions/1/check", right="yes").status_code == 422
    assert town.as_("alice").send("/opinions/1/check", right="yes").status_code == 303
    assert "Không có ý kiến nào chờ" in clerk.get("/opinions/check").text
    with town.office.database.read() as reading:
        assert {"opinion keyed", "opinion checked"} <= set(reading.scalars(select(AuditEntry.act)))


def test_words_are_erased_when_their_time_is_over(town_on_both: Town, clock: SetClock) -> None:
    check(town_on_both, key_in(town_on_both))
    clock.advance(days=31)
    for erased in (1, 0):
        with town_on_both.office.database.write() as writing:
            found = erase_old(writing, now=clock.at, comments_days=30, dossier_links_days=30)
            assert found.opinions == erased
    assert inbox(town_on_both, "town_staff", search="duong") == []


def test_what_is_late_is_told(town_on_both: Town, clock: SetClock) -> None:
    check(town_on_both, key_in(town_on_both))
    today = followup.today_of(town_on_both.office)
    for day, late in ((due_day(today.day), 0), (due_day(today.day) + 1, 1)):
        with town_on_both.office.database.read() as reading:
            waiting = queries.waiting(reading, {town_on_both.moc_bac.id}, "head", today=day)
        assert (waiting.open, waiting.overdue) == (1, late)


def test_ten_working_days_go_round_the_holidays() -> None:
    """From Thursday 23 April 2026: without the weekends, the Monday for the Hùng Kings, 30 April and 1 May."""
    assert date.fromordinal(due_day(date(2026, 4, 23).toordinal())) == date(2026, 5, 12)


def test_officers_clerks_and_observers_read_no_words() -> None:
    readers = {
        role
        for role in ("administrator", "officer", "clerk", "observer", "head", "town_staff", "inspector")
        if reads_words(role, is_comment=True, inspectors_only=False)
    }
    assert readers == {"town_staff", "inspector"}
