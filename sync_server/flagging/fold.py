"""The fold: an officer's tallies, day by day, to the evidence score M and its state.

Pure and re-run from the start whenever one of the officer's days changes: late data then equals data in time. It
can also go on from an earlier fold (`onto`), to the same end.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from survey.questionnaire import Scale
from sync_server.flagging.errors import FlaggingError
from sync_server.flagging.peers import PeerRates
from sync_server.flagging.rules import Rule, RuleAt
from sync_server.flagging.score import Bets, Rates, Side, bets, log_mean, log_plus_one
from sync_server.flagging.state import Reading, State, next_state
from sync_server.flagging.tally import Counts, DayTally, count, monday_of


class DayStep(NamedTuple):
    """One day of the score's path: what was rated, and M after it.

    n, dissatisfied, bad: counted ratings, those in the narrow and in the wide bad set. expected_bad: what peers
    would have had. log_factors: of the day, narrow and wide, after the cap. capped: whether the cap bit.
    new_week: whether 1 was added first. log_m_of: log M of the narrow and the wide set. state: after this day.
    """

    day: date
    n: int
    dissatisfied: int
    bad: int
    expected_bad: float
    new_week: bool
    log_factors: tuple[float, float]
    capped: bool
    log_m_of: tuple[float, float]
    log_m: float
    state: State


class Change(NamedTuple):
    """The state changed at the end of a day."""

    day: date
    was: State
    became: State


class ServiceSum(NamedTuple):
    """An officer's counted ratings in one service, beside what peers would have had, and the peers' last rates."""

    n: int
    dissatisfied: int
    bad: int
    expected_dissatisfied: float
    expected_bad: float
    rates: Rates


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Where the score stands after all days of `steps`, and how it came there.

    Sums go over counted ratings that have peers; `ignored` counts the others, by service. `bad` is of the wide set
    (not satisfied), as are `bad_days` and `expected_bad`. rule: the one in force on the last day; None for no days.
    """

    side: Side = Side.WORSE
    rule: Rule | None = None
    restart_after: date | None = None
    log_m_of: tuple[float, float] = (-math.inf, -math.inf)
    n: int = 0
    dissatisfied: int = 0
    bad: int = 0
    bad_days: int = 0
    expected_dissatisfied: float = 0.0
    expected_bad: float = 0.0
    state: State = State.INSUFFICIENT
    steps: tuple[DayStep, ...] = ()
    services: Mapping[int, ServiceSum] = field(default_factory=dict)
    ignored: Mapping[int, int] = field(default_factory=dict)
    last_day: date | None = None

    @property
    def log_m(self) -> float:
        """log M, the mean of both sets' M; −inf for M = 0."""
        return log_mean(*self.log_m_of)

    @property
    def m(self) -> float:
        """M itself, inf beyond what a float can hold."""
        return math.exp(self.log_m) if self.log_m < 709.0 else math.inf

    @property
    def changes(self) -> tuple[Change, ...]:
        """The days on which the state changed."""
        before = (State.INSUFFICIENT, *(step.state for step in self.steps))
        pairs = zip(before, self.steps, strict=False)
        return tuple(Change(step.day, was, step.state) for was, step in pairs if was is not step.state)


def fold(
    tallies: Iterable[DayTally],
    scales: Mapping[str, Scale],
    peers: PeerRates,
    rule_at: RuleAt,
    *,
    restart_after: date | None = None,
    until: date | None = None,
    side: Side = Side.WORSE,
    onto: Fold | None = None,
) -> Fold:
    """Fold one officer's tallies, in any order, into the score.

    restart_after: the day a case was closed: only later days count, M starts at 0 again. until: the last day that
    counts (the evidence as it stood then). onto: go on from that fold, with later days only; its side and restart
    stay. On the better side (praise) `state` stays what the gates say and never turns yellow or red.
    Raises `FlaggingError` for tallies of two officers, or of days that `onto` already holds.
    """
    walk = _Walk(onto or Fold(side=side, restart_after=restart_after), scales, peers, rule_at)
    after, rows = walk.start.restart_after, sorted(tallies)
    if rows and rows[0].officer_id != rows[-1].officer_id:
        raise FlaggingError(f"tallies of officers {rows[0].officer_id} and {rows[-1].officer_id}; fold each alone")
    rows.sort(key=attrgetter("day"))  # stable: within a day by service and scale, so that sums are always the same
    for day, of_day in groupby(rows, key=attrgetter("day")):
        if (after is None or day > after) and (until is None or day <= until):
            walk.take(day, of_day)
    return walk.done()


class _Walk:
    """The running sums of a fold; lives within one call of `fold`."""

    def __init__(self, start: Fold, scales: Mapping[str, Scale], peers: PeerRates, rule_at: RuleAt) -> None:
        self.start, self.scales, self.peers, self.rule_at = start, scales, peers, rule_at
        self.side, self.state, self.rule = start.side, start.state, start.rule
        self.log_narrow, self.log_wide = start.log_m_of
        self.n, self.bad, self.bad_days = start.n, start.bad, start.bad_days
        self.services = {service: _Sum(*total) for service, total in start.services.items()}
        self.ignored = dict(start.ignored)
        self.steps = list(start.steps)
        self.last_day = start.last_day
        self.active_week = monday_of(start.steps[-1].day) if start.steps else None
        self.week: date | None = None
        self.bets: dict[int, tuple[Rates, Bets] | None] = {}

    def take(self, day: date, tallies: Iterable[DayTally]) -> None:
        """Move over one day."""
        if self.last_day is not None and day <= self.last_day:
            raise FlaggingError(f"{day} is already folded (up to {self.last_day}); fold again from the start")
        self.last_day = day
        self._enter_week(day)
        n = dissatisfied = bad = 0
        expected = narrow = wide = 0.0
        for tally in tallies:
            counts = count(tally, self.scales)
            bet = self._bet(tally.officer_id, tally.service_id, day)
            if bet is None:
                self.ignored[tally.service_id] = self.ignored.get(tally.service_id, 0) + counts.n
                continue
            rates, logs = bet
            n, dissatisfied, bad = n + counts.n, dissatisfied + counts.dissatisfied, bad + counts.not_satisfied
            expected += counts.n * rates[1]
            narrow += counts.dissatisfied * logs[0] + (counts.n - counts.dissatisfied) * logs[1]
            wide += counts.not_satisfied * logs[2] + (counts.n - counts.not_satisfied) * logs[3]
            if tally.service_id not in self.services:
                self.services[tally.service_id] = _Sum()
            self.services[tally.service_id].add(counts, rates)
        if n:
            self._step(day, Counts(n, dissatisfied, bad), expected, narrow, wide)

    def _step(self, day: date, counts: Counts, expected: float, narrow: float, wide: float) -> None:
        rule = self.rule
        assert rule is not None  # set by _enter_week
        new_week = self.active_week != self.week
        if new_week:
            self.active_week = self.week
            self.log_narrow, self.log_wide = log_plus_one(self.log_narrow), log_plus_one(self.log_wide)
        cap = math.log(rule.day_cap)
        capped = narrow > cap or wide > cap
        narrow, wide = min(narrow, cap), min(wide, cap)
        self.log_narrow += narrow
        self.log_wide += wide
        self.n += counts.n
        self.bad += counts.not_satisfied
        self.bad_days += counts.not_satisfied > 0
        log_m = log_mean(self.log_narrow, self.log_wide)
        if self.side is Side.WORSE:
            self.state = next_state(self.state, Reading(log_m, self.n, self.bad, self.bad_days), rule)
        else:
            self.state = State.OK if self.n >= rule.min_ratings else State.INSUFFICIENT
        self.steps.append(
            DayStep(
                day, counts.n, counts.dissatisfied, counts.not_satisfied, expected, new_week, (narrow, wide), capped,
                (self.log_narrow, self.log_wide), log_m, self.state,
            )
        )  # fmt: skip

    def _enter_week(self, day: date) -> None:
        monday = monday_of(day)
        if monday != self.week:
            self.week, self.rule, self.bets = monday, self.rule_at(monday), {}

    def _bet(self, officer_id: int, service_id: int, day: date) -> tuple[Rates, Bets] | None:
        """Peers' rates and the bets on them, the same for all days of a week."""
        if service_id not in self.bets:
            rates = self.peers.rates(service_id, officer_id, day)
            assert self.rule is not None  # set by _enter_week
            self.bets[service_id] = None if rates is None else (rates, bets(rates, self.rule, self.side))
        return self.bets[service_id]

    def done(self) -> Fold:
        """The fold as a value."""
        services = {service: total.frozen() for service, total in sorted(self.services.items())}
        return Fold(
            side=self.side,
            rule=self.rule,
            restart_after=self.start.restart_after,
            log_m_of=(self.log_narrow, self.log_wide),
            n=self.n,
            dissatisfied=sum(total.dissatisfied for total in services.values()),
            bad=self.bad,
            bad_days=self.bad_days,
            expected_dissatisfied=sum(total.expected_dissatisfied for total in services.values()),
            expected_bad=sum(total.expected_bad for total in services.values()),
            state=self.state,
            steps=tuple(self.steps),
            services=services,
            ignored=dict(sorted(self.ignored.items())),
            last_day=self.last_day,
        )


@dataclass(slots=True)
class _Sum:
    """A `ServiceSum` while it grows."""

    n: int = 0
    dissatisfied: int = 0
    bad: int = 0
    expected_dissatisfied: float = 0.0
    expected_bad: float = 0.0
    rates: Rates = (0.0, 0.0)

    def add(self, counts: Counts, rates: Rates) -> None:
        self.n += counts.n
        self.dissatisfied += counts.dissatisfied
        self.bad += counts.not_satisfied
        self.expected_dissatisfied += counts.n * rates[0]
        self.expected_bad += counts.n * rates[1]
        self.rates = rates

    def frozen(self) -> ServiceSum:
        return ServiceSum(
            self.n, self.dissatisfied, self.bad, self.expected_dissatisfied, self.expected_bad, self.rates
        )
