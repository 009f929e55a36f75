"""Requests to be served at home: no citizen in the database, an officer and a day, late ones on the first page."""

import re

import pytest
from sqlalchemy import select

from sync_server.models.opinion import HomeRequest
from sync_server.queries import home_requests as queries
from sync_server.services.followup import today_of
from sync_server.services.retention import erase_old
from tests.sync_server.conftest import SetClock
from tests.sync_server.web.conftest import Town

PAGE = "/home-visits"


def ask(town: Town, **given: object) -> int:
    form = {"unit": town.moc_bac.id, "hamlet": "Tổ dân phố 12", "wished": "2026-03-04", **given}
    return town.as_("clerk").send(PAGE, **form).status_code


@pytest.mark.parametrize(
    "given",
    [
        {"hamlet": "Số 12, ngõ 3"},
        {"hamlet": "0912 345 678"},
        {"hamlet": " "},
        {"wished": "2026-03-01"},
        {"wished": "2027-03-01"},
        {"wished": "mai"},
        {"service": "999"},
    ],
)
def test_addresses_numbers_and_days_that_cannot_be_are_refused(town: Town, given: dict[str, object]) -> None:
    assert ask(town, **given) == 422
    with town.office.database.read() as reading:
        assert reading.scalars(select(HomeRequest)).all() == []


def test_a_visit_is_asked_planned_and_made(town_on_both: Town, clock: SetClock) -> None:
    town = town_on_both
    assert ask(town) == 303
    clerk = town.as_("clerk")
    with town.office.database.read() as reading:
        row = reading.scalars(select(HomeRequest)).one()
    assert re.fullmatch("[0-9A-Z]{8}", row.code)
    assert row.code in clerk.get(PAGE).text
    done = f"{PAGE}/{row.id}/done"
    assert clerk.send(done).status_code == 422  # nobody was to go yet
    stranger = {"officer": town.other_officer.id, "visit": "2026-03-04"}
    assert clerk.send(f"{PAGE}/{row.id}/plan", **stranger).status_code == 422
    assert clerk.send(f"{PAGE}/{row.id}/plan", officer=town.officer.id, visit="2026-03-04").status_code == 303
    assert clerk.send(done).status_code == 422  # not its day yet
    clock.advance(days=3)
    with town.office.database.read() as reading:
        assert queries.overdue(reading, {town.moc_bac.id}, today=today_of(town.office).day) == 1
    clerk = town.as_("clerk")  # the sign-in of three days ago has ended
    assert clerk.send(done).status_code == 303
    assert clerk.send(done).status_code == 422
    with town.office.database.read() as reading:
        assert queries.overdue(reading, {town.moc_bac.id}, today=today_of(town.office).day) == 0
    clock.advance(days=31)
    with town.office.database.write() as writing:
        erase_old(writing, now=clock.at, comments_days=30, dossier_links_days=30)
        assert writing.scalars(select(HomeRequest)).all() == []


def test_another_units_request_is_not_there(town: Town) -> None:
    assert ask(town) == 303
    chi = town.as_("chi")
    assert "Tổ dân phố 12" not in chi.get(PAGE).text
    assert chi.send(f"{PAGE}/1/drop").status_code == 404
    assert ask(town, unit=town.chuyen_ngoai.id) == 422
