"""The hidden door for staff: a finger that rests in the upper right corner for three seconds."""

from collections.abc import Callable
from typing import Any

from kivy.clock import Clock

HOLD_S = 3.0
CORNER_MM = 20.0


class Corner:
    """Calls `ask` when a finger has rested there long enough; a finger that leaves earlier does nothing."""

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        self._waiting: Any = None

    def touch_down(self, window: tuple[float, float], mm: float, at: tuple[float, float]) -> None:
        """A finger went down at a pixel counted from the lower left corner of the window."""
        self.touch_up()
        if at[0] > window[0] - CORNER_MM * mm and at[1] > window[1] - CORNER_MM * mm:
            self._waiting = Clock.schedule_once(self._rested, HOLD_S)

    def touch_up(self) -> None:
        """It left."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _rested(self, _: float) -> None:
        self._waiting = None
        self._ask()
