"""The second factor: turned on with an app, asked for after the password, each code good once."""

import html
import re

import pyotp
import pytest
from sqlalchemy import select

from sync_server.models.people import AuditEntry, StaffSession
from sync_server.models.second_factor import RecoveryCode, SecondFactor
from sync_server.services import second_factor
from tests.sync_server import builders
from tests.sync_server.conftest import SetClock
from tests.sync_server.web.conftest import Person, Town, build_town


def secret_on(person: Person) -> str:
    """Ask for a secret and read it from the page."""
    assert person.send("/account/second-factor/begin").status_code == 303
    found = re.search(r'class="code link-text">([A-Z2-7 ]+)<', person.get("/account/second-factor").text)
    assert found
    return found[1].replace(" ", "")


def code_of(secret: str, clock: SetClock, steps: int = 0) -> str:
    return pyotp.TOTP(secret).generate_otp(clock.at // 1000 // 30 + steps)


def turn_on(town: Town, clock: SetClock, name: str = "alice") -> tuple[str, list[str]]:
    """Turn it on; the secret and the recovery codes. The clock goes on to the next code."""
    person = town.as_(name)
    secret = secret_on(person)
    page = person.send("/account/second-factor", code=code_of(secret, clock))
    assert page.status_code == 200, page.text
    clock.advance(s=30)
    return secret, re.findall(r"<li>([A-Z0-9]{5}-[A-Z0-9]{5})</li>", page.text)


def half_way(town: Town, name: str = "alice") -> tuple[Person, str]:
    """Somebody whose password was right; what the page carries on."""
    person = town.person()
    page = person.sign_in(town.staff[name].username)
    assert page.status_code == 200
    found = re.search(r'name="half_way"[^>]*value="([^"]+)"', page.text)
    assert found
    return person, found[1]


def enter(person: Person, token: str, code: str) -> int:
    return person.send("/sign-in/code", half_way=token, code=code).status_code


def is_in(person: Person) -> bool:
    return person.get("/account").status_code == 200


def test_the_password_alone_no_longer_opens_anything(town_on_both: Town, clock: SetClock) -> None:
    town = town_on_both
    secret, codes = turn_on(town, clock)
    assert len(codes) == len(set(codes)) == 10
    person, token = half_way(town)
    assert not is_in(person)
    assert enter(person, token, "000000") == 422
    assert not is_in(person)
    assert enter(person, token, code_of(secret, clock)) == 303
    assert is_in(person)


def test_a_code_is_good_once(town: Town, clock: SetClock) -> None:
    secret, _ = turn_on(town, clock)
    code = code_of(secret, clock)
    for expected in (303, 422):
        person, token = half_way(town)
        assert enter(person, token, code) == expected


def test_a_phone_half_a_minute_off_is_good_and_two_minutes_is_not(town: Town, clock: SetClock) -> None:
    secret, _ = turn_on(town, clock)
    clock.advance(minutes=5)
    for steps, expected in ((-4, 422), (4, 422), (-1, 303), (1, 303)):
        person, token = half_way(town)
        assert enter(person, token, code_of(secret, clock, steps)) == expected, steps


def test_a_recovery_code_stands_in_once_however_it_is_typed(town: Town, clock: SetClock) -> None:
    _, codes = turn_on(town, clock)
    typed = f" {codes[3].lower().replace('-', ' ')} "
    for expected in (303, 422):
        person, token = half_way(town)
        assert enter(person, token, typed) == expected


def test_the_half_way_page_lasts_five_minutes_and_cannot_be_made_up(town: Town, clock: SetClock) -> None:
    secret, _ = turn_on(town, clock)
    person, token = half_way(town)
    forged = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    assert enter(person, forged, code_of(secret, clock)) == 303
    assert not is_in(person)
    clock.advance(minutes=5, s=1)
    assert enter(person, token, code_of(secret, clock)) == 303
    assert not is_in(person)


def test_guessing_codes_is_stopped_and_goes_on_later(town: Town, clock: SetClock) -> None:
    secret, _ = turn_on(town, clock)
    person, token = half_way(town)
    tries = [enter(person, token, f"{number:06}") for number in range(second_factor.WRONG_MAX)]
    assert set(tries) == {422}
    assert enter(person, token, code_of(secret, clock)) == 429
    clock.advance(minutes=16)
    person, token = half_way(town)
    assert enter(person, token, code_of(secret, clock)) == 303


def test_nobody_is_locked_out_by_codes_without_the_password(town: Town, clock: SetClock) -> None:
    secret, _ = turn_on(town, clock)
    stranger = town.person()
    for number in range(20):
        enter(stranger, "made-up", f"{number:06}")
    person, token = half_way(town)
    assert enter(person, token, code_of(secret, clock)) == 303


def test_a_wrong_first_code_turns_nothing_on(town: Town, clock: SetClock) -> None:
    alice = town.as_("alice")
    secret = secret_on(alice)
    assert alice.send("/account/second-factor", code="123").status_code == 422
    assert secret_on(alice) == secret  # the same one again: the app has it already
    assert is_in(town.as_("alice"))


def test_it_is_turned_off_by_the_password_only(town: Town, clock: SetClock) -> None:
    secret, _ = turn_on(town, clock)
    person, token = half_way(town)
    enter(person, token, code_of(secret, clock))
    assert person.send("/account/second-factor/end", present="falsch").status_code == 422
    assert person.send("/account/second-factor/end", present=builders.PASSWORD).status_code == 303
    with town.office.database.read() as reading:
        assert reading.scalars(select(SecondFactor)).all() == []
        assert reading.scalars(select(RecoveryCode)).all() == []
    assert is_in(town.as_("alice"))


def test_the_administrator_resets_it_and_the_log_tells(town: Town, clock: SetClock) -> None:
    turn_on(town, clock)
    administrator = town.as_("administrator")
    assert "Bỏ xác thực hai lớp" in html.unescape(administrator.get("/people").text)
    administrator.send(f"/people/{town.staff['alice'].id}/second-factor/end")
    assert is_in(town.as_("alice"))
    with town.office.database.read() as reading:
        acts = reading.scalars(select(AuditEntry.act).where(AuditEntry.act.like("second factor %"))).all()
    assert acts == ["second factor on", "second factor reset"]


def test_neither_secret_nor_codes_are_kept_readable(town: Town, clock: SetClock) -> None:
    secret, codes = turn_on(town, clock)
    with town.office.database.read() as reading:
        row = reading.scalars(select(SecondFactor)).one()
        hashes = reading.scalars(select(RecoveryCode.code_hash)).all()
    assert secret.encode() not in row.secret_sealed
    assert not any(code.encode() in kept for code in codes for kept in hashes)


@pytest.fixture
def strict(sqlite_office) -> Town:
    """A town whose administrators must have a second factor."""
    from dataclasses import replace

    settings = replace(sqlite_office.settings, second_factor_roles="administrator")
    return build_town(replace(sqlite_office, settings=settings))


def test_a_role_that_must_have_one_opens_nothing_before(strict: Town, clock: SetClock) -> None:
    administrator = strict.as_("administrator")
    answer = administrator.get("/people")
    assert answer.location == "/account/second-factor"
    assert "Vai trò của Ông/Bà cần" in html.unescape(administrator.get("/account/second-factor").text)
    secret = secret_on(administrator)
    administrator.send("/account/second-factor", code=code_of(secret, clock))
    assert administrator.get("/people").status_code == 200
    assert strict.as_("alice").get("/").status_code == 200


def test_a_session_begins_only_after_the_code(town: Town, clock: SetClock) -> None:
    turn_on(town, clock)
    with town.office.database.read() as reading:
        before = len(reading.scalars(select(StaffSession)).all())
    half_way(town)
    with town.office.database.read() as reading:
        assert len(reading.scalars(select(StaffSession)).all()) == before
