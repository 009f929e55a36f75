"""Accounts: made by the administrator, with a password that only their owner knows."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from sync_server.errors import NotFound
from sync_server.models.people import AuditEntry, Invitation, Staff
from sync_server.services import invitations, passwords
from tests.sync_server import builders
from tests.sync_server.conftest import SetClock
from tests.sync_server.web.conftest import Person, Town

GOOD = "con trâu đen gặm cỏ"


def make(town: Town, **changes: object) -> str:
    """Make an account by the form; its link's path."""
    form = {"name": "Lê Văn Mới", "username": "moi", "role": "clerk", "unit": town.moc_bac.id, "officer": 0, **changes}
    answer = town.as_("administrator").send("/people/new", **form)
    assert answer.status_code == 200, html.unescape(answer.text)
    return link_in(answer.text)


def link_in(text: str) -> str:
    """The path of the link on the page."""
    found = re.search(r"https://nucuoi\.example(/welcome/[\w-]+)", text)
    assert found
    return found[1]


def choose(town: Town, link: str, password: str = GOOD, again: str | None = None) -> int:
    """Choose a password by a link; the status."""
    return town.person().send(link, password=password, again=again or password).status_code


def test_a_new_person_chooses_a_password_and_signs_in(town_on_both: Town) -> None:
    town = town_on_both
    link = make(town)
    assert "Lê Văn Mới" in html.unescape(town.person().get(link).text)
    assert choose(town, link) == 303
    person = town.person()
    assert person.sign_in("moi", GOOD).status_code == 303
    assert "Bộ phận một cửa" in html.unescape(person.get("/").text)


def test_a_link_works_once(town: Town) -> None:
    link = make(town)
    choose(town, link)
    assert town.person().get(link).status_code == 410
    assert choose(town, link, "một câu khác hẳn") == 410
    assert town.person().sign_in("moi", GOOD).status_code == 303


def test_a_link_lasts_three_days(town: Town, clock: SetClock) -> None:
    link = make(town)
    clock.advance(days=3, s=-1)
    assert town.person().get(link).status_code == 200
    clock.advance(s=1)
    assert town.person().get(link).status_code == 410


def test_a_new_link_makes_the_earlier_one_void_and_ends_the_sessions_when_used(town: Town) -> None:
    earlier = make(town)
    choose(town, earlier)
    signed_in = town.person()
    signed_in.sign_in("moi", GOOD)
    with town.office.database.read() as reading:
        number = reading.scalars(select(Staff.id).where(Staff.username == "moi")).one()
    administrator = town.as_("administrator")
    first = link_in(administrator.send(f"/people/{number}/invite").text)
    second = link_in(administrator.send(f"/people/{number}/invite").text)
    assert town.person().get(first).status_code == 410
    assert signed_in.get("/").status_code == 200
    assert choose(town, second, "mật khẩu khác hẳn") == 303
    assert signed_in.get("/").status_code == 302


def test_links_are_kept_as_hashes(town: Town) -> None:
    token = make(town).rpartition("/")[2]
    with town.office.database.read() as reading:
        kept = reading.scalars(select(Invitation.token_hash)).one()
    assert token.encode() not in kept
    assert len(kept) == 32


@pytest.mark.parametrize(
    "password",
    ["ngan", "1234567890", "abcdefghijk", "aaaaaaaaaaaa", "MatKhau123456", "moi123456", "Lê Văn Mới 12", "x" * 201],
)
def test_weak_passwords_are_not_taken(town: Town, password: str) -> None:
    link = make(town)
    assert choose(town, link, password) == 422
    assert choose(town, link) == 303


def test_two_different_entries_are_told(town: Town) -> None:
    answer = town.person().send(make(town), password=GOOD, again=GOOD + "x")
    assert answer.status_code == 422
    assert "chưa giống nhau" in html.unescape(answer.text)


@given(st.text(max_size=250))
def test_any_text_is_judged_and_what_is_short_is_never_taken(text: str) -> None:
    weak = passwords.weakness(text, "alice", "Bà Alice")
    assert weak is not None or 10 <= len(text) <= 200


@pytest.mark.parametrize(
    "changes",
    [
        {"username": "alice"},
        {"username": "Có Dấu"},
        {"username": ""},
        {"name": ""},
        {"role": "king"},
        {"role": "head", "unit": 0},
        {"role": "clerk", "unit": 99},
        {"role": "officer", "officer": 0},
        {"role": "head", "officer": 1},
    ],
)
def test_an_account_that_makes_no_sense_is_not_made(town: Town, changes: dict[str, object]) -> None:
    form = {"name": "Mới", "username": "moi", "role": "clerk", "unit": town.moc_bac.id, "officer": 0, **changes}
    assert town.as_("administrator").send("/people/new", **form).status_code == 422
    with town.office.database.read() as reading:
        assert reading.scalar(select(Staff.id).where(Staff.username == "moi")) is None


def test_a_closed_account_is_out_at_once(town: Town) -> None:
    signed_in = town.as_("clerk")
    administrator = town.as_("administrator")
    number = town.staff["clerk"].id
    assert administrator.get(f"/people/{number}/close").status_code == 200
    assert administrator.send(f"/people/{number}/close").status_code == 303
    assert signed_in.get("/").status_code == 302
    assert "Đã đóng" in html.unescape(administrator.get("/people").text)
    assert administrator.send(f"/people/{number}/invite").status_code == 404


def test_the_administrator_cannot_lock_the_door_from_inside(town: Town) -> None:
    administrator = town.as_("administrator")
    administrator.send(f"/people/{town.staff['administrator'].id}/close")
    assert administrator.get("/people").status_code == 200


def test_what_is_done_to_accounts_is_in_the_log_without_any_password(town: Town) -> None:
    choose(town, make(town))
    with town.office.database.read() as reading:
        entries = reading.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.act for entry in entries] == ["account made", "password chosen"]
    assert GOOD not in str([entry.detail for entry in entries])


def change(person: Person, present: str, password: str = GOOD) -> int:
    """Change one's own password; the status."""
    return person.send("/account/password", present=present, password=password, again=password).status_code


def test_changing_the_password_needs_the_present_one_and_ends_all_sessions(town: Town) -> None:
    here, there = town.as_("alice"), town.as_("alice")
    assert change(here, "khong dung dau") == 422
    assert change(here, builders.PASSWORD) == 303
    assert there.get("/").status_code == 302
    assert here.get("/").status_code == 302
    assert town.person().sign_in("alice", GOOD).status_code == 303


def test_ones_own_sessions_are_listed_and_can_be_ended(town: Town) -> None:
    here, there = town.as_("alice"), town.as_("alice")
    numbers = re.findall(r"/account/sessions/(\d+)/end", here.get("/account").text)
    assert len(numbers) == 1
    assert here.send(f"/account/sessions/{numbers[0]}/end").status_code == 303
    assert there.get("/").status_code == 302
    assert here.get("/").status_code == 200


def test_nobody_ends_the_sessions_of_others(town: Town) -> None:
    alice, chi = town.as_("alice"), town.as_("chi")
    for number in range(1, 5):
        chi.send(f"/account/sessions/{number}/end")
    assert alice.get("/").status_code == 200


def test_an_invitation_for_nobody_is_not_made(town: Town) -> None:
    with town.office.database.write() as writing, pytest.raises(NotFound, match="no open account 4711"):
        invitations.invite(writing, 4711, made_by=None, now=town.office.now())
