"""What if: a past period replayed under other numbers, before anything is switched."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from survey.questionnaire import Scale
from sync_server.flagging.fold import fold
from sync_server.flagging.peers import frozen_peers
from sync_server.flagging.rules import RuleAt
from sync_server.flagging.state import State
from sync_server.flagging.tally import DayTally

Firsts = Mapping[tuple[int, State], date]
"""(officer, watch or flag) → the first day in the period on which that state, or a worse one, was reached."""


class Fate(StrEnum):
    """What becomes of a flag under the other numbers."""

    COMES = "comes"
    GOES = "goes"
    MOVES = "moves"


@dataclass(frozen=True, slots=True)
class Difference:
    """An officer's yellow or red that comes, goes or moves; the day under the present and under the other numbers."""

    officer_id: int
    state: State
    fate: Fate
    present: date | None
    other: date | None


def replay(
    tallies: Iterable[DayTally],
    scales: Mapping[str, Scale],
    rule_at: RuleAt,
    *,
    since: date,
    until: date,
    restarts: Mapping[int, date] | None = None,
) -> dict[tuple[int, State], date]:
    """When each officer would first have turned yellow and red from `since` to `until`, both within.

    tallies: of everybody, also from before `since` (peers and scores need a past). restarts: officer → the day a case
    was closed, as in `fold`. An officer who is already yellow or red on `since` has that day.
    """
    by_officer: dict[int, list[DayTally]] = {}
    for tally in tallies:
        if tally.day <= until:
            by_officer.setdefault(tally.officer_id, []).append(tally)
    book = frozen_peers((tally for rows in by_officer.values() for tally in rows), scales, rule_at)
    firsts: dict[tuple[int, State], date] = {}
    for officer_id, rows in by_officer.items():
        folded = fold(rows, scales, book, rule_at, restart_after=(restarts or {}).get(officer_id))
        before = [step.state for step in folded.steps if step.day < since][-1:]
        within = [(step.day, step.state) for step in folded.steps if step.day >= since]
        for day, state in [*((since, state) for state in before), *within]:
            for reached in _reached(state):
                firsts.setdefault((officer_id, reached), day)
    return firsts


def compare(present: Firsts, other: Firsts) -> list[Difference]:
    """Which yellows and reds would come, go, or move in time; those that stay on their day are left out."""
    differences = []
    for officer_id, state in sorted(present.keys() | other.keys()):
        was, now = present.get((officer_id, state)), other.get((officer_id, state))
        if was != now:
            fate = Fate.COMES if was is None else Fate.GOES if now is None else Fate.MOVES
            differences.append(Difference(officer_id, state, fate, was, now))
    return differences


def _reached(state: State) -> tuple[State, ...]:
    """Red has passed yellow too, even when it was never yellow in between."""
    if state is State.FLAG:
        return State.WATCH, State.FLAG
    return (State.WATCH,) if state is State.WATCH else ()
