"""Reminders of reports that are missing: to those who sign them, before, on, and once after the due day."""

from datetime import date

from sqlalchemy.orm import Session

from sync_server.casework.today import Today
from sync_server.casework.workdays import public_calendar
from sync_server.notices.kinds import Kind
from sync_server.queries import reports, units
from sync_server.queries.reports import Missing
from sync_server.reporting.rules import report_rules
from sync_server.services import notices


def remind(session: Session, today: Today) -> list[Missing]:
    """Write today's reminders to the outbox of notices; which they are. Safe to repeat: none twice.

    A commune's go to its head; those of the top of the tree to whoever works for the town.
    """
    above = units.parents(session)
    found = reports.reminders(session, frozenset(above), today.day, report_rules(), public_calendar())
    takers = notices.choosers(session, Kind.REPORT) if found else []
    for one in found:
        signer = "head" if above[one.unit_id] is not None else "town_staff"
        once = f"report {one.unit_id} {one.period.kind} {one.period.first} {today.day}"
        params = {"unit": one.unit, "period": one.period.name, "day": f"{date.fromordinal(one.due_day):%d/%m/%Y}"}
        path = f"/reports/{one.report_id}" if one.report_id else "/reports"
        for channel, person in takers:
            if person.role in (signer, "head") and one.unit_id in person.units:
                notices.tell_one(session, channel, Kind.REPORT, once, params, path, today.now)
    return found
