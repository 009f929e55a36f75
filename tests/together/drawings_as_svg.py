"""The kiosk's own drawings as SVG, to hold the server's copies of them against."""

from math import cos, radians, sin

from kiosk.widgets.drawings import FEATURES, ICONS, Stroke


def face(kind: str) -> list[str]:
    """The features of a face: the `d` of each path or the place of each dot, in order."""
    return [_shape(stroke) for stroke in FEATURES[kind]]


def icon(name: str) -> list[str]:
    """The strokes of an icon, likewise."""
    return [_shape(stroke) for stroke in ICONS[name]]


def _shape(stroke: Stroke) -> str:
    kind, *given = stroke
    numbers = [float(number) for number in given]
    if kind in ("line", "loop"):
        points = [f"{_n(x)} {_n(24 - y)}" for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
        return f'd="M{" ".join(points)}{"z" if kind == "loop" else ""}"'
    x, y, r = numbers[:3]
    if kind in ("dot", "circle"):
        return f'cx="{_n(x)}" cy="{_n(24 - y)}" r="{_n(r)}"'
    if kind == "ellipse":
        return f'cx="{_n(x)}" cy="{_n(24 - y)}" rx="{_n(r)}" ry="{_n(numbers[3])}"'
    first, last = numbers[3:5] if kind == "arc" else (90, 270) if kind == "smile" else (-90, 90)
    (x1, y1), (x2, y2) = _at(x, y, r, first), _at(x, y, r, last)
    is_long = int(abs(last - first) > 180)
    end = "z" if kind in ("smile", "frown") else ""
    return f'd="M{_n(x1)} {_n(y1)}A{_n(r)} {_n(r)} 0 {is_long} 1 {_n(x2)} {_n(y2)}{end}"'


def _at(x: float, y: float, radius: float, degrees: float) -> tuple[float, float]:
    """Degrees count clockwise from noon, as Kivy's do; y from above, as SVG's does."""
    return x + radius * sin(radians(degrees)), 24 - y - radius * cos(radians(degrees))


def _n(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".") if number else "0"
