"""What an officer sees of the own ratings: totals of whole weeks, never fewer than 10 ratings, never changed later.

A total over sliding days, looked at every evening, gives each single rating away by subtraction; so does a total that
late ratings change. Here each summary is of the ratings that no earlier one holds, up to the end of a week: whatever
an officer adds or subtracts, what comes out is 0 or at least `LEAST` ratings.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LEAST = 10
"""Ratings in a summary, at least (issue of the right to be heard: nothing while fewer than 10)."""
WEEK_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Counted ratings by what they say; dissatisfied and neutral are the bad sets of a scale (docs/flagging.md)."""

    satisfied: int = 0
    neutral: int = 0
    dissatisfied: int = 0

    @property
    def n(self) -> int:
        """All of them."""
        return self.satisfied + self.neutral + self.dissatisfied

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            satisfied=self.satisfied + other.satisfied,
            neutral=self.neutral + other.neutral,
            dissatisfied=self.dissatisfied + other.dissatisfied,
        )

    def __sub__(self, other: "Counts") -> "Counts":
        return Counts(
            satisfied=self.satisfied - other.satisfied,
            neutral=self.neutral - other.neutral,
            dissatisfied=self.dissatisfied - other.dissatisfied,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The ratings from a Monday to a Sunday (ordinals), and late ones of the weeks before."""

    from_day: int
    until_day: int
    counts: Counts


def new_summaries(shown: Iterable[Summary], days: Iterable[tuple[int, Counts]], today: int) -> Iterator[Summary]:
    """The summaries that may be shown from today on, besides those that are shown already, in order.

    days: all counted ratings as they are known now, by day (an ordinal). The week of `today` is not over.
    """
    before = sorted(shown, key=lambda summary: summary.until_day)
    given = sum((summary.counts for summary in before), Counts())
    by_sunday: dict[int, Counts] = {}
    for day, counts in days:
        sunday = _sunday(day)
        by_sunday[sunday] = by_sunday.get(sunday, Counts()) + counts
    if not by_sunday:
        return
    last = before[-1].until_day if before else min(by_sunday) - WEEK_DAYS
    known = sum((counts for sunday, counts in by_sunday.items() if sunday <= last), Counts())
    start = last + 1
    for sunday in range(last + WEEK_DAYS, _sunday(today), WEEK_DAYS):
        known += by_sunday.get(sunday, Counts())
        fresh = known - given
        # A rating that was found untrue is gone from what is known: wait until nothing is less than it was.
        if fresh.n >= LEAST and min(fresh.satisfied, fresh.neutral, fresh.dissatisfied) >= 0:
            yield Summary(from_day=start, until_day=sunday, counts=fresh)
            given, start = known, sunday + 1


def _sunday(day: int) -> int:
    """The last day of a day's week; ordinal 1 was a Monday."""
    return day + (-day) % WEEK_DAYS
