"""Units beside their absolute standard, quarter by quarter: what peers cannot tell when everybody is bad."""

from datetime import date, timedelta

from flask import Blueprint, render_template, request

from sync_server.flagging.standard import quarter_of
from sync_server.queries import standards, units
from sync_server.rulebook import rulebook
from sync_server.web import words
from sync_server.web.access import office, roles, scope

pages = Blueprint("figures", __name__)
pages.context_processor(words.for_templates)

SEE = ("town_staff", "head", "inspector", "observer")


@pages.get("/figures")
@roles(*SEE)
def page() -> str:
    """All units within reach in one quarter."""
    house, book = office(), rulebook()
    today = date.fromordinal(house.day(house.now()))
    day = _day(request.args.get("quarter", ""), today)
    with house.database.read() as session:
        lines = standards.quarter(session, scope(), day, book)
    return render_template(
        "officers/standards.html",
        lines=lines,
        day=day,
        quarters=_starts(today),
        standard=book.standard_at(quarter_of(day)[0]),
    )


@pages.get("/figures/units/<int:number>")
@roles(*SEE)
def unit(number: int) -> str:
    """One unit's last eight quarters."""
    house, book = office(), rulebook()
    today = date.fromordinal(house.day(house.now()))
    with house.database.read() as session:
        line = units.one(session, number, scope())
        quarters = standards.quarters_of(session, number, today, book)
    return render_template("officers/unit.html", unit=line, quarters=quarters, standard=book.standard_at(today))


def _starts(today: date) -> list[date]:
    """The first days of the last eight quarters, the newest first."""
    starts = [quarter_of(today)[0]]
    while len(starts) < 8:
        starts.append(quarter_of(starts[-1] - timedelta(days=1))[0])
    return starts


def _day(text: str, today: date) -> date:
    try:
        return min(quarter_of(date.fromisoformat(text))[1], today)
    except ValueError:
        return today
