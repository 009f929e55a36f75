"""The organisation as its pages show it: units with their counters, officers and procedures."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sync_server.errors import NotFound
from sync_server.models.kiosk import Kiosk
from sync_server.models.organisation import Counter, Duty, Field, Officer, OfficerService, Service, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much there is in a unit, the units below not counted."""

    officers: int = 0
    counters: int = 0
    kiosks: int = 0


def sizes(session: Session, unit_ids: Collection[int], *, day: int) -> dict[int, Size]:
    """Unit → its size on a day."""
    counts: dict[str, dict[int, int]] = {
        "officers": _count(
            session,
            select(Officer.unit_id, func.count()).where(
                Officer.unit_id.in_(unit_ids), (Officer.valid_until.is_(None)) | (Officer.valid_until > day)
            ),
            Officer.unit_id,
        ),
        "counters": _count(
            session, select(Counter.unit_id, func.count()).where(Counter.unit_id.in_(unit_ids)), Counter.unit_id
        ),
        "kiosks": _count(
            session,
            select(Kiosk.unit_id, func.count()).where(
                Kiosk.unit_id.in_(unit_ids), Kiosk.retired_at.is_(None), Kiosk.name != "Điện thoại của người dân"
            ),
            Kiosk.unit_id,
        ),
    }
    return {
        unit_id: Size(**{name: of_unit.get(unit_id, 0) for name, of_unit in counts.items()}) for unit_id in unit_ids
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A counter and who sits there now. since_at: milliseconds UTC."""

    id: int
    name: str
    officer_id: int | None
    officer: str | None
    since_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerRow:
    """An officer in the list of a unit; days are ordinals."""

    id: int
    name: str
    title: str
    category: str
    unit_id: int
    has_photo: bool
    valid_from: int | None
    valid_until: int | None
    services: tuple[int, ...] = ()
    declared: int | None = None

    def serves(self, day: int) -> bool:
        """Whether the officer serves on a day."""
        return (self.valid_from or 0) <= day and (self.valid_until is None or self.valid_until > day)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCard:
    """A unit with all that is directly in it."""

    id: int
    name: str
    kind: str
    parent_id: int | None
    hotline: str
    valid_from: int | None
    valid_until: int | None
    settings: Mapping[str, Any]
    has_pin: bool
    desks: tuple[Desk, ...]
    officers: tuple[OfficerRow, ...]


def unit_card(session: Session, unit_id: int, within: Collection[int]) -> UnitCard:
    """A unit of these. Raises `NotFound`."""
    unit = session.get(Unit, unit_id) if unit_id in within else None
    if unit is None:
        raise NotFound(f"there is no unit {unit_id} in reach")
    desks = session.execute(
        select(Counter.id, Counter.name, Duty.officer_id, Officer.name.label("officer"), Duty.since_at)
        .outerjoin(Duty, (Duty.counter_id == Counter.id) & Duty.until_at.is_(None))
        .outerjoin(Officer, Officer.id == Duty.officer_id)
        .where(Counter.unit_id == unit_id)
        .order_by(Counter.name, Counter.id)
    )
    return UnitCard(
        id=unit.id,
        name=unit.name,
        kind=unit.kind,
        parent_id=unit.parent_id,
        hotline=unit.hotline,
        valid_from=unit.valid_from,
        valid_until=unit.valid_until,
        settings=unit.settings,
        has_pin=unit.staff_pin is not None,
        desks=tuple(Desk(**row._mapping) for row in desks),
        officers=tuple(_officers(session, Officer.unit_id == unit_id)),
    )


def officer_row(session: Session, officer_id: int, within: Collection[int]) -> OfficerRow:
    """An officer of these units. Raises `NotFound`."""
    found = _officers(session, (Officer.id == officer_id) & Officer.unit_id.in_(within))
    if not found:
        raise NotFound(f"there is no officer {officer_id} in reach")
    return found[0]


def photo(session: Session, officer_id: int, within: Collection[int]) -> bytes:
    """An officer's photo (JPEG or PNG). Raises `NotFound`."""
    found = session.scalar(select(Officer.photo).where(Officer.id == officer_id, Officer.unit_id.in_(within)))
    if found is None:
        raise NotFound(f"officer {officer_id} has no photo")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """A procedure; officers: how many do it."""

    id: int
    name: str
    name_en: str
    officers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """A field with its procedures."""

    id: int
    name: str
    name_en: str
    services: tuple[ServiceRow, ...]


def catalogue(session: Session) -> list[FieldRow]:
    """All fields with their procedures, by name."""
    doing = _count(session, select(OfficerService.service_id, func.count()), OfficerService.service_id)
    of_field: dict[int, list[ServiceRow]] = {}
    for service in session.scalars(select(Service).order_by(Service.name, Service.id)):
        row = ServiceRow(id=service.id, name=service.name, name_en=service.name_en, officers=doing.get(service.id, 0))
        of_field.setdefault(service.field_id, []).append(row)
    return [
        FieldRow(id=field.id, name=field.name, name_en=field.name_en, services=tuple(of_field.get(field.id, ())))
        for field in session.scalars(select(Field).order_by(Field.name, Field.id))
    ]


def _count(session: Session, statement: Any, group: Any) -> dict[int, int]:
    return {row[0]: row[1] for row in session.execute(statement.group_by(group))}


def _officers(session: Session, condition: Any) -> list[OfficerRow]:
    rows = session.execute(
        select(
            Officer.id,
            Officer.name,
            Officer.title,
            Officer.category,
            Officer.unit_id,
            Officer.photo.isnot(None).label("has_photo"),
            Officer.valid_from,
            Officer.valid_until,
        ).where(condition)
    ).all()
    services: dict[int, list[int]] = {}
    declared: dict[int, int] = {}
    for link in session.scalars(
        select(OfficerService)
        .where(OfficerService.officer_id.in_([row.id for row in rows]))
        .order_by(OfficerService.service_id)
    ):
        services.setdefault(link.officer_id, []).append(link.service_id)
        if link.declared:
            declared[link.officer_id] = link.service_id
    found = [
        OfficerRow(**row._mapping, services=tuple(services.get(row.id, ())), declared=declared.get(row.id))
        for row in rows
    ]
    return sorted(found, key=lambda row: (row.valid_until is not None, row.name.casefold().split()[::-1], row.id))
