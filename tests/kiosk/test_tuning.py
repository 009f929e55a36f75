"""How loud and how bright: the steps, what is kept over a restart, and a panel's light in a folder of files."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.backlight import Backlight
from kiosk.config import KioskSettings
from kiosk.desk import Desk
from kiosk.errors import StoreError
from kiosk.tuning import BRIGHTEST, DARKEST, LOUDEST, QUIETEST, STEP, Tuning, brighter, louder
from tests.kiosk.fakes import FakeServer, HandClock
from tests.kiosk.frail_disk import FrailDisk


@settings(max_examples=50)
@given(steps=st.lists(st.sampled_from([-STEP, STEP]), max_size=40))
def test_every_step_stays_between_the_least_and_the_most(steps: list[int]) -> None:
    tuning = Tuning()
    for by in steps:
        tuning = brighter(louder(tuning, by), by)
        assert QUIETEST <= tuning.volume <= LOUDEST
        assert DARKEST <= tuning.brightness <= BRIGHTEST
        assert 0.0 <= tuning.gain <= 1.0


def test_mute_is_silent_and_the_most_is_the_whole_sound() -> None:
    assert Tuning(volume=0).gain == 0.0
    assert Tuning(volume=100).gain == 1.0
    assert Tuning(volume=50).gain < 0.5


def a_panel(folder: Path, most: str = "255", now: str = "255") -> Path:
    """A panel as Linux shows it: two files."""
    panel = folder / "10-0045"
    panel.mkdir(parents=True)
    (panel / "max_brightness").write_text(most + "\n")
    (panel / "brightness").write_text(now + "\n")
    return panel


@pytest.mark.parametrize(
    ("most", "percent", "written"),
    [("255", 100, "255"), ("255", 50, "128"), ("255", 0, "26"), ("31", 10, "3"), ("1", 10, "1"), ("255", 400, "255")],
)
def test_the_light_is_a_share_of_the_panels_most_and_never_goes_out(
    tmp_path: Path, most: str, percent: int, written: str
) -> None:
    panel = a_panel(tmp_path, most)
    assert Backlight(tmp_path).is_there
    Backlight(tmp_path).shine(percent)
    assert (panel / "brightness").read_text() == written + "\n"


@pytest.mark.parametrize("most", ["", "many", "0"])
def test_a_panel_that_makes_no_sense_is_none(tmp_path: Path, most: str) -> None:
    panel = a_panel(tmp_path, most)
    assert not Backlight(tmp_path).is_there
    Backlight(tmp_path).shine(50)
    assert (panel / "brightness").read_text() == "255\n"


def test_a_device_without_a_panel_of_its_own_has_none(tmp_path: Path) -> None:
    assert not Backlight(tmp_path / "no such folder").is_there
    Backlight(tmp_path / "no such folder").shine(50)
    (tmp_path / "half a panel").mkdir()
    assert not Backlight(tmp_path).is_there


def test_a_panel_that_may_not_be_written_is_none(tmp_path: Path) -> None:
    panel = a_panel(tmp_path)
    (panel / "brightness").unlink()
    (panel / "brightness").mkdir()
    assert not Backlight(tmp_path).is_there


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Starts the kiosk of one device, again and again; what it is given is the disk."""
    started: list[Desk] = []

    def start(disk: FrailDisk | None = None) -> Desk:
        for desk in started:
            desk.stop()
        desk = Desk(
            KioskSettings(data_dir=tmp_path / "data"),
            clock=HandClock().clock,
            connect=FakeServer(),
            disk=disk or FrailDisk(),
            backlight=Backlight(tmp_path / "backlight"),
        )
        started.append(desk)
        desk.open()
        return desk

    yield start
    for desk in started:
        desk.stop()


def test_what_staff_set_is_kept_over_a_restart_and_another_server(start: Callable[..., Desk], tmp_path: Path) -> None:
    panel = a_panel(tmp_path / "backlight", "200", "200")
    desk = start()
    assert desk.tuning() == Tuning()
    assert desk.can_dim
    desk.tune(Tuning(volume=30, brightness=40, reads_aloud=True))
    assert (panel / "brightness").read_text() == "80\n"
    desk.enrol("https://one-stop.test/", "CODE")
    assert start().tuning() == Tuning(volume=30, brightness=40, reads_aloud=True)


def test_the_panel_gets_its_light_back_at_the_start_and_only_when_staff_set_one(
    start: Callable[..., Desk], tmp_path: Path
) -> None:
    panel = a_panel(tmp_path / "backlight", "200", "123")
    start().start()
    assert (panel / "brightness").read_text() == "123\n"
    start().tune(Tuning(brightness=50))
    (panel / "brightness").write_text("200\n")
    start().start()
    assert (panel / "brightness").read_text() == "100\n"


def test_what_cannot_be_kept_changes_neither_sound_nor_light(start: Callable[..., Desk], tmp_path: Path) -> None:
    panel = a_panel(tmp_path / "backlight", "200", "200")
    disk = FrailDisk()
    desk = start(disk)
    disk.full = True
    with pytest.raises(StoreError):
        desk.tune(Tuning(volume=30, brightness=40))
    assert desk.tuning() == Tuning()
    assert (panel / "brightness").read_text() == "200\n"


def test_before_the_store_is_open_the_device_is_as_it_comes(tmp_path: Path) -> None:
    settings = KioskSettings(data_dir=tmp_path / "data")
    desk = Desk(settings, clock=HandClock().clock, connect=FakeServer(), backlight=Backlight(tmp_path / "none"))
    assert desk.tuning() == Tuning()
    assert not desk.can_dim
