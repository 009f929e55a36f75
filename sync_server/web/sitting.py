"""Begin a session in the browser that asks, once it is known who sits there."""

from flask import redirect, request, session, url_for
from flask_login import login_user
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

from sync_server.queries.staff import Person
from sync_server.services import sessions
from sync_server.web.access import SignedIn, office
from sync_server.web.addresses import local_or_home

KNOWN_BROWSER = "nucuoi_browser"
_YEAR_S = 365 * 24 * 3600


def welcome(person: Person, wanted: str | None, now: int) -> Response:
    """Sign a person in and lead to the page that was wanted, where it is one of ours."""
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


def _browser_tokens() -> URLSafeSerializer:
    return URLSafeSerializer(office().seals.derived("known browser"))


def known_browser(username: str) -> str | None:
    """The id inside our token where this browser showed one for this name."""
    try:
        known = _browser_tokens().loads(request.cookies.get(KNOWN_BROWSER, ""))
    except BadData:
        return None
    if not isinstance(known, dict) or known.get("u") != sessions.normal_name(username):
        return None
    return str(known.get("b")) or None


def _device(agent: str) -> str:
    """Browser and system in two words, as far as the browser says; for the list of sessions."""
    browsers = (("Edg", "Edge"), ("OPR", "Opera"), ("coc_coc", "Cốc Cốc"), ("Firefox", "Firefox"), ("Chrome", "Chrome"))
    systems = (("Android", "Android"), ("iPhone", "iPhone"), ("Windows", "Windows"), ("Mac OS", "macOS"))
    browser = next((shown for word, shown in (*browsers, ("Safari", "Safari")) if word in agent), "")
    system = next((shown for word, shown in (*systems, ("Linux", "Linux")) if word in agent), "")
    return " · ".join(part for part in (browser, system) if part) or agent[:60]
