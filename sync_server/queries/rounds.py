"""Survey rounds: the list, which round a rating belongs to, and the part of the tallies that is a round's."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, false, or_, select
from sqlalchemy.orm import Session

from survey.rating import SOURCES
from sync_server.errors import NotFound
from sync_server.models.organisation import Unit
from sync_server.models.people import Staff
from sync_server.models.rating import Tally
from sync_server.models.survey import SurveyRound
from sync_server.queries.units import line_of, parents
from sync_server.rounds import OBSERVER, Round, Span, round_at, spans

OBSERVERS_SOURCE = SOURCES.index("observer")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundLine(Round):
    """A round in the list."""

    name: str
    unit: str
    owner_id: int | None
    owner: str | None

    def standing(self, day: int) -> str:
        """`coming`, `running` or `over` on a day."""
        if day < self.first_day:
            return "coming"
        return "running" if self.has(day) else "over"


def listing(session: Session, unit_ids: Collection[int]) -> list[RoundLine]:
    """The rounds of these units, those that begin last first."""
    rows = session.execute(
        select(SurveyRound, Unit.name.label("unit"), Staff.name.label("owner"))
        .join(Unit, Unit.id == SurveyRound.unit_id)
        .outerjoin(Staff, Staff.id == SurveyRound.owner_id)
        .where(SurveyRound.unit_id.in_(unit_ids))
        .order_by(SurveyRound.first_day.desc(), SurveyRound.id.desc())
    )
    return [
        RoundLine(
            id=row.id,
            unit_id=row.unit_id,
            kind=row.kind,
            first_day=row.first_day,
            until_day=row.until_day,
            name=row.name,
            unit=unit,
            owner_id=row.owner_id,
            owner=owner,
        )
        for row, unit, owner in rows
    ]


def touching(session: Session, unit_ids: Collection[int]) -> list[RoundLine]:
    """The rounds that ratings of these units can belong to: theirs, and those of the units above them."""
    above = parents(session)
    reached = set(unit_ids)
    for unit_id in unit_ids:
        at = above.get(unit_id)
        while at is not None and at not in reached:
            reached.add(at)
            at = above.get(at)
    return listing(session, reached)


def one(session: Session, round_id: int, unit_ids: Collection[int]) -> RoundLine:
    """A round of these units. Raises `NotFound`."""
    found = next((each for each in listing(session, unit_ids) if each.id == round_id), None)
    if found is None:
        raise NotFound(f"there is no round {round_id} in these units")
    return found


def round_of(session: Session, unit_id: int, day: int, source: int = 0) -> Round | None:
    """The round of a rating: given in a unit on a day, by a source (index in `survey.rating.SOURCES`); none if none."""
    return round_at(_all(session), line_of(session, unit_id), day, is_observers=source == OBSERVERS_SOURCE)


def reach(session: Session, round_id: int) -> tuple[Span, ...]:
    """Units and days of a round, without the days that units below have as rounds of their own. Raises `NotFound`."""
    rounds = _all(session)
    wanted = next((each for each in rounds if each.id == round_id), None)
    if wanted is None:
        raise NotFound(f"there is no round {round_id}")
    return spans(wanted, rounds, parents(session))


def of_round(session: Session, round_id: int) -> Any:
    """The condition on `Tally` that leaves a round's counts only. Raises `NotFound`."""
    kind = session.scalar(select(SurveyRound.kind).where(SurveyRound.id == round_id))
    parts = [
        and_(
            Tally.unit_id.in_(span.unit_ids),
            or_(*(and_(Tally.day >= first, Tally.day < until) for first, until in span.days)),
        )
        for span in reach(session, round_id)
    ]
    source = Tally.source == OBSERVERS_SOURCE if kind == OBSERVER else Tally.source != OBSERVERS_SOURCE
    return and_(source, or_(*parts)) if parts else false()


def _all(session: Session) -> list[Round]:
    rows = session.execute(
        select(
            SurveyRound.id, SurveyRound.unit_id, SurveyRound.kind, SurveyRound.first_day, SurveyRound.until_day
        ).order_by(SurveyRound.id)
    )
    return [Round(**row._mapping) for row in rows]
