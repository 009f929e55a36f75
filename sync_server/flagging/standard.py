"""The absolute standard of a unit: when everybody is bad, peers hide it. Shown for the unit, never for a person."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sync_server.flagging.errors import FlaggingError
from sync_server.flagging.intervals import wilson


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitStandard:
    """A `[[unit_standard]]` block of `config/rules.toml`. share: of ratings not dissatisfied, in a quarter."""

    effective: str = "2021-01-04"
    source: str = ""
    share: float = 0.95
    min_ratings: int = 30


class Verdict(StrEnum):
    """met, not_met: the share is at or below the standard; uncertain: the interval holds the standard."""

    INSUFFICIENT = "insufficient"
    MET = "met"
    UNCERTAIN = "uncertain"
    NOT_MET = "not_met"


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardReading:
    """A unit's quarter beside its standard: the share not dissatisfied, None under `min_ratings`, and its interval."""

    n: int
    dissatisfied: int
    share: float | None
    low: float
    high: float
    standard: float
    verdict: Verdict


def against_standard(n: int, dissatisfied: int, standard: UnitStandard) -> StandardReading:
    """Compare a unit's quarter with its standard.

    The share decides whether the standard is met; where the 95 % interval (Wilson) holds the standard, a few ratings
    more could have turned it, and the verdict says so.
    """
    if not 0 <= dissatisfied <= n:
        raise FlaggingError(f"{dissatisfied} dissatisfied of {n} ratings is impossible; rebuild the tallies")
    low, high = wilson(n - dissatisfied, n)
    if n < standard.min_ratings:
        share, verdict = None, Verdict.INSUFFICIENT
    else:
        share = (n - dissatisfied) / n
        verdict = Verdict.UNCERTAIN if low < standard.share <= high else _verdict(share, standard.share)
    return StandardReading(
        n=n, dissatisfied=dissatisfied, share=share, low=low, high=high, standard=standard.share, verdict=verdict
    )


def _verdict(share: float, wanted: float) -> Verdict:
    return Verdict.MET if share >= wanted else Verdict.NOT_MET


def quarter_of(day: date) -> tuple[date, date]:
    """The first and the last day of the calendar quarter of `day`."""
    month = 3 * ((day.month - 1) // 3) + 1
    first = date(day.year, month, 1)
    beyond = date(day.year + (month == 10), month % 12 + 3 if month != 10 else 1, 1)
    return first, beyond - timedelta(days=1)
