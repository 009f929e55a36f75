"""Intervals and limits for shares of few ratings: uncertainty is shown, always."""

import math
from statistics import NormalDist

from sync_server.flagging.beta import beta_quantile
from sync_server.flagging.errors import FlaggingError

Z_95 = NormalDist().inv_cdf(0.975)


def wilson(k: int, n: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval for k of n (Wilson 1927), by default 95 %. (0, 1) for n = 0: nothing is known."""
    _check(k, n)
    if n == 0:
        return 0.0, 1.0
    centre = (k + z * z / 2.0) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(k * (n - k) / n + z * z / 4.0)
    return (0.0 if k == 0 else max(0.0, centre - half)), (1.0 if k == n else min(1.0, centre + half))


def jeffreys(k: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Jeffreys' equal-tailed interval for k of n: quantiles of Beta(k + 1/2, n − k + 1/2).

    As statsmodels has it: the ends are not moved to 0 or 1 where k is 0 or n.
    """
    _check(k, n)
    tail = (1.0 - confidence) / 2.0
    a, b = k + 0.5, n - k + 0.5
    return beta_quantile(tail, a, b), 1.0 - beta_quantile(tail, b, a)


def funnel_limits(p: float, n: int, z: float) -> float:
    """The least share k/n of bad ratings that is out of the funnel: P(X ≥ k) ≤ 1 − Φ(z) for X of Binomial(n, p).

    Exact, so that small n are no trap. It may lie above 1: then not even n of n is out.
    """
    if n < 1 or not 0.0 < p < 1.0:
        raise FlaggingError(f"a funnel needs ratings and a rate between 0 and 1, not n = {n}, p = {p}")
    tail = 0.5 * math.erfc(z / math.sqrt(2.0))
    above = 0.0  # P(X ≥ k), summed from the far end so that nothing cancels
    for k in range(n, -1, -1):
        above += binomial_pmf(k, n, p)
        if above > tail:
            return (k + 1) / n
    return 0.0


def binomial_pmf(k: int, n: int, p: float) -> float:
    """P(X = k) for X of Binomial(n, p), 0 < p < 1."""
    log_choose = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(log_choose + k * math.log(p) + (n - k) * math.log1p(-p))


def adjusted_limits(expected: float, tolerance: float, z: float) -> tuple[float, float]:
    """Limits of observed / expected around `tolerance`, `z` standard deviations, in the case-mix adjusted funnel.

    An officer just at the tolerance has tolerance · expected bad ratings on average; the count is taken as Poisson,
    whose spread is never less than that of ratings with unequal rates, so that the funnel errs to the wide side.
    """
    if not expected > 0.0:
        raise FlaggingError(f"a funnel needs an expected count above 0, not {expected}")
    half = z * math.sqrt(tolerance / expected)
    return max(0.0, tolerance - half), tolerance + half


def _check(k: int, n: int) -> None:
    if not 0 <= k <= n:
        raise FlaggingError(f"{k} of {n} is no share; 0 ≤ k ≤ n must hold")
