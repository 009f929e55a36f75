"""The organisation tree: what lies below a unit, and how it is listed."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from sync_server.errors import NotFound
from sync_server.models.organisation import Unit

DEEPEST = 12
"""Levels of a tree that are followed. A ring of parents, made by hand in the database, must not hang a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLine:
    """A unit in a list drawn as a tree; depth counts from the top of the list, which is 0."""

    id: int
    parent_id: int | None
    name: str
    kind: str
    depth: int
    valid_from: int | None = None
    valid_until: int | None = None

    def stands(self, day: int) -> bool:
        """Whether the unit stands on a day: it has begun and has not ended."""
        return (self.valid_from or 0) <= day and (self.valid_until is None or self.valid_until > day)


def subtree(session: Session, top: int | None, *, day: int | None = None) -> frozenset[int]:
    """The ids of a unit and all below it: what a person of that unit may see. The whole tree for `None`.

    day: leave out those that had not begun or had ended by then; without it also ended units belong, for their past.
    """
    above = parents(session)
    if day is not None:
        rows = session.execute(
            select(Unit.id).where(
                or_(Unit.valid_from.is_(None), Unit.valid_from <= day),
                or_(Unit.valid_until.is_(None), Unit.valid_until > day),
            )
        )
        return subtree(session, top) & {row.id for row in rows}
    if top is None:
        return frozenset(above)
    return frozenset(_below(top, _children(above))) if top in above else frozenset()


def parents(session: Session) -> dict[int, int | None]:
    """Every unit → the one above it."""
    return {row.id: row.parent_id for row in session.execute(select(Unit.id, Unit.parent_id))}


def line_of(session: Session, unit_id: int) -> list[int]:
    """A unit, its parent, and so on to the root."""
    above = parents(session)
    line: list[int] = []
    at: int | None = unit_id
    while at is not None and len(line) <= DEEPEST:
        line.append(at)
        at = above.get(at)
    return line


def tree(session: Session, within: frozenset[int]) -> list[UnitLine]:
    """The units of `within`, parents before their children, sisters by name."""
    if not within:
        return []
    columns = (Unit.id, Unit.parent_id, Unit.name, Unit.kind, Unit.valid_from, Unit.valid_until)
    rows = session.execute(select(*columns).where(Unit.id.in_(within)))
    units = {row.id: row for row in rows}
    children: dict[int | None, list[int]] = {}
    for unit in units.values():
        parent = unit.parent_id if unit.parent_id in units else None
        children.setdefault(parent, []).append(unit.id)
    lines: list[UnitLine] = []

    def draw(parent: int | None, depth: int) -> None:
        for unit_id in sorted(children.get(parent, ()), key=lambda item: (units[item].name.casefold(), item)):
            unit = units[unit_id]
            lines.append(UnitLine(**unit._mapping, depth=depth))
            if depth < DEEPEST:
                draw(unit_id, depth + 1)

    draw(None, 0)
    return lines


def one(session: Session, unit_id: int, within: frozenset[int]) -> UnitLine:
    """One unit of `within`. Raises `NotFound`, for units of others too: they cannot be told apart."""
    found = tree(session, within & {unit_id})
    if not found:
        raise NotFound(f"there is no unit {unit_id} within your units")
    return found[0]


def _children(above: dict[int, int | None]) -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for unit_id, parent_id in above.items():
        if parent_id is not None:
            children.setdefault(parent_id, []).append(unit_id)
    return children


def _below(top: int, children: dict[int, list[int]]) -> Iterator[int]:
    layer, seen = [top], {top}
    for _ in range(DEEPEST + 1):
        yield from layer
        layer = [child for unit_id in layer for child in children.get(unit_id, ()) if child not in seen]
        seen.update(layer)
