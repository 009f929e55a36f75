"""Bars of ratings by service: one a service, its parts the levels from the best to the worst, each with its number.

Inline SVG without style of its own, as in `web.charts`; told apart by place, number and lightness, not by colour alone.
"""

from collections.abc import Mapping, Sequence

from flask_babel import gettext
from markupsafe import Markup, escape

from survey.questionnaire import Scale
from sync_server.queries.tallies import ServiceTally

WIDTH, ROW, BAR = 860, 56, 24
LEAST_FOR_NUMBER = 9
"""Width that a digit of a number needs within its part."""
_WHITE = frozenset({"very_happy", "very_sad"})
"""Parts so dark that their number is white."""


def tally_bars(rows: Sequence[ServiceTally], scale: Scale, names: Mapping[int, str]) -> Markup:
    """The bars of some services on one scale; an empty one says so by its 0."""
    label = gettext("Số lượt theo mức của từng thủ tục; bên trái là mức tốt nhất")
    drawn = Markup("").join(_row(place, row, scale, names) for place, row in enumerate(rows))
    return Markup(
        '<svg class="plot-svg tally-bars" viewBox="0 0 {width} {height}" role="img" aria-label="{label}" '
        'focusable="false">{drawn}</svg>'
    ).format(width=WIDTH, height=ROW * len(rows), label=label, drawn=drawn)


def _row(place: int, row: ServiceTally, scale: Scale, names: Mapping[int, str]) -> Markup:
    top, n = ROW * place, sum(row.counts)
    name = names.get(row.service_id) or gettext("Không rõ thủ tục")
    parts, left = [], 0.0
    for level in reversed(scale.levels):
        count = row.counts[level.level - 1]
        width = WIDTH * count / n if n else 0.0
        if count:
            parts.append(_part(left, top + 22, width, level.face, count))
        left += width
    return Markup('<text x="0" y="{y}" class="bar-name">{name} ({n})</text>{parts}').format(
        y=top + 15, name=name, n=n, parts=Markup("").join(parts)
    )


def _part(left: float, top: int, width: float, face: str, count: int) -> Markup:
    part = Markup('<rect class="part-{face}" x="{x}" y="{y}" width="{width}" height="{height}"/>').format(
        face=face, x=f"{left:.1f}", y=top, width=f"{max(width - 1.5, 1.0):.1f}", height=BAR
    )
    if width < LEAST_FOR_NUMBER * len(str(count)) + 4:
        return part
    shade = "on-dark" if face in _WHITE else "on-light"
    return part + Markup('<text class="{shade}" x="{x}" y="{y}">{count}</text>').format(
        shade=shade, x=f"{left + width / 2 - 0.75:.1f}", y=top + 17, count=escape(count)
    )
