"""The measures of docs/kiosk-screens.md hold on the screens of staff, of an officer, and of a kiosk that rests."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.kiosk.window.kiosk_window import KioskWindow
from tests.kiosk.window.test_layout import faults_of, real_mm
from tests.kiosk.window.test_staff_and_others import PARKED, PIN, STORED, press_the_corner

pytestmark = pytest.mark.window

VIEWS = ("parked", "duty", "tuning", "map")


def staff_screens(window: KioskWindow) -> Iterator[dict[str, Any]]:
    """The PIN, the panel and each of its views, in both languages; last the resting screen."""
    fault = {"vi": "Bộ nhớ sắp đầy: còn 120 MB.", "en": "The disk is nearly full: 120 MB left."}
    parked = [{**PARKED, "id": str(number)} for number in range(6)]
    window.tell({"staff_pin": STORED, "waiting": 12345, "parked": parked, "fault_words": fault, "difference": -12})
    press_the_corner(window)
    yield window.wait_screen("staff")
    for digit in PIN:
        window.tap(f"pin_{digit}")
    window.tap("pin_enter")
    yield window.wait_until(lambda seen: "send_now" in seen["targets"], "the panel")
    window.tap("language")
    yield window.layout()
    for view in VIEWS:
        window.tap(view)
        yield window.layout()
        window.tap("language")
        yield window.layout()
        window.tap("back")
    window.tap("back")
    window.wait_screen("idle")
    window.tell({"broken": True})
    window.tap("start")
    window.tap("face_1")
    yield window.wait_screen("resting")
    window.tell({"broken": False})


@pytest.mark.every_size
def test_the_screens_of_staff_and_of_a_resting_kiosk_hold_their_measures(window: KioskWindow) -> None:
    mm = real_mm(window)
    faults: list[str] = []
    seen: set[str] = set()
    for layout in staff_screens(window):
        seen.add(layout["screen"])
        faults += [f"{layout['screen']} ({sorted(layout['targets'])[:3]}): {fault}" for fault in faults_of(layout, mm)]
    window.wait_screen("idle", timeout_s=30)
    assert seen == {"staff", "resting"}
    assert not faults, "\n".join(faults)
