"""Accounts and surveys: what is taken, what is refused, and what never changes."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from survey import resources
from survey.errors import BadDocument
from survey.questionnaire import Survey
from sync_server.dossier_codes import pattern_on
from sync_server.errors import NotFound, Refused
from sync_server.models.people import Staff
from sync_server.office import Office
from sync_server.queries.surveys import survey_in_force
from sync_server.services import organisation, staff, surveys
from sync_server.services.sessions import password_is
from tests.sync_server import builders

FOLDER = resources.config()


def test_a_password_is_kept_as_argon2_and_changing_it_ends_sessions(office: Office) -> None:
    made = builders.make_staff(office)
    with office.database.write() as session:
        staff.set_password(session, made.id, "một mật khẩu mới")
    with office.database.read() as session:
        after = session.get_one(Staff, made.id)
    assert after.password_hash.startswith("$argon2id$")
    assert password_is(after.password_hash, "một mật khẩu mới")
    assert not password_is(after.password_hash, builders.PASSWORD)
    assert after.session_salt != made.session_salt


def test_a_closed_account_stays_closed_since_the_first_time(office: Office) -> None:
    made = builders.make_staff(office)
    for later in (0, 1000):
        with office.database.write() as session:
            staff.close_account(session, made.id, now=office.now() + later)
    with office.database.read() as session:
        assert session.get_one(Staff, made.id).closed_at == office.now()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"username": "x"}, "is no username"),
        ({"username": "trần lan"}, "is no username"),
        ({"password": "ngắn"}, "has 4 characters"),
        ({"password": "a" * 201}, "has 201 characters"),
        ({"role": "king"}, "is no role"),
        ({"role": "officer"}, "names the officer"),
        ({"officer_id": 1}, "names the officer"),
        ({"unit_id": 999}, "no unit 999"),
        ({"role": "officer", "officer_id": 999}, "no officer 999"),
    ],
)
def test_an_account_that_makes_no_sense_is_refused(sqlite_office: Office, changes: dict[str, Any], says: str) -> None:
    given = {"username": "lan", "name": "Lan", "role": "head", "password": builders.PASSWORD, **changes}
    with sqlite_office.database.write() as session, pytest.raises((Refused, NotFound), match=says):
        staff.make_staff(session, now=0, **given)


def test_a_username_is_taken_whatever_its_case(office: Office) -> None:
    builders.make_staff(office, username="Lan.Tran")
    with pytest.raises(Refused, match="is taken"):
        builders.make_staff(office, username=" lan.TRAN ")


def test_who_has_no_account_is_not_found(sqlite_office: Office) -> None:
    with sqlite_office.database.write() as session, pytest.raises(NotFound, match="no account 7"):
        staff.set_password(session, 7, builders.PASSWORD)


def test_the_shipped_survey_is_published_once_only(office: Office) -> None:
    for expected in (True, False):
        with office.database.write() as session:
            assert surveys.publish_first(session, folder=FOLDER, now=office.now()) is expected
    with office.database.read() as session:
        found = survey_in_force(session, [], 0)
    assert isinstance(found, Survey)
    assert (found.id, found.scale) == ("q1", "hl5")


def test_a_wrong_survey_is_refused_with_all_its_faults(sqlite_office: Office) -> None:
    content = {"scale": "hl9", "question": {"en": "How?"}, "reasons": ["rude", "noise"]}
    with sqlite_office.database.write() as session, pytest.raises(BadDocument) as caught:
        surveys.publish(session, content, folder=FOLDER, now=0)
    assert [fault.partition(":")[0] for fault in caught.value.faults] == [
        "survey.scale",
        "survey.reasons",
        "survey.question",
    ]
    with sqlite_office.database.write() as session, pytest.raises(BadDocument, match="did you mean 'question'"):
        surveys.publish(session, {**content, "questions": {}}, folder=FOLDER, now=0)


def test_units_and_officers_that_make_no_sense_are_refused(sqlite_office: Office) -> None:
    with pytest.raises(Refused, match="no kind of unit"):
        builders.make_unit(sqlite_office, kind="province")
    with pytest.raises(NotFound, match="no unit 99"):
        builders.make_unit(sqlite_office, parent_id=99)
    with pytest.raises(Refused, match="needs a name"):
        builders.make_officer(sqlite_office, name=" ")
    with pytest.raises(Refused, match="no category"):
        builders.make_officer(sqlite_office, category="navy")
    counter, stranger = builders.make_counter(sqlite_office), builders.make_officer(sqlite_office)
    with sqlite_office.database.write() as session, pytest.raises(Refused, match=stranger.name):
        organisation.take_duty(session, counter_id=counter.id, officer_id=stranger.id, now=0)
    service = builders.make_service(sqlite_office)
    with sqlite_office.database.write() as session, pytest.raises(Refused, match="cannot be the declared one"):
        organisation.assign_services(session, stranger.id, [], declared=service.id)


@pytest.mark.parametrize("pin", ["123", "1234567890123", "12a4", "", "١٢٣٤"])
def test_a_pin_that_is_not_a_few_digits_is_refused(sqlite_office: Office, pin: str) -> None:
    unit = builders.make_unit(sqlite_office)
    with sqlite_office.database.write() as session, pytest.raises(Refused, match="4 to 12 digits"):
        organisation.set_staff_pin(session, unit.id, pin)


def test_each_unit_has_a_key_of_its_own_sealed(office: Office) -> None:
    units = [builders.make_unit(office) for _ in range(3)]
    keys = {office.seals.open(unit.key_sealed) for unit in units}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}


def test_the_pattern_of_dossier_codes_is_that_of_the_day() -> None:
    today = pattern_on(date(2026, 3, 2).toordinal(), FOLDER)
    assert today.startswith("^")
    assert pattern_on(date(2001, 1, 1).toordinal(), FOLDER) == today  # the first there is


def test_nothing_updates_a_published_survey(office: Office) -> None:
    first = builders.make_survey(office)
    builders.make_survey(office, scale="hl3", reasons=["rude"])
    with office.database.read() as session:
        rows = session.scalars(select(type(first)).order_by(type(first).id)).all()
    assert [row.content["scale"] for row in rows] == ["hl5", "hl3"]
