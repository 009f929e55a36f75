"""Working days of Vietnam: weekends, public holidays, Tết, and the days that are worked to make up for others."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

import holidays


class WorkCalendar:
    """Which days are worked. The holidays are the library's; `off` and `on` are the town's own exceptions, which
    the government announces each year, often late."""

    def __init__(self, *, off: Iterable[date] = (), on: Iterable[date] = ()) -> None:
        self._off, self._on = frozenset(off), frozenset(on)
        self._public = holidays.country_holidays("VN")

    def is_working_day(self, day: date) -> bool:
        """Whether offices are open; a day in both exceptions is worked."""
        if day in self._on:
            return True
        return day not in self._off and self._public.is_working_day(day)

    def after(self, day: date, working_days: int) -> date:
        """The last day of a term of `working_days` that begins on the day after `day` (Bộ luật Dân sự 2015,
        Điều 147–148: the first day does not count, and a term never ends on a day off)."""
        while working_days > 0:
            day += timedelta(days=1)
            working_days -= self.is_working_day(day)
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def before(self, day: date, working_days: int) -> date:
        """The working day that lies `working_days` working days before `day` (for reminders)."""
        while working_days > 0:
            day -= timedelta(days=1)
            working_days -= self.is_working_day(day)
        return day


@cache
def public_calendar() -> WorkCalendar:
    """The calendar with no exceptions of a town's own."""
    return WorkCalendar()
