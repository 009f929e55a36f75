"""Simulated networks for the benchmark of the flagging rule: the last paragraph of docs/flagging.md."""

import math
import random
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from survey import resources
from survey.questionnaire import Scale, read_scales
from sync_server.flagging.peers import PeerBook, frozen_peers
from sync_server.flagging.rules import Rule, always, read_rules
from sync_server.flagging.tally import DayTally
from sync_server.simulation import BAD_KINDS, SimulatedOfficer, World, cast, simulate_days

SCALE = "hl5"
FIRST_DAY = date(2024, 1, 1)
JUDGED_FROM = date(2024, 1, 29)
LAST_DAY = date(2025, 7, 27)
MONTHS = 18
MONTH_DAYS = (LAST_DAY - JUDGED_FROM).days / MONTHS
WORLD = World(first_day=FIRST_DAY, last_day=LAST_DAY, judged_from=JUDGED_FROM)
LAND = len(WORLD.services) - 1
CHRONIC = BAD_KINDS[0]
SPECIALIST = 0.5


def month_of(day: date) -> int:
    """The month of the judged period, 0 … 17: eighteenths of it, so that all are equally long."""
    return min(MONTHS - 1, int((day - JUDGED_FROM).days / MONTH_DAYS))


def scales() -> dict[str, Scale]:
    """The shipped scales."""
    return read_scales(resources.config() / "scales.toml")


def shipped_rule() -> Rule:
    """The newest rule in `config/rules.toml`."""
    return read_rules(resources.config() / "rules.toml").versions[-1]


@dataclass(frozen=True)
class Network:
    """One simulated network. tallies: of the whole time, by officer; service s of the world is service s + 1 here."""

    officers: tuple[SimulatedOfficer, ...]
    tallies: dict[int, list[DayTally]]
    rule: Rule
    scales: dict[str, Scale]

    @cached_property
    def book(self) -> PeerBook:
        """Peers, estimated from this same contaminated pool."""
        return frozen_peers((t for rows in self.tallies.values() for t in rows), self.scales, always(self.rule))

    def judged(self, officer: int) -> list[DayTally]:
        """An officer's tallies after the warm-up."""
        return [tally for tally in self.tallies[officer] if tally.day >= JUDGED_FROM]

    @property
    def honest(self) -> list[SimulatedOfficer]:
        """All officers who are not of a bad kind."""
        return [officer for officer in self.officers if officer.kind is None]


def network(seed: int, rule: Rule, known_scales: dict[str, Scale], world: World = WORLD) -> Network:
    """Make the network of a seed."""
    rng = random.Random(seed)
    officers = cast(world, rng)
    tallies: dict[int, list[DayTally]] = defaultdict(list)
    for said in simulate_days(world, officers, rng):
        tallies[said.officer].append(DayTally(said.officer, said.service + 1, said.day, SCALE, said.counts))
    return Network(tuple(officers), tallies, rule, known_scales)


def is_within_tolerance(officer: SimulatedOfficer, rule: Rule) -> bool:
    """Whether an officer's true odds are at most the tolerance times those of an average honest officer."""
    return officer.shift <= math.log(rule.tolerance)


def is_land_specialist(officer: SimulatedOfficer) -> bool:
    """Whether at least half of an officer's work is land."""
    return officer.mix[LAND] >= SPECIALIST


def newcomer(of: Network, rng: random.Random, *, bad: bool) -> SimulatedOfficer:
    """One more officer of a network, with the work of an honest one there; bad: with 4× the odds, from the start on."""
    model = rng.choice(of.honest)
    index = len(of.officers)
    officer = replace(model, index=index, mean=WORLD.median_ratings, shift=0.0)
    return replace(officer, kind=CHRONIC, bad_from=FIRST_DAY) if bad else officer


def after(day: date, days: int) -> date:
    """The day that many days later."""
    return day + timedelta(days=days)
