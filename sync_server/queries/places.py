"""Find a unit or counter by what a person types: its id or its name."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from sync_server.errors import NotFound
from sync_server.ids import COUNTER, UNIT, read_id, write_id
from sync_server.models.organisation import Counter, Unit

LISTED_MAX = 20
"""Places that a message lists at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A unit, or a counter of it. calls: the names by which people may mean it."""

    unit_id: int
    counter_id: int | None = None
    name: str
    calls: tuple[str, ...]

    @property
    def wire_id(self) -> str:
        """`c3` for a counter, `u2` for a unit."""
        return write_id(COUNTER, self.counter_id) if self.counter_id else write_id(UNIT, self.unit_id)


def unit_called(session: Session, typed: str | None) -> Place:
    """The unit with this id (`u3`) or name; the only one there is for None. Raises `NotFound`, which lists them."""
    rows = session.execute(select(Unit.id, Unit.name).order_by(Unit.id))
    places = [Place(unit_id=number, name=name, calls=(name,)) for number, name in rows]
    return _the_one(places, read_id(UNIT, typed or ""), typed, "unit")


def counter_called(session: Session, typed: str, *, within: int | None = None) -> Place:
    """The counter with this id (`c3`) or name, of one unit or of all. Raises `NotFound`, which lists them."""
    query = select(Counter.id, Counter.unit_id, Counter.name, Unit.name).join(Unit, Unit.id == Counter.unit_id)
    if within is not None:
        query = query.where(Counter.unit_id == within)
    places = [
        Place(unit_id=unit_id, counter_id=number, name=f"{name}, {unit}", calls=(name, f"{name}, {unit}"))
        for number, unit_id, name, unit in session.execute(query.order_by(Counter.id))
    ]
    return _the_one(places, read_id(COUNTER, typed), typed, "counter")


def _the_one(places: Sequence[Place], number: int | None, typed: str | None, word: str) -> Place:
    found = [
        place
        for place in places
        if typed is None
        or number == (place.counter_id or place.unit_id)
        or typed.strip().casefold() in (call.casefold() for call in place.calls)
    ]
    if len(found) == 1:
        return found[0]
    if not places:
        raise NotFound(f"there is no {word} yet; add one on the server's pages, or see how it looks: a demo's data")
    known = ", ".join(f"{place.wire_id} {place.name}" for place in (found or places)[:LISTED_MAX])
    what = "say which one by its id" if found else f"there is no {word} {typed!r}"
    raise NotFound(f"{what}: --{word} {(found or places)[0].wire_id} or another of {known}")
