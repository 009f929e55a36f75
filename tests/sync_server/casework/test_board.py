"""The public board: what was changed after citizens' words, and nobody's name."""

from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from sync_server.casework import steps
from sync_server.casework.public_words import check_public
from sync_server.casework.steps import Finding, Measure, WrongStep
from sync_server.errors import NotFound, Refused
from sync_server.models.organisation import Unit
from sync_server.queries import board
from sync_server.queries.officers import plain
from sync_server.services import cases
from tests.sync_server.casework.town import CaseTown
from tests.sync_server.conftest import SetClock
from tests.sync_server.web.conftest import Person as Browsing

CHANGED = "Đã mở thêm một quầy vào sáng thứ Hai."
NAMES = ["Nguyễn Thị Hạnh", "Đỗ Văn Ước"]


def to_telling(town: CaseTown) -> int:
    """A case that is decided and waits to be told; its number."""
    staff = {name: person.id for name, person in town.staff.items()}
    with town.office.database.write() as session:
        number = cases.open_by_hand(session, town.officer.id, by=staff["alice"], note="đơn thư", today=town.today)
        for act in (
            steps.TakeUp(by=staff["alice"], note="mời giải trình", released="Xin giải trình."),
            steps.Explain(by=staff["officer"], note="xin lỗi"),
            steps.Verify(by=staff["inspector"], note="có thật", finding=Finding.TRUE),
            steps.Decide(by=staff["alice"], note="nhắc nhở", measure=Measure.TALK),
        ):
            cases.do(session, number, act, town.today)
    return number


def tell(town: CaseTown, number: int, *, public: str = CHANGED, on_board: bool = True) -> None:
    act = steps.Tell(
        by=town.staff["alice"].id, note="đã báo", by_receipt=not on_board, on_board=on_board, public=public
    )
    with town.office.database.write() as session:
        cases.do(session, number, act, town.today)


def texts(town: CaseTown, unit_id: int) -> list[str]:
    with town.office.database.read() as session:
        return [entry.text for entry in board.of_unit(session, unit_id).entries]


def test_what_is_released_stands_on_the_board_of_the_unit_and_above_it_the_latest_first(
    town: CaseTown, clock: SetClock
) -> None:
    with town.office.database.write() as session:
        above = Unit(name="Thị xã", kind="town", key_sealed=b"", hotline="0226 3830 999")
        session.add(above)
        session.flush()
        session.execute(update(Unit).where(Unit.id == town.desk.unit_id).values(parent_id=above.id, hotline=""))
        top = above.id
    tell(town, to_telling(town))
    clock.advance(days=1)
    tell(town, to_telling(town), public="Đã niêm yết mẫu điền sẵn.")
    assert texts(town, town.desk.unit_id) == texts(town, top) == ["Đã niêm yết mẫu điền sẵn.", CHANGED]
    assert texts(town, town.other_unit.id) == []
    with town.office.database.read() as session:
        assert board.of_unit(session, town.desk.unit_id).hotline == "0226 3830 999"
        with pytest.raises(NotFound):
            board.of_unit(session, 4242)


def test_what_is_told_by_receipt_only_is_not_on_the_board(town: CaseTown) -> None:
    tell(town, to_telling(town), on_board=False)
    assert texts(town, town.desk.unit_id) == []


def test_of_a_case_told_twice_the_last_words_stand(town: CaseTown, clock: SetClock) -> None:
    number = to_telling(town)
    tell(town, number)
    staff = {name: person.id for name, person in town.staff.items()}
    clock.advance(days=1)
    with town.office.database.write() as session:
        for act in (
            steps.Close(by=staff["alice"], note="kết thúc"),
            steps.Reopen(by=staff["inspector"], note="tình tiết mới"),
            steps.AskOfficer(by=staff["inspector"], note="hỏi thêm", released="Xin giải trình thêm."),
            steps.Explain(by=staff["officer"], note="xin lỗi"),
            steps.Verify(by=staff["inspector"], note="có thật", finding=Finding.TRUE),
            steps.Decide(by=staff["alice"], note="nhắc nhở", measure=Measure.TALK),
        ):
            cases.do(session, number, act, town.today)
    assert texts(town, town.desk.unit_id) == [CHANGED]
    tell(town, number, public="Đã bố trí người hướng dẫn.")
    assert texts(town, town.desk.unit_id) == ["Đã bố trí người hướng dẫn."]


def test_nothing_is_put_on_the_board_without_words_or_with_a_name(town: CaseTown) -> None:
    number = to_telling(town)
    with pytest.raises(WrongStep, match="bảng công khai"):
        tell(town, number, public="  ")
    with pytest.raises(Refused, match="không được nêu tên cán bộ"):
        tell(town, number, public=f"Đã nhắc nhở {town.officer.name.upper()}.")
    assert texts(town, town.desk.unit_id) == []
    tell(town, number)
    assert texts(town, town.desk.unit_id) == [CHANGED]


BAD = [
    "Đã nhắc nhở Nguyễn Thị Hạnh.",
    "đã nhắc nhở NGUYEN THI HANH",
    "Chị Hạnh đã xin lỗi.",
    "Đồng chí Ước đã được tập huấn.",
    "Xin gọi 0912 345 678.",
    "Hồ sơ H42.12-260302-0007 đã trả.",
    "Số căn cước 035088001234.",
]
GOOD = [
    CHANGED,
    "Người dân được hưởng đức hạnh của sự phục vụ.",
    "Từ 02/03/2026, quầy 1 mở cửa lúc 7 giờ 30.",
    "Hẹn trả trong 15 ngày, hotline niêm yết tại quầy.",
]


@pytest.mark.parametrize("text", BAD)
def test_a_name_a_number_or_a_dossier_is_kept_off_the_board(text: str) -> None:
    with pytest.raises(Refused, match="Nội dung công khai"):
        check_public(plain(text), [plain(name) for name in NAMES])


@pytest.mark.parametrize("text", GOOD)
def test_plain_words_may_stand_there(text: str) -> None:
    check_public(plain(text), [plain(name) for name in NAMES])


@settings(max_examples=40, deadline=None)
@given(before=st.text(max_size=20), after=st.text(max_size=20), name=st.sampled_from(NAMES))
def test_a_full_name_is_found_wherever_it_stands(before: str, after: str, name: str) -> None:
    with pytest.raises(Refused):
        check_public(plain(f"{before} {name} {after}"), [plain(one) for one in NAMES])


def test_anybody_reads_the_board_and_finds_no_name(
    town: CaseTown, app: Flask, sign_in: Callable[[str], Browsing]
) -> None:
    number = to_telling(town)
    alice = sign_in("alice")
    form = {"note": "đã báo", "on_board": "1", "seen": 4}
    assert alice.send(f"/cases/{number}/tell", **form).status_code == 422
    assert alice.send(f"/cases/{number}/tell", **form, public=CHANGED).status_code == 303
    anybody = app.test_client()
    listed = anybody.get("/bang/")
    assert f'href="/bang/{town.desk.unit_id}"' in listed.text
    page = anybody.get(f"/bang/{town.desk.unit_id}")
    assert CHANGED in page.text
    for answer in (listed, page):
        assert answer.status_code == 200
        assert town.officer.name not in answer.text
        assert "Bà Alice" not in answer.text
    assert "Chưa có nội dung nào" in anybody.get(f"/bang/{town.other_unit.id}").text
    assert anybody.get("/bang/4242").status_code == 404
