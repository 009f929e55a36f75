"""The device's clocks: one that people read and may lie, one that only counts since the start and never jumps."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from survey.clock import Meeting

SURE_WITHIN_S = 60
"""A wall clock this near to the server's is called sure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """now: the wall clock, local time with offset; monotonic_ms: milliseconds since `boot_id` began."""

    now: Callable[[], datetime]
    monotonic_ms: Callable[[], int]
    boot_id: str

    def best_now(self, meeting: Meeting | None) -> datetime:
        """The wall clock, set right by the last meeting with the server if that was in this boot.

        A Raspberry Pi wakes up in the past; opening hours and duty go by this, `tapped_at` never does.
        """
        wall = self.now()
        if meeting is None or meeting.boot_id != self.boot_id:
            return wall
        true_ms = meeting.server_at + self.monotonic_ms() - meeting.monotonic_ms
        return datetime.fromtimestamp(true_ms / 1000, wall.tzinfo)

    def is_sure(self, meeting: Meeting | None) -> bool:
        """Whether the wall clock was compared with the server's in this boot, and is right."""
        met = meeting is not None and meeting.boot_id == self.boot_id
        return met and abs(self.best_now(meeting) - self.now()) <= timedelta(seconds=SURE_WITHIN_S)


def device_clock(zone: tzinfo | None = None) -> Clock:
    """The clocks of this machine; wall-clock times come in `zone`, the system's own when None.

    CLOCK_BOOTTIME goes on while a tablet sleeps, where CLOCK_MONOTONIC stands still and would place every rating
    before a sleep too late; neither jumps when NTP sets the time. Where the system has no boot id (Android hides
    it), the process is its own boot: its id and its monotonic times then belong together all the same.
    """
    which = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    try:
        boot_id = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        boot_id = ""
    return Clock(
        now=lambda: datetime.now(UTC).astimezone(zone),
        monotonic_ms=lambda: time.clock_gettime_ns(which) // 1_000_000,
        boot_id=boot_id or str(uuid.uuid4()),
    )
