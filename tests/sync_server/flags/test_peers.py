"""Peers' totals in the database equal what the pure rule makes of the same tallies."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from sync_server.db import Database
from sync_server.flagging.peers import frozen_peers
from sync_server.models.followup import PeerSum, PeerTotal
from sync_server.models.rating import Tally
from sync_server.queries import tallies
from sync_server.rulebook import rulebook
from sync_server.services import peers
from tests.sync_server.flags.network import MONDAY, Network

BOOK = rulebook()
WEEK = timedelta(weeks=1)


def rates_in_database(session: Session, officer_id: int, service_id: int, monday: date) -> tuple[float, float] | None:
    days = tallies.officer_days(session, officer_id, monday.toordinal())
    book = peers.book_for(session, officer_id, days, monday, BOOK)
    return book.rates(service_id, officer_id, monday)


def oracle(session: Session, until: date):
    everything = tallies.days_between(session, 0, 2**30)
    return frozen_peers(everything, BOOK.scales, BOOK.rules.at, until=until)


def everything_stored(session: Session) -> dict[tuple[int, int, int], tuple[float, float, float]]:
    rows = session.scalars(select(PeerTotal))
    return {(r.monday, r.service_id, r.officer_id): (r.n, r.dissatisfied, r.not_satisfied) for r in rows}


def sums_stored(session: Session) -> dict[tuple[int, int], tuple[float, ...]]:
    rows = session.scalars(select(PeerSum))
    return {(r.monday, r.service_id): (r.officers, r.n, r.dissatisfied, r.not_satisfied) for r in rows}


def test_frozen_rates_are_those_of_the_pure_rule(database: Database) -> None:
    with database.write() as session:
        network = Network(session, officers=5)
        network.weeks_of_honest_work(8)
        now = MONDAY + 8 * WEEK
        peers.freeze(session, now, BOOK)
        expected = oracle(session, now)
        for officer_id in network.officers:
            for week in range(1, 9):
                found = rates_in_database(session, officer_id, network.services[0], MONDAY + week * WEEK)
                assert found == pytest.approx(expected.rates(network.services[0], officer_id, MONDAY + week * WEEK))
        assert rates_in_database(session, network.officers[0], network.services[0], now) is not None


def test_a_monday_is_frozen_once_and_week_by_week_comes_to_the_same(database: Database) -> None:
    with database.write() as session:
        network = Network(session, officers=4)
        network.weeks_of_honest_work(6)
        for week in range(7):
            peers.freeze(session, MONDAY + week * WEEK, BOOK)
            peers.freeze(session, MONDAY + week * WEEK, BOOK)
        step_by_step = everything_stored(session)
        session.execute(delete(PeerTotal))
        session.execute(delete(PeerSum))
        peers.freeze(session, MONDAY + 6 * WEEK, BOOK)
        assert everything_stored(session) == step_by_step


def test_a_network_without_ratings_freezes_nothing(database: Database) -> None:
    with database.write() as session:
        Network(session)
        peers.freeze(session, MONDAY, BOOK)
        assert everything_stored(session) == {}


def test_late_ratings_come_to_what_they_would_have_been_in_time(database: Database) -> None:
    with database.write() as session:
        network = Network(session, officers=5)
        network.weeks_of_honest_work(8)
        now, late = MONDAY + 8 * WEEK, network.officers[2]
        peers.freeze(session, now, BOOK)
        network.rated(late, MONDAY + timedelta(weeks=3, days=2), [1, 1, 5])
        days = tallies.officer_days(session, late, now.toordinal())
        assert peers.mend(session, late, days, now, BOOK) == [MONDAY + week * WEEK for week in range(4, 9)]
        assert peers.mend(session, late, days, now, BOOK) == []
        expected = oracle(session, now)
        for officer_id in network.officers:
            for week in range(1, 9):
                found = rates_in_database(session, officer_id, network.services[0], MONDAY + week * WEEK)
                assert found == pytest.approx(expected.rates(network.services[0], officer_id, MONDAY + week * WEEK))


def test_an_officer_whose_ratings_all_went_is_nobodys_peer(database: Database) -> None:
    with database.write() as session:
        network = Network(session, officers=4)
        network.weeks_of_honest_work(4)
        now, gone = MONDAY + 4 * WEEK, network.officers[1]
        peers.freeze(session, now, BOOK)
        session.execute(delete(Tally).where(Tally.officer_id == gone))
        peers.mend(session, gone, [], now, BOOK)
        assert not [key for key in everything_stored(session) if key[2] == gone]
        assert sums_stored(session)[now.toordinal(), network.services[0]][0] == 3


def test_totals_frozen_by_a_clock_that_ran_ahead_are_dropped(database: Database) -> None:
    with database.write() as session:
        network = Network(session, officers=4)
        network.weeks_of_honest_work(4)
        peers.freeze(session, MONDAY + 9 * WEEK, BOOK)
        for officer_id in network.officers:
            days = tallies.officer_days(session, officer_id, 2**30)
            peers.mend(session, officer_id, days, MONDAY + 4 * WEEK, BOOK)
        assert max(key[0] for key in everything_stored(session)) == (MONDAY + 4 * WEEK).toordinal()


def test_sums_made_anew_equal_sums_that_were_moved(database: Database) -> None:
    with database.write() as session:
        network = Network(session, officers=5, services=2)
        network.weeks_of_honest_work(5)
        now = MONDAY + 5 * WEEK
        peers.freeze(session, now, BOOK)
        for place, officer_id in enumerate(network.officers):
            network.rated(officer_id, MONDAY + timedelta(days=place), [1, 4], service_id=network.services[1])
            peers.mend(session, officer_id, tallies.officer_days(session, officer_id, now.toordinal()), now, BOOK)
        moved = sums_stored(session)
        peers.sum_up(session)
        anew = sums_stored(session)
        assert moved.keys() == anew.keys()
        for key, sums in anew.items():
            assert moved[key] == pytest.approx(sums, rel=1e-9)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    late=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 39), st.integers(0, 1), st.lists(st.integers(1, 5), max_size=4)),
        max_size=12,
    )
)
def test_whatever_comes_late_the_stored_totals_are_those_of_the_tallies(sqlite_office, late) -> None:
    """In any order, in any week, for any officer and service: never a rating lost or counted twice."""
    now = MONDAY + 6 * WEEK
    with sqlite_office.database.write() as session:
        network = Network(session, officers=4, services=2)
        network.weeks_of_honest_work(5)
        peers.freeze(session, now, BOOK)
        for who, day, what, levels in late:
            officer_id = network.officers[who]
            network.rated(officer_id, MONDAY + timedelta(days=day), levels, service_id=network.services[what])
            peers.mend(session, officer_id, tallies.officer_days(session, officer_id, now.toordinal()), now, BOOK)
        stored = everything_stored(session)
        session.execute(delete(PeerTotal))
        session.execute(delete(PeerSum))
        peers.freeze(session, now, BOOK)
        assert everything_stored(session) == stored
        session.rollback()
