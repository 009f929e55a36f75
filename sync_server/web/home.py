"""The first page: how are we today, and what waits for me."""

from flask import Blueprint, render_template

from sync_server.casework.people import HANDLING, Person
from sync_server.casework.workdays import public_calendar
from sync_server.queries import cases, home_requests, kiosk_list, opinions, reports, rollout, today
from sync_server.reporting.rights import MAKERS
from sync_server.reporting.rules import report_rules
from sync_server.rulebook import rulebook
from sync_server.web.access import EVERYBODY, current_user, office, roles, scope

pages = Blueprint("home", __name__)

SEE_RESULTS = ("town_staff", "head", "inspector", "observer")
SEE_ROLLOUT = ("town_staff", "head")
HOME_WORKERS = ("clerk", "head", "town_staff")
SEE_KIOSKS = ("administrator", "town_staff", "head", "clerk", "inspector")


@pages.get("/")
@roles(*EVERYBODY)
def page() -> str:
    """How we are today, as far as the person's role may see."""
    house, role = office(), current_user.role
    now = house.now()
    day, scales = house.day(now), rulebook().scales
    results = states = None
    kiosks: list[kiosk_list.KioskLine] = []
    with house.database.read() as reading:
        units = scope()
        if role in SEE_RESULTS:
            results = today.results(reading, units, scales, today=day)
            states = today.officers_by_state(reading, units)
        if role in SEE_KIOSKS:
            kiosks = kiosk_list.listing(reading, units, now=now, zone=house.zone)
        late_tasks = rollout.late(reading, units, today=day) if role in SEE_ROLLOUT else 0
        reminder = rollout.newest_reminder(reading, units, today=day) if role == "head" else None
        due_reports = reports.missing(reading, units, day, report_rules(), public_calendar()) if role in MAKERS else []
        late_visits = home_requests.overdue(reading, units, today=day) if role in HOME_WORKERS else 0
        said = opinions.waiting(reading, units, role, today=day) if role in HANDLING else None
        person = Person(staff_id=current_user.id, role=role, units=units, officer_id=current_user.officer_id)
        case_work = cases.waiting(reading, person, today=day)
    at_work = [line for line in kiosks if line.retired_at is None]
    return render_template(
        "home.html",
        day=day,
        results=results,
        states=states,
        case_work=case_work,
        late_tasks=late_tasks,
        reminder=reminder,
        due_reports=due_reports,
        said=said,
        late_visits=late_visits,
        at_work=at_work,
        troubled=[line for line in at_work if line.needs],
        waiting=sum(line.waiting for line in at_work),
    )
