"""Text that wraps and shrinks to its box, and is never cut."""

from functools import lru_cache

from kivy.app import App
from kivy.clock import Clock
from kivy.core.text import Label as Typesetter
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty
from kivy.uix.label import Label

from kiosk.widgets.measure import LEAST_TEXT_MM

_STEPS = 10


@lru_cache(maxsize=2048)
def extent(text: str, size_px: float, bold: bool, width: float) -> tuple[float, float]:
    """Width and height in pixels of `text` wrapped at `width`; infinitely wide when one word is wider than that."""
    setter = Typesetter(text=text, font_size=size_px, bold=bold, text_size=(width, None))
    if any(setter.get_extents(word)[0] > width for word in text.split()):
        return float("inf"), float("inf")
    wide, high = setter.render()
    return float(wide), float(high)


@lru_cache(maxsize=2048)
def largest(text: str, most_px: float, least_px: float, bold: bool, width: float, height: float) -> tuple[float, bool]:
    """The largest font size between the two at which `text` fits the box, and whether it fits at all."""
    sizes = [most_px - (most_px - least_px) * step / _STEPS for step in range(_STEPS + 1)]
    for size in sizes:
        wide, high = extent(text, size, bold, width)
        if wide <= width and high <= height:
            return size, True
    return sizes[-1], False


@lru_cache(maxsize=2048)
def breadth(line: str, size_px: float, bold: bool) -> float:
    """Pixels of one unwrapped line."""
    return float(Typesetter(text=line, font_size=size_px, bold=bold).get_extents(line)[0])


@lru_cache(maxsize=2048)
def balanced(text: str, size_px: float, bold: bool, width: float) -> float:
    """The narrowest wrap that needs no more lines than `width` does, so that no last line holds one lonely word."""
    high = extent(text, size_px, bold, width)[1]
    if high == extent(text, size_px, bold, 10**6)[1]:
        return width
    low, fair = width / 3, width
    for _ in range(6):
        middle = (low + fair) / 2
        if extent(text, size_px, bold, int(middle))[1] <= high:
            fair = int(middle)
        else:
            low = middle
    return fair


class Text(Label):
    """A label whose font size lies between `least` and `most` millimetres: the largest that fits.

    cut: it does not fit even at the smallest (tests look for this). group: a widget whose `even` gives all its
    texts one size. ink_width: pixels of the widest line, for what is centred together with an icon.
    """

    most = NumericProperty(6.4)
    least = NumericProperty(LEAST_TEXT_MM)
    cut = BooleanProperty(False)
    group = ObjectProperty(None, allownone=True)
    ink_width = NumericProperty(0)

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        self.fitting = 0.0
        self._fit_soon = Clock.create_trigger(self.fit, -1)
        for name in ("text", "size", "most", "least", "bold", "group"):
            self.fbind(name, self._fit_soon)
        self._fit_soon()

    def fit(self, *_: object) -> None:
        """Choose the size for the text and box of now."""
        mm = App.get_running_app().mm
        width, height = int(self.width - self.padding[0] - self.padding[2]), int(self.height)
        if width <= 0 or height <= 0:
            return
        self.fitting, fits = largest(self.text, self.most * mm, self.least * mm, self.bold, width, height)
        self.cut = not fits
        self.set_at(self.fitting)
        if self.group is not None:
            self.group.even()

    def set_at(self, size_px: float) -> None:
        """Write at this font size."""
        wrap = balanced(self.text, size_px, self.bold, int(self.width))
        self.font_size = size_px
        self.text_size = (wrap, None)
        wide = max((breadth(line, size_px, self.bold) for line in self.text.split("\n")), default=0.0)
        self.ink_width = min(wide, wrap)
