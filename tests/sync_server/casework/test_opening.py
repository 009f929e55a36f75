"""Which cases are opened by what arrives and by whom, and which are not."""

import pytest
from sqlalchemy import select

from survey.rating import Dossier
from sync_server.casework import steps
from sync_server.casework.steps import Finding, Measure, State
from sync_server.flagging.state import State as SignalState
from sync_server.models.casework import CaseFile, CaseRating
from sync_server.models.followup import Flag, Signal
from sync_server.models.rating import Counted
from sync_server.services import cases, flags, followup
from sync_server.services.case_opening import open_for_red_signals
from sync_server.services.judging import Judging
from tests.sync_server.casework.town import MONEY, RUDE, CaseTown, said_at
from tests.sync_server.conftest import SetClock
from tests.sync_server.flags.network import HANOI, MONDAY, Network, noon


def files(town: CaseTown) -> list[CaseFile]:
    with town.office.database.read() as session:
        return list(session.scalars(select(CaseFile).order_by(CaseFile.id)))


def ratings_of(town: CaseTown, case_id: int) -> set[str]:
    with town.office.database.read() as session:
        found = session.scalars(select(CaseRating.rating_id).where(CaseRating.case_id == case_id))
        return {rating_id.hex() for rating_id in found}


def test_a_batch_with_a_grave_reason_opens_a_case_at_once(town: CaseTown) -> None:
    (rating,) = town.say(town.desk.rating(level=1, reasons=(RUDE,)))
    (file,) = files(town)
    assert (file.officer_id, file.trigger, file.reason) == (town.officer.id, "grave", RUDE)
    assert ratings_of(town, file.id) == {rating.replace("-", "")}


def test_the_same_batch_again_opens_no_second_case(town: CaseTown) -> None:
    from tests.builders import a_batch

    batch = a_batch(town.desk.rating(level=1, reasons=(RUDE,)), at=town.office.now())
    for _ in range(3):
        town.desk.send(batch)
    assert len(files(town)) == 1
    assert len(ratings_of(town, files(town)[0].id)) == 1


def test_a_second_rating_of_a_dossier_is_not_counted_and_still_heard(town: CaseTown, clock: SetClock) -> None:
    """The citizen who pressed a smile while the officer watched, and complains by phone in the evening."""
    dossier = Dossier(code="H42.12-260302-0007")
    clock.advance(minutes=5)
    first, second = town.say(
        town.desk.rating(level=5, dossier=dossier),
        said_at(town.desk, clock.at - 60_000, 1, dossier=dossier, reasons=(RUDE,)),
    )
    assert town.stored(first).counted == Counted.YES
    assert town.stored(second).counted == Counted.DOSSIER_REPEATED
    assert [file.reason for file in files(town)] == [RUDE]


def test_complaints_join_the_case_that_nobody_has_taken_up_yet(town: CaseTown, clock: SetClock) -> None:
    """So that a prankster's hundred are one case, and a later one is not slipped into what the officer answered."""
    clock.advance(minutes=30)
    minutes = (2, 4, 6)
    said = town.say(*(said_at(town.desk, clock.at - m * 60_000, 1, reasons=(RUDE,)) for m in reversed(minutes)))
    (file,) = files(town)
    assert len(ratings_of(town, file.id)) == len(said)
    with town.office.database.write() as session:
        act = steps.TakeUp(by=town.staff["alice"].id, note="mời giải trình", released="Xin giải trình.")
        cases.do(session, file.id, act, town.today)
    clock.advance(minutes=30)
    town.say(said_at(town.desk, clock.at - 60_000, 1, reasons=(RUDE,)))
    assert [found.state for found in files(town)] == [State.EXPLANATION, State.OPENED]
    assert len(ratings_of(town, file.id)) == len(said)


def test_asking_for_money_never_joins_a_case_that_others_see(town: CaseTown, clock: SetClock) -> None:
    clock.advance(minutes=30)
    town.say(
        said_at(town.desk, clock.at - 120_000, 1, reasons=(RUDE,)),
        said_at(town.desk, clock.at - 60_000, 1, reasons=(RUDE, MONEY)),
    )
    assert [(file.reason, file.inspectors_only) for file in files(town)] == [(RUDE, False), (MONEY, True)]


def red_network(town: CaseTown) -> Network:
    """Ten weeks of honest work, and two in which the first officer is not liked; nobody was judged yet."""
    with town.office.database.write() as session:
        network = Network(session)
        network.weeks_of_honest_work(10)
        for place in range(10):
            day = MONDAY.fromordinal(MONDAY.toordinal() + 70 + 7 * (place // 5) + place % 5)
            network.rated(network.officers[0], day, (1, 1, 3, 5, 5))
    return network


@pytest.fixture
def network(town: CaseTown, clock: SetClock) -> Network:
    clock.at = noon(MONDAY.fromordinal(MONDAY.toordinal() + 84))
    return red_network(town)


def test_turning_red_opens_a_case_in_the_same_transaction(town: CaseTown, network: Network) -> None:
    judging = Judging(town.office)
    judging.note([network.officers[0], network.officers[1]], None)
    (file,) = files(town)
    with town.office.database.read() as session:
        flag = session.get_one(Flag, file.flag_id)
    assert (file.officer_id, file.trigger, flag.became) == (network.officers[0], "flag", SignalState.FLAG)
    judging.note([network.officers[0]], None)
    assert len(files(town)) == 1


def test_the_night_opens_what_no_batch_did_and_only_once(town: CaseTown, network: Network) -> None:
    for _ in range(2):
        with town.office.database.write() as session:
            flags.judge_all(session, now=town.office.now(), zone=HANOI)
            followup.every_night(session, town.today)
    assert [file.officer_id for file in files(town)] == [network.officers[0]]


def closed(town: CaseTown, case_id: int) -> None:
    """Walk a case to its end."""
    head, inspector = town.staff["alice"].id, town.staff["inspector"].id
    for act in (
        steps.TakeUp(by=head, note="mời giải trình", released="Xin giải trình."),
        steps.Explain(by=head, note="theo văn bản"),
        steps.Verify(by=inspector, note="đã hỏi", finding=Finding.TRUE),
        steps.Decide(by=head, note="tập huấn", measure=Measure.TRAINING),
        steps.Tell(by=head, note="đã niêm yết", on_board=True, public="Đã thêm một quầy."),
        steps.Close(by=head, note="xong"),
    ):
        with town.office.database.write() as session:
            cases.do(session, case_id, act, town.today)


def test_closing_lets_red_go_and_a_new_red_is_a_new_case(town: CaseTown, network: Network, clock: SetClock) -> None:
    Judging(town.office).note(network.officers[:1], None)
    (file,) = files(town)
    closed(town, file.id)
    with town.office.database.read() as session:
        signal = session.get_one(Signal, network.officers[0])
    assert (signal.state, signal.n, signal.restart_day) == (SignalState.INSUFFICIENT, 0, town.today.day)
    with town.office.database.write() as session:
        assert open_for_red_signals(session, town.today) == []
    _bad_fortnight(town, network, clock)
    first, second = files(town)
    assert first.id == file.id
    assert (second.state, second.trigger) == (State.OPENED, "flag")


def _bad_fortnight(town: CaseTown, network: Network, clock: SetClock) -> None:
    start = town.today.day + 1
    clock.advance(days=15)
    days = [day for day in range(start, start + 14) if MONDAY.fromordinal(day).weekday() < 5]
    with town.office.database.write() as session:
        network.session = session
        for day in days:
            network.rated(network.officers[0], MONDAY.fromordinal(day), (1, 1, 1, 5))
    Judging(town.office).note(network.officers[:1], None)


def test_closing_an_old_case_again_does_not_end_a_younger_flag(
    town: CaseTown, network: Network, clock: SetClock
) -> None:
    Judging(town.office).note(network.officers[:1], None)
    closed(town, files(town)[0].id)
    _bad_fortnight(town, network, clock)
    old = files(town)[0].id
    head, inspector = town.staff["alice"].id, town.staff["inspector"].id
    for act in (
        steps.Reopen(by=inspector, note="có nhân chứng mới"),
        steps.Verify(by=inspector, note="không đúng", finding=Finding.UNTRUE),
        steps.Decide(by=head, note="xin lỗi cán bộ", measure=Measure.OTHER),
        steps.Tell(by=head, note="đã niêm yết", on_board=True, public="Đã thêm một quầy."),
        steps.Close(by=head, note="xong"),
    ):
        with town.office.database.write() as session:
            cases.do(session, old, act, town.today)
    with town.office.database.read() as session:
        assert session.get_one(Signal, network.officers[0]).state == SignalState.FLAG
