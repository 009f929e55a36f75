"""The praise side: officers clearly better than peers, for «gương điển hình». The same statistic upwards.

`Side.BETTER` of the fold bets on fewer bad ratings than the best rate still called normal. Where peers have 3 %
dissatisfied, an officer at the peers' rate is never praised (a mean factor below 1), and one without any bad rating
needs some 250 ratings: praise is slow because rates are low, and nothing shortens that honestly. Stuffing makes
praise too, so that it is folded from what dossiers vouch for (`vouched`).
"""

import math
from collections.abc import Mapping

from survey.questionnaire import Scale
from sync_server.flagging.errors import FlaggingError
from sync_server.flagging.fold import Fold
from sync_server.flagging.score import Side
from sync_server.flagging.tally import DayTally, count


def is_clearly_better(better: Fold) -> bool:
    """Whether the evidence for *better than peers* has reached what red asks for *worse*.

    better: a fold made with `side=Side.BETTER`. Neither latched nor a state: the list is made anew each time.
    """
    if better.side is not Side.BETTER:
        raise FlaggingError("this fold looks for worse than peers; fold the tallies with side=Side.BETTER")
    rule = better.rule
    return rule is not None and better.n >= rule.min_ratings and better.log_m >= math.log(rule.flag_at)


def vouched(tally: DayTally, with_dossier: int, scales: Mapping[str, Scale]) -> DayTally:
    """What praise may rest on: all bad ratings of a tally, and no more good ones than dossiers vouch for.

    with_dossier: how many of its ratings are tied to one. Which level those have is not kept; the least that can be
    said is that all bad ones are among them. So a button that is pressed all day without dossiers adds nothing, and
    leaving dossiers off only takes away. Raises `FlaggingError` as `count` does.
    """
    levels = len(scales[tally.scale_id].levels) if tally.scale_id in scales else 0
    bad = count(tally, scales).not_satisfied
    left = max(0, with_dossier - bad)
    kept = list(tally.counts)
    for level in range(levels, 0, -1):
        if level not in scales[tally.scale_id].not_satisfied and level <= len(kept):
            kept[level - 1] = min(kept[level - 1], left)
            left -= kept[level - 1]
    return tally._replace(counts=tuple(kept))
