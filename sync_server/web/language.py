"""The language of the pages: Vietnamese, or English by the switch at the foot of every page.

Texts are written in Vietnamese where they are used (`gettext("Cán bộ")`, `{{ _("Cán bộ") }}`); other languages are
catalogues `assets/locale/<language>/LC_MESSAGES/server.po`.
"""

from datetime import datetime

from flask import Blueprint, Flask, redirect, request, session
from flask_babel import Babel, format_date, format_datetime, format_decimal, get_locale
from werkzeug.wrappers import Response

from survey import resources
from sync_server.web import access
from sync_server.web.addresses import local_or_home

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}

pages = Blueprint("language", __name__)


@pages.post("/language")
@access.public
def change() -> Response:
    """Change the language of this browser's pages and go back to the page."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
    return redirect(local_or_home(request.form.get("next")), 303)


def chosen() -> str:
    """The language of this request: the browser's switch, else the person's, else the setting."""
    if session.get("language") in LANGUAGES:
        return str(session["language"])
    if access.current_user and access.current_user.is_authenticated:
        return access.current_user.language
    return access.office().settings.language


def attach(app: Flask) -> None:
    """Give templates `_()`, the filters `|moment` (milliseconds), `|day` (ordinals), `|count` and `|one_place`."""
    settings = app.extensions["nucuoi"].settings
    Babel(
        app,
        default_locale="vi",
        default_timezone=settings.timezone,
        default_domain="server",
        default_translation_directories=str(resources.assets() / "locale"),
        locale_selector=chosen,
    )
    app.jinja_env.filters["moment"] = moment
    app.jinja_env.filters["day"] = day
    app.jinja_env.filters["count"] = count
    app.jinja_env.filters["one_place"] = one_place
    app.jinja_env.globals.update(day_name=day_name, languages=LANGUAGES, language=lambda: str(get_locale()))
    app.register_blueprint(pages)


def moment(at: int | None) -> str:
    """A moment in milliseconds UTC as the town's date and time; a dash for none."""
    if at is None:
        return "—"
    return str(
        format_datetime(datetime.fromtimestamp(at / 1000, access.office().zone), "HH:mm dd/MM/yyyy", rebase=False)
    )


def day(ordinal: int | None) -> str:
    """A day as dd/MM/yyyy; a dash for none."""
    return "—" if ordinal is None else datetime.fromordinal(ordinal).strftime("%d/%m/%Y")


def day_name(ordinal: int) -> str:
    """A day in words: Thứ Hai, 2 tháng 3, 2026."""
    words = str(format_date(datetime.fromordinal(ordinal), "full", rebase=False))
    return words[:1].upper() + words[1:]


def count(number: int) -> str:
    """A whole number with the separators of the language: 1.234 or 1,234."""
    return str(format_decimal(number))


def one_place(number: float) -> str:
    """A number with one place behind the comma: 3,1 or 3.1."""
    return str(format_decimal(round(number, 1), "#,##0.0"))
