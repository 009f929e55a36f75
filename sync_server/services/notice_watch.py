"""What nobody does and yet has to be told: kiosks that are in need, and the week that is over."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sync_server.casework.people import Person
from sync_server.casework.steps import State
from sync_server.models.casework import CaseFile
from sync_server.models.organisation import Unit
from sync_server.notices.kinds import Kind
from sync_server.office import Office
from sync_server.queries import kiosk_list, tallies
from sync_server.rulebook import rulebook
from sync_server.services import notices

DAY_BEGINS, DAY_ENDS = 6, 20
"""Hours of the town's day within which kiosks are told of: nobody is woken for a battery."""
DIGEST_HOUR = 7
_NEEDS = {"silent": Kind.SILENT, "battery": Kind.BATTERY, "disk": Kind.DISK}


def watch(session: Session, office: Office) -> None:
    """Write the notices of kiosks in need (once a day while it lasts) and of the last week (once). Safe to repeat."""
    now = office.now()
    here = datetime.fromtimestamp(now / 1000, office.zone)
    if DAY_BEGINS <= here.hour < DAY_ENDS:
        _kiosks(session, office, now, here.date())
    if here.hour >= DIGEST_HOUR:
        _digest(session, office, now, here.date())


def _kiosks(session: Session, office: Office, now: int, today: date) -> None:
    everywhere = frozenset(session.scalars(select(Unit.id)))
    for line in kiosk_list.listing(session, everywhere, now=now, zone=office.zone):
        for need in line.needs:
            kind = _NEEDS.get(need)
            if kind is not None:
                params = {
                    "kiosk": line.name, "unit": line.unit, "percent": line.battery_percent,
                    "megabytes": line.disk_free_mb,
                }  # fmt: skip
                once = f"k{line.id} {need} {today.isoformat()}"
                notices.tell_unit(session, kind, line.unit_id, once, params, f"/kiosks/{line.id}", now)


def _digest(session: Session, office: Office, now: int, today: date) -> None:
    """The last whole week, Monday to Sunday; told on its Monday, or as soon as the server runs again that week."""
    first = today - timedelta(days=today.weekday() + 7)
    once = f"digest {first.isoformat()}"
    for channel, person in notices.choosers(session, Kind.DIGEST):
        params = _week(session, office, person, first, today)
        path = "/results" if person.role != "observer" else "/handled"
        notices.tell_one(session, channel, Kind.DIGEST, once, params, path, now)


def _week(session: Session, office: Office, person: Person, first: date, today: date) -> dict[str, Any]:
    days = (first.toordinal(), first.toordinal() + 7)
    found = tallies.by_unit(session, person.units, rulebook().scales, first=days[0], until=days[1])
    whole = sum(found.values(), tallies.Totals())
    begin, end = office.moment(days[0]), office.moment(days[1])
    return {
        "first": f"{first:%d/%m}",
        "last": f"{first + timedelta(days=6):%d/%m/%Y}",
        "n": whole.n,
        "dissatisfied": whole.dissatisfied,
        "opened": _cases(session, person, CaseFile.opened_at >= begin, CaseFile.opened_at < end),
        "closed": _cases(session, person, CaseFile.closed_at >= begin, CaseFile.closed_at < end),
        "overdue": _cases(session, person, CaseFile.state != State.CLOSED.value, CaseFile.due_day < today.toordinal()),
    }


def _cases(session: Session, person: Person, *conditions: Any) -> int:
    """How many cases in reach; of those about money only inspectors hear."""
    open_to_all = () if person.role == "inspector" else (CaseFile.inspectors_only.is_(False),)
    wanted = select(func.count()).where(CaseFile.unit_id.in_(person.units), *open_to_all, *conditions)
    return int(session.scalar(wanted) or 0)
