"""Signing in and out."""

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from sync_server.queries.staff import has_second_factor
from sync_server.services import sessions
from sync_server.services.sessions import Attempt
from sync_server.web import second_factor, sitting
from sync_server.web.access import EVERYBODY, before_factor, current_user, office, public, roles
from sync_server.web.addresses import local_or_home
from sync_server.web.pacing import asker

pages = Blueprint("sign_in", __name__)


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Name and password."""

    username = StringField(validators=[InputRequired(), Length(max=60)])
    password = PasswordField(validators=[InputRequired(), Length(max=200)])
    next = HiddenField()


@pages.get("/sign-in")
@public
def form() -> str | AnyResponse:
    """The sign-in page."""
    if current_user.is_authenticated:
        return redirect(local_or_home(request.args.get("next")))
    return render_template("sign_in.html", form=SignInForm(next=request.args.get("next", "")), fault=None)


@pages.post("/sign-in")
@public
def enter() -> str | AnyResponse:
    """Try a name and a password. The answer to a wrong one does not tell whether the name exists."""
    entered = SignInForm()
    fault = gettext("Tên đăng nhập hoặc mật khẩu chưa đúng. Xin thử lại.")
    if not entered.validate_on_submit():
        return _again(entered, fault, 422)
    house = office()
    now = house.now()
    attempt = Attempt(
        username=str(entered.username.data),
        password=str(entered.password.data),
        address=asker(),
        known_browser=sitting.known_browser(str(entered.username.data)),
    )
    with house.database.read() as reading:
        wait_ms = sessions.wait_ms(reading, attempt, now=now)
        person = sessions.check(reading, attempt) if not wait_ms else None
    if wait_ms:
        minutes = -(-wait_ms // 60_000)
        fault = gettext("Đã nhập sai nhiều lần. Xin thử lại sau %(minutes)s phút.", minutes=minutes)
        answer = _again(entered, fault, 429)
        answer.headers["Retry-After"] = str(-(-wait_ms // 1000))
        return answer
    if person is None:
        with house.database.write() as writing:
            sessions.note_failure(writing, attempt, now=now)
        return _again(entered, fault, 422)
    with house.database.read() as reading:
        asks_code = has_second_factor(reading, person.id)
    return (
        second_factor.ask(person, entered.next.data) if asks_code else sitting.welcome(person, entered.next.data, now)
    )


@pages.post("/sign-out")
@roles(*EVERYBODY)
@before_factor
def leave() -> AnyResponse:
    """End this session, on the server too."""
    with office().database.write() as writing:
        sessions.end(writing, current_user.id, current_user.session, now=office().now())
    logout_user()
    chosen = session.get("language")
    session.clear()
    if chosen:
        session["language"] = chosen
    return redirect(url_for("sign_in.form"), 303)


def _again(entered: SignInForm, fault: str, status: int) -> Response:
    return Response(render_template("sign_in.html", form=entered, fault=fault), status, mimetype="text/html")
