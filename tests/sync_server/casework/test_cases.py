"""Cases in the database: opened once, moved act by act, nothing edited."""

import threading
import uuid
from datetime import date

import pytest
from sqlalchemy import select

from sync_server.casework import steps
from sync_server.casework.steps import Finding, Measure, State, WrongStep
from sync_server.casework.today import Today
from sync_server.errors import Refused
from sync_server.models.casework import CaseAct, CaseFile
from sync_server.models.people import AuditEntry
from sync_server.office import Office
from sync_server.services import case_opening, cases
from tests.sync_server.builders import make_officer, make_staff
from tests.sync_server.casework.town import found_case_town, moment
from tests.sync_server.conftest import SetClock

RUDE, MONEY, SLOW = 1 << 5, 1 << 6, 1 << 0


def today(office: Office) -> Today:
    return Today(now=office.now(), day=office.day(office.now()), zone=office.zone)


def opened(office: Office, officer_id: int, by: int) -> int:
    with office.database.write() as session:
        return cases.open_by_hand(session, officer_id, by=by, note="đơn thư", today=today(office))


def test_one_grave_reason_opens_one_case_at_once(office: Office) -> None:
    officer = make_officer(office)
    rating = uuid.uuid4().bytes
    for _ in range(2):
        with office.database.write() as session:
            case_opening.open_for_grave_reasons(session, [(rating, officer.id, RUDE | SLOW)], today(office))
    with office.database.read() as session:
        (file,) = session.scalars(select(CaseFile))
    assert (file.reason, file.trigger, file.inspectors_only) == ("rude", "grave", False)
    assert file.due_day is not None


def test_asking_for_money_is_for_inspectors_only_also_beside_another_grave_reason(office: Office) -> None:
    officer = make_officer(office)
    with office.database.write() as session:
        case_opening.open_for_grave_reasons(session, [(uuid.uuid4().bytes, officer.id, RUDE | MONEY)], today(office))
    with office.database.read() as session:
        file = session.scalars(select(CaseFile)).one()
    assert (file.reason, file.inspectors_only) == ("asked_for_money", True)


def test_a_reason_that_is_not_grave_opens_nothing(office: Office) -> None:
    officer = make_officer(office)
    with office.database.write() as session:
        assert (
            case_opening.open_for_grave_reasons(session, [(uuid.uuid4().bytes, officer.id, SLOW)], today(office)) == []
        )


def test_each_step_has_a_due_day_from_the_terms_and_an_entry_in_the_audit_log(office: Office) -> None:
    head, officer = make_staff(office), make_officer(office)
    case_id = opened(office, officer.id, head.id)
    with office.database.write() as session:
        case = cases.do(
            session,
            case_id,
            steps.TakeUp(by=head.id, note="mời giải trình", released="Xin giải trình về thái độ."),
            today(office),
        )
    assert case.state is State.EXPLANATION
    assert case.due == today(office).day + 7  # Monday 2 March 2026 and five working days: Monday 9 March
    with office.database.read() as session:
        acts = session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()
        assert session.get_one(CaseFile, case_id).due_day == case.due
    assert acts[-2:] == ["case opened", "case take_up"]


def test_a_step_out_of_order_leaves_no_trace(office: Office) -> None:
    head, officer = make_staff(office), make_officer(office)
    case_id = opened(office, officer.id, head.id)
    with pytest.raises(WrongStep), office.database.write() as session:
        cases.do(session, case_id, steps.Decide(by=head.id, note="x", measure=Measure.TALK), today(office))
    with office.database.read() as session:
        assert session.scalars(select(CaseAct)).all() == []
        assert session.get_one(CaseFile, case_id).state == State.OPENED


def test_ratings_of_somebody_else_cannot_be_marked_untrue(office: Office) -> None:
    head, officer = make_staff(office), make_officer(office)
    case_id = opened(office, officer.id, head.id)
    found = steps.Verify(by=head.id, note="x", finding=Finding.UNTRUE, untrue_ratings=(str(uuid.uuid4()),))
    with office.database.write() as session:
        cases.do(session, case_id, steps.TakeUp(by=head.id, note="x", officer_hears=False), today(office))
    with pytest.raises(Refused, match="không thuộc vụ việc này"), office.database.write() as session:
        cases.do(session, case_id, found, today(office))


def test_a_case_is_not_opened_without_a_reason_in_words(office: Office) -> None:
    head, officer = make_staff(office), make_officer(office)
    with pytest.raises(Refused), office.database.write() as session:
        cases.open_by_hand(session, officer.id, by=head.id, note=" ", today=today(office))


def test_of_two_who_act_at_once_one_does_and_the_other_is_told(office: Office) -> None:
    town = found_case_town(office)
    case_id = opened(office, town.officer.id, town.staff["town_staff"].id)
    begin, outcomes = threading.Barrier(2), []

    def act(name: str) -> None:
        person = town.person(name)
        taken_up = steps.TakeUp(by=person.staff_id, note=name, released="Xin giải trình.")
        begin.wait(10)
        try:
            with office.database.write() as session:
                cases.handle(session, person, case_id, taken_up, town.today, seen=0)
            outcomes.append("done")
        except Refused as refused:
            outcomes.append(str(refused))

    threads = [threading.Thread(target=act, args=(name,)) for name in ("alice", "town_staff")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes)[-1] == "done"
    assert "Vừa có người khác" in sorted(outcomes)[0]
    with office.database.read() as session:
        assert len(session.scalars(select(CaseAct)).all()) == 1


@pytest.mark.parametrize(
    ("taken_up", "due"),
    [
        (date(2026, 2, 12), date(2026, 2, 26)),  # five working days over Tết Bính Ngọ
        (date(2026, 4, 24), date(2026, 5, 6)),  # Giỗ Tổ (27/4 off), 30/4, 1/5 and two weekends
        (date(2026, 8, 27), date(2026, 9, 8)),  # 31/8 swapped for Saturday 22/8, National Day
    ],
)
def test_a_step_is_due_after_its_working_days_whatever_holidays_lie_between(
    office: Office, clock: SetClock, taken_up: date, due: date
) -> None:
    head, officer = make_staff(office), make_officer(office)
    clock.at = moment(taken_up, 60)
    case_id = opened(office, officer.id, head.id)
    asked = steps.TakeUp(by=head.id, note="mời giải trình", released="Xin giải trình.")
    with office.database.write() as session:
        case = cases.do(session, case_id, asked, today(office))
    assert case.due == due.toordinal()
