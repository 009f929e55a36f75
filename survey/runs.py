"""Receipts told shortly: which ratings are answered, as one hash, and how many in a row met the same fate.

500 receipts are 12 kB packed, nearly all of it the random ids that the kiosk has just sent: over 64 kbit/s a second
and a half a batch, a third of the time in which a month comes home (docs/limits.md, On the wire).
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from survey.errors import BadDocument

Fate = tuple[str, str | None]
"""A verdict and its code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """So many ratings in a row with the same verdict and code."""

    count: int
    verdict: str
    code: str | None = None


def hash_of(ids: Iterable[str]) -> str:
    """SHA-256 of the ids in order, each followed by a line feed, as hex.

    It stands for the ids in a short reply: one that answers another batch, older or somebody else's, cannot settle
    this one.
    """
    return hashlib.sha256("".join(f"{each}\n" for each in ids).encode()).hexdigest()


def runs_of(fates: Iterable[Fate]) -> list[Run]:
    """The fates as runs, in order."""
    return [Run(count=sum(1 for _ in same), verdict=verdict, code=code) for (verdict, code), same in groupby(fates)]


def fates_of(runs: Sequence[Run], count: int) -> list[Fate]:
    """What `runs_of` was given. Raises `BadDocument` when they are not for `count` ratings; nothing is settled then."""
    if any(run.count < 1 for run in runs) or sum(run.count for run in runs) != count:
        told = ", ".join(str(run.count) for run in runs[:10])
        raise BadDocument([f"runs: tell of {told or 'no'} ratings, but {count} were sent"])
    return [(run.verdict, run.code) for run in runs for _ in range(run.count)]
