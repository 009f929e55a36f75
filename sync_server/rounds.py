"""Which round a rating belongs to: by where and when it was given, and by who asked.

A round is of a unit and of all below it. Where a unit below has a round of its own for the same days, those days are
its own: a commune may take its baseline while the town's round runs. Observers' rounds stand apart: to them belong the
ratings of the source `observer`, and no others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

OBSERVER = "observer"
LAST_DAY = 3_652_059
"""31/12/9999: a round without an end goes on until then."""

Days = tuple[int, int]
"""From day to before day, as ordinals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A round's reach. until_day is null while no end is set."""

    id: int
    unit_id: int
    kind: str
    first_day: int
    until_day: int | None

    @property
    def days(self) -> Days:
        """Its days, the end written out."""
        return self.first_day, LAST_DAY if self.until_day is None else self.until_day

    @property
    def is_observers(self) -> bool:
        """Whether observers ask in it."""
        return self.kind == OBSERVER

    def has(self, day: int) -> bool:
        """Whether a day lies in it."""
        first, until = self.days
        return first <= day < until


def round_at(rounds: Iterable[Round], line: Sequence[int], day: int, *, is_observers: bool = False) -> Round | None:
    """The round of a rating given in the unit that `line` begins with (its parent follows, and so on), or none."""
    fitting = [each for each in rounds if each.is_observers == is_observers and each.has(day)]
    for unit_id in line:
        for each in fitting:
            if each.unit_id == unit_id:
                return each
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Units that share the same days of a round."""

    unit_ids: frozenset[int]
    days: tuple[Days, ...]


def spans(wanted: Round, rounds: Iterable[Round], parents: Mapping[int, int | None]) -> tuple[Span, ...]:
    """Where and when ratings belong to a round. parents: unit → the one above, for the whole tree."""
    own: dict[int, list[Days]] = {}
    for each in rounds:
        if each.id != wanted.id and each.is_observers == wanted.is_observers:
            own.setdefault(each.unit_id, []).append(each.days)
    found: dict[tuple[Days, ...], set[int]] = {}
    for unit_id in parents:
        line = _up_to(unit_id, wanted.unit_id, parents)
        if line is None:
            continue
        taken = [days for nearer in line for days in own.get(nearer, ())]
        left = _without(wanted.days, taken)
        if left:
            found.setdefault(left, set()).add(unit_id)
    return tuple(Span(unit_ids=frozenset(units), days=days) for days, units in sorted(found.items()))


def _up_to(unit_id: int, top: int, parents: Mapping[int, int | None]) -> list[int] | None:
    """The units from this one up to just below `top`; None when it does not lie below it."""
    line: list[int] = []
    at: int | None = unit_id
    while at is not None and len(line) <= len(parents):
        if at == top:
            return line
        line.append(at)
        at = parents.get(at)
    return None


def _without(days: Days, taken: Iterable[Days]) -> tuple[Days, ...]:
    left = [days]
    for first, until in taken:
        left = [
            part
            for begin, end in left
            for part in ((begin, min(end, first)), (max(begin, until), end))
            if part[0] < part[1]
        ]
    return tuple(left)
