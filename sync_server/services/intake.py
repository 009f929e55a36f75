"""Taking a batch: each rating once, with its verdict, its place in the ledger and in time, and the tallies moved.

Everything of a batch happens in one transaction, which the caller opens and commits. Taking the same batch again is
safe and changes nothing but the kiosk's last contact. On PostgreSQL the kiosk's own row is locked, and of what kiosks
share only the tallies, in the order of their keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row as Found
from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from survey import wire
from survey.clock import Meeting
from survey.rating import SOURCES
from survey.wire import Verdict
from sync_server.errors import KioskRetired, NotFound
from sync_server.messages import Incoming, ReplyOut
from sync_server.models.kiosk import Kiosk
from sync_server.office import Office
from sync_server.queries import outages
from sync_server.queries.known import unit_known
from sync_server.queries.observers import SETTING
from sync_server.queries.observers import SOURCE as OBSERVERS_SOURCE
from sync_server.queries.prepared import Prepared
from sync_server.rules import counting_rules
from sync_server.services import followup, tallies
from sync_server.services.arrivals import Arrival
from sync_server.services.clocks import meet
from sync_server.services.dossiers import Dossiers
from sync_server.services.hours import Calendar
from sync_server.services.ledgers import open_ledger
from sync_server.services.recounting import Late, recount
from sync_server.services.storing import Place, Storing
from sync_server.services.tallies import Moves
from sync_server.services.verdicts import Verdicts, sort_out

MINUTE_MS = 60_000
KioskRow = Found[int, int, int, str, int | None, dict[str, Any]]
"""What `_LOCKED` finds."""
_KIOSK: Table = Kiosk.__table__  # type: ignore[assignment]
_OF_KIOSK = _KIOSK.c.id == bindparam("kiosk")
_LOCKED = (
    select(_KIOSK.c.id, _KIOSK.c.unit_id, _KIOSK.c.stored_total, _KIOSK.c.name, _KIOSK.c.retired_at, _KIOSK.c.settings)
    .where(_OF_KIOSK)
    .with_for_update()
)
_CARRIED = Prepared("UPDATE kiosk SET stored_total = :total WHERE id = :kiosk")
_SEEN = Prepared("UPDATE kiosk SET stored_total = :total, last_contact_at = :at, status = :how WHERE id = :kiosk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a batch did: the reply to it, and whose tallies moved from which day on."""

    reply: ReplyOut
    officers: frozenset[int]
    earliest_day: int | None


def take(
    session: Session,
    office: Office,
    kiosk_id: int,
    incoming: Incoming,
    arrivals: Sequence[Arrival],
    *,
    now: int,
    carried: bool = False,
    look_up: bool = True,
) -> Taken:
    """Take a batch of a kiosk. arrivals: its ratings, as `arrivals.read` gives them.

    now: when it came, in milliseconds UTC. carried: it came on a stick, so that its moment of sending is no meeting
    with the server. look_up=False skips looking for the ids where the batch only continues the ledger; then
    `IntegrityError` may be raised, and the transaction is to be begun again with look_up=True.
    Raises `NotFound` for a kiosk that does not exist, `KioskRetired` for one that staff retired, unless it was carried:
    a stick may hold what it took before.
    """
    kiosk = _locked(session, kiosk_id)
    if kiosk.retired_at is not None and not carried:
        raise KioskRetired(f"staff retired the kiosk {kiosk.name}; enrol it again to use it")
    _must_be_of_its_own(arrivals, is_observers=bool(kiosk.settings.get(SETTING)))
    taking = _Taking(session, office, kiosk, now)
    own = None if carried else Meeting(incoming.boot_id, incoming.monotonic_ms, now)
    verdicts = taking.run(incoming, arrivals, own, look_up=look_up)
    stored_total = kiosk.stored_total + taking.stored
    how = msgspec.json.encode(incoming.status).decode()
    (_CARRIED if carried else _SEEN).run(session, {"total": stored_total, "at": now, "how": how, "kiosk": kiosk_id})
    reply = ReplyOut(
        version=wire.MAX,
        received_at=wire.write_time(datetime.fromtimestamp(now / 1000, office.zone)),
        stored_total=stored_total,
        receipts=verdicts.receipts,
    )
    return Taken(reply=reply, officers=taking.moves.officers, earliest_day=taking.moves.earliest_day)


def _locked(session: Session, kiosk_id: int) -> KioskRow:
    """The kiosk's row: two batches of one kiosk take turns."""
    found = session.connection().execute(_LOCKED, {"kiosk": kiosk_id}).one_or_none()
    if found is None:
        raise NotFound(f"there is no kiosk {kiosk_id}")
    return found


def _must_be_of_its_own(arrivals: Sequence[Arrival], *, is_observers: bool) -> None:
    """What observers ask comes from their own kiosks, and from those nothing else: else one survey could be filled
    by those whom it is about."""
    for arrival in arrivals:
        if arrival.code is None and (arrival.kind.source == OBSERVERS_SOURCE) != is_observers:
            whose = "observers' kiosk" if is_observers else "kiosk that no observer enrolled"
            arrival.refuse("bad_field", f"source: {SOURCES[arrival.kind.source]!r} came from a {whose}")


class _Taking:
    """One batch in one transaction."""

    def __init__(self, session: Session, office: Office, kiosk: KioskRow, now: int) -> None:
        unit = unit_known(session, kiosk.unit_id)
        self._session = session
        self._kiosk_id = kiosk.id
        self._now = now
        self._latest = now + counting_rules().at(office.day(now)).future_tolerance_min * MINUTE_MS
        windows = outages.windows(session, kiosk.id, kiosk.unit_id)
        self._calendar = Calendar(office.zone, unit.opening_hours, counting_rules(), windows)
        self._dossiers = Dossiers(
            office.seals, unit.key_sealed, office.day(now), keep_links=office.settings.keep_dossier_links
        )
        self._ledger = open_ledger(session, kiosk.id, now)
        self._unit_id = kiosk.unit_id
        self._today = followup.today_of(office, now)
        self.moves = Moves()
        self.stored = 0

    def run(self, incoming: Incoming, arrivals: Sequence[Arrival], own: Meeting | None, *, look_up: bool) -> Verdicts:
        """Give all verdicts, store what is new, and count anew what that changes."""
        boots = {item.rating.boot_id for item in arrivals if item.rating is not None and item.code is None}
        clocks = meet(self._session, self._kiosk_id, boots, incoming.anchors, own, no_later_than=self._latest)
        late = Late(newly_met=clocks.newly_met)
        verdicts = Verdicts(arrivals)
        if arrivals:
            appends = self._ledger.appends([item.seq or 0 for item in arrivals])
            known = set() if appends else self._ledger.detached([item.seq or 0 for item in arrivals if not item.code])
            fresh, there = sort_out(
                self._session,
                verdicts,
                arrivals,
                clocks,
                latest=self._latest,
                look_up=look_up or not appends,
                detached=known,
            )
            if fresh:
                self._store(verdicts, fresh, arrivals, Place(there, clocks, self._unit_id, self._now, appends), late)
            verdicts.write(self._session, self._kiosk_id, self._now)
        unsure = [branch.id for branch in self._ledger.branches if branch.has_unsure]
        recount(self._session, late, unsure, self._calendar, self.moves)
        tallies.move(self._session, self.moves)
        return verdicts

    def _store(
        self, verdicts: Verdicts, fresh: Sequence[int], arrivals: Sequence[Arrival], place: Place, late: Late
    ) -> None:
        storing = Storing(self._session, self._calendar, self._dossiers, self._ledger, self.moves, late)
        bad_tickets = storing.store([arrivals[index] for index in fresh], place)
        for index, is_bad in zip(fresh, bad_tickets, strict=True):
            verdicts.give(index, Verdict.STORED, "bad_ticket" if is_bad else None)
        self.stored += len(fresh)
        followup.after_intake(self._session, [arrivals[index] for index in fresh], self._today)
