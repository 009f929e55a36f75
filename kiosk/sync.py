"""Sends what waits, hears what became of it, keeps in touch. Decisions are pure; a thin loop does them.

Stateless and idempotent: whatever is cut off anywhere is simply done again. A rating leaves the outbox only by a
receipt that names it. Nothing here runs in the interface's thread.
"""

import logging
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from kiosk.clock import Clock
from kiosk.errors import BatchRejected, KioskError, NotWelcome, ServerAway, ServerBusy, StoreError
from kiosk.kept import Contact, Identity
from kiosk.photos import Photos
from kiosk.store import Store
from survey import wire
from survey.rating import Rating
from survey.setup import Setup
from survey.wire import MAX_BYTES, MAX_RATINGS, Anchor, Batch, Receipt, Reply, Status, Verdict

log = logging.getLogger(__name__)

FIRST_DELAY_S = 2.0
LONGEST_DELAY_S = 300.0
_SHORTEST_DELAY_S = 0.2
GATHER_S = 1.0
"""A closed rating waits so long for company; a queue at the counter then makes one request, not ten."""
_ROUND_TRIP_LIMIT_MS = 60_000
_ROOM_FOR_THE_REST = 64 * 1024
_STORE_ILL_S = 10.0


class Server(Protocol):
    """What is asked of the server: `kiosk.client.Client`, or a fake."""

    def setup(self, etag: str | None) -> tuple[Setup, str | None] | None:
        """The setup and its ETag, None when it did not change."""

    def send(self, batch: Batch) -> Reply:
        """What became of each rating."""

    def photo(self, path: str) -> bytes:
        """A picture."""

    def close(self) -> None:
        """Let go of connections."""


# --- decisions ---------------------------------------------------------------------------------------------------


def delay_s(failures: int, chance: float) -> float:
    """How long to wait after so many failures in a row: a random part (full jitter) of 2, 4, 8 … 300 s.

    chance: 0.0 to 1.0. With full jitter a whole province of kiosks does not come back at the same second after an
    outage. Source: M. Brooker, Exponential Backoff And Jitter (2015).
    """
    ceiling = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** min(failures - 1, 20))
    return max(_SHORTEST_DELAY_S, chance * ceiling)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When the next round is due, in monotonic seconds.

    beat_at: with nothing to send; send_at: because something waits; not_before: after a failure.
    """

    beat_at: float = 0.0
    send_at: float = float("inf")
    not_before: float = 0.0
    failures: int = 0

    @property
    def due_at(self) -> float:
        """When the next round is."""
        return max(self.not_before, min(self.beat_at, self.send_at))

    def closed(self, now: float) -> "Schedule":
        """A rating was closed. It cuts no waiting after a failure short: a flood would then hammer a sick server."""
        return replace(self, send_at=min(self.send_at, now + GATHER_S))

    def hurried(self, now: float) -> "Schedule":
        """Staff asked, or the kiosk was just enrolled: at once, and with a clean slate."""
        return Schedule(beat_at=now)

    def succeeded(self, begun_at: float, heartbeat_s: float) -> "Schedule":
        """All was sent. From the round's begin: else its own length would make the heart beat slower each time."""
        return Schedule(beat_at=begun_at + heartbeat_s)

    def failed(self, now: float, error: Exception, chance: float) -> "Schedule":
        """A round failed. The server's own word on waiting counts; a server that does not know us is asked rarely."""
        failures = self.failures + 1
        if isinstance(error, ServerBusy):
            # Jitter here too: else all that were told «60» come back together. And never more than five minutes: a
            # server (or a proxy) that says an hour would look like a kiosk that fell silent.
            pause = min(error.retry_after_s, LONGEST_DELAY_S / 1.25) * (1.0 + 0.25 * chance)
        elif isinstance(error, NotWelcome):
            pause = LONGEST_DELAY_S
        elif isinstance(error, StoreError):
            pause = _STORE_ILL_S
        else:
            pause = delay_s(failures, chance)
        return Schedule(beat_at=now, send_at=now, not_before=now + pause, failures=failures)


def cut_batch(ratings: Sequence[Rating], limit: int) -> tuple[Rating, ...]:
    """The first ratings that fit: at most `limit`, and no more bytes unpacked than the wire allows; one at least."""
    room, taken = MAX_BYTES - _ROOM_FOR_THE_REST, 0
    for rating in ratings[:limit]:
        room -= len(wire.to_json(rating)) + 1
        if room < 0 and taken:
            break
        taken += 1
    return tuple(ratings[:taken])


def difference(server_total: int, own_count: int, waiting: int, unsure: int = 0) -> int:
    """How many ratings the server has more (or fewer, negative) than can be explained.

    Ratings that still wait may have arrived already, their reply lost; so up to `waiting` more are no riddle, nor
    are `unsure` more, which the server may count for the kiosk that this one was.
    """
    more = server_total - own_count
    return more if more < 0 else max(0, more - waiting - unsure)


def anchor_from(reply: Reply, boot_id: str, sent_ms: int, answered_ms: int) -> Anchor | None:
    """The anchor that a reply gives: the server's time beside the middle of the round trip.

    None after a round trip so slow that the middle says little.
    """
    if answered_ms - sent_ms > _ROUND_TRIP_LIMIT_MS or wire.read_time(reply.received_at) is None:
        return None
    return Anchor(boot_id=boot_id, monotonic_ms=(sent_ms + answered_ms) // 2, server_time=reply.received_at)


# --- what does them ----------------------------------------------------------------------------------------------


class Sync:
    """One kiosk's conversation with its server. `start` runs it in a thread; `round` is one turn of it.

    state: says how the device is, for each batch; on_change: called from this thread when something came in;
    upkeep: called at every turn of the loop, at least each `turn_s` seconds.
    """

    def __init__(
        self,
        store: Callable[[], Store],
        connect: Callable[[Identity], Server],
        clock: Clock,
        *,
        state: Callable[[Store], Status],
        photos: Photos | None = None,
        on_change: Callable[[], None] = lambda: None,
        upkeep: Callable[[], None] = lambda: None,
        heartbeat_s: float = 240.0,
        turn_s: float = 10.0,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._store, self._connect, self._clock = store, connect, clock
        self._state, self._photos = state, photos
        self._on_change, self._upkeep = on_change, upkeep
        self._heartbeat_s, self._turn_s, self._chance = heartbeat_s, turn_s, chance
        self._lock = threading.Lock()
        self._schedule = Schedule()
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._setup_due_at = 0.0
        self.trouble: KioskError | None = None

    # --- asked by others, from any thread ------------------------------------------------------------------------

    def start(self, after_s: float = 0.0) -> None:
        """Begin, after so long; does nothing when it runs already."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, args=(after_s,), name="sync", daemon=True)
            self._thread.start()

    def stop(self, patience_s: float = 5.0) -> None:
        """End soon. A request that hangs is left alone: what it would bring is asked for again next time."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(patience_s)
            self._thread = None

    def closed(self) -> None:
        """A rating was closed: send it soon."""
        self._plan(lambda schedule, now: schedule.closed(now))

    def hurry(self) -> None:
        """Send at once, and look for a new setup."""
        self._setup_due_at = 0.0
        self._plan(lambda schedule, now: schedule.hurried(now))

    def _plan(self, change: Callable[[Schedule, float], Schedule]) -> None:
        with self._lock:
            self._schedule = change(self._schedule, self._now_s())
        self._wake.set()

    def _now_s(self) -> float:
        return self._clock.monotonic_ms() / 1000

    # --- the loop ------------------------------------------------------------------------------------------------

    def _run(self, after_s: float) -> None:
        self._wake.wait(after_s)
        while not self._stopping.is_set():
            self._wake.clear()
            if self._now_s() >= self._schedule.due_at:
                self.turn()
            try:
                self._upkeep()
            except Exception:
                log.exception("upkeep failed; it is tried again")
            pause = min(self._turn_s, self._schedule.due_at - self._now_s())
            if pause > 0:
                self._wake.wait(pause)

    def turn(self) -> None:
        """One round and its consequences for the schedule. Raises nothing: the thread must outlive every fault."""
        with self._lock:
            begun = self._schedule
            # What is closed or asked for from here on is not of this round and must not be forgotten after it.
            self._schedule = replace(begun, send_at=float("inf"), beat_at=float("inf"))
        error: Exception | None = None
        began_s = self._now_s()
        try:
            self.round(began_s)
        except KioskError as failure:
            log.info("sync: %s", failure)
            error = failure
        except Exception as failure:
            log.exception("sync failed; it is tried again")
            error = failure
        now = self._now_s()
        with self._lock:
            meanwhile = self._schedule
            if error is None:
                after = begun.succeeded(began_s, self._heartbeat_s)
            else:
                after = begun.failed(now, error, self._chance())
            if meanwhile.beat_at < float("inf"):
                after = after.hurried(now)
            elif meanwhile.send_at < float("inf"):
                after = after.closed(now)
            self._schedule = after
        was, self.trouble = self.trouble, error if isinstance(error, KioskError) else None
        if (was is None) != (self.trouble is None):
            self._on_change()

    def round(self, began_s: float | None = None) -> None:
        """Send all that waits (with nothing waiting, a heartbeat), then look for a new setup and pictures.

        began_s: when this round began, by the monotonic clock; now, when left out. Raises what the client raises, and
        `StoreError`. Nothing to do before pairing.
        """
        store = self._store()
        identity = store.identity()
        if identity is None:
            return
        server = self._connect(identity)
        try:
            self._send_all(store, server)
            self._look_for_setup(store, server, self._now_s() if began_s is None else began_s)
            self._fetch_photos(store, server)
        finally:
            server.close()

    def _send_all(self, store: Store, server: Server) -> None:
        size, first = MAX_RATINGS, True
        while first or store.count_waiting():
            if self._stopping.is_set():
                return
            first = False
            ratings = cut_batch(store.waiting(size), size)
            try:
                self._send(store, server, ratings)
                size = min(MAX_RATINGS, size * 2)
            except BatchRejected as error:
                if len(ratings) > 1:
                    size = len(ratings) // 2
                    continue
                self._park_alone(store, server, ratings, error)

    def _send(self, store: Store, server: Server, ratings: tuple[Rating, ...]) -> None:
        sent_ms = self._clock.monotonic_ms()
        batch = Batch(
            sent_at=wire.write_time(self._clock.now()),
            boot_id=self._clock.boot_id,
            monotonic_ms=sent_ms,
            anchors=store.anchors(),
            status=self._state(store),
            ratings=ratings,
        )
        reply = server.send(batch)
        answered_ms = self._clock.monotonic_ms()
        store.settle_all(list(zip(ratings, reply.receipts, strict=True)), self._clock.now())
        before = store.contact()
        contact = Contact(
            last_met_at=reply.received_at,
            last_sent_at=reply.received_at if ratings else before.last_sent_at if before else None,
            server_total=reply.stored_total,
        )
        store.met(contact, anchor_from(reply, self._clock.boot_id, sent_ms, answered_ms))
        self._on_change()

    def _park_alone(self, store: Store, server: Server, ratings: tuple[Rating, ...], error: BatchRejected) -> None:
        """A request with one rating was rejected: park it, if a request with none is welcome.

        Otherwise it is not the rating's fault, and parking them one by one would empty the whole outbox.
        """
        try:
            self._send(store, server, ())
        except BatchRejected as again:
            raise ServerAway(f"the server rejects even an empty batch: {again}") from again
        if not ratings or error.code is None:
            raise ServerAway(f"something on the way rejects batches: {error}") from error
        receipt = Receipt(id=ratings[0].id, verdict=Verdict.REFUSED, code=error.code)
        store.settle(ratings[0], receipt, self._clock.now())
        self._on_change()

    def _look_for_setup(self, store: Store, server: Server, began_s: float) -> None:
        kept = store.setup()
        if kept is not None and began_s < self._setup_due_at:
            return
        newer = server.setup(kept.etag if kept else None)
        if newer is not None:
            store.keep_setup(*newer)
            self._on_change()
        self._setup_due_at = began_s + self._heartbeat_s

    def _fetch_photos(self, store: Store, server: Server) -> None:
        kept = store.setup()
        if kept is None or self._photos is None:
            return
        shown = kept.setup.behaviour.show_photos
        paths = [officer.photo for officer in kept.setup.officers if officer.photo is not None and shown]
        self._photos.forget_others(paths)
        for path in self._photos.missing(paths):
            try:
                if self._photos.keep(path, server.photo(path)) is not None:
                    self._on_change()
            except (ServerAway, OSError) as error:
                log.info("the photo %s is not there yet: %s", path, error)
