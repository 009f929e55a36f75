"""A past replayed under other numbers: which flags would come, go, or move."""

import dataclasses
from datetime import date

from sync_server.flagging.state import State
from sync_server.flagging.tally import DayTally
from sync_server.flagging.whatif import Difference, Fate, compare, replay
from tests.sync_server.flagging.builders import RULE, SCALES, always, on, tally


def town() -> list[DayTally]:
    """Five officers alike for four weeks; then officer 1 gets a bad rating of four each day, for two weeks."""
    alike = [tally(d, *[5] * 14, 4, officer=o) for d in range(28) if d % 7 < 5 for o in range(1, 6)]
    others = [tally(d, *[5] * 15, officer=o) for d in range(28, 42) if d % 7 < 5 for o in range(2, 6)]
    return [*alike, *others, *(tally(d, 1, 5, 5, 5) for d in range(28, 42) if d % 7 < 5)]


def when(rows: list[DayTally], since: int = 28, flag_at: float = 1000.0) -> dict[tuple[int, State], date]:
    rule = dataclasses.replace(RULE, flag_at=flag_at)
    return replay(rows, SCALES, always(rule), since=on(since), until=on(41))


def test_under_the_same_numbers_nothing_differs() -> None:
    found = when(town())
    assert set(found) == {(1, State.WATCH), (1, State.FLAG)}
    assert compare(found, when(town())) == []


def test_flags_come_go_and_move() -> None:
    present, strict, lax = when(town()), when(town(), flag_at=1e9), when(town(), flag_at=100.0)
    red, yellow = present[1, State.FLAG], present[1, State.WATCH]
    assert yellow < red
    assert compare(present, strict) == [Difference(1, State.FLAG, Fate.GOES, red, None)]
    assert compare(strict, present) == [Difference(1, State.FLAG, Fate.COMES, None, red)]
    (moved,) = compare(present, lax)
    assert (moved.fate, moved.present) == (Fate.MOVES, red)
    assert moved.present is not None
    assert moved.other is not None
    assert moved.other < moved.present


def test_who_is_red_already_has_the_first_day_of_the_period() -> None:
    assert when(town(), since=41)[1, State.FLAG] == on(41)


def test_a_closed_case_starts_the_score_anew() -> None:
    closed = replay(town(), SCALES, always(RULE), since=on(28), until=on(41), restarts={1: on(41)})
    assert closed == {}
