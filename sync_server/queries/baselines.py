"""What people said before, in a baseline round, beside what they say now in the same units. From tallies alone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import not_
from sqlalchemy.orm import Session

from survey.questionnaire import Scale
from sync_server.models.rating import Tally
from sync_server.periods import Period
from sync_server.queries import results, rounds, units
from sync_server.queries.rounds import OBSERVERS_SOURCE, RoundLine
from sync_server.queries.tallies import Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A baseline round within reach: before is what was said in it, now what is said in its units in the period."""

    round: RoundLine
    before: Totals
    now: Totals


def beside_now(
    session: Session, unit_ids: Collection[int], scales: Mapping[str, Scale], period: Period
) -> list[Beside]:
    """A line for each baseline round that reaches these units, the latest first. What observers asked is left out;
    days of the round itself are not `now`."""
    found = []
    for each in rounds.touching(session, unit_ids):
        if each.kind != "baseline":
            continue
        within = frozenset(unit_ids) & units.subtree(session, each.unit_id)
        first, until = each.days
        inside = rounds.of_round(session, each.id)
        before = results.breakdown(
            session, within, scales, Period(kind="free", first=first, until=until), "unit", only=(inside,)
        )
        now = results.breakdown(
            session, within, scales, period, "unit", only=(Tally.source != OBSERVERS_SOURCE, not_(inside))
        )
        found.append(Beside(round=each, before=results.whole(before).totals, now=results.whole(now).totals))
    return found
