"""A tablet on a home visit, in the real window: prepared by the officer, touched by the citizen, given back."""

from pathlib import Path

import pytest

from tests.kiosk.window.conftest import QUICK, leave_thanks
from tests.kiosk.window.kiosk_window import KioskWindow, deeds
from tests.kiosk.window.test_layout import faults_of, real_mm
from tests.kiosk.window.test_staff_and_others import unlock

pytestmark = pytest.mark.window

HOLD_S = 1.9


def test_an_officer_prepares_the_tablet_and_a_citizen_rates_at_home(window: KioskWindow, folder: Path) -> None:
    unlock(window)
    window.tap("place")
    window.wait_until(lambda seen: "Về lại quầy" in [text["text"] for text in seen["texts"]], "the way back")
    window.tap("back")
    assert window.layout()["screen"] == "home"
    faults = list(measured(window))
    window.tap("begin")
    assert window.layout()["screen"] == "home", "a short touch must not lead to the choice"
    window.tap("begin", hold_s=HOLD_S)
    window.wait_screen("choose")
    faults += measured(window)
    window.tap("officer_of-2")
    window.wait_screen("service")
    faults += measured(window)
    window.tap("service_land")
    window.wait_screen("handover")
    faults += measured(window)
    window.tap("language")
    faults += measured(window)
    window.tap("start")
    assert "Trần Văn An" in window.texts()
    window.tap("face_5")
    window.tap("skip")
    window.wait_screen("thanks")
    assert [(deed["deed"], deed.get("source")) for deed in deeds(folder)] == [
        ("OpenRating", "home"),
        ("CloseRating", None),
    ]
    assert (deeds(folder)[0]["officer_id"], deeds(folder)[0]["service_id"]) == ("of-2", "land")
    width, height = window.layout()["window"]
    window.tap_at(width * 0.3, height * 0.3)
    window.wait_screen("home")
    assert "Xin Ông/Bà trao lại máy cho cán bộ" in window.texts(), "the next one finds the usual language"
    assert not faults, "\n".join(faults)
    back_to_the_counter(window)


def measured(window: KioskWindow) -> list[str]:
    """What is too small, cut or too near on the screen of now."""
    layout = window.layout()
    return [f"{layout['screen']}: {fault}" for fault in faults_of(layout, real_mm(window))]


def back_to_the_counter(window: KioskWindow) -> None:
    window.tell({"at_home": False, "behaviour": QUICK})
    leave_thanks(window)
    window.wait_screen("idle")
