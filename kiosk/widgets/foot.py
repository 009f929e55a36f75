"""The lowest row of a screen: the language switch at the left, the way on at the right."""

from typing import Any

from kivy.app import App
from kivy.properties import NumericProperty
from kivy.uix.layout import Layout
from kivy.uix.widget import Widget

from kiosk.widgets.measure import GAP_MM

EDGE_MM = 4.0


class Foot(Layout):
    """Places its buttons from left to right, 8 mm apart. One that is not wanted leaves no room.

    What has a `size_hint_x` takes the room that is left; a bare `Widget` between buttons is only such room.
    free_x: where something may begin to the right of the buttons, for what does not always stand in the row.
    """

    free_x = NumericProperty(0)

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        for name in ("pos", "size", "children"):
            self.fbind(name, self._trigger_layout)

    def add_widget(self, widget: Any, *place: Any, **given: Any) -> None:
        """One more button."""
        super().add_widget(widget, *place, **given)
        if hasattr(widget, "wanted"):
            widget.fbind("wanted", self._trigger_layout)

    def do_layout(self, *_: object) -> None:
        """Give each its place."""
        mm = App.get_running_app().mm
        gap = (GAP_MM + 0.1) * mm
        row = [child for child in reversed(self.children) if getattr(child, "wanted", True)]
        buttons = [child for child in row if type(child) is not Widget]
        fixed = sum(child.width for child in row if child.size_hint_x is None)
        left = self.width - 2 * EDGE_MM * mm - fixed - gap * max(0, len(buttons) - 1)
        elastic = [child for child in row if child.size_hint_x is not None]
        x = self.x + EDGE_MM * mm
        for child in row:
            if child.size_hint_x is not None:
                child.width = max(0.0, left / len(elastic))
            child.pos = x, self.y
            child.height = self.height
            x += child.width + (gap if child in buttons else 0)
        self.free_x = x
