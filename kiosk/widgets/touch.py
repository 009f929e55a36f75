"""What can be touched: one finger, one answer."""

from typing import Any, ClassVar
from weakref import WeakSet

from kivy.app import App
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.widget import Widget

SLIP_MM = 6.0
"""How far a wet finger may slide off before its release counts no more; less than half the way to a neighbour
would be too little for trembling hands, and the finger's own target is the only one that hears the release."""


class Touchable(Widget):
    """A widget that answers a tap with `on_tap`.

    pressed: a finger is on it now; drawn in the next frame. target: its name for tests and diagnostics.
    A press does not outlive its screen: `forget_presses` is called at every change, so that a finger that went
    down before a scan cannot answer for the next citizen.
    """

    pressed = BooleanProperty(False)
    target = StringProperty("")
    __events__ = ("on_tap",)
    _all_pressed: ClassVar[WeakSet["Touchable"]] = WeakSet()

    def on_tap(self) -> None:
        """A finger went down and up on this widget."""

    def on_touch_down(self, touch: Any) -> bool:
        """Take the touch when it is ours, shown and the only finger here."""
        if not self.opacity:
            return False  # before Kivy's own: one that is disabled takes the touch from what is seen behind it
        if super().on_touch_down(touch):
            return True
        if touch.is_mouse_scrolling or self.disabled or self.pressed:
            return False
        if not self.collide_point(*touch.pos):
            return False
        touch.grab(self)
        self.pressed = True
        self._all_pressed.add(self)
        self.went_down()
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """Answer a release that is still on, or close by, what was pressed."""
        if touch.grab_current is not self:
            return bool(super().on_touch_up(touch))
        touch.ungrab(self)
        held, self.pressed = self.pressed, False
        self._all_pressed.discard(self)
        self.went_up()
        slip = SLIP_MM * App.get_running_app().mm
        x, y = touch.pos
        near = self.x - slip <= x <= self.right + slip and self.y - slip <= y <= self.top + slip
        if held and near and not self.disabled:
            self.dispatch("on_tap")
        return True

    def went_down(self) -> None:
        """A finger went down: for keys that repeat."""

    def went_up(self) -> None:
        """The finger left, or the screen changed under it."""


def forget_presses() -> None:
    """No finger that is down now may answer on the next screen."""
    for touchable in list(Touchable._all_pressed):
        touchable.pressed = False
        touchable.went_up()
    Touchable._all_pressed.clear()
