"""The camera's screen in the real window, before pictures of a paper that a hand holds."""

from pathlib import Path

import pytest
import qrcode
from PIL import Image

from tests.kiosk.window.conftest import QUICK
from tests.kiosk.window.fake_camera import PICTURE
from tests.kiosk.window.kiosk_window import KioskWindow, deeds
from tests.kiosk.window.test_layout import faults_of, real_mm
from tests.together.before_the_camera import DPI, Shot, photograph

pytestmark = pytest.mark.window

SLIP = "H42.12-210301-0007"
HELD = Shot(turn=20, tilt=20, blur=1.2, light=0.5, shade=0.3)


def hold(folder: Path, text: str, shot: Shot = HELD) -> None:
    """Hold a paper with this code before the camera from now on: 54 mm wide, as slips have it."""
    paper = Image.new("L", (round(80 / 25.4 * DPI), round(110 / 25.4 * DPI)), 255)
    side = round(54 / 25.4 * DPI)
    paper.paste(qrcode.make(text).get_image().convert("L").resize((side, side)), ((paper.width - side) // 2, 80))
    frame = photograph(paper, shot)
    beside = folder / "camera.new.png"
    Image.frombytes("L", (frame.width, frame.height), frame.luminance).save(beside)
    beside.replace(folder / PICTURE)


@pytest.fixture
def looking(window: KioskWindow, folder: Path) -> KioskWindow:
    """A kiosk with a camera, before which nothing is held yet."""
    (folder / PICTURE).unlink(missing_ok=True)
    # The button comes with the next picture of idle.
    window.tell({"camera": True, "on_duty": ["of-4"]})
    window.wait_until(lambda seen: "scan" in seen["targets"], "the button")
    return window


ONE_SIZE = pytest.mark.parametrize("shared_window", ["1024x600"], indirect=True)


def test_a_slip_before_the_camera_begins_a_visit_for_its_dossier(looking: KioskWindow, folder: Path) -> None:
    window = looking
    window.tap("scan")
    window.wait_screen("scan")
    assert list(faults_of(window.layout(), real_mm(window))) == []
    hold(folder, "no code of ours", Shot())
    window.wait_until(lambda seen: "Mã không hợp lệ" in [text["text"] for text in seen["texts"]], "the soft line")
    assert window.layout()["screen"] == "scan"
    hold(folder, SLIP)
    window.wait_screen("rate", timeout_s=40)
    assert any("…0007" in text for text in window.texts())
    window.tap("face_3")
    assert deeds(folder)[0]["dossier"] == {"code": SLIP, "ticket": None}


@ONE_SIZE
def test_the_live_picture_is_a_mirror_and_nothing_of_it_is_left(looking: KioskWindow, folder: Path) -> None:
    window = looking
    half = Image.new("L", (640, 480), 0)
    half.paste(255, (0, 0, 320, 120))
    half.save(folder / PICTURE)
    window.tap("scan")
    window.wait_screen("scan")

    def corners(_: object) -> bool:
        window.screenshot(folder / "scan.png")
        with Image.open(folder / "scan.png") as glass:
            grey = glass.convert("L")
        width, height = grey.size
        # White is up and at the left of the picture, so up and at the right of the mirror.
        seen = [grey.getpixel((round(width * x), round(height * y))) for x, y in ((0.6, 0.3), (0.4, 0.3), (0.6, 0.6))]
        return seen[0] > 240 and max(seen[1:]) < 15

    window.wait_until(corners, "the picture in the mirror", timeout_s=30)
    window.tap("back")
    assert window.layout()["screen"] == "idle"
    (folder / PICTURE).unlink()
    window.tap("scan")
    window.wait_screen("scan")
    window.screenshot(folder / "empty.png")
    with Image.open(folder / "empty.png") as glass:
        width, height = glass.size
        assert max(glass.convert("L").getpixel((round(width * 0.6), round(height * 0.3))), 0) < 60
    window.tap("back")


@ONE_SIZE
def test_a_look_that_finds_nothing_ends_by_itself_and_a_broken_camera_at_once(looking: KioskWindow) -> None:
    window = looking
    window.tell({"behaviour": {**QUICK, "idle_timeout_s": 4, "idle_warning_s": 2}})
    window.tap("scan")
    window.wait_screen("scan")
    window.wait_screen("idle", timeout_s=30)
    window.tell({"camera": "broken"})
    window.tap("scan")
    told = "Máy ảnh không hoạt động."
    window.wait_until(lambda seen: told in [text["text"] for text in seen["texts"]], "the reason", timeout_s=30)
    window.wait_screen("idle")


@ONE_SIZE
def test_without_a_camera_there_is_no_button_and_a_new_kiosk_joins_through_one(
    looking: KioskWindow, folder: Path
) -> None:
    window = looking
    window.tell({"enrolled": False, "on_duty": ["of-1"]})
    window.wait_screen("pairing")
    window.tap("scan")
    window.wait_screen("scan")
    hold(folder, '{"nucuoi": 1, "url": "http://127.0.0.1:5000", "code": "GOOD-CODE"}')
    window.wait_screen("idle", timeout_s=40)
    window.tell({"camera": False, "on_duty": ["of-4"]})
    window.wait_until(lambda seen: "scan" not in seen["targets"], "the button to go")
