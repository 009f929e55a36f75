"""Draws strokes into a canvas at any size, with soft edges: the window itself smooths nothing, which would cost memory
and time in every frame."""

import math
from collections.abc import Iterable, Sequence

from kivy.graphics import Color, InstructionGroup, SmoothEllipse, SmoothLine

from kiosk.widgets.drawings import Stroke
from kiosk.widgets.palette import Colour

GRID = 24.0
_WHOLE = 360.0
_SOFT_PX = 0.6
"""What the soft edge takes from a line's thickness on each side."""


def draw(
    strokes: Iterable[Stroke], at: tuple[float, float], side: float, colour: Colour, weight: float
) -> InstructionGroup:
    """The strokes in the square with its lower left corner `at`. weight: thickness on the grid of 24."""
    group = InstructionGroup()
    group.add(Color(*colour))
    unit = side / GRID
    width = weight * unit / 2
    for kind, *numbers in strokes:
        figures = [float(n) for n in numbers]
        if kind in ("line", "loop"):
            points = [at[i % 2] + n * unit for i, n in enumerate(figures)]
            polyline(group, points, width, close=kind == "loop")
            continue
        x, y = at[0] + figures[0] * unit, at[1] + figures[1] * unit
        sizes = [n * unit for n in figures[2:4]]
        if kind == "dot":
            dot(group, x, y, sizes[0])
        elif kind == "arc":
            arc(group, (x, y), (sizes[0], sizes[0]), width, figures[3], figures[4])
        else:
            arc(group, (x, y), (sizes[0], sizes[-1] if kind == "ellipse" else sizes[0]), width)
    return group


def dot(group: InstructionGroup, x: float, y: float, radius: float) -> None:
    """A filled circle."""
    group.add(SmoothEllipse(pos=(x - radius, y - radius), size=(2 * radius, 2 * radius)))


def polyline(group: InstructionGroup, points: Sequence[float], width: float, *, close: bool = False) -> None:
    """A line with round ends and corners. points: x, y, x, y …; width: half its thickness."""
    corners = list(zip(points[::2], points[1::2], strict=True))
    for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1] if close else corners[1:], strict=False):
        group.add(SmoothLine(points=(x1, y1, x2, y2), width=width + _SOFT_PX))
    for x, y in corners:
        dot(group, x, y, width)


def arc(
    group: InstructionGroup,
    middle: tuple[float, float],
    radii: tuple[float, float],
    width: float,
    begin: float = 0.0,
    end: float = _WHOLE,
) -> None:
    """A part of an ellipse with round ends, in degrees clockwise from noon; without them, all of it."""
    count = max(8, math.ceil(abs(end - begin) / 5))
    points: list[float] = []
    for step in range(count + 1):
        angle = math.radians(begin + (end - begin) * step / count)
        points += [middle[0] + radii[0] * math.sin(angle), middle[1] + radii[1] * math.cos(angle)]
    group.add(SmoothLine(points=points, width=width + _SOFT_PX))
    for x, y in (points[:2], points[-2:]):
        dot(group, x, y, width)
