"""Which of the ids that a batch names are known, and what belongs to them. Nothing known is ever deleted."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from sync_server.queries.prepared import Prepared
from sync_server.queries.units import DEEPEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """officers; counters with their unit; services; surveys with their scale; officers with their declared service."""

    officers: frozenset[int]
    counter_units: Mapping[int, int]
    services: frozenset[int]
    survey_scales: Mapping[int, str]
    declared: Mapping[int, int]


_ASKED = ("officers", "counters", "services", "surveys", "undeclared")
_KNOWN = Prepared(
    """
    SELECT 1 AS what, id, 0 AS number, '' AS scale FROM officer WHERE id IN :officers
    UNION ALL SELECT 2, id, unit_id, '' FROM counter WHERE id IN :counters
    UNION ALL SELECT 3, id, 0, '' FROM service WHERE id IN :services
    UNION ALL SELECT 4, id, 0, scale FROM survey_version WHERE id IN :surveys
    UNION ALL SELECT 5, officer_id, min(service_id), '' FROM officer_service
              WHERE officer_id IN :undeclared AND declared GROUP BY officer_id
    """
)


def known(
    session: Session,
    *,
    officers: Collection[int],
    counters: Collection[int],
    services: Collection[int],
    surveys: Collection[int],
    undeclared: Collection[int],
) -> Known:
    """What is known of the ids named, by one statement. undeclared: officers rated without a service."""
    asked = zip(_ASKED, (officers, counters, services, surveys, undeclared), strict=True)
    found: dict[int, dict[int, Any]] = {kind: {} for kind in range(1, 6)}
    for what, number, of, scale in _KNOWN.rows(session, {name: sorted(numbers) for name, numbers in asked}):
        found[what][number] = scale or of
    return Known(
        officers=frozenset(found[1]),
        counter_units=found[2],
        services=frozenset(found[3]),
        survey_scales=found[4],
        declared=found[5],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitKnown:
    """What intake needs of a kiosk's unit: its sealed key, and its opening hours or those of the unit above."""

    key_sealed: bytes
    opening_hours: Mapping[str, Sequence[str]]


_LINE = Prepared("SELECT parent_id, key_sealed, settings FROM unit WHERE id = :unit")  # one step up the tree


def unit_known(session: Session, unit_id: int) -> UnitKnown:
    """The unit of a kiosk. Settings that it does not have itself come from the nearest unit above that has them."""
    key_sealed, hours, above = b"", None, unit_id
    for _ in range(DEEPEST):
        ((parent_id, sealed, settings),) = _LINE.rows(session, {"unit": above})
        if isinstance(settings, str):  # SQLite's driver leaves reading JSON to us
            settings = json.loads(settings)
        key_sealed = key_sealed or sealed
        hours = settings.get("opening_hours")
        if hours is not None or parent_id is None:
            break
        above = parent_id
    return UnitKnown(key_sealed=key_sealed, opening_hours=hours or {})
