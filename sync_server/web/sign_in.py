"""Signing in and out."""

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import login_user, logout_user
from flask_wtf import FlaskForm
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from sync_server.queries.staff import Person
from sync_server.services import sessions
from sync_server.services.sessions import Attempt
from sync_server.web.access import EVERYBODY, SignedIn, current_user, office, public, roles
from sync_server.web.addresses import local_or_home

pages = Blueprint("sign_in", __name__)

KNOWN_BROWSER = "nucuoi_browser"
_YEAR_S = 365 * 24 * 3600


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
        address=_address(),
        known_browser=_known_browser(str(entered.username.data)),
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
    return _welcome(person, entered.next.data, now)


@pages.post("/sign-out")
@roles(*EVERYBODY)
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


def _welcome(person: Person, wanted: str | None, now: int) -> AnyResponse:
    house = office()
    lasts_ms = house.settings.session_hours * 3_600_000
    with house.database.write() as writing:
        number, token = sessions.begin(
            writing, person.id, device=_device(request.user_agent.string), lasts_ms=lasts_ms, now=now
        )
    chosen = session.get("language")
    session.clear()  # nothing that was in the cookie before may carry over, nor its CSRF token
    if chosen:
        session["language"] = chosen
    session.permanent = True
    login_user(
        SignedIn(
            id=person.id,
            name=person.name,
            role=person.role,
            unit_id=person.unit_id,
            officer_id=person.officer_id,
            language=person.language,
            session=number,
            token=token,
        )
    )
    answer = redirect(local_or_home(wanted), 303)
    answer.set_cookie(
        KNOWN_BROWSER,
        _browser_tokens().dumps({"u": sessions.normal_name(person.username), "b": token[:16]}),
        max_age=_YEAR_S,
        httponly=True,
        samesite="Lax",
        secure=house.settings.secure_cookies,
        path=url_for("sign_in.form"),
    )
    return answer


def _again(entered: SignInForm, fault: str, status: int) -> Response:
    return Response(render_template("sign_in.html", form=entered, fault=fault), status, mimetype="text/html")


def _browser_tokens() -> URLSafeSerializer:
    return URLSafeSerializer(office().seals.derived("known browser"))


def _known_browser(username: str) -> str | None:
    try:
        known = _browser_tokens().loads(request.cookies.get(KNOWN_BROWSER, ""))
    except BadData:
        return None
    if not isinstance(known, dict) or known.get("u") != sessions.normal_name(username):
        return None
    return str(known.get("b")) or None


def _address() -> str:
    address = request.remote_addr or ""
    # Behind a proxy that we were not told of, all people come from here: a limit would lock the whole town out.
    return "" if address.startswith("127.") or address in ("::1", "") else address


def _device(agent: str) -> str:
    """Browser and system in two words, as far as the browser says; for the list of sessions."""
    browsers = (("Edg", "Edge"), ("OPR", "Opera"), ("coc_coc", "Cốc Cốc"), ("Firefox", "Firefox"), ("Chrome", "Chrome"))
    systems = (("Android", "Android"), ("iPhone", "iPhone"), ("Windows", "Windows"), ("Mac OS", "macOS"))
    browser = next((shown for word, shown in (*browsers, ("Safari", "Safari")) if word in agent), "")
    system = next((shown for word, shown in (*systems, ("Linux", "Linux")) if word in agent), "")
    return " · ".join(part for part in (browser, system) if part) or agent[:60]
