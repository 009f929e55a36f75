"""Looks through a camera in a thread of its own, and tells of each picture and of each code in it.

The newest picture is looked at, older ones are dropped, at most `LOOKS_A_SECOND` times a second: a Raspberry Pi must
stay cool, and a hand that holds a paper is not quicker. No picture is kept: the next one takes its place in memory.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

from kiosk.camera.frame import Frame
from kiosk.errors import CameraAway

LOG = logging.getLogger(__name__)

LOOKS_A_SECOND = 8
REPEAT_S = 3.0
"""A code that stays before the camera is told once in this time."""

Codes = tuple[str, ...]


class OpenCamera(Protocol):
    """A camera that gives pictures."""

    def newest(self) -> Frame | None:
        """The newest picture; None when none came for a while. Raises `CameraAway` when it was pulled out."""

    def close(self) -> None:
        """Give it back."""


class Camera(Protocol):
    """A camera that may be looked through."""

    @property
    def is_there(self) -> bool:
        """Whether one is plugged in. Cheap: asked each time the kiosk is at rest."""

    def open(self) -> OpenCamera:
        """Begin. Raises `CameraAway`."""


def in_thread(work: Callable[[], None]) -> None:
    """Do `work` beside the window; the program does not wait for it at its end."""
    threading.Thread(target=work, name="camera", daemon=True).start()


class Watch:
    """One look through the camera, from `start` to `stop`; made anew for the next.

    on_frame, on_codes, on_away: called from the watch's own thread; nothing is called once `stop` has returned, except
    what is on its way already.
    """

    _one_at_a_time = threading.Lock()
    """A camera can be opened once: the next watch waits until the one before has given it back."""

    def __init__(
        self,
        camera: Camera,
        read: Callable[[Frame], Codes],
        *,
        on_frame: Callable[[Frame], None],
        on_codes: Callable[[Codes], None],
        on_away: Callable[[], None],
        monotonic: Callable[[], float] = time.monotonic,
        beside: Callable[[Callable[[], None]], None] = in_thread,
    ) -> None:
        self._camera, self._read = camera, read
        self._on_frame, self._on_codes, self._on_away = on_frame, on_codes, on_away
        self._monotonic, self._beside = monotonic, beside
        self._ended = threading.Event()
        self._told: tuple[Codes, float] = ((), float("-inf"))

    def start(self) -> None:
        """Begin to look."""
        self._beside(self._run)

    def stop(self) -> None:
        """Look no more. Does not wait for the thread: it closes the camera as soon as it sees this."""
        self._ended.set()

    def _run(self) -> None:
        with self._one_at_a_time:
            if self._ended.is_set():
                return
            try:
                self._look()
            except CameraAway as error:
                LOG.warning("%s", error)
                self._tell_away()
            except Exception:
                LOG.exception("the camera failed")
                self._tell_away()

    def _look(self) -> None:
        opened = self._camera.open()
        try:
            while not self._ended.is_set():
                began = self._monotonic()
                frame = opened.newest()
                if frame is not None and not self._ended.is_set():
                    self._on_frame(frame)
                    self._tell_codes(self._read(frame))
                self._ended.wait(max(0.0, 1 / LOOKS_A_SECOND - (self._monotonic() - began)))
        finally:
            opened.close()

    def _tell_codes(self, codes: Codes) -> None:
        if not codes or self._ended.is_set():
            return
        told, at = self._told
        now = self._monotonic()
        if codes != told or now - at >= REPEAT_S:
            self._told = codes, now
            self._on_codes(codes)

    def _tell_away(self) -> None:
        if not self._ended.is_set():
            self._on_away()
