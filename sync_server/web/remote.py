"""What kiosks show and how they behave, set from afar for a unit and those below."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sync_server.ids import UNIT, write_id
from sync_server.queries import remote as queries
from sync_server.queries import setup
from sync_server.queries.remote import Remote
from sync_server.services import organisation
from sync_server.services import remote as services
from sync_server.shown import read_shown
from sync_server.web import preview
from sync_server.web.access import office, roles, scope
from sync_server.web.notes import note
from sync_server.web.remote_forms import (
    TextsForm,
    UnitRemoteForm,
    choices,
    filled,
    kept,
    messages_as_text,
    messages_in,
    slogans_as_text,
    slogans_in,
    with_languages,
)

pages = Blueprint("remote", __name__)

STAFF = ("administrator", "town_staff", "head")


@pages.get("/organisation/units/<int:number>/behaviour")
@roles(*STAFF)
def unit_form(number: int) -> str:
    """Opening hours and kiosk settings of a unit."""
    found = _unit(number)
    hours = {day: ", ".join(spans) for day, spans in found.settings.get("opening_hours", {}).items()}
    return _unit_page(UnitRemoteForm(data={**hours, **filled(found.settings, found.shown)}), found)


@pages.post("/organisation/units/<int:number>/behaviour")
@roles(*STAFF)
def unit(number: int) -> str | tuple[str, int] | Response:
    """Change opening hours and kiosk settings of a unit."""
    entered, found = UnitRemoteForm(), _unit(number)
    if not entered.validate_on_submit():
        return _unit_page(entered, found), 422
    settings = {**kept(found), **entered.settings}
    settings.pop("opening_hours", None)  # none of its own: those of the unit above
    if entered.hours:
        settings["opening_hours"] = entered.hours
    with office().database.write() as writing:
        organisation.set_behaviour(writing, number, settings)
        services.set_unit_shown(writing, number, with_languages(found.shown, entered))
        if entered.pin.data:
            organisation.set_staff_pin(writing, number, entered.pin.data)
        note(writing, "kiosk settings changed", write_id(UNIT, number))
    flash(gettext("Đã lưu. Máy nhận cài đặt mới ở lần liên lạc sau."), "success")
    return redirect(url_for("organisation.unit", number=number), 303)


@pages.get("/organisation/units/<int:number>/texts")
@roles(*STAFF)
def texts_form(number: int) -> str:
    """Slogans and idle messages of a unit, as its kiosks show them."""
    found = _unit(number)
    own = read_shown(found.shown)
    form = TextsForm(
        slogans=slogans_as_text(own.slogans or ()), idle_messages=messages_as_text(own.idle_messages or ())
    )
    return _texts_page(form, found)


@pages.post("/organisation/units/<int:number>/texts")
@roles(*STAFF)
def texts(number: int) -> str | tuple[str, int] | Response:
    """Change slogans and idle messages of a unit."""
    entered, found = TextsForm(), _unit(number)
    if not entered.validate_on_submit():
        return _texts_page(entered, found), 422
    shown = {key: value for key, value in found.shown.items() if key not in ("slogans", "idle_messages")}
    if slogans := slogans_in(entered.slogans.data):
        shown["slogans"] = slogans
    if messages := messages_in(entered.idle_messages.data):
        shown["idle_messages"] = messages
    with office().database.write() as writing:
        services.set_unit_shown(writing, number, shown)
        note(writing, "kiosk texts changed", write_id(UNIT, number))
    flash(gettext("Đã lưu. Máy nhận cài đặt mới ở lần liên lạc sau."), "success")
    return redirect(url_for("remote.texts_form", number=number), 303)


def _unit(number: int) -> Remote:
    with office().database.read() as reading:
        return queries.of_unit(reading, number, scope())


def _unit_page(entered: UnitRemoteForm, found: Remote) -> str:
    return render_template("organisation/behaviour.html", form=entered, found=found, **choices(found))


def _texts_page(entered: TextsForm, found: Remote) -> str:
    shipped = setup.shipped_texts()
    own = read_shown(found.shown)
    slogans = own.slogans or found.inherited.slogans or shipped.slogans
    messages = own.idle_messages or found.inherited.idle_messages or shipped.idle_messages
    return render_template(
        "organisation/texts.html",
        form=entered,
        found=found,
        slogans=slogans or (),
        messages=messages or (),
        say=lambda sentence: preview.say(sentence, "vi"),
    )
