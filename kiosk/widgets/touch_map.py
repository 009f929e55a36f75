"""Squares of a finger's size; each turns when it is touched, so that dead spots of a panel show."""

from typing import Any

from kivy.app import App
from kivy.graphics import Color, Rectangle
from kivy.properties import ListProperty
from kivy.uix.widget import Widget

from kiosk.widgets import palette
from kiosk.widgets.measure import TARGET_MM


class TouchMap(Widget):
    """touched: the squares that a finger met, counted from the lower left in rows."""

    touched = ListProperty([])

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        for name in ("pos", "size", "touched"):
            self.fbind(name, self._redraw)

    def on_touch_down(self, touch: Any) -> bool:
        """Mark the square."""
        return self._mark(touch)

    def on_touch_move(self, touch: Any) -> bool:
        """A finger may wipe over many."""
        return self._mark(touch)

    def _squares(self) -> tuple[int, int]:
        side = TARGET_MM * App.get_running_app().mm
        return max(1, int(self.width / side)), max(1, int(self.height / side))

    def _mark(self, touch: Any) -> bool:
        if not self.collide_point(*touch.pos):
            return False
        columns, rows = self._squares()
        column = min(columns - 1, int((touch.x - self.x) / self.width * columns))
        row = min(rows - 1, int((touch.y - self.y) / self.height * rows))
        if row * columns + column not in self.touched:
            self.touched = [*self.touched, row * columns + column]
        return True

    def _redraw(self, *_: object) -> None:
        columns, rows = self._squares()
        wide, high = self.width / columns, self.height / rows
        self.canvas.clear()
        with self.canvas:
            for square in range(columns * rows):
                Color(*(palette.TEAL if square in self.touched else palette.SAND))
                at = (self.x + square % columns * wide + 1, self.y + square // columns * high + 1)
                Rectangle(pos=at, size=(wide - 2, high - 2))
