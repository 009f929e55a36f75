"""The pages of cases: who sees which, with what in it, and what the officer never reads."""

import re
import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from survey.rating import Dossier, receipt_code
from sync_server.casework import steps
from sync_server.casework.steps import Finding, Measure
from sync_server.models.casework import CaseAct, CaseFile, CaseRating
from sync_server.models.people import AuditEntry
from sync_server.models.rating import Counted
from sync_server.services import cases
from tests.sync_server.casework.town import MONEY, RUDE, CaseTown, said_at
from tests.sync_server.conftest import SetClock
from tests.sync_server.web.conftest import Person as Browsing

COMMENT = "Chị ấy quát tôi trước mặt mọi người sáng thứ Hai"
CHANGED = "Đã bố trí thêm người hướng dẫn vào sáng thứ Hai."
SignIn = Callable[[str], Browsing]


def text_of(answer: object) -> str:
    page = str(getattr(answer, "text", answer))
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


@pytest.fixture
def rude(town: CaseTown, clock: SetClock) -> int:
    """A complaint of rudeness with a comment and a dossier; the number of its case."""
    clock.advance(minutes=30)
    dossier = Dossier(code="H42.12-260302-0007")
    town.say(said_at(town.desk, clock.at - 60_000, 1, reasons=(RUDE,), comment=COMMENT, dossier=dossier))
    return only_case(town)


@pytest.fixture
def money(town: CaseTown) -> int:
    town.say(town.desk.rating(level=1, reasons=(MONEY,)))
    return only_case(town)


def only_case(town: CaseTown) -> int:
    with town.office.database.read() as session:
        return session.scalars(select(CaseFile.id)).one()


def do(town: CaseTown, number: int, *acts: steps.Act) -> None:
    for act in acts:
        with town.office.database.write() as session:
            cases.do(session, number, act, town.today)


def audited(town: CaseTown, act: str) -> list[tuple[int | None, str]]:
    with town.office.database.read() as session:
        rows = session.execute(
            select(AuditEntry.staff_id, AuditEntry.subject).where(AuditEntry.act == act).order_by(AuditEntry.id)
        )
        return [(row.staff_id, row.subject) for row in rows]


def asked(town: CaseTown, **changes: object) -> steps.TakeUp:
    given = {"by": town.staff["alice"].id, "note": "mời giải trình", "released": "Xin giải trình về thái độ."}
    return steps.TakeUp(**{**given, **changes})  # type: ignore[arg-type]


def test_heads_see_the_cases_of_their_own_unit(town: CaseTown, rude: int, sign_in: SignIn) -> None:
    assert f"Số {rude}" in text_of(sign_in("alice").get("/cases"))
    other = sign_in("chi")
    assert "Không có vụ việc nào" in text_of(other.get("/cases"))
    assert other.get(f"/cases/{rude}").status_code == 404
    assert other.send(f"/cases/{rude}/take_up", note="x", released="x", seen=0).status_code == 404


def test_asking_for_money_is_seen_by_inspectors_only(town: CaseTown, money: int, sign_in: SignIn) -> None:
    for name in ("alice", "town_staff"):
        person = sign_in(name)
        assert "Không có vụ việc nào" in text_of(person.get("/cases"))
        assert person.get(f"/cases/{money}").status_code == 404
        assert person.send(f"/cases/{money}/take_up", note="x", released="x", seen=0).status_code == 404
        assert "trên 0 đang xử lý" in text_of(person.get("/"))
    inspector = sign_in("inspector")
    assert "Đòi hỏi tiền" in text_of(inspector.get(f"/cases/{money}"))
    assert 'value="no" required checked' in inspector.get(f"/cases/{money}").text
    assert "Chưa có vụ việc nào" in text_of(sign_in("observer").get("/handled"))


def test_comments_are_for_those_who_verify_and_the_dossier_for_nobody(
    town: CaseTown, rude: int, sign_in: SignIn
) -> None:
    assert COMMENT not in sign_in("alice").get(f"/cases/{rude}").text
    for name in ("inspector", "town_staff"):
        page = sign_in(name).get(f"/cases/{rude}").text
        assert COMMENT in page
        assert "Rất không hài lòng" in page
        assert "H42.12" not in page
        assert "08:29" not in text_of(page)  # the day, not the hour


def test_each_look_at_a_case_is_in_the_audit_log(town: CaseTown, rude: int, sign_in: SignIn) -> None:
    sign_in("inspector").get(f"/cases/{rude}")
    sign_in("alice").get("/cases")
    sign_in("chi").get(f"/cases/{rude}")  # not found, so nothing was seen
    assert audited(town, "case seen") == [(town.staff["inspector"].id, f"case {rude}")]
    assert audited(town, "cases seen") == [(town.staff["alice"].id, "open")]


def test_the_officer_hears_only_from_when_the_head_tells(town: CaseTown, rude: int, sign_in: SignIn) -> None:
    officer = sign_in("officer")
    assert f"Vụ việc số {rude}" not in text_of(officer.get("/own"))
    assert officer.send(f"/own/cases/{rude}", note="tôi biết", seen=0).status_code == 404
    answer = sign_in("alice").send(
        f"/cases/{rude}/take_up",
        note="Bà Tư nói vậy",
        released="Xin giải trình về thái độ.",
        officer_hears="yes",
        seen=0,
    )
    assert answer.status_code == 303, text_of(answer)
    text = text_of(officer.get("/own"))
    assert "Xin giải trình về thái độ." in text
    assert "09/03/2026" in text
    for hidden in ("Bà Tư", "xúc phạm", "quát", "Rất không hài lòng"):
        assert hidden not in text
    assert "Chờ tôi giải trình 1" in text_of(officer.get("/"))


def test_the_officer_answers_and_it_cannot_be_changed(town: CaseTown, rude: int, sign_in: SignIn) -> None:
    do(town, rude, asked(town))
    officer = sign_in("officer")
    answer = officer.send(f"/own/cases/{rude}", note="Hôm đó tôi mất giọng.", attachments="Giấy khám 12\n\n", seen=1)
    assert answer.status_code == 303
    again = officer.send(f"/own/cases/{rude}", note="Tôi nói khác.", seen=1)
    assert again.status_code == 422
    assert "Vừa có người khác xử lý" in text_of(again)
    with town.office.database.read() as session:
        (act,) = session.scalars(select(CaseAct).where(CaseAct.kind == "explain"))
    assert (act.content["note"], act.content["attachments"]) == ("Hôm đó tôi mất giọng.", ["Giấy khám 12"])


def test_the_officer_reaches_no_page_of_those_who_handle_cases(town: CaseTown, rude: int, sign_in: SignIn) -> None:
    do(town, rude, asked(town))
    officer = sign_in("officer")
    for path in ("/cases", f"/cases/{rude}", "/cases/new", "/handled", f"/officers/{town.officer.id}"):
        assert officer.get(path).status_code == 403
    assert officer.send(f"/cases/{rude}/close", note="xong", seen=1).status_code == 403


def test_asking_for_money_is_for_inspectors_in_other_cases_too(
    town: CaseTown, clock: SetClock, sign_in: SignIn
) -> None:
    """A bad rating with that reason is one of many behind a flag, whose case town staff verify."""
    clock.advance(minutes=30)
    secret = "Đưa thêm hai trăm mới làm"
    (rating,) = town.say(said_at(town.desk, clock.at - 60_000, 1, reasons=(MONEY, "slow"), comment=secret))
    with town.office.database.write() as session:
        by = town.staff["town_staff"].id
        number = cases.open_by_hand(session, town.officer.id, by=by, note="đơn thư", today=town.today)
        session.add(CaseRating(case_id=number, rating_id=uuid.UUID(rating).bytes, added_at=0))
    for name, sees in (("town_staff", False), ("inspector", True)):
        page = sign_in(name).get(f"/cases/{number}").text
        assert "Chờ quá lâu" in page
        assert ("Đòi hỏi tiền" in page) is sees
        assert (secret in page) is sees


def test_a_step_without_a_note_says_so_and_keeps_what_was_written(town: CaseTown, rude: int, sign_in: SignIn) -> None:
    answer = sign_in("alice").send(f"/cases/{rude}/take_up", note=" ", released="Về việc hướng dẫn", seen=0)
    assert answer.status_code == 422
    assert "Mỗi bước cần có ghi chú" in text_of(answer)
    assert "Về việc hướng dẫn" in answer.text


@pytest.mark.parametrize(
    ("kind", "form", "says"),
    [
        ("verify", {}, "Xin chọn kết luận"),
        ("verify", {"finding": "maybe"}, "Xin chọn kết luận"),
        ("verify", {"finding": "untrue", "untrue": "no-id"}, "không thuộc vụ việc này"),
        ("verify", {"finding": "true"}, "chưa được giải trình"),
        ("decide", {"measure": "prison"}, "Xin chọn biện pháp"),
        ("decide", {"measure": "talk"}, "Bước này thuộc nhiệm vụ của người khác"),
        ("close", {}, "Bước này chưa làm được. Chờ xác minh"),
        ("verify", {"finding": "untrue", "attachments": "x\n" * 21}, "nhiều nhất 20"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(
    town: CaseTown, rude: int, sign_in: SignIn, kind: str, form: dict[str, str], says: str
) -> None:
    do(town, rude, asked(town, officer_hears=False))
    answer = sign_in("inspector").send(f"/cases/{rude}/{kind}", note="ghi chú", seen=1, **form)
    assert answer.status_code == 422
    assert says in text_of(answer)


def test_an_unknown_step_is_not_found(town: CaseTown, rude: int, sign_in: SignIn) -> None:
    assert sign_in("inspector").send(f"/cases/{rude}/erase", note="x").status_code == 404


def test_who_saw_an_older_state_is_told_and_changes_nothing(town: CaseTown, rude: int, sign_in: SignIn) -> None:
    alice = sign_in("alice")
    do(town, rude, asked(town), steps.Explain(by=town.staff["officer"].id, note="đã trả lời"))
    answer = alice.send(f"/cases/{rude}/take_up", note="thụ lý", released="x", seen=0)
    assert answer.status_code == 422
    assert "Vừa có người khác xử lý" in text_of(answer)


def test_a_rating_found_untrue_counts_no_longer_and_stays(town: CaseTown, rude: int, sign_in: SignIn) -> None:
    do(town, rude, asked(town), steps.Explain(by=town.staff["officer"].id, note="không có việc đó"))
    (rating,) = town.desk.ratings()
    assert town.desk.tallied() == 1
    inspector = sign_in("inspector")
    box = re.search(r'name="untrue" value="([0-9a-f-]{36})"', inspector.get(f"/cases/{rude}").text)
    assert box is not None
    sent = inspector.send(f"/cases/{rude}/verify", note="camera", finding="untrue", untrue=box[1], seen=2)
    assert sent.status_code == 303
    (after,) = town.desk.ratings()
    assert (after.id, after.counted) == (rating.id, Counted.VERIFIED_UNTRUE)
    assert town.desk.tallied() == 0
    assert "xác minh là không đúng" in text_of(inspector.get(f"/cases/{rude}"))


def test_two_people_close_an_unfounded_case_on_pages(town: CaseTown, rude: int, sign_in: SignIn) -> None:
    officer, inspector = town.staff["officer"].id, town.staff["inspector"].id
    do(
        town, rude, asked(town), steps.Explain(by=officer, note="không có"),
        steps.Verify(by=inspector, note="không đúng", finding=Finding.UNTRUE),
    )  # fmt: skip
    first, second = sign_in("inspector"), sign_in("second")
    assert first.send(f"/cases/{rude}/propose_unfounded", note="không có cơ sở", seen=3).status_code == 303
    assert "step-agree_unfounded" not in first.get(f"/cases/{rude}").text
    assert first.send(f"/cases/{rude}/agree_unfounded", note="tôi đồng ý", seen=4).status_code == 422
    assert "step-agree_unfounded" in second.get(f"/cases/{rude}").text
    assert second.send(f"/cases/{rude}/agree_unfounded", note="đồng ý", seen=4).status_code == 303


def test_a_case_is_opened_by_hand_about_an_officer_within_reach(town: CaseTown, sign_in: SignIn) -> None:
    page = sign_in("alice").get(f"/cases/new?officer={town.officer.id}").text
    assert f'value="{town.officer.id}" selected' in page
    assert sign_in("chi").send("/cases/new", officer=town.officer.id, note="đơn thư").status_code == 404
    assert sign_in("alice").send("/cases/new", officer=town.officer.id, note=" ").status_code == 422
    assert sign_in("alice").send("/cases/new", officer="", note="x").status_code == 422
    opened = sign_in("alice").send("/cases/new", officer=town.officer.id, note="Đơn của một người dân")
    assert opened.status_code == 303
    text = text_of(sign_in("town_staff").get(f"/cases/{only_case(town)}"))
    assert "do Bà Alice mở" in text
    assert "Đơn của một người dân" in text


def walked(town: CaseTown, number: int, **told: bool | str) -> None:
    alice, officer, inspector = (town.staff[name].id for name in ("alice", "officer", "inspector"))
    do(
        town, number, asked(town), steps.Explain(by=officer, note="xin lỗi"),
        steps.Verify(by=inspector, note="có thật", finding=Finding.TRUE),
        steps.Decide(by=alice, note="nhắc nhở", measure=Measure.TALK),
        steps.Tell(by=alice, note="đã báo", **told),
    )  # fmt: skip


def test_the_citizen_hears_by_receipt_when_the_case_is_told_that_way(town: CaseTown, rude: int, app: Flask) -> None:
    (rating,) = town.desk.ratings()
    code = receipt_code(str(uuid.UUID(bytes=rating.id)))
    citizen = app.test_client()
    assert "đã được xem xét" not in citizen.get(f"/n/{code}").text
    walked(town, rude, by_receipt=True, public="Đã bố trí thêm người hướng dẫn.")
    page = citizen.get(f"/n/{code}").text
    assert "Ý kiến của Ông/Bà đã được xem xét" in page
    assert "Đã bố trí thêm người hướng dẫn." in page
    assert town.officer.name not in page


def test_the_receipt_stays_silent_when_the_case_is_told_on_the_board_only(
    town: CaseTown, rude: int, app: Flask
) -> None:
    (rating,) = town.desk.ratings()
    walked(town, rude, on_board=True, public=CHANGED)
    code = receipt_code(str(uuid.UUID(bytes=rating.id)))
    assert "đã được xem xét" not in app.test_client().get(f"/n/{code}").text


def test_the_observer_reads_numbers_and_no_names(town: CaseTown, rude: int, sign_in: SignIn) -> None:
    observer = sign_in("observer")
    walked(town, rude, on_board=True, public=CHANGED)
    page = observer.get("/handled")
    assert "Trao đổi, nhắc nhở: 1" in text_of(page)
    assert town.officer.name not in page.text
    assert observer.get("/cases").status_code == 403
    assert observer.get(f"/cases/{rude}").status_code == 403


def test_the_list_has_what_is_due_and_overdue_and_whose_turn_it_is(
    town: CaseTown, rude: int, sign_in: SignIn, clock: SetClock
) -> None:
    clock.advance(days=3)
    alice = sign_in("alice")
    text = text_of(alice.get("/cases"))
    assert "Quá hạn 04/03/2026" in text
    assert "đến lượt Ông/Bà" in text
    assert "đến lượt Ông/Bà" not in text_of(sign_in("town_staff").get("/cases"))
    assert f"Số {rude}" in text_of(alice.get(f"/cases?state=all&officer={town.officer.id}"))
    assert f"Số {rude}" not in text_of(alice.get("/cases?officer=999999"))
    for state, has in (("mine", True), ("overdue", True), ("closed", False), ("nonsense", True)):
        assert (f"Số {rude}" in text_of(alice.get(f"/cases?state={state}"))) is has
    assert "1 vụ việc quá hạn" in text_of(alice.get("/"))


def test_no_page_of_cases_says_poor(town: CaseTown, rude: int, sign_in: SignIn) -> None:
    inspector = sign_in("inspector")
    for path in ("/cases", f"/cases/{rude}", "/handled", "/cases/new"):
        assert "kém" not in text_of(inspector.get(path)).replace("kèm", "")
