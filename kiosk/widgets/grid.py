"""Places equal cards in centred rows, 8 mm apart, in the order of reading."""

from kivy.app import App
from kivy.clock import Clock
from kivy.properties import NumericProperty
from kivy.uix.widget import Widget

from kiosk.widgets.measure import GAP_MM
from kiosk.widgets.text import Text


class Grid(Widget):
    """columns: cards in a row. widest_mm, highest_mm: no card grows beyond, so that a few stay cards."""

    columns = NumericProperty(1)
    widest_mm = NumericProperty(1000)
    highest_mm = NumericProperty(1000)

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        self._place_soon = Clock.create_trigger(self._place, -1)
        for name in ("pos", "size", "columns", "children", "widest_mm", "highest_mm"):
            self.fbind(name, self._place_soon)

    def even(self) -> None:
        """Give the texts that name this grid as their group one size: the smallest that any of them needs."""
        texts = [text for text in self.walk(restrict=True) if isinstance(text, Text) and text.group is self]
        size = min((text.fitting for text in texts if text.text and text.fitting), default=0.0)
        for text in texts:
            if size and text.font_size != size:
                text.set_at(size)

    def _place(self, *_: object) -> None:
        cards = list(reversed(self.children))
        if not cards:
            return
        mm = App.get_running_app().mm
        gap = (GAP_MM + 0.1) * mm
        columns = min(int(self.columns), len(cards))
        rows = -(-len(cards) // columns)
        width = min((self.width - gap * (columns - 1)) / columns, self.widest_mm * mm)
        height = min((self.height - gap * (rows - 1)) / rows, self.highest_mm * mm)
        top = self.center_y + (rows * height + (rows - 1) * gap) / 2
        for index, card in enumerate(cards):
            row, column = divmod(index, columns)
            in_row = min(columns, len(cards) - row * columns)
            left = self.center_x - (in_row * width + (in_row - 1) * gap) / 2
            card.size = width, height
            card.pos = left + column * (width + gap), top - row * (height + gap) - height
