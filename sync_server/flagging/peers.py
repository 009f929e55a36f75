"""Peers: how all other officers who do a service are rated, decayed and frozen each Monday.

Working days are Monday to Friday; public holidays are not left out, since nobody is rated then and only the speed
of forgetting would move. A rating of day d weighs 2^(−w/half-life) on a Monday, w being the working days after d up
to and including that Monday: 1 for the Friday, Saturday and Sunday before it, 5 for the Monday before it.

Totals step from Monday to Monday (`advance`), so that a server stores them and never reads an old tally again;
`frozen_peers` does all of it from the tallies, the oracle and the repair. Late ratings belong to the week in which
they happened: advance again from that Monday, and the result is what it would have been in time.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple, Protocol

from survey.questionnaire import Scale
from sync_server.flagging.errors import FlaggingError, PeersMissing
from sync_server.flagging.rules import Rule, RuleAt
from sync_server.flagging.score import Rates
from sync_server.flagging.tally import UNKNOWN_SERVICE, DayTally, count, monday_of

WEEK = timedelta(days=7)
FORGOTTEN = 0.01
"""A total below this is dropped: an officer who left years ago is nobody's peer, and the table stays small."""


class PeerTotal(NamedTuple):
    """Decayed ratings, and of these the dissatisfied and the not satisfied."""

    n: float
    dissatisfied: float
    not_satisfied: float


class Pool(NamedTuple):
    """All officers of a service on a Monday: how many, and the sums of their totals."""

    officers: int
    n: float
    dissatisfied: float
    not_satisfied: float


Totals = Mapping[tuple[int, int], PeerTotal]
"""(service, officer) → total, as frozen on one Monday."""

NOTHING = PeerTotal(0.0, 0.0, 0.0)


class PeerRates(Protocol):
    """Whatever knows an officer's peers; `PeerBook` does."""

    def rates(self, service_id: int, officer_id: int, day: date) -> Rates | None:
        """Peers' rates in the week of `day`, None where there are too few peers."""


def weight(day: date, monday: date, half_life_days: float) -> float:
    """What a rating of `day` weighs on a later `monday`: 1/2 after `half_life_days` working days."""
    if day >= monday or monday.weekday() != 0:
        raise FlaggingError(f"{monday} is not a Monday after {day}")
    weeks = (monday - WEEK - monday_of(day)).days // 7
    working_days = 5 * weeks + max(1, 5 - day.weekday())
    return float(2.0 ** (-working_days / half_life_days))


def advance(
    totals: Totals, week: Iterable[DayTally], scales: Mapping[str, Scale], monday: date, rule: Rule
) -> dict[tuple[int, int], PeerTotal]:
    """The totals of `monday` from those of the Monday before and the tallies of the week between.

    rule: the one in force on `monday`. Raises `FlaggingError` for a tally of another week. Safe to repeat.
    """
    fade = 2.0 ** (-5.0 / rule.half_life_days)
    sums = {key: [value * fade for value in total] for key, total in totals.items()}
    weights = {
        monday - timedelta(days=back): weight(monday - timedelta(days=back), monday, rule.half_life_days)
        for back in range(1, 8)
    }
    for tally in sorted(week):  # sorted: sums of floats must not depend on the order of arrival
        if tally.service_id == UNKNOWN_SERVICE:
            continue
        if tally.day not in weights:
            raise FlaggingError(f"tally of {tally.day} is not of the week before {monday}")
        each = weights[tally.day]
        total = sums.setdefault((tally.service_id, tally.officer_id), [0.0, 0.0, 0.0])
        for i, value in enumerate(count(tally, scales)):
            total[i] += each * value
    return {key: PeerTotal(*total) for key, total in sums.items() if total[0] >= FORGOTTEN}


def usable_peer_rates(others: Pool, rule: Rule) -> Rates | None:
    """Peers' rates, drawn towards the prior; None with too few officers or ratings to compare with."""
    if others.officers < rule.min_peers or others.n < rule.min_peer_ratings:
        return None
    weight_, (prior, wide_prior) = rule.prior_weight, rule.prior
    return (
        peer_rate(others.dissatisfied, others.n, prior, weight_),
        peer_rate(others.not_satisfied, others.n, wide_prior, weight_),
    )


def peer_rate(bad: float, n: float, prior: float, prior_weight: float) -> float:
    """(bad + weight·prior) / (n + weight)."""
    return (bad + prior_weight * prior) / (n + prior_weight)


def pools(totals: Totals) -> dict[int, Pool]:
    """Service → all of its officers' totals together."""
    sums: dict[int, list[float]] = defaultdict(lambda: [0, 0.0, 0.0, 0.0])
    for (service_id, _), total in sorted(totals.items()):
        pool = sums[service_id]
        pool[0] += 1
        for i, value in enumerate(total, start=1):
            pool[i] += value
    return {service_id: Pool(int(p[0]), *p[1:]) for service_id, p in sums.items()}


@dataclass(frozen=True, slots=True)
class PeerBook:
    """The frozen totals of successive Mondays, from `first` to `last`; answers for the weeks that these begin.

    pools: (Monday, service) → Pool of everybody. own: (Monday, service, officer) → that officer's part, which is
    taken off the pool; a server that folds one officer need only load this officer's.
    """

    pools: Mapping[tuple[date, int], Pool]
    own: Mapping[tuple[date, int, int], PeerTotal]
    first: date | None
    last: date | None
    rule_at: RuleAt = field(repr=False)

    @classmethod
    def from_totals(cls, frozen: Mapping[date, Totals], rule_at: RuleAt) -> "PeerBook":
        """The book of stored totals: Monday → (service, officer) → total. Mondays without totals may be left out."""
        everybody, own = {}, {}
        for monday, totals in frozen.items():
            everybody.update({(monday, service): pool for service, pool in pools(totals).items()})
            own.update({(monday, service, officer): total for (service, officer), total in totals.items()})
        return cls(everybody, own, min(frozen, default=None), max(frozen, default=None), rule_at)

    def rates(self, service_id: int, officer_id: int, day: date) -> Rates | None:
        """Rates of all other officers who do the service, as frozen on the Monday of `day`.

        None where there are too few of them, and for a service that is not known. Raises `PeersMissing` for a week
        after the last one frozen: without that, a server that forgot a Monday would silently judge nobody.
        """
        monday = monday_of(day)
        if self.last is not None and monday > self.last:
            raise PeersMissing(
                f"peers of the week of {monday} are not frozen, the last are of {self.last}; advance them"
            )
        pool = self.pools.get((monday, service_id))
        if pool is None or service_id == UNKNOWN_SERVICE:
            return None
        own = self.own.get((monday, service_id, officer_id))
        if own is not None:
            pool = Pool(
                pool.officers - 1,
                max(0.0, pool.n - own.n),
                max(0.0, pool.dissatisfied - own.dissatisfied),
                max(0.0, pool.not_satisfied - own.not_satisfied),
            )
        return usable_peer_rates(pool, self.rule_at(monday))


def frozen_totals(
    tallies: Iterable[DayTally], scales: Mapping[str, Scale], rule_at: RuleAt, *, until: date | None = None
) -> dict[date, dict[tuple[int, int], PeerTotal]]:
    """Monday → totals, from the week of the first tally to the one after the last (or to the week of `until`)."""
    weeks: dict[date, list[DayTally]] = defaultdict(list)
    for tally in tallies:
        weeks[monday_of(tally.day)].append(tally)
    if not weeks:
        return {}
    monday = min(weeks)
    end = max(weeks) + WEEK if until is None else max(monday, monday_of(until))
    frozen: dict[date, dict[tuple[int, int], PeerTotal]] = {monday: {}}
    while monday < end:
        following = monday + WEEK
        frozen[following] = advance(frozen[monday], weeks.get(monday, ()), scales, following, rule_at(following))
        monday = following
    return frozen


def frozen_peers(
    tallies: Iterable[DayTally], scales: Mapping[str, Scale], rule_at: RuleAt, *, until: date | None = None
) -> PeerBook:
    """The book of all Mondays from the tallies alone: what `advance`, week by week, comes to."""
    return PeerBook.from_totals(frozen_totals(tallies, scales, rule_at, until=until), rule_at)
