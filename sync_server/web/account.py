"""One's own account: choosing a password, and the browsers where one is signed in."""

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import PasswordField
from wtforms.validators import InputRequired

from sync_server.queries import staff as staff_queries
from sync_server.services import audit, invitations, passwords, sessions
from sync_server.services import staff as accounts
from sync_server.services.staff import PASSWORD_LENGTH_MIN
from sync_server.web.access import EVERYBODY, current_user, office, public, roles

pages = Blueprint("account", __name__)


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """A new password, typed twice."""

    password = PasswordField(lazy_gettext("Mật khẩu mới"), validators=[InputRequired()])
    again = PasswordField(lazy_gettext("Nhập lại mật khẩu mới"), validators=[InputRequired()])


class ChangeForm(PasswordForm):
    """The same, with the present password."""

    present = PasswordField(lazy_gettext("Mật khẩu hiện tại"), validators=[InputRequired()])


@pages.get("/account")
@roles(*EVERYBODY)
def page() -> str:
    """Where one is signed in, and how to change the password."""
    return _page(ChangeForm())


@pages.post("/account/password")
@roles(*EVERYBODY)
def change() -> str | tuple[str, int] | AnyResponse:
    """Change the password; all browsers must sign in again."""
    entered = ChangeForm()
    house, now = office(), office().now()
    with house.database.read() as reading:
        person = staff_queries.account(reading, current_user.id)
        is_right = sessions.is_password_of(reading, current_user.id, entered.present.data or "")
    if not is_right:
        entered.present.errors = [gettext("Mật khẩu hiện tại chưa đúng.")]
    if not is_right or not _is_good(entered, person.username, person.name):
        return _page(entered), 422
    with house.database.write() as writing:
        accounts.set_password(writing, current_user.id, entered.password.data)
        sessions.end_all(writing, current_user.id, now=now)
        audit.note(
            writing, staff_id=current_user.id, act="password changed", subject=f"staff {current_user.id}", now=now
        )
    logout_user()
    flash(gettext("Đã đổi mật khẩu. Xin đăng nhập lại."), "success")
    return redirect(url_for("sign_in.form"), 303)


@pages.post("/account/sessions/<int:number>/end")
@roles(*EVERYBODY)
def end(number: int) -> AnyResponse:
    """End one's own session in another browser."""
    with office().database.write() as writing:
        sessions.end(writing, current_user.id, number, now=office().now())
    return redirect(url_for("account.page"), 303)


@pages.get("/welcome/<token>")
@public
def welcome(token: str) -> str | AnyResponse:
    """Choose a password by an invitation."""
    with office().database.read() as reading:
        person = invitations.invited(reading, token, now=office().now())
    if person is None:
        return Response(render_template("account/void.html"), 410, mimetype="text/html")
    return render_template(
        "account/welcome.html", form=PasswordForm(), token=token, person=person, least=PASSWORD_LENGTH_MIN
    )


@pages.post("/welcome/<token>")
@public
def accept(token: str) -> str | tuple[str, int] | AnyResponse:
    """Take the chosen password."""
    entered, now = PasswordForm(), office().now()
    with office().database.read() as reading:
        person = invitations.invited(reading, token, now=now)
    if person is None:
        return Response(render_template("account/void.html"), 410, mimetype="text/html")
    if not _is_good(entered, person.username, person.name):
        page = render_template(
            "account/welcome.html", form=entered, token=token, person=person, least=PASSWORD_LENGTH_MIN
        )
        return page, 422
    with office().database.write() as writing:
        invitations.accept(writing, token, entered.password.data, now=now)
        audit.note(writing, staff_id=person.id, act="password chosen", subject=f"staff {person.id}", now=now)
    flash(gettext("Đã đặt mật khẩu. Xin đăng nhập."), "success")
    return redirect(url_for("sign_in.form"), 303)


def _is_good(entered: PasswordForm, *about: str) -> bool:
    """Whether the new password may be taken; faults are put beside their fields."""
    if not entered.validate_on_submit():
        return False
    weak = passwords.weakness(entered.password.data, *about)
    if weak:
        entered.password.errors = [_why(weak)]
        return False
    if entered.password.data != entered.again.data:
        entered.again.errors = [gettext("Hai lần nhập chưa giống nhau.")]
        return False
    return True


def _why(weak: str) -> str:
    reasons: dict[str, str] = {
        passwords.TOO_SHORT: gettext(
            "Mật khẩu cần ít nhất %(least)s ký tự; một câu ngắn dễ nhớ là tốt nhất.", least=PASSWORD_LENGTH_MIN
        ),
        passwords.TOO_LONG: gettext("Mật khẩu quá dài."),
        passwords.TOO_COMMON: gettext("Mật khẩu này quá phổ biến, dễ bị đoán. Xin chọn mật khẩu khác."),
        passwords.TOO_SIMPLE: gettext("Mật khẩu này quá đơn giản. Xin chọn mật khẩu khác."),
        passwords.TOO_CLOSE: gettext("Mật khẩu không nên chỉ gồm tên của Ông/Bà."),
    }
    return reasons[weak]


def _page(entered: ChangeForm) -> str:
    with office().database.read() as reading:
        where = staff_queries.sign_ins(reading, current_user.id, now=office().now())
    return render_template(
        "account/page.html", form=entered, where=where, here=current_user.session, least=PASSWORD_LENGTH_MIN
    )
