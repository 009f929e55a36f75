"""One citizen's visit on a screen that nobody sees: taps are real X events, pictures are taken of each screen."""

import json
import subprocess
import time
from pathlib import Path
from typing import Any

from children import Broken, Children

SIZE = "1280x800"
FIRST_SCREEN_S, NEXT_SCREEN_S, DISPLAY_S = 90.0, 20.0, 15.0
FACE = "face_4"
"""«Hài lòng»."""


class Glass:
    """The kiosk's virtual screen. layout: the file in which the kiosk says where its buttons are."""

    def __init__(self, display: str, layout: Path, pictures: Path, children: Children) -> None:
        self._env = {"DISPLAY": display, "PATH": "/usr/local/bin:/usr/bin:/bin"}
        self._layout = layout
        self._pictures = pictures
        self._children = children

    def visit(self) -> list[Path]:
        """Touch, rate, give a reason, see thanks; the pictures in order. Raises `Broken` when a screen stays away."""
        self._pictures.mkdir(parents=True, exist_ok=True)
        self._shown("idle", FIRST_SCREEN_S)
        taken = [self._picture("1-idle")]
        self._tap("start")
        if self._shown("rate", NEXT_SCREEN_S, "choose")["screen"] == "choose":
            self._tap("officer_")
        self._shown("rate", NEXT_SCREEN_S)
        taken.append(self._picture("2-rate"))
        self._tap(FACE)
        self._shown("reasons", NEXT_SCREEN_S)
        taken.append(self._picture("3-reasons"))
        self._tap("reason_")
        self._tap("send")
        self._shown("thanks", NEXT_SCREEN_S)
        taken.append(self._picture("4-thanks"))
        return taken

    def _shown(self, screen: str, within_s: float, *others: str) -> dict[str, Any]:
        """The layout once this screen (or another of those named) is there."""
        end, seen = time.monotonic() + within_s, None
        while time.monotonic() < end:
            layout = self._read()
            seen = layout and layout["screen"]
            if layout and seen in (screen, *others):
                return layout
            if self._children.ended("kiosk") is not None:
                raise Broken(f"the kiosk ended by itself:\n{self._children.log('kiosk')}")
            time.sleep(0.05)
        said = self._children.log("kiosk")
        raise Broken(f"waited {within_s:.0f} s for the screen '{screen}' and saw '{seen}':\n{said}")

    def _read(self) -> dict[str, Any] | None:
        try:
            layout: dict[str, Any] = json.loads(self._layout.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return layout

    def _tap(self, target: str) -> None:
        """Touch the first target whose name begins so, and wait until the kiosk has answered."""
        layout = self._read() or {"targets": {}, "count": 0, "screen": None}
        name = next((name for name in layout["targets"] if name == target or name.startswith(target)), None)
        if name is None:
            raise Broken(f"there is no '{target}' on the screen '{layout['screen']}', only {sorted(layout['targets'])}")
        x, y, width, height = layout["targets"][name]
        at = [str(round(x + width / 2)), str(round(y + height / 2))]
        self._run("xdotool", "mousemove", *at, "mousedown", "1", "mouseup", "1")
        end = time.monotonic() + NEXT_SCREEN_S
        while time.monotonic() < end and (self._read() or layout)["count"] <= layout["count"]:
            time.sleep(0.05)

    def _picture(self, name: str) -> Path:
        path = self._pictures / f"{name}.png"
        self._run("import", "-window", "root", str(path))
        return path

    def _run(self, *words: str) -> None:
        done = subprocess.run(words, env=self._env, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise Broken(f"{words[0]} failed: {done.stderr.strip()}; is it installed? run: make setup")


def virtual_display(children: Children) -> str:
    """Start Xvfb on a free display and return its name, such as `:99`."""
    children.start(
        "screen", ["sh", "-c", f"exec Xvfb -displayfd 1 -screen 0 {SIZE}x24 -nolisten tcp -noreset 2>/dev/null"]
    )
    end = time.monotonic() + DISPLAY_S
    while time.monotonic() < end:
        number = children.log("screen").strip()
        if number.isdigit():
            return f":{number}"
        if children.ended("screen") is not None:
            break
        time.sleep(0.05)
    raise Broken("the virtual screen (Xvfb) did not start; run: make setup")
