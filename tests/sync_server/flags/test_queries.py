"""What pages read: the tree of units, sums of tallies, the funnel, the standard. Each beside a plain recount."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from sync_server.db import Database
from sync_server.errors import NotFound
from sync_server.flagging.fold import fold
from sync_server.flagging.peers import frozen_peers
from sync_server.flagging.standard import Verdict, quarter_of
from sync_server.flagging.state import State
from sync_server.models.organisation import Officer, Unit
from sync_server.queries import funnel, officers, standards, tallies, units
from sync_server.rulebook import rulebook
from sync_server.services import flags
from tests.sync_server.flags.network import HANOI, MONDAY, Network, noon

BOOK = rulebook()
QUARTER = quarter_of(MONDAY + timedelta(weeks=8))


@pytest.fixture
def session(database: Database):
    with database.write() as opened:
        yield opened


@pytest.fixture
def network(session: Session) -> Network:
    made = Network(session, officers=6, services=2)
    made.weeks_of_honest_work(12)
    for place in range(30):
        day = MONDAY + timedelta(weeks=place // 5 + 3, days=place % 5)
        for officer_id in made.officers:
            made.rated(officer_id, day, [5, 1, 3] if place % 7 == 0 else [4, 5], service_id=made.services[1])
    flags.judge_all(session, now=noon(MONDAY + timedelta(weeks=12)), zone=HANOI)
    return made


def test_a_subtree_is_a_unit_and_all_below_it(session: Session) -> None:
    network = Network(session, officers=0, communes=3)
    office = network._add(Unit(name="Bộ phận một cửa", kind="office", parent_id=network.communes[0], key_sealed=b"")).id
    assert units.subtree(session, network.communes[0]) == {network.communes[0], office}
    assert units.subtree(session, network.town) == {network.town, *network.communes, office}
    assert units.subtree(session, None) == {network.town, *network.communes, office}
    assert units.subtree(session, 424242) == frozenset()
    lines = units.tree(session, units.subtree(session, network.town))
    assert [(line.id, line.depth) for line in lines] == [
        (network.town, 0), (network.communes[0], 1), (office, 2), (network.communes[1], 1), (network.communes[2], 1),
    ]  # fmt: skip


def test_a_ring_of_units_does_not_hang_a_page(session: Session) -> None:
    network = Network(session, officers=0)
    session.execute(update(Unit).where(Unit.id == network.town).values(parent_id=network.communes[0]))
    assert units.subtree(session, network.town) == {network.town, *network.communes}


def test_a_unit_of_others_is_not_found(session: Session, network: Network) -> None:
    within = units.subtree(session, network.communes[0])
    assert units.one(session, network.communes[0], within).id == network.communes[0]
    with pytest.raises(NotFound, match="within your units"):
        units.one(session, network.communes[1], within)
    with pytest.raises(NotFound, match="within your units"):
        officers.card(session, network.officers[0], within=frozenset())


def test_the_funnel_expects_what_the_fold_of_the_quarter_expects(session: Session, network: Network) -> None:
    points = funnel.quarter_points(session, *QUARTER, BOOK)
    everything = tallies.days_between(session, 0, 2**30)
    peers = frozen_peers(everything, BOOK.scales, BOOK.rules.at, until=MONDAY + timedelta(weeks=12))
    assert [point.officer_id for point in points] == network.officers
    for point in points:
        own = [t for t in everything if t.officer_id == point.officer_id and QUARTER[0] <= t.day <= QUARTER[1]]
        expected = fold(own, BOOK.scales, peers, BOOK.rules.at)
        assert (point.n, point.observed) == (expected.n, expected.bad)
        assert point.expected == pytest.approx(expected.expected_bad, rel=1e-9)
        assert point.ratio == pytest.approx(expected.bad / expected.expected_bad)


def test_a_quarter_of_which_nothing_is_frozen_has_no_funnel(session: Session, network: Network) -> None:
    assert funnel.quarter_points(session, date(2030, 1, 1), date(2030, 3, 31), BOOK) == []


def test_sums_by_service_officer_and_unit_are_the_tallies(session: Session, network: Network) -> None:
    first, until = (MONDAY + timedelta(weeks=3)).toordinal(), (MONDAY + timedelta(weeks=7)).toordinal()
    rows = tallies.days_between(session, first, until)
    everybody = tallies.by_officer(session, network.officers, BOOK.scales, first=first, until=until)
    for officer_id in network.officers:
        own = [row for row in rows if row.officer_id == officer_id]
        found = tallies.by_service(session, officer_id, BOOK.scales, first=first, until=until)
        assert [one.service_id for one in found] == network.services
        for one in found:
            of_service = [row.counts for row in own if row.service_id == one.service_id]
            assert one.counts == tuple(sum(levels) for levels in zip(*of_service, strict=True))
        assert everybody[officer_id].n == sum(sum(row.counts) for row in own)
        assert everybody[officer_id].dissatisfied == sum(row.counts[0] + row.counts[1] for row in own)
        assert everybody[officer_id].not_satisfied == sum(sum(row.counts[:3]) for row in own)
    by_unit = tallies.by_unit(session, network.communes, BOOK.scales, first=first, until=until)
    assert sum(totals.n for totals in by_unit.values()) == sum(sum(row.counts) for row in rows)


def test_a_unit_holds_what_is_below_it_and_its_standard_is_its_own(session: Session, network: Network) -> None:
    lines = standards.quarter(session, units.subtree(session, network.town), QUARTER[1], BOOK)
    town, *communes = lines
    assert town.reading.n == sum(line.reading.n for line in communes) > 0
    assert town.reading.dissatisfied == sum(line.reading.dissatisfied for line in communes)
    assert {line.reading.verdict for line in lines} <= {Verdict.MET, Verdict.UNCERTAIN}
    bad = network.officer("Vũ Văn Z", 0)
    for place in range(20):
        network.rated(bad, QUARTER[0] + timedelta(days=place), [1] * 10)
    worse = standards.quarter(session, units.subtree(session, network.town), QUARTER[1], BOOK)
    assert {line.unit.id: line.reading.verdict for line in worse}[network.communes[0]] is Verdict.NOT_MET


def test_quarters_go_back_from_the_newest(session: Session, network: Network) -> None:
    found = standards.quarters_of(session, network.communes[0], QUARTER[1], BOOK, count=3)
    assert [line.first for line in found] == [date(2025, 10, 1), date(2025, 7, 1), date(2025, 4, 1)]
    assert found[2].reading.verdict is Verdict.INSUFFICIENT
    assert standards.quarters_of(session, 424242, QUARTER[1], BOOK) == []


def test_who_left_is_in_the_list_only_while_a_flag_is_open(session: Session, network: Network) -> None:
    today = (MONDAY + timedelta(weeks=12)).toordinal()
    within = units.subtree(session, network.town)
    gone, flagged = network.officers[:2]
    session.execute(update(Officer).where(Officer.id.in_([gone, flagged])).values(valid_until=today))
    for place in range(12):
        network.rated(flagged, MONDAY + timedelta(weeks=10 + place // 5, days=place % 5), [1, 1])
    flags.judge(session, [flagged], now=noon(MONDAY + timedelta(weeks=13)), zone=HANOI)
    listed = [line.id for line in officers.listing(session, within, day=today)]
    assert gone not in listed
    assert flagged in listed
    counts = officers.state_counts(session, within, day=today)
    assert sum(counts.values()) == len(listed)
    assert counts[State.FLAG] == 1
    assert gone in [line.id for line in officers.listing(session, within, day=today - 1)]


def test_names_are_found_without_their_marks() -> None:
    assert officers.plain("Đỗ Thị HÒA") == "do thi hoa"
    assert officers.plain("Nguyễn Ước") == officers.plain("nguyen uoc")
