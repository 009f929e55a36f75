"""Signing in and out, and what an attacker tries there."""

import pytest
from sqlalchemy import func, select

from sync_server.models.people import SignInFailure, StaffSession
from sync_server.services import sessions
from sync_server.services import staff as staff_service
from sync_server.services.sessions import PER_ADDRESS, PER_KNOWN_BROWSER, PER_NAME, Attempt
from tests.sync_server import builders
from tests.sync_server.conftest import SetClock
from tests.sync_server.web.conftest import Person, Town


def test_the_right_password_opens_the_first_page(town: Town) -> None:
    person = town.person()
    answer = person.sign_in("alice")
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Xin chào" in person.get("/").text


def test_case_and_spaces_of_the_name_do_not_matter(town: Town) -> None:
    assert town.person().sign_in("  Alice ").status_code == 303


def test_the_answer_does_not_tell_an_unknown_name_from_a_wrong_password(town: Town) -> None:
    wrong = town.person().sign_in("alice", "khong dung dau")
    unknown = town.person().sign_in("nobody", "khong dung dau")
    assert wrong.status_code == unknown.status_code == 422
    clean = [answer.text.partition('<form method="post" action="/sign-in"')[0] for answer in (wrong, unknown)]
    assert clean[0] == clean[1]
    assert list(wrong.headers.keys()) == list(unknown.headers.keys())


def test_an_unknown_name_costs_a_password_hash_too(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []
    real = sessions.password_is

    def counted(password_hash: str, password: str) -> bool:
        looked_at.append(password_hash)
        return real(password_hash, password)

    monkeypatch.setattr(sessions, "password_is", counted)
    with town.office.database.read() as reading:
        assert sessions.check(reading, Attempt("nobody", "khong dung dau")) is None
    assert len(looked_at) == 1
    assert looked_at[0].startswith("$argon2id$")


def test_a_closed_account_cannot_sign_in_and_its_session_ends(town: Town) -> None:
    person = town.as_("alice")
    with town.office.database.write() as writing:
        staff_service.close_account(writing, town.staff["alice"].id, now=town.office.now())
    assert person.get("/").status_code == 302
    assert town.person().sign_in("alice").status_code == 422


def test_a_new_password_ends_all_sessions(town: Town) -> None:
    person = town.as_("alice")
    with town.office.database.write() as writing:
        staff_service.set_password(writing, town.staff["alice"].id, "mot mat khau khac")
    assert person.get("/").status_code == 302


def test_a_session_lasts_as_long_as_the_setting_says(town: Town, clock: SetClock) -> None:
    person = town.as_("alice")
    clock.advance(hours=town.office.settings.session_hours, s=-1)
    assert person.get("/").status_code == 200
    clock.advance(s=1)
    assert person.get("/").status_code == 302


def test_signing_out_ends_the_session_on_the_server_too(town: Town) -> None:
    person = town.as_("alice")
    stolen = person.client.get_cookie("nucuoi")
    assert stolen is not None
    assert person.send("/sign-out").status_code == 303
    thief = town.person()
    thief.client.set_cookie("nucuoi", stolen.value)
    assert thief.get("/").status_code == 302


def test_signing_out_needs_a_form_of_ours(town: Town) -> None:
    person = town.as_("alice")
    assert person.get("/sign-out").status_code == 405
    assert person.client.post("/sign-out").status_code == 400
    assert person.get("/").status_code == 200


def test_a_session_from_before_the_sign_in_is_worth_nothing_after_it(town: Town) -> None:
    person = town.person()
    token = person.token()
    planted = person.client.get_cookie("nucuoi")
    person.sign_in("alice")
    attacker = town.person()
    assert planted is not None
    attacker.client.set_cookie("nucuoi", planted.value)
    assert attacker.get("/").status_code == 302
    assert person.client.post("/sign-out", data={"csrf_token": token}).status_code == 400


def test_a_cookie_that_was_tampered_with_signs_nobody_in(town: Town) -> None:
    person = town.as_("alice")
    cookie = person.client.get_cookie("nucuoi")
    assert cookie is not None
    for text in (cookie.value[:-2] + "AA", "x", "1.2.3", ".."):
        other = town.person()
        other.client.set_cookie("nucuoi", text)
        assert other.get("/").status_code == 302


def test_the_cookies_are_out_of_reach_of_scripts_and_other_sites(town: Town) -> None:
    answer = town.person().sign_in("alice")
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/%09/evil.example\r\nX: y",
        "http:evil.example",
        "",
    ],
)
def test_next_never_leads_to_another_host(town: Town, wanted: str) -> None:
    answer = town.person().sign_in("alice", next=wanted)
    assert (answer.status_code, answer.location) == (303, "/")


def test_next_leads_back_to_the_page_that_was_wanted(town: Town) -> None:
    person = town.person()
    answer = person.get("/kiosks?x=1")
    assert answer.location == "/sign-in?next=/kiosks?x%3D1"
    assert person.sign_in("alice", next="/kiosks?x=1").location == "/kiosks?x=1"


def _wrong(person: Person, times: int, username: str = "alice") -> list[int]:
    return [person.sign_in(username, "khong dung dau").status_code for _ in range(times)]


def test_guessing_is_slowed_down_whether_the_name_exists_or_not(town: Town) -> None:
    for username in ("alice", "nobody"):
        assert _wrong(town.person(), PER_NAME, username) == [422] * PER_NAME
        answer = town.person().sign_in(username)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60


def test_the_wait_ends_after_a_quarter_of_an_hour(town: Town, clock: SetClock) -> None:
    _wrong(town.person(), PER_NAME)
    clock.advance(minutes=15)
    assert town.person().sign_in("alice").status_code == 303
    with town.office.database.read() as reading:
        assert reading.scalar(select(func.count()).select_from(SignInFailure)) == PER_NAME


def test_a_strangers_guesses_do_not_lock_out_the_browser_that_a_person_uses(town: Town) -> None:
    person = town.as_("alice")
    person.send("/sign-out")
    _wrong(town.person(), PER_NAME)
    assert town.person().sign_in("alice").status_code == 429
    assert person.sign_in("alice").status_code == 303


def test_a_known_browser_is_slowed_down_too_by_its_own_guesses(town: Town) -> None:
    person = town.as_("alice")
    person.send("/sign-out")
    assert _wrong(person, PER_KNOWN_BROWSER) == [422] * PER_KNOWN_BROWSER
    assert person.sign_in("alice").status_code == 429
    assert town.person().sign_in("alice").status_code == 303


def test_a_known_browser_of_one_person_counts_as_a_strangers_for_another(town: Town) -> None:
    person = town.as_("alice")
    person.send("/sign-out")
    _wrong(person, PER_NAME, "chi")
    assert town.person().sign_in("chi").status_code == 429


def test_guessing_many_names_from_one_address_is_slowed_down(town: Town) -> None:
    attempt = Attempt("name", "khong dung dau", address="203.0.113.7")
    with town.office.database.write() as writing:
        for number in range(PER_ADDRESS):
            sessions.note_failure(writing, Attempt(f"name{number}", "x", address="203.0.113.7"), now=town.office.now())
    with town.office.database.read() as reading:
        assert sessions.wait_ms(reading, attempt, now=town.office.now()) > 0
        elsewhere = Attempt("name", "khong dung dau", address="203.0.113.8")
        assert sessions.wait_ms(reading, elsewhere, now=town.office.now()) == 0


def test_sessions_are_kept_as_hashes_on_both_databases(town_on_both: Town) -> None:
    town = town_on_both
    person = town.as_("alice")
    with town.office.database.read() as reading:
        kept = reading.scalars(select(StaffSession)).one()
    cookie = person.client.get_cookie("nucuoi")
    assert cookie is not None
    assert len(kept.token_hash) == 32
    assert kept.ended_at is None
    person.send("/sign-out")
    with town.office.database.read() as reading:
        assert reading.scalars(select(StaffSession.ended_at)).one() == town.office.now()


def test_the_language_of_a_browser_survives_signing_in_and_out(town: Town) -> None:
    person = town.person()
    assert person.send("/language", language="en", next="/sign-in").location == "/sign-in"
    assert '<html lang="en">' in person.get("/sign-in").text
    person.sign_in("alice")
    assert '<html lang="en">' in person.get("/").text
    person.send("/sign-out")
    assert '<html lang="en">' in person.get("/sign-in").text


def test_an_unknown_language_changes_nothing(town: Town) -> None:
    person = town.person()
    person.send("/language", language="../../x", next="//evil.example")
    assert '<html lang="vi">' in person.get("/sign-in").text


def test_builders_sign_in_with_the_tests_password(town: Town) -> None:
    assert town.person().sign_in("clerk", builders.PASSWORD).status_code == 303
