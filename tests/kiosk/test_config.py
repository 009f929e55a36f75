"""The settings file shows every key with its default; wrong settings are told all at once."""

import dataclasses
import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk import config
from kiosk.config import KioskSettings
from survey import resources
from survey.settings import BadSettings

FILE = resources.config() / "kiosk.toml"


def test_the_file_shows_every_key_with_its_default_and_a_comment() -> None:
    text = FILE.read_text(encoding="utf-8")
    shown = tomllib.loads(re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE))
    defaults = {field.name: getattr(KioskSettings(), field.name) for field in dataclasses.fields(KioskSettings)}
    assert set(shown) == set(defaults)
    for name, default in defaults.items():
        if default is not None:
            value = tuple(shown[name]) if isinstance(shown[name], list) else shown[name]
            assert value == (str(default) if isinstance(default, Path) else default), name
        assert re.search(rf"^#? ?{name} = ", text, re.MULTILINE)
    for paragraph in text.split("\n\n")[1:]:
        assert paragraph.startswith("# "), paragraph


def test_the_shipped_file_is_the_defaults() -> None:
    assert config.load(FILE, {}) == KioskSettings()


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text('data_dir = "/a"\nheartbeat_s = 60\nwindow_size = "800x480"\n')
    environ = {"NUCUOI_KIOSK_DATA_DIR": "/b", "NUCUOI_KIOSK_FULLSCREEN": "false", "NUCUOI_KIOSK_STICK_DIRS": "/x, /y"}
    settings = config.load(file, environ)
    assert (settings.data_dir, settings.heartbeat_s, settings.fullscreen) == (Path("/b"), 60, False)
    assert (settings.stick_dirs, settings.window_size) == (("/x", "/y"), "800x480")


def test_all_faults_are_told_at_once_with_what_was_meant(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text('hartbeat_s = 60\nfullscreen = "yes"\nread_timeout_s = "long"\n')
    with pytest.raises(BadSettings) as failure:
        config.load(file, {})
    said = "\n".join(failure.value.faults)
    assert len(failure.value.faults) == 3
    assert "did you mean 'heartbeat_s'" in said
    assert "fullscreen" in said
    assert "read_timeout_s" in said


def test_values_that_cannot_be_are_told_all_at_once() -> None:
    environ = {
        "NUCUOI_KIOSK_SOURCE": "pigeon",
        "NUCUOI_KIOSK_HEARTBEAT_S": "9000",
        "NUCUOI_KIOSK_WINDOW_SIZE": "big",
        "NUCUOI_KIOSK_UTC_OFFSET": "Hanoi",
        "NUCUOI_KIOSK_LOG_LEVEL": "loud",
        "NUCUOI_KIOSK_CONNECT_TIMEOUT_S": "0",
        "NUCUOI_KIOSK_LOW_DISK_MB": "-1",
    }
    with pytest.raises(BadSettings) as failure:
        config.load(None, environ)
    assert len(failure.value.faults) == 7


@pytest.mark.parametrize(("text", "minutes"), [("+07:00", 420), ("-03:30", -210), ("+00:00", 0)])
def test_local_time_is_the_settings(text: str, minutes: int) -> None:
    assert KioskSettings(utc_offset=text).zone.utcoffset(None) == timedelta(minutes=minutes)
