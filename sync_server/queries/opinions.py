"""Opinions as pages show them: the inbox, what waits for a check, one of them, the board, the receipt, the counts."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from survey import resources
from survey.questionnaire import Reason, Scale, read_reasons
from survey.rating import SOURCES, receipt_code, receipt_ids
from sync_server.answering.rules import ANSWERED, CLOSED, DROPPED, KEYED, OPEN, reads_words
from sync_server.casework.people import MONEY
from sync_server.errors import NotFound
from sync_server.models.opinion import Opinion
from sync_server.models.organisation import Service, Unit
from sync_server.models.people import Staff
from sync_server.queries.officers import plain
from sync_server.queries.surveys import survey_in_force
from sync_server.queries.units import line_of, subtree
from sync_server.rulebook import rulebook

PAGE, BOARD_MAX = 100, 30
SHOWN = ("waiting", "overdue", "answered", "closed", "all")
KINDS = ("all", "written", "comment")
_COMMENT = Opinion.rating_id.isnot(None)
_OUTSIDE = (KEYED, DROPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPaper:
    """What the unit's paper form asks: the scale and the reasons of its survey."""

    scale: Scale
    reasons: Sequence[Reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionLine:
    """An opinion as a role may read it. words: the citizen's own, or what was released of them; None where neither
    may be read. Days are ordinals, moments ms UTC."""

    id: int
    receipt: str
    unit_id: int
    unit: str
    source: str
    is_comment: bool
    words: str | None
    is_erased: bool
    scale: str | None
    level: int | None
    reasons: tuple[Reason, ...]
    service: str | None
    is_repeated: bool
    inspectors_only: bool
    state: str
    day: int
    due_day: int | None
    is_overdue: bool
    assigned_to: str
    released: str
    answer: str
    public_question: str
    public_answer: str
    published_at: int | None
    keyed_by: int | None
    keyed_by_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many opinions wait for an answer, how many of them too long, and how many for a second person's check."""

    open: int
    overdue: int
    unchecked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the holder of a receipt code hears: the words of the answer, None while there is none."""

    answer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What forms on paper, or from the box, said about a unit: n with a level, of which dissatisfied; repeated: of
    dossiers that had been rated before, and not in n."""

    source: str
    n: int
    dissatisfied: int
    repeated: int


def offered_on_paper(session: Session, unit_id: int, day: int) -> OnPaper:
    """What a unit's form asks on a day. Raises `NotFound` where no survey is published."""
    survey = survey_in_force(session, line_of(session, unit_id), day)
    known = read_reasons(resources.config() / "reasons.toml")
    return OnPaper(scale=rulebook().scales[survey.scale], reasons=[known[code] for code in survey.reasons])


def inbox(
    session: Session, units: Collection[int], role: str, *, today: int, shown: str, kind: str, search: str
) -> list[OpinionLine]:
    """The opinions within reach of a role, those that are due first. search: words in any case, with marks or without.

    At most `PAGE`. A search looks only into what the role may read.
    """
    query = _lines().where(Opinion.unit_id.in_(units), Opinion.state.not_in(_OUTSIDE), _visible(role))
    query = query.where(*_state(shown, today), *_kind(kind))
    for word in plain(search).split()[:8]:
        query = query.where(_readable_plain(role, word))
    query = query.order_by(Opinion.due_day.is_(None), Opinion.due_day, Opinion.received_at.desc(), Opinion.id.desc())
    return [_line(row, role, today) for row in session.execute(query.limit(PAGE))]


def one(session: Session, number: int, units: Collection[int], role: str, *, today: int) -> OpinionLine:
    """One opinion. Raises `NotFound`, for others' too."""
    query = _lines().where(Opinion.id == number, Opinion.unit_id.in_(units), Opinion.state.not_in(_OUTSIDE))
    row = session.execute(query.where(_visible(role))).one_or_none()
    if row is None:
        raise NotFound(f"there is no opinion {number} within your units")
    return _line(row, role, today)


def unchecked(session: Session, units: Collection[int]) -> list[OpinionLine]:
    """What was keyed in and waits for a second person, the oldest first, with its words, to be held against paper."""
    query = _lines().where(Opinion.unit_id.in_(units), Opinion.state == KEYED).order_by(Opinion.id).limit(PAGE)
    return [_line(row, None, 0) for row in session.execute(query)]


def waiting(session: Session, units: Collection[int], role: str, *, today: int) -> Waiting:
    """What waits, for the first page. Comments that nobody was given have no day by which they are due."""
    mine = (Opinion.unit_id.in_(units), _visible(role), Opinion.due_day.isnot(None), Opinion.state.in_(OPEN))
    count = select(func.count()).select_from(Opinion)
    return Waiting(
        open=session.scalar(count.where(*mine)) or 0,
        overdue=session.scalar(count.where(*mine, Opinion.due_day < today)) or 0,
        unchecked=session.scalar(count.where(Opinion.unit_id.in_(units), Opinion.state == KEYED)) or 0,
    )


def published(session: Session, unit_id: int) -> list[tuple[int, str, str]]:
    """What stands on the board of a unit and all below it: when (ms UTC), question, answer; the latest first."""
    rows = session.execute(
        select(Opinion.published_at, Opinion.public_question, Opinion.public_answer)
        .where(Opinion.published_at.isnot(None), Opinion.unit_id.in_(subtree(session, unit_id)))
        .order_by(Opinion.published_at.desc(), Opinion.id.desc())
        .limit(BOARD_MAX)
    )
    return [(at, question, answer) for at, question, answer in rows if at is not None]


def told(session: Session, code: str) -> Told | None:
    """What became of the opinion with this receipt code; None when there is none, or it was dropped."""
    span = receipt_ids(code)
    if span is None:
        return None
    plain_code = receipt_code(str(uuid.UUID(bytes=span[0])))
    rows = session.execute(
        select(Opinion.answer).where(Opinion.receipt == plain_code, Opinion.state != DROPPED).order_by(Opinion.id)
    ).all()
    return Told(answer=next((row.answer for row in rows if row.answer), None)) if rows else None


def counts(session: Session, units: Collection[int], first: int, until: int) -> list[Written]:
    """What checked forms said on the days [first, until), by source; sources without any are left out."""
    rows = session.execute(
        select(Opinion.source, Opinion.scale, Opinion.level, Opinion.is_repeated, func.count())
        .where(
            Opinion.unit_id.in_(units), Opinion.day >= first, Opinion.day < until, ~_COMMENT,
            Opinion.level.isnot(None), Opinion.state.not_in(_OUTSIDE),
        )
        .group_by(Opinion.source, Opinion.scale, Opinion.level, Opinion.is_repeated)
    ).all()  # fmt: skip
    found = []
    for source in sorted({row[0] for row in rows}):
        own = [row for row in rows if row[0] == source]
        bad = sum(
            int(row[4]) for row in own if row[1] and not row[3] and row[2] in rulebook().scales[row[1]].dissatisfied
        )
        found.append(
            Written(
                source=SOURCES[source],
                n=sum(row[4] for row in own if not row[3]),
                dissatisfied=bad,
                repeated=sum(row[4] for row in own if row[3]),
            )
        )
    return found


_KEYER = aliased(Staff)


def _lines() -> Select[*tuple[Any, ...]]:
    return (
        select(Opinion, Unit.name.label("unit"), Service.name.label("service"), _KEYER.name.label("keyer"))
        .join(Unit, Unit.id == Opinion.unit_id)
        .outerjoin(Service, Service.id == Opinion.service_id)
        .outerjoin(_KEYER, _KEYER.id == Opinion.keyed_by)
    )


def _visible(role: str) -> ColumnElement[bool]:
    if role == "inspector":
        return Opinion.id.isnot(None)
    if role == "town_staff":
        return Opinion.inspectors_only.is_(False)
    if role == "head":
        return and_(Opinion.inspectors_only.is_(False), or_(~_COMMENT, Opinion.released != ""))
    return false()


def _readable_plain(role: str, word: str) -> ColumnElement[bool]:
    """A head must not find out by searching what a comment says that was released in other words."""
    found = Opinion.plain.contains(word, autoescape=True)
    return and_(~_COMMENT, found) if role == "head" else found


def _state(shown: str, today: int) -> Sequence[ColumnElement[bool]]:
    known: dict[str, Sequence[ColumnElement[bool]]] = {
        "waiting": [Opinion.state.in_(OPEN)],
        "overdue": [Opinion.state.in_(OPEN), Opinion.due_day < today],
        "answered": [Opinion.state == ANSWERED],
        "closed": [Opinion.state == CLOSED],
    }
    return known.get(shown, ())


def _kind(kind: str) -> Sequence[ColumnElement[bool]]:
    known: dict[str, Sequence[ColumnElement[bool]]] = {"written": [~_COMMENT], "comment": [_COMMENT]}
    return known.get(kind, ())


def _line(row: Any, role: str | None, today: int) -> OpinionLine:
    opinion: Opinion = row[0]
    is_comment = opinion.rating_id is not None
    reads = role is None or reads_words(role, is_comment=is_comment, inspectors_only=opinion.inspectors_only)
    known = read_reasons(resources.config() / "reasons.toml").values()
    reasons = tuple(reason for reason in known if opinion.reasons & (1 << reason.bit)) if reads else ()
    return OpinionLine(
        id=opinion.id,
        receipt=opinion.receipt,
        unit_id=opinion.unit_id,
        unit=row.unit,
        source=SOURCES[opinion.source],
        is_comment=is_comment,
        words=(opinion.text if reads else opinion.released) or None,
        is_erased=reads and not opinion.text and opinion.level is None,
        scale=opinion.scale,
        level=opinion.level if reads else None,
        reasons=tuple(r for r in reasons if role in (None, "inspector") or r.code != MONEY),
        # Of a comment that was released, the procedure with day and level would tell in a small commune who wrote it.
        service=row.service if reads else None,
        is_repeated=opinion.is_repeated,
        inspectors_only=opinion.inspectors_only,
        state=opinion.state,
        day=opinion.day,
        due_day=opinion.due_day,
        is_overdue=opinion.state in OPEN and opinion.due_day is not None and opinion.due_day < today,
        assigned_to=opinion.assigned_to,
        released=opinion.released,
        answer=opinion.answer,
        public_question=opinion.public_question,
        public_answer=opinion.public_answer,
        published_at=opinion.published_at,
        keyed_by=opinion.keyed_by,
        keyed_by_name=row.keyer,
    )
