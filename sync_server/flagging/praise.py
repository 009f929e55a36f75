"""The praise side: officers clearly better than peers, for «gương điển hình». The same statistic upwards.

`Side.BETTER` of the fold bets on fewer bad ratings than the best rate still called normal. Where peers have 3 %
dissatisfied, an officer at the peers' rate is never praised (a mean factor below 1), and one without any bad rating
needs some 250 ratings: praise is slow because rates are low, and nothing shortens that honestly. Stuffing makes
praise too, so that it is folded from ratings that are tied to a dossier (`tied_only`).
"""

import math
from collections.abc import Sequence

from sync_server.flagging.errors import FlaggingError
from sync_server.flagging.fold import Fold
from sync_server.flagging.score import Side
from sync_server.flagging.tally import DayTally


def is_clearly_better(better: Fold) -> bool:
    """Whether the evidence for *better than peers* has reached what red asks for *worse*.

    better: a fold made with `side=Side.BETTER`. Neither latched nor a state: the list is made anew each time.
    """
    if better.side is not Side.BETTER:
        raise FlaggingError("this fold looks for worse than peers; fold the tallies with side=Side.BETTER")
    rule = better.rule
    return rule is not None and better.n >= rule.min_ratings and better.log_m >= math.log(rule.flag_at)


def tied_only(tally: DayTally, low: Sequence[int], with_dossier: int) -> DayTally:
    """The ratings of a tally that are tied to a dossier, which is what praise rests on.

    low: how many of them have level 1, 2, 3 … as far as those are told; with_dossier: all of them. The rest stands at
    the best level: which of the good levels it was is not kept and moves no score. So a button that is pressed all
    day without dossiers adds nothing. Raises `FlaggingError` when the low ones are more than all.
    """
    levels = max(len(tally.counts), len(low))
    rest = with_dossier - sum(low)
    if rest < 0:
        raise FlaggingError(
            f"tally of officer {tally.officer_id} on {tally.day}: {sum(low)} low ratings have a dossier, of "
            f"{with_dossier} in all; rebuild it"
        )
    counts = [*low, *[0] * (levels - len(low))]
    counts[-1] += rest
    return tally._replace(counts=tuple(counts))
