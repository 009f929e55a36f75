"""Thousands of visits leave memory flat and the store right, and a kiosk at rest draws nothing.

NUCUOI_SOAK=500 plays 10,000 visits, a week at a busy counter; without it an hour or two.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kiosk.window.kiosk_window import REPOSITORY, virtual_screen

pytestmark = pytest.mark.window

VISITS = 20 * int(os.environ.get("NUCUOI_SOAK", "4"))
WARM = 0.4
"""The share of the visits after which every page was made and every cache is full: copies of what was sent are kept
for a day, which is a fifth of a week."""
FLAT_MB = 5.0


def test_visits_leave_memory_flat_and_the_store_right(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    data = tmp_path / "data"
    with virtual_screen("1280x800") as display:
        command = [sys.executable, "-m", "tests.kiosk.window.soaking_kiosk", str(data), str(VISITS), str(report)]
        env = {**os.environ, "DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1", "SDL_AUDIODRIVER": "dummy"}
        played = subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=120 + VISITS)
    assert played.returncode == 0, played.stderr[-3000:]
    told = json.loads(report.read_text(encoding="utf-8"))
    assert told["faults"] == []
    assert told["kept"] == told["meant"]
    assert (told["waiting"], told["parked"]) == (0, 0)
    warm = [megabytes for visit, megabytes in told["memory"] if visit >= WARM * VISITS]
    print(f"{VISITS} visits, {sum(told['kept'].values())} ratings; MB after the first {WARM:.0%}: {warm}")
    assert warm[-1] - warm[0] <= FLAT_MB, f"memory grows: {told['memory']}"
    assert told["frames_at_rest"] == 0, "the window draws although nothing moves"
