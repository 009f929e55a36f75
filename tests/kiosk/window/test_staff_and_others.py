"""The screens behind the visit: pairing, sleep, the staff's PIN and panel, the comment's keyboard."""

import hashlib
import json
from pathlib import Path

import pytest

from tests.kiosk.window.conftest import QUICK, SCENE
from tests.kiosk.window.kiosk_window import KioskWindow, deeds, fake_kiosk

pytestmark = pytest.mark.window

SALT = "a1b2c3d4"
PIN = "2468"
STORED = f"pbkdf2_sha256$1000${SALT}${hashlib.pbkdf2_hmac('sha256', PIN.encode(), bytes.fromhex(SALT), 1000).hex()}"
PARKED = {
    "id": "1",
    "code": "unknown_officer",
    "officer_name": "Lê Hữu Đức",
    "tapped_at": "2026-03-01T10:11:12+07:00",
    "meaning": "no officer with this id",
}


def press_the_corner(window: KioskWindow, seconds: float = 3.3) -> None:
    width, _ = window.layout()["window"]
    window.tap_at(width - 15, 15, hold_s=seconds)


def unlock(window: KioskWindow, **scene: object) -> None:
    window.tell({"staff_pin": STORED, **scene})
    press_the_corner(window)
    window.wait_screen("staff")
    for digit in PIN:
        window.tap(f"pin_{digit}")
    window.tap("pin_enter")
    window.wait_until(lambda seen: "send_now" in seen["targets"], "the panel")


def test_the_panel_says_one_honest_line(window: KioskWindow) -> None:
    unlock(window, waiting=12, last_sent_at="2026-03-02T09:14:00+07:00", clock="sure", parked=[PARKED])
    assert "12 chờ gửi · gửi lần cuối 09:14 · đồng hồ chắc chắn · 1 bị giữ lại" in window.texts()
    window.tap("parked")
    assert "Lê Hữu Đức · 10:11 01/03/2026" in window.texts()
    assert "Máy chủ không biết cán bộ này." in window.texts()
    window.tap("back")
    window.tap("send_now")
    window.wait_until(lambda seen: any("0 chờ gửi" in text["text"] for text in seen["texts"]), "the line anew")
    window.tap("back")
    assert window.layout()["screen"] == "idle"


def test_a_short_press_in_the_corner_is_a_citizens_touch(window: KioskWindow) -> None:
    press_the_corner(window, seconds=1.0)
    window.wait_screen("rate")


def test_an_officer_takes_the_counter_from_the_staff_screen(window: KioskWindow, folder: Path) -> None:
    unlock(window)
    window.tap("duty")
    window.tap("duty_of-2")
    assert {"deed": "TakeDuty", "officer_id": "of-2"} in deeds(folder)
    window.tap("back")
    assert "Trần Văn An" in window.texts()


def test_what_waits_is_copied_to_a_stick_and_a_missing_stick_is_told(window: KioskWindow) -> None:
    unlock(window, waiting=3, sticks=[])
    window.tap("copy")
    assert "Chưa thấy USB. Xin cắm USB rồi thử lại." in window.texts()
    window.tell({"sticks": ["/media/stick"]})
    window.tap("copy")
    told = "Đã chép 3 lượt đánh giá ra USB. Có thể rút USB."
    window.wait_until(lambda seen: told in [text["text"] for text in seen["texts"]], "the count")


def test_the_touch_map_marks_what_is_touched(window: KioskWindow, folder: Path) -> None:
    unlock(window)
    window.tap("map")
    window.screenshot(folder / "map0.png")
    width, height = window.layout()["window"]
    touches = window.layout()["touches"]
    window.tap_at(width / 2, height / 3)
    window.wait_until(lambda seen: seen["touches"] > touches, "the mark")
    window.screenshot(folder / "map1.png")
    assert (folder / "map0.png").read_bytes() != (folder / "map1.png").read_bytes()


def test_outside_of_opening_hours_it_sleeps_and_wakes(window: KioskWindow) -> None:
    hours = {"mon": ["07:30-11:30", "13:30-17:00"], "tue": ["07:30-11:30", "13:30-17:00"], "sat": ["07:30-11:30"]}
    window.tell({"is_open": False, "behaviour": {**QUICK, "opening_hours": hours}})
    window.wait_screen("asleep")
    assert "09:41" in window.texts()
    assert any("Thứ Hai – Thứ Ba" in text for text in window.texts())
    width, height = window.layout()["window"]
    touches = window.layout()["touches"]
    window.tap_at(width / 2, height / 2)
    seen = window.wait_until(lambda seen: seen["touches"] > touches, "the touch")
    assert seen["screen"] == "asleep"
    window.tell({"is_open": True})
    window.wait_screen("idle")


def test_a_comment_is_typed_with_tones_and_kept(window: KioskWindow, folder: Path) -> None:
    window.tell({"ask_comment": True})
    window.tap("start")
    window.tap("face_5")
    window.tap("skip")
    assert window.layout()["screen"] == "comment"
    for key in ("key_t", "key_o", "key_t", "key_acute"):
        window.tap(key)
    assert any("Tót" in text for text in window.texts())
    while "0/500" not in window.texts():  # a finger that a busy machine holds down erases more than one letter
        before = window.texts()
        window.tap("key_erase")
        assert window.texts() != before
    for key in ("key_h", "key_o", "key_a", "key_grave", "key_n", "space", "key_t", "key_ô", "key_t", "key_acute"):
        window.tap(key)
    window.tap("send")
    assert window.layout()["screen"] == "thanks"
    assert [deed["comment"] for deed in deeds(folder) if deed["deed"] == "ReviseRating"][-1] == "Hoàn tốt"


def test_a_kiosk_without_a_server_pairs_by_a_scan(window: KioskWindow) -> None:
    window.tell({"enrolled": False})
    window.wait_screen("pairing")
    window.type_scan(json.dumps({"nucuoi": 1, "url": "http://127.0.0.1:5000", "code": "BAD-CODE"}))
    window.wait_until(lambda seen: any("BAD-CODE" in text["text"] for text in seen["texts"]), "the reason")
    window.type_scan(json.dumps({"nucuoi": 1, "url": "http://127.0.0.1:5000", "code": "GOOD-CODE"}))
    window.wait_screen("idle")


def test_a_kiosk_without_a_scanner_pairs_by_typing(window: KioskWindow) -> None:
    window.tell({"enrolled": False, "enrol_code": "7A"})
    window.wait_screen("pairing")
    window.tap("type_code")
    window.tap("code")
    window.tap("key_7")
    window.tap("key_a")
    window.tap("connect")
    window.wait_screen("idle")


def test_a_wrong_pin_opens_nothing_and_three_of_them_shut_the_gate(tmp_path: Path) -> None:
    """In a window of its own: the gate stays shut for a while."""
    with fake_kiosk("1024x600", tmp_path, **SCENE, staff_pin=STORED) as window:
        window.wait_screen("idle")
        try_wrong_pins(window)


def try_wrong_pins(window: KioskWindow) -> None:
    press_the_corner(window)
    window.wait_screen("staff")
    for _ in range(3):
        for _ in range(4):
            window.tap("pin_1")
        window.tap("pin_enter")
        assert "send_now" not in window.layout()["targets"]
    window.wait_until(lambda seen: any("Xin thử lại sau" in text["text"] for text in seen["texts"]), "the wait")
    for digit in PIN:
        window.tap(f"pin_{digit}")
    window.tap("pin_enter")
    assert "send_now" not in window.layout()["targets"]
    window.tap("back")
