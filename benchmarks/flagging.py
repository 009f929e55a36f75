"""The flagging rule beside the rules in common use, on simulated networks (docs/flagging.md, Numbers to reproduce).

    python -m benchmarks.flagging --networks 60

False flags are per 1,000 honest officer-months: red, the officers flagged (red stays until a person closes the case);
yellow, the times that it came on; the rules in common use, the months in which they would have flagged.
"""

import argparse
import math
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks import naive, stuffing
from benchmarks.world import (
    JUDGED_FROM,
    MONTH_DAYS,
    MONTHS,
    Network,
    is_land_specialist,
    is_within_tolerance,
    network,
    scales,
    shipped_rule,
)
from sync_server.flagging.fold import Fold, fold
from sync_server.flagging.rules import always
from sync_server.flagging.state import State
from sync_server.simulation import BAD_KINDS, SimulatedOfficer

OURS = "evidence score, red"
YELLOW = "evidence score, yellow"


@dataclass
class Group:
    """Honest officers of one sort: their officer-months, and the false flags of each rule in them."""

    months: int = 0
    flags: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def rate(self, rule: str) -> float:
        """False flags per 1,000 officer-months."""
        return 1000.0 * self.flags[rule] / self.months if self.months else math.nan


@dataclass
class Chase:
    """Officers of one bad kind: ratings until each colour (inf where it never came), and red within half a year."""

    to_yellow: list[float] = field(default_factory=list)
    to_red: list[float] = field(default_factory=list)
    red_in_half_a_year: list[bool] = field(default_factory=list)


@dataclass
class Results:
    """All that was counted over the networks."""

    groups: dict[str, Group] = field(default_factory=lambda: defaultdict(Group))
    chases: dict[str, Chase] = field(default_factory=lambda: defaultdict(Chase))
    found_chronic: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    fold_ms: list[float] = field(default_factory=list)


def main(networks: int = 20, attacked: int = 3) -> Results:
    """Simulate, judge and print. attacked: officers a network in each row of the table of stuffing."""
    rule, known_scales, results = shipped_rule(), scales(), Results()
    stuffed: dict[str, list[stuffing.Outcome]] = defaultdict(list)
    started = time.perf_counter()
    for seed in range(networks):
        one = network(seed, rule, known_scales)
        judge(one, results)
        for name, outcomes in stuffing.attack(one, random.Random(1_000_000 + seed), attacked).items():
            stuffed[name] += outcomes
    print(f"\nFlagging: {networks} simulated networks, {MONTHS} months, rule {rule.version}")
    print_false_flags(results)
    print_chases(results)
    stuffing.print_table(stuffed)
    print_targets(results)
    print(f"({time.perf_counter() - started:.0f} s)")
    return results


def judge(one: Network, results: Results) -> None:
    """Run every rule over one network."""
    months = naive.months_of(one)
    flagged = {name: rule(one, months) for name, rule in naive.RULES.items()}
    for officer in one.officers:
        rows = one.judged(officer.index)
        before = time.process_time()
        folded = fold(rows, one.scales, one.book, always(one.rule))
        if rows:
            results.fold_ms.append(1000.0 * (time.process_time() - before) * 12 / MONTHS)
        if officer.kind is None:
            counted = {name: sum((officer.index, m) in found for m in range(MONTHS)) for name, found in flagged.items()}
            became = [change.became for change in folded.changes]
            counted[OURS] = became.count(State.FLAG)
            counted[YELLOW] = became.count(State.WATCH)
            for group in groups_of(officer, one):
                results.groups[group].months += MONTHS
                for name, n in counted.items():
                    results.groups[group].flags[name] += n
        else:
            chase(officer, folded, results.chases[officer.kind.name])
            if officer.kind.name == "chronic":
                for name, found in flagged.items():
                    results.found_chronic[name].append(any((officer.index, m) in found for m in range(6)))


def groups_of(officer: SimulatedOfficer, one: Network) -> list[str]:
    """The sorts of honest officers that one belongs to."""
    groups = ["all"]
    if is_within_tolerance(officer, one.rule):
        groups.append("within tolerance")
    if is_land_specialist(officer):
        groups.append("land")
    if officer.mix[0] >= 0.5:
        groups.append("copies")
    return groups


def chase(officer: SimulatedOfficer, folded: Fold, into: Chase) -> None:
    """Count the ratings from the first bad day on until yellow and until red."""
    assert officer.bad_from is not None
    since = max(officer.bad_from, JUDGED_FROM)
    before = next((s.state for s in reversed(folded.steps) if s.day < since), State.INSUFFICIENT)
    if before is State.FLAG:
        return  # flagged while still honest: a false flag, no find
    seen, yellow, red, soon = 0, math.inf, math.inf, False
    for step in folded.steps:
        if step.day < since:
            continue
        seen += step.n
        if step.state in (State.WATCH, State.FLAG):
            yellow = min(yellow, seen)
        if step.state is State.FLAG and red == math.inf:
            red, soon = seen, (step.day - since).days <= 6 * MONTH_DAYS
    into.to_yellow.append(yellow)
    into.to_red.append(red)
    into.red_in_half_a_year.append(soon)


def print_false_flags(results: Results) -> None:
    """Each rule's false flags, for all honest officers and some sorts of them, and how often it finds a bad one."""
    groups = ("all", "within tolerance", "land", "copies")
    print("\nFalse flags per 1,000 honest officer-months; chronic 4x officers found within 6 months")
    print(f"{'':28}" + "".join(f"{group:>18}" for group in groups) + f"{'chronic found':>16}")
    chronic = results.chases["chronic"]
    found = {name: share(marks) for name, marks in results.found_chronic.items()}
    found[OURS] = share(chronic.red_in_half_a_year)
    for name in (*naive.RULES, YELLOW, OURS):
        rates = "".join(f"{results.groups[group].rate(name):18.2f}" for group in groups)
        print(f"{name:28}{rates}" + (f"{100 * found[name]:14.0f} %" if name in found else ""))
    print(f"{'officer-months':28}" + "".join(f"{results.groups[group].months:18,}" for group in groups))


def print_chases(results: Results) -> None:
    """Ratings until yellow and red for each bad kind."""
    print("\nBad officers: median ratings until yellow and red, red within 6 months")
    for kind in BAD_KINDS:
        c = results.chases[kind.name]
        soon = 100 * share(c.red_in_half_a_year)
        print(f"{kind.name:10} x{kind.odds:<5g}{middle(c.to_yellow):10.0f}{middle(c.to_red):10.0f}{soon:8.0f} %")


def print_targets(results: Results) -> None:
    """The figures that docs/flagging.md asks for, beside what came out."""
    print("\nNumbers to reproduce")
    for name, value, limit, is_most in targets(results):
        verdict = "reached" if is_reached(name, value, limit, is_most) else "MISSED"
        print(f"{name:52}{value:9.2f}  {'<=' if is_most else '>='} {limit:7.2f}  {verdict}")


def targets(results: Results) -> list[tuple[str, float, float, bool]]:
    """(what, value, limit, whether the limit is a most)."""
    groups, chases = results.groups, results.chases
    return [
        ("red, false per 1,000 officer-months", groups["all"].rate(OURS), 1.0, True),
        ("red, officers within tolerance", groups["within tolerance"].rate(OURS), 0.2, True),
        ("red, land specialists", groups["land"].rate(OURS), 2.5, True),
        ("yellow, false per 1,000 officer-months", groups["all"].rate(YELLOW), 12.0, True),
        ("chronic 4x, median ratings to yellow", middle(chases["chronic"].to_yellow), 130.0, True),
        ("chronic 4x, median ratings to red", middle(chases["chronic"].to_red), 260.0, True),
        ("chronic 4x, red within 6 months, %", 100 * share(chases["chronic"].red_in_half_a_year), 60.0, False),
        ("gross 10x, median ratings to red", middle(chases["gross"].to_red), 70.0, True),
        ("fold of an officer-year, median CPU ms", middle(results.fold_ms), 5.0, True),
    ]


def is_reached(name: str, value: float, limit: float, is_most: bool) -> bool:
    """Whether a target is met; nan, a figure of nothing, never is."""
    return value <= limit if is_most else value >= limit


def share(marks: Iterable[bool]) -> float:
    """The share of true marks, nan of none."""
    told = list(marks)
    return sum(told) / len(told) if told else math.nan


def middle(values: Sequence[float]) -> float:
    """The median, nan of none."""
    return median(values) if values else math.nan


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The flagging rule beside the rules in common use.")
    parser.add_argument("--networks", type=int, default=20, help="how many networks to simulate (default: 20)")
    done = main(parser.parse_args(sys.argv[1:]).networks)
    sys.exit(0 if all(is_reached(*target) for target in targets(done)) else 1)
