"""Cases as those see them who handle them, as the observer counts them, and as a citizen hears of them."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from survey import resources
from survey.questionnaire import Reason, read_reasons
from survey.rating import SOURCES
from sync_server.casework import people
from sync_server.casework.people import MONEY, Person, Place
from sync_server.casework.steps import Case, Measure, State, Tell, Trigger
from sync_server.errors import NotFound
from sync_server.flagging.evidence import Evidence, from_json
from sync_server.models.casework import CaseFile, CaseRating
from sync_server.models.followup import Flag
from sync_server.models.organisation import Officer, SurveyVersion, Unit
from sync_server.models.people import Staff
from sync_server.models.rating import Counted, Rating, RatingComment
from sync_server.queries import case_state
from sync_server.queries.case_state import Done


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case in a list. reason: the grave reason that opened it; due_day: of the waiting step, an ordinal; is_mine:
    it is the turn of the one who looks. Times are ms UTC."""

    id: int
    officer_id: int
    officer: str
    title: str
    unit_id: int
    unit: str
    trigger: Trigger
    reason: Reason | None
    inspectors_only: bool
    state: State
    due_day: int | None
    opened_at: int
    closed_at: int | None
    is_overdue: bool
    is_mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """One case with all that was done.

    turn: the role whose turn it is. note: of the person `opened_by` who opened it by hand. evidence: of its flag.
    seen: how many acts there are, by which two people who act at once are told apart.
    """

    line: CaseLine
    place: Place
    turn: str | None
    case: Case
    acts: Sequence[Done]
    seen: int
    note: str
    opened_by: str | None
    evidence: Evidence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingLine:
    """A rating behind a case, for those who verify: never its dossier, and its day but not its hour."""

    id: str
    day: int | None
    level: int
    scale_id: str
    reasons: tuple[Reason, ...]
    comment: str | None
    service_id: int | None
    source: str
    counted: Counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits of cases for the one who looks: those whose turn it is, those in reach past their day, and all."""

    mine: int = 0
    overdue: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HandledLine:
    """How cases of a unit ended, without any name. measures: how often each was taken."""

    unit: str
    opened: int
    waiting: int
    told: int
    closed: int
    measures: Mapping[Measure, int] = field(default_factory=dict)


def listing(
    session: Session, person: Person, *, today: int, state: str = "open", officer_id: int | None = None
) -> list[CaseLine]:
    """The cases that somebody may see: whose turn it is first, then by due day. state: open, mine, overdue, closed or
    all; officer_id: of one officer only."""
    wanted_officer = () if officer_id is None else (CaseFile.officer_id == officer_id,)
    rows = session.execute(_lines().where(_visible(person), *_in_state(state), *wanted_officer))
    lines = [_line(row, person, today) for row in rows]
    wanted = {"mine": lambda line: line.is_mine, "overdue": lambda line: line.is_overdue}.get(state, lambda line: True)
    if state in ("closed", "all"):
        return sorted(lines, key=lambda line: (line.closed_at is not None, -(line.closed_at or line.id)))
    return sorted(filter(wanted, lines), key=lambda line: (not line.is_mine, line.due_day or 0, line.id))


def one(session: Session, person: Person, number: int, *, today: int) -> CasePage:
    """One case. Raises `NotFound`, for one that is not theirs to see too: they cannot be told apart."""
    row = session.execute(_lines().where(CaseFile.id == number, _visible(person))).one_or_none()
    if row is None:
        raise NotFound(f"there is no case {number} for you")
    file: CaseFile = row[0]
    flag = session.get(Flag, file.flag_id) if file.flag_id is not None else None
    return CasePage(
        line=_line(row, person, today),
        place=_place(file),
        turn=people.first_role(_place(file), State(file.state)),
        case=case_state.replayed(session, file),
        acts=case_state.done(session, number),
        seen=file.acts,
        note=file.note,
        opened_by=row.opener,
        evidence=from_json(flag.evidence) if flag else None,
    )


def ratings(session: Session, case_id: int, person: Person) -> list[RatingLine]:
    """The ratings that a case is about, by day.

    That somebody was asked for money is for inspectors, also where that rating is one of many behind a flag: others
    see the rating without that reason and without its comment.
    """
    rows = session.execute(
        select(Rating, SurveyVersion.scale, RatingComment.text)
        .join(CaseRating, CaseRating.rating_id == Rating.id)
        .join(SurveyVersion, SurveyVersion.id == Rating.survey_id)
        .outerjoin(RatingComment, and_(RatingComment.epoch_id == Rating.epoch_id, RatingComment.seq == Rating.seq))
        .where(CaseRating.case_id == case_id)
        .order_by(Rating.day, Rating.id)
    )
    secret = 0 if person.role == "inspector" else sum(1 << r.bit for r in _reasons() if r.code == MONEY)
    return [
        RatingLine(
            id=str(uuid.UUID(bytes=rating.id)),
            day=rating.day,
            level=rating.level,
            scale_id=scale,
            reasons=tuple(reason for reason in _reasons() if rating.reasons & ~secret & (1 << reason.bit)),
            comment=None if rating.reasons & secret else comment,
            service_id=rating.service_id or rating.tallied_service_id,
            source=SOURCES[rating.source],
            counted=Counted(rating.counted),
        )
        for rating, scale, comment in rows
    ]


def waiting(session: Session, person: Person, *, today: int) -> Waiting:
    """What waits for somebody, for the first page; nothing for those who have no business with cases."""
    if person.role == "officer":
        asked = session.scalars(
            select(CaseFile.due_day).where(
                CaseFile.officer_id == person.officer_id,
                CaseFile.officer_hears.is_(True),
                CaseFile.state == State.EXPLANATION.value,
            )
        ).all()
        return Waiting(mine=len(asked), overdue=sum(day is not None and day < today for day in asked), open=len(asked))
    lines = listing(session, person, today=today) if person.role in people.HANDLING else []
    mine = sum(line.is_mine for line in lines)
    return Waiting(mine=mine, overdue=sum(line.is_overdue for line in lines), open=len(lines))


def handled(session: Session, unit_ids: Collection[int], *, since: int) -> list[HandledLine]:
    """The cases opened since a moment (ms UTC), by unit. No name, no officer, and of complaints that only inspectors
    see nothing before their officer hears of them: a number that goes up would tell."""
    rows = session.execute(
        select(CaseFile.state, CaseFile.measure, CaseFile.told_by_receipt, CaseFile.told_on_board, Unit.id, Unit.name)
        .join(Unit, Unit.id == CaseFile.unit_id)
        .where(
            CaseFile.unit_id.in_(unit_ids),
            CaseFile.opened_at >= since,
            or_(CaseFile.inspectors_only.is_(False), CaseFile.officer_hears.is_(True)),
        )
    )
    by_unit: dict[tuple[str, int], list[tuple[State, Measure | None, bool]]] = {}
    for row in rows:
        measure = Measure(row.measure) if row.measure else None
        told = row.told_by_receipt or row.told_on_board
        by_unit.setdefault((row.name, row.id), []).append((State(row.state), measure, told))
    return [_handled(name, found) for (name, _), found in sorted(by_unit.items())]


def answer(session: Session, span: tuple[bytes, bytes]) -> str | None:
    """What the citizen is told by receipt whose rating has an id in this span: the words that were released, ''
    where there are none; None while no case about it was told so."""
    case_id = session.scalar(
        select(CaseFile.id)
        .join(CaseRating, CaseRating.case_id == CaseFile.id)
        .where(CaseRating.rating_id.between(*span), CaseFile.told_by_receipt.is_(True))
        .order_by(CaseFile.id.desc())
        .limit(1)
    )
    if case_id is None:
        return None
    told = [done.act for done in case_state.done(session, case_id) if isinstance(done.act, Tell)]
    return next((act.public for act in reversed(told) if act.by_receipt), "")


def _handled(unit: str, found: Sequence[tuple[State, Measure | None, bool]]) -> HandledLine:
    taken = [measure for _, measure, told in found if told and measure is not None]
    return HandledLine(
        unit=unit,
        opened=len(found),
        waiting=sum(state is not State.CLOSED for state, _, _ in found),
        told=sum(told for _, _, told in found),
        closed=sum(state is State.CLOSED for state, _, _ in found),
        measures={measure: taken.count(measure) for measure in Measure if measure in taken},
    )


_OPENER = aliased(Staff)


def _lines() -> Any:  # a select of a row and named columns has no short type
    return (
        select(
            CaseFile,
            Officer.name.label("officer"),
            Officer.title.label("title"),
            Unit.name.label("unit"),
            _OPENER.name.label("opener"),
        )
        .join(Officer, Officer.id == CaseFile.officer_id)
        .join(Unit, Unit.id == CaseFile.unit_id)
        .outerjoin(_OPENER, _OPENER.id == CaseFile.opened_by)
    )


def _visible(person: Person) -> ColumnElement[bool]:
    """`people.sees`, as the database asks it."""
    if person.role not in people.HANDLING:
        return CaseFile.id.is_(None)
    within = CaseFile.unit_id.in_(person.units)
    return within if person.role == "inspector" else and_(within, CaseFile.inspectors_only.is_(False))


def _in_state(state: str) -> tuple[ColumnElement[bool], ...]:
    closed = CaseFile.state == State.CLOSED.value
    return () if state == "all" else (closed,) if state == "closed" else (~closed,)


def _line(row: Any, person: Person, today: int) -> CaseLine:
    file: CaseFile = row[0]
    state = State(file.state)
    turn = people.first_role(_place(file), state)
    known = {reason.code: reason for reason in _reasons()}
    return CaseLine(
        id=file.id,
        officer_id=file.officer_id,
        officer=row.officer,
        title=row.title,
        unit_id=file.unit_id,
        unit=row.unit,
        trigger=Trigger(file.trigger),
        reason=known.get(file.reason or ""),
        inspectors_only=file.inspectors_only,
        state=state,
        due_day=file.due_day,
        opened_at=file.opened_at,
        closed_at=file.closed_at,
        is_overdue=file.due_day is not None and file.due_day < today,
        is_mine=turn == person.role and file.proposed_by != person.staff_id,
    )


def _place(file: CaseFile) -> Place:
    return Place(officer_id=file.officer_id, unit_id=file.unit_id, inspectors_only=file.inspectors_only)


@cache
def _reasons() -> Sequence[Reason]:
    return tuple(read_reasons(resources.config() / "reasons.toml").values())
