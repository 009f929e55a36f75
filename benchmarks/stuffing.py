"""Who can hide a bad officer, or hurt an honest one, with ratings that are not real: with and without dossiers.

*Without the link* no rating has a dossier, and of a burst the first counts. *With the link* only ratings that are tied
to a dossier count: 70 % of the real ones, none of the false ones.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from benchmarks.world import JUDGED_FROM, SCALE, WORLD, Network, after, month_of, newcomer
from sync_server.flagging.counted import Touch, dedupe
from sync_server.flagging.fold import fold
from sync_server.flagging.integrity import IntegrityRule, run_alert, timing_alert
from sync_server.flagging.rules import always
from sync_server.flagging.state import State
from sync_server.flagging.tally import DayTally
from sync_server.simulation import LEVELS, SimulatedRating, simulate

BURST_GAP_S = 30.0
TOP = LEVELS
INTEGRITY = IntegrityRule()
Days = dict[date, list[SimulatedRating]]
Forge = Callable[[Days, random.Random], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one officer: the worst colour without and with the link, and whether an alert was raised."""

    without_link: State
    with_link: State
    timing_alert: bool
    run_alert: bool


def forged(like: SimulatedRating, second: int, level: int) -> SimulatedRating:
    """A rating that is not real: no dossier."""
    return like._replace(second_of_day=second, level=level, has_dossier=False)


def nothing(days: Days, rng: random.Random) -> None:
    """Real ratings only."""


def pressed(days: Days, rng: random.Random) -> None:
    """Twenty top marks a day, pressed one after the other at closing time."""
    for ratings in days.values():
        second = 60_000
        for _ in range(20):
            second += rng.randint(4, 9)
            ratings.append(forged(ratings[0], second, TOP))


def dripped(days: Days, rng: random.Random) -> None:
    """Ten top marks a day, one now and then."""
    for ratings in days.values():
        ratings += [forged(ratings[0], rng.randrange(27_000, 61_000), TOP) for _ in range(10)]


def prank(days: Days, rng: random.Random) -> None:
    """Ten worst marks on one day, a minute apart, so that no burst filter sees them."""
    ratings = days[rng.choice(sorted(days)[20:-20])]
    ratings += [forged(ratings[0], 50_000 + 60 * i, 1) for i in range(10)]


def grudge(days: Days, rng: random.Random) -> None:
    """One worst mark each day for a quarter, by the same hand."""
    start = after(JUDGED_FROM, rng.randint(60, 300))
    for day, ratings in days.items():
        if start <= day < start + timedelta(days=90):
            ratings.append(forged(ratings[0], rng.randrange(27_000, 61_000), 1))


ATTACKS: dict[str, tuple[bool, Forge]] = {
    "bad officer (x4), no stuffing": (True, nothing),
    "bad officer, 20 fake top marks a day": (True, pressed),
    "bad officer, 10 fake ones dripped": (True, dripped),
    "honest officer, left alone": (False, nothing),
    "honest officer, a prankster's ten": (False, prank),
    "honest officer, a grudge of one a day": (False, grudge),
}


def attack(network: Network, rng: random.Random, officers: int) -> dict[str, list[Outcome]]:
    """Play each attack on newcomers to a network, whose peers stay as they are."""
    usual = usual_levels(network)
    return {
        name: [_outcome(network, rng, is_bad, forge, usual) for _ in range(officers)]
        for name, (is_bad, forge) in ATTACKS.items()
    }


def usual_levels(network: Network) -> dict[int, float]:
    """How often each level is given in the network."""
    sums = [sum(t.counts[i] for rows in network.tallies.values() for t in rows) for i in range(LEVELS)]
    return {level: n / sum(sums) for level, n in enumerate(sums, start=1)}


def print_table(stuffed: dict[str, list[Outcome]]) -> None:
    """Shares of officers in per cent."""
    print("\nStuffing: % of officers at least yellow / red, without and with the dossier link; % with an alert")
    print(f"{'':40}{'without':>14}{'with':>14}{'timing':>9}{'run':>6}")
    for name, outcomes in stuffed.items():
        n = len(outcomes)
        colours = [_colours([o.without_link for o in outcomes]), _colours([o.with_link for o in outcomes])]
        timing = 100 * sum(o.timing_alert for o in outcomes) / n
        runs = 100 * sum(o.run_alert for o in outcomes) / n
        print(f"{name:40}" + "".join(f"{c:>14}" for c in colours) + f"{timing:9.0f}{runs:6.0f}")


def _colours(states: Sequence[State]) -> str:
    red = sum(state is State.FLAG for state in states)
    yellow = red + sum(state is State.WATCH for state in states)
    return f"{100 * yellow / len(states):.0f} / {100 * red / len(states):.0f}"


def _outcome(network: Network, rng: random.Random, is_bad: bool, forge: Forge, usual: dict[int, float]) -> Outcome:
    officer = newcomer(network, rng, bad=is_bad)
    days: Days = {}
    for rating in simulate(WORLD, [officer], rng):
        if rating.day >= JUDGED_FROM:
            days.setdefault(rating.day, []).append(rating)
    forge(days, rng)
    in_order = {day: sorted(ratings, key=lambda rating: rating.second_of_day) for day, ratings in days.items()}
    return Outcome(
        _worst(network, [r for ratings in in_order.values() for r in _counted(ratings)]),
        _worst(network, [r for ratings in in_order.values() for r in ratings if r.has_dossier]),
        any(timing_alert([float(r.second_of_day) for r in ratings], INTEGRITY) for ratings in in_order.values()),
        any(run_alert(levels, usual, INTEGRITY) for levels in _by_month(in_order)),
    )


def _counted(ratings: list[SimulatedRating]) -> list[SimulatedRating]:
    touches = [Touch(float(rating.second_of_day), rating.level, None) for rating in ratings]
    return [ratings[place] for place in dedupe(touches, BURST_GAP_S)]


def _by_month(days: Days) -> list[list[int]]:
    months: dict[int, list[int]] = {}
    for day, ratings in sorted(days.items()):
        months.setdefault(month_of(day), []).extend(rating.level for rating in ratings)
    return list(months.values())


def _worst(network: Network, ratings: list[SimulatedRating]) -> State:
    """The worst state that an officer with these ratings ever was in."""
    counts = Counter((r.officer, r.service + 1, r.day, r.level) for r in ratings)
    tallies = [
        DayTally(officer, service, day, SCALE, tuple(n if i == level else 0 for i in range(1, LEVELS + 1)))
        for (officer, service, day, level), n in counts.items()
    ]
    states = [step.state for step in fold(tallies, network.scales, network.book, always(network.rule)).steps]
    return max(states, key=list(State).index, default=State.INSUFFICIENT)
