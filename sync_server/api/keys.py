"""Which kiosk asks: `@by_kiosk` before a view of the API."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import current_app, g, request

from sync_server import office
from sync_server.office import Office
from sync_server.queries.kiosks import KnownKiosk, kiosk_of
from sync_server.seals import key_hash

_KNOWN, _KNOWN_MOST = "nucuoi.known_keys", 20_000
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


def by_kiosk_of_before(view: View) -> View:
    """As `by_kiosk`, but a key that was right once is not looked up again.

    Only for a view that hands the kiosk to a service that locks its row and itself refuses a retired one (a key never
    changes). For a request with one rating, looking it up in a transaction of its own is a tenth of the work.
    """

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        known: dict[bytes, KnownKiosk] = current_app.extensions.setdefault(_KNOWN, {})
        authorization = request.headers.get("Authorization")
        sent = key_hash(authorization or "")
        kiosk = known.get(sent)
        if kiosk is None:
            with this_office().database.read() as session:
                kiosk = kiosk_of(session, authorization)
            if len(known) >= _KNOWN_MOST:
                known.clear()
            known[sent] = kiosk
        g.kiosk = kiosk
        return view(*args, **kwargs)

    return cast(View, guarded)


def this_kiosk() -> KnownKiosk:
    """The kiosk that asks, inside a view with `@by_kiosk` or `@by_kiosk_of_before`."""
    return cast(KnownKiosk, g.kiosk)
