"""Stuffing and hiding are seen; a busy honest day is not mistaken for them."""

import random
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_server.flagging.counted import dedupe
from sync_server.flagging.errors import FlaggingError
from sync_server.flagging.integrity import (
    Alert,
    IntegrityRule,
    dossier_share,
    hours_alert,
    longest_run,
    longest_run_sf,
    poisson_binomial_tail,
    run_alert,
    short_gap_p,
    silence_alert,
    silent_hours,
    timing_alert,
)

RULE = IntegrityRule()
USUAL = {1: 0.01, 2: 0.02, 3: 0.04, 4: 0.33, 5: 0.60}


@given(st.integers(1, 11), st.integers(1, 11), st.floats(0.05, 0.95))
def test_the_longest_run_is_as_likely_as_counting_all_sequences_says(n: int, k: int, p: float) -> None:
    chance = 0.0
    for marks in product((0, 1), repeat=n):
        if longest_run_of_ones(marks) >= k:
            chance += p ** sum(marks) * (1 - p) ** (n - sum(marks))
    assert longest_run_sf(n, k, p) == pytest.approx(chance, abs=1e-12)


def longest_run_of_ones(marks: tuple[int, ...]) -> int:
    return max(len(run) for run in "".join(map(str, marks)).split("0"))


@given(st.lists(st.floats(0.0, 1.0), max_size=9), st.integers(0, 10))
def test_the_tail_of_unequal_chances_is_as_counting_all_outcomes_says(chances: list[float], k: int) -> None:
    total = 0.0
    for marks in product((0, 1), repeat=len(chances)):
        if sum(marks) >= k:
            part = 1.0
            for mark, p in zip(marks, chances, strict=True):
                part *= p if mark else 1 - p
            total += part
    assert poisson_binomial_tail(k, chances) == pytest.approx(total, abs=1e-12)


def test_honest_days_hardly_ever_look_too_fast() -> None:
    chance = random.Random(4)
    days = [sorted(chance.uniform(0, 28_800) for _ in range(40)) for _ in range(2000)]
    assert not [day for day in days if timing_alert(day, RULE)]
    assert sum(short_gap_p(day) < 0.05 for day in days) / len(days) < 0.06  # the tail is what it says


def test_ten_marks_in_two_minutes_are_an_alert() -> None:
    burst = [36_000.0 + 12 * i for i in range(10)]
    alert = timing_alert(burst, RULE)
    assert alert is not None
    assert (alert.alert, alert.found, alert.of) == (Alert.SHORT_GAPS, 9, 9)


def test_ten_marks_dripped_over_the_day_escape_any_timing_test() -> None:
    assert timing_alert([30_000.0 + 2400 * i for i in range(10)], RULE) is None


def test_times_out_of_order_are_refused() -> None:
    with pytest.raises(FlaggingError, match="in order"):
        short_gap_p([20.0, 10.0])


def test_one_rating_has_no_gap() -> None:
    assert short_gap_p([100.0]) == 1.0


def test_a_run_that_peers_never_have_is_an_alert() -> None:
    stuffed = [5] * 60
    alert = run_alert(stuffed, USUAL, RULE)
    assert alert is not None
    assert (alert.alert, alert.found) == (Alert.LONG_RUN, 60)
    assert run_alert([5, 5, 4, 5, 5, 5, 4, 5] * 5, USUAL, RULE) is None


def test_where_nearly_everybody_gets_the_top_level_a_long_run_is_no_alert() -> None:
    assert run_alert([5] * 60, {**USUAL, 5: 0.95}, RULE) is None


def test_the_longest_run_is_found() -> None:
    assert longest_run([5, 5, 1, 1, 1, 5]) == (1, 3)
    assert longest_run([]) == (0, 0)


def test_hours_with_slips_and_nobody_rating_are_an_alert_when_there_are_too_many() -> None:
    slips = dict.fromkeys(range(40), 6)
    hidden = silence_alert(slips, dict.fromkeys(range(20), 2), 0.4, RULE)
    assert hidden is not None
    assert (hidden.alert, hidden.found, hidden.of) == (Alert.SILENT_HOURS, 20, 40)
    assert silence_alert(slips, dict.fromkeys(range(38), 2), 0.4, RULE) is None
    assert silent_hours({8: 3, 9: 0, 10: 1}, {8: 1}) == (10,)


def test_hours_in_which_few_come_are_silent_by_chance() -> None:
    assert silence_alert(dict.fromkeys(range(200), 1), dict.fromkeys(range(60), 1), 0.3, RULE) is None


def test_ratings_out_of_hours_are_an_alert_when_they_are_more_than_strays() -> None:
    assert hours_alert(4, 10, RULE) is None
    assert hours_alert(6, 1000, RULE) is None
    alert = hours_alert(6, 60, RULE)
    assert alert is not None
    assert alert.alert is Alert.OUT_OF_HOURS


def test_the_share_tied_to_a_dossier() -> None:
    assert dossier_share(30, 40) == 0.75
    assert dossier_share(0, 0) is None


touches = st.lists(
    st.tuples(st.integers(0, 3000).map(float), st.integers(1, 5), st.one_of(st.none(), st.integers(1, 5))), max_size=30
).map(lambda rows: sorted(rows, key=lambda row: row[0]))


@given(touches)
def test_each_dossier_counts_once_and_kept_ratings_without_one_lie_apart(
    rows: list[tuple[float, int, int | None]],
) -> None:
    kept = [rows[i] for i in dedupe(rows, 30.0)]
    dossiers = [d for _, _, d in kept if d is not None]
    assert sorted(dossiers) == sorted({d for _, _, d in rows if d is not None})
    alone = [at for at, _, d in kept if d is None]
    assert all(b - a >= 30.0 for a, b in pairwise(alone))
    assert dedupe(rows, 0.0)[: len(rows)] == [i for i in range(len(rows)) if _first_of_dossier(rows, i)]


def _first_of_dossier(rows: list[tuple[float, int, int | None]], place: int) -> bool:
    return rows[place][2] is None or rows[place][2] not in [row[2] for row in rows[:place]]


def test_a_hand_that_keeps_pressing_stays_one_voice() -> None:
    assert dedupe([(20.0 * i, 1, None) for i in range(30)], 30.0) == [0]
    assert dedupe([(30.0 * i, 1, None) for i in range(3)], 30.0) == [0, 1, 2]


def test_a_dossier_is_counted_in_the_middle_of_a_burst() -> None:
    assert dedupe([(0.0, 1, None), (5.0, 2, "d"), (10.0, 1, None)], 30.0) == [0, 1]
