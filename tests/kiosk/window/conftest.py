"""One kiosk window a size, shared by the tests of this folder: opening one takes seconds, a visit does not."""

import os
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kiosk.window.kiosk_window import SIZES, KioskWindow, fake_kiosk

QUICK = {"visit_gap_s": 0, "thanks_s": 12, "resting_s": 4, "deaf_ms": 400}
"""Behaviour of the tests: no gap between visits, the true deaf time, waits that a busy machine can keep."""
SCENE: dict[str, Any] = {
    "enrolled": True,
    "on_duty": ["of-1"],
    "behaviour": QUICK,
    "ask_comment": False,
    "scale": "hl5",
    "broken": False,
    "at_home": False,
    "is_open": True,
    "tuning": {},
    "camera": False,
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is measured is measured at every size. A way through the screens is walked at one, which its name draws, and
    at all of them in `make soak`: seconds times sizes would be most of the time that all tests take."""
    named = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "shared_window" not in metafunc.fixturenames or "shared_window" in named:
        return
    everywhere = os.environ.get("NUCUOI_SOAK") or metafunc.definition.get_closest_marker("every_size")
    drawn = SIZES[zlib.crc32(metafunc.function.__name__.encode()) % len(SIZES)]
    metafunc.parametrize("shared_window", SIZES if everywhere else [drawn], indirect=True, scope="session")


@pytest.fixture(scope="session")
def shared_window(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KioskWindow]:
    """A window of each size, kept for the whole run."""
    if shutil.which("Xvfb") is None or shutil.which("xdotool") is None:
        pytest.skip("needs Debian's xvfb and xdotool")
    folder = tmp_path_factory.mktemp(request.param)
    with fake_kiosk(request.param, folder, **SCENE) as window:
        window.wait_screen("idle")
        yield window


@pytest.fixture
def window(shared_window: KioskWindow) -> Iterator[KioskWindow]:
    """The shared window at rest, in the usual scene, with no deed behind it."""
    shared_window.tell(SCENE)
    shared_window.wait_screen("idle")
    (shared_window.folder / "deeds.jsonl").unlink(missing_ok=True)
    yield shared_window
    shared_window.tell({**SCENE, "behaviour": QUICK})
    leave_for_idle(shared_window)


def leave_thanks(window: KioskWindow) -> None:
    """Touch the thanks away, if they are shown, and wait for nobody's screen."""
    if window.layout()["screen"] == "thanks":
        width, height = window.layout()["window"]
        window.tap_at(width * 0.3, height * 0.3)
        window.wait_screen("idle")


def leave_for_idle(window: KioskWindow) -> None:
    """Walk back to idle by what the screen offers, or wait for the time-out."""
    for _ in range(6):
        leave_thanks(window)
        screen, targets = window.layout()["screen"], window.layout()["targets"]
        if screen == "idle" or not ({"back", "skip"} & set(targets)):
            break
        window.tap("back" if "back" in targets else "skip")
    window.wait_screen("idle")


@pytest.fixture
def folder(window: KioskWindow) -> Path:
    """Where the window's deeds are."""
    return window.folder
