"""Intervals and limits: against brute force, at the edges, and for coverage that they promise."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_server.flagging.beta import beta_cdf, beta_quantile
from sync_server.flagging.errors import FlaggingError
from sync_server.flagging.intervals import adjusted_limits, binomial_pmf, funnel_limits, jeffreys, wilson

shares = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(shares)
def test_an_interval_holds_the_share_and_stays_within_0_and_1(share: tuple[int, int]) -> None:
    k, n = share
    low, high = wilson(k, n)
    assert 0.0 <= low <= k / n <= high <= 1.0
    low, high = jeffreys(k, n)
    assert 0.0 < low < high < 1.0


@given(shares)
def test_intervals_of_bad_and_good_mirror_each_other(share: tuple[int, int]) -> None:
    k, n = share
    for interval in (wilson, jeffreys):
        low, high = interval(k, n)
        mirror = interval(n - k, n)
        assert (1 - high, 1 - low) == pytest.approx(mirror, abs=1e-12)


def test_no_ratings_tell_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("n", [20, 60])
def test_wilson_covers_about_as_often_as_it_says(n: int) -> None:
    for p in (0.03, 0.1, 0.5):
        covered = sum(binomial_pmf(k, n, p) for k in range(n + 1) if wilson(k, n)[0] <= p <= wilson(k, n)[1])
        assert covered > 0.90


@given(st.floats(0.5, 200.0), st.floats(0.5, 200.0), st.floats(0.001, 0.999))
def test_the_quantile_turns_the_distribution_around(a: float, b: float, p: float) -> None:
    x = beta_quantile(p, a, b)
    assert 0.0 <= x <= 1.0
    if 1e-12 < x < 1 - 1e-9:  # where the density is not too steep for a float
        assert beta_cdf(x, a, b) == pytest.approx(p, abs=1e-9)


@given(st.integers(1, 40), st.integers(1, 40), st.floats(0.01, 0.99))
def test_the_beta_distribution_is_a_binomial_tail(a: int, b: int, x: float) -> None:
    n = a + b - 1  # DLMF 8.17.5
    tail = sum(math.comb(n, j) * x**j * (1 - x) ** (n - j) for j in range(a, n + 1))
    assert beta_cdf(x, a, b) == pytest.approx(tail, abs=1e-12)


@given(st.integers(1, 300), st.floats(0.005, 0.5), st.floats(1.0, 4.0))
def test_the_funnel_limit_is_the_least_share_that_is_out(n: int, p: float, z: float) -> None:
    k = round(funnel_limits(p, n, z) * n)
    tail = 0.5 * math.erfc(z / math.sqrt(2))
    upper = [sum(math.comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(i, n + 1)) for i in (k, k - 1)]
    assert upper[0] <= tail * (1 + 1e-9)
    assert upper[1] > tail * (1 - 1e-9)


def test_the_adjusted_funnel_narrows_around_the_tolerance() -> None:
    assert adjusted_limits(6.0, 1.5, 2.0) == pytest.approx((0.5, 2.5))
    assert adjusted_limits(0.5, 1.5, 3.0)[0] == 0.0
    wide, narrow = adjusted_limits(5.0, 1.5, 3.0), adjusted_limits(50.0, 1.5, 3.0)
    assert wide[0] < narrow[0] < 1.5 < narrow[1] < wide[1]


def test_shares_that_cannot_be_are_refused() -> None:
    with pytest.raises(FlaggingError, match="11 of 10"):
        wilson(11, 10)
    with pytest.raises(FlaggingError, match="n = 0"):
        funnel_limits(0.03, 0, 3.0)
    with pytest.raises(FlaggingError, match="above 0"):
        adjusted_limits(0.0, 1.5, 2.0)
