"""The device's clocks: which is believed, and for what."""

from datetime import UTC, datetime, timedelta

import pytest

from kiosk.clock import device_clock
from survey.clock import Meeting
from tests.kiosk.builders import MONDAY, VIETNAM
from tests.kiosk.fakes import HandClock


def met(at: datetime, ms: int, boot: str = "boot-1") -> Meeting:
    return Meeting(boot_id=boot, monotonic_ms=ms, server_at=round(at.timestamp() * 1000))


def test_before_the_server_was_met_in_this_boot_the_wall_clock_is_all_there_is() -> None:
    hand = HandClock()
    assert hand.clock.best_now(None) == MONDAY
    assert not hand.clock.is_sure(None)
    assert hand.clock.best_now(met(MONDAY + timedelta(days=9), 0, "another-boot")) == MONDAY
    assert not hand.clock.is_sure(met(MONDAY, hand.ms, "another-boot"))


@pytest.mark.parametrize("wrong_by", [timedelta(days=-1800), timedelta(hours=1), timedelta(days=365)])
def test_after_a_meeting_the_servers_time_goes_on_by_the_monotonic_clock(wrong_by: timedelta) -> None:
    hand = HandClock(wall=MONDAY + wrong_by)
    meeting = met(MONDAY, hand.ms)
    hand.tick(90)
    assert hand.clock.best_now(meeting) == MONDAY + timedelta(seconds=90)
    assert not hand.clock.is_sure(meeting)
    hand.wall = MONDAY + timedelta(seconds=95)  # NTP steps in
    assert hand.clock.is_sure(meeting)
    assert hand.clock.best_now(meeting) == MONDAY + timedelta(seconds=90)


def test_the_machines_own_clock_counts_on_and_tells_local_time() -> None:
    clock = device_clock(VIETNAM)
    first = clock.monotonic_ms()
    assert 0 < first <= clock.monotonic_ms()
    assert clock.now().utcoffset() == timedelta(hours=7)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert clock.boot_id == device_clock(VIETNAM).boot_id
