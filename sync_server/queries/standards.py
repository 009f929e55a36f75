"""The absolute standard of units (docs/flagging.md, 7): when everybody is bad, peers hide it. Never for a person."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from sync_server.flagging.standard import StandardReading, against_standard, quarter_of
from sync_server.queries import tallies, units
from sync_server.queries.tallies import Totals
from sync_server.queries.units import UnitLine
from sync_server.rulebook import Rulebook


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitQuarter:
    """A unit, with all below it, in one quarter. first, last: the quarter's days. with_dossier: of `reading.n`."""

    unit: UnitLine
    first: date
    last: date
    reading: StandardReading
    with_dossier: int


def quarter(session: Session, within: frozenset[int], day: date, book: Rulebook) -> list[UnitQuarter]:
    """All units of `within` in the quarter of `day`, as a tree; a unit's ratings hold those of the units below it."""
    first, last = quarter_of(day)
    lines = units.tree(session, within)
    sums = tallies.by_unit(session, within, book.scales, first=first.toordinal(), until=min(day, last).toordinal() + 1)
    rolled = {line.id: sums.get(line.id, Totals()) for line in lines}
    for line in reversed(lines):  # children come after their parents
        if line.parent_id in rolled:
            rolled[line.parent_id] += rolled[line.id]
    return [_reading(line, first, last, rolled[line.id], book) for line in lines]


def quarters_of(session: Session, unit_id: int, day: date, book: Rulebook, *, count: int = 8) -> list[UnitQuarter]:
    """One unit's quarters up to that of `day`, the newest first; empty for a unit that is not there."""
    found = []
    for _ in range(count):
        found += quarter(session, units.subtree(session, unit_id), day, book)[:1]
        day = quarter_of(day)[0] - timedelta(days=1)
    return found


def _reading(unit: UnitLine, first: date, last: date, totals: Totals, book: Rulebook) -> UnitQuarter:
    return UnitQuarter(
        unit=unit,
        first=first,
        last=last,
        reading=against_standard(totals.n, totals.dissatisfied, book.standard_at(first)),
        with_dossier=totals.with_dossier,
    )
