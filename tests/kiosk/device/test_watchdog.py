"""What systemd hears of the interface, over a real socket; one test with the real window."""

import itertools
import json
import logging
import shutil
import sys
from pathlib import Path

import pytest

from kiosk.watchdog import BEATS_A_LIMIT, Watchdog, beat_interval_s, socket_address, watchdog
from tests.kiosk.device.listening_systemd import ListeningSystemd
from tests.kiosk.window.kiosk_window import KioskWindow


class Loop:
    """An interface's loop that turns by hand."""

    def __init__(self) -> None:
        self.kept: list[tuple[float, object]] = []

    def every(self, call, seconds):
        self.kept.append((seconds, call))

    def turn(self):
        for seconds, call in self.kept:
            call(seconds)


@pytest.fixture
def systemd(tmp_path):
    with ListeningSystemd(str(tmp_path / "notify")) as listening:
        yield listening


@pytest.fixture
def loop():
    return Loop()


def test_systemd_hears_that_the_kiosk_is_ready_and_then_one_beat_a_turn(systemd, loop):
    watchdog(systemd.surroundings(limit_s=45)).watch(loop.every)
    assert [systemd.hear(), systemd.hear(), systemd.hear()] == ["READY=1", "WATCHDOG=1", None]
    loop.turn()
    loop.turn()
    assert [systemd.hear(), systemd.hear(), systemd.hear()] == ["WATCHDOG=1", "WATCHDOG=1", None]


def test_a_loop_that_does_not_turn_sends_no_beat(systemd, loop):
    watchdog(systemd.surroundings(limit_s=0.03)).watch(loop.every)
    assert systemd.hear_all(0.3) == ["READY=1", "WATCHDOG=1"]


def test_several_beats_fit_into_the_time_that_systemd_allows_and_few_wake_the_machine(systemd, loop):
    watchdog(systemd.surroundings(limit_s=45)).watch(loop.every)
    ((seconds, _),) = loop.kept
    assert seconds == pytest.approx(45 / BEATS_A_LIMIT)
    assert BEATS_A_LIMIT >= 3
    assert seconds >= 5


def test_without_a_limit_systemd_hears_only_ready_and_the_end(systemd, loop):
    dog = watchdog(systemd.surroundings())
    dog.watch(loop.every)
    dog.stopping()
    assert systemd.hear_all(0.05) == ["READY=1", "STOPPING=1"]
    assert loop.kept == []


def test_a_name_without_a_file_is_heard_too(tmp_path, loop):
    with ListeningSystemd(f"@nucuoi-test-{tmp_path.name}") as listening:
        watchdog(listening.surroundings()).watch(loop.every)
        assert listening.hear(1) == "READY=1"


def test_without_systemd_nothing_is_sent_or_scheduled(loop):
    dog = watchdog({})
    dog.watch(loop.every)
    dog.stopping()
    assert loop.kept == []


def test_a_systemd_that_went_away_stops_no_loop_and_is_told_once(tmp_path, loop, caplog):
    dog = Watchdog(str(tmp_path / "nobody"), 15.0)
    with caplog.at_level(logging.WARNING):
        dog.watch(loop.every)
        loop.turn()
        loop.turn()
    assert len(caplog.records) == 1
    assert "systemd does not hear READY=1" in caplog.text


def test_a_full_queue_does_not_hold_the_window_up(systemd, loop):
    """Nobody reads: a datagram socket takes some and would then let its sender wait for ever."""
    watchdog(systemd.surroundings(limit_s=45)).watch(loop.every)
    for _ in range(2000):
        loop.turn()
    assert systemd.hear() == "READY=1"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [({}, None), ({"WATCHDOG_USEC": "0"}, None), ({"WATCHDOG_USEC": "soon"}, None), ({"WATCHDOG_USEC": "-3"}, None)],
)
def test_no_limit_is_read_out_of_what_is_none(said, seconds):
    assert beat_interval_s(said) is seconds


@pytest.mark.parametrize("name", ["", "relative/notify"])
def test_what_is_no_address_is_not_spoken_to(name):
    assert socket_address({"NOTIFY_SOCKET": name}) is None
    assert socket_address({"NOTIFY_SOCKET": "@abstract"}) == "\0abstract"
    assert socket_address({"NOTIFY_SOCKET": "/run/systemd/notify"}) == "/run/systemd/notify"


@pytest.mark.skipif(not shutil.which("Xvfb") or not shutil.which("xdotool"), reason="needs Debian's xvfb and xdotool")
@pytest.mark.window
def test_a_real_window_beats_at_rest_and_not_while_its_thread_hangs(systemd, tmp_path: Path):
    scene = tmp_path / "scene.json"
    scene.write_text(json.dumps({"window_size": "1024x600"}), encoding="utf-8")
    command = [sys.executable, "-m", "tests.kiosk.device.stuck_kiosk", str(scene)]
    with KioskWindow("1024x600", command, tmp_path, systemd.surroundings(limit_s=1.2)) as window:
        assert systemd.hear(60) == "READY=1"
        window.wait_screen("idle")
        assert [systemd.hear(60) for _ in range(3)] == ["WATCHDOG=1"] * 3
        window.tell({"stuck_s": 5}, wait=False)
        last_beats = itertools.takewhile(bool, (systemd.hear(2.4) for _ in range(20)))
        assert len(list(last_beats)) < 20, "a thread that hangs must fall silent"
        assert systemd.hear(60) == "WATCHDOG=1"
        assert window.close() == 0
    assert systemd.hear_all(0.5)[-1] == "STOPPING=1"
