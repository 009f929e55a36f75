"""Cases: what waits, one case with its course and its next step, opening one by hand."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sync_server.casework import people, record
from sync_server.casework.people import HANDLING, Person
from sync_server.errors import Refused
from sync_server.ids import OFFICER, write_id
from sync_server.queries import cases, officers
from sync_server.services import audit, followup
from sync_server.services import cases as casework
from sync_server.web import case_forms, case_words, words
from sync_server.web.access import current_user, office, roles, scope

pages = Blueprint("cases", __name__)
pages.context_processor(words.for_templates)
pages.context_processor(case_words.for_templates)

STATES = ("open", "mine", "overdue", "closed", "all")


def this_person() -> Person:
    """The person signed in, as cases know people."""
    return Person(staff_id=current_user.id, role=current_user.role, units=scope(), officer_id=current_user.officer_id)


@pages.get("/cases")
@roles(*HANDLING)
def listing() -> str:
    """The cases within reach."""
    person, today = this_person(), followup.today_of(office())
    state = request.args.get("state", "open")
    state = state if state in STATES else "open"
    officer = request.args.get("officer", type=int)
    with office().database.write() as session:
        lines = cases.listing(session, person, today=today.day, state=state, officer_id=officer)
        audit.note(session, staff_id=person.staff_id, act="cases seen", subject=state, now=today.now)
    return render_template(
        "cases/listing.html", lines=lines, state=state, states=STATES, officer=officer, today=today.day
    )


@pages.get("/cases/<int:number>")
@roles(*HANDLING)
def one(number: int) -> str:
    """One case."""
    return _case_page(number)


@pages.post("/cases/<int:number>/<kind>")
@roles(*HANDLING)
def act(number: int, kind: str) -> Response | tuple[str, int]:
    """Do one step of a case."""
    person, today = this_person(), followup.today_of(office())
    try:
        entered = case_forms.read(kind, request.form, by=person.staff_id, today=today.day)
        with office().database.write() as session:
            casework.handle(session, person, number, entered, today, seen=request.form.get("seen", type=int))
    except Refused as error:
        return _case_page(number, fault=case_words.fault_words(error), kind=kind), 422
    flash(gettext("Đã ghi: %(step)s.", step=case_words.done_words(kind)), "success")
    return redirect(url_for("cases.one", number=number), 303)


@pages.get("/cases/new")
@roles(*HANDLING)
def new_form() -> str:
    """About whom, and why?"""
    return _new_page(request.args.get("officer", type=int))


@pages.post("/cases/new")
@roles(*HANDLING)
def new() -> Response | tuple[str, int]:
    """Open a case by hand."""
    officer_id, note = request.form.get("officer", type=int), request.form.get("note", "")
    today = followup.today_of(office())
    try:
        if officer_id is None:
            raise Refused(gettext("Xin chọn cán bộ."))
        with office().database.write() as session:
            officers.card(session, officer_id, scope())
            number = casework.open_by_hand(session, officer_id, by=current_user.id, note=note, today=today)
    except Refused as error:
        return _new_page(officer_id, note=note, fault=case_words.fault_words(error)), 422
    flash(gettext("Đã mở vụ việc số %(number)s.", number=number), "success")
    return redirect(url_for("cases.one", number=number), 303)


def _case_page(number: int, *, fault: str = "", kind: str = "") -> str:
    person, today = this_person(), followup.today_of(office())
    with office().database.write() as session:
        page = cases.one(session, person, number, today=today.day)
        verifies = people.verifies(person, page.place)
        ratings = cases.ratings(session, number, person) if verifies else []
        audit.note(
            session,
            staff_id=person.staff_id,
            act="case seen",
            subject=f"case {number}",
            detail={"officer": write_id(OFFICER, page.line.officer_id), "ratings": len(ratings)},
            now=today.now,
        )
        names = officers.service_names(session, words.language())
    steps = [record.name_of(step) for step in people.next_steps(person, page.place, page.case, today.day)]
    return render_template(
        "cases/one.html",
        page=page,
        line=page.line,
        case=page.case,
        steps=steps,
        ratings=ratings,
        verifies=verifies,
        names=names,
        question=case_words.first_question(page),
        today=today.day,
        fault=fault,
        fault_kind=kind,
        entered=request.form,
    )


def _new_page(officer_id: int | None, *, note: str = "", fault: str = "") -> str:
    today = followup.today_of(office())
    with office().database.read() as session:
        lines = officers.listing(session, scope(), day=today.day)
    return render_template("cases/new.html", officers=lines, officer=officer_id, note=note, fault=fault)
