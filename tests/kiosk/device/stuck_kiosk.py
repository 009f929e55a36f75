"""The kiosk's window whose loop can be made to hang: `python -m tests.kiosk.device.stuck_kiosk SCENE.json`.

A line `{"stuck_s": 4}` on standard input lets the window's thread hang for so long, as a broken driver would. Every
other thread of the process goes on.
"""

import json
import sys
import threading
import time
from pathlib import Path

from kiosk.app import run
from kiosk.visit import Terms
from tests.kiosk.window.fake_kiosk import FakeDesk, FakeSettings


class StuckDesk(FakeDesk):
    """Asked by the window for its terms, it does not answer for as long as the scene says."""

    def terms(self) -> Terms:
        time.sleep(self.scene.pop("stuck_s", 0))
        return super().terms()


def main() -> int:
    """Open the window of the scene until it is told to stop."""
    path = Path(sys.argv[1])
    desk = StuckDesk(json.loads(path.read_text(encoding="utf-8")), path.parent)
    threading.Thread(target=desk.follow, args=(sys.stdin,), daemon=True).start()
    return run(desk, FakeSettings(window_size=desk.scene["window_size"]))


if __name__ == "__main__":
    raise SystemExit(main())
