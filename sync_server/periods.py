"""Spans of the town's calendar that figures are asked for: today, this week … this year, or any days."""

from dataclasses import dataclass
from datetime import date, timedelta

KINDS = ("today", "week", "month", "quarter", "half", "year", "free")
LONGEST_DAYS = 3660


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From day `first` to before day `until`; both ordinals. kind: one of `KINDS`."""

    kind: str
    first: int
    until: int

    @property
    def last(self) -> int:
        """The last day in it."""
        return self.until - 1

    @property
    def step(self) -> str:
        """By what a course over this time is drawn: `day`, `week` or `month`."""
        length = self.until - self.first
        return "day" if length <= 31 else "week" if length <= 190 else "month"


def period(kind: str, today: int, first: int | None = None, last: int | None = None) -> Period:
    """The running period of a kind that today lies in, up to today; `free` from `first` to `last`.

    Days that make no sense give the last 30 days; a free period is at most ten years long.
    """
    now = date.fromordinal(today)
    begins = {
        "today": now,
        "week": now - timedelta(days=now.weekday()),
        "month": now.replace(day=1),
        "quarter": date(now.year, 3 * ((now.month - 1) // 3) + 1, 1),
        "half": date(now.year, 1 if now.month <= 6 else 7, 1),
        "year": date(now.year, 1, 1),
    }
    if kind in begins:
        return Period(kind=kind, first=begins[kind].toordinal(), until=today + 1)
    begin = today - 29 if first is None else first
    end = today if last is None else last
    if begin > end:
        begin, end = end, begin
    return Period(kind="free", first=max(begin, end - LONGEST_DAYS), until=end + 1)


def begin_of(step: str, day: int) -> int:
    """The first day of the day, week or month that `day` lies in."""
    when = date.fromordinal(day)
    if step == "month":
        return when.replace(day=1).toordinal()
    return day - when.weekday() if step == "week" else day
