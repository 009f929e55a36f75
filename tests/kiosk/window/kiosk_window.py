"""A kiosk in a real window that a test can touch: Xvfb, xdotool, and the kiosk as a child process.

`KioskWindow` runs any command that opens the kiosk's window (the fake kiosk of these tests, or `nucuoi-kiosk run`)
with `NUCUOI_KIOSK_LAYOUT` set, so that the window tells where its targets are. The touches themselves are X events
at pixel positions.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[3]
START_S = 60.0
CHANGE_S = 60.0
SIZES = ("1280x800", "1024x600", "800x1280")


@contextmanager
def virtual_screen(size: str) -> Iterator[str]:
    """An X server of our own on a free display; its name (`:101`). Ends with the block."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"]
    process = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start; install Debian's xvfb")
        yield f":{number}"
    finally:
        process.terminate()
        process.wait(timeout=10)


class KioskWindow:
    """A person before a kiosk. Ends the kiosk and its screen in `close`, or at the end of a `with` block.

    argv: the command that opens the window, without the window's size. env: added to this process's own.
    folder: for the layout and the log. display: an X screen of the right size, otherwise one is started.
    """

    def __init__(self, size: str, argv: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> None:
        self.size = size
        self.folder = folder
        self.log = folder / "kiosk.log"
        self._layout = folder / "layout.json"
        self._layout.unlink(missing_ok=True)
        self._heard = folder / "heard"
        self._heard.unlink(missing_ok=True)
        self._told = 0
        self._screen = virtual_screen(size)
        self.display = self._screen.__enter__()
        self.env = {
            **os.environ,
            "DISPLAY": self.display,
            "LIBGL_ALWAYS_SOFTWARE": "1",
            # Plays into nothing, at the pace of a loudspeaker.
            "SDL_AUDIODRIVER": "dummy",
            "NUCUOI_KIOSK_LAYOUT": str(self._layout),
            **(env or {}),
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                list(argv), cwd=REPOSITORY, env=self.env, stdin=subprocess.PIPE, stdout=log, stderr=log
            )

    def __enter__(self) -> "KioskWindow":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> int:
        """End the kiosk as systemd would, then the screen. The kiosk's exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self._screen is not None:
            self._screen.__exit__(None, None, None)
            self._screen = None  # type: ignore[assignment]
        return self.process.returncode

    # --- what is seen

    def layout(self) -> dict[str, Any]:
        """The last report of the window: screen, targets, texts (`kiosk.screens.layout_report`)."""
        try:
            return json.loads(self._layout.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {"screen": None, "count": 0, "touches": 0, "targets": {}, "texts": []}

    def texts(self) -> list[str]:
        """Every sentence on the glass."""
        return [text["text"] for text in self.layout()["texts"]]

    def wait_until(
        self, true: Callable[[dict[str, Any]], bool], what: str, timeout_s: float = CHANGE_S
    ) -> dict[str, Any]:
        """The first layout of which `true` holds; an `AssertionError` with the log when none comes in time."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            layout = self.layout()
            if layout["count"] and true(layout):
                return layout
            if self.process.poll() is not None:
                raise AssertionError(f"the kiosk ended with {self.process.returncode}:\n{self._tail()}")
            time.sleep(0.03)
        raise AssertionError(f"waited {timeout_s} s for {what}; seen: {self.layout()['screen']}\n{self._tail()}")

    def wait_screen(self, name: str, timeout_s: float = CHANGE_S) -> dict[str, Any]:
        """Wait until this screen is shown and still."""
        first = self.layout()["count"] == 0
        return self.wait_until(
            lambda seen: seen["screen"] == name, f"the screen {name}", START_S if first else timeout_s
        )

    def screenshot(self, path: Path) -> None:
        """The whole glass as a PNG."""
        subprocess.run(["import", "-window", "root", str(path)], env=self.env, check=True, timeout=20)

    # --- what fingers and scanners do

    def tap(self, target: str, hold_s: float = 0.0) -> None:
        """Touch the middle of a named target, and wait until the window has reported again."""
        layout = self.layout()
        if target not in layout["targets"]:
            raise AssertionError(f"nothing named {target} on {layout['screen']}: {sorted(layout['targets'])}")
        x, y, width, height = layout["targets"][target]
        self.tap_at(x + width / 2, y + height / 2, hold_s)
        # Not only a newer report: one of an earlier change may still be on its way.
        self.wait_until(lambda seen: seen["touches"] > layout["touches"], f"an answer to {target}")

    def tap_at(self, x: float, y: float, hold_s: float = 0.0) -> None:
        """Touch a pixel; nothing is waited for."""
        self._xdotool("mousemove", str(round(x)), str(round(y)), "mousedown", "1")
        if hold_s:
            time.sleep(hold_s)
        self._xdotool("mouseup", "1")

    def click_right(self, x: float, y: float) -> None:
        """The right button of a mouse somebody plugged in."""
        self._xdotool("mousemove", str(x), str(y), "click", "3")

    def type_scan(self, text: str) -> None:
        """What a USB scanner does: type fast, then Enter."""
        self._xdotool("type", "--delay", "4", text)
        self._xdotool("key", "Return")

    def press(self, *keys: str) -> None:
        """Keys of a keyboard somebody plugged in, by their X names."""
        self._xdotool("key", *keys)

    def tell(self, change: Mapping[str, Any], *, wait: bool = True) -> None:
        """Change the fake kiosk's scene (a line of JSON on its standard input), and wait until the window knows."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(change).encode() + b"\n")
        self.process.stdin.flush()
        self._told += 1
        end = time.monotonic() + START_S
        while wait and not self._has_heard():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"the window did not take {change}\n{self._tail()}")
            time.sleep(0.02)

    def _has_heard(self) -> bool:
        return self._heard.exists() and int(self._heard.read_text()) >= self._told

    def _xdotool(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=self.env, check=True, timeout=60)

    def _tail(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-3000:]


def fake_kiosk(size: str, folder: Path, env: Mapping[str, str] | None = None, **scene: Any) -> KioskWindow:
    """The window over the fake desk of `fake_kiosk`, in this scene."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "scene.json"
    path.write_text(json.dumps({"window_size": size, **scene}), encoding="utf-8")
    return KioskWindow(size, [sys.executable, "-m", "tests.kiosk.window.fake_kiosk", str(path)], folder, env)


def deeds(folder: Path) -> list[dict[str, Any]]:
    """What the fake desk was told to keep, in order."""
    path = folder / "deeds.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []
