"""Pictures of every screen of the kiosk: `python -m tests.kiosk.window.screenshots OUTDIR [SIZE …]`.

Walks the real window over a fake desk at each size and writes `kiosk-SCREEN-SIZE.png`, moderate in size.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.kiosk.window.kiosk_window import SIZES, KioskWindow, fake_kiosk
from tests.kiosk.window.test_camera import hold
from tests.together.before_the_camera import Shot

PIN = "2468"
_MADE = hashlib.pbkdf2_hmac("sha256", PIN.encode(), bytes.fromhex("00ff"), 1000).hex()
HOURS = {day: ["07:30-11:30", "13:30-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
USUAL = {"visit_gap_s": 0, "thanks_s": 4, "resting_s": 4}
PARKED = {
    "id": "1",
    "code": "unknown_officer",
    "officer_name": "Lê Hữu Đức",
    "tapped_at": "2026-03-01T10:11:12+07:00",
    "meaning": "",
}
SCENE: dict[str, object] = {
    "behaviour": USUAL,
    "on_duty": ["of-1"],
    "staff_pin": f"pbkdf2_sha256$1000$00ff${_MADE}",
    "waiting": 12,
    "last_sent_at": "2026-03-02T09:14:00+07:00",
    "parked": [PARKED],
}


class Photographer:
    """Walks and takes pictures."""

    def __init__(self, window: KioskWindow, out: Path) -> None:
        self._window = window
        self._out = out
        self.taken: list[Path] = []

    def picture(self, name: str) -> None:
        """The screen of now, in at most 128 colours: there are not many more on it."""
        path = self._out / f"kiosk-{name}-{self._window.size}.png"
        self._window.screenshot(path)
        subprocess.run(["convert", str(path), "+dither", "-colors", "128", "-strip", f"PNG8:{path}"], check=True)
        self.taken.append(path)

    def change(self, **scene: object) -> None:
        """Another scene, and time for it to arrive."""
        self._window.tell(scene)
        time.sleep(1.2)

    def walk(self) -> None:
        """All screens, in the order of docs/kiosk-screens.md."""
        window = self._window
        window.wait_screen("idle")
        self.picture("idle")
        self._visit()
        self._choice()
        self._nobody()
        self._home_visit()
        self._staff()
        self._camera()

    def _visit(self) -> None:
        window = self._window
        window.type_scan("H42.12-210301-0007")
        window.wait_screen("rate")
        self.picture("rate")
        window.tap("face_2")
        window.tap("reason_slow")
        self.picture("reasons")
        window.tap("send")
        self.picture("thanks")
        window.wait_screen("idle")
        self.change(ask_comment=True)
        window.tap("start")
        window.tap("language")
        self.picture("rate-en")
        window.tap("face_5")
        self.picture("reasons-satisfied-en")
        window.tap("language")
        window.tap("skip")
        for key in ("c", "h", "i", "space", "h", "ư", "ơ", "n", "g", "space", "d", "â", "n", "tilde"):
            window.tap(key if key == "space" else f"key_{key}")
        self.picture("comment")
        window.tap("send")
        window.wait_screen("idle")
        self.change(ask_comment=False)

    def _choice(self) -> None:
        window = self._window
        self.change(on_duty=["of-1", "of-4"])
        self.picture("idle-two")
        window.tap("start")
        self.picture("choose")
        window.tap("officer_of-4")
        window.tap("wrong_officer")
        self.picture("choose-all")
        window.tap("back")
        window.wait_screen("idle")
        self.change(on_duty=["of-1"])

    def _nobody(self) -> None:
        window = self._window
        self.change(broken=True)
        window.tap("start")
        window.tap("face_4")
        self.picture("resting")
        self.change(broken=False)
        window.wait_screen("idle")
        self.change(is_open=False, behaviour={**USUAL, "opening_hours": HOURS})
        window.wait_screen("asleep")
        self.picture("asleep")
        self.change(is_open=True, enrolled=False, behaviour=USUAL)
        window.wait_screen("pairing")
        self.picture("pairing")
        window.tap("type_code")
        self.picture("pairing-typed")
        self.change(enrolled=True)
        window.wait_screen("idle")

    def _home_visit(self) -> None:
        window = self._window
        self.change(at_home=True)
        window.wait_screen("home")
        self.picture("home")
        window.tap("begin", hold_s=1.9)
        window.wait_screen("choose")
        window.tap("officer_of-2")
        window.wait_screen("service")
        self.picture("service")
        window.tap("service_land")
        window.wait_screen("handover")
        self.picture("handover")
        self.change(at_home=False)
        window.wait_screen("idle")

    def _staff(self) -> None:
        window = self._window
        window.tap_at(window.layout()["window"][0] - 15, 15, hold_s=3.3)
        window.wait_screen("staff")
        self.picture("staff-pin")
        for digit in PIN:
            window.tap(f"pin_{digit}")
        window.tap("pin_enter")
        window.wait_until(lambda seen: "send_now" in seen["targets"], "the panel")
        self.picture("staff")
        window.tap("parked")
        self.picture("staff-parked")
        window.tap("back")
        window.tap("duty")
        self.picture("staff-duty")
        window.tap("back")
        window.tap("tuning")
        self.picture("staff-tuning")
        window.tap("back")
        window.tap("back")
        window.wait_screen("idle")

    def _camera(self) -> None:
        window = self._window
        self.change(camera=True, on_duty=["of-4"])
        # Not sharp yet, or it would be read and the screen gone.
        hold(
            window.folder,
            "https://nucuoi.example.vn/r/" + "slip" * 25,
            Shot(turn=8, tilt=10, blur=5, light=0.9, shade=0.2),
        )
        window.tap("scan")
        window.wait_screen("scan")
        time.sleep(1)  # for the first picture of the camera
        self.picture("scan")


def main(argv: list[str]) -> int:
    """Take all pictures and print where they are. 2 without a folder."""
    if not argv:
        print(__doc__, file=sys.stderr)
        return 2
    out = Path(argv[0])
    out.mkdir(parents=True, exist_ok=True)
    for size in argv[1:] or SIZES:
        with tempfile.TemporaryDirectory() as folder, fake_kiosk(size, Path(folder), **SCENE) as window:
            photographer = Photographer(window, out)
            photographer.walk()
            print(json.dumps({"size": size, "pictures": len(photographer.taken), "folder": str(out)}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
