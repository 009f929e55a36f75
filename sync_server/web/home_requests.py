"""Service at home: what is asked, who goes when, and that it was done."""

import uuid
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sync_server.errors import Refused
from sync_server.queries import dossiers, home_requests, officers, units
from sync_server.services import followup
from sync_server.services import home_requests as services
from sync_server.web import words
from sync_server.web.access import current_user, office, roles, scope

pages = Blueprint("home_requests", __name__)

WORKERS = ("clerk", "head", "town_staff")
SHOWN_MS = 30 * 86_400_000
"""How long what ended stays on the page."""


@pages.get("/home-visits")
@roles(*WORKERS)
def listing() -> str:
    """The requests within reach, and a form for one more."""
    return _page()


@pages.post("/home-visits")
@roles(*WORKERS)
def ask() -> Response | tuple[str, int]:
    """Note a request, and say its code."""
    form = request.form
    unit_id = form.get("unit", type=int)
    try:
        if unit_id is None or unit_id not in scope():
            raise Refused(gettext("Xin chọn đơn vị."))
        with office().database.write() as session:
            code = services.ask(
                session,
                unit_id=unit_id,
                hamlet=form.get("hamlet", ""),
                service_id=form.get("service", 0, type=int) or None,
                wished_day=_day("wished"),
                by=current_user.id,
                today=followup.today_of(office()),
                new_id=uuid.uuid4(),
            )
    except Refused as error:
        return _page(fault=gettext(str(error))), 422
    flash(gettext("Đã ghi. Mã: %(code)s. Hãy chép mã này vào sổ tay cạnh tên và địa chỉ.", code=code), "success")
    return redirect(url_for("home_requests.listing"), 303)


@pages.post("/home-visits/<int:number>/<kind>")
@roles(*WORKERS)
def act(number: int, kind: str) -> Response | tuple[str, int]:
    """Plan the visit, or say that it was made or is needed no more."""
    within, today = scope(), followup.today_of(office())
    try:
        with office().database.write() as session:
            if kind == "plan":
                services.plan(
                    session,
                    number,
                    within,
                    officer_id=request.form.get("officer", 0, type=int),
                    day=_day("visit"),
                    by=current_user.id,
                    today=today,
                )
            else:
                services.close(session, number, within, was_visited=kind == "done", by=current_user.id, today=today)
    except Refused as error:
        return _page(fault=gettext(str(error))), 422
    flash(gettext("Đã ghi nhận."), "success")
    return redirect(url_for("home_requests.listing"), 303)


def _day(name: str) -> int:
    try:
        return date.fromisoformat(request.form.get(name, "")).toordinal()
    except ValueError:
        raise Refused(gettext("Xin ghi ngày.")) from None


def _page(*, fault: str = "") -> str:
    house, today = office(), followup.today_of(office())
    with house.database.read() as reading:
        lines = home_requests.listing(reading, scope(), today=today.day, closed_since=today.now - SHOWN_MS)
        tree = units.tree(reading, scope())
        serving = dossiers.serving(reading, scope(), day=today.day)
        services_known = officers.service_names(reading, words.language())
    return render_template(
        "home_requests/listing.html",
        lines=lines,
        tree=tree,
        serving=serving,
        services=sorted(services_known.items(), key=lambda pair: pair[1].casefold()),
        today=date.fromordinal(today.day).isoformat(),
        own_unit=current_user.unit_id,
        fault=fault,
        iso=lambda day: date.fromordinal(day).isoformat(),
    )
