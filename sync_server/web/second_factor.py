"""The second factor: turning it on with an app, entering its code after the password, turning it off."""

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from sync_server.queries import staff as staff_queries
from sync_server.queries.staff import Person
from sync_server.services import audit, second_factor, sessions
from sync_server.web import qr, sitting
from sync_server.web.access import EVERYBODY, before_factor, current_user, office, public, roles

pages = Blueprint("second_factor", __name__)

HALF_WAY_MS = 300_000
"""How long a right password waits for its code."""


class CodeForm(FlaskForm):  # type: ignore[misc]
    """A code of the app, or a recovery code."""

    code = StringField(lazy_gettext("Mã xác thực"), validators=[InputRequired(), Length(max=20)])


class HalfWayForm(CodeForm):
    """The same, with what says that the password was right."""

    half_way = HiddenField(validators=[InputRequired(), Length(max=2000)])


class EndForm(FlaskForm):  # type: ignore[misc]
    """The present password."""

    present = PasswordField(lazy_gettext("Mật khẩu hiện tại"), validators=[InputRequired(), Length(max=200)])


def ask(person: Person, wanted: str | None) -> str:
    """The page that asks a person whose password was right for the code."""
    token = _tokens().dumps([person.id, wanted or "", office().now() + HALF_WAY_MS])
    return render_template("account/code.html", form=HalfWayForm(formdata=None, half_way=token), fault=None)


@pages.post("/sign-in/code")
@public
def enter() -> AnyResponse:
    """Take the code, and sign in."""
    entered, house, now = HalfWayForm(), office(), office().now()
    found = _half_way(entered.half_way.data or "")
    if found is None:
        flash(gettext("Đã quá thời gian nhập mã. Xin đăng nhập lại."), "warning")
        return redirect(url_for("sign_in.form"), 303)
    person, wanted = found
    with house.database.read() as reading:
        wait_ms = second_factor.wait_ms(reading, person.id, now=now)
    if wait_ms:
        minutes = -(-wait_ms // 60_000)
        answer = _again(
            entered, gettext("Đã nhập sai nhiều lần. Xin thử lại sau %(minutes)s phút.", minutes=minutes), 429
        )
        answer.headers["Retry-After"] = str(-(-wait_ms // 1000))
        return answer
    with house.database.write() as writing:
        is_right = second_factor.check(writing, house.seals, person.id, str(entered.code.data or ""), now=now)
    if not is_right:
        return _again(entered, gettext("Mã chưa đúng, hoặc đã được dùng. Xin nhập mã mới nhất trên điện thoại."), 422)
    return sitting.welcome(person, wanted, now)


@pages.get("/account/second-factor")
@roles(*EVERYBODY)
@before_factor
def page() -> str:
    """Turn the second factor on or off."""
    return _page(CodeForm(), EndForm())


@pages.post("/account/second-factor/begin")
@roles(*EVERYBODY)
@before_factor
def begin() -> AnyResponse:
    """Make a secret for the app; it counts once a code of it was right."""
    house = office()
    with house.database.write() as writing:
        if not staff_queries.has_second_factor(writing, current_user.id):
            second_factor.begin(writing, house.seals, current_user.id, now=house.now())
    return redirect(url_for("second_factor.page"), 303)


@pages.post("/account/second-factor")
@roles(*EVERYBODY)
@before_factor
def confirm() -> str | tuple[str, int]:
    """Turn it on by a first code; the recovery codes are shown this once."""
    entered, house, now = CodeForm(), office(), office().now()
    with house.database.write() as writing:
        codes = second_factor.confirm(writing, house.seals, current_user.id, entered.code.data or "", now=now)
        if codes:
            audit.note(
                writing, staff_id=current_user.id, act="second factor on", subject=f"staff {current_user.id}", now=now
            )
    if not codes:
        entered.code.errors = [gettext("Mã chưa đúng. Xin kiểm tra giờ của điện thoại và nhập mã mới nhất.")]
        return _page(entered, EndForm(formdata=None)), 422
    return render_template("account/recovery.html", codes=codes)


@pages.post("/account/second-factor/end")
@roles(*EVERYBODY)
@before_factor
def end() -> AnyResponse | tuple[str, int]:
    """Turn it off, by the password."""
    entered, house, now = EndForm(), office(), office().now()
    with house.database.read() as reading:
        is_right = sessions.is_password_of(reading, current_user.id, entered.present.data or "")
    if not is_right:
        entered.present.errors = [gettext("Mật khẩu hiện tại chưa đúng.")]
        return _page(CodeForm(formdata=None), entered), 422
    with house.database.write() as writing:
        if second_factor.end(writing, current_user.id):
            audit.note(
                writing, staff_id=current_user.id, act="second factor off", subject=f"staff {current_user.id}", now=now
            )
    flash(gettext("Đã tắt xác thực hai lớp."), "success")
    return redirect(url_for("account.page"), 303)


def _page(code_form: CodeForm, end_form: EndForm) -> str:
    house = office()
    with house.database.read() as reading:
        person = staff_queries.account(reading, current_user.id)
        is_on = staff_queries.has_second_factor(reading, current_user.id)
        left = second_factor.recovery_codes_left(reading, current_user.id)
        secret = None if is_on else second_factor.waiting(reading, house.seals, current_user.id)
    return render_template(
        "account/second_factor.html",
        form=code_form,
        end_form=end_form,
        is_on=is_on,
        left=left,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)) if secret else None,
        picture=qr.svg(second_factor.address(secret, person.username), gettext("Mã QR cho ứng dụng xác thực"))
        if secret
        else None,
        must=current_user.must_add_factor,
    )


def _half_way(token: str) -> tuple[Person, str] | None:
    try:
        number, wanted, until = _tokens().loads(token)
    except (BadData, ValueError, TypeError):
        return None
    if office().now() >= until:
        return None
    with office().database.read() as reading:
        person = staff_queries.open_account(reading, int(number))
    return None if person is None else (person, str(wanted))


def _again(entered: HalfWayForm, fault: str, status: int) -> Response:
    entered.code.data = ""
    return Response(render_template("account/code.html", form=entered, fault=fault), status, mimetype="text/html")


def _tokens() -> URLSafeSerializer:
    return URLSafeSerializer(office().seals.derived("half-way sign-in"))
