"""Which ratings are counted: one a dossier, and of a burst without dossiers the first only."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple


class Touch(NamedTuple):
    """A rating as counting sees it. at_s: seconds, on one clock for all touches; dossier: None where there is none."""

    at_s: float
    level: int
    dossier: Hashable | None


def dedupe(touches: Sequence[Touch | tuple[float, int, Hashable | None]], gap_s: float) -> list[int]:
    """Places in `touches` (in order of time, of one counter) of those that count.

    The first rating of a dossier counts, whatever it says. A rating without dossier counts unless it comes less than
    `gap_s` after the one without dossier before it, counted or not: a hand that keeps pressing stays one voice.
    """
    seen: set[Hashable] = set()
    last: float | None = None
    kept = []
    for place, (at_s, _, dossier) in enumerate(touches):
        if dossier is not None:
            if dossier not in seen:
                seen.add(dossier)
                kept.append(place)
            continue
        if last is None or at_s - last >= gap_s:
            kept.append(place)
        last = at_s
    return kept
