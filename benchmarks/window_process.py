"""One window that notes when it draws: the process that `benchmarks.window` starts, KIND REPORT …

`bare` opens Kivy with one line of text and nothing else; `kiosk DATA_DIR SIZE` is `nucuoi-kiosk run`, unchanged, with
a listener on its frames. At the end (SIGTERM) REPORT holds the moments in monotonic seconds, which are the same in
every process of the machine.
"""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

LOOK_S = 0.002


class Moments:
    """When touches came and when frames were on the glass. first: the first frame with something on it."""

    def __init__(self) -> None:
        self.first: float | None = None
        self.frames: list[tuple[float, float]] = []
        self.touches: list[float] = []
        self._begun = 0.0

    def listen(self, window: Any) -> None:
        """From now on, in the window's own thread."""
        window.bind(on_draw=self._draws, on_flip=self._flipped, on_touch_down=self._touched)

    def _draws(self, *_: object) -> None:
        self._begun = time.monotonic()

    def _flipped(self, window: Any) -> None:
        now = time.monotonic()
        if self.first is None and any(child.children or child.canvas.length() for child in window.children):
            self.first = now
        self.frames.append((self._begun, now))

    def _touched(self, *_: object) -> None:
        self.touches.append(time.monotonic())


def begun_at() -> float:
    """When this process was started, in monotonic seconds, to a hundredth."""
    fields = Path("/proc/self/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    since_boot = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return time.monotonic() - (time.clock_gettime(time.CLOCK_BOOTTIME) - since_boot)


def bare() -> int:
    """The least window that Kivy can show."""
    from kivy.app import App
    from kivy.uix.label import Label

    class Bare(App):
        """One line of text."""

        def build(self) -> Label:
            """The line."""
            return Label(text="Nụ Cười")

    app = Bare()
    signal.signal(signal.SIGTERM, lambda *_: app.stop())
    app.run()
    return 0


def kiosk(data_dir: str, size: str) -> int:
    """The kiosk as its users start it."""
    from kiosk.__main__ import main

    return main(["--data-dir", data_dir, "run", "--windowed", size])


def listen_when_it_opens(moments: Moments) -> None:
    """Wait beside the program until it has a window; nothing of ours is imported before the program does."""
    while True:
        module = sys.modules.get("kivy.core.window")
        window = getattr(module, "Window", None)
        if window is not None:
            moments.listen(window)
            return
        time.sleep(LOOK_S)


def main(arguments: list[str]) -> int:
    """Run the window until it is told to end, then write the report."""
    kind, report, *rest = arguments
    os.environ["KIVY_NO_ARGS"] = "1"
    moments = Moments()
    threading.Thread(target=listen_when_it_opens, args=(moments,), daemon=True).start()
    done = bare() if kind == "bare" else kiosk(*rest)
    told = {"begun": begun_at(), "first": moments.first, "frames": moments.frames, "touches": moments.touches}
    Path(report).write_text(json.dumps(told), encoding="utf-8")
    return done
