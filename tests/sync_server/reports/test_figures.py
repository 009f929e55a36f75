"""A report's figures equal a recount from the ratings themselves, whatever came when, and whatever became of units."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from survey.rating import SOURCES
from sync_server.casework.people import MONEY
from sync_server.models.history import UnitSuccessor
from sync_server.models.kiosk import Epoch, Kiosk
from sync_server.models.organisation import Unit
from sync_server.models.rating import Counted, Rating, SlipTally, Tally
from sync_server.queries import reported
from sync_server.reporting import periods
from sync_server.reporting.figures import Figures
from sync_server.reporting.periods import ReportPeriod
from sync_server.reporting.rules import report_rules
from sync_server.services import rounds
from tests.sync_server.reports.conftest import MONDAY, Place, build_place, moment, month, week

REASONS = ((), ("slow",), ("unclear",), ("slow", "attitude"), (MONEY,))
DAYS = 40
said = st.tuples(st.integers(0, DAYS), st.integers(1, 5), st.sampled_from(REASONS))


def recount(place: Place, unit_ids: set[int], first: int, until: int) -> tuple[Counter[int], Counter[int]]:
    """From the ratings table alone: how many of each level, and on each day, are counted in these units."""
    with place.office.database.read() as session:
        rows = session.execute(
            select(Rating.level, Rating.day)
            .join(Epoch, Epoch.id == Rating.epoch_id)
            .join(Kiosk, Kiosk.id == Epoch.kiosk_id)
            .where(Kiosk.unit_id.in_(unit_ids), Rating.counted == Counted.YES)
        ).all()
    inside = [(level, day) for level, day in rows if day is not None and first <= day < until]
    return Counter(level for level, _ in inside), Counter(day for _, day in inside)


def assert_recounted(place: Place, told: Figures, unit_ids: set[int], until: int) -> None:
    levels, days = recount(place, unit_ids, told.first, min(told.counted_to + 1, until))
    whole = told.whole
    assert whole.faces == tuple(levels[level] for level in range(1, 6))
    assert whole.n == sum(levels.values()) == sum(one.count.n for one in told.course)
    assert whole.dissatisfied == levels[1] + levels[2]
    assert whole.satisfied == levels[4] + levels[5]
    assert sum(one.count.n for one in told.services) == whole.n
    if told.step == "day":
        assert {one.first: one.count.n for one in told.course} == dict(days)
    assert not told.units or sum(one.count.n for one in told.units) == whole.n


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(said, max_size=12), st.lists(said, max_size=12), st.integers(0, DAYS), st.integers(0, DAYS))
def test_figures_equal_a_recount_over_any_days_and_with_late_data(
    sqlite_place: Place,
    early: list[tuple[int, int, tuple[str, ...]]],
    late: list[tuple[int, int, tuple[str, ...]]],
    first: int,
    length: int,
) -> None:
    place = build_place(sqlite_place.office, sqlite_place.clock)  # one of its own each time, in the same database
    near, far = place.desks
    place.rate(near, sorted(early))
    rule = report_rules().rule_at("baseline", MONDAY.toordinal())
    day = MONDAY.toordinal() + first
    period = periods.between(rule, day, day + length)
    now = moment(MONDAY + timedelta(days=2 * DAYS))
    assert_recounted(place, place.figures(place.town, period, now=now), {near.unit_id, far.unit_id}, period.until)
    place.rate(far, sorted(late), sent_day=2 * DAYS)
    for unit_id, below in ((place.town, {near.unit_id, far.unit_id}), (far.unit_id, {far.unit_id})):
        told = place.figures(unit_id, period, now=now)
        assert_recounted(place, told, below, period.until)
        assert told.hash == place.figures(unit_id, period, now=now).hash


def test_reasons_are_those_of_dissatisfied_ratings_and_money_is_for_inspectors(place: Place) -> None:
    bad = [(0, 1, ("slow",))] * 3 + [(0, 2, ("slow", "unclear"))] * 3 + [(1, 1, (MONEY,))] + [(1, 3, ("unclear",))]
    place.rate(place.desks[0], [*bad, (1, 5, ())])
    told = place.figures(place.town, week(), now=moment(MONDAY + timedelta(days=20)))
    together = {one.words: one.n for one in told.reasons if not one.service}
    assert together == {"Chờ quá lâu, trễ hẹn": 6, "Giải thích chưa rõ": 3}
    assert {one.n for one in told.reasons if one.service == "Đăng ký khai sinh"} == {6, 3}
    assert "chi phí" not in " ".join(one.words for one in told.reasons)


def test_a_report_before_the_end_of_its_period_counts_up_to_its_day(place: Place) -> None:
    place.rate(place.desks[0], [(0, 5, ()), (2, 5, ()), (3, 1, ())])
    told = place.figures(place.town, week(), now=moment(MONDAY + timedelta(days=2)))
    assert date.fromordinal(told.counted_to) == MONDAY + timedelta(days=2)
    assert told.whole.n == 2


def tally(place: Place, unit_id: int, day: date, n: int, **changes: int) -> None:
    """Counted ratings, all content."""
    officer = next(desk.officer_id for desk in place.desks)
    given = {"officer_id": officer, "day": day.toordinal(), "service_id": place.service, "survey_id": place.survey}
    with place.office.database.write() as session:
        session.add(Tally(**{**given, "unit_id": unit_id, "source": 0, "n5": n, **changes}))


def test_paper_box_and_observers_stand_apart(place: Place) -> None:
    near = place.desks[0].unit_id
    for source, n in (("kiosk", 10), ("phone", 3), ("home", 2), ("paper", 4), ("box", 5), ("observer", 6)):
        tally(place, near, MONDAY, n, source=SOURCES.index(source))
    told = place.figures(place.town, week(), now=moment(MONDAY + timedelta(days=20)))
    assert told.whole.n == 15
    assert {source: count.n for source, count in told.sources.items()} == {
        "kiosk": 10, "phone": 3, "home": 2, "paper": 4, "box": 5, "observer": 6,
    }  # fmt: skip


def test_slips_are_those_of_the_units_officers(place: Place) -> None:
    for desk, n in zip(place.desks, (30, 12), strict=True):
        with place.office.database.write() as session:
            session.add(SlipTally(officer_id=desk.officer_id, day=MONDAY.toordinal(), service_id=0, n=n))
    now = moment(MONDAY + timedelta(days=20))
    assert place.figures(place.town, week(), now=now).whole.slips == 42
    assert place.figures(place.desks[0].unit_id, week(), now=now).whole.slips == 30


def successor(place: Place, old: int, new: int, day: date) -> None:
    """`old` ended on `day` and passed into `new`."""
    with place.office.database.write() as session:
        session.add(UnitSuccessor(unit_id=old, successor_id=new, day=day.toordinal()))
        session.execute(update(Unit).where(Unit.id == old).values(valid_until=day.toordinal()))


def test_a_unit_reports_those_that_were_merged_into_it_and_the_town_counts_everybody_once(place: Place) -> None:
    near, far = (desk.unit_id for desk in place.desks)
    tally(place, near, MONDAY, 10)
    tally(place, far, MONDAY + timedelta(days=1), 5)
    now = moment(MONDAY + timedelta(days=40))
    assert place.figures(near, month(), now=now).whole.n == 10
    successor(place, far, near, MONDAY + timedelta(days=10))
    assert place.figures(near, month(), now=now).whole.n == 15
    assert place.figures(place.town, month(), now=now).whole.n == 15
    # The week before the merger was reported by the two, each for itself.
    assert place.figures(near, week(), now=now).whole.n == 10


def test_a_split_unit_is_reported_above_and_by_neither_part(place: Place) -> None:
    near, far = (desk.unit_id for desk in place.desks)
    with place.office.database.write() as session:
        part = Unit(parent_id=place.town, name="Phường mới", kind="ward", key_sealed=b"")
        session.add(part)
        session.flush()
        new = part.id
    tally(place, far, MONDAY, 8)
    successor(place, far, near, MONDAY + timedelta(days=5))
    with place.office.database.write() as session:
        session.add(UnitSuccessor(unit_id=far, successor_id=new, day=MONDAY.toordinal() + 5))
    now = moment(MONDAY + timedelta(days=40))
    counts = [place.figures(unit, month(), now=now).whole.n for unit in (near, new, place.town)]
    assert counts == [0, 0, 8]


def test_a_report_compares_with_the_period_before_and_the_year_before(place: Place) -> None:
    near = place.desks[0].unit_id
    for day, n in ((date(2025, 2, 28), 1), (date(2025, 3, 3), 7), (date(2026, 2, 27), 5), (MONDAY, 9)):
        tally(place, near, day, n)
    told = place.figures(near, month(), now=moment(date(2026, 4, 2)))
    assert [(one.kind, one.count.n) for one in told.compared] == [("before", 5), ("year_before", 7)]


def test_now_is_compared_with_the_baseline_round(place: Place) -> None:
    near = place.desks[0].unit_id
    begun, ended = date(2026, 1, 5), date(2026, 1, 31)
    with place.office.database.write() as session:
        rounds.open_round(
            session,
            unit_id=near,
            kind="baseline",
            name="Khảo sát ban đầu",
            owner_id=None,
            first_day=begun.toordinal(),
            until_day=ended.toordinal(),
            made_by=None,
            now=place.office.now(),
        )
    tally(place, near, begun, 40)
    tally(place, near, MONDAY, 60)
    with place.office.database.read() as session:
        span = reported.baseline_span(session, near, place.office)
    assert span == (begun.toordinal(), ended.toordinal())
    rule = report_rules().rule_at("baseline_now", MONDAY.toordinal())
    period = periods.between(rule, ended.toordinal(), MONDAY.toordinal())
    told = place.figures(near, period, now=moment(MONDAY + timedelta(days=1)))
    assert told.whole.n == 60
    assert [(one.kind, one.count.n) for one in told.compared] == [("baseline", 40)]


@pytest.mark.parametrize("kind", ["weekly", "monthly"])
def test_a_unit_without_anything_has_a_report_all_the_same(place: Place, kind: str) -> None:
    period: ReportPeriod = {"weekly": week(), "monthly": month()}[kind]
    told = place.figures(place.desks[1].unit_id, period, now=moment(date(2026, 5, 1)))
    assert told.whole.n == 0
    assert told.units == told.services == told.course == ()
