"""An officer's name above the title, both whole, as large as the box allows."""

from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, OptionProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.widgets.measure import LEAST_TEXT_MM
from kiosk.widgets.text import Text, extent

_STEPS = 12


class NamePlate(Widget):
    """name_most, title_most: millimetres of font size; both shrink together, each line wraps where it must."""

    name = StringProperty("")
    title = StringProperty("")
    name_most = NumericProperty(7)
    title_most = NumericProperty(5.4)
    halign = OptionProperty("left", options=["left", "center"])
    lit = BooleanProperty(False)
    mm = NumericProperty(1)

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        place = Clock.create_trigger(self._place, -1)
        for name in ("pos", "size", "name", "title", "name_most", "title_most", "halign", "mm"):
            self.fbind(name, place)
        place()

    def _place(self, *_: object) -> None:
        width, height = int(self.width), self.height
        if width <= 0 or height <= 0:
            return
        name: Text = self.ids.name_text
        title: Text = self.ids.title_text
        name_mm, title_mm, name_high, title_high = self._sizes(width, height)
        top = self.center_y + (name_high + title_high) / 2
        name.most, title.most = name_mm, title_mm
        name.size, title.size = (width, name_high), (width, title_high)
        name.pos, title.pos = (self.x, top - name_high), (self.x, top - name_high - title_high)

    def _sizes(self, width: int, height: float) -> tuple[float, float, float, float]:
        """Font sizes in millimetres and heights in pixels; a name in one line is worth a somewhat smaller size."""
        least, line = LEAST_TEXT_MM, 1.5
        for whole, smallest in ((True, 0.75), (False, 0.0)):
            for step in range(_STEPS + 1):
                share = 1 - step / _STEPS
                name_mm = least + (self.name_most - least) * share
                title_mm = least + (self.title_most - least) * share
                if name_mm < smallest * self.name_most:
                    break
                name_high = extent(self.name, name_mm * self.mm, True, width)[1]
                title_high = extent(self.title, title_mm * self.mm, False, width)[1] if self.title else 0.0
                if whole and name_high > line * name_mm * self.mm:
                    continue
                if name_high + title_high <= height:
                    return name_mm, title_mm, name_high, title_high
        return least, least, height / 2, height / 2
