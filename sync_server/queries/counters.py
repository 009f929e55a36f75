"""Where a kiosk can stand."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from sync_server.ids import COUNTER, UNIT, write_id
from sync_server.models.organisation import Counter, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A counter, or (counter_id null) a whole unit. key: its wire id."""

    key: str
    unit_id: int
    unit: str
    counter_id: int | None = None
    counter: str | None = None


def places(session: Session, unit_ids: Collection[int]) -> list[Place]:
    """The units among these, each followed by its counters, by name."""
    found = [
        Place(key=write_id(UNIT, row.id), unit_id=row.id, unit=row.name)
        for row in session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(unit_ids)))
    ]
    found += [
        Place(key=write_id(COUNTER, row.id), unit_id=row.unit_id, unit=row.unit, counter_id=row.id, counter=row.name)
        for row in session.execute(
            select(Counter.id, Counter.name, Counter.unit_id, Unit.name.label("unit"))
            .join(Unit, Unit.id == Counter.unit_id)
            .where(Counter.unit_id.in_(unit_ids))
        )
    ]
    return sorted(found, key=lambda place: (place.unit.casefold(), place.unit_id, (place.counter or "").casefold()))
