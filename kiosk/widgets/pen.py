"""Draws strokes into a canvas at any size."""

from collections.abc import Iterable

from kivy.graphics import Color, Ellipse, InstructionGroup, Line

from kiosk.widgets.drawings import Stroke
from kiosk.widgets.palette import Colour

GRID = 24.0


def draw(
    strokes: Iterable[Stroke], at: tuple[float, float], side: float, colour: Colour, weight: float
) -> InstructionGroup:
    """The strokes in the square with its lower left corner `at`. weight: thickness on the grid of 24."""
    group = InstructionGroup()
    group.add(Color(*colour))
    unit = side / GRID
    for kind, *numbers in strokes:
        figures = [float(n) for n in numbers]
        if kind in ("line", "loop"):
            points = [at[i % 2] + n * unit for i, n in enumerate(figures)]
            group.add(_line(points=points, close=kind == "loop", width=weight * unit / 2))
            continue
        x, y = at[0] + figures[0] * unit, at[1] + figures[1] * unit
        sizes = [n * unit for n in figures[2:4]]
        if kind == "dot":
            group.add(Ellipse(pos=(x - sizes[0], y - sizes[0]), size=(2 * sizes[0], 2 * sizes[0])))
        elif kind == "circle":
            group.add(_line(circle=(x, y, sizes[0]), width=weight * unit / 2))
        elif kind == "arc":
            group.add(_line(circle=(x, y, sizes[0], figures[3], figures[4]), width=weight * unit / 2))
        else:
            box = (x - sizes[0], y - sizes[1], 2 * sizes[0], 2 * sizes[1])
            group.add(_line(ellipse=box, width=weight * unit / 2))
    return group


def _line(**given: object) -> Line:
    return Line(cap="round", joint="round", cap_precision=12, joint_precision=12, **given)
