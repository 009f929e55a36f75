"""Leads one visit after another: what happens on the glass goes into the flow, its deeds to the desk, its screen back.

`Host` knows no Kivy, so that it can be walked without a window; `run` opens the real one.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from kiosk import kv
from kiosk.camera.watch import Camera
from kiosk.errors import KioskError
from kiosk.events import ClockTicked, Deed, Enrol, Event, FaceTouched, Failed, Scanned, TermsChanged
from kiosk.flow import advance, deeds, start, time_left, welcomes
from kiosk.tuning import Tuning
from kiosk.visit import Screen, Terms, Visit
from survey.errors import BadScan
from survey.questionnaire import words_in
from survey.ticket import Scan

LOG = logging.getLogger(__name__)

BAD_SCAN = "Mã không hợp lệ"
ENROLLING = "Đang kết nối với máy chủ…"
ENROLMENT_FAILED = "Chưa kết nối được. Xin xem lại mã hoặc mạng rồi thử lại."
ENROLLED = "Đã kết nối với máy chủ"

_MARGIN_S = 0.02


class DeskLike(Protocol):
    """What the glass needs of `kiosk.desk.Desk`."""

    def terms(self) -> Terms: ...
    def perform(self, deed: Any) -> None: ...
    def enrol(self, url: str, code: str) -> None: ...
    def read_scan(self, text: str) -> Scan: ...
    def photo(self, officer_id: str) -> Path | None: ...
    def listen(self, callback: Callable[[], None]) -> Any: ...
    def now(self) -> datetime: ...
    def status(self) -> Any: ...
    def send_now(self) -> None: ...
    def sticks(self) -> tuple[Path, ...]: ...
    def export(self, directory: Path) -> Any: ...
    def tuning(self) -> Tuning: ...
    def tune(self, tuning: Tuning) -> None: ...
    @property
    def can_dim(self) -> bool: ...
    def serve_at_home(self, at_home: bool) -> None: ...


class Glass(Protocol):
    """What a host asks of the window."""

    def show(self, visit: Visit, time_left_s: float | None) -> None:
        """Show this visit's screen; the bar knows when it leaves by itself."""

    def notice(self, sentence: str) -> None:
        """Say one line, softly, in the language of the screen."""

    def wake_in(self, seconds: float | None) -> None:
        """Call `Host.tick` once, after this time; None: not at all. Replaces the earlier call."""

    def soon(self, call: Callable[[], None]) -> None:
        """From any thread: do this in the window's own."""


def in_thread(work: Callable[[], None]) -> None:
    """Do `work` beside the window; the program does not wait for it at its end."""
    threading.Thread(target=work, name="host", daemon=True).start()


class Host:
    """Holds the one visit. All methods belong to the window's thread, except where they say otherwise."""

    def __init__(
        self,
        desk: DeskLike,
        glass: Glass,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        new_id: Callable[[], uuid.UUID] = uuid.uuid4,
        beside: Callable[[Callable[[], None]], None] = in_thread,
    ) -> None:
        self._desk = desk
        self._glass = glass
        self._monotonic = monotonic
        self._new_id = new_id
        self._beside = beside
        self.visit = start(Terms(), monotonic())

    def open(self) -> None:
        """Show the first screen, and follow the desk from now on."""
        self._desk.listen(lambda: self._glass.soon(self.refresh))
        try:
            self.visit = start(self._desk.terms(), self._monotonic())
            self._show()
        except Exception:
            LOG.exception("the first screen failed; the kiosk rests")
            self._rest()

    def tell(self, kind: type[Event], *details: object) -> None:
        """Something happened now: `tell(OfficerChosen, officer_id)`. Never raises: a fault leads to resting."""
        self._take(kind(self._monotonic(), *details))

    def rate(self, level: int) -> None:
        """A face was touched."""
        self.tell(FaceTouched, level, str(self._new_id()))

    def tick(self) -> None:
        """Time passed: leave what has stood long enough. A kiosk that rests first asks whether it may wake."""
        if self.visit.screen is Screen.RESTING:
            self.refresh()
        before = self.visit
        self.tell(ClockTicked)
        if self.visit is before:
            self._wake()

    def refresh(self) -> None:
        """The desk says that something changed: ask it for its terms."""
        try:
            terms = self._desk.terms()
        except Exception:
            LOG.exception("the desk does not say its terms; the kiosk rests")
            self._rest()
            return
        if terms != self.visit.newest_terms:
            self.tell(TermsChanged, terms)

    def scan(self, *texts: str) -> None:
        """A scanner read this line, or a camera all these codes on one paper: the first that means something counts.

        What means nothing here is answered by a soft line and changes nothing.
        """
        for text in texts:
            try:
                scan = self._desk.read_scan(text)
            except BadScan as error:
                LOG.info("not welcome: %s", error)
                continue
            if welcomes(self.visit, scan):
                self.tell(Scanned, scan)
                return
            LOG.info("a %s means nothing on the screen %s", type(scan).__name__, self.visit.screen)
        self._glass.notice(BAD_SCAN)

    def enrol(self, url: str, code: str) -> None:
        """Join a server, beside the window, and say how it went."""
        self._glass.notice(ENROLLING)

        def work() -> None:
            try:
                self._desk.enrol(url, code)
            except KioskError as error:
                LOG.warning("enrolment at %s: %s", url, error)
                words = words_in(error.words, self.visit.language)
                self._glass.soon(lambda: self._glass.notice(words))
            except Exception:
                LOG.exception("enrolment at %s failed", url)
                self._glass.soon(lambda: self._glass.notice(ENROLMENT_FAILED))
            else:
                self._glass.soon(self._enrolled)

        self._beside(work)

    def _enrolled(self) -> None:
        self.refresh()
        self._glass.notice(ENROLLED)

    def _take(self, event: Event) -> None:
        before = self.visit
        try:
            after = advance(before, event)
            # A badge or an enrolment is a deed although the screen stays.
            for deed in deeds(before, after, event):
                self._do(deed)
            if after is not before:
                self.visit = after
                self._show()
        except Exception:
            LOG.exception("%s on the screen %s failed; the kiosk rests", type(event).__name__, before.screen)
            self._rest()

    def _do(self, deed: Deed) -> None:
        if isinstance(deed, Enrol):
            self.enrol(deed.url, deed.code)
        else:
            self._desk.perform(deed)

    def _rest(self) -> None:
        """The resting screen after a fault. What stands open is closed now, or by the store at its next start."""
        event = Failed(self._monotonic())
        after = advance(self.visit, event)
        try:
            for deed in deeds(self.visit, after, event):
                self._do(deed)
        except Exception:
            LOG.exception("the open rating could not be closed; the store closes it at its next start")
        self.visit = after
        try:
            self._show()
        except Exception:
            LOG.exception("the resting screen failed; the kiosk tries again when it wakes")
            self._glass.wake_in(1.0)

    def _show(self) -> None:
        self._glass.show(self.visit, time_left(self.visit, self._monotonic()))
        self._wake()

    def _wake(self) -> None:
        left = time_left(self.visit, self._monotonic())
        self._glass.wake_in(None if left is None else max(left, 0.0) + _MARGIN_S)


def run(desk: DeskLike, settings: kv.WindowSettings, camera: Camera | None = None) -> int:
    """Open the window and serve until it is closed. 0 when it was closed in order. camera: None for none.

    Raises `NoDisplay` when there is no screen to open a window on.
    """
    kv.prepare(settings)
    # Kivy reads its environment when it is first imported: only now may the window's module be.
    from kiosk.screens.window import open_window

    return open_window(desk, settings, camera)
