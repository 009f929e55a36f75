"""The simulated world is the one described: rates, volumes, places of the bad; the same again from the same seed."""

import random
from collections import Counter
from datetime import date
from statistics import median

import pytest

from sync_server.simulation import (
    OPEN_S,
    SERVICES,
    SimulatedOfficer,
    World,
    cast,
    level_chances,
    simulate,
    simulate_days,
)

WORLD = World(first_day=date(2025, 1, 6), last_day=date(2025, 2, 28), judged_from=date(2025, 2, 1), communes=4)

TOWN = World(first_day=WORLD.first_day, last_day=WORLD.last_day, judged_from=WORLD.judged_from)


def test_a_seed_makes_the_same_world_again() -> None:
    def told(seed: int) -> list[object]:
        rng = random.Random(seed)
        officers = cast(WORLD, rng)
        return [officers, list(simulate(WORLD, officers, rng))]

    assert told(1) == told(1)
    assert told(1) != told(2)


def test_officers_are_as_described() -> None:
    officers = [officer for seed in range(20) for officer in cast(TOWN, random.Random(seed))]
    sizes = [
        size for seed in range(20) for size in Counter(o.commune for o in cast(TOWN, random.Random(seed))).values()
    ]
    assert (min(sizes), max(sizes), len(sizes)) == (3, 10, 320)
    assert len(officers) / 20 == pytest.approx(104, rel=0.05)
    assert median(o.mean for o in officers) == pytest.approx(6.0, rel=0.1)
    assert Counter(o.kind.name for o in officers if o.kind) == dict.fromkeys(
        ("chronic", "abrupt", "gross", "rare", "mild"), 20
    )
    assert all(sum(o.mix) == pytest.approx(1.0) for o in officers)
    assert all(WORLD.first_day <= o.bad_from for o in officers if o.bad_from)


def test_honest_officers_get_the_rates_of_their_services() -> None:
    world = World(
        first_day=date(2024, 1, 1), last_day=date(2024, 12, 31), judged_from=date(2024, 1, 1), outage=0.0, communes=1
    )
    even = [SimulatedOfficer(i, 0, 40.0, (0.2,) * 5, 0.0) for i in range(5)]
    n, narrow, wide = Counter[int](), Counter[int](), Counter[int]()
    for said in simulate_days(world, even, random.Random(3)):
        n[said.service] += sum(said.counts)
        narrow[said.service] += sum(said.counts[:2])
        wide[said.service] += sum(said.counts[:3])
    for index, service in enumerate(SERVICES):
        assert narrow[index] / n[index] == pytest.approx(service.dissatisfied, rel=0.25)
        assert wide[index] / n[index] == pytest.approx(2.2 * service.dissatisfied, rel=0.2)


def test_a_bad_officer_has_four_times_the_odds() -> None:
    service = SERVICES[2]
    honest, bad = (level_chances(TOWN, service, shift) for shift in (0.0, 1.3862943611198906))
    for one, other in zip(honest, bad, strict=True):
        assert other / (1 - other) == pytest.approx(4 * one / (1 - one))


def test_ratings_come_in_order_on_working_days_within_opening_hours() -> None:
    rng = random.Random(5)
    officers = cast(WORLD, rng)
    ratings = list(simulate(WORLD, officers, rng))
    assert ratings
    assert [(r.day, r.second_of_day) for r in ratings] == sorted((r.day, r.second_of_day) for r in ratings)
    assert all(r.day.weekday() < 5 for r in ratings)
    a, b, c, d = OPEN_S
    assert all(a <= r.second_of_day < b or c <= r.second_of_day < d for r in ratings)
    assert {r.level for r in ratings} == {1, 2, 3, 4, 5}
    assert sum(r.has_dossier for r in ratings) / len(ratings) == pytest.approx(WORLD.dossier_share, abs=0.05)


def test_an_abrupt_officer_is_honest_until_the_day() -> None:
    officers = cast(TOWN, random.Random(7))
    (abrupt,) = [o for o in officers if o.kind and o.kind.name == "abrupt"]
    assert abrupt.bad_from is not None
    assert TOWN.judged_from < abrupt.bad_from < TOWN.last_day
