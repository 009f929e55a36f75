"""The kiosks: where they are, whether one needs a person, how a new one joins, how an old one leaves."""

import json
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length

from sync_server.ids import KIOSK, write_id
from sync_server.queries import counters, kiosk_list, units
from sync_server.queries.counters import Place
from sync_server.queries.kiosk_list import KioskLine
from sync_server.services import audit, enrolment
from sync_server.web import qr
from sync_server.web.access import current_user, office, roles, scope
from sync_server.web.slips import address

pages = Blueprint("kiosks", __name__)

SEE = ("administrator", "town_staff", "head", "clerk", "inspector", "observer")
CHANGE = ("administrator", "town_staff", "observer")


class EnrolForm(FlaskForm):  # type: ignore[misc]
    """Where a new kiosk will stand, and what it is called."""

    place = SelectField(lazy_gettext("Nơi đặt"), validate_choice=False)
    name = StringField(
        lazy_gettext("Tên máy"),
        validators=[DataRequired(lazy_gettext("Xin đặt tên để nhận ra máy.")), Length(max=100)],
    )


@pages.get("/kiosks")
@roles(*SEE)
def listing() -> str:
    """All kiosks within reach."""
    house = office()
    with house.database.read() as reading:
        lines = kiosk_list.listing(reading, scope(), now=house.now(), zone=house.zone)
    if current_user.role == "observer":
        lines = [line for line in lines if line.is_observers]
    return render_template("kiosks/listing.html", lines=lines, may_change=current_user.role in CHANGE)


@pages.get("/kiosks/<int:number>")
@roles(*SEE)
def one(number: int) -> str:
    """One kiosk with its ledger."""
    with office().database.read() as reading:
        line = _one(reading, number)
        branches = kiosk_list.branches(reading, number)
        set_aside = kiosk_list.set_aside(reading, number)
    return render_template(
        "kiosks/one.html",
        line=line,
        branches=branches,
        set_aside=set_aside,
        may_change=_may_change(line),
    )


@pages.get("/kiosks/enrol")
@roles(*CHANGE)
def enrol_form() -> str:
    """Where will the new kiosk stand?"""
    return _enrol_page(EnrolForm())


@pages.post("/kiosks/enrol")
@roles(*CHANGE)
def enrol() -> str | tuple[str, int]:
    """A code, shown this once, by which one kiosk may join."""
    entered = EnrolForm()
    house, now = office(), office().now()
    with house.database.read() as reading:
        places = {place.key: place for place in counters.places(reading, _standing(reading))}
    place = places.get(entered.place.data or "")
    if place is None or not entered.validate_on_submit():
        if place is None:
            entered.place.errors = [gettext("Xin chọn nơi đặt máy.")]
        return _enrol_page(entered), 422
    return _code_page(place, entered.name.data, now)


@pages.get("/kiosks/<int:number>/replace")
@roles(*CHANGE)
def replace_form(number: int) -> str:
    """What replacing a kiosk means."""
    with office().database.read() as reading:
        line = _own(reading, number)
    return render_template("kiosks/replace.html", line=line)


@pages.post("/kiosks/<int:number>/replace")
@roles(*CHANGE)
def replace(number: int) -> str:
    """A code by which a new device takes a kiosk's place; the old one is retired when the new one joins."""
    house, now = office(), office().now()
    with house.database.read() as reading:
        line = _own(reading, number)
        places = counters.places(reading, {line.unit_id})
    place = next(
        (each for each in places if each.counter_id == line.counter_id),
        Place(key="", unit_id=line.unit_id, unit=line.unit),
    )
    return _code_page(place, line.name, now, replaces_id=number)


@pages.get("/kiosks/<int:number>/retire")
@roles(*CHANGE)
def retire_form(number: int) -> str:
    """Ask once more before a kiosk's key is made useless."""
    with office().database.read() as reading:
        line = _own(reading, number)
    return render_template("kiosks/retire.html", line=line)


@pages.post("/kiosks/<int:number>/retire")
@roles(*CHANGE)
def retire(number: int) -> Response:
    """Make a kiosk's key useless; its ratings stay."""
    house, now = office(), office().now()
    with house.database.write() as writing:
        line = _own(writing, number)
        enrolment.retire(writing, number, now=now, by=current_user.id)
        audit.note(writing, staff_id=current_user.id, act="kiosk retired", subject=write_id(KIOSK, number), now=now)
    flash(gettext("Đã ngừng sử dụng máy «%(name)s». Các đánh giá đã nhận vẫn được giữ.", name=line.name), "success")
    return redirect(url_for("kiosks.listing"), 303)


def _one(reading: Any, number: int) -> KioskLine:
    """A kiosk within reach: observers see their own ones only."""
    house = office()
    line = kiosk_list.one(reading, number, scope(), now=house.now(), zone=house.zone)
    if current_user.role == "observer" and not line.is_observers:
        abort(404)
    return line


def _own(reading: Any, number: int) -> KioskLine:
    """A kiosk that this person may change; the service holds it too."""
    line = _one(reading, number)
    if not _may_change(line):
        abort(403)
    return line


def _may_change(line: KioskLine) -> bool:
    return current_user.role in CHANGE and line.is_observers == (current_user.role == "observer")


def _code_page(place: Place, name: str, now: int, *, replaces_id: int | None = None) -> str:
    house = office()
    minutes = house.settings.enrolment_code_minutes
    with house.database.write() as writing:
        code = enrolment.make_code(
            writing,
            house.seals,
            unit_id=place.unit_id,
            counter_id=place.counter_id,
            name=name,
            now=now,
            minutes=minutes,
            made_by=current_user.id,
            replaces_id=replaces_id,
        )
        act, subject = ("kiosk invited", place.key)
        if replaces_id is not None:
            act, subject = "kiosk replaced", write_id(KIOSK, replaces_id)
        audit.note(writing, staff_id=current_user.id, act=act, subject=subject, now=now)
    invitation = json.dumps({"nucuoi": 1, "url": address(), "code": code}, separators=(",", ":"))
    return render_template(
        "kiosks/code.html",
        code=code,
        address=address(),
        picture=qr.svg(invitation, gettext("Mã QR để máy tham gia")),
        place=place,
        name=name,
        expires_at=now + minutes * 60_000,
        minutes=minutes,
    )


def _enrol_page(entered: EnrolForm) -> str:
    with office().database.read() as reading:
        places = counters.places(reading, _standing(reading))
    return render_template("kiosks/enrol.html", form=entered, places=places)


def _standing(reading: Any) -> frozenset[int]:
    """The units within reach that have begun and have not ended."""
    house = office()
    return scope() & units.subtree(reading, None, day=house.day(house.now()))
