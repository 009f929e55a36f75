"""Figures that tell when people rate, why they were not satisfied, and what changed since the baseline."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from flask import Blueprint, render_template
from flask_babel import get_locale, gettext

from survey import resources
from survey.questionnaire import Words, read_law, read_reasons, words_in
from survey.rating import SOURCES
from sync_server.periods import KINDS
from sync_server.queries import baselines, organisation, patterns, results, units
from sync_server.queries.patterns import Cell
from sync_server.queries.tallies import Totals
from sync_server.reporting.shares import Change, change, difference
from sync_server.rulebook import rulebook
from sync_server.web.access import current_user, office, roles, scope
from sync_server.web.results import SEE, SHARE_LEAST, Asked, kind_name, reach, share, source_name, wanted

pages = Blueprint("patterns", __name__)

CELL_LEAST = 5
"""With fewer ratings in an hour its number is not shown: whoever was there then would know whose they are."""
SHADES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A cell of the heat map. n is null where it is too small to be shown; shade 0 (none) to `SHADES` (the most)."""

    n: int | None
    share: float | None
    shade: int


@pages.get("/results/hours")
@roles(*SEE)
def hours() -> str:
    """When people rate: weekdays and hours."""
    asked, house = wanted(), office()
    within = reach(asked, with_past=asked.with_past)
    with house.database.read() as reading:
        cells = patterns.by_hour(reading, within, rulebook().scales, asked.period, house.zone, source=asked.source)
    span = range(min(cell.hour for cell in cells), max(cell.hour for cell in cells) + 1) if cells else range(0)
    return render_template(
        "results/hours.html",
        **_filters(asked),
        cells=shown(cells),
        hours=span,
        weekdays=range(7 if any(cell.weekday > 4 for cell in cells) else 5),
        weekday_name=weekday_name,
        n=sum(cell.n for cell in cells),
        shades=SHADES,
        cell_least=CELL_LEAST,
    )


@pages.get("/results/reasons")
@roles(*SEE)
def reasons() -> str:
    """Why people were not satisfied, by letter of the law."""
    asked = wanted()
    within = reach(asked, with_past=asked.with_past)
    with office().database.read() as reading:
        found = patterns.reasons(
            reading,
            within,
            rulebook().scales,
            asked.period,
            read_reasons(resources.config() / "reasons.toml"),
            service_id=asked.service,
            source=asked.source,
            with_money=current_user.role == "inspector",
        )
        lines = results.breakdown(
            reading,
            within,
            rulebook().scales,
            asked.period,
            "unit",
            service_id=asked.service,
            only=(results.of_source(asked.source),) if asked.source else (),
        )
        fields = organisation.catalogue(reading)
    return render_template(
        "results/reasons.html",
        **_filters(asked),
        fields=fields,
        found=found,
        dissatisfied=results.whole(lines).totals.dissatisfied,
        law_words=law_words,
        reason_words=reason_words,
    )


@pages.get("/results/baseline")
@roles(*SEE)
def baseline() -> str:
    """What changed since the baseline, with an interval of the difference."""
    asked = wanted()
    within = reach(asked, with_past=False)
    with office().database.read() as reading:
        lines = baselines.beside_now(reading, within, rulebook().scales, asked.period)
    return render_template("results/baseline.html", **_filters(asked), lines=lines, share=share, apart=apart)


def shown(cells: list[Cell]) -> dict[tuple[int, int], Shown]:
    """The cells as they may be shown, by weekday and hour. One that is too small takes the next smallest with it when
    it is alone: else the whole less the others would tell it."""
    small = {(cell.weekday, cell.hour) for cell in cells if cell.n < CELL_LEAST}
    if len(small) == 1 and len(cells) > 1:
        next_one = min((cell for cell in cells if (cell.weekday, cell.hour) not in small), key=lambda cell: cell.n)
        small.add((next_one.weekday, next_one.hour))
    most = max((cell.n for cell in cells), default=0)
    found = {}
    for cell in cells:
        key = cell.weekday, cell.hour
        if key in small:
            found[key] = Shown(n=None, share=None, shade=0)
            continue
        part = 100 * cell.dissatisfied / cell.n if cell.n >= SHARE_LEAST else None
        found[key] = Shown(n=cell.n, share=part, shade=1 + min(SHADES - 1, SHADES * cell.n // (most + 1)))
    return found


def apart(before: Totals, now: Totals) -> tuple[float, float, float, str] | None:
    """Now less before, in percentage points with Newcombe's 95 % interval, and what it says; None while too few."""
    if min(before.n, now.n) < SHARE_LEAST:
        return None
    by, low, high = difference(now.dissatisfied, now.n, before.dissatisfied, before.n)
    said = {
        Change.DOWN: gettext("giảm rõ"),
        Change.UP: gettext("tăng rõ"),
        Change.UNCLEAR: gettext("chưa thể nói là khác"),
    }
    return by, low, high, said[change(low, high)]


def weekday_name(weekday: int) -> str:
    """What a day of the week is called, 0 for Monday."""
    names: tuple[str, ...] = (
        gettext("Thứ Hai"),
        gettext("Thứ Ba"),
        gettext("Thứ Tư"),
        gettext("Thứ Năm"),
        gettext("Thứ Sáu"),
        gettext("Thứ Bảy"),
        gettext("Chủ nhật"),
    )
    return names[weekday]


def law_words(letter: str) -> str:
    """What a letter of the law is about."""
    return words_in(_law()[letter], str(get_locale()))


def reason_words(code: str) -> str:
    """A reason as the kiosk says it."""
    return words_in(read_reasons(resources.config() / "reasons.toml")[code].words, str(get_locale()))


@cache
def _law() -> dict[str, Words]:
    return read_law(resources.config() / "reasons.toml")


def _filters(asked: Asked) -> dict[str, object]:
    with office().database.read() as reading:
        tree = units.tree(reading, scope())
    return {
        "asked": asked,
        "tree": tree,
        "kinds": KINDS,
        "kind_name": kind_name,
        "sources": SOURCES,
        "source_name": source_name,
        "date_of": lambda ordinal: date.fromordinal(ordinal).isoformat(),
    }
