"""The first page: how are we today, and what waits for me."""

from flask import Blueprint, render_template

from sync_server.web.access import EVERYBODY, roles

pages = Blueprint("home", __name__)


@pages.get("/")
@roles(*EVERYBODY)
def page() -> str:
    """How we are today."""
    return render_template("home.html")
