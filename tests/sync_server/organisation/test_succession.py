"""Units merge and split: people, desks and kiosks go on, and every old figure stays where it was earned."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from sync_server.errors import NotFound, Refused
from sync_server.models.history import KioskMove, OfficerMove, UnitSuccessor
from sync_server.models.kiosk import Kiosk
from sync_server.models.organisation import Counter, Duty, Officer, Unit
from sync_server.models.people import Staff
from sync_server.models.rating import Counted, Rating, Tally
from sync_server.office import Office
from sync_server.queries import succession as queries
from sync_server.queries import units
from sync_server.services import standings, succession, tallies
from sync_server.services.check import check
from sync_server.services.tallies import Moves
from tests.builders import START, a_batch
from tests.sync_server import builders
from tests.sync_server.intake.conftest import Desk, make_desk

MINUTE = 60_000
TODAY = date(2026, 3, 2).toordinal()


def succeed(office: Office, ended: list[int], successors: list[int], **changes: Any) -> None:
    """Let units pass into others today."""
    given: dict[str, Any] = {"day": TODAY, "today": TODAY, "now": START + 30 * MINUTE, **changes}
    with office.database.write() as writing:
        succession.succeed(writing, ended=ended, successors=successors, **given)


def counted_in(office: Office) -> dict[int, int]:
    """Unit → counted ratings."""
    with office.database.read() as reading:
        total = func.sum(Tally.n1 + Tally.n2 + Tally.n3 + Tally.n4 + Tally.n5)
        rows = reading.execute(select(Tally.unit_id, total).group_by(Tally.unit_id))
        return {unit_id: int(n) for unit_id, n in rows}


def all_agrees(office: Office) -> bool:
    """Whether tallies and ledgers are what the ratings make."""
    with office.database.read() as reading:
        return check(reading, zone=office.zone) == []


def rated(desk: Desk, first: int, count: int, **changes: Any) -> None:
    """Ratings numbered from `first`, a minute each, which come at once."""
    at = START + first * MINUTE
    ratings = [desk.rating(seq=first + i, at=at + i * MINUTE, **changes) for i in range(count)]
    desk.send(a_batch(*ratings, at=at + count * MINUTE))


@pytest.fixture
def desk(office: Office) -> Desk:
    """A desk with three ratings given at its counter and three that name none."""
    made = make_desk(office)
    rated(made, 1, 3)
    rated(made, 4, 3, counter_id=None)
    return made


def test_a_merger_takes_people_desks_and_kiosks_along_and_leaves_the_figures(office: Office, desk: Desk) -> None:
    other = builders.make_unit(office, name="Xã Kia")
    kept = builders.make_counter(office, other, name="Quầy 1")
    head = builders.make_staff(office, unit=_unit(office, desk.unit_id))
    child = builders.make_unit(office, parent_id=desk.unit_id, kind="office")
    gone = builders.make_officer(office, _unit(office, desk.unit_id), valid_until=TODAY - 5)
    succeed(office, [desk.unit_id], [other.id])
    with office.database.read() as reading:
        officer, kiosk = reading.get_one(Officer, desk.officer_id), reading.get_one(Kiosk, desk.kiosk_id)
        counter = reading.get_one(Counter, kiosk.counter_id)
        assert (officer.unit_id, kiosk.unit_id, counter.unit_id) == (other.id, other.id, other.id)
        assert counter.id not in (kept.id, desk.counter_id)
        assert counter.name.startswith("Quầy 1 (")
        assert reading.get_one(Counter, desk.counter_id).unit_id == desk.unit_id
        duty = reading.scalars(select(Duty).where(Duty.until_at.is_(None))).one()
        assert (duty.counter_id, duty.officer_id) == (counter.id, desk.officer_id)
        assert reading.get_one(Staff, head.id).unit_id == other.id
        assert reading.get_one(Unit, child.id).parent_id == other.id
        assert reading.get_one(Officer, gone.id).unit_id == desk.unit_id
        assert reading.get_one(Unit, desk.unit_id).valid_until == TODAY
        assert [(row.unit_id, row.successor_id, row.day) for row in reading.scalars(select(UnitSuccessor))] == [
            (desk.unit_id, other.id, TODAY)
        ]
        assert len(reading.scalars(select(OfficerMove)).all()) == len(reading.scalars(select(KioskMove)).all()) == 1
    assert all_agrees(office)
    assert counted_in(office) == {desk.unit_id: 6}
    rated(desk, 40, 2, counter_id=f"c{counter.id}")
    rated(desk, 42, 2, counter_id=None)
    assert counted_in(office) == {desk.unit_id: 6, other.id: 4}
    assert all_agrees(office)
    with office.database.read() as reading:
        assert queries.with_predecessors(reading, {other.id}) == {other.id, desk.unit_id}
        assert [each.left for each in queries.postings(reading, desk.officer_id)] == [_unit(office, desk.unit_id).name]


def test_what_is_recounted_after_a_merger_is_taken_from_where_it_was(office: Office, desk: Desk) -> None:
    other = builders.make_unit(office)
    succeed(office, [desk.unit_id], [other.id])
    moves = Moves()
    with office.database.write() as writing:
        rows = standings.read(writing, Rating.seq.in_([3, 4]))
        assert [row.count(Counted.VERIFIED_UNTRUE, moves) for row in rows] == [True, True]
        standings.write(writing, rows)
        tallies.move(writing, moves)
    assert counted_in(office) == {desk.unit_id: 4}
    assert all_agrees(office)


def _unit(office: Office, unit_id: int) -> Unit:
    with office.database.read() as reading:
        return reading.get_one(Unit, unit_id)


def test_a_split_sends_each_thing_where_it_was_told(office: Office) -> None:
    old, north, south = (builders.make_unit(office, name=name) for name in ("Cũ", "Bắc", "Nam"))
    counters = [builders.make_counter(office, old, name=name) for name in ("Quầy 1", "Quầy 2")]
    officers = [builders.make_officer(office, counter=counter) for counter in counters]
    kiosks = [builders.make_kiosk(office, counter=counter)[0] for counter in counters]
    roaming, _ = builders.make_kiosk(office, old)
    account = builders.make_staff(office, "clerk", unit=old)
    with office.database.read() as reading:
        keys = [piece.key for piece in queries.pieces(reading, [old.id], day=TODAY)]
    assert set(keys) == {
        *(f"o{officer.id}" for officer in officers),
        *(f"c{counter.id}" for counter in counters),
        f"k{roaming.id}",
        f"a{account.id}",
    }
    to_south = {f"o{officers[1].id}": south.id, f"c{counters[1].id}": south.id, f"k{roaming.id}": south.id}
    succeed(office, [old.id], [north.id, south.id], chosen=to_south)
    with office.database.read() as reading:
        assert [reading.get_one(Officer, each.id).unit_id for each in officers] == [north.id, south.id]
        assert [reading.get_one(Kiosk, each.id).unit_id for each in (*kiosks, roaming)] == [
            north.id,
            south.id,
            south.id,
        ]
        assert reading.get_one(Staff, account.id).unit_id == north.id
        on_duty = reading.scalars(
            select(Duty.officer_id).where(Duty.until_at.is_(None)).order_by(Duty.officer_id)
        ).all()
        assert on_duty == [officer.id for officer in officers]
        assert queries.with_predecessors(reading, {south.id}) == {south.id, old.id}


def test_predecessors_are_followed_over_several_mergers(sqlite_office: Office) -> None:
    office = sqlite_office
    first, second, third, last = (builders.make_unit(office) for _ in range(4))
    succeed(office, [first.id, second.id], [third.id])
    succeed(office, [third.id], [last.id])
    with office.database.read() as reading:
        assert queries.with_predecessors(reading, {last.id}) == {first.id, second.id, third.id, last.id}
        assert queries.with_predecessors(reading, {third.id}) == {first.id, second.id, third.id}
        standing = units.subtree(reading, None, day=TODAY)
        before = units.subtree(reading, None, day=TODAY - 1)
        assert last.id in standing
        assert not {first.id, second.id, third.id} & standing
        assert {first.id, second.id, third.id} <= before


def test_a_successor_without_settings_goes_on_as_the_unit_before_did(sqlite_office: Office) -> None:
    office = sqlite_office
    old = builders.make_unit(office, settings={"thanks_s": 9}, hotline="0226 1")
    new, own = (
        builders.make_unit(office, hotline=""),
        builders.make_unit(office, settings={"thanks_s": 3}, hotline="0226 2"),
    )
    succeed(office, [old.id], [new.id, own.id])
    assert [(_unit(office, each.id).settings, _unit(office, each.id).hotline) for each in (new, own)] == [
        ({"thanks_s": 9}, "0226 1"),
        ({"thanks_s": 3}, "0226 2"),
    ]


def test_what_makes_no_sense_is_refused_and_changes_nothing(sqlite_office: Office) -> None:
    office = sqlite_office
    one, two, three, four = (builders.make_unit(office) for _ in range(4))
    below = builders.make_unit(office, parent_id=one.id)
    young = builders.make_unit(office, valid_from=TODAY)
    succeed(office, [four.id], [three.id])
    cases: list[tuple[list[int], list[int], dict[str, Any]]] = [
        ([], [two.id], {}),
        ([one.id], [], {}),
        ([one.id, one.id], [two.id], {}),
        ([one.id], [one.id], {}),
        ([one.id, two.id], [three.id, young.id], {}),
        ([one.id], [two.id], {"day": TODAY + 1}),
        ([four.id], [two.id], {}),
        ([one.id], [four.id], {}),
        ([young.id], [one.id], {}),
        ([one.id], [below.id], {}),
        ([one.id], [two.id], {"chosen": {"o1": three.id}}),
    ]
    for ended, successors, changes in cases:
        with pytest.raises(Refused):
            succeed(office, ended, successors, **changes)
    with pytest.raises(NotFound):
        succeed(office, [one.id], [999])
    assert _unit(office, one.id).valid_until is None
