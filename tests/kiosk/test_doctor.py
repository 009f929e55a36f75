"""What the doctor says of each thing, and what to do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk import doctor
from kiosk.config import KioskSettings
from kiosk.errors import NotWelcome, ServerAway
from kiosk.store import Identity, open_store
from tests.kiosk.fakes import CARRY_KEY, FakeServer, HandClock

DEVICES = """\
I: Bus=0003 Vendor=222a Product=0001 Version=0110
N: Name="ILITEK Multi-Touch"
H: Handlers=mouse0 event1
B: PROP=2

I: Bus=0003 Vendor=05e0 Product=1200 Version=0110
N: Name="Symbol Bar Code Scanner"
H: Handlers=sysrq kbd event2 leds
B: PROP=0

I: Bus=0019 Vendor=0000 Product=0001 Version=0000
N: Name="Power Button"
H: Handlers=kbd event0
B: PROP=0
"""


def test_a_touch_screen_and_a_scanner_are_found_by_what_they_are() -> None:
    assert doctor.judge_touch(DEVICES).said == "ILITEK Multi-Touch"
    assert doctor.judge_scanner(DEVICES).said == "one of Symbol Bar Code Scanner"
    assert doctor.judge_touch("").level == doctor.judge_scanner("").level == doctor.WARNING


def test_two_devices_that_report_the_same_touch_are_told() -> None:
    """Each touch then counts twice: a double tap on a face, two letters on the keyboard."""
    panel = DEVICES.partition("\n\n")[0]
    pen, pad = (panel.replace("ILITEK Multi-Touch", name) for name in ("ILITEK Touch Pen", "Synaptics TouchPad"))
    for second in (panel, pen):
        finding = doctor.judge_touch(f"{DEVICES}\n{second}\n")
        assert finding.level == doctor.WARNING
        assert "2 devices report touches: ILITEK Multi-Touch, ILITEK" in finding.said
        assert finding.remedy
    only_moves_a_pointer = pad.replace("PROP=2", "PROP=5")
    assert doctor.judge_touch(f"{DEVICES}\n{only_moves_a_pointer}\n").said == "ILITEK Multi-Touch"


def test_a_panel_too_small_for_old_hands_is_told_in_millimetres() -> None:
    assert doctor.judge_panel(10.1, "1280x800").said.endswith("1280x800: targets are at least 20 mm")
    small = doctor.judge_panel(7.0, "1024x600")
    assert small.level == doctor.WARNING
    assert "at least 14 mm" in small.said
    assert "kiosk.toml" in small.remedy
    assert doctor.judge_panel(10.1, None).level == doctor.OK


def test_the_pixels_of_a_panel_are_those_of_the_connector_that_is_in_use(tmp_path: Path) -> None:
    for name, status, modes in (
        ("card0-HDMI-A-1", "disconnected", ""),
        ("card1-DSI-1", "connected", "800x480\n640x480\n"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "status").write_text(f"{status}\n")
        (tmp_path / name / "modes").write_text(modes)
    assert doctor.panel_size(tmp_path) == "800x480"
    assert doctor.panel_size(tmp_path / "nowhere") is None


LISTENING = {"/tmp/.X11-unix/X0", "/run/user/1000/wayland-0"}


@pytest.mark.parametrize(
    ("environ", "card", "level"),
    [
        ({"DISPLAY": ":0"}, False, "ok"),
        ({"DISPLAY": ":0.0"}, False, "ok"),
        ({"DISPLAY": ":77"}, True, "failure"),
        ({"DISPLAY": "desk.test:0"}, False, "ok"),
        ({"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": "/run/user/1000"}, False, "ok"),
        ({"WAYLAND_DISPLAY": "wayland-9", "XDG_RUNTIME_DIR": "/run/user/1000", "DISPLAY": ":0"}, False, "ok"),
        ({"SDL_VIDEODRIVER": "kmsdrm"}, False, "ok"),
        ({}, True, "ok"),
        ({"ANDROID_ARGUMENT": ""}, False, "ok"),
        ({}, False, "failure"),
    ],
)
def test_a_screen_is_there_only_when_something_answers(environ: dict[str, str], card: bool, level: str) -> None:
    finding = doctor.judge_display(environ, has_card=card, answers=LISTENING.__contains__)
    assert finding.level == level
    assert bool(finding.remedy) == finding.is_failure


def test_a_slow_disk_little_room_and_an_old_certificate_are_told() -> None:
    assert doctor.judge_disk_speed(5).level == "ok"
    assert doctor.judge_disk_speed(80).level == "warning"
    assert [doctor.judge_room(mb, 200).level for mb in (500, 100, 0, None)] == ["ok", "warning", "failure", "warning"]
    now = datetime.now(UTC)
    assert doctor.judge_certificate(now + timedelta(days=90), now).level == "ok"
    assert "renew" in doctor.judge_certificate(now + timedelta(days=3), now).remedy


def test_measuring_the_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    assert 0 < doctor.measure_disk(tmp_path, rounds=3) < 10_000
    assert list(tmp_path.iterdir()) == []


class Sick(FakeServer):
    """A server whose setup cannot be had."""

    error: Exception = ServerAway("no route to host")

    def setup(self, etag: str | None) -> None:  # type: ignore[override]
        raise self.error


@pytest.mark.parametrize(
    ("error", "level", "word"),
    [(ServerAway("no route"), "warning", "cable"), (NotWelcome("retired"), "failure", "enrol")],
)
def test_a_server_that_does_not_answer_or_does_not_know_us(
    tmp_path: Path, error: Exception, level: str, word: str
) -> None:
    settings = replace(KioskSettings(), data_dir=tmp_path / "data")
    store = open_store(settings.directory)
    store.enrol(Identity(url="http://a", kiosk_id="k", key="x", carry_key=CARRY_KEY, unit_id="u"))
    sick = Sick()
    sick.error = error
    findings = {f.about: f for f in doctor.examine(settings, HandClock().clock, connect=sick, environ={})}
    store.close()
    assert (findings["server"].level, word in findings["server"].remedy) == (level, True)
    assert findings["ratings"].said == "0 waiting, 0 parked, 0 damaged lines"
    assert findings["certificate"].level == "warning"
    assert "→" in str(findings["server"])


def test_a_kiosk_before_its_first_run_is_told_what_comes_next(tmp_path: Path) -> None:
    settings = replace(KioskSettings(), data_dir=tmp_path / "none")
    findings = {f.about: f for f in doctor.examine(settings, HandClock().clock, connect=FakeServer(), environ={})}
    assert "enrol URL CODE" in findings["server"].remedy
    assert "first run" in findings["data directory"].remedy
    assert not settings.directory.exists(), "the doctor changes nothing"
