"""Peers: decayed, frozen each Monday, the same whether stepped week by week or made at once."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_server.flagging.errors import FlaggingError, PeersMissing
from sync_server.flagging.peers import PeerBook, PeerTotal, advance, frozen_peers, frozen_totals, weight
from sync_server.flagging.tally import DayTally, monday_of
from tests.sync_server.flagging.builders import MONDAY, RULE, SCALES, always, book_of, on, tally

rows = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 2), st.integers(0, 55), st.integers(1, 5), st.integers(1, 40)),
    min_size=1,
    max_size=40,
)


def crowd(day: int = 0, officers: int = 4, each: int = 100, bad: int = 3, service: int = 1) -> list[DayTally]:
    return [tally(day, *[2] * bad, *[5] * (each - bad), officer=o, service=service) for o in range(1, officers + 1)]


@pytest.mark.parametrize(("day", "working_days"), [(0, 5), (4, 1), (5, 1), (6, 1), (-3, 6), (-7, 10)])
def test_a_rating_fades_by_working_days(day: int, working_days: int) -> None:
    assert weight(on(day), on(7), 22.0) == pytest.approx(2 ** (-working_days / 22))


def test_a_rating_weighs_half_after_a_half_life_of_working_days() -> None:
    friday = on(4)
    assert weight(friday, on(35), 21.0) == pytest.approx(0.5)  # 4 whole weeks and the Monday


@given(rows)
@settings(max_examples=50)
def test_week_by_week_equals_the_sum_over_all_days(drawn: list[tuple[int, int, int, int, int]]) -> None:
    tallies = [tally(day, *[level] * n, officer=o, service=s) for o, s, day, level, n in drawn]
    frozen = frozen_totals(tallies, SCALES, always(RULE))
    for monday, totals in frozen.items():
        for (service, officer), total in totals.items():
            mine = [t for t in tallies if (t.service_id, t.officer_id) == (service, officer) and t.day < monday]
            assert total.n == pytest.approx(sum(sum(t.counts) * weight(t.day, monday, 22.0) for t in mine))
            narrow = sum(sum(t.counts[:2]) * weight(t.day, monday, 22.0) for t in mine)
            assert total.dissatisfied == pytest.approx(narrow)


def test_totals_of_an_earlier_monday_can_be_advanced_again_after_late_ratings() -> None:
    in_time = crowd(0) + crowd(7) + crowd(14)
    late = [tally(8, 1, 1, officer=2)]
    stored = frozen_totals(in_time, SCALES, always(RULE))
    week = [t for t in in_time + late if monday_of(t.day) == on(7)]
    again = advance(stored[on(7)], week, SCALES, on(14), RULE)
    following = advance(again, crowd(14), SCALES, on(21), RULE)
    assert following == frozen_totals(in_time + late, SCALES, always(RULE))[on(21)]


def test_a_rating_does_not_move_the_peers_of_its_own_week() -> None:
    book = frozen_peers(crowd(0) + crowd(8, bad=90), SCALES, always(RULE))
    calm = frozen_peers(crowd(0) + crowd(8, bad=0), SCALES, always(RULE))
    assert book.rates(1, 1, on(8)) == calm.rates(1, 1, on(8))
    assert book.rates(1, 1, on(14)) != calm.rates(1, 1, on(14))


def test_all_days_of_a_week_see_the_same_peers() -> None:
    book = frozen_peers(crowd(0) + crowd(9), SCALES, always(RULE))
    assert len({book.rates(1, 1, on(day)) for day in range(7, 14)}) == 1


@pytest.mark.parametrize(("others", "each", "usable"), [(3, 67, True), (2, 500, False), (3, 66, False)])
def test_too_few_peers_are_none(others: int, each: float, usable: bool) -> None:
    totals = {(1, officer): PeerTotal(each, 2.0, 4.0) for officer in range(2, 2 + others)}
    totals[1, 1] = PeerTotal(900.0, 50.0, 90.0)
    assert (book_of(totals).rates(1, 1, MONDAY) is not None) is usable


def test_an_officer_new_to_a_service_is_compared_with_all_who_do_it() -> None:
    totals = {(1, officer): PeerTotal(100.0, 3.0, 6.0) for officer in (2, 3, 4)}
    assert book_of(totals).rates(1, 1, MONDAY) == pytest.approx((10.5 / 350, 21 / 350))


def test_a_service_that_nobody_did_has_no_peers() -> None:
    assert book_of({}).rates(9, 1, MONDAY) is None


def test_a_week_whose_peers_were_not_frozen_is_an_error_not_a_silence() -> None:
    with pytest.raises(PeersMissing, match="2026-01-12"):
        book_of({(1, 1): PeerTotal(1.0, 0.0, 0.0)}).rates(1, 1, on(9))


def test_before_the_first_monday_there_are_no_peers() -> None:
    assert frozen_peers(crowd(7), SCALES, always(RULE)).rates(1, 1, on(3)) is None


def test_no_tallies_make_an_empty_book() -> None:
    book = frozen_peers([], SCALES, always(RULE))
    assert book.rates(1, 1, MONDAY) is None


def test_an_officer_who_left_long_ago_is_nobodys_peer() -> None:
    book = frozen_peers([*crowd(0, officers=1), *crowd(700, officers=3)], SCALES, always(RULE))
    frozen = frozen_totals([*crowd(0, officers=1), *crowd(700, officers=3)], SCALES, always(RULE))
    assert (1, 1) in frozen[on(350)]
    gone = frozen_totals([tally(0, 5, officer=9), *crowd(700, officers=3)], SCALES, always(RULE))
    assert all(officer != 9 for _, officer in gone[on(707)])
    assert book.last == on(707)


def test_stored_totals_make_the_same_book() -> None:
    tallies = crowd(0) + crowd(10, service=2)
    stored = PeerBook.from_totals(frozen_totals(tallies, SCALES, always(RULE)), always(RULE))
    made = frozen_peers(tallies, SCALES, always(RULE))
    for service in (1, 2):
        assert stored.rates(service, 2, on(14)) == made.rates(service, 2, on(14))


def test_a_week_of_another_monday_is_refused() -> None:
    with pytest.raises(FlaggingError, match="not of the week"):
        advance({}, crowd(0), SCALES, on(14), RULE)
    with pytest.raises(FlaggingError, match="not a Monday"):
        weight(on(0), date(2026, 1, 13), 22.0)
