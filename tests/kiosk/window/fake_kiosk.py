"""The kiosk's window with a fake desk: `python -m tests.kiosk.window.fake_kiosk SCENE.json`.

The scene says what the desk knows; every deed is appended to `deeds.jsonl` beside it. Lines of JSON on standard
input change the scene while the window is open, as a server or a broken disk would.
"""

import dataclasses
import json
import logging
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from kiosk.app import run
from kiosk.errors import CarryFailed, EnrolmentFailed, StoreError
from kiosk.events import OpenRating, TakeDuty
from kiosk.tuning import Tuning
from kiosk.visit import Terms
from survey.setup import Behaviour
from survey.ticket import Scan, read_scan
from tests.kiosk.window.fake_camera import FakeCamera
from tests.kiosk.window.sample_setup import sample_setup


@dataclasses.dataclass(frozen=True)
class FakeSettings:
    """What the window asks of settings."""

    fullscreen: bool = False
    window_size: str = "1280x800"
    screen_diagonal_inch: float = 10.1


class FakeDesk:
    """Keeps deeds as lines of JSON, and breaks when the scene says so."""

    server_url = "https://nucuoi.example.vn"

    def __init__(self, scene: dict[str, Any], folder: Path) -> None:
        self.scene = scene
        self._deeds = folder / "deeds.jsonl"
        self._photos = folder / "photos"
        self._heard = folder / "heard"
        self._told = 0
        self._listeners: list[Callable[[], None]] = []

    def terms(self) -> Terms:
        """What the window asks for after each change; so it is noted how many of those that were told it has seen."""
        beside = self._heard.with_name("heard.new")
        beside.write_text(str(self._told))
        beside.replace(self._heard)
        return self._terms()

    def _terms(self) -> Terms:
        if not self.scene.get("enrolled", True):
            return Terms()
        setup = sample_setup(
            scale=self.scene.get("scale", "hl5"),
            ask_comment=self.scene.get("ask_comment", False),
            behaviour=Behaviour(**self.scene.get("behaviour", {})),
            staff_pin=self.scene.get("staff_pin"),
        )
        if self.scene.get("demo"):
            setup = dataclasses.replace(setup, demo=True)
        on_duty = tuple(self.scene.get("on_duty", ["of-1"]))
        source = "home" if self.scene.get("at_home") else "kiosk"
        return Terms(setup=setup, on_duty=on_duty, is_open=self.scene.get("is_open", True), source=source)

    def perform(self, deed: Any) -> None:
        if self.scene.get("broken") and isinstance(deed, OpenRating):
            raise StoreError("the disk is full (scene)")
        if isinstance(deed, TakeDuty):
            self.change({"on_duty": [deed.officer_id]})
        line = json.dumps({"deed": type(deed).__name__, **dataclasses.asdict(deed)}, ensure_ascii=False)
        with self._deeds.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def enrol(self, url: str, code: str) -> None:
        if code != self.scene.get("enrol_code", "GOOD-CODE"):
            raise EnrolmentFailed(f"the code {code!r} is not known")
        self.change({"enrolled": True})

    def read_scan(self, text: str) -> Scan:
        return read_scan(text, sample_setup().dossier_pattern)

    def photo(self, officer_id: str) -> Path | None:
        path = self._photos / f"{officer_id}.png"
        return path if path.is_file() else None

    def listen(self, callback: Callable[[], None]) -> None:
        self._listeners.append(callback)

    def change(self, change: dict[str, Any]) -> None:
        self.scene.update(change)
        for listener in self._listeners:
            listener()

    def now(self) -> datetime:
        return datetime.fromisoformat(self.scene.get("now", "2026-03-02T09:41:00+07:00"))

    def status(self) -> SimpleNamespace:
        parked = tuple(SimpleNamespace(**item) for item in self.scene.get("parked", ()))
        sent = self.scene.get("last_sent_at")
        return SimpleNamespace(
            waiting=self.scene.get("waiting", 0),
            parked=parked,
            last_sent_at=datetime.fromisoformat(sent) if sent else None,
            clock=self.scene.get("clock", "sure"),
            fault_words=self.scene.get("fault_words"),
            difference=self.scene.get("difference", 0),
            trouble_words=self.scene.get("trouble_words"),
        )

    def serve_at_home(self, at_home: bool) -> None:
        self.change({"at_home": at_home})

    def send_now(self) -> None:
        self.change({"waiting": 0, "last_sent_at": self.now().isoformat()})

    def sticks(self) -> tuple[Path, ...]:
        return tuple(Path(path) for path in self.scene.get("sticks", ()))

    def export(self, directory: Path) -> SimpleNamespace:
        if self.scene.get("stick_broken"):
            raise CarryFailed("the stick is full", {"vi": "USB đã đầy.", "en": "The stick is full."})
        return SimpleNamespace(files=(directory / "ratings.nucuoi",), ratings=self.scene.get("waiting", 0))

    def tuning(self) -> Tuning:
        return Tuning(**self.scene.get("tuning", {}))

    def tune(self, tuning: Tuning) -> None:
        if self.scene.get("broken"):
            raise StoreError("the disk is full (scene)")
        self.change({"tuning": dataclasses.asdict(tuning)})

    @property
    def can_dim(self) -> bool:
        return bool(self.scene.get("can_dim", True))

    def follow(self, lines: Any) -> None:
        for line in lines:
            self.scene.update(json.loads(line))
            self._told += 1
            self.change({})


def main() -> int:
    """Open the window of the scene until it is told to stop."""
    logging.basicConfig(level=logging.INFO)
    path = Path(sys.argv[1])
    scene = json.loads(path.read_text(encoding="utf-8"))
    desk = FakeDesk(scene, path.parent)
    threading.Thread(target=desk.follow, args=(sys.stdin,), daemon=True).start()
    settings = FakeSettings(window_size=scene.get("window_size", "1280x800"))
    return run(desk, settings, FakeCamera(scene, path.parent))


if __name__ == "__main__":
    raise SystemExit(main())
