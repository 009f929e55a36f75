"""Signs that ratings were stuffed or citizens kept away. An alert of its own kind, never a low-rating flag.

Ten fake top marks a day hide a bad officer from any timing test: only the dossier link tells them from real ones.
So the share of ratings tied to a dossier is shown for each officer, beside these alerts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from sync_server.flagging.errors import FlaggingError
from sync_server.flagging.intervals import binomial_pmf

SHORT_GAP_S = 15.0
WORKDAY_S = 28_800.0


class Alert(StrEnum):
    """What looks wrong: taps too close, one level too long, ratings out of hours, served but nobody rated."""

    SHORT_GAPS = "short_gaps"
    LONG_RUN = "long_run"
    OUT_OF_HOURS = "out_of_hours"
    SILENT_HOURS = "silent_hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrityRule:
    """When to raise an alert: an `[[integrity]]` block of `config/rules.toml`. `effective`: ISO date.

    alpha: how often chance alone may raise one, each time that an officer is looked at; one in a million
    officer-days is about 40 years of a town with 100 officers.
    """

    effective: str = "2021-01-04"
    source: str = ""
    alpha: float = 1e-6
    out_of_hours_share: float = 0.05
    out_of_hours_min: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrityAlert:
    """An alert with its numbers: `found` of `of` (gaps, ratings in a run, ratings, hours), and its chance, if known."""

    alert: Alert
    found: int
    of: int
    chance: float | None = None


def short_gap_p(times_s: Sequence[float], gap_s: float = SHORT_GAP_S, day_s: float = WORKDAY_S) -> float:
    """The chance of so many gaps under `gap_s` when citizens come by themselves.

    times_s: when an officer's ratings of one day came, in seconds, in order. n arrivals of a Poisson process on a
    day of `day_s` seconds are uniform, and a spacing of n uniform points is shorter than g with probability
    1 − (1 − g/day)^n; the tail is binomial over the n − 1 gaps. 1.0 for fewer than two ratings.
    """
    n = len(times_s)
    if n < 2:
        return 1.0
    gaps = [later - earlier for earlier, later in pairwise(times_s)]
    if min(gaps) < 0:
        raise FlaggingError("times must be in order; sort them first")
    short = sum(gap < gap_s for gap in gaps)
    p = 1.0 - (1.0 - min(1.0, gap_s / day_s)) ** n
    return binomial_tail(short, n - 1, p)


def binomial_tail(k: int, n: int, p: float) -> float:
    """P(X ≥ k) for X of Binomial(n, p), summed from the small end so that tiny tails stay exact."""
    if k <= 0 or p >= 1.0:
        return 1.0 if k <= n else 0.0
    return min(1.0, sum(binomial_pmf(i, n, p) for i in range(n, k - 1, -1)))


def longest_run_sf(n: int, k: int, p: float) -> float:
    """The chance that n ratings hold a run of at least k of one level that each has with probability p.

    Exact recursion on where the first such run ends: f(i) = f(i−1) + (1 − f(i−k−1))·(1−p)·p^k, f(k) = p^k.
    """
    if k <= 0:
        return 1.0
    if n < k:
        return 0.0
    run = p**k
    f = [0.0] * k + [run]
    for i in range(k + 1, n + 1):
        f.append(f[i - 1] + (1.0 - f[i - k - 1]) * (1.0 - p) * run)
    return min(1.0, f[n])


def longest_run(levels: Iterable[int]) -> tuple[int, int]:
    """The level of the longest unbroken run and its length; (0, 0) for no ratings. The first one among equals."""
    best = (0, 0)
    level = length = 0
    for now in levels:
        length = length + 1 if now == level else 1
        level = now
        if length > best[1]:
            best = (level, length)
    return best


def timing_alert(times_s: Sequence[float], rule: IntegrityRule) -> IntegrityAlert | None:
    """Too many gaps under 15 s in an officer's day. Give all ratings that were stored, counted or not."""
    chance = short_gap_p(times_s)
    if chance >= rule.alpha:
        return None
    short = sum(b - a < SHORT_GAP_S for a, b in pairwise(times_s))
    return IntegrityAlert(alert=Alert.SHORT_GAPS, found=short, of=len(times_s) - 1, chance=chance)


def run_alert(levels: Sequence[int], usual: Mapping[int, float], rule: IntegrityRule) -> IntegrityAlert | None:
    """An impossible longest run of one level. levels: an officer's ratings in order of time.

    usual: how often peers get each level, since an officer's own share would hide what stuffing made of it. A level
    that nearly everybody gets makes a long run likely, and so no alert.
    """
    level, length = longest_run(levels)
    chance = longest_run_sf(len(levels), length, usual.get(level, 0.0)) if level in usual else 1.0
    if chance >= rule.alpha:
        return None
    return IntegrityAlert(alert=Alert.LONG_RUN, found=length, of=len(levels), chance=chance)


def hours_alert(out_of_hours: int, n: int, rule: IntegrityRule) -> IntegrityAlert | None:
    """More than a few stray ratings out of opening hours, of n ratings in the period."""
    if out_of_hours < rule.out_of_hours_min or out_of_hours < rule.out_of_hours_share * n:
        return None
    return IntegrityAlert(alert=Alert.OUT_OF_HOURS, found=out_of_hours, of=n)


def silence_alert(
    slips: Mapping[int, int], ratings: Mapping[int, int], usual_share: float, rule: IntegrityRule
) -> IntegrityAlert | None:
    """The kiosk may be hidden: more hours without a single rating than the slips issued in them let one expect.

    slips, ratings: by hour (any numbering) of a period. usual_share: of the slips issued in the whole network, the
    share that was rated. An hour with s slips is silent by chance with probability (1 − share)^s; the number of
    silent hours is then Poisson-binomial, and its tail is exact.
    """
    silent = silent_hours(slips, ratings)
    by_chance = [(1.0 - usual_share) ** n for n in slips.values() if n > 0]
    chance = poisson_binomial_tail(len(silent), by_chance)
    if chance >= rule.alpha:
        return None
    return IntegrityAlert(alert=Alert.SILENT_HOURS, found=len(silent), of=len(by_chance), chance=chance)


def silent_hours(slips: Mapping[int, int], ratings: Mapping[int, int]) -> tuple[int, ...]:
    """Hours in which dossiers were served (slips issued) but nobody rated."""
    return tuple(sorted(hour for hour, n in slips.items() if n > 0 and not ratings.get(hour)))


def poisson_binomial_tail(k: int, probabilities: Iterable[float]) -> float:
    """P(at least k happen) of independent events with these probabilities, by exact convolution."""
    pmf = [1.0]
    for p in probabilities:
        pmf = [a * (1.0 - p) + b * p for a, b in zip([*pmf, 0.0], [0.0, *pmf], strict=True)]
    return min(1.0, sum(reversed(pmf[k:]))) if k > 0 else 1.0


def dossier_share(with_dossier: int, n: int) -> float | None:
    """The share of ratings tied to a dossier, None for no ratings."""
    return with_dossier / n if n else None
