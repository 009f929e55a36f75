"""The five faces: told apart by mouth, eyes and brows, by colour, and by the word under them."""

from kivy.clock import Clock
from kivy.graphics import Color, Ellipse, InstructionGroup, Line
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.widgets import palette
from kiosk.widgets.drawings import Stroke
from kiosk.widgets.pen import draw
from kiosk.widgets.touch import Touchable

_ROUND_EYES: tuple[Stroke, ...] = (("dot", 8.2, 14.6, 1.45), ("dot", 15.8, 14.6, 1.45))

FEATURES: dict[str, tuple[Stroke, ...]] = {
    "very_happy": (("arc", 8, 13.4, 2.3, -72, 72), ("arc", 16, 13.4, 2.3, -72, 72), ("smile", 12, 10.6, 6.0)),
    "happy": (*_ROUND_EYES, ("arc", 12, 12.6, 6.2, 112, 248)),
    "neutral": (*_ROUND_EYES, ("line", 7.4, 8.2, 16.6, 8.2)),
    "sad": (*_ROUND_EYES, ("arc", 12, 2.9, 5.8, -58, 58), ("line", 5.8, 17.7, 9, 18.9), ("line", 18.2, 17.7, 15, 18.9)),
    "very_sad": (
        ("arc", 7.9, 15.4, 2.2, 104, 256),
        ("arc", 16.1, 15.4, 2.2, 104, 256),
        ("line", 4.6, 16.6, 8.9, 19.3),
        ("line", 19.4, 16.6, 15.1, 19.3),
        ("frown", 12, 4.9, 4.9),
    ),
}
"""Eyes, brows and mouth on the grid of 24. smile and frown are half discs: an open mouth."""


class Face(Widget):
    """A face without its word. kind: one of `survey.questionnaire.FACES`."""

    kind = StringProperty("neutral")

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        redraw = Clock.create_trigger(self._redraw, -1)
        for name in ("pos", "size", "kind"):
            self.fbind(name, redraw)
        redraw()

    def _redraw(self, *_: object) -> None:
        self.canvas.clear()
        side = min(self.size)
        at = (self.center_x - side / 2, self.center_y - side / 2)
        self.canvas.add(face(self.kind, at, side))


def face(kind: str, at: tuple[float, float], side: float) -> InstructionGroup:
    """The whole face in the square with its lower left corner `at`."""
    ground, ink = palette.FACES[kind]
    group = InstructionGroup()
    group.add(Color(*ground))
    group.add(Ellipse(pos=at, size=(side, side), segments=120))
    plain = [stroke for stroke in FEATURES[kind] if stroke[0] not in ("smile", "frown")]
    group.add(draw(plain, at, side, ink, weight=1.75))
    for stroke in FEATURES[kind]:
        if stroke[0] in ("smile", "frown"):
            group.add(_open_mouth(stroke, at, side))
    return group


def _open_mouth(stroke: Stroke, at: tuple[float, float], side: float) -> InstructionGroup:
    kind, *numbers = stroke
    x, y, radius = (float(n) * side / 24 for n in numbers)
    start = 90 if kind == "smile" else -90
    box = {"pos": (at[0] + x - radius, at[1] + y - radius), "size": (2 * radius, 2 * radius)}
    edge = (at[0] + x, at[1] + y, radius, start, start + 180)
    group = InstructionGroup()
    group.add(Ellipse(angle_start=start, angle_end=start + 180, segments=64, **box))
    group.add(Line(circle=edge, width=side / 48, close=True, joint="round"))
    return group


class FaceCard(Touchable):
    """A face on its card, with its word: the answer itself."""

    kind = StringProperty("neutral")
    word = StringProperty("")
    chosen = BooleanProperty(False)
