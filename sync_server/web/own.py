"""The officer's own page: what people said in sum, the own case, and the answer to it."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sync_server.casework.people import Person
from sync_server.casework.summaries import LEAST, Counts
from sync_server.errors import Refused
from sync_server.queries import own
from sync_server.services import cases, followup
from sync_server.services import own as own_service
from sync_server.web import case_forms, case_words, words
from sync_server.web.access import current_user, office, roles

pages = Blueprint("own", __name__)
pages.context_processor(words.for_templates)
pages.context_processor(case_words.for_templates)


@pages.get("/own")
@roles("officer")
def page() -> str:
    """What is said of me, and what I am asked."""
    return _own_page()


@pages.post("/own/cases/<int:number>")
@roles("officer")
def explain(number: int) -> Response | tuple[str, int]:
    """My answer."""
    today = followup.today_of(office())
    person = Person(
        staff_id=current_user.id, role=current_user.role, units=frozenset(), officer_id=current_user.officer_id
    )
    try:
        answer = case_forms.read("explain", request.form, by=current_user.id, today=today.day)
        with office().database.write() as session:
            cases.handle(session, person, number, answer, today, seen=request.form.get("seen", type=int))
    except Refused as error:
        return _own_page(fault=case_words.fault_words(error), number=number), 422
    flash(gettext("Đã gửi giải trình. Xin cảm ơn Ông/Bà."), "success")
    return redirect(url_for("own.page"), 303)


def _own_page(*, fault: str = "", number: int | None = None) -> str:
    officer_id = current_user.officer_id
    if officer_id is None:
        abort(404)
    today = followup.today_of(office())
    with office().database.write() as session:
        own_service.make_summaries(session, officer_id, today)
        summaries = own.summaries(session, officer_id)
        found = own.cases(session, officer_id)
    return render_template(
        "cases/own.html",
        summaries=summaries[::-1],
        total=sum((summary.counts for summary in summaries), Counts()),
        least=LEAST,
        cases=found,
        fault=fault,
        fault_number=number,
        entered=request.form,
        today=today.day,
    )
