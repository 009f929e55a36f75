"""Citizens at the real window: what they touch and scan, and exactly what is kept of it."""

import time
from pathlib import Path

import pytest
from PIL import Image

from survey.rating import receipt_code
from tests.kiosk.window.conftest import QUICK, leave_thanks
from tests.kiosk.window.kiosk_window import KioskWindow, deeds

pytestmark = pytest.mark.window

SLIP = "H42.12-210301-0007"


def kept(folder: Path) -> list[tuple[str, object]]:
    """The deeds without their ids: (OpenRating, level), (ReviseRating, reasons), (CloseRating, None)."""
    said = {"OpenRating": "level", "ReviseRating": "reasons"}
    return [(deed["deed"], deed.get(said.get(deed["deed"], ""))) for deed in deeds(folder)]


@pytest.mark.every_size
def test_a_face_is_kept_before_the_next_screen_and_reasons_complete_it(window: KioskWindow, folder: Path) -> None:
    window.tap("start")
    window.tap("face_2")
    assert kept(folder) == [("OpenRating", 2)]
    window.tap("reason_attitude")
    window.tap("reason_slow")
    window.tap("reason_attitude")
    window.tap("send")
    assert window.layout()["screen"] == "thanks"
    assert kept(folder)[-2:] == [("ReviseRating", ["slow"]), ("CloseRating", None)]
    assert len({deed["rating_id"] for deed in deeds(folder)}) == 1
    code = receipt_code(deeds(folder)[0]["rating_id"])
    assert f"{code[:4]} {code[4:]}" in window.texts()


def test_a_touch_anywhere_begins_and_a_touch_anywhere_ends(window: KioskWindow, folder: Path) -> None:
    window.tell({"behaviour": {**QUICK, "thanks_s": 300}})
    width, height = window.layout()["window"]
    window.tap_at(width / 2, height * 0.45)
    window.wait_screen("rate")
    window.tap("face_5")
    window.tap("skip")
    assert window.layout()["screen"] == "thanks"
    window.tap_at(width / 2, height * 0.3)
    window.wait_screen("idle")
    assert [what for what, _ in kept(folder)] == ["OpenRating", "CloseRating"]


def test_a_storm_of_touches_is_one_rating(window: KioskWindow, folder: Path) -> None:
    window.tap("start")
    targets = window.layout()["targets"]
    for _ in range(4):
        for level in (1, 2, 3, 4, 5):
            x, y, width, height = targets[f"face_{level}"]
            window.tap_at(x + width / 2, y + height / 2)
    time.sleep(1)
    opened = [deed for deed in deeds(folder) if deed["deed"] == "OpenRating"]
    assert len(opened) == 1
    assert opened[0]["level"] == 1
    window.wait_until(lambda seen: seen["screen"] in ("reasons", "thanks"), "one way on")


def test_a_misclick_leads_back_and_the_second_face_counts(window: KioskWindow, folder: Path) -> None:
    window.tap("start")
    window.tap("face_1")
    window.tap("misclick")
    assert window.layout()["screen"] == "rate"
    assert "wrong_officer" not in window.layout()["targets"]
    window.tap("face_4")
    window.tap("send")
    levels = [deed["level"] for deed in deeds(folder) if deed["deed"] in ("OpenRating", "ReviseRating")]
    assert levels[0] == 1
    assert levels[-1] == 4
    assert [what for what, _ in kept(folder)].count("OpenRating") == 1


def test_the_misclick_button_goes_after_its_seconds(window: KioskWindow) -> None:
    window.tell({"behaviour": {**QUICK, "misclick_s": 5}})
    window.tap("start")
    window.tap("face_1")
    assert "misclick" in window.layout()["targets"]
    time.sleep(5.2)
    window.tap("reason_slow")
    assert "misclick" not in window.layout()["targets"]


def test_the_language_changes_in_the_middle_and_is_the_usual_one_for_the_next(window: KioskWindow) -> None:
    window.tap("start")
    window.tap("language")
    assert "Very satisfied" in window.texts()
    window.tap("face_1")
    assert "What was not good?" in window.texts()
    window.tap("language")
    assert "Điều gì chưa tốt?" in window.texts()
    window.tap("language")
    window.tap("skip")
    assert "Thank you" in window.texts()
    leave_thanks(window)
    assert "Chạm để đánh giá" in window.texts()


def test_a_scan_starts_a_visit_for_its_dossier_and_shows_four_characters(window: KioskWindow, folder: Path) -> None:
    window.type_scan(SLIP)
    window.wait_screen("rate")
    assert any("…0007" in text for text in window.texts())
    assert not any(SLIP in text for text in window.texts())
    window.tap("face_3")
    assert deeds(folder)[0]["dossier"] == {"code": SLIP, "ticket": None}


def test_what_is_no_code_gets_a_soft_line_and_changes_nothing(window: KioskWindow, folder: Path) -> None:
    window.type_scan("8934563138165")
    window.wait_until(lambda seen: "Mã không hợp lệ" in [text["text"] for text in seen["texts"]], "the soft line")
    assert window.layout()["screen"] == "idle"
    assert deeds(folder) == []


def test_a_visit_that_is_left_alone_ends_and_its_face_counts(window: KioskWindow, folder: Path) -> None:
    window.tell({"behaviour": {**QUICK, "idle_timeout_s": 8, "idle_warning_s": 4}})
    window.tap("start")
    window.tap("face_2")
    window.wait_screen("idle")
    assert kept(folder) == [("OpenRating", 2), ("CloseRating", None)]


def test_the_next_citizen_sees_no_trace_of_the_one_before(window: KioskWindow, folder: Path) -> None:
    shots = []
    for turn in (0, 1):
        window.tap("start")
        window.tap("face_2")
        window.screenshot(folder / f"turn{turn}.png")
        shots.append((folder / f"turn{turn}.png").read_bytes())
        if turn == 0:
            window.tap("reason_rude")
            window.tap("reason_slow")
            window.tap("language")
        window.tap("send")
        leave_thanks(window)
    assert _pixels(folder / "turn0.png") == _pixels(folder / "turn1.png")


def test_a_store_that_cannot_keep_makes_the_kiosk_rest_and_come_back(window: KioskWindow, folder: Path) -> None:
    window.tell({"broken": True})
    window.tap("start")
    window.tap("face_1")
    assert window.layout()["screen"] == "resting"
    assert deeds(folder) == []
    window.tell({"broken": False})
    window.wait_screen("idle")
    window.tap("start")
    window.tap("face_1")
    assert kept(folder) == [("OpenRating", 1)]


def test_no_key_leaves_the_kiosk_or_opens_a_panel(window: KioskWindow) -> None:
    window.press("Escape", "F1", "F11", "F12", "alt+F4", "Menu")
    time.sleep(0.5)
    assert window.process.poll() is None
    window.tap("start")
    assert window.layout()["screen"] == "rate"


def test_a_right_click_leaves_no_dot(window: KioskWindow, folder: Path) -> None:
    window.tap("start")
    window.screenshot(folder / "before.png")
    window.click_right(5, 5)
    time.sleep(0.5)
    window.screenshot(folder / "after.png")
    assert _pixels(folder / "before.png") == _pixels(folder / "after.png")


@pytest.mark.every_size
def test_an_upright_photo_shows_its_upper_square_and_a_damaged_one_the_initials(
    window: KioskWindow, folder: Path
) -> None:
    photos = folder / "photos"
    photos.mkdir(exist_ok=True)
    picture = Image.new("RGB", (300, 400), "#ff0000")
    picture.paste("#00ff00", (0, 0, 300, 300))
    picture.save(photos / "of-4.png")
    (photos / "of-1.png").write_bytes(b"this is no picture")
    window.tell({"on_duty": ["of-4", "of-1"]})
    window.tap("start")
    window.screenshot(folder / "photo.png")
    mm = window.layout()["mm"]
    x, y, width, height = window.layout()["targets"]["officer_of-4"]
    with Image.open(folder / "photo.png") as glass:
        inside = glass.convert("RGB").crop((round(x), round(y), round(x + width), round(y + height)))
        colours = {colour for count, colour in inside.getcolors(1 << 20) if count > 20 * mm}
    assert (0, 255, 0) in colours
    assert (255, 0, 0) not in colours
    assert (0, 0, 0) not in colours
    for file in photos.iterdir():
        file.unlink()


def _pixels(path: Path) -> bytes:
    with Image.open(path) as image:
        return image.convert("RGB").tobytes()
