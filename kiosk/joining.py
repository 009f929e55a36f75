"""A kiosk joins a server: its code becomes an identity, and the first setup comes with it."""

import logging
from collections.abc import Callable
from typing import Any, Protocol

from kiosk.errors import NotWelcome, ServerAway
from kiosk.kept import Identity
from kiosk.store import Store
from kiosk.sync import Server
from survey.wire import Enrolled

log = logging.getLogger(__name__)


class Joining(Server, Protocol):
    """A server that can also be joined: `kiosk.client.Client`, or a fake."""

    def enrol(self, code: str, device: Any) -> Enrolled:
        """Join."""


Connect = Callable[[str, str | None], Joining]
"""Makes a server's client from its address and our key."""


def join(store: Store, connect: Connect, url: str, code: str, device: Any) -> Identity:
    """Join the server at `url` by a code that works once, keep who we are there, and fetch the setup.

    Waits for the network. Raises `EnrolmentFailed`, `ServerAway` or `StoreError`; `words` of each is fit to show.
    A setup that does not come is no failure: the sync goes on asking.
    """
    store.probe()  # the code works once: it must not be spent when its answer could not be kept
    client = connect(url, None)
    try:
        enrolled = client.enrol(code, device)
    finally:
        client.close()
    identity = Identity(
        url=url.rstrip("/"),
        kiosk_id=enrolled.kiosk_id,
        key=enrolled.key,
        carry_key=enrolled.carry_key,
        unit_id=enrolled.unit_id,
        counter_id=enrolled.counter_id,
    )
    store.enrol(identity)
    log.info("enrolled as %s at %s", identity.kiosk_id, identity.url)
    _fetch_setup(store, connect, identity)
    return identity


def _fetch_setup(store: Store, connect: Connect, identity: Identity) -> None:
    client = connect(identity.url, identity.key)
    try:
        newer = client.setup(None)
        if newer is not None:
            store.keep_setup(*newer)
    except (ServerAway, NotWelcome) as error:
        log.warning("enrolled, but the setup is not here yet: %s", error)
    finally:
        client.close()
