"""Who is reminded of what, when, and only once."""

from datetime import date

import pytest
from sqlalchemy import select

from sync_server.casework import steps
from sync_server.casework.moments import Moment, moment_of
from sync_server.casework.terms import CaseRule
from sync_server.casework.workdays import public_calendar
from sync_server.models.casework import CaseFile, CaseReminder
from sync_server.services import cases, reminders
from sync_server.services import staff as staff_service
from tests.sync_server.casework.town import MONEY, CaseTown
from tests.sync_server.conftest import SetClock

RULE = CaseRule(effective="2021-01-04")


@pytest.mark.parametrize(
    ("due", "today", "moment"),
    [
        (date(2026, 3, 6), date(2026, 3, 4), None),
        (date(2026, 3, 6), date(2026, 3, 5), Moment.BEFORE),
        (date(2026, 3, 6), date(2026, 3, 6), Moment.DUE),
        (date(2026, 3, 6), date(2026, 3, 7), Moment.OVERDUE),
        (date(2026, 3, 9), date(2026, 3, 6), Moment.BEFORE),  # Monday: one working day before is Friday
        (date(2026, 3, 9), date(2026, 3, 8), Moment.BEFORE),
        (date(2026, 2, 23), date(2026, 2, 12), None),  # the first working day after Tết …
        (date(2026, 2, 23), date(2026, 2, 13), Moment.BEFORE),  # … is announced on the last one before it
    ],
)
def test_the_moment_follows_the_working_days(due: date, today: date, moment: Moment | None) -> None:
    assert moment_of(due.toordinal(), today.toordinal(), RULE, public_calendar()) is moment


def test_nothing_is_due_for_a_case_that_waits_for_nothing() -> None:
    assert moment_of(None, 1, RULE, public_calendar()) is None


def opened(town: CaseTown) -> int:
    with town.office.database.write() as session:
        return cases.open_by_hand(
            session, town.officer.id, by=town.staff["town_staff"].id, note="đơn thư", today=town.today
        )


def remind(town: CaseTown) -> list[tuple[Moment, tuple[int, ...]]]:
    with town.office.database.write() as session:
        return [(reminder.moment, reminder.staff) for reminder in reminders.remind(session, town.today)]


def test_the_head_is_reminded_before_on_and_after_the_day_and_each_time_once(town: CaseTown, clock: SetClock) -> None:
    opened(town)  # Monday 2 March 2026; to be taken up until Wednesday
    alice = (town.staff["alice"].id,)
    assert remind(town) == []
    heard = []
    for _ in range(5):
        clock.advance(days=1)
        heard += remind(town)
        assert remind(town) == []
    assert heard == [(Moment.BEFORE, alice), (Moment.DUE, alice), (Moment.OVERDUE, alice)]


def test_the_next_step_has_reminders_of_its_own(town: CaseTown, clock: SetClock) -> None:
    case_id = opened(town)
    clock.advance(days=10)
    assert remind(town) == [(Moment.OVERDUE, (town.staff["alice"].id,))]
    act = steps.TakeUp(by=town.staff["alice"].id, note="mời giải trình", released="Xin giải trình.")
    with town.office.database.write() as session:
        cases.do(session, case_id, act, town.today)
    assert remind(town) == []
    clock.advance(days=10)
    assert remind(town) == [(Moment.OVERDUE, (town.staff["officer"].id,))]


def test_a_complaint_about_money_reminds_inspectors_only(town: CaseTown, clock: SetClock) -> None:
    town.say(town.desk.rating(level=1, reasons=(MONEY,)))
    clock.advance(days=2)
    assert remind(town) == [(Moment.DUE, (town.staff["inspector"].id, town.staff["second"].id))]


def test_where_a_unit_has_no_head_the_town_is_reminded(town: CaseTown, clock: SetClock) -> None:
    opened(town)
    with town.office.database.write() as session:
        staff_service.close_account(session, town.staff["alice"].id, now=town.today.now)
    clock.advance(days=2)
    assert remind(town) == [(Moment.DUE, (town.staff["town_staff"].id,))]


def test_the_reminders_that_were_given_are_kept(town: CaseTown, clock: SetClock) -> None:
    case_id = opened(town)
    clock.advance(days=2)
    remind(town)
    with town.office.database.read() as session:
        (row,) = session.scalars(select(CaseReminder))
        file = session.get_one(CaseFile, case_id)
    assert (row.case_id, row.moment, row.due_day) == (case_id, "due", file.due_day)
