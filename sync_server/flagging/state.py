"""What a score is called: insufficient, ok, watch or flag, with hysteresis and latch (docs/flagging.md, the table)."""

import math
from enum import StrEnum
from typing import NamedTuple, Protocol

from sync_server.flagging.rules import Rule


class State(StrEnum):
    """insufficient: grey, never green; watch: yellow, to ask and support; flag: red, «cần xem xét»."""

    INSUFFICIENT = "insufficient"
    OK = "ok"
    WATCH = "watch"
    FLAG = "flag"


class Standing(Protocol):
    """What a state is decided by: log M, counted ratings, bad ones (wide set), days with a bad one."""

    @property
    def log_m(self) -> float: ...
    @property
    def n(self) -> int: ...
    @property
    def bad(self) -> int: ...
    @property
    def bad_days(self) -> int: ...


class Reading(NamedTuple):
    """The plainest `Standing`. log_m: natural logarithm of M, −inf for M = 0."""

    log_m: float
    n: int
    bad: int
    bad_days: int


def decide(standing: Standing, rule: Rule) -> State:
    """The state by the numbers alone, without a past."""
    if standing.n < rule.min_ratings:
        return State.INSUFFICIENT
    if standing.bad < rule.min_bad or standing.bad_days < rule.min_bad_days:
        return State.OK
    if standing.log_m >= math.log(rule.flag_at):
        return State.FLAG
    return State.WATCH if standing.log_m >= math.log(rule.watch_at) else State.OK


def next_state(was: State, standing: Standing, rule: Rule) -> State:
    """The state after `was`: red stays until a person closes its case, yellow until M falls below `watch_off`.

    Closing a case is not a step from red: the fold starts anew (`restart_after`).
    """
    if was is State.FLAG:
        return State.FLAG
    now = decide(standing, rule)
    if was is State.WATCH and now is State.OK:
        enough = standing.bad >= rule.min_bad and standing.bad_days >= rule.min_bad_days
        if enough and standing.log_m >= math.log(rule.watch_off):
            return State.WATCH
    return now


def judged(stored: State | None, folded: State) -> State:
    """What to store: the state of the fold, unless red is stored, which late or corrected ratings never lift."""
    return State.FLAG if stored is State.FLAG else folded
