"""Which kiosk asks: `@by_kiosk` before a view of the API."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import current_app, g, request

from sync_server import office
from sync_server.office import Office
from sync_server.queries.kiosks import KnownKiosk, kiosk_of

View = TypeVar("View", bound=Callable[..., Any])


def this_office() -> Office:
    """The office of this application."""
    return cast(Office, current_app.extensions[office.KEY])


def by_kiosk(view: View) -> View:
    """Let only kiosks with a good key in; the view asks `this_kiosk()`.

    Others are answered 401 with the code `bad_key` or `kiosk_retired`, before the body is read.
    """

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        with this_office().database.read() as session:
            g.kiosk = kiosk_of(session, request.headers.get("Authorization"))
        return view(*args, **kwargs)

    return cast(View, guarded)


def this_kiosk() -> KnownKiosk:
    """The kiosk that asks, inside a view with `@by_kiosk`."""
    return cast(KnownKiosk, g.kiosk)
