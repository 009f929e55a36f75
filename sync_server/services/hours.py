"""The town's calendar: on which day a moment lies, and whether the unit was open then."""

import logging
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sync_server.rules import CountingRule, CountingRules

_SPAN = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)").fullmatch
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_log = logging.getLogger(__name__)


class Placed(NamedTuple):
    """A moment's day (`date.toordinal()`), and whether it lies in the opening hours, give or take the grace."""

    day: int
    is_open: bool


class _Day(NamedTuple):
    day: int
    begins: int
    until: int
    spans: tuple[tuple[int, int], ...] | None


class Calendar:
    """Days and opening hours of one unit. A batch spans few days, so that each is worked out once.

    hours: weekday (`mon` … `sun`) → spans `HH:MM-HH:MM` of local time; no weekday at all means always open.
    outages: windows [from, until) in ms UTC that were declared for the kiosk or its unit.
    """

    def __init__(
        self,
        zone: ZoneInfo,
        hours: Mapping[str, Sequence[str]],
        rules: CountingRules,
        outages: Sequence[tuple[int, int]] = (),
    ) -> None:
        self._zone = zone
        self._hours = hours
        self._rules = rules
        self._outages = outages
        self._begins: list[int] = []
        self._days: list[_Day] = []
        self._last: _Day = _Day(0, 0, 0, ())
        self._gap = (-1, 0)

    def place(self, at: int) -> Placed:
        """Where a moment lies."""
        found = self._last
        if not found.begins <= at < found.until:  # ratings come in order of time: most are of the day before them
            found = self._last = self._day(at)
        if found.spans is None:
            return Placed(found.day, True)
        return Placed(found.day, any(begin <= at <= end for begin, end in found.spans))

    def is_outage(self, at: int) -> bool:
        """Whether a moment lies in a declared outage."""
        return bool(self._outages) and any(begin <= at < until for begin, until in self._outages)

    def rule(self, day: int) -> CountingRule:
        """The rule of counting in force on a day."""
        return self._rules.at(day)

    def burst_gap_ms(self, day: int) -> int:
        """How close together ratings without dossier are a burst, on a day."""
        if day != self._gap[0]:
            self._gap = (day, self.rule(day).burst_gap_s * 1000)
        return self._gap[1]

    def _day(self, at: int) -> _Day:
        index = bisect_right(self._begins, at) - 1
        if index >= 0 and at < self._days[index].until:
            return self._days[index]
        day = datetime.fromtimestamp(at / 1000, self._zone).date()
        begin, until = self._at(day, time()), self._at(day + timedelta(days=1), time())
        index = bisect_right(self._begins, begin)
        self._begins.insert(index, begin)
        self._days.insert(index, _Day(day.toordinal(), begin, until, self._spans(day)))
        return self._days[index]

    def _spans(self, day: date) -> tuple[tuple[int, int], ...] | None:
        if not self._hours:
            return None
        grace = self.rule(day.toordinal()).out_of_hours_grace_min * 60_000
        spans = []
        for text in self._hours.get(_WEEKDAYS[day.weekday()], ()):
            found = _SPAN(text)
            if found is None:
                # Hours that cannot be read must not silence a whole unit: nobody is out of them.
                _log.warning("opening hours %r cannot be read (must be HH:MM-HH:MM); the day counts as open", text)
                return None
            hour, minute, end_hour, end_minute = (int(part) for part in found.groups())
            midnight = self._at(day, time())
            begin = midnight + (hour * 60 + minute) * 60_000
            end = midnight + (end_hour * 60 + end_minute) * 60_000
            spans.append((begin - grace, end + grace))
        return tuple(spans)

    def _at(self, day: date, clock: time) -> int:
        return int(datetime.combine(day, clock, self._zone).timestamp() * 1000)
