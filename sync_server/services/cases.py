"""Cases: opened by a flag, a grave reason or by hand; moved act by act; never edited.

Each function is one part of the caller's transaction. What may be done is answered by `sync_server.casework.steps`,
whose `WrongStep` carries a sentence for the person who tried; who may do it by `sync_server.casework.people`.
"""

import uuid
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from sync_server.casework import people, public_words, record, steps, terms
from sync_server.casework.people import Person, Place
from sync_server.casework.steps import N_, Act, Case, State, Trigger
from sync_server.casework.today import Today
from sync_server.casework.workdays import public_calendar
from sync_server.errors import NotFound, Refused
from sync_server.flagging.state import State as SignalState
from sync_server.models.casework import CaseAct, CaseFile, CaseRating
from sync_server.models.followup import Flag, Signal
from sync_server.models.organisation import Officer
from sync_server.models.rating import Counted, Rating
from sync_server.queries import case_state
from sync_server.queries.officers import plain
from sync_server.services import audit, flags, standings, tallies
from sync_server.services.case_opening import open_case, open_for_flags


def open_by_hand(session: Session, officer_id: int, *, by: int, note: str, today: Today) -> int:
    """Open a case for what reached the town otherwise; its id. Raises `Refused` without a note, `NotFound`."""
    if not note.strip():
        raise Refused(N_("Hãy ghi vì sao mở vụ việc."))
    return open_case(session, officer_id, Trigger.HAND, today, opened_by=by, note=note.strip())


def handle(session: Session, person: Person, case_id: int, act: Act, today: Today, *, seen: int | None = None) -> Case:
    """Do one act as the person who is signed in; the case after it.

    seen: how many acts the person saw. Raises `NotFound` for a case that is not theirs to see, and what `do` raises.
    """
    file, case = _locked(session, case_id)
    place = Place(officer_id=file.officer_id, unit_id=file.unit_id, inspectors_only=file.inspectors_only)
    own = person.role == "officer" and person.officer_id == file.officer_id and case.officer_hears
    if not (own or people.sees(person, place)):
        raise NotFound(f"there is no case {case_id} for you")
    if seen is not None and seen != file.acts:
        raise Refused(N_("Vừa có người khác xử lý vụ việc này; hãy xem lại rồi làm tiếp."))
    if act.by != person.staff_id or not people.may(person, place, type(act), case):
        raise Refused(N_("Bước này thuộc nhiệm vụ của người khác."))
    return _do(session, file, case, act, today)


def do(session: Session, case_id: int, act: Act, today: Today) -> Case:
    """Do one act, whoever may, and what follows from it; the case after it.

    The next step's due day is set from the terms unless the act names one. Verification marks the ratings that were
    found untrue, so that they count no longer; closing starts the officer's score anew with later ratings.
    Raises `WrongStep`, `NotFound`, and `Refused` when somebody else acted in between: look again, then try again.
    """
    file, case = _locked(session, case_id)
    return _do(session, file, case, act, today)


def _locked(session: Session, case_id: int) -> tuple[CaseFile, Case]:
    """The case and what its acts made of it; nobody else acts on it until the transaction ends."""
    file = session.execute(select(CaseFile).where(CaseFile.id == case_id).with_for_update()).scalar_one_or_none()
    if file is None:
        raise NotFound(f"there is no case {case_id}")
    return file, case_state.replayed(session, file)


def _do(session: Session, file: CaseFile, case: Case, act: Act, today: Today) -> Case:
    after = steps.take(case, act)
    if act.due is None:
        due = terms.due_day(after.state, today.day, terms.rule_at(today.day), public_calendar())
        act = replace(act, due=due)
        after = steps.take(case, act)
    if isinstance(act, steps.Tell) and act.public:
        _check_public(session, file, act.public)
    number = file.acts + 1
    _write(session, file.id, number, act, today)
    session.execute(
        update(CaseFile)
        .where(CaseFile.id == file.id)
        .values(
            state=after.state.value,
            due_day=after.due,
            acts=number,
            closed_at=today.now if after.state is State.CLOSED else None,
            officer_hears=after.officer_hears,
            proposed_by=after.proposed_by,
            finding=after.finding.value if after.finding else None,
            measure=after.measure.value if after.measure else None,
            told_by_receipt=after.told_by_receipt,
            told_on_board=after.told_on_board,
        )
    )
    if isinstance(act, steps.Verify) and act.untrue_ratings:
        _count_no_longer(session, file, act.untrue_ratings, today)
    if after.state is State.CLOSED:
        _restart(session, file, today)
    return after


def _write(session: Session, case_id: int, number: int, act: Act, today: Today) -> None:
    kind, content = record.write_act(act)
    row = {"case_id": case_id, "number": number, "at": today.now, "staff_id": act.by, "kind": kind, "content": content}
    session.execute(insert(CaseAct).values(**row))
    audit.note(session, staff_id=act.by, act=f"case {kind}", subject=f"case {case_id}", now=today.now)


def _count_no_longer(session: Session, file: CaseFile, rating_ids: Iterable[str], today: Today) -> None:
    """Mark ratings as verified untrue (TT 01/2018/TT-VPCP Art 13(7)): they stay, and count no longer."""
    wanted = {_rating_bytes(text) for text in rating_ids}
    of_case = select(CaseRating.rating_id).where(CaseRating.case_id == file.id)
    rows = standings.read(session, Rating.id.in_(wanted), Rating.id.in_(of_case))
    if len(rows) < len(wanted):
        raise Refused(N_("Có lượt đánh giá không thuộc vụ việc này; hãy chọn trong bảng các lượt."))
    moves = tallies.Moves()
    for row in rows:
        row.count(Counted.VERIFIED_UNTRUE, moves)
    standings.write(session, rows)
    tallies.move(session, moves)
    changes = flags.judge(session, [file.officer_id], now=today.now, zone=today.zone, earliest_day=moves.earliest_day)
    open_for_flags(session, changes, today)


def _check_public(session: Session, file: CaseFile, text: str) -> None:
    """Raises `Refused` when words for the public board name an officer of the unit, or hold a number or dossier."""
    names = session.scalars(
        select(Officer.name).where((Officer.unit_id == file.unit_id) | (Officer.id == file.officer_id))
    )
    public_words.check_public(plain(text), [plain(name) for name in names])


def _restart(session: Session, file: CaseFile, today: Today) -> None:
    """Let red go, when it is this case's own: a case that is closed again must not end a younger flag."""
    if file.flag_id is None:
        return
    last = session.scalar(
        select(Flag.id)
        .where(Flag.officer_id == file.officer_id, Flag.became == SignalState.FLAG.value)
        .order_by(Flag.id.desc())
        .limit(1)
    )
    state = session.scalar(select(Signal.state).where(Signal.officer_id == file.officer_id))
    if last == file.flag_id and state == SignalState.FLAG.value:
        change = flags.restart(session, file.officer_id, after_day=today.day, now=today.now, zone=today.zone)
        open_for_flags(session, [change] if change else [], today)


def _rating_bytes(text: str) -> bytes:
    try:
        return uuid.UUID(text).bytes
    except ValueError as error:
        raise Refused(N_("Có lượt đánh giá không thuộc vụ việc này; hãy chọn trong bảng các lượt.")) from error
