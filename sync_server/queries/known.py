"""Which of the ids that a batch names are known, and what belongs to them. Nothing known is ever deleted."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sync_server.models.organisation import Counter, Officer, OfficerService, Service, SurveyVersion, Unit
from sync_server.queries.units import DEEPEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """officers; counters with their unit; services; surveys with their scale; officers with their declared service."""

    officers: frozenset[int]
    counter_units: Mapping[int, int]
    services: frozenset[int]
    survey_scales: Mapping[int, str]
    declared: Mapping[int, int]


def known(
    session: Session,
    *,
    officers: Collection[int],
    counters: Collection[int],
    services: Collection[int],
    surveys: Collection[int],
    undeclared: Collection[int],
) -> Known:
    """What is known of the ids named. undeclared: officers rated without a service."""
    return Known(
        officers=frozenset(session.scalars(select(Officer.id).where(Officer.id.in_(officers)))),
        counter_units=_pairs(session, select(Counter.id, Counter.unit_id).where(Counter.id.in_(counters)))
        if counters
        else {},
        services=frozenset(session.scalars(select(Service.id).where(Service.id.in_(services))))
        if services
        else frozenset(),
        survey_scales=_pairs(
            session, select(SurveyVersion.id, SurveyVersion.scale).where(SurveyVersion.id.in_(surveys))
        ),
        declared=_declared(session, undeclared) if undeclared else {},
    )


def _pairs(session: Session, statement: Any) -> dict[Any, Any]:
    return {row[0]: row[1] for row in session.execute(statement)}


def _declared(session: Session, officers: Collection[int]) -> dict[int, int]:
    return _pairs(
        session,
        select(OfficerService.officer_id, func.min(OfficerService.service_id))
        .where(OfficerService.officer_id.in_(officers), OfficerService.declared)
        .group_by(OfficerService.officer_id),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitKnown:
    """What intake needs of a kiosk's unit: its sealed key, and its opening hours or those of the unit above."""

    key_sealed: bytes
    opening_hours: Mapping[str, Sequence[str]]


def unit_known(session: Session, unit_id: int) -> UnitKnown:
    """The unit of a kiosk. Settings that it does not have itself come from the nearest unit above that has them."""
    key_sealed, hours, above = b"", None, unit_id
    for _ in range(DEEPEST):
        row = session.execute(select(Unit.parent_id, Unit.key_sealed, Unit.settings).where(Unit.id == above)).one()
        key_sealed = key_sealed or row.key_sealed
        hours = row.settings.get("opening_hours")
        if hours is not None or row.parent_id is None:
            break
        above = row.parent_id
    return UnitKnown(key_sealed=key_sealed, opening_hours=hours or {})
