"""The officers: who should be looked into, and why. No rank, no league table; uncertainty is always shown."""

from datetime import date, timedelta
from itertools import groupby

from flask import Blueprint, render_template, request

from sync_server.flagging.fold import DayStep
from sync_server.flagging.standard import quarter_of
from sync_server.flagging.state import State
from sync_server.flagging.tally import monday_of
from sync_server.queries import funnel, officers, tallies, units
from sync_server.rulebook import rulebook
from sync_server.services import flags
from sync_server.web import charts, words
from sync_server.web.access import office, roles, scope

pages = Blueprint("officers", __name__)
pages.context_processor(words.for_templates)

SEE = ("town_staff", "head", "inspector")
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
    return render_template(
        "officers/listing.html",
        lines=lines,
        counts=counts,
        tree=tree,
        unit=wanted_unit,
        state=wanted_state,
        name=name,
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
        names = officers.service_names(session, words.language())
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
        scales=book.scales,
        totals=totals,
        since=since,
        own=own,
        funnel_plot=charts.funnel_plot(points, number, told.rule, words.language()) if own else None,
        quarter=first,
        earlier=first - timedelta(days=1),
        later=last + timedelta(days=1) if last < today else None,
        history=history,
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
