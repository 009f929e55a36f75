"""Daily tallies: what is added to them and taken from them, gathered in memory and moved in one statement."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Table
from sqlalchemy.orm import Session

from sync_server.models.rating import Tally
from sync_server.queries.prepared import Prepared

TABLE: Table = Tally.__table__  # type: ignore[assignment]
LEVELS = 5

_KEYS = tuple(column.name for column in TABLE.primary_key)
_COUNTS = (*(f"n{level}" for level in range(1, LEVELS + 1)), "with_dossier")


class TallyKey(NamedTuple):
    """Which tally: in the order of the table's key."""

    officer_id: int
    day: int
    service_id: int
    survey_id: int
    unit_id: int
    source: int


class Moves:
    """What a transaction adds to tallies (and takes from them), by key."""

    def __init__(self) -> None:
        self._counts: dict[tuple[int, ...], list[int]] = {}

    def add(self, key: tuple[int, ...], level: int, has_dossier: bool, times: int = 1) -> None:
        """One more rating of a level; `times=-1` takes one away. key: a `TallyKey`, or its plain tuple."""
        counts = self._counts.get(key)
        if counts is None:
            counts = self._counts[key] = [0] * len(_COUNTS)
        counts[level - 1] += times
        if has_dossier:
            counts[LEVELS] += times

    def __iter__(self) -> Iterator[tuple[TallyKey, tuple[int, ...]]]:
        """The tallies that change, in order of their keys: whoever writes them in this order cannot deadlock with
        another who does the same."""
        return ((TallyKey(*key), tuple(self._counts[key])) for key in sorted(self._counts) if any(self._counts[key]))

    @property
    def officers(self) -> frozenset[int]:
        """Those whose tallies change, and who are to be judged again."""
        return frozenset(key.officer_id for key, _ in self)

    @property
    def earliest_day(self) -> int | None:
        """The first day whose tallies change, None when none does."""
        return min((key.day for key, _ in self), default=None)


def move(session: Session, moves: Moves) -> None:
    """Write the moves: a tally that is there is added to, another is made."""
    rows = [dict(zip((*_KEYS, *_COUNTS), (*key, *counts), strict=True)) for key, counts in moves]
    if rows:
        _UPSERT.run_each(session, rows)


def _upsert() -> str:
    names = (*_KEYS, *_COUNTS)
    changes = ", ".join(f"{name} = tally.{name} + excluded.{name}" for name in _COUNTS)
    values = ", ".join(f":{name}" for name in names)
    insert = f"INSERT INTO tally ({', '.join(names)}) VALUES ({values})"
    return f"{insert} ON CONFLICT ({', '.join(_KEYS)}) DO UPDATE SET {changes}"


_UPSERT = Prepared(_upsert())
