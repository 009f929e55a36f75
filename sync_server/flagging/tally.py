"""What the rule is given: how many counted ratings of each level an officer had in a service on a day."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from survey.questionnaire import Scale
from sync_server.flagging.errors import FlaggingError

UNKNOWN_SERVICE = 0
"""The service of ratings whose service nobody knows. It has no peers, so that the score ignores them."""


class DayTally(NamedTuple):
    """Counted ratings of an officer in a service on a day. counts: one number a level, the worst (1) first.

    Several rows of the same officer, service and day (other scale, unit or source) add up.
    """

    officer_id: int
    service_id: int
    day: date
    scale_id: str
    counts: tuple[int, ...]


class Counts(NamedTuple):
    """n ratings; how many lie in the narrow bad set, and in the wide one, which holds the narrow."""

    n: int
    dissatisfied: int
    not_satisfied: int


def count(tally: DayTally, scales: Mapping[str, Scale]) -> Counts:
    """The ratings of a tally and how many of them each bad set of its scale holds. Raises `FlaggingError`."""
    scale = scales.get(tally.scale_id)
    counts = tally.counts
    if scale is None:
        raise FlaggingError(f"scale '{tally.scale_id}' is not known; add it to config/scales.toml")
    if counts and min(counts) < 0:
        raise FlaggingError(f"tally of officer {tally.officer_id} on {tally.day} is negative: {counts}; rebuild it")
    levels = len(scale.levels)
    if len(counts) < levels:
        counts += (0,) * (levels - len(counts))
    elif len(counts) > levels and any(counts[levels:]):
        raise FlaggingError(f"tally of officer {tally.officer_id}, {tally.day}, has levels beyond {scale.id}: {counts}")
    dissatisfied = not_satisfied = 0
    for level in scale.dissatisfied:
        dissatisfied += counts[level - 1]
    for level in scale.not_satisfied:
        not_satisfied += counts[level - 1]
    return Counts(sum(counts), dissatisfied, not_satisfied)


def monday_of(day: date) -> date:
    """The Monday on which the ISO week of `day` begins."""
    return day - timedelta(days=day.weekday())
