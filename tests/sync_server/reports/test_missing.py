"""Which reports are missing: from the first reminder on, until they are signed."""

from datetime import date, timedelta

import pytest

from sync_server.casework.workdays import public_calendar
from sync_server.models.rollout import RolloutStart
from sync_server.queries import reports, units
from sync_server.queries.reports import Missing
from sync_server.reporting import periods
from sync_server.reporting.rules import report_rules
from tests.sync_server.reports.conftest import MONDAY, Place, moment


def missing(place: Place, day: date, *, today_only: bool = False) -> list[Missing]:
    ask = reports.reminders if today_only else reports.missing
    with place.office.database.read() as session:
        return ask(session, units.subtree(session, None), day.toordinal(), report_rules(), public_calendar())


@pytest.fixture
def rated(place: Place) -> Place:
    """Both communes were rated on the first Monday, when they began."""
    for desk in place.desks:
        place.rate(desk, [(0, 5, ())])
    with place.office.database.write() as session:
        for desk in place.desks:
            session.add(RolloutStart(unit_id=desk.unit_id, day=date(2025, 1, 6).toordinal(), made_at=0))
        session.add(RolloutStart(unit_id=place.town, day=date(2025, 1, 6).toordinal(), made_at=0))
    return place


def test_the_six_month_report_is_missed_from_ten_working_days_before_until_it_is_signed(rated: Place) -> None:
    assert missing(rated, date(2026, 5, 28)) == []
    found = missing(rated, date(2026, 5, 29))
    assert [(one.unit, one.period.kind, date.fromordinal(one.due_day)) for one in found] == [
        ("Phường Hòa Mạc", "six_month", date(2026, 6, 12)),
        ("UBND thị xã Duy Tiên", "six_month", date(2026, 6, 12)),
        ("Xã Mộc Bắc", "six_month", date(2026, 6, 12)),
    ]
    assert not found[0].is_overdue(date(2026, 6, 12).toordinal())
    assert found[0].is_overdue(date(2026, 6, 13).toordinal())
    near = rated.desks[0].unit_id
    rated.clock.at = moment(date(2026, 6, 11))
    period = periods.period_of(report_rules().rule_at("six_month", MONDAY.toordinal()), 2026)
    number = rated.begun("alice", near, period)
    assert next(one for one in missing(rated, date(2026, 6, 11)) if one.unit_id == near).report_id == number
    rated.signed("alice", near, period)
    assert near not in {one.unit_id for one in missing(rated, date(2026, 6, 12))}


def test_reminders_go_out_on_their_days_only_and_once_after_the_due_day(rated: Place) -> None:
    days = [date(2026, 5, 25) + timedelta(days=place) for place in range(30)]
    told = [day for day in days if missing(rated, day, today_only=True)]
    assert told == [date(2026, 5, 29), date(2026, 6, 5), date(2026, 6, 11), date(2026, 6, 12), date(2026, 6, 15)]


def test_a_unit_that_nobody_rated_misses_nothing(place: Place) -> None:
    assert missing(place, date(2026, 6, 10)) == []


def test_a_new_unit_owes_its_first_report_in_its_third_month(rated: Place) -> None:
    near = rated.desks[0].unit_id
    with rated.office.database.write() as session:
        session.add(RolloutStart(unit_id=near, day=date(2026, 3, 2).toordinal(), made_at=1))
    found = [one for one in missing(rated, date(2026, 5, 20)) if one.period.kind == "first"]
    assert [(one.unit_id, date.fromordinal(one.due_day)) for one in found] == [(near, date(2026, 5, 29))]
