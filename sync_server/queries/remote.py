"""Settings of a unit's or a kiosk's own, beside what holds without them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.setup import Behaviour
from sync_server.errors import NotFound
from sync_server.models.kiosk import Kiosk
from sync_server.models.organisation import Counter, Unit
from sync_server.queries.setup import behaviour_of, line_of_units
from sync_server.shown import Shown, merged


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """settings and shown: its own; behaviour and inherited: what holds where it has nothing of its own."""

    id: int
    name: str
    unit_id: int
    unit: str
    settings: Mapping[str, Any]
    shown: Mapping[str, Any]
    behaviour: Behaviour
    inherited: Shown
    has_pin: bool = False
    counter_id: int | None = None
    counters: tuple[tuple[int, str], ...] = ()


def of_unit(session: Session, unit_id: int, within: Collection[int]) -> Remote:
    """A unit's own settings. Raises `NotFound`."""
    if unit_id not in within or session.get(Unit, unit_id) is None:
        raise NotFound(f"there is no unit {unit_id} in reach")
    unit, *above = line_of_units(session, unit_id)
    return Remote(
        id=unit.id,
        name=unit.name,
        unit_id=unit.id,
        unit=unit.name,
        settings=unit.settings,
        shown=unit.shown,
        behaviour=behaviour_of([each.settings for each in above]),
        inherited=merged([each.shown for each in above]),
        has_pin=unit.staff_pin is not None,
    )


def of_kiosk(session: Session, kiosk_id: int, within: Collection[int]) -> Remote:
    """A kiosk's own settings, and where in its unit it may stand. Raises `NotFound`, also for one that is retired."""
    kiosk = session.get(Kiosk, kiosk_id)
    if kiosk is None or kiosk.unit_id not in within or kiosk.retired_at is not None:
        raise NotFound(f"there is no kiosk {kiosk_id} in use in these units")
    line = line_of_units(session, kiosk.unit_id)
    counters = session.execute(
        select(Counter.id, Counter.name).where(Counter.unit_id == kiosk.unit_id).order_by(Counter.name, Counter.id)
    )
    return Remote(
        id=kiosk.id,
        name=kiosk.name,
        unit_id=kiosk.unit_id,
        unit=line[0].name,
        settings=kiosk.settings,
        shown=kiosk.shown,
        behaviour=behaviour_of([each.settings for each in line]),
        inherited=merged([each.shown for each in line]),
        counter_id=kiosk.counter_id,
        counters=tuple((row.id, row.name) for row in counters),
    )
