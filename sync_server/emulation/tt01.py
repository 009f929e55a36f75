"""The optional score by Thông tư 01/2018/TT-VPCP: indicators of 0, 1 or 2 points a dossier, averaged and added up.

A report that staff may want, beside the rule of docs/flagging.md, which it has no part in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sync_server.emulation.criteria import Tt01Rule
from sync_server.errors import Refused

PLACES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossiers:
    """How many dossiers got 0, 1, … points by one indicator; those verified as wrongly rated are left out before
    (Điều 13 khoản 7: a complaint verified as untrue is not counted)."""

    counts: tuple[int, ...]

    @property
    def n(self) -> int:
        return sum(self.counts)

    @property
    def mean(self) -> float:
        return sum(points * count for points, count in enumerate(self.counts)) / self.n


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """points of the most there can be. by_indicator: each indicator's mean, rounded for the eye only."""

    points: float
    most: int
    by_indicator: Mapping[int, float]


def officer_score(rule: Tt01Rule, by_indicator: Mapping[int, Dossiers]) -> Score:
    """An officer's points (Điều 15). Raises `Refused` for indicators that lack or make no sense."""
    return _score(rule, rule.officer_indicators, by_indicator)


def body_score(rule: Tt01Rule, by_indicator: Mapping[int, Dossiers]) -> Score:
    """A body's points, of all indicators. Raises `Refused` for indicators that lack or make no sense."""
    return _score(rule, rule.body_indicators, by_indicator)


def is_all_done(rule: Tt01Rule, score: Score) -> bool:
    """Whether an officer's points count as «hoàn thành 100%»: by the points as they are, not as they are shown."""
    return score.points >= rule.officer_full_from


def _score(rule: Tt01Rule, indicators: Sequence[int], by_indicator: Mapping[int, Dossiers]) -> Score:
    missing = [number for number in indicators if number not in by_indicator or not by_indicator[number].n]
    if missing:
        raise Refused(f"indicators {', '.join(map(str, missing))} have no dossiers; count some, or make no report")
    for number in indicators:
        counts = by_indicator[number].counts
        if len(counts) != rule.points_max + 1 or min(counts) < 0:
            raise Refused(f"indicator {number}: needs {rule.points_max + 1} counts of 0 or more, not {list(counts)}")
    means = {number: by_indicator[number].mean for number in indicators}
    return Score(
        points=sum(means.values()),
        most=rule.points_max * len(indicators),
        by_indicator={number: round(mean, PLACES) for number, mean in means.items()},
    )
