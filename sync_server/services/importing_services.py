"""Take a list of fields and procedures over, whole or not at all."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from sync_server.errors import Refused
from sync_server.lists import plain
from sync_server.models.organisation import Field, Service
from sync_server.service_lists import KnownServices, Named, ServicePlan
from sync_server.services import organisation


def known_services(session: Session) -> KnownServices:
    """What a list is compared with: all fields and procedures."""
    fields: dict[str, list[Named]] = {}
    names: dict[int, str] = {}
    for row in session.scalars(select(Field).order_by(Field.id)):
        names[row.id] = plain(row.name)
        fields.setdefault(names[row.id], []).append(Named(id=row.id, name_en=row.name_en))
    services: dict[tuple[str, str], list[Named]] = {}
    for service in session.scalars(select(Service).order_by(Service.id)):
        key = (names[service.field_id], plain(service.name))
        services.setdefault(key, []).append(Named(id=service.id, name_en=service.name_en))
    return KnownServices(fields=fields, services=services)


def carry_out(session: Session, plan: ServicePlan) -> int:
    """Add and change what a plan without faults says; how many procedures. Raises `Refused` for one that has faults."""
    if plan.faults:
        raise Refused(f"the list has {len(plan.faults)} faults; nothing was changed")
    made: dict[str, int] = {}
    for wanted in (*plan.new, *plan.changed):
        field_id = wanted.field_id or made.get(plain(wanted.field))
        if field_id is None:
            field_id = organisation.add_field(session, name=wanted.field, name_en=wanted.field_en).id
            made[plain(wanted.field)] = field_id
        elif "field_en" in wanted.changes:
            session.get_one(Field, field_id).name_en = wanted.field_en
        if wanted.service_id is None:
            organisation.add_service(session, field_id=field_id, name=wanted.service, name_en=wanted.service_en)
        elif "service_en" in wanted.changes:
            session.get_one(Service, wanted.service_id).name_en = wanted.service_en
    return len(plan.new) + len(plan.changed)
