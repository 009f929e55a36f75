"""Walks every path of `paths` by touch and by scan: `python -m tests.kiosk.window.walking_kiosk FOLDER SIZE REPORT`.

The real window, desk and store; fingers are Kivy's own touches at the pixels where a target lies, and the clock is
moved by hand, so that a screen's minute passes in a frame. After each path the store must hold exactly what was meant,
and the glass must look as it did before anybody came. REPORT tells each fault.
"""

import dataclasses
import hashlib
import json
import logging
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kiosk import kv
from kiosk.app import in_thread
from kiosk.config import KioskSettings
from kiosk.desk import Desk
from kiosk.events import Failed
from survey.setup import Behaviour, Duty, Setup
from tests.kiosk.window.paths import PATHS, PIN, Kept, Step
from tests.kiosk.window.sample_setup import sample_setup
from tests.kiosk.window.soaking_kiosk import CountingServer, HandClock

_MADE = hashlib.pbkdf2_hmac("sha256", PIN.encode(), bytes.fromhex("00ff"), 10).hex()
STORM = 40
NEXT_VISIT = ("start", "officer_of-1", "face_3", "skip")
STATES = ("text", "name", "title", "chosen", "pressed", "lit", "kind", "capital", "draft", "about", "leaf", "left")


def a_setup() -> Setup:
    """Two on duty, comments, a PIN; one slogan, so that the glass at rest is always the same."""
    duty = tuple(Duty(counter_id="q1", officer_id=each, since="2020-01-01T00:00:00+07:00") for each in ("of-1", "of-4"))
    setup = sample_setup(ask_comment=True, behaviour=Behaviour(), staff_pin=f"pbkdf2_sha256$10$00ff${_MADE}")
    return dataclasses.replace(setup, duty=duty, slogans=setup.slogans[:1])


class Walk:
    """Plays the paths, a frame a step, in the window's own loop."""

    def __init__(self, app: Any, desk: Desk, hand: HandClock, window: Any) -> None:
        self._app, self._desk, self._hand, self._window = app, desk, hand, window
        self._rng = random.Random(7)
        self._number = 0
        self._at_rest = b""
        self._shown: list[list[tuple[object, ...]]] = []
        self.faults: list[str] = []
        self._play = self._all()

    def begin(self, *_: object) -> None:
        """Once the window stands."""
        from kivy.clock import Clock as Frames

        self._frames = Frames.schedule_interval(self._next, 0)

    def _next(self, _: float) -> None:
        try:
            over = next(self._play, "over") == "over"
        except Exception as error:
            self.faults.append(f"{type(error).__name__}: {error}")
            over = True
        if over:
            self._frames.cancel()
            self._app.stop()

    def _all(self) -> Iterator[None]:
        yield from self._settle()
        self._at_rest = self._pixels()
        yield from self._next_visit()
        untouched = self._shown
        for name, (steps, meant) in PATHS.items():
            before = len(self._kept())
            self._hand.tick(60.0)
            try:
                yield from self._steps(steps)
            except AssertionError as error:
                self.faults.append(f"{name}: {error}")
                self._begin_anew()
            yield from self._settle()
            kept_now = self._kept()[before:]
            if self._app.host.visit.screen != "idle":
                self.faults.append(f"{name}: ends on {self._app.host.visit.screen}")
                self._begin_anew()
            elif self._pixels() != self._at_rest:
                self.faults.append(f"{name}: a trace of it can be seen")
            yield from self._next_visit()
            if self._shown != untouched:
                self.faults.append(f"{name}: the next citizen sees a trace of it")
            if kept_now != list(meant):
                self.faults.append(f"{name}: the store holds {kept_now} instead of {list(meant)}")

    def _steps(self, steps: tuple[Step, ...]) -> Iterator[None]:
        for step in steps:
            self._hand.tick(0.6)
            for _ in getattr(self, f"_{step[0]}")(*step[1:]) or ():
                yield
            yield

    def _next_visit(self) -> Iterator[None]:
        """What another citizen sees on the way: the choice, the faces, the reasons, the comment."""
        self._shown = []
        self._hand.tick(60.0)
        for step in NEXT_VISIT:
            self._hand.tick(0.6)
            self._tap(step)
            yield
            self._shown.append(self._states())
        self._tap("skip")
        yield
        self._wait(31.0)
        yield from self._settle()

    def _states(self) -> list[tuple[object, ...]]:
        """What every widget on the glass says and whether it is chosen or pressed."""
        return [
            (type(widget).__name__, *(getattr(widget, name, None) for name in STATES))
            for widget in self._app.stage.walk(restrict=True)
            if widget.opacity
        ]

    def _begin_anew(self) -> None:
        """After a fault, so that the other paths tell theirs."""
        self._go(False)
        self._app.host.tell(Failed)
        self._wait(10.1)

    # --- steps

    def _tap(self, name: str) -> None:
        self._touch(*self._middle(name))

    def _hold(self, name: str) -> Iterator[None]:
        from kiosk.widgets.hold import HoldButton

        finger = self._down(*self._middle(name))
        held = next(w for w in self._app.stage.walk(restrict=True) if isinstance(w, HoldButton))
        held._waiting.cancel()
        held._rested(0.0)
        self._up(finger)
        yield

    def _anywhere(self) -> None:
        self._touch(self._window.width * 0.3, self._window.height * 0.6)

    def _corner(self) -> None:
        self._app._corner._rested(0.0)

    def _scan(self, text: str) -> None:
        # As the window hears it: key by key, each some milliseconds after the other.
        for key in [*text, "\r"]:
            line = self._app._wedge.key(key, self._hand.seconds)
            self._hand.tick(0.004)
            if line is not None:
                self._app.host.scan(line)

    def _wait(self, seconds: float) -> None:
        self._hand.tick(seconds)
        self._app.host.tick()

    def _quiet(self) -> None:
        self._app._say_nothing()

    def _rest(self) -> Iterator[None]:
        # The PIN is checked beside the window.
        for _ in range(300):
            if self._app.stage.ids.place.children[0].view == "panel":
                return
            yield

    def _see(self, screen: str) -> None:
        if self._app.host.visit.screen != screen:
            raise AssertionError(f"on {self._app.host.visit.screen} instead of {screen}")

    def _say(self, sentence: str) -> None:
        from kiosk.widgets.text import Text

        texts = [widget.text for widget in self._app.stage.walk(restrict=True) if isinstance(widget, Text)]
        if sentence not in texts:
            raise AssertionError(f"«{sentence}» is not on {self._app.host.visit.screen}: {texts}")

    def _break(self) -> None:
        def fails(*_: object) -> None:
            raise RuntimeError("the store cannot keep it (walk)")

        self._desk.perform = fails  # type: ignore[method-assign]

    def _wake(self) -> None:
        del self._desk.perform
        self._wait(10.1)

    def _go(self, at_home: bool) -> None:
        self._desk.serve_at_home(at_home)
        self._app.host.refresh()

    def _storm(self, touches: int) -> None:
        # In the time in which no touch counts, all over the glass.
        self._hand.tick(-0.5)
        for _ in range(STORM * touches):
            self._touch(self._rng.uniform(0, self._window.width), self._rng.uniform(0, self._window.height * 0.8))
        self._hand.tick(0.5)

    def _faces(self) -> None:
        places = [self._middle(f"face_{level}") for level in (5, 4, 3, 2, 1)]
        for at in places * 4:
            self._touch(*at)
            self._hand.tick(0.01)

    def _fingers(self) -> None:
        down = [self._down(*self._middle(f"face_{level}")) for level in (1, 2, 3, 4, 5) for _ in (0, 1)]
        for finger in down:
            self._up(finger)

    # --- what the steps are made of

    def _middle(self, name: str) -> tuple[float, float]:
        from kiosk.widgets.touch import Touchable

        for widget in self._app.stage.walk(restrict=True):
            if isinstance(widget, Touchable) and widget.target == name and widget.opacity and not widget.disabled:
                return tuple(widget.to_window(*widget.center))
        raise AssertionError(f"nothing named {name} on {self._app.host.visit.screen}")

    def _touch(self, x: float, y: float) -> None:
        self._up(self._down(x, y))

    def _down(self, x: float, y: float) -> Any:
        self._number += 1
        finger = a_finger(self._number, x / (self._window.width - 1), y / (self._window.height - 1))
        self._post("begin", finger)
        return finger

    def _up(self, finger: Any) -> None:
        self._post("end", finger)

    def _post(self, kind: str, finger: Any) -> None:
        from kivy.base import EventLoop

        EventLoop.post_dispatch_input(kind, finger)

    def _settle(self) -> Iterator[None]:
        """What fades is there, and drawn."""
        from kivy.animation import Animation

        for page in self._app.stage.ids.place.children:
            Animation.cancel_all(page, "opacity")
            page.opacity = 1
        self._quiet()
        for _ in range(4):
            yield

    def _pixels(self) -> bytes:
        from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels

        width, height = self._window.size
        return hashlib.sha256(glReadPixels(0, 0, int(width), int(height), GL_RGB, GL_UNSIGNED_BYTE)).digest()

    def _kept(self) -> list[Kept]:
        store = self._desk._kept.now
        assert store is not None
        return [
            (r.level, r.reasons, r.officer_id, r.comment, r.dossier.code if r.dossier else None, r.language, r.source)
            for r in store.waiting()
        ]


def a_finger(number: int, x: float, y: float) -> Any:
    """A touch at a place between 0 and 1, counted from the lower left."""
    from kivy.input.motionevent import MotionEvent

    class Finger(MotionEvent):
        """As a touch panel reports it."""

        def depack(self, args: Any) -> None:
            self.is_touch = True
            self.type_id = "touch"
            self.profile = ["pos"]
            self.sx, self.sy = args
            super().depack(args)

    return Finger("walk", number, (x, y))


def main(folder: str, size: str, report: str) -> int:
    """Walk, and write the report."""
    logging.basicConfig(level=logging.WARNING)
    hand = HandClock()
    settings = KioskSettings(data_dir=Path(folder), fullscreen=False, window_size=size)
    kv.prepare(settings)
    from kivy.core.window import Window

    from kiosk.screens.window import KioskApp

    kv.load_rules()
    desk = Desk(settings, clock=hand.device, connect=CountingServer(a_setup(), hand), beside=in_thread)
    desk.open()
    desk.enrol("https://nucuoi.example.vn", "CODE")
    app = KioskApp(desk, settings, Window, monotonic=lambda: hand.seconds)
    walk = Walk(app, desk, hand, Window)
    app.bind(on_start=walk.begin)
    app.run()
    desk.stop()
    Path(report).write_text(json.dumps(walk.faults, ensure_ascii=False), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
