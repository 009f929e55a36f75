"""A button that must be held: for who knows what it is for, and not for a passing finger."""

from typing import Any

from kivy.clock import Clock

from kiosk.widgets.button import BigButton

HOLD_S = 1.5
"""The button says two seconds: who counts slowly is there, who counts fast as well."""


class HoldButton(BigButton):
    """Dispatches `on_held` once a finger has rested on it for `HOLD_S`; `on_tap` when it left earlier."""

    __events__ = ("on_held",)

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        self._waiting: Any = None

    def on_held(self) -> None:
        """It was held long enough."""

    def went_down(self) -> None:
        """The time begins."""
        self._waiting = Clock.schedule_once(self._rested, HOLD_S)

    def went_up(self) -> None:
        """It ends, also when the screen changed under the finger."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _rested(self, _: float) -> None:
        self._waiting = None
        # The release that follows is no tap.
        self.pressed = False
        self.dispatch("on_held")
