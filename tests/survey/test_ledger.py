"""The chain of a kiosk's ratings: what it proves, and what breaks it."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from survey.ledger import Break, Fork, Gap, Link, faults
from survey.rating import Rating, digest
from tests.builders import a_rating, chain


def links(ratings: list[Rating] | tuple[Rating, ...]) -> list[Link]:
    return [Link(rating.seq, digest(rating), rating.prev) for rating in ratings]


def whole(length: int) -> list[Link]:
    return links(chain(*(a_rating(level=1 + n % 5) for n in range(length))))


def test_a_whole_ledger_has_no_faults_in_whatever_order_it_arrived():
    ledger = whole(8)
    assert faults(ledger) == []
    assert faults(ledger[::-1]) == []
    assert faults([]) == []


@given(st.sets(st.integers(1, 12), max_size=11))
@settings(max_examples=60)
def test_exactly_the_missing_numbers_are_gaps(missing):
    ledger = [link for link in whole(12) if link.seq not in missing]
    found = faults(ledger)
    assert all(isinstance(fault, Gap) for fault in found)
    told = {n for fault in found if isinstance(fault, Gap) for n in range(fault.first, fault.last + 1)}
    last = max((link.seq for link in ledger), default=0)
    assert told == {n for n in missing if n < last}


@given(st.integers(1, 7))
@settings(max_examples=7)
def test_an_altered_rating_breaks_the_chain_after_it(place):
    ratings = list(chain(*(a_rating() for _ in range(8))))
    ratings[place - 1] = replace(ratings[place - 1], level=1)
    assert faults(links(ratings)) == [Break(place + 1)]


def test_a_first_rating_that_claims_one_before_it_is_a_break():
    assert faults([Link(1, "d" * 64, "e" * 64)]) == [Break(1)]


def test_a_rolled_back_card_shows_as_a_fork():
    first = chain(*(a_rating() for _ in range(5)))
    again = chain(a_rating(), seq=4, prev=digest(first[2]))
    assert faults(links([*first, *again])) == [Fork(4)]
