"""Receiving a batch: read it, take it in one transaction (again when two got into each other's way), have it judged."""

import logging
from collections.abc import Callable
from functools import partial

from sqlalchemy.exc import DBAPIError, IntegrityError

from sync_server.db import is_passing
from sync_server.errors import Busy
from sync_server.messages import Incoming, ReplyOut, read_batch
from sync_server.office import Office
from sync_server.services import arrivals
from sync_server.services.intake import Taken, take

ATTEMPTS = 6
"""How often a transaction is begun again that others made impossible. Each time one of those has been done."""

_AGAIN = frozenset({"40001", "40P01"})  # PostgreSQL: serialization failure, deadlock
_log = logging.getLogger(__name__)

Touched = Callable[[frozenset[int], int | None], None]
"""Told whose tallies moved, and from which day on."""


def receive(
    office: Office, kiosk_id: int, body: bytes, *, now: int, touched: Touched, carried: bool = False
) -> ReplyOut:
    """Take the plain JSON of a batch, durably, and return the reply.

    now: when it came, in milliseconds UTC; carried: on a stick. Raises `NotABatch`, which is final, or `Busy`, after
    which the same batch may be sent again. `touched` is called after the commit; when it fails, that is logged.
    """
    incoming = read_batch(body)
    taken = _take(office, kiosk_id, incoming, now, carried=carried)
    if taken.officers:
        try:
            touched(taken.officers, taken.earliest_day)
        except Exception:
            # The ratings are stored: the kiosk must get its receipts, and the nightly judging comes in any case.
            _log.exception("judging after a batch of kiosk %d failed", kiosk_id)
    return taken.reply


def _take(office: Office, kiosk_id: int, incoming: Incoming, now: int, *, carried: bool) -> Taken:
    look_up = False
    last: DBAPIError | None = None
    for _ in range(ATTEMPTS):
        arrived = arrivals.read(incoming.ratings)  # anew, since an attempt leaves its faults on them
        try:
            return office.database.share(
                partial(
                    take,
                    office=office,
                    kiosk_id=kiosk_id,
                    incoming=incoming,
                    arrivals=arrived,
                    now=now,
                    carried=carried,
                    look_up=look_up,
                )
            )
        except IntegrityError as error:
            # An id that is stored already, or a dossier that another kiosk counted this moment.
            look_up, last = True, error
        except DBAPIError as error:
            if not is_passing(error):
                raise
            last = error
            if not _may_try_again(error):
                raise Busy("the database is busy; send the same again later") from error
    raise Busy("other batches got in the way again and again; send the same again later") from last


def _may_try_again(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in _AGAIN
