"""The officers: who should be looked into, and why. No rank, no league table; uncertainty is always shown."""

from datetime import date, timedelta
from itertools import groupby

from flask import Blueprint, render_template, request

from sync_server.errors import Refused
from sync_server.flagging.fold import DayStep
from sync_server.flagging.standard import quarter_of
from sync_server.flagging.state import State
from sync_server.flagging.tally import monday_of
from sync_server.ids import OFFICER, write_id
from sync_server.queries import funnel, integrity, officers, outages, tallies, units
from sync_server.rulebook import rulebook
from sync_server.services import flags
from sync_server.services import whatif as replay
from sync_server.web import charts, words
from sync_server.web.access import office, roles, scope
from sync_server.web.bars import tally_bars
from sync_server.web.notes import note_alone
from sync_server.web.numbers_form import NumbersForm

pages = Blueprint("officers", __name__)
pages.context_processor(words.for_templates)

SEE = ("town_staff", "head", "inspector")
DECIDE = ("town_staff", "inspector")
"""Those who may try out other numbers."""
SIGNS_DAYS = 90
PERIOD_DAYS = 365
"""How far back the plot and the tallies of an officer's page reach."""


@pages.get("/officers")
@roles(*SEE)
def listing() -> str:
    """The officers within reach, with their states."""
    house = office()
    wanted_unit = request.args.get("unit", type=int)
    wanted_state = _state(request.args.get("state", ""))
    name = request.args.get("name", "")[:100]
    day = house.day(house.now())
    with house.database.read() as session:
        within = scope()
        below = None if wanted_unit is None else units.subtree(session, wanted_unit)
        lines = officers.listing(session, within, day=day, unit_ids=below, state=wanted_state, name=name)
        counts = officers.state_counts(session, within, day=day)
        tree = units.tree(session, within)
    note_alone("officers listed", f"u{wanted_unit}" if wanted_unit else "", count=len(lines))
    return render_template(
        "officers/listing.html",
        lines=lines,
        counts=counts,
        tree=tree,
        unit=wanted_unit,
        state=wanted_state,
        name=name,
    )


@pages.get("/officers/praise")
@roles(*SEE)
def praise() -> str:
    """The officers clearly better than peers."""
    house, book = office(), rulebook()
    day = house.day(house.now())
    rule = book.rules.at(date.fromordinal(day))
    with house.database.read() as session:
        lines = officers.praised(session, scope(), day=day, threshold=rule.flag_at)
        ties = integrity.ties(session, lines, book, first=day - PERIOD_DAYS + 1, until=day + 1)
    return render_template("officers/praise.html", ties=ties, rule=rule)


@pages.get("/officers/integrity")
@roles(*SEE)
def signs() -> str:
    """Signs of stuffing and hiding, and how much is tied to a dossier."""
    house, book = office(), rulebook()
    day = house.day(house.now())
    with house.database.read() as session:
        within = scope()
        alerts = integrity.alerts(session, within, since_day=day - SIGNS_DAYS + 1)
        lines = officers.listing(session, within, day=day)
        ties = integrity.ties(session, lines, book, first=day - SIGNS_DAYS + 1, until=day + 1)
    return render_template("officers/integrity.html", alerts=alerts, ties=ties, days=SIGNS_DAYS)


@pages.get("/officers/what-if")
@roles(*DECIDE)
def whatif() -> str:
    """Replay a past under other numbers; without numbers in the address, only the form."""
    house, book = office(), rulebook()
    today = date.fromordinal(house.day(house.now()))
    form = NumbersForm(request.args, book.rules.at(today), today)
    told, faults, lines = None, form.faults, []
    if form.is_asked and not faults:
        try:
            with house.database.read() as session:
                told = replay.what_if(session, form.numbers, since=form.since, until=form.until, book=book)
                lines = officers.listing(session, scope(), day=form.since.toordinal())
        except Refused as error:
            faults = (str(error),)
    return render_template(
        "officers/what_if.html", form=form, told=told, faults=faults, names={line.id: line for line in lines}
    )


@pages.get("/officers/<int:number>")
@roles(*SEE)
def page(number: int) -> str:
    """One officer: the sentence, the score, the tallies, the funnel and the recorded flags."""
    house, book = office(), rulebook()
    today = date.fromordinal(house.day(house.now()))
    since = today - timedelta(days=PERIOD_DAYS - 1)
    with house.database.read() as session:
        card = officers.card(session, number, scope())
        told = flags.explain(session, number, now=house.now(), zone=house.zone)
        period = {"first": since.toordinal(), "until": today.toordinal() + 1}
        by_service = tallies.by_service(session, number, book.scales, **period)
        totals = tallies.by_officer(session, [number], book.scales, **period).get(number, tallies.Totals())
        first, last = quarter_of(_quarter_day(request.args.get("quarter", ""), today))
        points = funnel.quarter_points(session, first, min(last, today), book)
        history = officers.history(session, number)
        taken = outages.of_officer(session, number, book.scales, since_day=since.toordinal())
        names = officers.service_names(session, words.language())
    note_alone("officer viewed", write_id(OFFICER, number))
    steps = [step for step in told.fold.steps if step.day >= since]
    own = next((point for point in points if point.officer_id == number), None)
    return render_template(
        "officers/page.html",
        card=card,
        told=told,
        evidence=flags.evidence(told),
        score_plot=charts.score_plot(steps, told.rule, words.language()) if steps else None,
        weeks=_weeks(steps),
        by_service=by_service,
        tally_bars=tally_bars,
        scales=book.scales,
        totals=totals,
        since=since,
        own=own,
        funnel_plot=charts.funnel_plot(points, number, told.rule, words.language()) if own else None,
        quarter=first,
        earlier=first - timedelta(days=1),
        later=last + timedelta(days=1) if last < today else None,
        history=history,
        taken=taken,
        names=names,
    )


def _state(text: str) -> State | None:
    return State(text) if text in tuple(State) else None


def _quarter_day(text: str, today: date) -> date:
    """A day of the quarter asked for (`?quarter=2026-09-30`, any day of it), else of this one if a month old."""
    try:
        return min(date.fromisoformat(text), today)
    except ValueError:
        first, _ = quarter_of(today)
        return today if (today - first).days >= 30 else first - timedelta(days=1)


def _weeks(steps: list[DayStep]) -> list[dict[str, object]]:
    """The path of the score by week, the newest first: the table that stands beside the plot."""
    rows = []
    for monday, days in groupby(steps, key=lambda step: monday_of(step.day)):
        of_week = list(days)
        rows.append(
            {
                "monday": monday,
                "n": sum(step.n for step in of_week),
                "bad": sum(step.bad for step in of_week),
                "expected": sum(step.expected_bad for step in of_week),
                "log_m": of_week[-1].log_m,
                "state": of_week[-1].state,
            }
        )
    return rows[::-1]
