"""When somebody is reminded of a step: before its due day, on it, and after it; each once."""

from datetime import date
from enum import StrEnum

from sync_server.casework.terms import CaseRule
from sync_server.casework.workdays import WorkCalendar


class Moment(StrEnum):
    """What a reminder says. The values are in the database: only add."""

    BEFORE = "before"
    DUE = "due"
    OVERDUE = "overdue"


def moment_of(due: int | None, today: int, rule: CaseRule, calendar: WorkCalendar) -> Moment | None:
    """The reminder that a step with this due day calls for today (ordinals), None for none.

    A night that was missed is made up for: what was to be said yesterday and not contradicted since is said today.
    """
    if due is None:
        return None
    if today > due:
        return Moment.OVERDUE
    if today == due:
        return Moment.DUE
    begin = calendar.before(date.fromordinal(due), rule.remind_before_days).toordinal()
    return Moment.BEFORE if today >= begin else None
