"""Accounts: who may sign in, with which role and reach. Passwords are chosen by their owners, by a link."""

import secrets

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import AnyOf, DataRequired, Length, Optional, Regexp

from sync_server.models.people import ROLES
from sync_server.queries import dossiers, units
from sync_server.queries import staff as staff_queries
from sync_server.services import audit, invitations, second_factor
from sync_server.services import staff as accounts
from sync_server.web.access import BOUND_TO_A_UNIT, current_user, office, roles
from sync_server.web.navigation import role_name
from sync_server.web.slips import address

pages = Blueprint("people", __name__)


class AccountForm(FlaskForm):  # type: ignore[misc]
    """A new account."""

    name = StringField(lazy_gettext("Họ và tên"), validators=[DataRequired(), Length(max=120)])
    username = StringField(
        lazy_gettext("Tên đăng nhập"),
        filters=[lambda text: (text or "").strip().casefold()],
        validators=[
            DataRequired(),
            Regexp(
                r"[a-z0-9][a-z0-9._-]{1,59}\Z",
                message=lazy_gettext("Từ 2 đến 60 ký tự: a–z không dấu, số, dấu chấm, gạch ngang, gạch dưới."),
            ),
        ],
    )
    role = SelectField(lazy_gettext("Vai trò"), validate_choice=False, validators=[AnyOf(ROLES)])
    unit = SelectField(lazy_gettext("Đơn vị"), coerce=int, validate_choice=False, default=0, validators=[Optional()])
    officer = SelectField(
        lazy_gettext("Là cán bộ"), coerce=int, validate_choice=False, default=0, validators=[Optional()]
    )


@pages.get("/people")
@roles("administrator")
def listing() -> str:
    """All accounts."""
    with office().database.read() as reading:
        lines = staff_queries.accounts(reading)
    return render_template("people/listing.html", lines=lines)


@pages.get("/people/new")
@roles("administrator")
def new_form() -> str:
    """The form of a new account."""
    return _form_page(AccountForm())


@pages.post("/people/new")
@roles("administrator")
def new() -> str | tuple[str, int]:
    """Make an account and its link, which is shown this once."""
    entered = AccountForm()
    if not (entered.validate_on_submit() and _goes_together(entered)):
        return _form_page(entered), 422
    house, now = office(), office().now()
    with house.database.write() as writing:
        made = accounts.make_staff(
            writing,
            username=entered.username.data,
            name=entered.name.data,
            role=entered.role.data,
            password=secrets.token_urlsafe(32),  # nobody's: the person chooses one by the link
            unit_id=entered.unit.data or None,
            officer_id=entered.officer.data or None,
            now=now,
        )
        token = invitations.invite(writing, made.id, made_by=current_user.id, now=now)
        audit.note(
            writing,
            staff_id=current_user.id,
            act="account made",
            subject=f"staff {made.id}",
            detail={"role": made.role, "unit": made.unit_id},
            now=now,
        )
    return _link_page(made.id, token)


@pages.post("/people/<int:number>/invite")
@roles("administrator")
def invite(number: int) -> str:
    """A new link for somebody who forgot the password."""
    house, now = office(), office().now()
    with house.database.write() as writing:
        token = invitations.invite(writing, number, made_by=current_user.id, now=now)
        audit.note(writing, staff_id=current_user.id, act="account invited", subject=f"staff {number}", now=now)
    return _link_page(number, token)


@pages.post("/people/<int:number>/second-factor/end")
@roles("administrator")
def end_factor(number: int) -> Response:
    """Take away the second factor of somebody who lost phone and codes; the log tells it."""
    house = office()
    with house.database.write() as writing:
        if second_factor.end(writing, number):
            audit.note(
                writing, staff_id=current_user.id, act="second factor reset", subject=f"staff {number}", now=house.now()
            )
            flash(gettext("Đã bỏ xác thực hai lớp của tài khoản này."), "success")
    return redirect(url_for("people.listing"), 303)


@pages.get("/people/<int:number>/close")
@roles("administrator")
def close_form(number: int) -> str:
    """Ask once more before an account is closed."""
    with office().database.read() as reading:
        person = staff_queries.account(reading, number)
    return render_template("people/close.html", person=person)


@pages.post("/people/<int:number>/close")
@roles("administrator")
def close(number: int) -> Response:
    """Close an account: nobody signs in with it any more, and its sessions end."""
    if number == current_user.id:
        flash(gettext("Không thể đóng tài khoản đang dùng."), "warning")
        return redirect(url_for("people.listing"), 303)
    house, now = office(), office().now()
    with house.database.write() as writing:
        accounts.close_account(writing, number, now=now)
        audit.note(writing, staff_id=current_user.id, act="account closed", subject=f"staff {number}", now=now)
    flash(gettext("Đã đóng tài khoản."), "success")
    return redirect(url_for("people.listing"), 303)


def _goes_together(entered: AccountForm) -> bool:
    """Whether role, unit and officer fit; faults are put beside their fields."""
    role, faults = entered.role.data, 0
    with office().database.read() as reading:
        taken = {line.person.username for line in staff_queries.accounts(reading)}
        known_units = units.subtree(reading, None)
    if entered.username.data in taken:
        entered.username.errors = [gettext("Tên đăng nhập này đã có người dùng.")]
        faults += 1
    if role in BOUND_TO_A_UNIT and entered.unit.data not in known_units:
        entered.unit.errors = [gettext("Vai trò này cần một đơn vị.")]
        faults += 1
    if (role == "officer") != bool(entered.officer.data):
        entered.officer.errors = [gettext("Chọn cán bộ khi và chỉ khi vai trò là «Cán bộ, công chức».")]
        faults += 1
    return not faults


def _form_page(entered: AccountForm) -> str:
    house = office()
    with house.database.read() as reading:
        tree = units.tree(reading, units.subtree(reading, None))
        people = dossiers.serving(reading, units.subtree(reading, None), day=house.day(house.now()))
    return render_template(
        "people/new.html", form=entered, tree=tree, officers=people, roles=[(role, role_name(role)) for role in ROLES]
    )


def _link_page(number: int, token: str) -> str:
    with office().database.read() as reading:
        person = staff_queries.account(reading, number)
    link = address() + url_for("account.welcome", token=token)
    return render_template("people/link.html", person=person, link=link)
