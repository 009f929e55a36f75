"""Reads of the daily tallies: what flagging folds, and what pages sum up. The ratings table is never read here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from survey.questionnaire import Scale
from survey.rating import SOURCES
from sync_server.flagging.praise import tied_only
from sync_server.flagging.tally import DayTally
from sync_server.models.organisation import SurveyVersion
from sync_server.models.rating import Counted, Rating, Tally

_LEVELS = (Tally.n1, Tally.n2, Tally.n3, Tally.n4, Tally.n5)
_OBSERVERS = SOURCES.index("observer")
OF_THE_HOUSE: ColumnElement[bool] = Tally.source != _OBSERVERS
"""What counts in figures and flags: observers' surveys are theirs alone, and stand in their sealed months only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Counted ratings added up: all, those in the narrow and in the wide bad set, those tied to a dossier."""

    n: int = 0
    dissatisfied: int = 0
    not_satisfied: int = 0
    with_dossier: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            n=self.n + other.n,
            dissatisfied=self.dissatisfied + other.dissatisfied,
            not_satisfied=self.not_satisfied + other.not_satisfied,
            with_dossier=self.with_dossier + other.with_dossier,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTally:
    """What was said of an officer in one service and on one scale. counts: a number a level, the worst first."""

    service_id: int
    scale_id: str
    counts: tuple[int, ...]
    totals: Totals


def first_day(session: Session) -> int | None:
    """The first day with a tally, None while nothing was counted."""
    return session.scalar(select(func.min(Tally.day)))


def officer_days(session: Session, officer_id: int, until_day: int) -> list[DayTally]:
    """All of an officer's tallies up to and with a day, as the rule takes them."""
    return _day_tallies(session, _days().where(Tally.officer_id == officer_id, Tally.day <= until_day, OF_THE_HOUSE))


def tied_days(session: Session, officer_id: int, until_day: int, scales: Mapping[str, Scale]) -> list[DayTally]:
    """An officer's tallies up to and with a day, of ratings tied to a dossier only: what praise rests on.

    The few low ones are counted in the ratings table, which has an index for them; the tallies know how many there
    are in all.
    """
    scale_of = scales_of_surveys(session)
    low: dict[tuple[int, int, int], list[int]] = {}
    for day, service, survey, level, count in session.execute(_low_with_dossier(officer_id, until_day)):
        low.setdefault((day, service, survey), [0, 0, 0])[level - 1] = count
    whole = (
        select(Tally.day, Tally.service_id, Tally.survey_id, func.sum(Tally.with_dossier))
        .where(Tally.officer_id == officer_id, Tally.day <= until_day, OF_THE_HOUSE)
        .group_by(Tally.day, Tally.service_id, Tally.survey_id)
    )
    found = []
    for day, service, survey, with_dossier in session.execute(whole):
        levels = len(scales[scale_of[survey]].levels)
        empty = DayTally(officer_id, service, date.fromordinal(day), scale_of[survey], (0,) * levels)
        found.append(tied_only(empty, low.get((day, service, survey), [0, 0, 0])[:levels], int(with_dossier)))
    return found


def _low_with_dossier(officer_id: int, until_day: int) -> Select[*tuple[Any, ...]]:
    service = func.coalesce(Rating.service_id, Rating.tallied_service_id, 0)
    return (
        select(Rating.day, service, Rating.survey_id, Rating.level, func.count())
        .where(
            Rating.officer_id == officer_id,
            Rating.day <= until_day,
            Rating.level <= literal_column("3"),  # as the partial index says it, or it is not used
            Rating.counted == Counted.YES,
            Rating.dossier_mac.is_not(None),
            Rating.source != _OBSERVERS,
        )
        .group_by(Rating.day, service, Rating.survey_id, Rating.level)
    )


def days_between(session: Session, first: int, until: int) -> list[DayTally]:
    """Everybody's tallies from day `first` to before day `until`."""
    return _day_tallies(session, _days().where(Tally.day >= first, Tally.day < until, OF_THE_HOUSE))


def rated_officers(session: Session) -> list[int]:
    """The officers who have a tally at all, in order of their numbers."""
    return list(session.scalars(select(Tally.officer_id).where(OF_THE_HOUSE).distinct().order_by(Tally.officer_id)))


def _days() -> Select[*tuple[Any, ...]]:
    return select(Tally.officer_id, Tally.service_id, Tally.day, Tally.survey_id, *_LEVELS)


def scales_of_surveys(session: Session) -> dict[int, str]:
    """The scale of each published survey."""
    return {row.id: row.scale for row in session.execute(select(SurveyVersion.id, SurveyVersion.scale))}


def _day_tallies(session: Session, statement: Select[*tuple[Any, ...]]) -> list[DayTally]:
    scale_of = scales_of_surveys(session)
    days: dict[int, date] = {}
    found = []
    for officer_id, service_id, day, survey_id, *counts in session.execute(statement):
        when = days.get(day)
        if when is None:
            when = days[day] = date.fromordinal(day)
        found.append(DayTally(officer_id, service_id, when, scale_of[survey_id], tuple(counts)))
    return found


def by_service(
    session: Session, officer_id: int, scales: Mapping[str, Scale], *, first: int, until: int
) -> list[ServiceTally]:
    """An officer's ratings by service from day `first` to before day `until`, in order of service and scale."""
    statement = (
        select(Tally.service_id, SurveyVersion.scale, *_SUMS)
        .join(SurveyVersion, SurveyVersion.id == Tally.survey_id)
        .where(Tally.officer_id == officer_id, Tally.day >= first, Tally.day < until, OF_THE_HOUSE)
        .group_by(Tally.service_id, SurveyVersion.scale)
        .order_by(Tally.service_id, SurveyVersion.scale)
    )
    found = []
    for service_id, scale_id, with_dossier, *counts in session.execute(statement):
        levels = tuple(counts[: len(scales[scale_id].levels)])
        totals = add_up(levels, scales[scale_id], with_dossier)
        found.append(ServiceTally(service_id=service_id, scale_id=scale_id, counts=levels, totals=totals))
    return found


def by_officer(
    session: Session, officer_ids: Iterable[int], scales: Mapping[str, Scale], *, first: int, until: int
) -> dict[int, Totals]:
    """Officer → ratings from day `first` to before day `until`; officers without any are left out."""
    return _totals_by(session, Tally.officer_id, Tally.officer_id.in_(officer_ids), scales, first, until)


def by_unit(
    session: Session, unit_ids: Iterable[int], scales: Mapping[str, Scale], *, first: int, until: int
) -> dict[int, Totals]:
    """Unit → ratings of those who served in it from day `first` to before day `until`."""
    return _totals_by(session, Tally.unit_id, Tally.unit_id.in_(unit_ids), scales, first, until)


_SUMS = (func.sum(Tally.with_dossier), *(func.sum(level) for level in _LEVELS))


def _totals_by(
    session: Session,
    key: InstrumentedAttribute[int],
    condition: ColumnElement[bool],
    scales: Mapping[str, Scale],
    first: int,
    until: int,
) -> dict[int, Totals]:
    statement = (
        select(key, SurveyVersion.scale, *_SUMS)
        .join(SurveyVersion, SurveyVersion.id == Tally.survey_id)
        .where(condition, Tally.day >= first, Tally.day < until, OF_THE_HOUSE)
        .group_by(key, SurveyVersion.scale)
    )
    found: dict[int, Totals] = {}
    for owner, scale_id, with_dossier, *counts in session.execute(statement):
        found[owner] = found.get(owner, Totals()) + add_up(counts, scales[scale_id], with_dossier)
    return found


def add_up(counts: Iterable[int], scale: Scale, with_dossier: int = 0) -> Totals:
    """The totals of counts by level, the worst first, on a scale."""
    by_level = dict(enumerate((int(count) for count in counts), start=1))
    return Totals(
        n=sum(by_level.values()),
        dissatisfied=sum(by_level.get(level, 0) for level in scale.dissatisfied),
        not_satisfied=sum(by_level.get(level, 0) for level in scale.not_satisfied),
        with_dossier=int(with_dossier),
    )
