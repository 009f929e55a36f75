"""The public board: for anybody, without signing in, and without any name."""

from flask import Blueprint, render_template

from sync_server.queries import board as queries
from sync_server.queries import units
from sync_server.web.access import office, public

pages = Blueprint("board", __name__)


@pages.get("/bang/")
@public
def listing() -> str:
    """The units that have a board."""
    with office().database.read() as reading:
        lines = units.tree(reading, units.subtree(reading, None))
    return render_template("board/listing.html", lines=lines)


@pages.get("/bang/<int:number>")
@public
def unit(number: int) -> str:
    """The board of one unit."""
    with office().database.read() as reading:
        shown = queries.of_unit(reading, number)
    return render_template("board/unit.html", board=shown, day_of=office().day)
