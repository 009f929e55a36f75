"""What an officer is shown of the own ratings: made when a week is over, and never changed."""

from collections.abc import Iterable

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from sync_server.casework.summaries import Counts, new_summaries
from sync_server.casework.today import Today
from sync_server.models.casework import OwnSummary
from sync_server.models.organisation import Officer
from sync_server.queries import own, tallies
from sync_server.rulebook import rulebook


def make_summaries(session: Session, officer_id: int, today: Today) -> int:
    """Make the summaries that are due; how many there were. Safe to repeat, also by two at once.

    To be called before the officer looks, and every night, so that when somebody looks tells nothing.
    """
    session.execute(select(Officer.id).where(Officer.id == officer_id).with_for_update())
    scales = rulebook().scales
    days = []
    for item in tallies.officer_days(session, officer_id, today.day):
        totals = tallies.add_up(item.counts, scales[item.scale_id])
        counts = Counts(
            satisfied=totals.n - totals.not_satisfied,
            neutral=totals.not_satisfied - totals.dissatisfied,
            dissatisfied=totals.dissatisfied,
        )
        days.append((item.day.toordinal(), counts))
    rows = [
        {
            "officer_id": officer_id, "from_day": summary.from_day, "until_day": summary.until_day,
            "n": summary.counts.n, "satisfied": summary.counts.satisfied, "neutral": summary.counts.neutral,
            "dissatisfied": summary.counts.dissatisfied, "made_at": today.now,
        }
        for summary in new_summaries(own.summaries(session, officer_id), days, today.day)
    ]  # fmt: skip
    if rows:
        session.execute(insert(OwnSummary), rows)
    return len(rows)


def make_all_summaries(session: Session, officer_ids: Iterable[int], today: Today) -> int:
    """Make those of several officers, for the night; how many there were."""
    return sum(make_summaries(session, officer_id, today) for officer_id in sorted(officer_ids))
