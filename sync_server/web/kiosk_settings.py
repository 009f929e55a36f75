"""A kiosk's own settings, set from afar: its name and place, hotline, languages, time-outs, home visits."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sync_server.ids import KIOSK, write_id
from sync_server.queries import remote as queries
from sync_server.queries.remote import Remote
from sync_server.services import remote as services
from sync_server.web.access import current_user, office, roles, scope
from sync_server.web.notes import note
from sync_server.web.remote import STAFF
from sync_server.web.remote_forms import KioskRemoteForm, choices, filled, kept, with_languages

pages = Blueprint("kiosk_settings", __name__)


@pages.get("/kiosks/<int:number>/settings")
@roles(*STAFF)
def form(number: int) -> str:
    """A kiosk's own settings."""
    found = _kiosk(number)
    shown = KioskRemoteForm(
        data={
            **filled(found.settings, found.shown),
            "name": found.name,
            "counter": found.counter_id or 0,
            "hotline": found.shown.get("hotline", ""),
            "home_visits": found.settings.get("home_visits", False),
        }
    )
    return _page(shown, found)


@pages.post("/kiosks/<int:number>/settings")
@roles(*STAFF)
def change(number: int) -> str | tuple[str, int] | Response:
    """Change a kiosk's own settings, its name and its place within the unit."""
    entered, found = KioskRemoteForm(), _kiosk(number)
    is_good = entered.validate_on_submit()
    if entered.counter.data and entered.counter.data not in dict(found.counters):
        entered.counter.errors, is_good = [gettext("Xin chọn nơi đặt máy.")], False
    if not is_good:
        return _page(entered, found), 422
    shown = with_languages(found.shown, entered)
    shown.pop("hotline", None)
    if hotline := " ".join((entered.hotline.data or "").split()):
        shown["hotline"] = hotline
    house = office()
    with house.database.write() as writing:
        services.set_kiosk(
            writing, number, settings={**kept(found), **entered.settings}, shown=shown, by=current_user.id
        )
        services.place_kiosk(
            writing,
            number,
            name=entered.name.data,
            counter_id=entered.counter.data or None,
            now=house.now(),
            by=current_user.id,
        )
        note(writing, "kiosk settings changed", write_id(KIOSK, number))
    flash(gettext("Đã lưu. Máy nhận cài đặt mới ở lần liên lạc sau."), "success")
    return redirect(url_for("kiosks.one", number=number), 303)


def _kiosk(number: int) -> Remote:
    with office().database.read() as reading:
        return queries.of_kiosk(reading, number, scope())


def _page(entered: KioskRemoteForm, found: Remote) -> str:
    places = [(0, gettext("Cả đơn vị (mọi quầy)")), *found.counters]
    return render_template("kiosks/settings.html", form=entered, found=found, places=places, **choices(found))
