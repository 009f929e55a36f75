"""The organisation tree: what lies below a unit, and how it is listed."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
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


def subtree(session: Session, top: int | None) -> frozenset[int]:
    """The ids of a unit and all below it: what a person of that unit may see. The whole tree for `None`."""
    above = parents(session)
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
    rows = session.execute(select(Unit.id, Unit.parent_id, Unit.name, Unit.kind).where(Unit.id.in_(within)))
    units = {row.id: row for row in rows}
    children: dict[int | None, list[int]] = {}
    for unit in units.values():
        parent = unit.parent_id if unit.parent_id in units else None
        children.setdefault(parent, []).append(unit.id)
    lines: list[UnitLine] = []

    def draw(parent: int | None, depth: int) -> None:
        for unit_id in sorted(children.get(parent, ()), key=lambda item: (units[item].name.casefold(), item)):
            unit = units[unit_id]
            lines.append(UnitLine(id=unit.id, parent_id=unit.parent_id, name=unit.name, kind=unit.kind, depth=depth))
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
