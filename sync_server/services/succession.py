"""Merge and split units: those that end pass their people, desks, kiosks and accounts on, and keep their past.

What was earned in a unit stays with it: tallies, reports and closed cases. Its row stays, with a last day.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from sync_server.casework.steps import State
from sync_server.errors import NotFound, Refused
from sync_server.models.casework import CaseFile
from sync_server.models.history import KioskMove, OfficerMove, UnitSuccessor
from sync_server.models.kiosk import Kiosk
from sync_server.models.organisation import Counter, Duty, Officer, Unit
from sync_server.models.people import Staff
from sync_server.queries.kiosk_list import PHONES

Chosen = Mapping[str, int]
"""Wire id of an officer, counter, kiosk or unit, or `a` and the number of an account → the successor it goes to."""


def succeed(
    session: Session,
    *,
    ended: Sequence[int],
    successors: Sequence[int],
    day: int,
    today: int,
    now: int,
    chosen: Chosen | None = None,
) -> None:
    """Let units end on a day and pass into successors, which are there already.

    Several into one is a merger, one into several a split: whatever `chosen` does not name goes to the first of
    `successors`. Done at once, so that `day` is today or before. In one transaction; again it is refused, since the
    units have ended then. Raises `NotFound` or `Refused`.
    """
    _must_make_sense(session, ended, successors, day, today)
    chosen = dict(chosen or {})
    if strangers := set(chosen.values()) - set(successors):
        raise Refused(f"units {sorted(strangers)} are no successors; choose some of {sorted(successors)}")
    for unit_id in ended:
        unit = session.get_one(Unit, unit_id)
        for successor_id in successors:
            session.add(UnitSuccessor(unit_id=unit_id, successor_id=successor_id, day=day))
            _take_over_settings(unit, session.get_one(Unit, successor_id))
        move = _Move(session, unit_id, successors[0], chosen, day, now)
        move.people()
        move.desks()
        move.kiosks()
        move.units_below()
        unit.valid_until = day
    session.flush()


def _must_make_sense(session: Session, ended: Sequence[int], successors: Sequence[int], day: int, today: int) -> None:
    if not ended or not successors or len(set(ended)) < len(ended) or len(set(successors)) < len(successors):
        raise Refused("name the units that end and those they pass into, each once")
    if len(ended) > 1 and len(successors) > 1:
        raise Refused("several units cannot pass into several at once; do it in steps")
    if set(ended) & set(successors):
        raise Refused("a unit cannot pass into itself; leave out the one that stays")
    if day > today:
        raise Refused("the day has not come; do it on the day")
    for unit_id in (*ended, *successors):
        unit = session.get(Unit, unit_id)
        if unit is None:
            raise NotFound(f"there is no unit {unit_id}")
        if unit.valid_until is not None and (unit_id in ended or unit.valid_until <= day):
            raise Refused(f"{unit.name} has ended or will end; it can neither end again nor take over")
        if unit_id in ended and unit.valid_from is not None and unit.valid_from >= day:
            raise Refused(f"{unit.name} begins after the day on which it would end")
    for successor_id in successors:
        if lies_below := set(ended) & set(_line(session, successor_id)):
            raise Refused(f"unit {successor_id} lies below unit {min(lies_below)}, which would end; move it first")


def _line(session: Session, unit_id: int) -> list[int]:
    line: list[int] = []
    at: int | None = unit_id
    while at is not None and at not in line:
        line.append(at)
        at = session.get_one(Unit, at).parent_id
    return line


def _take_over_settings(unit: Unit, successor: Unit) -> None:
    """A new unit's kiosks go on as they did: it has what the first one that passed into it had."""
    successor.settings = successor.settings or dict(unit.settings)
    successor.shown = successor.shown or dict(unit.shown)
    successor.staff_pin = successor.staff_pin or unit.staff_pin
    successor.hotline = successor.hotline or unit.hotline


class _Move:
    """What one unit passes on."""

    def __init__(self, session: Session, unit_id: int, successor_id: int, chosen: Chosen, day: int, now: int) -> None:
        self.session = session
        self.unit_id = unit_id
        self.successor_id = successor_id
        self.chosen = chosen
        self.day = day
        self.now = now
        self.counters: dict[int, Counter] = {}

    def to(self, key: str) -> int:
        """Where something goes."""
        return self.chosen.get(key, self.successor_id)

    def people(self) -> None:
        """Officers who serve on, with their open cases, and accounts in use."""
        for officer in self._rows(Officer, Officer.unit_id):
            if officer.valid_until is not None and officer.valid_until <= self.day:
                continue
            goes_to = self.to(f"o{officer.id}")
            self.session.add(
                OfficerMove(officer_id=officer.id, from_unit_id=self.unit_id, to_unit_id=goes_to, moved_at=self.now)
            )
            officer.unit_id = goes_to
            self.session.execute(
                update(CaseFile)
                .where(
                    CaseFile.officer_id == officer.id, CaseFile.unit_id == self.unit_id, CaseFile.state != State.CLOSED
                )
                .values(unit_id=goes_to)
            )
        for account in self._rows(Staff, Staff.unit_id):
            if account.closed_at is not None:
                continue
            account.unit_id = self.to(f"a{account.id}")

    def desks(self) -> None:
        """A desk of the successor for each; the old one stays with the ratings that were given there."""
        taken: dict[int, set[str]] = {}
        for counter in self._rows(Counter, Counter.unit_id):
            goes_to = self.to(f"c{counter.id}")
            if goes_to not in taken:
                names = self.session.scalars(select(Counter.name).where(Counter.unit_id == goes_to))
                taken[goes_to] = {name.casefold() for name in names}
            name = counter.name
            if name.casefold() in taken[goes_to]:
                name = f"{name} ({self.session.get_one(Unit, self.unit_id).name})"[:100]
            taken[goes_to].add(name.casefold())
            made = Counter(unit_id=goes_to, name=name)
            self.session.add(made)
            self.session.flush()
            self.counters[counter.id] = made
            self._pass_duty_on(counter.id, made)

    def _pass_duty_on(self, counter_id: int, made: Counter) -> None:
        rows = self.session.scalars(select(Duty).where(Duty.counter_id == counter_id, Duty.until_at.is_(None))).all()
        for duty in rows:
            duty.until_at = self.now
            if self.session.get_one(Officer, duty.officer_id).unit_id == made.unit_id:
                self.session.add(Duty(counter_id=made.id, officer_id=duty.officer_id, since_at=self.now, until_at=None))

    def kiosks(self) -> None:
        """Kiosks in use go where their desk goes. The ledger of citizens' phones stays: each unit has its own."""
        rows = self.session.scalars(
            select(Kiosk).where(Kiosk.unit_id == self.unit_id, Kiosk.retired_at.is_(None)).with_for_update()
        ).all()
        for kiosk in rows:
            if kiosk.device.get("hardware") == PHONES:
                continue
            desk = self.counters.get(kiosk.counter_id) if kiosk.counter_id is not None else None
            self.session.add(
                KioskMove(
                    kiosk_id=kiosk.id,
                    from_unit_id=self.unit_id,
                    from_counter_id=kiosk.counter_id,
                    moved_at=self.now,
                )
            )
            kiosk.unit_id = desk.unit_id if desk is not None else self.to(f"k{kiosk.id}")
            kiosk.counter_id = desk.id if desk is not None else None

    def units_below(self) -> None:
        """Units below that still stand."""
        for unit in self._rows(Unit, Unit.parent_id):
            if unit.valid_until is None:
                unit.parent_id = self.to(f"u{unit.id}")

    def _rows(self, kind: Any, column: Any) -> Collection[Any]:
        return self.session.scalars(select(kind).where(column == self.unit_id).order_by(kind.id)).all()
