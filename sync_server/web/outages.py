"""Declared outages: the list, declaring one, taking one back."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateTimeLocalField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from sync_server.errors import Refused
from sync_server.ids import KIOSK, UNIT, read_id
from sync_server.queries import outages as queries
from sync_server.queries import units
from sync_server.rules import counting_rules
from sync_server.services import followup, outages
from sync_server.services.outages import Window
from sync_server.web.access import current_user, office, roles, scope

pages = Blueprint("outages", __name__)

SEE = ("administrator", "town_staff", "head", "inspector")
DECLARE = ("administrator",)
"""Administrators see no results, and so cannot declare what they would like to be forgotten."""
_MOMENT = "%Y-%m-%dT%H:%M"


class OutageForm(FlaskForm):  # type: ignore[misc]
    """Where, from when until when, and what happened."""

    place = SelectField(lazy_gettext("Ở đâu"), validate_choice=False)
    from_at = DateTimeLocalField(
        lazy_gettext("Từ lúc"), format=_MOMENT, validators=[InputRequired(lazy_gettext("Xin ghi ngày giờ bắt đầu."))]
    )
    until_at = DateTimeLocalField(
        lazy_gettext("Đến lúc"), format=_MOMENT, validators=[InputRequired(lazy_gettext("Xin ghi ngày giờ kết thúc."))]
    )
    reason = TextAreaField(
        lazy_gettext("Sự cố gì"),
        validators=[DataRequired(lazy_gettext("Hãy ghi sự cố gì, vì sao không phục vụ được.")), Length(max=1000)],
    )


class WithdrawalForm(FlaskForm):  # type: ignore[misc]
    """Why an outage is taken back."""

    reason = TextAreaField(
        lazy_gettext("Vì sao rút lại"),
        validators=[DataRequired(lazy_gettext("Hãy ghi vì sao rút lại khai báo sự cố.")), Length(max=1000)],
    )


@pages.get("/outages")
@roles(*SEE)
def listing() -> str:
    """The outages within reach, those taken back too."""
    house = office()
    with house.database.read() as reading:
        lines = queries.listing(reading, scope())
    return render_template("outages/listing.html", lines=lines, may_declare=current_user.role in DECLARE)


@pages.get("/outages/new")
@roles(*DECLARE)
def new_form() -> str:
    """Where, and from when until when?"""
    return _new_page(OutageForm())


@pages.post("/outages/new")
@roles(*DECLARE)
def new() -> Response | tuple[str, int]:
    """Declare an outage."""
    entered = OutageForm()
    window = _window(entered) if entered.validate_on_submit() else None
    if window is None:
        return _new_page(entered), 422
    try:
        with office().database.write() as session:
            outages.declare(
                session, window, reason=entered.reason.data, by=current_user.id, today=followup.today_of(office())
            )
    except Refused as error:
        return _new_page(entered, fault=str(gettext(str(error)))), 422
    flash(gettext("Đã khai báo sự cố. Lượt đánh giá trong khoảng đó vẫn được giữ nhưng không tính."), "success")
    return redirect(url_for("outages.listing"), 303)


@pages.get("/outages/<int:number>/withdraw")
@roles(*DECLARE)
def withdraw_form(number: int) -> str:
    """Ask why, before what was left out is counted again."""
    return _withdraw_page(number, WithdrawalForm())


@pages.post("/outages/<int:number>/withdraw")
@roles(*DECLARE)
def withdraw(number: int) -> Response | tuple[str, int]:
    """Take an outage back."""
    entered, house = WithdrawalForm(), office()
    if not entered.validate_on_submit():
        return _withdraw_page(number, entered), 422
    try:
        with house.database.write() as session:
            queries.one(session, number, scope())
            outages.withdraw(
                session,
                house,
                number,
                reason=entered.reason.data,
                by=current_user.id,
                today=followup.today_of(house),
            )
    except Refused as error:
        return _withdraw_page(number, entered, fault=str(gettext(str(error)))), 422
    flash(gettext("Đã rút lại khai báo sự cố. Các lượt đánh giá đó được tính lại như thường."), "success")
    return redirect(url_for("outages.listing"), 303)


def _window(entered: OutageForm) -> Window | None:
    """What was entered; None, with the fault beside the field, for a place out of reach."""
    given = entered.place.data or ""
    unit_id, kiosk_id = read_id(UNIT, given), read_id(KIOSK, given)
    within = scope()
    with office().database.read() as reading:
        homes = {kiosk.id: kiosk.unit_id for kiosk in queries.kiosks(reading, within)}
    if kiosk_id is not None:
        unit_id = homes.get(kiosk_id)
    if unit_id is None or unit_id not in within:
        entered.place.errors = [gettext("Xin chọn đơn vị hoặc máy.")]
        return None
    return Window(
        unit_id=unit_id,
        kiosk_id=kiosk_id,
        from_at=_milliseconds(entered.from_at.data),
        until_at=_milliseconds(entered.until_at.data),
    )


def _milliseconds(entered: datetime) -> int:
    """A moment of the town's own clock, in ms UTC."""
    return int(entered.replace(tzinfo=office().zone).timestamp()) * 1000


def _new_page(entered: OutageForm, *, fault: str = "") -> str:
    house, within = office(), scope()
    with house.database.read() as reading:
        tree = units.tree(reading, within)
        kiosks = queries.kiosks(reading, within)
    days = counting_rules().at(house.day(house.now())).outage_days_max
    return render_template("outages/new.html", form=entered, tree=tree, kiosks=kiosks, days=days, fault=fault)


def _withdraw_page(number: int, entered: WithdrawalForm, *, fault: str = "") -> str:
    with office().database.read() as reading:
        line = queries.one(reading, number, scope())
    return render_template("outages/withdraw.html", form=entered, line=line, fault=fault)
