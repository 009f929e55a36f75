"""Counted ratings added up by unit, procedure, officer or time, with what they are a share of. From tallies alone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from survey.questionnaire import FACES, Scale
from survey.rating import SOURCES
from sync_server.models.organisation import Field, Officer, Service, SurveyVersion, Unit
from sync_server.models.rating import SlipTally, Tally
from sync_server.periods import Period, begin_of
from sync_server.queries.tallies import OF_THE_HOUSE, Totals, add_up

BY = ("unit", "service", "officer", "time", "source")
_LEVELS = (Tally.n1, Tally.n2, Tally.n3, Tally.n4, Tally.n5)
_NUMBERED = ("time", "source")
_NAMELESS = ("", "")
_COLUMNS = {
    "unit": Tally.unit_id,
    "service": Tally.service_id,
    "officer": Tally.officer_id,
    "time": Tally.day,
    "source": Tally.source,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What was said about one thing. faces: a number for each of `survey.questionnaire.FACES`, the worst first.

    slips: printed for it; null where that cannot be said. day: the first day of a line by time.
    """

    key: int
    name: str
    under: str = ""
    totals: Totals = field(default_factory=Totals)
    faces: tuple[int, ...] = (0,) * len(FACES)
    slips: int | None = None
    day: int | None = None


@dataclass(slots=True)
class _Sum:
    totals: Totals = field(default_factory=Totals)
    faces: list[int] = field(default_factory=lambda: [0] * len(FACES))


def breakdown(
    session: Session,
    unit_ids: Collection[int],
    scales: Mapping[str, Scale],
    period: Period,
    by: str,
    *,
    service_id: int | None = None,
    language: str = "vi",
    only: tuple[ColumnElement[bool], ...] = (),
) -> list[Line]:
    """The ratings of these units in a period, by `BY`; by name, or by time. Things without any rating are left out.

    By source the key of a line is its place in `survey.rating.SOURCES`, and no slips are told.
    only: further conditions on `Tally`, such as some sources; slips are not told apart by them. Without any, what
    observers asked is left out, but for its own line by source.
    """
    if not only and by != "source":
        only = (OF_THE_HOUSE,)
    column = _COLUMNS[by]
    sums: dict[int, _Sum] = {}
    statement = _within(
        select(column, SurveyVersion.scale, func.sum(Tally.with_dossier), *(func.sum(level) for level in _LEVELS)),
        unit_ids,
        period,
        service_id,
    )
    grouped = statement.where(*only).group_by(column, SurveyVersion.scale)
    for key, scale_id, with_dossier, *counts in session.execute(grouped):
        place = sums.setdefault(begin_of(period.step, key) if by == "time" else key, _Sum())
        place.totals += add_up(counts, scales[scale_id], with_dossier)
        for level in scales[scale_id].levels:
            place.faces[FACES.index(level.face)] += int(counts[level.level - 1])
    printed = _slips(session, unit_ids, period, by, service_id)
    names = _names(session, by, sums, language)
    lines = [
        Line(
            key=key,
            name=names.get(key, _NAMELESS)[0],
            under=names.get(key, _NAMELESS)[1],
            totals=found.totals,
            faces=tuple(found.faces),
            slips=printed.get(key, 0) if by != "source" else None,
            day=key if by == "time" else None,
        )
        for key, found in sums.items()
    ]
    return sorted(
        lines, key=lambda line: line.key if by in _NUMBERED else (line.under.casefold(), line.name.casefold())
    )


def of_source(source: str) -> ColumnElement[bool]:
    """The condition on `Tally` that keeps one of `survey.rating.SOURCES`."""
    return Tally.source == SOURCES.index(source)


def whole(lines: Collection[Line]) -> Line:
    """All lines added up."""
    totals = Totals()
    for line in lines:
        totals += line.totals
    faces = tuple(sum(line.faces[index] for line in lines) for index in range(len(FACES)))
    return Line(key=0, name="", totals=totals, faces=faces, slips=sum(line.slips or 0 for line in lines))


def slips(session: Session, unit_ids: Collection[int], first: int, until: int) -> int:
    """Slips printed in these days for officers who are in these units now, with and without a rating."""
    return sum(_slips(session, unit_ids, Period(kind="free", first=first, until=until), "unit", None).values())


def _within(statement: Any, unit_ids: Collection[int], period: Period, service_id: int | None) -> Any:
    statement = statement.join(SurveyVersion, SurveyVersion.id == Tally.survey_id).where(
        Tally.unit_id.in_(unit_ids), Tally.day >= period.first, Tally.day < period.until
    )
    return statement if service_id is None else statement.where(Tally.service_id == service_id)


def _slips(
    session: Session, unit_ids: Collection[int], period: Period, by: str, service_id: int | None
) -> dict[int, int]:
    """Slips printed, by the same key. A slip belongs to the unit where its officer is now, and to no source."""
    if by == "source":
        return {}
    column = {
        "unit": Officer.unit_id,
        "service": SlipTally.service_id,
        "officer": SlipTally.officer_id,
        "time": SlipTally.day,
    }[by]
    statement = (
        select(column, func.sum(SlipTally.n))
        .join(Officer, Officer.id == SlipTally.officer_id)
        .where(Officer.unit_id.in_(unit_ids), SlipTally.day >= period.first, SlipTally.day < period.until)
    )
    if service_id is not None:
        statement = statement.where(SlipTally.service_id == service_id)
    found: dict[int, int] = {}
    for key, n in session.execute(statement.group_by(column)):
        place = begin_of(period.step, key) if by == "time" else key
        found[place] = found.get(place, 0) + int(n)
    return found


def _names(session: Session, by: str, keys: Collection[int], language: str) -> dict[int, tuple[str, str]]:
    """Key → name, and what it stands under."""
    if by == "unit":
        return {row.id: (row.name, "") for row in session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(keys)))}
    if by == "officer":
        rows = session.execute(
            select(Officer.id, Officer.name, Unit.name.label("unit"))
            .join(Unit, Unit.id == Officer.unit_id)
            .where(Officer.id.in_(keys))
        )
        return {row.id: (row.name, row.unit) for row in rows}
    if by == "service":
        done = session.execute(
            select(Service, Field).join(Field, Field.id == Service.field_id).where(Service.id.in_(keys))
        )
        is_english = language == "en"
        found = {
            service.id: (
                (is_english and service.name_en) or service.name,
                (is_english and of.name_en) or of.name,
            )
            for service, of in done
        }
        return {0: ("", ""), **found}
    return {}
