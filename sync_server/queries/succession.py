"""What became of units: who passed into whom, and what a unit that ends would pass on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from sync_server.ids import COUNTER, KIOSK, OFFICER, UNIT, write_id
from sync_server.models.history import OfficerMove, UnitSuccessor
from sync_server.models.kiosk import Kiosk
from sync_server.models.organisation import Counter, Officer, Unit
from sync_server.models.people import Staff
from sync_server.queries.kiosk_list import PHONES


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A unit passed into another from `day` on."""

    unit_id: int
    unit: str
    successor_id: int
    successor: str
    day: int


def passages(session: Session, unit_ids: Collection[int]) -> list[Passage]:
    """Where these units came from and what they passed into, the latest first."""
    before, after = Unit.__table__.alias("before"), Unit.__table__.alias("after")
    rows = session.execute(
        select(UnitSuccessor, before.c.name.label("unit"), after.c.name.label("successor"))
        .join(before, before.c.id == UnitSuccessor.unit_id)
        .join(after, after.c.id == UnitSuccessor.successor_id)
        .where(or_(UnitSuccessor.unit_id.in_(unit_ids), UnitSuccessor.successor_id.in_(unit_ids)))
        .order_by(UnitSuccessor.day.desc(), UnitSuccessor.unit_id, UnitSuccessor.successor_id)
    )
    return [
        Passage(unit_id=row.unit_id, unit=unit, successor_id=row.successor_id, successor=successor, day=row.day)
        for row, unit, successor in rows
    ]


def with_predecessors(session: Session, unit_ids: Collection[int]) -> frozenset[int]:
    """These units and all that passed into them, directly or over others: for figures that go on across a merger.

    A unit that was split belongs to each of its successors; it is counted once where both are asked for.
    """
    before: dict[int, set[int]] = {}
    for row in session.execute(select(UnitSuccessor.unit_id, UnitSuccessor.successor_id)):
        before.setdefault(row.successor_id, set()).add(row.unit_id)
    found, waiting = set(unit_ids), list(unit_ids)
    while waiting:
        for unit_id in before.get(waiting.pop(), ()):
            if unit_id not in found:
                found.add(unit_id)
                waiting.append(unit_id)
    return frozenset(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Something that a unit passes on. key: as `services.succession.Chosen` has it; kind: `officer`, `counter`,
    `kiosk` (one that serves a whole unit; others go with their counter), `account` or `unit`."""

    key: str
    kind: str
    name: str
    unit: str


def pieces(session: Session, unit_ids: Sequence[int], *, day: int) -> list[Piece]:
    """What these units would pass on, unit by unit."""
    names = {row.id: row.name for row in session.execute(select(Unit.id, Unit.name))}
    found: list[Piece] = []

    def add(unit_id: int | None, kind: str, key: str, name: str) -> None:
        found.append(Piece(key=key, kind=kind, name=name, unit=names[unit_id or 0]))

    officers = select(Officer.id, Officer.name, Officer.unit_id).where(
        Officer.unit_id.in_(unit_ids), or_(Officer.valid_until.is_(None), Officer.valid_until > day)
    )
    for row in session.execute(officers.order_by(Officer.unit_id, Officer.name, Officer.id)):
        add(row.unit_id, "officer", write_id(OFFICER, row.id), row.name)
    counters = select(Counter.id, Counter.name, Counter.unit_id).where(Counter.unit_id.in_(unit_ids))
    for row in session.execute(counters.order_by(Counter.unit_id, Counter.name, Counter.id)):
        add(row.unit_id, "counter", write_id(COUNTER, row.id), row.name)
    kiosks = select(Kiosk).where(Kiosk.unit_id.in_(unit_ids), Kiosk.retired_at.is_(None), Kiosk.counter_id.is_(None))
    for kiosk in session.scalars(kiosks.order_by(Kiosk.unit_id, Kiosk.name, Kiosk.id)):
        if kiosk.device.get("hardware") != PHONES:
            add(kiosk.unit_id, "kiosk", write_id(KIOSK, kiosk.id), kiosk.name)
    accounts = select(Staff.id, Staff.name, Staff.unit_id).where(Staff.unit_id.in_(unit_ids), Staff.closed_at.is_(None))
    for number, name, unit_id in session.execute(accounts.order_by(Staff.unit_id, Staff.name, Staff.id)):
        add(unit_id, "account", f"a{number}", name)
    below = select(Unit.id, Unit.name, Unit.parent_id).where(Unit.parent_id.in_(unit_ids), Unit.valid_until.is_(None))
    for number, name, parent_id in session.execute(below.order_by(Unit.parent_id, Unit.name, Unit.id)):
        add(parent_id, "unit", write_id(UNIT, number), name)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """A transfer of an officer."""

    left: str
    joined: str
    moved_at: int


def postings(session: Session, officer_id: int) -> list[Posting]:
    """An officer's transfers, the latest first."""
    left, joined = Unit.__table__.alias("left_unit"), Unit.__table__.alias("joined_unit")
    rows = session.execute(
        select(left.c.name.label("left"), joined.c.name.label("joined"), OfficerMove.moved_at)
        .join(left, left.c.id == OfficerMove.from_unit_id)
        .join(joined, joined.c.id == OfficerMove.to_unit_id)
        .where(OfficerMove.officer_id == officer_id)
        .order_by(OfficerMove.moved_at.desc(), OfficerMove.id.desc())
    )
    return [Posting(**row._mapping) for row in rows]
