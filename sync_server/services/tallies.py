"""Daily tallies: what is added to them and taken from them, gathered in memory and moved in one statement a table."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Table
from sqlalchemy.orm import Session

from sync_server.models.patterns import HourTally, ReasonTally
from sync_server.models.rating import Tally
from sync_server.queries.prepared import Prepared

TABLE: Table = Tally.__table__  # type: ignore[assignment]
HOURS: Table = HourTally.__table__  # type: ignore[assignment]
REASONS: Table = ReasonTally.__table__  # type: ignore[assignment]
LEVELS = 5
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
EPOCH_DAY = date(1970, 1, 1).toordinal()

_LEVELS = tuple(f"n{level}" for level in range(1, LEVELS + 1))
_KEYS = tuple(column.name for column in TABLE.primary_key)
_COUNTS = (*_LEVELS, "with_dossier")


class TallyKey(NamedTuple):
    """Which tally: in the order of the table's key."""

    officer_id: int
    day: int
    service_id: int
    survey_id: int
    unit_id: int
    source: int


def hour_of(at: int, day: int) -> int:
    """The hour of a moment (ms UTC) of the town's day, as `models.patterns.HourTally` counts hours."""
    return (at - (day - EPOCH_DAY - 1) * DAY_MS) // HOUR_MS


class Moves:
    """What a transaction adds to tallies (and takes from them), by key."""

    def __init__(self) -> None:
        self._counts: dict[tuple[int, ...], list[int]] = {}
        self._hours: dict[tuple[int, ...], list[int]] = {}
        self._reasons: dict[tuple[int, ...], list[int]] = {}

    def add(
        self, key: tuple[int, ...], level: int, has_dossier: bool, *, at: int, reasons: int, times: int = 1
    ) -> None:
        """One more rating of a level; `times=-1` takes one away. key: a `TallyKey`, or its plain tuple.

        at: when it happened, ms UTC. reasons: its bits of config/reasons.toml.
        """
        counts = self._counts.get(key)
        if counts is None:
            counts = self._counts[key] = [0] * len(_COUNTS)
        counts[level - 1] += times
        if has_dossier:
            counts[LEVELS] += times
        _, day, service, survey, unit, source = key
        hour = (unit, day, hour_of(at, day), survey, source)
        levels = self._hours.get(hour)
        if levels is None:
            levels = self._hours[hour] = [0] * LEVELS
        levels[level - 1] += times
        if reasons:
            said = self._reasons.setdefault((unit, day, service, survey, source, level, reasons), [0])
            said[0] += times

    def __iter__(self) -> Iterator[tuple[TallyKey, tuple[int, ...]]]:
        """The tallies that change, in order of their keys: whoever writes them in this order cannot deadlock with
        another who does the same."""
        return ((TallyKey(*key), tuple(counts)) for key, counts in _changes(self._counts))

    @property
    def hours(self) -> Iterator[tuple[tuple[int, ...], Sequence[int]]]:
        """What changes in `hour_tally`, in order of its keys."""
        return _changes(self._hours)

    @property
    def reasons(self) -> Iterator[tuple[tuple[int, ...], Sequence[int]]]:
        """What changes in `reason_tally`, in order of its keys."""
        return _changes(self._reasons)

    @property
    def officers(self) -> frozenset[int]:
        """Those whose tallies change, and who are to be judged again."""
        return frozenset(key.officer_id for key, _ in self)

    @property
    def earliest_day(self) -> int | None:
        """The first day whose tallies change, None when none does."""
        return min((key.day for key, _ in self), default=None)


def move(session: Session, moves: Moves) -> None:
    """Write the moves: a tally that is there is added to, another is made. Always in the same order of tables."""
    rows = [dict(zip((*_KEYS, *_COUNTS), (*key, *counts), strict=True)) for key, counts in moves]
    if rows:
        _UPSERT.run_each(session, rows)
    for table, upsert, changes in ((HOURS, _UPSERT_HOURS, moves.hours), (REASONS, _UPSERT_REASONS, moves.reasons)):
        names = table.columns.keys()
        upsert.run_each(session, [dict(zip(names, (*key, *counts), strict=True)) for key, counts in changes])


def _changes(counts: Mapping[tuple[int, ...], Sequence[int]]) -> Iterator[tuple[tuple[int, ...], Sequence[int]]]:
    return ((key, counts[key]) for key in sorted(counts) if any(counts[key]))


def _upsert(table: Table, counts: Sequence[str]) -> Prepared:
    keys = tuple(column.name for column in table.primary_key)
    names = (*keys, *counts)
    changes = ", ".join(f"{name} = {table.name}.{name} + excluded.{name}" for name in counts)
    values = ", ".join(f":{name}" for name in names)
    insert = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({values})"
    return Prepared(f"{insert} ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changes}")


_UPSERT = _upsert(TABLE, _COUNTS)
_UPSERT_HOURS = _upsert(HOURS, _LEVELS)
_UPSERT_REASONS = _upsert(REASONS, ("n",))
