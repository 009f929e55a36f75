"""The praise side: officers clearly better than peers, for «gương điển hình». The same statistic upwards.

`Side.BETTER` of the fold bets on fewer bad ratings than the best rate still called normal. Where peers have 3 %
dissatisfied, an officer at the peers' rate is never praised (a mean factor below 1), and one without any bad rating
needs some 250 ratings: praise is slow because rates are low, and nothing shortens that honestly. Stuffing makes
praise too, so that it should be folded from ratings tied to a dossier only, or shown beside their share.
"""

import math

from sync_server.flagging.errors import FlaggingError
from sync_server.flagging.fold import Fold
from sync_server.flagging.score import Side


def is_clearly_better(better: Fold) -> bool:
    """Whether the evidence for *better than peers* has reached what red asks for *worse*.

    better: a fold made with `side=Side.BETTER`. Neither latched nor a state: the list is made anew each time.
    """
    if better.side is not Side.BETTER:
        raise FlaggingError("this fold looks for worse than peers; fold the tallies with side=Side.BETTER")
    rule = better.rule
    return rule is not None and better.n >= rule.min_ratings and better.log_m >= math.log(rule.flag_at)
