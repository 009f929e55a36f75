"""The organisation: units with their counters, and the catalogue of procedures."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from sync_server.errors import Refused
from sync_server.ids import COUNTER, UNIT, write_id
from sync_server.queries import organisation as queries
from sync_server.queries import succession, units
from sync_server.services import amending
from sync_server.services import organisation as services
from sync_server.web.access import current_user, office, roles, scope
from sync_server.web.notes import note
from sync_server.web.organisation_forms import NameForm, UnitForm, date_of

pages = Blueprint("organisation", __name__)

SEE = ("administrator", "town_staff", "head", "clerk")
BUILD = ("administrator", "town_staff")
STAFF = ("administrator", "town_staff", "head")


@pages.get("/organisation")
@roles(*SEE)
def tree() -> str:
    """The units within reach."""
    house = office()
    today, with_ended = house.day(house.now()), request.args.get("ended") == "1"
    with house.database.read() as reading:
        lines = units.tree(reading, scope())
        sizes = queries.sizes(reading, scope(), day=today)
    ended = {line.id for line in lines if line.valid_until is not None and line.valid_until <= today}
    return render_template(
        "organisation/tree.html",
        lines=[line for line in lines if with_ended or line.id not in ended],
        ended_count=len(ended),
        with_ended=with_ended,
        sizes=sizes,
        today=today,
        may_build=current_user.role in BUILD,
    )


@pages.get("/organisation/units/new")
@roles(*BUILD)
def new_unit_form() -> str:
    """The form of a new unit."""
    return _unit_form(UnitForm(kind="commune", parent=request.args.get("under", 0, type=int)), None)


@pages.post("/organisation/units/new")
@roles(*BUILD)
def new_unit() -> tuple[str, int] | AnyResponse:
    """Add a unit."""
    entered, house = UnitForm(), office()
    if not (entered.validate_on_submit() and _has_parent_in_reach(entered)):
        return _unit_form(entered, None), 422
    with house.database.write() as writing:
        made = services.add_unit(
            writing,
            house.seals,
            name=entered.name.data,
            kind=entered.kind.data,
            parent_id=entered.parent.data or None,
            hotline=entered.hotline.data or "",
            valid_from=entered.first_day,
            valid_until=entered.end_day,
        )
        note(writing, "unit added", write_id(UNIT, made.id))
    return redirect(url_for("organisation.unit", number=made.id), 303)


@pages.get("/organisation/units/<int:number>")
@roles(*SEE)
def unit(number: int) -> str:
    """One unit: who sits where, and who serves."""
    house = office()
    with house.database.read() as reading:
        card = queries.unit_card(reading, number, scope())
        passages = succession.passages(reading, [number])
    return render_template(
        "organisation/unit.html",
        card=card,
        passages=passages,
        today=house.day(house.now()),
        may_build=current_user.role in BUILD,
        may_staff=current_user.role in STAFF,
        counter_form=NameForm(),
    )


@pages.get("/organisation/units/<int:number>/edit")
@roles(*BUILD)
def edit_unit_form(number: int) -> str:
    """The form of a unit as it is."""
    with office().database.read() as reading:
        card = queries.unit_card(reading, number, scope())
    return _unit_form(
        UnitForm(
            name=card.name,
            kind=card.kind,
            parent=card.parent_id or 0,
            hotline=card.hotline,
            valid_from=date_of(card.valid_from),
            valid_until=date_of(card.valid_until),
        ),
        number,
    )


@pages.post("/organisation/units/<int:number>/edit")
@roles(*BUILD)
def edit_unit(number: int) -> tuple[str, int] | AnyResponse:
    """Change a unit."""
    entered = UnitForm()
    with office().database.read() as reading:
        queries.unit_card(reading, number, scope())
    if not (entered.validate_on_submit() and _has_parent_in_reach(entered)):
        return _unit_form(entered, number), 422
    try:
        with office().database.write() as writing:
            amending.amend_unit(
                writing,
                number,
                name=entered.name.data,
                kind=entered.kind.data,
                parent_id=entered.parent.data or None,
                hotline=entered.hotline.data or "",
                valid_from=entered.first_day,
                valid_until=entered.end_day,
            )
            note(writing, "unit changed", write_id(UNIT, number))
    except Refused:
        entered.parent.errors = [gettext("Đơn vị không thể trực thuộc chính mình hay đơn vị bên dưới.")]
        return _unit_form(entered, number), 422
    return redirect(url_for("organisation.unit", number=number), 303)


@pages.post("/organisation/units/<int:number>/counters")
@roles(*STAFF)
def new_counter(number: int) -> AnyResponse:
    """Add a desk."""
    entered = NameForm()
    with office().database.read() as reading:
        queries.unit_card(reading, number, scope())
    if not entered.validate_on_submit():
        flash(gettext("Xin nhập tên quầy."), "warning")
    else:
        with office().database.write() as writing:
            made = services.add_counter(writing, unit_id=number, name=entered.name.data[:100])
            note(writing, "counter added", write_id(COUNTER, made.id))
    return redirect(url_for("organisation.unit", number=number), 303)


@pages.get("/organisation/services")
@roles(*SEE)
def catalogue() -> str:
    """Fields and procedures."""
    with office().database.read() as reading:
        fields = queries.catalogue(reading)
    return render_template(
        "organisation/services.html", fields=fields, may_build=current_user.role in BUILD, form=NameForm()
    )


@pages.post("/organisation/fields")
@roles(*BUILD)
def new_field() -> AnyResponse:
    """Add a field."""
    return _add_named(lambda writing, **names: services.add_field(writing, **names), "field added")


@pages.post("/organisation/fields/<int:number>/services")
@roles(*BUILD)
def new_service(number: int) -> AnyResponse:
    """Add a procedure to a field."""
    return _add_named(lambda writing, **names: services.add_service(writing, field_id=number, **names), "service added")


def _add_named(add: Any, act: str) -> AnyResponse:
    entered = NameForm()
    if not entered.validate_on_submit():
        flash(gettext("Xin nhập tên."), "warning")
    else:
        with office().database.write() as writing:
            made = add(writing, name=entered.name.data, name_en=entered.name_en.data or "")
            note(writing, act, str(made.id))
    return redirect(url_for("organisation.catalogue"), 303)


def _has_parent_in_reach(entered: UnitForm) -> bool:
    parent = entered.parent.data
    if (parent and parent in scope()) or (not parent and current_user.unit_id is None):
        return True
    entered.parent.errors = [gettext("Xin chọn đơn vị cấp trên.")]
    return False


def _unit_form(entered: UnitForm, number: int | None) -> str:
    house = office()
    today = house.day(house.now())
    with house.database.read() as reading:
        lines = [line for line in units.tree(reading, scope()) if line.stands(today) or line.id == entered.parent.data]
    return render_template("organisation/unit_form.html", form=entered, tree=lines, number=number)
