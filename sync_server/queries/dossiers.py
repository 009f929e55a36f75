"""What a slip is made of: the officers on duty in some units and the procedures that they do."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from sync_server.errors import NotFound
from sync_server.models.organisation import Field, Officer, OfficerService, Service, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A procedure in its field."""

    id: int
    name: str
    name_en: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """An officer who serves now, with the procedures that they do, the declared one first."""

    id: int
    name: str
    title: str
    unit_id: int
    unit: str
    hotline: str
    services: tuple[Procedure, ...] = ()


def serving(session: Session, unit_ids: Collection[int], *, day: int) -> list[Server]:
    """The officers who serve in these units on a day, by unit and name."""
    rows = session.execute(
        select(Officer.id, Officer.name, Officer.title, Officer.unit_id, Unit.name.label("unit"), Unit.hotline)
        .join(Unit, Unit.id == Officer.unit_id)
        .where(
            Officer.unit_id.in_(unit_ids),
            or_(Officer.valid_from.is_(None), Officer.valid_from <= day),
            or_(Officer.valid_until.is_(None), Officer.valid_until > day),
        )
    ).all()
    does = _procedures(session, [row.id for row in rows])
    found = [Server(**row._mapping, services=tuple(does.get(row.id, ()))) for row in rows]
    return sorted(found, key=lambda each: (each.unit.casefold(), each.name.casefold(), each.id))


def server(session: Session, officer_id: int, unit_ids: Collection[int], *, day: int) -> Server:
    """One officer who serves in these units on a day. Raises `NotFound`."""
    for each in serving(session, unit_ids, day=day):
        if each.id == officer_id:
            return each
    raise NotFound(f"officer {officer_id} does not serve in these units")


def _procedures(session: Session, officer_ids: Collection[int]) -> dict[int, list[Procedure]]:
    rows = session.execute(
        select(OfficerService.officer_id, Service.id, Service.name, Service.name_en, Field.name.label("field"))
        .join(Service, Service.id == OfficerService.service_id)
        .join(Field, Field.id == Service.field_id)
        .where(OfficerService.officer_id.in_(officer_ids))
        .order_by(OfficerService.declared.desc(), Field.name, Service.name)
    )
    found: dict[int, list[Procedure]] = {}
    for row in rows:
        procedure = Procedure(id=row.id, name=row.name, name_en=row.name_en, field=row.field)
        found.setdefault(row.officer_id, []).append(procedure)
    return found
