"""The five faces: told apart by mouth, eyes and brows, by colour, and by the word under them."""

from kivy.clock import Clock
from kivy.graphics import Color, InstructionGroup, SmoothEllipse
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.widgets import palette
from kiosk.widgets.drawings import FEATURES, Stroke
from kiosk.widgets.pen import arc, draw, polyline
from kiosk.widgets.touch import Touchable


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
    group.add(SmoothEllipse(pos=at, size=(side, side), segments=120))
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
    group = InstructionGroup()
    group.add(SmoothEllipse(angle_start=start, angle_end=start + 180, segments=64, **box))
    # An outline makes the corners round.
    arc(group, (at[0] + x, at[1] + y), (radius, radius), side / 48, start, start + 180)
    polyline(group, (at[0] + x - radius, at[1] + y, at[0] + x + radius, at[1] + y), side / 48)
    return group


class FaceCard(Touchable):
    """A face on its card, with its word: the answer itself."""

    kind = StringProperty("neutral")
    word = StringProperty("")
    chosen = BooleanProperty(False)
