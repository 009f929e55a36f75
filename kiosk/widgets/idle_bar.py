"""The bar that shrinks while the kiosk is about to leave by itself."""

from kivy.animation import Animation
from kivy.clock import Clock
from kivy.properties import NumericProperty
from kivy.uix.widget import Widget


class IdleBar(Widget):
    """left: the share of the warning time that is left; 0 draws nothing."""

    left = NumericProperty(0)

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        self._begin = None

    def watch(self, time_left_s: float | None, warning_s: float) -> None:
        """Shrink during the last `warning_s` of the time that is left; None: never."""
        Animation.cancel_all(self, "left")
        if self._begin is not None:
            self._begin.cancel()
            self._begin = None
        self.left = 0
        if time_left_s is None or time_left_s <= 0 or warning_s <= 0:
            return
        if time_left_s > warning_s:
            self._begin = Clock.schedule_once(lambda _: self._shrink(warning_s, warning_s), time_left_s - warning_s)
        else:
            self._shrink(time_left_s, warning_s)

    def _shrink(self, time_left_s: float, warning_s: float) -> None:
        self._begin = None
        self.left = min(1.0, time_left_s / warning_s)
        Animation(left=0, duration=time_left_s).start(self)
