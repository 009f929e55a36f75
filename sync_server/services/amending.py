"""Change what is there of the organisation. Nothing is deleted: what ends gets a last day, and its history stays."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from sync_server.errors import NotFound, Refused
from sync_server.models.history import OfficerMove
from sync_server.models.organisation import Counter, Duty, Officer, Unit
from sync_server.services.organisation import CATEGORIES, UNIT_KINDS

DEEPEST = 12


def amend_unit(
    session: Session,
    unit_id: int,
    *,
    name: str,
    kind: str,
    parent_id: int | None,
    hotline: str,
    valid_from: int | None,
    valid_until: int | None,
) -> None:
    """Change a unit. Raises `NotFound`, or `Refused` for a parent below itself, an unknown kind or dates that cross."""
    unit = _found(session, Unit, unit_id, "unit")
    if kind not in UNIT_KINDS:
        raise Refused(f"{kind!r} is no kind of unit; take one of {', '.join(UNIT_KINDS)}")
    _must_not_cross(valid_from, valid_until)
    above, depth = parent_id, 0
    while above is not None:
        if above == unit_id or depth > DEEPEST:
            raise Refused(f"unit {parent_id} lies below unit {unit_id} and cannot be above it too")
        above, depth = _found(session, Unit, above, "unit").parent_id, depth + 1
    unit.name, unit.kind, unit.parent_id = _named(name), kind, parent_id
    unit.hotline, unit.valid_from, unit.valid_until = hotline.strip(), valid_from, valid_until


def amend_officer(
    session: Session,
    officer_id: int,
    *,
    name: str,
    title: str,
    category: str,
    unit_id: int,
    valid_from: int | None,
    valid_until: int | None,
    now: int,
) -> None:
    """Change an officer; another unit is a transfer: past tallies stay with the unit where they were earned, and duty
    at a counter of the old unit ends. Raises `NotFound` or `Refused`."""
    officer = _found(session, Officer, officer_id, "officer")
    _found(session, Unit, unit_id, "unit")
    if category not in CATEGORIES:
        raise Refused(f"{category!r} is no category of officers; take one of {', '.join(CATEGORIES)}")
    _must_not_cross(valid_from, valid_until)
    if officer.unit_id != unit_id:
        session.execute(update(Duty).where(Duty.officer_id == officer_id, Duty.until_at.is_(None)).values(until_at=now))
        session.add(OfficerMove(officer_id=officer_id, from_unit_id=officer.unit_id, to_unit_id=unit_id, moved_at=now))
    officer.name, officer.title, officer.category = _named(name), title.strip(), category
    officer.unit_id, officer.valid_from, officer.valid_until = unit_id, valid_from, valid_until


def rename_counter(session: Session, counter_id: int, *, name: str) -> None:
    """Give a desk another name. Raises `NotFound` or `Refused`."""
    _found(session, Counter, counter_id, "counter").name = _named(name)


def unit_of_counter(session: Session, counter_id: int) -> int:
    """The unit of a desk. Raises `NotFound`."""
    found = session.scalar(select(Counter.unit_id).where(Counter.id == counter_id))
    if found is None:
        raise NotFound(f"there is no counter {counter_id}")
    return found


def _found(session: Session, kind: Any, number: int, word: str) -> Any:
    row = session.get(kind, number)
    if row is None:
        raise NotFound(f"there is no {word} {number}")
    return row


def _named(name: str) -> str:
    if not name.strip():
        raise Refused("a name is missing")
    return name.strip()


def _must_not_cross(first: int | None, until: int | None) -> None:
    if first is not None and until is not None and until <= first:
        raise Refused("the last day lies before the first")
