"""The figures of a report, read from tallies, slips, ratings that say why, and cases."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session

from survey import resources
from survey.questionnaire import Reason, read_reasons
from survey.rating import SOURCES
from sync_server.casework.people import MONEY
from sync_server.casework.steps import Finding, State
from sync_server.errors import NotFound
from sync_server.models.casework import CaseFile
from sync_server.models.history import UnitSuccessor
from sync_server.models.kiosk import Epoch, Kiosk
from sync_server.models.organisation import Counter, Officer, Service, SurveyVersion, Unit
from sync_server.models.rating import Counted, Rating, Tally
from sync_server.models.rollout import RolloutStart
from sync_server.models.survey import SurveyRound
from sync_server.office import Office
from sync_server.periods import Period
from sync_server.queries import results, rounds, units
from sync_server.queries.rating_places import unit_of_rating
from sync_server.queries.results import Line
from sync_server.reporting import periods
from sync_server.reporting.figures import (
    ELECTRONIC,
    CaseCount,
    Compared,
    Count,
    Figures,
    Named,
    OnDay,
    ReasonCount,
)
from sync_server.reporting.periods import ReportPeriod
from sync_server.reporting.rules import ReportRule, report_rules
from sync_server.rulebook import Rulebook, rulebook

_ELECTRONIC = Tally.source.in_([SOURCES.index(source) for source in ELECTRONIC])
LATE_DAYS = 4
LOWEST_LEVELS = 3
"""Bad ratings are at most on this level of every scale; the database has an index of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    session: Session
    unit_ids: frozenset[int]
    book: Rulebook

    def lines(self, first: int, until: int, by: str, *only: ColumnElement[bool]) -> list[Line]:
        span = Period(kind="free", first=first, until=until)
        return results.breakdown(self.session, self.unit_ids, self.book.scales, span, by, only=only or (_ELECTRONIC,))

    def whole(self, first: int, until: int, *only: ColumnElement[bool], has_slips: bool = True) -> Count:
        found = results.whole(self.lines(first, until, "unit", *only))
        slips = results.slips(self.session, self.unit_ids, first, until) if has_slips else None
        return _count(found, slips=slips)


def figures(session: Session, office: Office, unit_id: int, period: ReportPeriod, *, now: int) -> Figures:
    """What a unit, with all below it, is to report of a period, as far as it is known at `now` (ms UTC).

    Ratings of today are counted too. The same data give the same figures. Raises `NotFound` for an unknown unit.
    """
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound(f"there is no unit {unit_id}")
    rules, today = report_rules(), office.day(now)
    rule, wording = rules.rule_at(period.kind, period.last), rules.wording_at(period.last)
    until = min(period.until, max(period.first, today) + 1)
    asked = _Asked(session=session, unit_ids=units_of(session, unit_id, period.until), book=rulebook())
    span = Period(kind="free", first=period.first, until=until)
    by_unit = asked.lines(period.first, until, "unit")
    alone = len(asked.unit_ids) == 1
    return Figures(
        kind=period.kind,
        name=period.name,
        unit=unit.name,
        unit_kind=unit.kind,
        first=period.first,
        last=period.last,
        counted_to=until - 1,
        whole=asked.whole(period.first, until),
        units=() if alone else tuple(_named(line) for line in by_unit),
        silent_units=() if alone else _silent(session, asked.unit_ids, by_unit, period, top=unit_id),
        services=tuple(_named(line) for line in asked.lines(period.first, until, "service")),
        step=span.step,
        course=tuple(OnDay(first=line.key, count=_count(line)) for line in asked.lines(period.first, until, "time")),
        sources=_by_source(asked, period.first, until),
        reasons=tuple(_reasons(session, asked, period.first, until, wording.reason_least)),
        cases=_cases(session, asked.unit_ids, period.first, until, office, today),
        compared=tuple(_compared(asked, office, rule, period, unit_id)),
        standard=asked.book.standard_at(date.fromordinal(period.first)).share,
        share_least=wording.share_least,
        reason_least=wording.reason_least,
    )


def rated(session: Session, unit_id: int, first: int, until: int) -> int:
    """How many ratings are counted there now: what tells a signed report that others came late."""
    found = session.scalar(
        select(func.sum(Tally.n1 + Tally.n2 + Tally.n3 + Tally.n4 + Tally.n5)).where(
            Tally.unit_id.in_(units_of(session, unit_id, until)),
            Tally.day >= first,
            Tally.day < until,
            _ELECTRONIC,
        )
    )
    return int(found or 0)


def units_of(session: Session, unit_id: int, until: int) -> frozenset[int]:
    """The units whose ratings a unit reports: its subtree, and those that were merged into it before day `until`.

    A unit that was split passed into several: its ratings belong to none of them alone, and are reported above.
    """
    passed: dict[int, list[int]] = {}
    for row in session.execute(
        select(UnitSuccessor.unit_id, UnitSuccessor.successor_id).where(UnitSuccessor.day < until)
    ):
        passed.setdefault(row.unit_id, []).append(row.successor_id)
    found = set(units.subtree(session, unit_id))
    while True:
        merged = {old for old, successors in passed.items() if len(successors) == 1 and successors[0] in found} - found
        if not merged:
            return frozenset(found)
        for old in merged:
            found |= units.subtree(session, old)


def start_of(session: Session, unit_id: int) -> int | None:
    """The first day of a unit, for its first report: as the roll-out says, or its own, or its first rating's."""
    line = units.line_of(session, unit_id)
    starts = {
        row.unit_id: row.day
        for row in session.execute(
            select(RolloutStart.unit_id, RolloutStart.day)
            .where(RolloutStart.unit_id.in_(line))
            .order_by(RolloutStart.id)
        )
    }
    said: int | None = next((starts[above] for above in line if above in starts), None)
    if said is not None:
        return said
    unit = session.get(Unit, unit_id)
    if unit is not None and unit.valid_from is not None:
        return unit.valid_from
    first: int | None = session.scalar(select(func.min(Tally.day)).where(_of_officers(session, unit_id)))
    return first


def was_rated(session: Session, unit_id: int, until: int) -> bool:
    """Whether any officer of a unit, or below it, was rated before day `until`: else it has nothing to report."""
    return bool(session.scalar(select(exists().where(_of_officers(session, unit_id), Tally.day < until))))


def _of_officers(session: Session, unit_id: int) -> ColumnElement[bool]:
    """Tallies of those who serve in a unit now: found by the key of the table, unlike those of a unit."""
    within = units.subtree(session, unit_id)
    return Tally.officer_id.in_(select(Officer.id).where(Officer.unit_id.in_(within)))


def baseline_span(session: Session, unit_id: int, office: Office) -> tuple[int, int] | None:
    """First day and first day no longer of the baseline that reaches a unit: its own or the nearest one above, else
    those of the units below together; None where there was none."""
    found = _baselines(session, unit_id)
    if not found:
        return None
    today = office.day(office.now()) + 1
    return min(one.first_day for one in found), max(one.until_day or today for one in found)


def _baselines(session: Session, unit_id: int) -> list[SurveyRound]:
    line, below = units.line_of(session, unit_id), units.subtree(session, unit_id)
    kept = session.scalars(
        select(SurveyRound)
        .where(SurveyRound.kind == "baseline", or_(SurveyRound.unit_id.in_(line), SurveyRound.unit_id.in_(below)))
        .order_by(SurveyRound.first_day.desc(), SurveyRound.id.desc())
    ).all()
    for above in line:
        own = [one for one in kept if one.unit_id == above]
        if own:
            return own[:1]
    newest: dict[int, SurveyRound] = {}
    for one in kept:
        newest.setdefault(one.unit_id, one)
    return [newest[unit] for unit in sorted(newest)]


def _compared(
    asked: _Asked, office: Office, rule: ReportRule, period: ReportPeriod, unit_id: int
) -> Iterable[Compared]:
    if period.kind == "baseline":
        return
    began = asked.session.scalar(select(func.min(Tally.day)).where(Tally.unit_id.in_(asked.unit_ids)))
    for kind, other in (("before", periods.before(rule, period)), ("year_before", periods.year_before(rule, period))):
        if other is not None:
            count = asked.whole(other.first, other.until)
            if count.n:
                # Days off at the beginning are no late beginning.
                since = began if began is not None and began > other.first + LATE_DAYS else None
                yield Compared(kind=kind, name=other.name, first=other.first, last=other.last, count=count, since=since)
    found = _baselines(asked.session, unit_id) if period.kind in ("first", "yearly", "baseline_now") else []
    span = baseline_span(asked.session, unit_id, office) if found else None
    if span is not None and span[0] < period.first:
        inside = or_(*(rounds.of_round(asked.session, one.id) for one in found))
        count = asked.whole(span[0], span[1], _ELECTRONIC, inside, has_slips=False)
        name = "trước khi triển khai"
        yield Compared(kind="baseline", name=name, first=span[0], last=span[1] - 1, count=count)


def _by_source(asked: _Asked, first: int, until: int) -> dict[str, Count]:
    found = {}
    for number, source in enumerate(SOURCES):
        count = asked.whole(first, until, Tally.source == number, has_slips=False)
        if count.n:
            found[source] = count
    return found


def _reasons(session: Session, asked: _Asked, first: int, until: int, least: int) -> Iterable[ReasonCount]:
    """Reasons of dissatisfied ratings: all together, then of procedures with at least so many such ratings.

    Being asked for money is for inspectors only (`casework.people.MONEY`).
    """
    bad: dict[int, int] = {}
    given: dict[tuple[int, str], int] = {}
    for service_id, reasons, scale_id, level, n in session.execute(_dissatisfied(asked.unit_ids, first, until)):
        if not asked.book.scales[scale_id].is_dissatisfied(level):
            continue
        bad[service_id] = bad.get(service_id, 0) + n
        for reason in _catalogue().values():
            if reasons & (1 << reason.bit) and reason.code != MONEY:
                given[service_id, reason.code] = given.get((service_id, reason.code), 0) + n
    names = {row.id: row.name for row in session.execute(select(Service.id, Service.name))}
    together: dict[str, int] = {}
    for (_, code), n in given.items():
        together[code] = together.get(code, 0) + n
    yield from _in_order(together, "")
    for service_id in sorted(bad, key=lambda key: (names.get(key, "").casefold(), key)):
        if bad[service_id] >= least and service_id in names:
            own = {code: n for (service, code), n in given.items() if service == service_id}
            yield from _in_order(own, names[service_id])


def _in_order(counts: Mapping[str, int], service: str) -> Iterable[ReasonCount]:
    catalogue = _catalogue()
    for code in sorted(counts, key=lambda code: (-counts[code], catalogue[code].bit)):
        reason = catalogue[code]
        yield ReasonCount(words=reason.words["vi"], law=reason.law, n=counts[code], service=service)


def _dissatisfied(unit_ids: Collection[int], first: int, until: int) -> Select[*tuple[Any, ...]]:
    """Counted low ratings by procedure, reasons, scale and level, in the unit that their tally has."""
    service = func.coalesce(Rating.service_id, Rating.tallied_service_id, 0)
    unit = unit_of_rating()
    rated_there = select(Tally.officer_id).where(Tally.unit_id.in_(unit_ids), Tally.day >= first, Tally.day < until)
    return (
        select(service, Rating.reasons, SurveyVersion.scale, Rating.level, func.count())
        .join(SurveyVersion, SurveyVersion.id == Rating.survey_id)
        .join(Epoch, Epoch.id == Rating.epoch_id)
        .join(Kiosk, Kiosk.id == Epoch.kiosk_id)
        .outerjoin(Counter, Counter.id == Rating.counter_id)
        .where(
            Rating.officer_id.in_(rated_there.distinct()),
            Rating.level <= LOWEST_LEVELS,
            Rating.day >= first,
            Rating.day < until,
            Rating.counted == Counted.YES,
            Rating.source.in_([SOURCES.index(source) for source in ELECTRONIC]),
            unit.in_(unit_ids),
        )
        .group_by(service, Rating.reasons, SurveyVersion.scale, Rating.level)
    )


def _cases(
    session: Session, unit_ids: Collection[int], first: int, until: int, office: Office, today: int
) -> CaseCount:
    """Cases opened in these days. Complaints that only inspectors see are not there before their officer hears of
    them (`queries.cases.handled`): a number that goes up would tell."""
    rows = session.scalars(
        select(CaseFile).where(
            CaseFile.unit_id.in_(unit_ids),
            CaseFile.opened_at >= office.moment(first),
            CaseFile.opened_at < office.moment(until),
            or_(CaseFile.inspectors_only.is_(False), CaseFile.officer_hears.is_(True)),
        )
    ).all()
    closed = [row for row in rows if row.state == State.CLOSED.value]
    waiting = [row for row in rows if row.state != State.CLOSED.value]
    measures: dict[str, int] = {}
    for row in rows:
        if row.measure and (row.told_by_receipt or row.told_on_board):
            measures[row.measure] = measures.get(row.measure, 0) + 1
    findings = [row.finding for row in rows]
    return CaseCount(
        opened=len(rows),
        closed=len(closed),
        waiting=len(waiting),
        overdue=sum(row.due_day is not None and row.due_day < today for row in waiting),
        told=sum(row.told_by_receipt or row.told_on_board for row in rows),
        true=findings.count(Finding.TRUE.value),
        partly=findings.count(Finding.PARTLY.value),
        untrue=findings.count(Finding.UNTRUE.value),
        measures=dict(sorted(measures.items())),
    )


def _silent(
    session: Session, unit_ids: Collection[int], heard: Collection[Line], period: ReportPeriod, *, top: int
) -> tuple[str, ...]:
    """Units with an officer's counter that were there in the period and of which nothing was heard."""
    has_counter = select(Counter.unit_id)
    rows = session.execute(
        select(Unit.name)
        .where(
            Unit.id.in_(unit_ids),
            Unit.id.in_(has_counter),
            Unit.id != top,
            Unit.id.not_in([line.key for line in heard]),
            or_(Unit.valid_from.is_(None), Unit.valid_from < period.until),
            or_(Unit.valid_until.is_(None), Unit.valid_until > period.first),
        )
        .order_by(Unit.name)
    )
    return tuple(sorted((row.name for row in rows), key=str.casefold))


def _named(line: Line) -> Named:
    return Named(name=line.name, under=line.under, count=_count(line, slips=line.slips))


def _count(line: Line, *, slips: int | None = None) -> Count:
    totals = line.totals
    return Count(
        n=totals.n,
        faces=line.faces,
        dissatisfied=totals.dissatisfied,
        not_satisfied=totals.not_satisfied,
        with_dossier=totals.with_dossier,
        slips=slips,
    )


@cache
def _catalogue() -> Mapping[str, Reason]:
    return read_reasons(resources.config() / "reasons.toml")
