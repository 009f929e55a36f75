"""Opening cases: by a red flag, and by one grave reason at once.

A grave reason (rudeness, asking for money) opens a case whether its rating is counted or not. What is not counted is
kept out of a statistic, for the statistic's sake: a second rating of the same dossier, one after closing time, one
whose clock is unknown. A complaint is no statistic (docs/flagging.md, 8), and those are just the ratings by which a
citizen complains who would not while the officer watched: by phone, in the evening. Somebody looks into it, and may
find it untrue. So that a prankster makes no hundred cases, complaints of the same kind about the same officer join
the case that nobody has taken up yet.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache

from sqlalchemy import ColumnElement, insert, literal_column, select
from sqlalchemy.orm import Session

from survey import resources
from survey.questionnaire import read_reasons
from survey.rating import SOURCES
from sync_server.casework import terms
from sync_server.casework.people import MONEY
from sync_server.casework.steps import State, Trigger
from sync_server.casework.today import Today
from sync_server.casework.workdays import public_calendar
from sync_server.errors import NotFound
from sync_server.flagging.evidence import Evidence, from_json
from sync_server.flagging.state import State as SignalState
from sync_server.models.casework import CaseFile, CaseRating
from sync_server.models.followup import Flag, Signal
from sync_server.models.organisation import Officer, SurveyVersion
from sync_server.models.rating import Counted, Rating
from sync_server.rulebook import rulebook
from sync_server.services import audit, flags, notices


def open_for_flags(session: Session, changes: Iterable[flags.Change], today: Today) -> list[int]:
    """Open a case for each change to red that has none yet; their ids. Safe to repeat."""
    red = [change for change in changes if change.became is SignalState.FLAG]
    return [
        _open_for_flag(session, change.officer_id, change.flag_id, today)
        for change in red
        if not _exists(session, CaseFile.flag_id == change.flag_id)
    ]


def open_for_red_signals(session: Session, today: Today) -> list[int]:
    """Open a case for everybody who is red without one: after an import, an upgrade, a night that failed. Safe to
    repeat, and on PostgreSQL for one process at a time."""
    red = session.scalars(select(Signal.officer_id).where(Signal.state == SignalState.FLAG.value))
    opened = []
    for officer_id in sorted(red):
        flag_id = session.scalar(
            select(Flag.id)
            .where(Flag.officer_id == officer_id, Flag.became == SignalState.FLAG.value)
            .order_by(Flag.id.desc())
            .limit(1)
        )
        if flag_id is not None and not _exists(session, CaseFile.flag_id == flag_id):
            opened.append(_open_for_flag(session, officer_id, flag_id, today))
    return opened


def open_for_grave_reasons(session: Session, ratings: Iterable[tuple[bytes, int, int]], today: Today) -> list[int]:
    """Open a case at once for each rating with a grave reason: `(id, officer, reasons' bits)`; the ids of the cases
    that were opened. Safe to repeat.

    A rating with two grave reasons is one complaint; asking for money goes before, since its case is for inspectors.
    """
    grave = _grave()
    opened = []
    for rating_id, officer_id, bits in ratings:
        reason = next((code for code, bit in grave if bits & bit), None)
        if reason is None or _exists(session, CaseRating.rating_id == rating_id, CaseFile.trigger == Trigger.GRAVE):
            continue
        waiting = session.scalar(
            select(CaseFile.id).where(
                CaseFile.officer_id == officer_id, CaseFile.reason == reason, CaseFile.state == State.OPENED.value
            )
        )
        if waiting is not None:
            _add_ratings(session, waiting, [rating_id], today)
            continue
        case_id = open_case(
            session, officer_id, Trigger.GRAVE, today,
            rating_id=rating_id, reason=reason, inspectors_only=reason == MONEY,
        )  # fmt: skip
        _add_ratings(session, case_id, [rating_id], today)
        opened.append(case_id)
    return opened


def open_case(
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
    """One more case, waiting to be taken up; its id. Raises `NotFound` for an officer who is not there."""
    unit_id = session.scalar(select(Officer.unit_id).where(Officer.id == officer_id))
    if unit_id is None:
        raise NotFound(f"there is no officer {officer_id}")
    due = terms.due_day(State.OPENED, today.day, terms.rule_at(today.day), public_calendar())
    file = CaseFile(
        officer_id=officer_id, unit_id=unit_id, trigger=trigger.value, flag_id=flag_id, rating_id=rating_id,
        reason=reason, inspectors_only=inspectors_only, opened_at=today.now, opened_by=opened_by, note=note,
        state=State.OPENED.value, due_day=due, acts=0,
    )  # fmt: skip
    session.add(file)
    session.flush()
    audit.note(session, staff_id=opened_by, act="case opened", subject=f"case {file.id}", now=today.now)
    notices.case_opened(session, file, today.now)
    return file.id


def _open_for_flag(session: Session, officer_id: int, flag_id: int, today: Today) -> int:
    case_id = open_case(session, officer_id, Trigger.FLAG, today, flag_id=flag_id)
    proof = from_json(session.get_one(Flag, flag_id).evidence)
    _add_ratings(session, case_id, _bad_ratings(session, officer_id, proof), today)
    return case_id


def _bad_ratings(session: Session, officer_id: int, proof: Evidence) -> Sequence[bytes]:
    """The ratings of the wide bad set on the days that raised a flag."""
    if proof.climb is None:
        return []
    first, last = (date.fromisoformat(day).toordinal() for day in (proof.climb.since, proof.day))
    rows = session.execute(
        select(Rating.id, Rating.level, SurveyVersion.scale)
        .join(SurveyVersion, SurveyVersion.id == Rating.survey_id)
        .where(
            Rating.officer_id == officer_id,
            Rating.day.between(first, last),
            Rating.level <= literal_column("3"),  # as the partial index says it, or it is not used
            Rating.counted == Counted.YES,
            Rating.source != SOURCES.index("observer"),
        )
        .order_by(Rating.day, Rating.id)
    )
    scales = rulebook().scales
    return [row.id for row in rows if row.level in scales[row.scale].not_satisfied]


def _add_ratings(session: Session, case_id: int, rating_ids: Sequence[bytes], today: Today) -> None:
    rows = [{"case_id": case_id, "rating_id": rating_id, "added_at": today.now} for rating_id in rating_ids]
    if rows:
        session.execute(insert(CaseRating), rows)


def _exists(session: Session, *conditions: ColumnElement[bool]) -> bool:
    found = select(CaseFile.id).outerjoin(CaseRating, CaseRating.case_id == CaseFile.id).where(*conditions)
    return session.scalar(found.limit(1)) is not None


@cache
def _grave() -> tuple[tuple[str, int], ...]:
    """Grave reasons and their bits, asking for money first."""
    reasons = read_reasons(resources.config() / "reasons.toml").values()
    return tuple(sorted(((r.code, 1 << r.bit) for r in reasons if r.grave), key=lambda item: item[0] != MONEY))
