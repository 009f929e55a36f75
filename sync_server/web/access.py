"""Who may open a page: `@roles(…)` before a view, `@public` where nobody needs to sign in.

Every view of the site carries one of the two; tests hold the whole table of routes and roles.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_login import LoginManager
from flask_login import current_user as _signed_in
from werkzeug.wrappers import Response

from sync_server.models.people import ROLES
from sync_server.office import KEY, Office
from sync_server.queries import staff, units

P = ParamSpec("P")
R = TypeVar("R")

EVERYBODY = frozenset(ROLES)
"""All who can sign in."""


BOUND_TO_A_UNIT = frozenset({"head", "clerk", "officer"})


@dataclass(frozen=True)
class SignedIn:
    """The person at the browser, as pages see them. unit_id: the top of the subtree that the role reaches; null for
    the whole tree. officer_id: who they are themselves when they are rated. session: the id of this sign-in."""

    id: int
    name: str
    role: str
    unit_id: int | None
    officer_id: int | None
    language: str
    session: int
    token: str
    must_add_factor: bool = False

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What the session cookie holds: the number of the sign-in and its token."""
        return f"{self.session}.{self.token}"


current_user: SignedIn = cast(SignedIn, _signed_in)
"""The person signed in; on a `@public` page ask `.is_authenticated` first."""


def office() -> Office:
    """The office that this application serves: settings, database, seals and clock."""
    return cast(Office, current_app.extensions[KEY])


def scope() -> frozenset[int]:
    """The units that the person signed in may see: the subtree of their unit. Without a unit, the whole tree for
    those who work for all of it, and nothing for those who belong to one."""
    if current_user.unit_id is None and current_user.role in BOUND_TO_A_UNIT:
        return frozenset()
    with office().database.read() as session:
        return units.subtree(session, current_user.unit_id)


def roles(*names: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Open a view to these roles only: others get 403, those who did not sign in the sign-in page."""
    unknown = set(names) - EVERYBODY
    if unknown or not names:
        raise ValueError(f"roles{names}: must be some of {', '.join(ROLES)}")

    def guarded(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def answer(*args: P.args, **kwargs: P.kwargs) -> R:
            if not current_user.is_authenticated:
                return cast(R, current_app.login_manager.unauthorized())  # type: ignore[attr-defined]
            if current_user.role not in names:
                abort(403)
            if current_user.must_add_factor and not getattr(view, "before_factor", False):
                return cast(R, redirect(url_for("second_factor.page")))
            return view(*args, **kwargs)

        answer.roles = frozenset(names)  # type: ignore[attr-defined]
        return answer

    return guarded


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that needs no sign-in."""
    view.roles = None  # type: ignore[attr-defined]
    return view


def before_factor(view: Callable[P, R]) -> Callable[P, R]:
    """Open this view also to a person whose role needs a second factor and who has none yet: to add one, or leave.
    To be put below `@roles`."""
    view.before_factor = True  # type: ignore[attr-defined]
    return view


def without_cookie(view: Callable[P, R]) -> Callable[P, R]:
    """Take this view's forms without a CSRF token: what they may do is said by the address itself, not by a session,
    so that another site gains nothing by sending them and phones that keep no cookies can."""
    view.without_cookie = True  # type: ignore[attr-defined]
    return view


def may_open(endpoint: str) -> bool:
    """Whether the person signed in may open the view of this endpoint (false when there is none)."""
    view = current_app.view_functions.get(endpoint)
    if view is None or not current_user.is_authenticated:
        return False
    allowed: frozenset[str] | None = getattr(view, "roles", frozenset())
    return allowed is None or current_user.role in allowed


def load(cookie: str) -> SignedIn | None:
    """The person behind the session cookie, or None when the sign-in ended, expired or was never ours."""
    number, _, token = cookie.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        return None
    with office().database.read() as session:
        person = staff.signed_in(session, int(number), token, now=office().now())
        must = person is not None and person.role in office().settings.must_have_second_factor
        must_add = must and person is not None and not staff.has_second_factor(session, person.id)
    if person is None:
        return None
    return SignedIn(
        id=person.id,
        name=person.name,
        role=person.role,
        unit_id=person.unit_id,
        officer_id=person.officer_id,
        language=person.language,
        session=int(number),
        token=token,
        must_add_factor=must_add,
    )


def attach(app: Flask) -> None:
    """Let the application know who is signed in."""
    manager = LoginManager()
    manager.session_protection = None  # sign-ins are rows that can be ended; an address change must not sign out
    manager.user_loader(load)
    manager.unauthorized_handler(_to_sign_in)
    manager.init_app(app)


def _to_sign_in() -> Response:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("sign_in.form", next=wanted if wanted != "/" else None))
