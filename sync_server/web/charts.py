"""Plots as inline SVG: pygal draws, and we take out its scripts, styles and pop-ups.

What is left needs no JavaScript and no style of its own (the policy of our pages forbids both): `static/charts.css`
gives colours, which are told apart by the colour-blind and, as shapes and dashes, on a black-and-white print. Next to
every plot stands a table with the same numbers; the plot's label says what it shows.
"""

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from xml.etree import ElementTree

import pygal
from flask_babel import gettext
from markupsafe import Markup
from pygal.style import Style

from sync_server.flagging.explain import decimal, state_words
from sync_server.flagging.fold import DayStep
from sync_server.flagging.intervals import adjusted_limits
from sync_server.flagging.rules import Rule
from sync_server.flagging.state import State
from sync_server.queries.funnel import FunnelPoint

FONT = "Be Vietnam Pro, sans-serif"
LEAST_LOG10_M = -1.0
"""M below 0.1 is drawn at 0.1: there is nothing to see, and the interesting end would be squeezed."""
TICK = 7.0
"""Height of a tick for a bad rating, in the plot's own units."""
MOST_TICKS = 6
"""Ticks drawn above each other on one day; the table has the number."""

_STYLE = Style(label_font_size=13, major_label_font_size=13, title_font_size=15, font_family=FONT)


def score_plot(steps: Sequence[DayStep], rule: Rule, language: str) -> Markup:
    """The score over time on a log axis, the two lines of the rule, and a tick for each bad rating.

    steps: at least one. Days between two rated days carry no dot; the line joins what was known.
    """
    top = max(math.log10(rule.flag_at) + 0.7, max(_log10(step) for step in steps) + 0.3)
    chart = _chart(pygal.DateTimeLine, height=360)
    chart.range = (LEAST_LOG10_M - 0.75, top)
    chart.y_labels = _score_labels(rule, top, language)
    chart.x_labels = _months(steps[0].day, steps[-1].day)
    chart.x_value_formatter = lambda at: at.strftime("%m/%Y")
    first, last = _noon(steps[0].day), _noon(steps[-1].day)
    chart.add("flag-line", [(first, math.log10(rule.flag_at)), (last, math.log10(rule.flag_at))])
    chart.add("watch-line", [(first, math.log10(rule.watch_at)), (last, math.log10(rule.watch_at))])
    chart.add("score", [(_noon(step.day), _log10(step)) for step in steps])
    ticks = [
        (_noon(step.day), LEAST_LOG10_M - 0.62 + 0.13 * place)
        for step in steps
        for place in range(min(step.bad, MOST_TICKS))
    ]
    chart.add("bad", ticks, stroke=False, show_dots=True, dots_size=2)
    label = gettext(
        "Điểm bằng chứng theo thời gian, từ %(first)s đến %(last)s; mỗi vạch nhỏ ở dưới là một lượt không hài lòng",
        first=f"{steps[0].day:%d/%m/%Y}",
        last=f"{steps[-1].day:%d/%m/%Y}",
    )
    return _inline(chart, "score-plot", ("flag-line", "watch-line", "score", "bad"), label)


def funnel_plot(points: Sequence[FunnelPoint], officer_id: int, rule: Rule, language: str) -> Markup:
    """The quarter's funnel: x what peers would have had, y observed over that; others are dots without a name.

    The x axis goes by the square root, as the funnel's spread does: the many with few ratings stay apart.
    """
    widest = max(point.expected for point in points) * 1.15
    top = max(4.0, min(10.0, max(point.ratio for point in points) * 1.1))
    chart = _chart(pygal.XY, height=380)
    chart.range, chart.xrange = (0.0, top), (0.0, math.sqrt(widest))
    chart.y_labels = [
        {"value": value, "label": decimal(value, language, 1 if value % 1 else 0)}
        for value in sorted({0, 1, rule.tolerance, *range(2, int(top) + 1)})
    ]
    chart.x_labels = _root_marks(widest)
    chart.x_value_formatter = lambda root: decimal(root * root, language, 1 if 0 < root < 0.9 else 0)
    chart.add("like-peers", [(0, 1), (math.sqrt(widest), 1)])
    chart.add("tolerance", [(0, rule.tolerance), (math.sqrt(widest), rule.tolerance)])
    for z, name in ((2.0, "two-sd"), (3.0, "three-sd")):
        low, high = _limits(widest, rule.tolerance, z, top)
        chart.add(f"{name}-low", low)
        chart.add(f"{name}-high", high)
    places = [(point.officer_id, (math.sqrt(point.expected), min(point.ratio, top))) for point in points]
    others = [place for number, place in places if number != officer_id]
    own = [place for number, place in places if number == officer_id]
    chart.add("others", others, stroke=False, show_dots=True, dots_size=4)
    chart.add("own", own, stroke=False, show_dots=True, dots_size=8)
    label = gettext("Biểu đồ phễu của quý: số lượt không hài lòng so với dự kiến; dấu lớn là cán bộ này")
    names = ("like-peers", "tolerance", "two-sd", "two-sd", "three-sd", "three-sd", "others", "own")
    return _inline(chart, "funnel-plot", names, label)


def _chart(kind: type, *, height: int):  # type: ignore[no-untyped-def]  # pygal has no types
    return kind(
        width=860,
        height=height,
        style=_STYLE,
        css=(),
        js=(),
        no_prefix=True,
        show_legend=False,
        show_dots=False,
        explicit_size=False,
        print_values=False,
        include_x_axis=False,
        margin=6,
        margin_right=18,
        spacing=8,
        show_x_guides=False,
        show_y_guides=True,
        truncate_label=-1,
    )


def _score_labels(rule: Rule, top: float, language: str) -> list[dict[str, object]]:
    lines = ((rule.watch_at, State.WATCH), (rule.flag_at, State.FLAG))
    named = {m: f"{decimal(m, language, 0)} · {state_words(state, language)}" for m, state in lines}
    plain = {10.0**power: decimal(10.0**power, language, 0 if power >= 0 else 1) for power in range(-1, int(top) + 1)}
    for value in list(plain):  # a plain label must not be written over by a named one
        if any(abs(math.log10(value) - math.log10(line)) < 0.35 for line in named):
            del plain[value]
    return [{"value": math.log10(value), "label": label} for value, label in sorted((plain | named).items())]


def _log10(step: DayStep) -> float:
    return max(LEAST_LOG10_M, step.log_m / math.log(10.0))


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12)  # noqa: DTZ001 - a place on the axis, not a moment


def _months(first: date, last: date) -> list[datetime]:
    """The first days of months, at most about nine of them."""
    months, day = [], date(first.year, first.month, 1)
    while day <= last:
        if day >= first:
            months.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    step = max(1, math.ceil(len(months) / 9))
    return [_noon(month) for month in months[::step]] or [_noon(first)]


def _root_marks(widest: float) -> list[float]:
    """Square roots of round numbers from 0 on, far enough apart that their labels do not touch."""
    roots = [0.0]
    for mark in (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000):
        if mark <= widest and math.sqrt(mark) - roots[-1] >= 0.05 * math.sqrt(widest):
            roots.append(math.sqrt(mark))
    return roots


def _limits(
    widest: float, tolerance: float, z: float, top: float
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    roots = [math.sqrt(widest) * place / 80.0 for place in range(1, 81)]
    both = [(root, *adjusted_limits(root * root, tolerance, z)) for root in roots]
    return [(x, low) for x, low, _ in both if low > 0], [(x, high) for x, _, high in both if high <= top]


def _inline(chart, kind: str, names: Sequence[str], label: str) -> Markup:  # type: ignore[no-untyped-def]
    """The chart as an element of the page. names: what each series is, as classes for the style sheet."""
    root = ElementTree.fromstring(chart.render())
    for parent in list(root.iter()):
        for child in list(parent):
            if _tag(child) in ("script", "style", "title", "desc", "defs") or _is_pop_up(child):
                parent.remove(child)
    for element in root.iter():
        element.tag = _tag(element)
        for name in list(element.attrib):
            if name.startswith("{") or name in ("style", "id"):
                del element.attrib[name]
        _name_series(element, names)
    if kind == "score-plot":
        _draw_ticks(root)
    _draw_own(root)
    root.attrib.update({"class": f"plot-svg {kind}", "role": "img", "aria-label": label, "focusable": "false"})
    return Markup(ElementTree.tostring(root, encoding="unicode", method="xml"))


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else "comment"


def _is_pop_up(element: ElementTree.Element) -> bool:
    return bool({"tooltip", "text-overlay"} & set(element.get("class", "").split()))


def _name_series(element: ElementTree.Element, names: Sequence[str]) -> None:
    """`series serie-2 color-2` becomes `series score`: the style sheet speaks of what is drawn."""
    classes = element.get("class", "").split()
    for place, name in enumerate(names):
        if f"serie-{place}" in classes:
            element.set("class", f"series {name}")


def _draw_ticks(root: ElementTree.Element) -> None:
    for series in root.iter("g"):
        if series.get("class") == "series bad":
            for dot in list(series.iter("circle")):
                x, y = float(dot.attrib.pop("cx")), float(dot.attrib.pop("cy"))
                dot.attrib.pop("r", None)
                dot.tag = "path"
                dot.attrib.update({"d": f"M{x:.1f} {y - TICK / 2:.1f}v{TICK:.1f}", "class": "tick"})


def _draw_own(root: ElementTree.Element) -> None:
    """A diamond instead of a circle: told from the others without colour."""
    for series in root.iter("g"):
        if series.get("class") == "series own":
            for dot in list(series.iter("circle")):
                x, y, r = (float(dot.attrib.pop(name)) for name in ("cx", "cy", "r"))
                dot.tag = "path"
                dot.attrib.update({"d": f"M{x:.1f} {y - r:.1f}l{r} {r}l{-r} {r}l{-r} {-r}z", "class": "diamond"})
