"""A paper before a camera: what the lens sees of a printed slip that a hand holds, not quite still and not quite flat.

A pinhole of 60 degrees across, as cheap USB cameras have; the paper in perspective before a desk; soft by movement or a
bad focus; darker by a shadow; and the noise of the chip. Everything is counted from the paper's true size.
"""

import math
from dataclasses import dataclass

import numpy
from PIL import Image, ImageFilter

from kiosk.camera.frame import Frame

ACROSS_DEGREES = 60.0
DESK = 110
DPI = 96 * 3
"""Of the pictures of papers: a page's 96, three times enlarged."""


@dataclass(frozen=True, kw_only=True)
class Shot:
    """How a picture is taken.

    distance_mm: of the paper's middle; turn, tilt, pan: degrees in the plane of the picture, forwards, sideways; blur:
    in pixels (standard deviation); light: 1 is a bright desk, 0.1 an evening; shade: how much darker the right edge
    is; noise: of the chip, in steps of 256.
    """

    width: int = 1280
    height: int = 720
    distance_mm: float = 200.0
    turn: float = 0.0
    tilt: float = 0.0
    pan: float = 0.0
    blur: float = 0.6
    light: float = 0.9
    shade: float = 0.0
    noise: float = 3.0


def photograph(paper: Image.Image, shot: Shot) -> Frame:
    """The frame that the camera gives of this paper, the same for the same shot."""
    size_mm = (paper.width / DPI * 25.4, paper.height / DPI * 25.4)
    corners = [_seen(x, y, shot) for x, y in _corners(*size_mm)]
    near = max(math.dist(corners[i], corners[i - 1]) for i in range(4)) / max(paper.size)
    print_ = paper.convert("L").resize([max(8, round(side * min(1.0, near * 1.5))) for side in paper.size])
    laid = Image.new("L", (shot.width, shot.height), DESK)
    coefficients = _perspective(corners, [(0, 0), (print_.width, 0), print_.size, (0, print_.height)])
    size = (shot.width, shot.height)
    seen = print_.transform(size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)
    inside = Image.new("L", print_.size, 255).transform(size, Image.Transform.PERSPECTIVE, coefficients)
    laid.paste(seen, (0, 0), inside)
    light = numpy.linspace(shot.light, shot.light * (1 - shot.shade), shot.width)
    grey = numpy.asarray(laid.filter(ImageFilter.GaussianBlur(shot.blur)), dtype=float) * light
    grey += numpy.random.default_rng(7).normal(0.0, shot.noise, grey.shape)
    grey = numpy.clip(grey, 0, 255).astype("uint8")
    return Frame(width=shot.width, height=shot.height, luminance=grey.tobytes())


def _corners(width: float, height: float) -> list[tuple[float, float]]:
    x, y = width / 2, height / 2
    return [(-x, -y), (x, -y), (x, y), (-x, y)]


def _seen(x: float, y: float, shot: Shot) -> tuple[float, float]:
    """Where a point of the paper (mm from its middle, down is positive) is in the picture."""
    turn, tilt, pan = (math.radians(angle) for angle in (shot.turn, shot.tilt, shot.pan))
    x, y = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
    y, z = y * math.cos(tilt), y * math.sin(tilt)
    x, z = x * math.cos(pan), z + x * math.sin(pan)
    scale = shot.width / 2 / math.tan(math.radians(ACROSS_DEGREES / 2)) / (shot.distance_mm + z)
    return shot.width / 2 + x * scale, shot.height / 2 + y * scale


def _perspective(to: list[tuple[float, float]], of: list[tuple[float, float]]) -> list[float]:
    """Pillow's eight numbers that lead from a point of the picture back to one of the paper."""
    rows, values = [], []
    for (x, y), (u, v) in zip(to, of, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return list(numpy.linalg.solve(numpy.array(rows, dtype=float), numpy.array(values, dtype=float)))
