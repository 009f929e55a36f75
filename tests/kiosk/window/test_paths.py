"""Every path by touch and by scan at every size: the store holds what was meant, and nobody sees a trace of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kiosk.window.kiosk_window import REPOSITORY, SIZES, virtual_screen

pytestmark = pytest.mark.window


@pytest.mark.parametrize("size", SIZES)
def test_every_path_keeps_what_was_meant_and_leaves_no_trace(size: str, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    with virtual_screen(size) as display:
        command = [sys.executable, "-m", "tests.kiosk.window.walking_kiosk", str(tmp_path / "data"), size, str(report)]
        env = {**os.environ, "DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1", "SDL_AUDIODRIVER": "dummy"}
        walked = subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=240)
    assert walked.returncode == 0, walked.stderr[-3000:]
    faults = json.loads(report.read_text(encoding="utf-8"))
    assert not faults, "\n".join(faults)
