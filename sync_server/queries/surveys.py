"""Surveys: which is in force where, published versions, drafts, and where each is asked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from survey import codec
from survey.questionnaire import Survey
from sync_server.errors import NotFound
from sync_server.ids import SURVEY, write_id
from sync_server.models.organisation import SurveyVersion, Unit
from sync_server.models.people import Staff
from sync_server.models.survey import SurveyAssignment, SurveyDraft
from sync_server.queries.observers import made_by_observers


def survey_in_force(session: Session, line: Sequence[int], day: int, *, observers: bool = False) -> Survey:
    """What is asked on a day in the unit that `line` begins with; its parent follows, and so on to the root.

    The nearest unit with an assignment for that day decides; of its own assignments the one made last. Without any, it
    is the newest version that did not come from a draft: the shipped one. Raises `NotFound` when none is published.
    observers: on an observers' kiosk, where only what observers assigned counts; elsewhere it never does.
    """
    rows = session.execute(
        select(SurveyAssignment.unit_id, SurveyAssignment.survey_id)
        .where(SurveyAssignment.unit_id.in_(line), _on(day), _assigned_by(observers))
        .order_by(SurveyAssignment.id)
    )
    assigned: dict[int, int] = {row.unit_id: row.survey_id for row in rows}
    number = next((assigned[unit_id] for unit_id in line if unit_id in assigned), None) or shipped(session)
    if number is None:
        raise NotFound("no survey is published; run `nucuoi-server init` (safe to run again)")
    return _survey(session.get_one(SurveyVersion, number))


def shipped(session: Session) -> int | None:
    """The newest version that did not come from a draft, which is asked wherever no other one is assigned."""
    drafted = select(SurveyDraft.version_id).where(SurveyDraft.version_id.is_not(None))
    return session.scalar(
        select(SurveyVersion.id).where(SurveyVersion.id.not_in(drafted)).order_by(SurveyVersion.id.desc()).limit(1)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A published survey. name is '' for the shipped one; is_shipped: asked wherever no other one is assigned."""

    id: int
    name: str
    survey: Survey
    published_at: int
    published_by: str | None
    is_shipped: bool


def versions(session: Session) -> list[Version]:
    """All published versions, the newest first."""
    newest = shipped(session)
    rows = session.execute(
        select(SurveyVersion, SurveyDraft.name, Staff.name)
        .outerjoin(SurveyDraft, SurveyDraft.version_id == SurveyVersion.id)
        .outerjoin(Staff, Staff.id == SurveyDraft.published_by)
        .order_by(SurveyVersion.id.desc())
    )
    return [
        Version(
            id=version.id,
            name=name or "",
            survey=_survey(version),
            published_at=version.published_at,
            published_by=person,
            is_shipped=version.id == newest,
        )
        for version, name, person in rows
    ]


def version(session: Session, number: int) -> Version:
    """One published version. Raises `NotFound`."""
    found = next((each for each in versions(session) if each.id == number), None)
    if found is None:
        raise NotFound(f"there is no survey {number}")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A survey that is being written, and the version that it began as a copy of."""

    id: int
    name: str
    survey: Survey
    based_on_id: int | None
    made_by: str | None
    changed_at: int
    is_observers: bool


def drafts(session: Session) -> list[Draft]:
    """Those that are neither published nor dropped, the one changed last first."""
    rows = session.execute(
        select(SurveyDraft, Staff.name, Staff.role)
        .outerjoin(Staff, Staff.id == SurveyDraft.made_by)
        .where(SurveyDraft.version_id.is_(None), SurveyDraft.dropped_at.is_(None))
        .order_by(SurveyDraft.changed_at.desc(), SurveyDraft.id.desc())
    )
    return [
        Draft(
            id=row.id,
            name=row.name,
            survey=codec.decode(Survey, {**row.content, "id": ""}),
            based_on_id=row.based_on_id,
            made_by=person,
            changed_at=row.changed_at,
            is_observers=role == "observer",
        )
        for row, person, role in rows
    ]


def draft(session: Session, number: int) -> Draft:
    """One draft. Raises `NotFound`, also when it was published or dropped meanwhile."""
    found = next((each for each in drafts(session) if each.id == number), None)
    if found is None:
        raise NotFound(f"there is no draft {number}; it may have been published or dropped")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """A survey that a unit asks from day `first_day` to before `until_day` (null: without end)."""

    id: int
    unit_id: int
    unit: str
    survey_id: int
    survey: str
    first_day: int
    until_day: int | None
    made_by: str | None
    is_observers: bool

    def standing(self, day: int) -> str:
        """`coming`, `running` or `over` on a day."""
        if day < self.first_day:
            return "coming"
        return "running" if self.until_day is None or day < self.until_day else "over"


def assignments(session: Session, unit_ids: Collection[int]) -> list[Assigned]:
    """Where which survey is asked, among these units: those made last first."""
    rows = session.execute(
        select(
            SurveyAssignment,
            Unit.name.label("unit"),
            SurveyDraft.name.label("survey"),
            Staff.name.label("person"),
            Staff.role,
        )
        .join(Unit, Unit.id == SurveyAssignment.unit_id)
        .outerjoin(SurveyDraft, SurveyDraft.version_id == SurveyAssignment.survey_id)
        .outerjoin(Staff, Staff.id == SurveyAssignment.made_by)
        .where(SurveyAssignment.unit_id.in_(unit_ids))
        .order_by(SurveyAssignment.id.desc())
    )
    return [
        Assigned(
            id=row.id,
            unit_id=row.unit_id,
            unit=unit,
            survey_id=row.survey_id,
            survey=survey or "",
            first_day=row.first_day,
            until_day=row.until_day,
            made_by=person,
            is_observers=role == "observer",
        )
        for row, unit, survey, person, role in rows
    ]


def in_force(
    session: Session, parents: Mapping[int, int | None], day: int, *, observers: bool = False
) -> dict[int, int | None]:
    """Unit → the version asked there on a day, for a whole tree by two statements. parents: unit → the one above."""
    rows = session.execute(
        select(SurveyAssignment.unit_id, SurveyAssignment.survey_id)
        .where(_on(day), _assigned_by(observers))
        .order_by(SurveyAssignment.id)
    )
    assigned: dict[int, int] = {row.unit_id: row.survey_id for row in rows}
    fallback = shipped(session)

    def of(unit_id: int) -> int | None:
        at: int | None = unit_id
        for _ in range(len(parents) + 1):
            if at is None:
                break
            if at in assigned:
                return assigned[at]
            at = parents.get(at)
        return fallback

    return {unit_id: of(unit_id) for unit_id in parents}


def _on(day: int) -> Any:
    return (SurveyAssignment.first_day <= day) & or_(
        SurveyAssignment.until_day.is_(None), SurveyAssignment.until_day > day
    )


def _assigned_by(observers: bool) -> Any:
    return made_by_observers(SurveyAssignment.made_by, are_theirs=observers)


def _survey(row: SurveyVersion) -> Survey:
    return codec.decode(Survey, {**row.content, "id": write_id(SURVEY, row.id)})
