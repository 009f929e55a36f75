"""Outside of opening hours: the time, the hours, and as little light as possible."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kivy.clock import Clock
from kivy.properties import StringProperty

from kiosk.screens.base import Page
from kiosk.visit import Visit

DAYS = {
    "mon": "Thứ Hai",
    "tue": "Thứ Ba",
    "wed": "Thứ Tư",
    "thu": "Thứ Năm",
    "fri": "Thứ Sáu",
    "sat": "Thứ Bảy",
    "sun": "Chủ nhật",
}


def grouped(hours: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Opening hours, neighbouring days of the same hours joined: (first day, last day, spans). No closed days."""
    found: list[tuple[str, str, tuple[str, ...]]] = []
    before: tuple[str, ...] = ()
    for day in DAYS:
        spans = tuple(hours.get(day, ()))
        if spans and spans == before:
            found[-1] = (found[-1][0], day, spans)
        elif spans:
            found.append((day, day, spans))
        before = spans
    return found


class AsleepPage(Page):
    """Draws once a minute. A long press in the corner still leads staff in."""

    time = StringProperty("")
    hours = StringProperty("")
    unit = StringProperty("")

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        self._clock: Any = None

    def fill(self, visit: Visit) -> None:
        """The hours of the setup, and the time from now on."""
        setup = visit.terms.setup
        self.unit = setup.unit.name if setup else ""
        lines = []
        for first, last, spans in grouped(setup.behaviour.opening_hours if setup else {}):
            days = [self.say_day(first)] + ([self.say_day(last)] if last != first else [])
            times = ", ".join(span.replace("-", " – ") for span in spans)
            lines.append(f"{' – '.join(days)}:{chr(10) if self.app.portrait else '  '}{times}")
        self.hours = "\n".join(lines)
        self._show_time()

    def leave(self) -> None:
        """No clock ticks behind another page."""
        super().leave()
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def say_day(self, day: str) -> str:
        """The name of a weekday."""
        return self.say(DAYS[day])

    def _show_time(self, *_: object) -> None:
        now: datetime = self.app.wall_clock()
        self.time = f"{now:%H:%M}"
        if self._clock is not None:
            self._clock.cancel()
        self._clock = Clock.schedule_once(self._show_time, 60.1 - now.second - now.microsecond / 1e6)
