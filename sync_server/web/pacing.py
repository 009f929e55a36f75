"""How often the pages that need no sign-in may be asked: guesses of codes, and forms of one slip.

A receipt code has eight of 32 characters; with ten million ratings one guess in a hundred thousand meets one, and
learns no more than «đã được tính». Only what fails is counted, so that a town behind one address is not held up by
its own success; who must wait is told so before anything is looked up, whether the code is right or not.
"""

from dataclasses import dataclass, field
from typing import cast

from flask import current_app, request
from werkzeug.exceptions import TooManyRequests

from sync_server.pace import Pace
from sync_server.web.access import office

KEY = "nucuoi.pacing"
WINDOW_MS = 10 * 60 * 1000


@dataclass(frozen=True)
class Paces:
    """receipts: codes that no rating has, by address. tickets: forged and old slips, by address. forms: answers to one
    slip, by its token: one counts, some more come from a slow network, the rest would only fill the disk."""

    receipts: Pace = field(default_factory=lambda: Pace(limit=20, overall=1000, window_ms=WINDOW_MS))
    tickets: Pace = field(default_factory=lambda: Pace(limit=40, overall=5000, window_ms=WINDOW_MS))
    forms: Pace = field(default_factory=lambda: Pace(limit=8, overall=20_000, window_ms=WINDOW_MS))


def paces() -> Paces:
    """The counts of this process."""
    return cast(Paces, current_app.extensions.setdefault(KEY, Paces()))


def hold(pace: Pace, key: str) -> None:
    """Answer 429 when this key, or all together, tried too often. Nothing is counted by asking."""
    wait_ms = pace.wait_ms(key, now=office().now())
    if wait_ms:
        raise TooManyRequests(retry_after=-(-wait_ms // 1000))


def note(pace: Pace, key: str) -> None:
    """Count a try."""
    pace.note(key, now=office().now())


def asker() -> str:
    """The address that asks. '' where it is the server's own: behind a proxy that we were not told of all people come
    from there, and a limit would lock the whole town out."""
    address = request.remote_addr or ""
    return "" if address.startswith("127.") or address == "::1" else address
