"""The rule reproduces the shared vectors, checked elsewhere against scipy, statsmodels or brute force."""

import json
import math
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sync_server.flagging.counted import dedupe
from sync_server.flagging.fold import fold
from sync_server.flagging.integrity import longest_run_sf, short_gap_p
from sync_server.flagging.intervals import funnel_limits, jeffreys, wilson
from sync_server.flagging.peers import PeerBook, PeerTotal, peer_rate
from sync_server.flagging.rules import Rule
from sync_server.flagging.score import Rates, bet_factors, null_rate, odds_shift
from sync_server.flagging.state import Reading, State, decide, next_state
from sync_server.flagging.tally import DayTally
from tests.sync_server.flagging.builders import MONDAY, RULE, SCALES, always

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))


class RatesByService:
    """Peers whose rates were told: each pair of rates is a service of its own."""

    def __init__(self) -> None:
        self.known: list[Rates | None] = [None]

    def number(self, rates: list[float] | None) -> int:
        pair = None if rates is None else (rates[0], rates[1])
        if pair not in self.known:
            self.known.append(pair)
        return self.known.index(pair)

    def rates(self, service_id: int, officer_id: int, day: date) -> Rates | None:
        return self.known[service_id]


def score_path(name: str, ratings: list[Any]) -> list[Any]:
    """Single ratings [week, day, level, rates], folded by day; days count on within the weeks."""
    peers, counts = RatesByService(), Counter[tuple[date, int, int]]()
    for week, day, level, rates in ratings:
        counts[MONDAY + timedelta(days=7 * week + day % 5), peers.number(rates), level] += 1
    tallies = [
        DayTally(1, service, day, "hl5", tuple(n if i == level else 0 for i in range(1, 6)))
        for (day, service, level), n in counts.items()
    ]
    folded = fold(tallies, SCALES, peers, always(RULE))
    return [folded.m, folded.n, folded.bad, folded.bad_days, decide(folded, RULE)]


def usable(totals: dict[str, Any], officer: str) -> Rates | None:
    frozen = {(1, ord(name)): PeerTotal(n, *bad) for name, (n, bad) in totals.items()}
    return PeerBook.from_totals({MONDAY: frozen}, always(RULE)).rates(1, ord(officer), MONDAY)


def smoothed(bad: float, n: float, own_bad: float, own_n: float, prior: float, weight: float) -> float:
    return peer_rate(bad - own_bad, n - own_n, prior, weight)


def reading(told: dict[str, Any]) -> Reading:
    return Reading(math.log(told["M"]), told["n"], told["bad"], told["bad_days"])


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "odds_shift": odds_shift,
    "null_rate": lambda p: null_rate(p, RULE),
    "bet_factors": lambda p: bet_factors(p, RULE),
    "peer_rate": smoothed,
    "usable_peer_rates": usable,
    "score_path": score_path,
    "next_state": lambda was, told: next_state(State(was), reading(told), RULE),
    "decide": lambda told: decide(reading(told), RULE),
    "wilson": wilson,
    "jeffreys": jeffreys,
    "funnel_limits": funnel_limits,
    "dedupe": dedupe,
    "short_gap_p": short_gap_p,
    "longest_run_sf": longest_run_sf,
}


@pytest.mark.parametrize("vector", VECTORS, ids=[f"{v['id']} {v['fn']}" for v in VECTORS])
def test_the_vector_is_reproduced(vector: dict[str, Any]) -> None:
    found = FUNCTIONS[vector["fn"]](*vector["args"])
    expected = vector["expect"]
    for one, other in zip(*(v if isinstance(v, (list, tuple)) else [v] for v in (found, expected)), strict=True):
        if isinstance(other, float):  # relative: one expected value is 6e-18, which any absolute tolerance would pass
            assert one == pytest.approx(other, rel=1e-9, abs=0.0)
        else:
            assert one == other


def test_the_vectors_speak_of_the_default_rule() -> None:
    assert Rule(version=RULE.version, effective=RULE.effective, source=RULE.source) == RULE
