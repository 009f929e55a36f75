"""What the interface talks to. It asks the desk and never waits for the network: only `enrol` speaks to the server,
and the interface calls that in a thread of its own.
"""

import contextlib
import logging
import random
import threading
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from kiosk import carry, device, duty
from kiosk.backlight import Backlight
from kiosk.clock import Clock
from kiosk.condition import DeskStatus, damage_words, describe_store, last_meeting, low_disk_words, wire_status
from kiosk.config import KioskSettings
from kiosk.disk import Disk
from kiosk.errors import BatchRejected, NotWelcome, StoreBusy, StoreError
from kiosk.events import CloseRating, OpenRating, ReviseRating, TakeDuty
from kiosk.joining import Connect, join
from kiosk.kept import ChosenPlace, Taken
from kiosk.photos import Photos
from kiosk.place import OBSERVER, source_now, told_place
from kiosk.recovery import RecoveringStore
from kiosk.store import Store, open_store
from kiosk.sync import Sync
from kiosk.tapped import rating_of
from kiosk.tuning import Tuning
from kiosk.visit import Terms
from survey import resources, ticket, wire
from survey.clock import Meeting
from survey.questionnaire import Words
from survey.setup import Setup
from survey.ticket import Scan
from survey.wire import Status

log = logging.getLogger(__name__)

_TIDY_S = 6 * 3600.0


def in_a_thread(work: Callable[[], None]) -> None:
    """Do it beside the caller."""
    threading.Thread(target=work, name="disk", daemon=True).start()


class Desk:
    """One kiosk behind its glass. All methods may be called from any thread."""

    def __init__(
        self,
        settings: KioskSettings,
        *,
        clock: Clock,
        connect: Connect,
        describe: Callable[[], Any] = lambda: None,
        disk: Disk | None = None,
        chance: Callable[[], float] = random.random,
        beside: Callable[[Callable[[], None]], None] = in_a_thread,
        backlight: Backlight | None = None,
    ) -> None:
        """describe: this device, for enrolment. beside: does some work without keeping its caller waiting.

        Opens nothing; `open` does.
        """
        self._settings, self._clock, self._connect, self._describe = settings, clock, connect, describe
        self._kept = RecoveringStore(
            lambda: open_store(settings.directory, disk=disk), clock, beside=beside, on_recovery=self._tell
        )
        self._tidied_at = float("-inf")
        self._backlight = backlight or Backlight()
        self._told: Terms | None = None
        self._listeners: list[Callable[[], None]] = []
        self._photos = Photos(settings.directory / "photos")
        self._default_pattern = read_default_pattern(resources.config() / "rules.toml", clock.now())
        self._sync = Sync(
            self._kept.healthy,
            lambda identity: connect(identity.url, identity.key),
            clock,
            state=self._wire_status,
            photos=self._photos,
            on_change=self._tell,
            upkeep=self._upkeep,
            heartbeat_s=settings.heartbeat_s,
            chance=chance,
        )

    # --- opening and closing -------------------------------------------------------------------------------------

    def open(self) -> None:
        """Take the data directory. Raises `StoreBusy` when another kiosk has it.

        Whatever else is wrong with the disk is told by `status` and `terms`, and tried again by itself.
        """
        try:
            self._kept.healthy()
        except StoreBusy:
            raise
        except StoreError as error:
            log.error("%s", error)

    def start(self, after_s: float = 0.0) -> None:
        """Begin to speak with the server, after so long, in a thread of its own. The panel gets the light that staff
        chose."""
        kept = self._kept.now.tuning() if self._kept.now is not None else None
        if kept is not None:
            self._backlight.shine(kept.brightness)
        self._sync.start(after_s)

    def stop(self) -> None:
        """End the thread and give the data directory back."""
        self._sync.stop()
        self._kept.close()

    def listen(self, callback: Callable[[], None]) -> None:
        """Call back, from any thread, when terms or status may have changed."""
        self._listeners.append(callback)

    # --- what the flow needs -------------------------------------------------------------------------------------

    def terms(self) -> Terms:
        """The setup, who is on duty now, whether it is open and whether ratings can be kept."""
        able = self._kept.is_able()
        setup, now = self.setup(), self._best_now()
        source = source_now(self._settings.source, setup, self._place())
        if setup is None:
            return Terms(source=source, able=able)
        return Terms(
            setup=setup,
            on_duty=duty.on_duty(setup, now, taken=self._taken()) if source != OBSERVER else (),
            is_open=duty.is_open(setup.behaviour.opening_hours, now),
            source=source,
            able=able,
        )

    def now(self) -> datetime:
        """The time of day, set right by the last meeting with the server."""
        return self._best_now()

    def perform(self, deed: OpenRating | ReviseRating | CloseRating | TakeDuty) -> None:
        """Do a deed durably: on return it survives a power cut. Raises `StoreError`, and then it was not done."""
        try:
            self._do(self._kept.healthy(), deed)
        except StoreError as error:
            self._kept.failed(error, deed.rating_id if isinstance(deed, CloseRating) else None)
            log.error("%s was not done: %s", type(deed).__name__, error)
            self._tell()
            raise

    def _do(self, store: Store, deed: OpenRating | ReviseRating | CloseRating | TakeDuty) -> None:
        match deed:
            case OpenRating():
                store.open_rating(rating_of(deed, store, self._clock, self._best_now()))
            case ReviseRating(rating_id=rating_id, level=level, reasons=reasons, comment=comment):
                store.revise_rating(rating_id, level, reasons, comment)
            case CloseRating(rating_id=rating_id):
                store.close_rating(rating_id)
                self._sync.closed()
            case TakeDuty(officer_id=officer_id):
                since = self._best_now().isoformat(timespec="seconds")
                store.take_duty(Taken(officer_id=officer_id, since=since))
                self._tell()

    def setup(self) -> Setup | None:
        """What to show and ask, None before pairing."""
        store = self._kept.now
        kept = store.setup() if store is not None else None
        return kept.setup if kept else None

    @property
    def dossier_pattern(self) -> str:
        """The regular expression of a dossier code."""
        setup = self.setup()
        return setup.dossier_pattern if setup else self._default_pattern

    @property
    def server_url(self) -> str | None:
        """The server's address, for the link on a receipt."""
        identity = self._kept.now.identity() if self._kept.now is not None else None
        return identity.url if identity else None

    def read_scan(self, text: str) -> Scan:
        """What was scanned. Raises `survey.errors.BadScan`."""
        return ticket.read_scan(text, self.dossier_pattern)

    def photo(self, officer_id: str) -> Path | None:
        """The officer's picture on this device, None while there is none or when photos are not to be shown."""
        setup = self.setup()
        if setup is None or not setup.behaviour.show_photos:
            return None
        paths = [officer.photo for officer in setup.officers if officer.id == officer_id and officer.photo]
        return self._photos.find(paths[0]) if paths else None

    # --- what staff need -----------------------------------------------------------------------------------------

    def enrol(self, url: str, code: str) -> None:
        """Join a server and fetch the setup. Waits for the network: not for the interface's thread.

        Raises `EnrolmentFailed`, `ServerAway` or `StoreError`; `words` of each is fit to show.
        """
        join(self._kept.healthy(), self._connect, url, code, self._describe())
        self._sync.hurry()
        self._tell()

    def send_now(self) -> None:
        """Send what waits at once. Does not wait for it."""
        self._sync.hurry()

    def status(self) -> DeskStatus:
        """How the kiosk is. Only local: quick enough for the interface's thread."""
        free = device.disk_free_mb(self._settings.directory)
        trouble = self._sync.trouble
        trouble_words = trouble.words if trouble is not None and not isinstance(trouble, StoreError) else None
        store = self._kept.now
        if store is None:
            fault = self._kept.ill.words if self._kept.ill else None
            return DeskStatus(disk_free_mb=free, fault_words=fault, trouble_words=trouble_words)
        return replace(
            describe_store(store, self._clock),
            disk_free_mb=free,
            fault_words=self._fault(store) or low_disk_words(free, self._settings.low_disk_mb),
            trouble_words=trouble_words,
        )

    def serve_at_home(self, at_home: bool) -> None:
        """From now on this kiosk is carried on home visits, or stands at its counter. Durable. Raises `StoreError`."""
        told = told_place(self._settings.source, self.setup())
        try:
            self._kept.healthy().choose_place(ChosenPlace(at_home=at_home, told=told))
        except StoreError as error:
            self._kept.failed(error)
            self._tell()
            raise
        self._tell()

    def tuning(self) -> Tuning:
        """How loud and how bright this device is."""
        kept = self._kept.now.tuning() if self._kept.now is not None else None
        return kept or Tuning()

    def tune(self, tuning: Tuning) -> None:
        """So loud and so bright from now on, also after a restart. Raises `StoreError`, and then nothing changed."""
        try:
            self._kept.healthy().tune(tuning)
        except StoreError as error:
            self._kept.failed(error)
            self._tell()
            raise
        self._backlight.shine(tuning.brightness)

    @property
    def can_dim(self) -> bool:
        """Whether the panel's light can be set from here."""
        return self._backlight.is_there

    def sticks(self) -> tuple[Path, ...]:
        """USB sticks that are plugged in and writable."""
        try:
            mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ()
        return tuple(carry.sticks(mounts, self._settings.stick_dirs))

    def export(self, directory: Path) -> carry.Carried:
        """Copy what waits to a stick; on return it is safe to pull. Raises `CarryFailed`, `NotPaired`.

        Takes as long as the stick does: not for the interface's thread.
        """
        return carry.export_waiting(self._kept.healthy(), self._clock, directory, self._wire_status)

    # --- upkeep --------------------------------------------------------------------------------------------------

    def _upkeep(self) -> None:
        """At every turn of the sync's loop: tell of a change of duty or hours, and keep the journal small."""
        terms = self.terms()
        if terms != self._told:
            self._told = terms
            self._tell()
        store, now = self._kept.now, self._clock.monotonic_ms() / 1000
        if store is None or not terms.able:
            return
        with contextlib.suppress(StoreError):  # it goes on growing a little, and is tried again
            daily = now - self._tidied_at >= _TIDY_S
            if daily:
                self._tidied_at = now
                days = terms.setup.behaviour.sent_copies_days if terms.setup else 30
                store.drop_sent_copies(days, self._best_now())
            # Daily even when little is outdated: dossier codes of what was sent must not stay in the file.
            store.tidy(at_once=daily)

    def _tell(self) -> None:
        for callback in list(self._listeners):
            try:
                callback()
            except Exception:
                log.exception("a listener failed")

    def _meeting(self) -> Meeting | None:
        return last_meeting(self._kept.now) if self._kept.now is not None else None

    def _best_now(self) -> datetime:
        return self._clock.best_now(self._meeting())

    def _taken(self) -> tuple[str, datetime] | None:
        taken = self._kept.now.taken() if self._kept.now is not None else None
        since = wire.read_time(taken.since) if taken is not None else None
        return (taken.officer_id, since) if taken is not None and since is not None else None

    def _place(self) -> ChosenPlace | None:
        return self._kept.now.place() if self._kept.now is not None else None

    def _fault(self, store: Store) -> Words | None:
        if self._kept.ill is not None:
            return self._kept.ill.words
        if isinstance(self._sync.trouble, (NotWelcome, BatchRejected)):
            return self._sync.trouble.words
        return damage_words(store)

    def _wire_status(self, store: Store) -> Status:
        return wire_status(store, self._clock, self._settings.directory)


def read_default_pattern(rules: Path, now: datetime) -> str:
    """The dossier code's pattern that is in force: of all that have taken effect, the latest."""
    blocks: list[Mapping[str, str]] = tomllib.loads(rules.read_text(encoding="utf-8"))["dossier_code"]
    in_force = [block for block in blocks if block["effective"] <= now.date().isoformat()] or blocks[:1]
    return max(in_force, key=lambda block: block["effective"])["pattern"]
