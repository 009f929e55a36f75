"""A diagnostic hook: where everything is on the glass, for tests that tap and programs that measure.

Switched on by the environment variable `NUCUOI_KIOSK_LAYOUT`, which names a file. It tells positions and the
sentences shown, so it must never be set on a kiosk in service.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kivy.clock import Clock
from kivy.uix.widget import Widget

from kiosk.widgets.text import Text
from kiosk.widgets.touch import Touchable

SETTLED_S = 0.5
"""After a change: the fade, the frames in which text finds its size, and the time in which touches are ignored."""
FRAME_S = 0.1
"""Long enough for the last frame of the fade to be on the glass."""


class LayoutReport:
    """Writes JSON: screen, count of reports, touches (fingers that went up before it), mm, window, targets (name →
    box), texts, and playing (the sound file that is heard, or null). Boxes are x, y, width, height in pixels from the
    upper left corner of the window.
    """

    def __init__(self, path: Path, root: Widget, window: Any, playing: Callable[[], Path | None]) -> None:
        self._path = path
        self._root = root
        self._window = window
        self._playing = playing
        self._count = self._touches = 0
        self._screen, self._mm = "", 1.0
        self._event: Any = None
        window.bind(on_touch_up=self._touched)

    def after_change(self, screen: str, mm: float) -> None:
        """Report soon, once what is changing now has settled."""
        if self._event is not None:
            self._event.cancel()
        settled = FRAME_S if screen == self._screen else SETTLED_S
        self._screen, self._mm = screen, mm
        self._event = Clock.schedule_once(lambda _: self._write(screen, mm), settled)

    def _write(self, screen: str, mm: float, drawn: bool = False) -> None:
        if any(page.opacity < 1 for page in self._root.ids.place.children):
            self._event = Clock.schedule_once(lambda _: self._write(screen, mm), FRAME_S)
            return
        if not drawn:
            self._event = Clock.schedule_once(lambda _: self._write(screen, mm, drawn=True), FRAME_S)
            return
        self._count += 1
        seen = [widget for widget in self._root.walk(restrict=True) if self._is_seen(widget)]
        touchable = [widget for widget in seen if isinstance(widget, Touchable) and widget.target]
        report = {
            "screen": screen,
            "count": self._count,
            "touches": self._touches,
            "mm": mm,
            "window": list(self._window.size),
            "targets": {widget.target: self._box(widget) for widget in touchable if not widget.disabled},
            "playing": playing.name if (playing := self._playing()) else None,
            "texts": [self._text(widget) for widget in seen if isinstance(widget, Text) and widget.text],
        }
        beside = self._path.with_name(self._path.name + ".new")
        beside.write_text(json.dumps(report, ensure_ascii=False), encoding="utf-8")
        os.replace(beside, self._path)

    def _touched(self, *_: object) -> None:
        # Reported also when it changed nothing. What it changes is told a moment later by `after_change`, which takes
        # the place of any report: so one with this touch in it never shows what was before.
        self._touches += 1
        if self._event is not None and not self._event.is_triggered:
            self.after_change(self._screen, self._mm)

    def _is_seen(self, widget: Widget) -> bool:
        at: Any = widget
        while isinstance(at, Widget):
            if not at.opacity:
                return False
            if at is self._root:
                return True
            at = at.parent
        return False

    def _text(self, label: Text) -> dict[str, object]:
        box = self._box(label)
        return {
            "text": label.text,
            "box": box,
            "font_px": label.font_size,
            "cut": label.cut,
            "texture": list(label.texture_size),
        }

    def _box(self, widget: Widget) -> list[float]:
        x, y = widget.to_window(widget.x, widget.y)
        return [round(n, 1) for n in (x, self._window.height - y - widget.height, widget.width, widget.height)]
