"""Take a list of officers over, whole or not at all."""

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from sync_server.errors import Refused
from sync_server.lists import plain
from sync_server.models.organisation import Officer, OfficerService, Service, Unit
from sync_server.officer_lists import Known, Plan, Present
from sync_server.services import organisation


def known_for(session: Session, within: Collection[int]) -> Known:
    """What a list is compared with: the units of these ids, all procedures, and the units' officers."""
    services: dict[int, list[int]] = {}
    for link in session.scalars(select(OfficerService).order_by(OfficerService.service_id)):
        services.setdefault(link.officer_id, []).append(link.service_id)
    officers = session.scalars(select(Officer).where(Officer.unit_id.in_(within)))
    return Known(
        units=_by_name(session.execute(select(Unit.name, Unit.id).where(Unit.id.in_(within)))),
        services=_by_name(session.execute(select(Service.name, Service.id))),
        officers=[
            Present(
                id=row.id,
                unit_id=row.unit_id,
                name=row.name,
                title=row.title,
                category=row.category,
                services=tuple(services.get(row.id, ())),
                valid_from=row.valid_from,
            )
            for row in officers
        ],
    )


def carry_out(session: Session, plan: Plan) -> int:
    """Add and change the officers of a plan that has no faults; how many. Raises `Refused` for one that has."""
    if plan.faults:
        raise Refused(f"the list has {len(plan.faults)} faults; nothing was changed")
    for wanted in plan.new:
        made = organisation.add_officer(
            session,
            unit_id=wanted.unit_id,
            name=wanted.name,
            title=wanted.title,
            category=wanted.category,
            valid_from=wanted.valid_from,
        )
        if wanted.services:
            organisation.assign_services(session, made.id, wanted.services, declared=wanted.services[0])
    for wanted in plan.changed:
        officer = session.get_one(Officer, wanted.officer_id)
        officer.title, officer.category = wanted.title, wanted.category
        if "valid_from" in wanted.changes:
            officer.valid_from = wanted.valid_from
        if "services" in wanted.changes:
            organisation.assign_services(session, officer.id, wanted.services, declared=wanted.services[0])
    return len(plan.new) + len(plan.changed)


def _by_name(rows: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for name, number in rows:
        found.setdefault(plain(name), []).append(number)
    return found
