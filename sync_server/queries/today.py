"""How a unit is today: what was counted, and which officers wait for a look. Read from tallies and signals."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.questionnaire import Scale
from sync_server.models.followup import Signal
from sync_server.models.organisation import Officer, SurveyVersion
from sync_server.models.rating import Tally
from sync_server.queries.tallies import OF_THE_HOUSE, Totals, add_up

_SUMS = tuple(func.sum(level) for level in (Tally.n1, Tally.n2, Tally.n3, Tally.n4, Tally.n5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """Counted ratings of today and of this week (from Monday on), and of each of the last days, the oldest first.

    same_days_before: the same weekdays of the week before, to compare with. days: day ordinal and totals.
    """

    today: Totals
    week: Totals
    same_days_before: Totals
    days: tuple[tuple[int, Totals], ...]


def results(
    session: Session, unit_ids: Collection[int], scales: Mapping[str, Scale], *, today: int, days: int = 14
) -> Today:
    """The ratings of these units up to and with day `today`."""
    rows = session.execute(
        select(Tally.day, SurveyVersion.scale, func.sum(Tally.with_dossier), *_SUMS)
        .join(SurveyVersion, SurveyVersion.id == Tally.survey_id)
        .where(Tally.unit_id.in_(unit_ids), Tally.day > today - days, Tally.day <= today, OF_THE_HOUSE)
        .group_by(Tally.day, SurveyVersion.scale)
    )
    by_day: dict[int, Totals] = {}
    for day, scale_id, with_dossier, *counts in rows:
        by_day[day] = by_day.get(day, Totals()) + add_up(counts, scales[scale_id], with_dossier)
    monday = today - (today - 1) % 7  # ordinal 1 was a Monday
    return Today(
        today=by_day.get(today, Totals()),
        week=_sum(by_day, monday, today),
        same_days_before=_sum(by_day, monday - 7, today - 7),
        days=tuple((day, by_day.get(day, Totals())) for day in range(today - days + 1, today + 1)),
    )


def officers_by_state(session: Session, unit_ids: Collection[int]) -> dict[str, int]:
    """State → how many officers of these units are in it."""
    rows = session.execute(
        select(Signal.state, func.count())
        .join(Officer, Officer.id == Signal.officer_id)
        .where(Officer.unit_id.in_(unit_ids))
        .group_by(Signal.state)
    )
    return {state: count for state, count in rows}  # noqa: C416  # dict() of rows has no type


def _sum(by_day: Mapping[int, Totals], first: int, last: int) -> Totals:
    totals = Totals()
    for day, item in by_day.items():
        if first <= day <= last:
            totals += item
    return totals
