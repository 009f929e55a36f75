"""How cases end, in numbers by unit: for the observer too, so without any name."""

from flask import Blueprint, render_template

from sync_server.queries import cases
from sync_server.web import case_words
from sync_server.web.access import office, roles, scope

pages = Blueprint("handled", __name__)
pages.context_processor(case_words.for_templates)

SEE = ("town_staff", "head", "inspector", "observer")
PERIOD_DAYS = 365
DAY_MS = 86_400_000


@pages.get("/handled")
@roles(*SEE)
def page() -> str:
    """The cases of the last year."""
    since = office().now() - PERIOD_DAYS * DAY_MS
    with office().database.read() as session:
        lines = cases.handled(session, scope(), since=since)
    return render_template("cases/handled.html", lines=lines, since=office().day(since))
