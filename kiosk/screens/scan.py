"""The camera's screen: a paper is held before it, and its code read."""

import logging
from typing import Any

from kiosk.camera.decoder import read_codes
from kiosk.camera.frame import Frame
from kiosk.camera.watch import Codes, Watch
from kiosk.events import BackTouched
from kiosk.screens.base import Page
from kiosk.visit import Visit

LOG = logging.getLogger(__name__)

NO_CAMERA = "Máy ảnh không hoạt động."


class ScanPage(Page):
    """Looks only while it is shown. What is read takes the way of the USB scanner."""

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        self._watch: Any = None

    def fill(self, visit: Visit) -> None:
        """Begin to look, unless it does already (another language was chosen)."""
        if self._watch is None:
            self._watch = self._begin()

    def leave(self) -> None:
        """Look no more, and forget the last picture."""
        super().leave()
        if self._watch is not None:
            self._watch.stop()
            self._watch = None
        self.ids.picture.forget()

    def back(self) -> None:
        """Not now."""
        self.app.host.tell(BackTouched)

    def _begin(self) -> Watch:
        watch = Watch(
            self.app.camera,
            read_codes,
            on_frame=lambda frame: self.app.soon(lambda: self._see(watch, frame)),
            on_codes=lambda codes: self.app.soon(lambda: self._read(watch, codes)),
            on_away=lambda: self.app.soon(lambda: self._lost(watch)),
        )
        watch.start()
        return watch

    def _see(self, watch: Watch, frame: Frame) -> None:
        # What was on its way when the screen was left belongs to nobody.
        if watch is not self._watch:
            return
        try:
            self.ids.picture.see(frame)
        except Exception:
            LOG.exception("a picture of %d × %d cannot be shown", frame.width, frame.height)
            self._lost(watch)

    def _read(self, watch: Watch, codes: Codes) -> None:
        if watch is self._watch:
            self.app.host.scan(*codes)

    def _lost(self, watch: Watch) -> None:
        if watch is self._watch:
            self.back()
            self.app.notice(NO_CAMERA)
