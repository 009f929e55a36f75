"""Cases: opened by a flag, a grave reason or by hand; moved act by act; never edited.

Each function is one part of the caller's transaction. Who may act is the page's question; what may be done is
answered by `sync_server.casework.steps`, whose `WrongStep` carries a sentence for the person who tried.
"""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import tzinfo

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from survey import resources
from survey.questionnaire import Reason, read_reasons
from sync_server.casework import record, steps, terms
from sync_server.casework.steps import Act, Case, State, Trigger
from sync_server.casework.workdays import public_calendar
from sync_server.errors import NotFound, Refused
from sync_server.flagging.state import State as SignalState
from sync_server.models.casework import CaseAct, CaseFile
from sync_server.models.organisation import Officer
from sync_server.models.people import Staff
from sync_server.models.rating import Counted, Rating
from sync_server.services import audit, flags, standings, tallies

MONEY = "asked_for_money"
"""The reason whose cases only inspectors see (docs/domain.md, Wording)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """When an act is done: milliseconds UTC, and the town's day and zone."""

    now: int
    day: int
    zone: tzinfo


def open_for_flags(session: Session, changes: Iterable[flags.Change], today: Today) -> list[int]:
    """Open a case for each change to red that has none yet; their ids. Safe to repeat."""
    opened = []
    for change in changes:
        if change.became is SignalState.FLAG and not _exists(session, CaseFile.flag_id == change.flag_id):
            opened.append(_open(session, change.officer_id, Trigger.FLAG, today, flag_id=change.flag_id))
    return opened


def open_for_grave_reasons(session: Session, ratings: Iterable[tuple[bytes, int, int]], today: Today) -> list[int]:
    """Open a case at once for each rating with a grave reason: `(id, officer, reasons' bits)`. Safe to repeat.

    A rating with two grave reasons opens one case; asking for money goes before, since its case is for inspectors.
    """
    grave = [(reason.code, 1 << reason.bit) for reason in _reasons() if reason.grave]
    grave.sort(key=lambda item: item[0] != MONEY)
    opened = []
    for rating_id, officer_id, bits in ratings:
        reason = next((code for code, bit in grave if bits & bit), None)
        if reason is not None and not _exists(session, CaseFile.rating_id == rating_id):
            opened.append(
                _open(
                    session, officer_id, Trigger.GRAVE, today,
                    rating_id=rating_id, reason=reason, inspectors_only=reason == MONEY,
                )
            )  # fmt: skip
    return opened


def open_by_hand(session: Session, officer_id: int, *, by: int, note: str, today: Today) -> int:
    """Open a case for what reached the town otherwise; its id. Raises `Refused` without a note, `NotFound`."""
    if not note.strip():
        raise Refused("Hãy ghi vì sao mở vụ việc.")
    return _open(session, officer_id, Trigger.HAND, today, opened_by=by, note=note.strip())


def act(session: Session, case_id: int, make: Act | Callable[[Case], Act], today: Today) -> Case:
    """Do one act, and what follows from it; the case after it.

    The next step's due day is set from the terms unless the act names one. Verification marks the ratings that were
    found untrue, so that they count no longer; closing starts the officer's score anew with later ratings.
    Raises `WrongStep`, `NotFound`, and `Refused` when somebody else acted in between: look again, then try again.
    """
    file, case = _load(session, case_id)
    done = make if isinstance(make, Act) else make(case)
    after = steps.take(case, done)
    if done.due is None:
        due = terms.due_day(after.state, today.day, terms.rule_at(today.day), public_calendar())
        done = replace(done, due=due)
        after = steps.take(case, done)
    _add_act(session, file, done, today)
    _follow(session, file, done, after, today)
    session.execute(
        update(CaseFile)
        .where(CaseFile.id == case_id)
        .values(
            state=after.state.value,
            due_day=after.due,
            acts=file.acts + 1,
            closed_at=today.now if after.state is State.CLOSED else None,
        )
    )
    return after


def _follow(session: Session, file: CaseFile, done: Act, after: Case, today: Today) -> None:
    """What an act brings about outside of its case."""
    if isinstance(done, steps.Verify) and done.untrue_ratings:
        _count_no_longer(session, file, done.untrue_ratings, today)
    if after.state is State.CLOSED and file.trigger == Trigger.FLAG:
        flags.restart(session, file.officer_id, after_day=today.day, now=today.now, zone=today.zone)


def _count_no_longer(session: Session, file: CaseFile, rating_ids: Iterable[str], today: Today) -> None:
    """Mark ratings as verified untrue (TT 01/2018/TT-VPCP Art 13(7)): they stay, and count no longer."""
    wanted = {_rating_bytes(text) for text in rating_ids}
    rows = standings.read(session, Rating.id.in_(wanted), Rating.officer_id == file.officer_id)
    missing = len(wanted) - len(rows)
    if missing:
        raise NotFound(f"{missing} lượt đánh giá không có trên máy chủ hoặc không thuộc công chức này.")
    moves = tallies.Moves()
    for row in rows:
        row.count(Counted.VERIFIED_UNTRUE, moves)
    standings.write(session, rows)
    tallies.move(session, moves)
    flags.judge(session, [file.officer_id], now=today.now, zone=today.zone, earliest_day=moves.earliest_day)


def load(session: Session, case_id: int) -> Case:
    """The case as its acts made it. Raises `NotFound`."""
    return _load(session, case_id)[1]


def _load(session: Session, case_id: int) -> tuple[CaseFile, Case]:
    file = session.execute(select(CaseFile).where(CaseFile.id == case_id).with_for_update()).scalar_one_or_none()
    if file is None:
        raise NotFound(f"Không có vụ việc số {case_id}.")
    officer = session.scalar(select(Staff.id).where(Staff.officer_id == file.officer_id, Staff.closed_at.is_(None)))
    acts = session.execute(
        select(CaseAct.kind, CaseAct.content).where(CaseAct.case_id == case_id).order_by(CaseAct.number)
    ).all()
    first_due = file.due_day if file.acts == 0 else None
    start = Case(officer_staff_id=officer, due=first_due)
    return file, steps.replay(start, (record.read_act(kind, content) for kind, content in acts))


def _add_act(session: Session, file: CaseFile, done: Act, today: Today) -> None:
    kind, content = record.write_act(done)
    number = file.acts + 1
    if session.get(CaseAct, (file.id, number)) is not None:
        raise Refused("Vừa có người khác xử lý vụ việc này; hãy xem lại rồi làm tiếp.")
    session.execute(
        insert(CaseAct).values(
            case_id=file.id, number=number, at=today.now, staff_id=done.by, kind=kind, content=content
        )
    )
    audit.note(session, staff_id=done.by, act=f"case {kind}", subject=f"case {file.id}", now=today.now)


def _open(
    session: Session,
    officer_id: int,
    trigger: Trigger,
    today: Today,
    *,
    flag_id: int | None = None,
    rating_id: bytes | None = None,
    reason: str | None = None,
    inspectors_only: bool = False,
    opened_by: int | None = None,
    note: str = "",
) -> int:
    unit_id = session.scalar(select(Officer.unit_id).where(Officer.id == officer_id))
    if unit_id is None:
        raise NotFound(f"Không có công chức số {officer_id}.")
    due = terms.due_day(State.OPENED, today.day, terms.rule_at(today.day), public_calendar())
    file = CaseFile(
        officer_id=officer_id, unit_id=unit_id, trigger=trigger.value, flag_id=flag_id, rating_id=rating_id,
        reason=reason, inspectors_only=inspectors_only, opened_at=today.now, opened_by=opened_by, note=note,
        state=State.OPENED.value, due_day=due, acts=0,
    )  # fmt: skip
    session.add(file)
    session.flush()
    audit.note(session, staff_id=opened_by, act="case opened", subject=f"case {file.id}", now=today.now)
    return file.id


def _exists(session: Session, condition: ColumnElement[bool]) -> bool:
    return session.scalar(select(CaseFile.id).where(condition)) is not None


def _reasons() -> Iterable[Reason]:
    return read_reasons(resources.config() / "reasons.toml").values()


def _rating_bytes(text: str) -> bytes:
    try:
        return uuid.UUID(text).bytes
    except ValueError as error:
        raise Refused(f"«{text[:40]}» không phải mã của một lượt đánh giá.") from error
