"""The demo's cases, handled as its people would have handled them: the older ones to their end, the young ones not yet.

Through the same services as the pages, so that nothing in the demo could not have been done by somebody who may.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from sync_server.casework import steps
from sync_server.casework.people import Person
from sync_server.casework.steps import Act, Case, Finding, Measure, State, Trigger
from sync_server.models.casework import CaseFile
from sync_server.models.people import Staff
from sync_server.office import Office
from sync_server.queries import case_state, units
from sync_server.services import cases, followup

DAY_MS = 86_400_000
STEP_DAYS = {
    Trigger.FLAG: (2, 9, 20, 27, 100, 104),  # told after the training; until then red stays red
    Trigger.GRAVE: (1, 5, 10, 13, 16, 18, 19),
}
"""On which day after its opening each step of a case is done, so that those of the last weeks are still under way."""
ASKED = "Có ý kiến của người dân chưa hài lòng về cách tiếp đón. Xin Ông/Bà cho biết hoàn cảnh và ý kiến của mình."
FINDINGS = (Finding.TRUE, Finding.PARTLY, Finding.PARTLY, Finding.UNTRUE)
CHANGED = (
    "Đã tiếp thu ý kiến về thời gian chờ: mở thêm một quầy nhận hồ sơ đất đai vào sáng thứ Hai và sáng thứ Năm.",
    "Đã tiếp thu ý kiến về cách tiếp đón: cán bộ bộ phận một cửa đã được tập huấn lại, ghế chờ được xếp lại gần quầy.",
    "Đã tiếp thu ý kiến về hướng dẫn hồ sơ: danh mục giấy tờ của từng thủ tục nay được niêm yết kèm mẫu điền sẵn.",
    "Đã tiếp thu ý kiến: phiếu hẹn nay ghi rõ ngày trả và số điện thoại của quầy.",
)
"""What the board says was changed. Made up, as all of the demo is."""
MEASURES = (Measure.TALK, Measure.TALK, Measure.TRAINING, Measure.OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class _People:
    town_staff: Person
    inspector: Person
    officers: dict[int, Person]


def handle(session: Session, office: Office, now: int, rng: Random) -> int:
    """Do all steps that are due until now (ms UTC); how many. A step of another day than the last is dated then,
    but a case ends now: its officer's score begins anew, and what was judged already stays as it was."""
    people = _people(session)
    done = 0
    for file in session.scalars(select(CaseFile).where(CaseFile.state != State.CLOSED.value).order_by(CaseFile.id)):
        for number, act in _acts(session, file, people, rng):
            days = STEP_DAYS[Trigger(file.trigger)]
            at = file.opened_at + days[min(number, len(days) - 1)] * DAY_MS
            if at > now:
                break
            person, made = act
            today = followup.today_of(office, now if isinstance(made, steps.Close) else at)
            cases.handle(session, person, file.id, made, today)
            session.refresh(file)
            done += 1
    return done


def _acts(session: Session, file: CaseFile, people: _People, rng: Random) -> Iterator[tuple[int, tuple[Person, Act]]]:
    """What is done next, until the case is closed."""
    while file.state != State.CLOSED:
        case = case_state.replayed(session, file)
        yield file.acts, _next(file, case, people, rng)


def _next(file: CaseFile, case: Case, people: _People, rng: Random) -> tuple[Person, Act]:
    head = people.inspector if file.inspectors_only else people.town_staff
    by = head.staff_id
    match case.state:
        case State.OPENED:
            return head, steps.TakeUp(by=by, note="Thụ lý, mời cán bộ giải trình.", released=ASKED)
        case State.EXPLANATION:
            own = people.officers.get(file.officer_id, head)
            words = "Hôm đó hồ sơ phải bổ sung nhiều lần, tôi xin rút kinh nghiệm trong cách giải thích."
            return own, steps.Explain(by=own.staff_id, note=words)
        case State.VERIFICATION:
            finding = Finding.TRUE if file.trigger == Trigger.FLAG else rng.choice(FINDINGS)
            note = "Đã xem sổ theo dõi hồ sơ và hỏi những người cùng quầy."
            inspector = people.inspector
            return inspector, steps.Verify(by=inspector.staff_id, note=note, finding=finding)
        case State.MEASURE if case.finding is Finding.UNTRUE and not file.inspectors_only:
            return head, steps.ProposeUnfounded(by=by, note="Không có cơ sở, đề nghị kết thúc.")
        case State.MEASURE:
            measure = Measure.OTHER if case.finding is Finding.UNTRUE else rng.choice(MEASURES)
            return head, steps.Decide(by=by, note="Thống nhất trong cuộc họp giao ban.", measure=measure)
        case State.UNFOUNDED:
            second = people.inspector
            return second, steps.AgreeUnfounded(by=second.staff_id, note="Đồng ý với đề nghị.")
        case State.TELLING:
            return head, steps.Tell(
                by=by, note="Đã niêm yết tại bộ phận một cửa.", by_receipt=True, on_board=True, public=_public(file)
            )
        case _:
            return head, steps.Close(by=by, note="Kết thúc vụ việc.")


def _public(file: CaseFile) -> str:
    return CHANGED[file.id % len(CHANGED)]


def _people(session: Session) -> _People:
    everywhere = units.subtree(session, None)
    found: dict[str, Person] = {}
    officers: dict[int, Person] = {}
    for row in session.scalars(select(Staff).order_by(Staff.id.desc())):
        person = Person(staff_id=row.id, role=row.role, units=everywhere, officer_id=row.officer_id)
        found[row.role] = person
        if row.officer_id is not None:
            officers[row.officer_id] = person
    return _People(town_staff=found["town_staff"], inspector=found["inspector"], officers=officers)
