"""What the fold promises, as properties over any tallies, and the states that it walks through."""

import dataclasses
import math
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_server.flagging.errors import FlaggingError
from sync_server.flagging.fold import Fold, fold
from sync_server.flagging.peers import frozen_peers
from sync_server.flagging.rules import Rule, Rules
from sync_server.flagging.score import Side, bet_factors, null_rate
from sync_server.flagging.state import State, judged
from sync_server.flagging.tally import UNKNOWN_SERVICE, DayTally
from tests.sync_server.flagging.builders import MONDAY, RULE, SCALES, FixedRates, always, on, tally

RATES = FixedRates({1: (0.03, 0.066), 2: (0.08, 0.176), 3: None})
Taps = list[tuple[int, int, int]]
taps = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 2), st.integers(1, 5)), max_size=60)
"""Single ratings: day, service, level."""


def tallied(ratings: Taps) -> list[DayTally]:
    return [tally(day, *[level] * n, service=s) for (day, s, level), n in Counter(ratings).items()]


def folded(ratings: Taps, side: Side = Side.WORSE) -> Fold:
    return fold(tallied(ratings), SCALES, RATES, always(RULE), side=side)


def close(a: Fold, b: Fold) -> bool:
    return math.isclose(a.log_m, b.log_m, rel_tol=1e-9, abs_tol=1e-9) or a.log_m == b.log_m


@given(taps.filter(bool), st.data())
def test_a_worse_rating_never_lowers_m(ratings: Taps, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(ratings) - 1))
    day, service, level = ratings[place]
    worse = [*ratings[:place], (day, service, data.draw(st.integers(1, level))), *ratings[place + 1 :]]
    assert folded(worse).log_m >= folded(ratings).log_m - 1e-12


@given(taps.filter(bool), st.data())
def test_a_worse_rating_never_makes_praise_likelier(ratings: Taps, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(ratings) - 1))
    day, service, level = ratings[place]
    worse = [*ratings[:place], (day, service, data.draw(st.integers(1, level))), *ratings[place + 1 :]]
    assert folded(worse, Side.BETTER).log_m <= folded(ratings, Side.BETTER).log_m + 1e-12


@given(taps, st.randoms(use_true_random=False))
def test_order_within_days_changes_nothing(ratings: Taps, random: object) -> None:
    shuffled = list(ratings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert folded(shuffled) == folded(ratings)


@given(taps)
def test_rows_of_one_day_may_come_split_or_together(ratings: Taps) -> None:
    split = fold([tally(d, level, service=s) for d, s, level in ratings], SCALES, RATES, always(RULE))
    together = folded(ratings)
    assert close(split, together)
    assert (split.n, split.bad, split.bad_days) == (together.n, together.bad, together.bad_days)


@given(taps, st.lists(st.tuples(st.integers(0, 60), st.just(3), st.integers(1, 5)), max_size=20))
def test_services_without_peers_leave_the_score_alone(ratings: Taps, alone: Taps) -> None:
    with_them = folded(ratings + alone)
    without = folded(ratings)
    assert with_them.ignored.get(3, 0) == len(alone)
    assert dataclasses.replace(with_them, ignored={}, rule=None, last_day=None) == dataclasses.replace(
        without, ignored={}, rule=None, last_day=None
    )


@given(taps, st.lists(st.integers(0, 60), max_size=4))
def test_a_fold_in_parts_equals_the_fold_at_once(ratings: Taps, cuts: list[int]) -> None:
    part = Fold()
    edges = [-1, *sorted(cuts), 60]
    for after, until in pairwise(edges):
        part = fold(tallied([t for t in ratings if after < t[0] <= until]), SCALES, RATES, always(RULE), onto=part)
    assert part == folded(ratings)


@given(taps, st.integers(0, 60))
def test_after_a_closed_case_only_later_days_count(ratings: Taps, closed: int) -> None:
    restarted = fold(tallied(ratings), SCALES, RATES, always(RULE), restart_after=on(closed))
    later = folded([t for t in ratings if t[0] > closed])
    assert dataclasses.replace(restarted, restart_after=None) == later


network = st.lists(
    st.tuples(st.integers(1, 5), st.integers(1, 2), st.integers(0, 27), st.integers(1, 5), st.integers(0, 60)),
    min_size=10,
    max_size=50,
)
"""Tallies of a network: officer, service, day, level, how many."""


def tallies_of(rows: list[tuple[int, int, int, int, int]]) -> list[DayTally]:
    return [tally(day, *[level] * n, service=s, officer=o) for o, s, day, level, n in rows]


@given(network, st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_late_data_equals_data_in_time(rows: list[tuple[int, int, int, int, int]], random: object) -> None:
    in_time = tallies_of(rows)
    late = list(in_time)
    random.shuffle(late)  # type: ignore[attr-defined]
    folds = []
    for arrived in (in_time, late):
        book = frozen_peers(arrived, SCALES, always(RULE))
        folds.append([fold([t for t in arrived if t.officer_id == o], SCALES, book, always(RULE)) for o in range(1, 6)])
    assert folds[0] == folds[1]


@given(network, st.lists(st.tuples(st.integers(1, 2), st.integers(0, 27), st.integers(1, 5)), max_size=20))
@settings(max_examples=50)
def test_own_ratings_never_enter_ones_own_peers(
    rows: list[tuple[int, int, int, int, int]], more: list[tuple[int, int, int]]
) -> None:
    base = tallies_of(rows)
    added = [tally(day, *[level] * 30, service=s, officer=1) for s, day, level in more]
    book, fuller = (frozen_peers(t, SCALES, always(RULE), until=on(35)) for t in (base, base + added))
    for service in (1, 2):
        for day in range(0, 35, 7):
            if on(day) < min(t.day for t in base):
                continue
            before, after = book.rates(service, 1, on(day)), fuller.rates(service, 1, on(day))
            assert (before is None) == (after is None)
            if before is not None:
                assert after == pytest.approx(before, rel=1e-9)


@given(st.floats(0.001, 0.6), st.floats(0.0, 1.0))
def test_the_mean_factor_is_at_most_one_where_the_true_rate_is_normal(p: float, part: float) -> None:
    bad, other = bet_factors(p, RULE)
    true_rate = part * null_rate(p, RULE)
    assert true_rate * bad + (1 - true_rate) * other <= 1 + 1e-12


def test_the_mean_factor_is_at_most_one_on_the_whole_grid() -> None:
    for side in Side:
        for i in range(1, 900):
            p = i / 1000
            bad, other = bet_factors(p, RULE, side)
            p0 = null_rate(p, RULE, side)
            for j in range(101):
                true_rate = p0 * j / 100 if side is Side.WORSE else p0 + (1 - p0) * j / 100
                assert true_rate * bad + (1 - true_rate) * other <= 1 + 1e-12
            assert p0 * bad + (1 - p0) * other == pytest.approx(1.0, abs=1e-12)  # the bound is met, not just kept


def test_m_less_the_active_weeks_does_not_drift_up_at_the_worst_normal_rate() -> None:
    """The supermartingale itself: E[M after a day] ≤ M before it, by exact sum over all outcomes of a day."""
    p = 0.03
    p0, n = null_rate(p, RULE), 6
    peers = FixedRates({1: (p, p)})  # hl3: both sets are the same, so that one number tells the day
    expected = 0.0
    for k in range(n + 1):
        day = tally(0, *[1] * k, *[3] * (n - k), scale="hl3")
        expected += math.comb(n, k) * p0**k * (1 - p0) ** (n - k) * fold([day], SCALES, peers, always(RULE)).m
    assert expected <= 1.0
    assert expected > 0.98  # the cap takes a little


def test_red_stays_and_yellow_goes_with_the_score() -> None:
    bad_weeks = [tally(7 * w + d, 1, 5, 5) for w in range(2) for d in range(5)]
    red = fold(bad_weeks, SCALES, RATES, always(RULE))
    assert red.state is State.FLAG
    good = [tally(7 * w, *[5] * 60) for w in range(3, 6)]
    later = fold(bad_weeks + good, SCALES, RATES, always(RULE))
    assert later.m < RULE.watch_off
    assert later.state is State.FLAG
    yellow = fold([*bad_weeks[:6], *good], SCALES, RATES, always(RULE))
    assert [change.became for change in yellow.changes] == [State.OK, State.WATCH, State.OK]


def test_late_ratings_recompute_yellow_but_never_lift_red() -> None:
    assert judged(State.FLAG, State.OK) is State.FLAG
    assert judged(State.WATCH, State.OK) is State.OK
    assert judged(None, State.WATCH) is State.WATCH


def test_ratings_of_an_unknown_service_are_ignored() -> None:
    rows = [tally(d, 1, 1, 1, service=UNKNOWN_SERVICE, officer=o) for o in range(1, 9) for d in range(30)]
    book = frozen_peers(rows, SCALES, always(RULE))
    result = fold([t for t in rows if t.officer_id == 1], SCALES, book, always(RULE))
    assert (result.n, result.ignored) == (0, {UNKNOWN_SERVICE: 90})
    assert result.state is State.INSUFFICIENT


def test_a_new_rule_counts_from_its_monday_on() -> None:
    stricter = dataclasses.replace(RULE, version="strict", effective=on(9).isoformat(), severity=6.0)  # a Wednesday
    rules = Rules([RULE, stricter])
    rows = [tally(d, 1, 5, 5) for d in (0, 1, 7, 11, 14, 15)]
    both = fold(rows, SCALES, RATES, rules.at)
    old, new = fold(rows, SCALES, RATES, always(RULE)), fold(rows, SCALES, RATES, always(stricter))
    assert [s.log_factors for s in both.steps] == [s.log_factors for s in (*old.steps[:4], *new.steps[4:])]
    assert both.rule == stricter


def test_a_prankster_moves_the_score_by_the_cap_at_most() -> None:
    honest = [tally(d, *[5] * 6) for d in range(0, 28, 1)]
    with_prank = [*honest, tally(30, *[1] * 50)]
    before, after = (fold(rows, SCALES, RATES, always(RULE)) for rows in (honest, with_prank))
    assert after.steps[-1].capped
    assert after.m == pytest.approx((before.m + 1) * RULE.day_cap, rel=0.2)
    assert after.state is State.OK


def test_a_year_of_nothing_but_bad_ratings_does_not_overflow() -> None:
    result = fold([tally(d, *[1] * 20) for d in range(365)], SCALES, RATES, always(RULE))
    assert math.isfinite(result.log_m)
    assert result.log_m > 700
    assert result.m == math.inf
    assert result.state is State.FLAG


def test_a_rating_of_a_scale_without_a_middle_counts_in_both_sets() -> None:
    result = fold([tally(0, 1, 2, 3, scale="hl3")], SCALES, RATES, always(RULE))
    assert (result.n, result.dissatisfied, result.bad) == (3, 1, 1)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([tally(0, 5), tally(0, 5, officer=2)], "officers 1 and 2"),
        ([tally(0, 5)._replace(scale_id="hl9")], "hl9"),
        ([tally(0, 5)._replace(counts=(0, -1))], "negative"),
        ([tally(0, 5)._replace(scale_id="hl3")], "levels beyond hl3"),
    ],
)
def test_tallies_that_cannot_be_are_named(rows: list[DayTally], told: str) -> None:
    with pytest.raises(FlaggingError, match=told):
        fold(rows, SCALES, RATES, always(RULE))


def test_a_day_is_not_folded_onto_itself() -> None:
    first = fold([tally(3, 5)], SCALES, RATES, always(RULE))
    with pytest.raises(FlaggingError, match="already folded"):
        fold([tally(3, 1)], SCALES, RATES, always(RULE), onto=first)


def test_the_rule_of_a_week_is_asked_for_its_monday() -> None:
    asked: list[date] = []

    def rule_at(day: date) -> Rule:
        asked.append(day)
        return RULE

    fold([tally(d, 5) for d in (1, 3, 9)], SCALES, RATES, rule_at)
    assert asked == [MONDAY, MONDAY + timedelta(days=7)]
