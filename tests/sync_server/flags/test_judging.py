"""Judging in the database: states, flags and their evidence; late data, the latch, the restart, two at once."""

import math
import threading
import time
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from sync_server.db import Database
from sync_server.errors import NotFound
from sync_server.flagging.evidence import from_json
from sync_server.flagging.fold import fold
from sync_server.flagging.peers import frozen_peers
from sync_server.flagging.rules import Rules
from sync_server.flagging.state import State
from sync_server.models.followup import Flag, PeerTotal, Signal
from sync_server.models.rating import Tally
from sync_server.queries import tallies
from sync_server.rulebook import rulebook
from sync_server.services import flags
from tests.sync_server.flags.network import HANOI, MONDAY, Network, noon

BOOK = rulebook()
WARM = 10
"""Weeks of honest work before a test begins: enough peers' ratings (200, decayed) to compare with."""
START = MONDAY + timedelta(weeks=WARM)


def judge(session: Session, officer_id: int, day: date) -> list[flags.Change]:
    return flags.judge(session, [officer_id], now=noon(day), zone=HANOI)


def signal_of(session: Session, officer_id: int) -> Signal:
    return session.execute(
        select(Signal).where(Signal.officer_id == officer_id).execution_options(populate_existing=True)
    ).scalar_one()


def flags_of(session: Session, officer_id: int) -> list[Flag]:
    return list(session.scalars(select(Flag).where(Flag.officer_id == officer_id).order_by(Flag.id)))


def workday(place: int) -> date:
    """The n-th working day from START on."""
    return START + timedelta(weeks=place // 5, days=place % 5)


def bad_days(network: Network, officer_id: int, days: range, levels: tuple[int, ...] = (1, 1, 5)) -> date:
    for place in days:
        network.rated(officer_id, workday(place), levels)
    return workday(days[-1])


@pytest.fixture
def session(database: Database):
    with database.write() as opened:
        yield opened


@pytest.fixture
def network(session: Session) -> Network:
    made = Network(session, officers=5)
    made.weeks_of_honest_work(WARM)
    return made


def test_an_honest_officer_is_ok_and_the_way_there_is_recorded_once(session: Session, network: Network) -> None:
    officer_id = network.officers[0]
    assert [(c.was, c.became) for c in judge(session, officer_id, START)] == [(State.INSUFFICIENT, State.OK)]
    assert judge(session, officer_id, START) == []
    assert len(flags_of(session, officer_id)) == 1
    weeks_without_enough_peers = 2
    assert signal_of(session, officer_id).n == (WARM - weeks_without_enough_peers) * 5 * 6


def test_an_officer_with_few_ratings_is_insufficient_and_not_flagged(session: Session, network: Network) -> None:
    newcomer = network.officer("Trần Thị Mới")
    for place in range(3):
        network.rated(newcomer, workday(place), [1, 1, 1])
    assert judge(session, newcomer, workday(3)) == []
    assert signal_of(session, newcomer).state == State.INSUFFICIENT
    assert flags_of(session, newcomer) == []


def test_many_bad_ratings_on_several_days_turn_yellow_then_red(session: Session, network: Network) -> None:
    officer_id = network.officers[0]
    judge(session, officer_id, START)
    seen = []
    for place in range(10):
        network.rated(officer_id, workday(place), (1, 1, 5))
        seen += [change.became for change in judge(session, officer_id, workday(place))]
    assert seen == [State.WATCH, State.FLAG]
    assert [(row.was, row.became) for row in flags_of(session, officer_id)] == [
        ("insufficient", "ok"),
        ("ok", "watch"),
        ("watch", "flag"),
    ]


def test_the_signal_is_what_the_pure_rule_says(session: Session, network: Network) -> None:
    officer_id = network.officers[0]
    today = bad_days(network, officer_id, range(4))
    judge(session, officer_id, today)
    signal = signal_of(session, officer_id)
    everything = tallies.days_between(session, 0, 2**30)
    expected = fold(
        [tally for tally in everything if tally.officer_id == officer_id],
        BOOK.scales,
        frozen_peers(everything, BOOK.scales, BOOK.rules.at, until=today),
        BOOK.rules.at,
    )
    assert (signal.n, signal.bad, signal.bad_days) == (expected.n, expected.bad, expected.bad_days)
    assert signal.log_m == pytest.approx(expected.log_m, rel=1e-9)
    assert signal.expected_bad == pytest.approx(expected.expected_bad, rel=1e-9)
    assert signal.state == expected.state


def test_months_that_come_at_once_leave_the_flags_that_they_would_have_left(session: Session, network: Network) -> None:
    in_time, at_once = network.officers[:2]
    judge(session, in_time, START)
    for place in range(10):
        network.rated(in_time, workday(place), (1, 1, 5))
        judge(session, in_time, workday(place))
        network.rated(at_once, workday(place), (1, 1, 5))
    judge(session, at_once, workday(20))
    told = [[(row.was, row.became, row.evidence["day"]) for row in flags_of(session, o)] for o in (in_time, at_once)]
    assert [entry[:2] for entry in told[0]] == [entry[:2] for entry in told[1]]
    assert told[0][1:] == told[1][1:]
    assert signal_of(session, at_once).state == State.FLAG
    moments = [row.changed_at for row in flags_of(session, at_once)]
    assert moments == sorted(moments)
    assert moments[-1] < noon(workday(20))


def test_a_flag_keeps_the_evidence_of_its_moment(session: Session, network: Network) -> None:
    officer_id = network.officers[0]
    judge(session, officer_id, START)
    today = bad_days(network, officer_id, range(4))
    judge(session, officer_id, today)
    red = flags_of(session, officer_id)[-1]
    evidence = from_json(red.evidence)
    assert red.became == evidence.state == "flag"
    assert red.rule_version == evidence.rule_version == BOOK.rules.at(today).version
    assert evidence.m >= BOOK.rules.at(today).flag_at
    assert evidence.day == today.isoformat()
    assert evidence.climb is not None
    assert sum(day.bad for day in evidence.climb.days) == evidence.climb.bad
    bad_days(network, officer_id, range(4, 6), (5, 5, 5))
    judge(session, officer_id, workday(5))
    assert from_json(flags_of(session, officer_id)[-1].evidence) == evidence


def test_red_stays_although_all_its_bad_ratings_go(session: Session, network: Network) -> None:
    officer_id = network.officers[0]
    today = bad_days(network, officer_id, range(10))
    judge(session, officer_id, today)
    session.execute(delete(Tally).where(Tally.officer_id == officer_id, Tally.day >= START.toordinal()))
    session.expire_all()
    assert judge(session, officer_id, today) == []
    signal = signal_of(session, officer_id)
    assert signal.state == State.FLAG
    assert signal.log_m is not None
    assert math.exp(signal.log_m) < 50


def test_late_good_ratings_take_yellow_back(session: Session, network: Network) -> None:
    officer_id = network.officers[0]
    today = bad_days(network, officer_id, range(3))
    judge(session, officer_id, today)
    assert signal_of(session, officer_id).state == State.WATCH
    for place in range(3):
        network.rated(officer_id, workday(place), [5] * 30)
    assert [(c.was, c.became) for c in judge(session, officer_id, today)] == [(State.WATCH, State.OK)]


def test_a_case_closed_starts_the_score_at_nought_with_later_ratings_only(session: Session, network: Network) -> None:
    officer_id = network.officers[0]
    today = bad_days(network, officer_id, range(10))
    judge(session, officer_id, today)
    change = flags.restart(session, officer_id, after_day=today.toordinal(), now=noon(today), zone=HANOI)
    assert change is not None
    assert (change.was, change.became) == (State.FLAG, State.INSUFFICIENT)
    signal = signal_of(session, officer_id)
    assert (signal.n, signal.bad, signal.log_m) == (0, 0, None)
    later = bad_days(network, officer_id, range(10, 14), (5, 5, 5))
    judge(session, officer_id, later)
    assert (signal_of(session, officer_id).n, signal_of(session, officer_id).state) == (12, State.OK)
    again = bad_days(network, officer_id, range(14, 26))
    judge(session, officer_id, again)
    assert signal_of(session, officer_id).state == State.FLAG


def test_a_score_that_was_never_made_cannot_start_again(session: Session, network: Network) -> None:
    with pytest.raises(NotFound, match="never judged"):
        flags.restart(session, network.officers[0] + 999, after_day=1, now=noon(START), zone=HANOI)


def test_an_officer_whose_every_rating_was_taken_out_has_evidence_of_that(session: Session, network: Network) -> None:
    officer_id = network.officers[0]
    judge(session, officer_id, START)
    session.execute(delete(Tally).where(Tally.officer_id == officer_id))
    session.expire_all()
    assert [c.became for c in judge(session, officer_id, START)] == [State.INSUFFICIENT]
    assert from_json(flags_of(session, officer_id)[-1].evidence).n == 0


def test_a_batch_of_this_week_needs_no_look_at_past_weeks_and_a_late_one_does(
    session: Session, network: Network
) -> None:
    officer_id, late_day = network.officers[0], MONDAY + timedelta(weeks=4)
    judge(session, officer_id, START)
    before = session.execute(select(PeerTotal.monday, PeerTotal.n).order_by(PeerTotal.monday)).all()
    network.rated(officer_id, late_day, [1])
    for earliest, changed in ((START, False), (late_day, True)):
        flags.judge(session, [officer_id], now=noon(START), zone=HANOI, earliest_day=earliest.toordinal())
        after = session.execute(select(PeerTotal.monday, PeerTotal.n).order_by(PeerTotal.monday)).all()
        assert (after != before) is changed


def test_days_after_today_do_not_count_yet(session: Session, network: Network) -> None:
    officer_id = network.officers[0]
    bad_days(network, officer_id, range(10))
    judge(session, officer_id, START - timedelta(days=3))
    assert signal_of(session, officer_id).state == State.OK


def test_a_service_without_enough_officers_gives_no_evidence(session: Session, network: Network) -> None:
    field_service = network.services[0] + 1000
    officer_id = network.officers[0]
    for place in range(10):
        network.rated(officer_id, workday(place), (1, 1, 1), service_id=field_service)
    judge(session, officer_id, workday(9))
    assert signal_of(session, officer_id).state == State.OK
    told = flags.explain(session, officer_id, now=noon(workday(9)), zone=HANOI)
    assert told.fold.ignored[field_service] == 30
    assert field_service not in told.fold.services


def test_judging_everybody_comes_to_the_same_as_judging_one_by_one(session: Session, network: Network) -> None:
    bad = network.officers[0]
    today = bad_days(network, bad, range(10))
    flags.judge(session, network.officers, now=noon(today), zone=HANOI)
    one_by_one = {o: (signal_of(session, o).state, signal_of(session, o).log_m) for o in network.officers}
    assert flags.judge_all(session, now=noon(today), zone=HANOI) == []
    for officer_id, (state, log_m) in one_by_one.items():
        assert signal_of(session, officer_id).state == state
        assert signal_of(session, officer_id).log_m == pytest.approx(log_m, rel=1e-9)


def test_a_night_in_portions_comes_to_the_same_as_all_at_once(database: Database, monkeypatch) -> None:
    from sync_server.config import ServerSettings
    from sync_server.office import Office
    from sync_server.seals import Seals
    from sync_server.services import night

    monkeypatch.setattr(night, "PORTION", 2)
    today = START + timedelta(weeks=2, days=1)
    office = Office(settings=ServerSettings(), database=database, seals=Seals("x" * 40), now=lambda: noon(today))
    with database.write() as session:
        network = Network(session, officers=5)
        network.weeks_of_honest_work(WARM)
        bad_days(network, network.officers[0], range(10))
        session.execute(update(Tally).values(with_dossier=Tally.n5))
    brought = night.pass_over(office)
    assert (network.officers[0], State.FLAG) in {(change.officer_id, change.became) for change in brought.changes}
    with database.write() as session:
        in_portions = {o: (signal_of(session, o).state, signal_of(session, o).log_m) for o in network.officers}
        praise = {o: signal_of(session, o).log_praise for o in network.officers}
        assert flags.judge_all(session, now=noon(today), zone=HANOI) == []
        for officer_id, (state, log_m) in in_portions.items():
            assert signal_of(session, officer_id).state == state
            assert signal_of(session, officer_id).log_m == pytest.approx(log_m, rel=1e-9)
            assert signal_of(session, officer_id).log_praise == pytest.approx(praise[officer_id], rel=1e-9)
    assert night.pass_over(office).changes == ()


def test_the_night_repairs_totals_that_somebody_spoilt(session: Session, network: Network) -> None:
    today = START + timedelta(days=2)
    flags.judge_all(session, now=noon(today), zone=HANOI)
    right = {o: signal_of(session, o).log_m for o in network.officers}
    session.execute(update(PeerTotal).values(n=PeerTotal.n * 7))
    flags.judge_all(session, now=noon(today), zone=HANOI)
    for officer_id, log_m in right.items():
        assert signal_of(session, officer_id).log_m == pytest.approx(log_m, rel=1e-9)


def test_late_data_equals_data_in_time(database: Database) -> None:
    """The same ratings, once as they happened and once with a kiosk three weeks late: the same signals next night."""
    found = []
    for late in (False, True):
        with database.write() as session:
            network = Network(session, officers=5)
            network.weeks_of_honest_work(WARM)
            who, today = network.officers[1], START + timedelta(weeks=3)
            if late:
                flags.judge_all(session, now=noon(today), zone=HANOI)
            for place in range(4):
                network.rated(who, workday(place), [1, 3, 5, 5])
            flags.judge_all(session, now=noon(today), zone=HANOI)
            signals = [signal_of(session, officer_id) for officer_id in network.officers]
            found.append([(signal.state, signal.log_m, signal.n, signal.expected_bad) for signal in signals])
            session.rollback()
    in_time, too_late = found
    for first, second in zip(in_time, too_late, strict=True):
        assert first[0] == second[0]
        assert first[1:] == pytest.approx(second[1:], rel=1e-9)


def test_two_who_judge_the_same_officer_at_once_record_one_change(database: Database) -> None:
    with database.write() as session:
        network = Network(session, officers=5)
        network.weeks_of_honest_work(WARM)
        today = bad_days(network, network.officers[0], range(10))
    gate, errors = threading.Barrier(6), []

    def work() -> None:
        try:
            gate.wait(30)
            with database.write() as session:
                flags.judge(session, network.officers, now=noon(today), zone=HANOI)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    with database.read() as session:
        changes = session.execute(select(Flag.officer_id, Flag.was, func.count()).group_by(Flag.officer_id, Flag.was))
        recorded = [(officer_id, count) for officer_id, _, count in changes]
    assert {officer_id for officer_id, _ in recorded} == set(network.officers)
    assert {count for _, count in recorded} == {1}


def test_a_new_version_of_the_rule_counts_from_its_monday_and_flags_name_it(session: Session, network: Network) -> None:
    rule = BOOK.rules.at(START)
    stricter = replace(rule, version="2025-11", effective="2025-11-12", flag_at=1e9, watch_at=1e9)  # a Wednesday
    book = replace(BOOK, rules=Rules([*BOOK.rules.versions, stricter]))
    early, late = network.officers[:2]
    for officer_id, first in ((early, 0), (late, 5)):
        for place in range(first, first + 4):
            network.rated(officer_id, workday(place), (1, 1, 5))
    for officer_id in (early, late):
        flags.judge(session, [officer_id], now=noon(workday(10)), zone=HANOI, book=book)
    assert date(2025, 11, 10) == START
    assert signal_of(session, early).state == State.FLAG
    assert flags_of(session, early)[-1].rule_version == rule.version
    assert signal_of(session, late).state == State.OK
    assert signal_of(session, late).log_m > math.log(rule.flag_at)


def test_explaining_tells_each_day_and_writes_nothing(session: Session, network: Network) -> None:
    officer_id = network.officers[0]
    today = bad_days(network, officer_id, range(10))
    judge(session, officer_id, today)
    told = flags.explain(session, officer_id, now=noon(today + timedelta(weeks=30)), zone=HANOI)
    assert told.name == "Nguyễn Văn A"
    assert told.state == State.FLAG
    assert told.fold.steps[-1].day == today
    assert told.fold.log_m == pytest.approx(signal_of(session, officer_id).log_m)
    with pytest.raises(NotFound, match="there is no officer 424242"):
        flags.explain(session, 424242, now=noon(today), zone=HANOI)


def test_somebody_far_better_than_peers_is_found_for_praise(session: Session, network: Network) -> None:
    best, today = network.officers[0], START + timedelta(weeks=20)
    network.weeks_of_honest_work(20, from_=START, officers=network.officers[1:])
    for place in range(100):
        network.rated(best, workday(place), [5] * 12)
        network.rated(network.officers[1], workday(place), [2])
    threshold = math.log(BOOK.rules.at(today).flag_at)
    praised = select(Signal.officer_id).where(Signal.log_praise >= threshold)
    flags.judge_all(session, now=noon(today), zone=HANOI)
    assert session.scalars(praised).all() == []  # nothing of it is tied to a dossier: anybody may have tapped
    session.execute(update(Tally).where(Tally.officer_id == best).values(with_dossier=Tally.n5))
    flags.judge_all(session, now=noon(today), zone=HANOI)
    assert session.scalars(praised).all() == [best]


def test_an_officer_year_is_judged_in_ten_milliseconds(sqlite_office) -> None:
    """docs/limits.md, by the processor's time, since the cores may be busy. The bound leaves room for slow ones."""
    with sqlite_office.database.write() as session:
        network = Network(session, officers=5, services=2)
        days = [MONDAY + timedelta(weeks=week, days=weekday) for week in range(52) for weekday in range(5)]
        rows = [
            {"officer_id": officer_id, "day": day.toordinal(), "service_id": service, "survey_id": network.survey,
             "unit_id": network.town, "source": 0, "n3": day.toordinal() % 9 == 0, "n4": 1, "n5": 2}
            for officer_id in network.officers for service in network.services for day in days
        ]  # fmt: skip
        session.execute(insert(Tally), rows)
        today = MONDAY + timedelta(weeks=52)
        flags.judge_all(session, now=noon(today), zone=HANOI)
    times = []
    for _ in range(7):
        begun = time.process_time()
        with sqlite_office.database.write() as session:
            flags.judge(session, network.officers[:1], now=noon(today), zone=HANOI, earliest_day=today.toordinal())
        times.append(time.process_time() - begun)
    print(f"judging one officer-year of two services: {1000 * sorted(times)[3]:.1f} ms")
    assert min(times) < 0.02
