"""The rules in common use, as they are used: month by month over an officer's ratings. They are here to be compared."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from benchmarks.world import MONTHS, Network, month_of
from sync_server.flagging.intervals import wilson
from sync_server.flagging.tally import DayTally, monday_of

Flagged = set[tuple[int, int]]
"""(officer, month) pairs."""

CUSUM_ODDS = 2.0
CUSUM_LIMIT = 4.5


@dataclass(slots=True)
class Month:
    """An officer's month: n, the sum of levels, dissatisfied, not satisfied, and n and dissatisfied by service."""

    n: int = 0
    levels: int = 0
    dissatisfied: int = 0
    not_satisfied: int = 0
    of_service: dict[int, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

    def add(self, tally: DayTally) -> None:
        n, bad = sum(tally.counts), sum(tally.counts[:2])
        self.n += n
        self.levels += sum(level * count for level, count in enumerate(tally.counts, start=1))
        self.dissatisfied += bad
        self.not_satisfied += bad + tally.counts[2]
        self.of_service[tally.service_id][0] += n
        self.of_service[tally.service_id][1] += bad


Months = dict[tuple[int, int], Month]


def months_of(network: Network) -> Months:
    """All officer-months with a rating in them."""
    months: Months = defaultdict(Month)
    for officer in network.tallies:
        for tally in network.judged(officer):
            months[officer, month_of(tally.day)].add(tally)
    return months


def mean_below(network: Network, months: Months) -> Flagged:
    """The mean of the month's levels is below 4.5."""
    return {key for key, month in months.items() if month.levels / month.n < 4.5}


def three_bad_a_week(network: Network, months: Months) -> Flagged:
    """A week with three dissatisfied ratings or more."""
    weeks: dict[tuple[int, date], int] = defaultdict(int)
    for officer in network.tallies:
        for tally in network.judged(officer):
            weeks[officer, monday_of(tally.day)] += sum(tally.counts[:2])
    return {(officer, month_of(monday)) for (officer, monday), bad in weeks.items() if bad >= 3}


def lowest_share(network: Network, months: Months) -> Flagged:
    """The lowest 5 % of the month's means: always somebody."""
    flagged: Flagged = set()
    for month in range(MONTHS):
        means = sorted((m.levels / m.n, officer) for (officer, at), m in months.items() if at == month)
        flagged |= {(officer, month) for _, officer in means[: round(0.05 * len(means))]}
    return flagged


def wilson_below(network: Network, months: Months) -> Flagged:
    """Wilson's lower bound of the satisfied share of the month is below 80 %."""
    return {key for key, month in months.items() if wilson(month.n - month.not_satisfied, month.n)[0] < 0.80}


def funnel(network: Network, months: Months) -> Flagged:
    """Dissatisfied ratings beyond 3 standard deviations of what the month's rates of the services let one expect."""
    sums: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for (_, at), month in months.items():
        for service, (n, bad) in month.of_service.items():
            sums[at, service][0] += n
            sums[at, service][1] += bad
    flagged: Flagged = set()
    for (officer, at), month in months.items():
        rates = [(n, sums[at, service][1] / sums[at, service][0]) for service, (n, _) in month.of_service.items()]
        expected = sum(n * p for n, p in rates)
        if month.dissatisfied > expected + 3.0 * math.sqrt(sum(n * p * (1.0 - p) for n, p in rates)):
            flagged.add((officer, at))
    return flagged


def cusum(network: Network, months: Months) -> Flagged:
    """A risk-adjusted CUSUM of twice the odds (Steiner et al. 2000), limit 4.5, started anew after each signal."""
    flagged: Flagged = set()
    for officer in network.tallies:
        total = 0.0
        for day, tallies in _by_day(network.judged(officer)):
            for tally in tallies:
                rates = network.book.rates(tally.service_id, officer, day)
                if rates is not None:
                    n, bad = sum(tally.counts), sum(tally.counts[:2])
                    total += bad * math.log(CUSUM_ODDS) - n * math.log1p(rates[0] * (CUSUM_ODDS - 1.0))
            total = max(0.0, total)
            if total > CUSUM_LIMIT:
                flagged.add((officer, month_of(day)))
                total = 0.0
    return flagged


def _by_day(tallies: Iterable[DayTally]) -> list[tuple[date, list[DayTally]]]:
    days: dict[date, list[DayTally]] = defaultdict(list)
    for tally in tallies:
        days[tally.day].append(tally)
    return sorted(days.items())


RULES: dict[str, Callable[[Network, Months], Flagged]] = {
    "mean < 4.5 a month": mean_below,
    ">= 3 bad a week": three_bad_a_week,
    "lowest 5 % a month": lowest_share,
    "Wilson lower bound < 80 %": wilson_below,
    "3 sigma funnel": funnel,
    "risk-adjusted CUSUM": cusum,
}
