"""The bets of the evidence score M: what one rating multiplies it by (docs/flagging.md, The evidence score M).

A risk-adjusted Shiryaev–Roberts e-detector (Shin, Ramdas & Rinaldo, *E-detectors*). All M are kept as natural
logarithms: a year of bad ratings would overflow a float.
"""

import math
from enum import Enum
from typing import NamedTuple

from sync_server.flagging.rules import Rule

Rates = tuple[float, float]
"""Peers' rates of dissatisfied and of not satisfied ratings in one service."""


class Side(Enum):
    """Which way the score bets.

    WORSE: more bad ratings than the worst rate still called normal (flags).
    BETTER: fewer than the best rate still called normal (praise). It is the same detector with both odds ratios
    turned upside down: p0 = odds⁻¹(odds(p) / tolerance), p1 = odds⁻¹(odds(p0) / severity). Its bad factor p1/p0 is
    below 1 and its other factor above, so that each factor has mean ≤ 1 when the true rate is ≥ p0, and the
    guarantee holds for praise as it does for flags. No floor: a low rate is what it looks for.
    """

    WORSE = "worse"
    BETTER = "better"


class Bets(NamedTuple):
    """Logarithms of a rating's factor, by bad set: of one in the set, and of any other."""

    log_dissatisfied: float
    log_no_dissatisfied: float
    log_not_satisfied: float
    log_no_not_satisfied: float


def odds_shift(p: float, ratio: float) -> float:
    """The probability whose odds are `ratio` times the odds of `p`."""
    return ratio * p / (1.0 - p + ratio * p)


def null_rate(p: float, rule: Rule, side: Side = Side.WORSE) -> float:
    """p0, the worst rate still called normal where peers have `p` (the best one, on the better side)."""
    if side is Side.BETTER:
        return odds_shift(p, 1.0 / rule.tolerance)
    return max(odds_shift(p, rule.tolerance), rule.floor)


def bet_factors(p: float, rule: Rule, side: Side = Side.WORSE) -> tuple[float, float]:
    """What a rating in the bad set multiplies the score by, and what any other does, where peers have `p`."""
    p0 = null_rate(p, rule, side)
    p1 = odds_shift(p0, rule.severity if side is Side.WORSE else 1.0 / rule.severity)
    return p1 / p0, (1.0 - p1) / (1.0 - p0)


def bets(rates: Rates, rule: Rule, side: Side = Side.WORSE) -> Bets:
    """The logarithms of the factors of both bad sets."""
    bad, other = bet_factors(rates[0], rule, side)
    wide_bad, wide_other = bet_factors(rates[1], rule, side)
    return Bets(math.log(bad), math.log(other), math.log(wide_bad), math.log(wide_other))


def log_plus_one(log_m: float) -> float:
    """log(M + 1)."""
    return math.log1p(math.exp(log_m)) if log_m < 0 else log_m + math.log1p(math.exp(-log_m))


def log_mean(a: float, b: float) -> float:
    """log((A + B) / 2) of two logarithms; −inf stands for 0."""
    high, low = (a, b) if a >= b else (b, a)
    return high if high == -math.inf else high + math.log1p(math.exp(low - high)) - math.log(2.0)
