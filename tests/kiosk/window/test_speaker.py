"""The speaker button in the real window: every screen of a citizen speaks, and only while it is shown."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from kiosk.screens.prompts import prompt, sound_name
from kiosk.screens.speaker import BAD_CODE
from kiosk.visit import Screen
from tests.kiosk.window.conftest import leave_thanks
from tests.kiosk.window.kiosk_window import KioskWindow, fake_kiosk
from tests.kiosk.window.test_layout import faults_of, real_mm
from tests.kiosk.window.test_prompts import a_visit
from tests.kiosk.window.test_staff_and_others import unlock

pytestmark = pytest.mark.window


def first_sound(screen: str, language: str = "vi") -> str:
    """The sound that a screen begins with."""
    return sound_name(prompt(a_visit(Screen(screen), language))[0])


def listens(window: KioskWindow, language: str = "vi") -> None:
    """Touch the speaker button of the screen of now, and hear its prompt begin."""
    screen = window.layout()["screen"]
    window.tap("listen")
    wanted = first_sound(screen, language)
    window.wait_until(lambda seen: seen["playing"] == wanted, f"{screen} to speak")
    assert window.layout()["screen"] == screen


def silent(seen: Mapping[str, Any]) -> bool:
    return seen["playing"] is None


@pytest.mark.parametrize("shared_window", ["800x1280"], indirect=True)
def test_every_screen_speaks_in_its_language_and_is_silent_when_it_is_left(window: KioskWindow) -> None:
    window.tell({"ask_comment": True, "on_duty": ["of-1", "of-4"]})
    window.wait_until(lambda seen: any("Lê Hữu Đức" in text["text"] for text in seen["texts"]), "those on duty")
    listens(window)
    window.tap("start")
    window.wait_until(silent, "silence on another screen")
    listens(window)
    window.tap("officer_of-4")
    listens(window)
    window.tap("language")
    window.wait_until(silent, "silence in another language")
    listens(window, "en")
    window.tap("face_2")
    listens(window, "en")
    playing = window.layout()["playing"]
    window.tap("reason_slow")
    assert window.layout()["playing"] == playing, "a chip must not silence the screen"
    window.tap("send")
    window.wait_until(silent, "silence on another screen")
    listens(window, "en")
    window.tap("skip")
    window.wait_screen("thanks")
    listens(window, "en")
    leave_thanks(window)
    window.wait_until(silent, "silence when the visit is over")


@pytest.mark.parametrize("shared_window", ["800x1280"], indirect=True)
def test_a_code_that_means_nothing_is_heard_softly_and_the_button_stays_as_it_was(window: KioskWindow) -> None:
    heard = []

    def hears(seen: Mapping[str, Any]) -> bool:
        heard.append(seen["playing"])
        return any(text["text"] == "Mã không hợp lệ" for text in seen["texts"])

    window.type_scan("8934563138165")
    window.wait_until(hears, "the soft line")
    assert set(heard) <= {None, BAD_CODE}
    assert "listen" in window.layout()["targets"]


@pytest.mark.parametrize("shared_window", ["1024x600"], indirect=True)
def test_staff_set_sound_and_light_and_a_muted_kiosk_has_no_button(window: KioskWindow) -> None:
    unlock(window, tuning={"volume": 90, "brightness": 20})
    window.tap("tuning")
    assert list(faults_of(window.layout(), real_mm(window))) == []
    for target, line in (
        ("volume_more", "Âm lượng 100 %"),
        ("brightness_less", "Độ sáng 10 %"),
        ("brightness_less", "Độ sáng 10 %"),
        ("reads_aloud", "Tự đọc: bật"),
        ("mute", "Đã tắt tiếng"),
    ):
        window.tap(target)
        assert line in window.texts(), (target, window.texts())
    window.tap("back")
    window.tap("back")
    window.wait_screen("idle")
    assert "listen" not in window.layout()["targets"]
    window.tap("start")
    assert "listen" not in window.layout()["targets"]


@pytest.mark.parametrize("shared_window", ["800x1280"], indirect=True)
def test_a_kiosk_that_reads_aloud_does_so_in_a_visit(window: KioskWindow) -> None:
    window.tell({"tuning": {"reads_aloud": True}})
    window.tap("start")
    wanted = first_sound("rate")
    window.wait_until(lambda seen: seen["playing"] == wanted, "the question by itself")
    window.tap("back")
    window.wait_until(silent, "silence")


def loudness(raw: Path) -> int:
    """The largest of some samples (signed, 16 bits) that were written so far."""
    written = raw.read_bytes() if raw.exists() else b""
    return max((abs(sample) for sample in memoryview(written[: len(written) // 2 * 2]).cast("h")[::7]), default=0)


@pytest.fixture
def own_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Opens a window of its own with this driver of sound."""
    opened: list[KioskWindow] = []

    def open_with(driver: str) -> KioskWindow:
        env = {"SDL_AUDIODRIVER": driver, "SDL_DISKAUDIOFILE": str(tmp_path / "heard.raw")}
        opened.append(fake_kiosk("1024x600", tmp_path / "kiosk", env=env, enrolled=True, on_duty=["of-1"]))
        opened[-1].wait_screen("idle")
        return opened[-1]

    yield open_with
    for window in opened:
        window.close()


def test_samples_come_out_of_the_mixer_and_end_with_the_screen(own_window: Any, tmp_path: Path) -> None:
    window, heard = own_window("disk"), tmp_path / "heard.raw"
    assert not heard.exists(), "the device must not be opened before somebody listens"
    listens(window)
    window.wait_until(lambda seen: loudness(heard) > 1000, "samples that are not silence")
    window.tap("start")
    window.wait_until(silent, "silence")


def test_without_a_loudspeaker_the_button_goes_and_the_kiosk_serves(own_window: Any) -> None:
    window = own_window("no-such-driver")
    for _ in range(6):  # a touch within the deaf time after the first screen is lost, as it should be
        if "listen" in window.layout()["targets"]:
            window.tap("listen")
        with suppress(AssertionError):
            window.wait_until(lambda seen: "listen" not in seen["targets"], "the button to go", 10)
            break
    assert "listen" not in window.layout()["targets"]
    assert window.layout()["screen"] == "idle"
    window.tap("start")
    window.wait_screen("rate")
    assert window.layout()["playing"] is None
