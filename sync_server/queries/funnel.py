"""The quarterly funnel, adjusted for the case mix: each officer's bad ratings beside what peers would have had."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from sync_server.flagging.peers import PeerBook, Pool
from sync_server.flagging.peers import PeerTotal as Total
from sync_server.flagging.tally import monday_of
from sync_server.models.followup import PeerSum, PeerTotal
from sync_server.models.organisation import SurveyVersion
from sync_server.models.rating import Tally
from sync_server.queries.tallies import OF_THE_HOUSE, add_up
from sync_server.rulebook import Rulebook

_MONDAY = Tally.day - (Tally.day - 1) % 7  # day 1 of the calendar of ordinals is a Monday


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelPoint:
    """An officer's quarter: n ratings that have peers, the bad ones (wide set), and what peers would have had."""

    officer_id: int
    n: int
    observed: int
    expected: float

    @property
    def ratio(self) -> float:
        """Observed over expected: 1 is like the peers."""
        return self.observed / self.expected


def quarter_points(session: Session, first: date, last: date, book: Rulebook) -> list[FunnelPoint]:
    """A point for every officer of the network who has enough ratings in the quarter, in order of their numbers.

    Peers are those of each week, as frozen on its Monday, so that the points agree with the score.
    """
    peers = _book(session, first, last, book)
    sums: dict[int, list[float]] = {}
    for officer_id, service_id, monday, scale_id, *counts in session.execute(_weeks(first, last)):
        rates = peers.rates(service_id, officer_id, date.fromordinal(monday)) if monday <= _end(peers) else None
        if rates is None:
            continue
        totals = add_up(counts, book.scales[scale_id])
        entry = sums.setdefault(officer_id, [0, 0, 0.0])
        entry[0] += totals.n
        entry[1] += totals.not_satisfied
        entry[2] += totals.n * rates[1]
    rule = book.rules.at(last)
    return [
        FunnelPoint(officer_id=officer_id, n=int(n), observed=int(observed), expected=expected)
        for officer_id, (n, observed, expected) in sorted(sums.items())
        if n >= rule.min_ratings and expected > 0
    ]


def _end(peers: PeerBook) -> int:
    return peers.last.toordinal() if peers.last else 0


def _weeks(first: date, last: date) -> Select[*tuple[Any, ...]]:
    levels = (func.sum(level) for level in (Tally.n1, Tally.n2, Tally.n3, Tally.n4, Tally.n5))
    monday = _MONDAY.label("monday")
    return (
        select(Tally.officer_id, Tally.service_id, monday, SurveyVersion.scale, *levels)
        .join(SurveyVersion, SurveyVersion.id == Tally.survey_id)
        .where(Tally.day >= first.toordinal(), Tally.day <= last.toordinal(), OF_THE_HOUSE)
        .group_by(Tally.officer_id, Tally.service_id, monday, SurveyVersion.scale)
        .order_by(Tally.officer_id, Tally.service_id, monday, SurveyVersion.scale)
    )


def _book(session: Session, first: date, last: date, book: Rulebook) -> PeerBook:
    start, end = monday_of(first).toordinal(), monday_of(last).toordinal()
    pools = {
        (date.fromordinal(row.monday), row.service_id): Pool(row.officers, row.n, row.dissatisfied, row.not_satisfied)
        for row in session.scalars(select(PeerSum).where(PeerSum.monday >= start, PeerSum.monday <= end))
    }
    own = {
        (date.fromordinal(monday), service_id, officer_id): Total(*total)
        for monday, service_id, officer_id, *total in session.execute(
            select(
                PeerTotal.monday,
                PeerTotal.service_id,
                PeerTotal.officer_id,
                PeerTotal.n,
                PeerTotal.dissatisfied,
                PeerTotal.not_satisfied,
            ).where(PeerTotal.monday >= start, PeerTotal.monday <= end)
        )
    }
    mondays = [monday for monday, _ in pools]
    return PeerBook(pools, own, min(mondays, default=None), max(mondays, default=None), book.rules.at)
