"""A simulated network of officers and what citizens say of them: the world of docs/flagging.md, its last paragraph.

The benchmark judges the flagging rule by it, and the demo shows it. Standard library only; all chance comes from
the `random.Random` given, so that a seed makes the same world again.

Where the document leaves a number open, this world takes: levels by proportional odds (one shift on the log odds
moves every level of a service); *not satisfied* 2.2 times the rate of *dissatisfied*, as in the shared vectors;
a negative binomial of size 4 for the ratings of a day; Dirichlet weights 0.5 for each of the five services; an
outage takes a whole commune for a day; offices are open Monday to Friday. `below_top`, the ratings of level 4, moves no
flag of ours: of 0.14, 0.08, 0.05 and 0.02 tried, 0.05 keeps levels plausible and "mean < 4.5" near to what is told.
"""

import math
import random
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, groupby
from operator import attrgetter
from typing import NamedTuple

LEVELS = 5
OPEN_S = (27_000, 41_400, 48_600, 61_200)
"""Opening hours in seconds of the day: 7:30–11:30 and 13:30–17:00."""


@dataclass(frozen=True, slots=True)
class SimulatedService:
    """A kind of service and the share of dissatisfied ratings that honest officers get in it."""

    name: str
    dissatisfied: float


SERVICES = (
    SimulatedService("copies", 0.010),
    SimulatedService("civil_status", 0.020),
    SimulatedService("social", 0.030),
    SimulatedService("business", 0.035),
    SimulatedService("land", 0.080),
)


@dataclass(frozen=True, slots=True)
class BadKind:
    """A kind of bad officer. odds: times the odds of a bad rating. abrupt: only from a day within the period on.

    mean: ratings a day, where that is what makes the kind hard to see.
    """

    name: str
    odds: float
    abrupt: bool = False
    mean: float | None = None


BAD_KINDS = (
    BadKind("chronic", 4.0),
    BadKind("abrupt", 4.0, abrupt=True),
    BadKind("gross", 10.0),
    BadKind("rare", 4.0, mean=1.0),
    BadKind("mild", 2.5),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The numbers of a network. Days go from `first_day` to `last_day`, both within; `judged_from` ends the warm-up."""

    first_day: date
    last_day: date
    judged_from: date
    communes: int = 16
    officers_min: int = 3
    officers_max: int = 10
    services: tuple[SimulatedService, ...] = SERVICES
    bad_kinds: tuple[BadKind, ...] = BAD_KINDS
    median_ratings: float = 6.0
    spread_ratings: float = 0.87  # standard deviation of log mean: 5–95 % from 1.4 to 25
    day_size: float = 4.0
    absence: float = 0.08
    mix: float = 0.5
    officer_spread: float = 0.30
    commune_spread: float = 0.15
    outage: float = 0.02
    outage_odds: float = 3.0
    wide_ratio: float = 2.2
    worst_ratio: float = 0.35
    below_top: float = 0.05
    dossier_share: float = 0.7


@dataclass(frozen=True, slots=True)
class SimulatedOfficer:
    """An officer. shift: on the log odds of every service; kind: None for honest; bad_from: since when."""

    index: int
    commune: int
    mean: float
    mix: tuple[float, ...]
    shift: float
    kind: BadKind | None = None
    bad_from: date | None = None


class SimulatedDay(NamedTuple):
    """What an officer's citizens said in one service on one day. counts: one number a level, the worst first."""

    officer: int
    commune: int
    service: int
    day: date
    counts: tuple[int, ...]


class SimulatedRating(NamedTuple):
    """One rating. second_of_day: within opening hours; all numbers of officers, services, communes count from 0."""

    officer: int
    service: int
    commune: int
    day: date
    second_of_day: int
    level: int
    has_dossier: bool


def level_chances(world: World, service: SimulatedService, shift: float) -> tuple[float, ...]:
    """P(level ≤ 1), P(≤ 2), … P(≤ 4) in a service, with every log odds moved by `shift`."""
    narrow = service.dissatisfied
    wide = world.wide_ratio * narrow
    base = (world.worst_ratio * narrow, narrow, wide, wide + world.below_top)
    ratio = math.exp(shift)
    return tuple(ratio * p / (1.0 - p + ratio * p) for p in base)


def cast(world: World, rng: random.Random) -> list[SimulatedOfficer]:
    """The officers of a network: honest ones, and one of each bad kind in places drawn by chance."""
    officers: list[SimulatedOfficer] = []
    for commune in range(world.communes):
        of_commune = rng.gauss(0.0, world.commune_spread)
        for _ in range(rng.randint(world.officers_min, world.officers_max)):
            mean = world.median_ratings * math.exp(rng.gauss(0.0, world.spread_ratings))
            shift = of_commune + rng.gauss(0.0, world.officer_spread)
            officers.append(SimulatedOfficer(len(officers), commune, mean, _mix(world, rng), shift))
    for kind, place in zip(world.bad_kinds, rng.sample(range(len(officers)), len(world.bad_kinds)), strict=True):
        officers[place] = _turned_bad(officers[place], kind, world, rng)
    return officers


def _mix(world: World, rng: random.Random) -> tuple[float, ...]:
    """Shares of the services in an officer's work: Dirichlet, so that most do one or two."""
    parts = [rng.gammavariate(world.mix, 1.0) + 1e-12 for _ in world.services]
    return tuple(part / sum(parts) for part in parts)


def _turned_bad(officer: SimulatedOfficer, kind: BadKind, world: World, rng: random.Random) -> SimulatedOfficer:
    """The same officer with bad odds on top; an abrupt one turns within the middle third of the judged period."""
    since = world.first_day
    if kind.abrupt:
        days = (world.last_day - world.judged_from).days
        since = world.judged_from + timedelta(days=rng.randint(days // 3, 2 * days // 3))
    mean = officer.mean if kind.mean is None else kind.mean
    return SimulatedOfficer(officer.index, officer.commune, mean, officer.mix, officer.shift, kind, since)


def simulate_days(world: World, officers: Sequence[SimulatedOfficer], rng: random.Random) -> Iterator[SimulatedDay]:
    """What was said, day by day, in order of time: fast, since single ratings are not made."""
    chances = _Chances(world)
    day = world.first_day
    while day <= world.last_day:
        if day.weekday() < 5:
            out = [rng.random() < world.outage for _ in range(world.communes)]
            for officer in officers:
                if rng.random() >= world.absence:
                    shift = _shift(officer, day) + (chances.outage if out[officer.commune] else 0.0)
                    yield from _officer_day(officer, day, shift, chances, rng)
        day += timedelta(days=1)


def simulate(world: World, officers: Sequence[SimulatedOfficer], rng: random.Random) -> Iterator[SimulatedRating]:
    """Every single rating, in order of time. Days are those of `simulate_days`; a year of a network takes seconds."""
    for day, said_today in groupby(simulate_days(world, officers, rng), key=attrgetter("day")):
        yield from sorted(
            (
                SimulatedRating(
                    said.officer,
                    said.service,
                    said.commune,
                    day,
                    _second(rng),
                    level,
                    rng.random() < world.dossier_share,
                )
                for said in said_today
                for level, n in enumerate(said.counts, start=1)
                for _ in range(n)
            ),
            key=attrgetter("second_of_day", "officer"),
        )


class _Chances:
    """The cumulated chances of levels in each service, made once for each shift that occurs."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.outage = math.log(world.outage_odds)
        self._known: dict[float, list[tuple[float, ...]]] = {}

    def levels(self, shift: float) -> list[tuple[float, ...]]:
        if shift not in self._known:
            self._known[shift] = [level_chances(self.world, service, shift) for service in self.world.services]
        return self._known[shift]


def _shift(officer: SimulatedOfficer, day: date) -> float:
    if officer.kind is None or officer.bad_from is None or day < officer.bad_from:
        return officer.shift
    return officer.shift + math.log(officer.kind.odds)


def _officer_day(
    officer: SimulatedOfficer, day: date, shift: float, chances: _Chances, rng: random.Random
) -> Iterator[SimulatedDay]:
    levels, mix = chances.levels(shift), list(accumulate(officer.mix[:-1]))
    counts: dict[int, list[int]] = {}
    draw = rng.random
    for _ in range(_negative_binomial(officer.mean, chances.world.day_size, rng)):
        service = bisect(mix, draw())
        if service not in counts:
            counts[service] = [0] * LEVELS
        counts[service][bisect(levels[service], draw())] += 1
    for service in sorted(counts):
        yield SimulatedDay(officer.index, officer.commune, service, day, tuple(counts[service]))


def _negative_binomial(mean: float, size: float, rng: random.Random) -> int:
    """A Poisson count whose mean is itself drawn, by Gamma(size): variance mean + mean²/size."""
    left = math.exp(-min(rng.gammavariate(size, mean / size), 600.0))  # beyond that exp would be 0
    n, product = 0, rng.random()
    while product > left:
        n += 1
        product *= rng.random()
    return n


def _second(rng: random.Random) -> int:
    morning = OPEN_S[1] - OPEN_S[0]
    second = rng.randrange(morning + OPEN_S[3] - OPEN_S[2])
    return OPEN_S[0] + second if second < morning else OPEN_S[2] + second - morning
