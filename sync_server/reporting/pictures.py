"""Charts for paper: drawn in greys that a photocopier keeps apart, with numbers beside. PNG, the same each time."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH = 1600
"""Pixels for the 16 cm between the margins: 250 a inch, enough for print."""
INK, PAPER, LINE = 20, 255, 150
TONES = (20, 90, 165, 205, 245)
"""Fills of the levels, the worst first: black to nearly white; the worse, the darker."""
BAR, GAP, TEXT = 74, 38, 34


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: its name, what it adds up to, and a number for each of the five levels, the worst first."""

    name: str
    note: str
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a course: all ratings and the dissatisfied ones among them."""

    name: str
    n: int
    bad: int


def shares_chart(bars: Sequence[Bar], names: Sequence[str], font: Path) -> bytes:
    """Bars of 100 % cut into the levels, the best first, with the names of the levels below."""
    text, small = _fonts(font)
    left = max((int(text.getlength(bar.name)) for bar in bars), default=0) + 30
    right = max((int(text.getlength(bar.note)) for bar in bars), default=0) + 30
    high = len(bars) * (BAR + GAP) + 120
    picture = Image.new("L", (WIDTH, high), PAPER)
    draw = ImageDraw.Draw(picture)
    for place, bar in enumerate(bars):
        top = place * (BAR + GAP) + 10
        draw.text((left - 20, top + BAR / 2), bar.name, INK, font=text, anchor="rm")
        _stack(draw, bar.parts, (left, top, WIDTH - right, top + BAR), small)
        draw.text((WIDTH - right + 20, top + BAR / 2), bar.note, INK, font=text, anchor="lm")
    _legend(draw, names, high - 80, small)
    return _png(picture)


def course_chart(columns: Sequence[Column], legend: tuple[str, str], font: Path) -> bytes:
    """Columns over time: how many rated, and in black how many of them were dissatisfied."""
    _, small = _fonts(font)
    high, foot, head = 620, 130, 60
    picture = Image.new("L", (WIDTH, high), PAPER)
    draw = ImageDraw.Draw(picture)
    most = max((column.n for column in columns), default=0) or 1
    step = _step(most)
    left, ground = 40 + int(small.getlength(f"{_top(most, step):,}")), high - foot
    scale = (ground - head) / _top(most, step)
    for mark in range(0, _top(most, step) + 1, step):
        y = ground - mark * scale
        draw.line((left, y, WIDTH, y), fill=LINE, width=1 if mark else 3)
        draw.text((left - 14, y), f"{mark:,}".replace(",", "."), INK, font=small, anchor="rm")
    wide = (WIDTH - left) / max(1, len(columns))
    every = -(-len(columns) // max(1, int((WIDTH - left) / 110)))
    for place, column in enumerate(columns):
        x = left + place * wide
        inner = (x + wide * 0.15, x + wide * 0.85)
        if column.n:
            draw.rectangle((inner[0], ground - column.n * scale, inner[1], ground), fill=TONES[3], outline=INK)
        if column.bad:
            draw.rectangle((inner[0], ground - max(3.0, column.bad * scale), inner[1], ground), fill=INK)
        if place % every == 0:
            draw.text((x + wide / 2, ground + 14), column.name, INK, font=small, anchor="ma")
    _swatches(draw, ((TONES[3], legend[0]), (INK, legend[1])), high - 44, small, left)
    return _png(picture)


def _stack(
    draw: ImageDraw.ImageDraw,
    parts: tuple[int, ...],
    box: tuple[float, float, float, float],
    font: ImageFont.FreeTypeFont,
) -> None:
    left, top, right, bottom = box
    whole, at = sum(parts), float(left)
    draw.rectangle(box, fill=PAPER, outline=INK)
    for level in range(len(parts) - 1, -1, -1):
        if not parts[level] or not whole:
            continue
        wide = (right - left) * parts[level] / whole
        draw.rectangle((at, top, at + wide, bottom), fill=TONES[level], outline=INK, width=2)
        label = f"{100 * parts[level] / whole:.1f}%".replace(".", ",")
        if font.getlength(label) + 12 < wide:
            on_dark = TONES[level] < 128
            draw.text((at + wide / 2, (top + bottom) / 2), label, PAPER if on_dark else INK, font=font, anchor="mm")
        at += wide


def _legend(draw: ImageDraw.ImageDraw, names: Sequence[str], top: float, font: ImageFont.FreeTypeFont) -> None:
    pairs = [(TONES[level], names[level]) for level in range(len(names) - 1, -1, -1)]
    _swatches(draw, pairs, top + 20, font, 10)


def _swatches(
    draw: ImageDraw.ImageDraw,
    pairs: Sequence[tuple[int, str]],
    top: float,
    font: ImageFont.FreeTypeFont,
    left: float,
) -> None:
    at = left
    for tone, name in pairs:
        draw.rectangle((at, top, at + 30, top + 30), fill=tone, outline=INK, width=2)
        draw.text((at + 42, top + 15), name, INK, font=font, anchor="lm")
        at += 42 + font.getlength(name) + 34


def _step(most: int) -> int:
    """A round distance of marks, four or five of them."""
    step = 1
    while most / step > 5:
        step = step * 2 if str(step)[0] in "15" else step // 2 * 5
    return step


def _top(most: int, step: int) -> int:
    return -(-most // step) * step


def _fonts(font: Path) -> tuple[ImageFont.FreeTypeFont, ImageFont.FreeTypeFont]:
    # Basic layout: with and without libraqm the same pixels.
    basic = ImageFont.Layout.BASIC
    return ImageFont.truetype(str(font), TEXT, layout_engine=basic), ImageFont.truetype(
        str(font), TEXT - 4, layout_engine=basic
    )


def _png(picture: Image.Image) -> bytes:
    made = io.BytesIO()
    picture.save(made, "PNG", optimize=True, dpi=(250, 250))
    return made.getvalue()
