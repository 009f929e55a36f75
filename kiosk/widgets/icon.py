"""A drawn icon; its shape says the same as the word beside it."""

from kivy.clock import Clock
from kivy.properties import ColorProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.widgets.drawings import ICONS
from kiosk.widgets.palette import INK
from kiosk.widgets.pen import draw


class Icon(Widget):
    """One of `drawings.ICONS`, as large as fits the widget, centred. An unknown name draws three dots."""

    name = StringProperty("")
    ink = ColorProperty(INK)
    weight = NumericProperty(2.0)

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        redraw = Clock.create_trigger(self._redraw, -1)
        for name in ("pos", "size", "name", "ink", "weight"):
            self.fbind(name, redraw)
        redraw()

    def _redraw(self, *_: object) -> None:
        self.canvas.clear()
        if not self.name:
            return
        side = min(self.size)
        at = (self.center_x - side / 2, self.center_y - side / 2)
        self.canvas.add(draw(ICONS.get(self.name, ICONS["dots"]), at, side, tuple(self.ink), self.weight))
