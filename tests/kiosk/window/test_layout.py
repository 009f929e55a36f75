"""What eyes forget, measured on the real window: nothing cut, targets large and apart, text high enough."""

import itertools
import math
from collections.abc import Iterator
from typing import Any

import pytest

from kiosk.widgets.measure import LEAST_TEXT_MM
from tests.kiosk.window.conftest import QUICK, leave_thanks
from tests.kiosk.window.kiosk_window import KioskWindow

pytestmark = pytest.mark.window

DIAGONAL_INCH = 10.1
HOURS = {day: ["07:30-11:30", "13:30-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
EDGE_MM = 3.0
"""A target nearer to the edge lies partly under the frame of many panels."""
SLACK_PX = 1.0
"""Boxes are reported to a tenth of a pixel, and drawn on whole ones."""


def real_mm(window: KioskWindow) -> float:
    """Pixels of a true millimetre on the stated panel."""
    width, height = window.layout()["window"]
    return math.hypot(width, height) / (DIAGONAL_INCH * 25.4)


def screens(window: KioskWindow) -> Iterator[dict[str, Any]]:
    """Every screen of a citizen, as it stands, in the language of now; longest names first."""
    window.tell({"on_duty": ["of-3", "of-2", "of-1", "of-5"], "ask_comment": True, "behaviour": QUICK})
    window.wait_until(lambda seen: any("Thượng úy" in text["text"] for text in seen["texts"]), "those on duty")
    yield window.layout()
    window.tap("start")
    yield window.layout()
    window.tap("officer_of-3")
    yield window.layout()
    window.tap("wrong_officer")
    yield window.layout()
    window.tap("next")
    yield window.layout()
    window.tap("back")
    window.type_scan("H42.12-210301-0007")
    window.wait_screen("choose")
    window.tap("officer_of-2")
    yield window.layout()
    window.tap("face_1")
    yield window.layout()
    window.tap("reason_rude")
    yield window.layout()
    window.tap("send")
    yield window.layout()
    window.tap("skip")
    yield window.layout()
    leave_thanks(window)


def all_screens(window: KioskWindow) -> Iterator[dict[str, Any]]:
    """The screens of a visit in both languages, then those of nobody."""
    yield from screens(window)
    window.tap("language")
    yield from screens_in_english(window)
    closed = {"is_open": False, "behaviour": {**QUICK, "opening_hours": HOURS}}
    for scene, screen in ((closed, "asleep"), ({"enrolled": False}, "pairing")):
        window.tell(scene)
        yield window.wait_screen(screen)
        window.tell({"is_open": True, "enrolled": True, "behaviour": QUICK})
        window.wait_screen("idle")


def screens_in_english(window: KioskWindow) -> Iterator[dict[str, Any]]:
    """From idle on, the language stays for one visit."""
    yield window.layout()
    window.tap("start")
    yield window.layout()
    window.tap("officer_of-3")
    yield window.layout()
    window.tap("face_2")
    yield window.layout()
    window.tap("misclick")
    window.tap("face_5")
    yield window.layout()
    window.tap("skip")
    yield window.layout()
    window.tap("skip")
    yield window.layout()
    leave_thanks(window)


@pytest.mark.every_size
def test_all_screens_hold_their_measures(window: KioskWindow) -> None:
    """One walk through all screens; every fault is told, not only the first."""
    mm = real_mm(window)
    faults: list[str] = []
    seen: set[str] = set()
    for layout in all_screens(window):
        seen.add(layout["screen"])
        faults += [f"{layout['screen']}: {fault}" for fault in faults_of(layout, mm)]
    assert seen >= {"idle", "choose", "rate", "reasons", "comment", "thanks", "asleep", "pairing"}
    assert not faults, "\n".join(faults)


def faults_of(layout: dict[str, Any], mm: float) -> Iterator[str]:
    """What is wrong with one screen."""
    width, height = layout["window"]
    for text in layout["texts"]:
        x, y, wide, high = text["box"]
        if text["cut"] or text["texture"][1] > high + SLACK_PX:
            yield f"{text['text']!r} is cut: {text['texture']} in {wide} x {high}"
        if text["font_px"] < LEAST_TEXT_MM * mm * 0.995:
            yield f"{text['text']!r} is {text['font_px'] / mm:.2f} mm, less than {LEAST_TEXT_MM:.2f}"
        if x < -SLACK_PX or y < -SLACK_PX or x + wide > width + SLACK_PX or y + high > height + SLACK_PX:
            yield f"{text['text']!r} reaches out of the window: {text['box']}"
    targets = {name: box for name, box in layout["targets"].items() if not name.startswith("key_")}
    for name, (x, y, wide, high) in targets.items():
        least = 30 if name.startswith("face_") else 20
        if min(wide, high) < least * mm - SLACK_PX:
            yield f"{name} is {wide / mm:.1f} x {high / mm:.1f} mm"
        if y < height / 3 - SLACK_PX:
            yield f"{name} is above the lower two thirds, at {y / height:.2f}"
        if min(x, width - x - wide, height - y - high) < EDGE_MM * mm:
            yield f"{name} is too near to the edge: {x, y, wide, high}"
    for (one, a), (other, b) in itertools.combinations(targets.items(), 2):
        gap = max(a[0] - b[0] - b[2], b[0] - a[0] - a[2], a[1] - b[1] - b[3], b[1] - a[1] - a[3])
        if gap < 8 * mm - SLACK_PX:
            yield f"{one} and {other} are {gap / mm:.1f} mm apart"
    for name, box in layout["targets"].items():
        if name.startswith("key_") and min(box[2], box[3]) < 10 * mm:
            yield f"{name} is {box[2] / mm:.1f} x {box[3] / mm:.1f} mm"
