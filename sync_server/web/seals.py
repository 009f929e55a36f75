"""The sealed months of observers' surveys: totals that nobody changes later, to be read and taken along."""

from flask import Blueprint, Response, render_template

from sync_server.queries import seals as queries
from sync_server.sealed_months import PURPOSE, public_key, to_file
from sync_server.web.access import office, roles

pages = Blueprint("seals", __name__)

SEE = ("administrator", "town_staff", "head", "inspector", "observer")


@pages.get("/rounds/seals")
@roles(*SEE)
def listing() -> str:
    """The sealed months, the newest first, and the key that they are verified with."""
    house = office()
    with house.database.read() as reading:
        months = queries.all_seals(reading)
    return render_template(
        "surveys/seals.html", months=list(reversed(months)), key=public_key(house.seals.derived(PURPOSE))
    )


@pages.get("/rounds/seals.json")
@roles(*SEE)
def export() -> Response:
    """The whole chain as a file, which anybody can verify."""
    house = office()
    with house.database.read() as reading:
        months = queries.all_seals(reading)
    answer = Response(to_file(months, public_key(house.seals.derived(PURPOSE))), mimetype="application/json")
    answer.headers["Content-Disposition"] = "attachment; filename=thang-niem-phong.json"
    answer.headers["Cache-Control"] = "no-store"
    return answer
