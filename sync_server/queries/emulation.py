"""Score sheets of communes' years, and what the server measures for them."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from survey.rating import SOURCES
from sync_server import rollout as rollout_tasks
from sync_server.answering.rules import OPEN as ANSWERABLE
from sync_server.casework import terms
from sync_server.casework.steps import State
from sync_server.casework.workdays import WorkCalendar, public_calendar
from sync_server.emulation.criteria import criteria_of, shipped
from sync_server.emulation.sheet import Given, Measured, Sheet, Side, sheet
from sync_server.models.casework import CaseFile
from sync_server.models.emulation import EmulationPoints, EmulationSheet
from sync_server.models.opinion import Opinion
from sync_server.models.people import Staff
from sync_server.models.rating import Tally
from sync_server.models.report import Report
from sync_server.office import Office
from sync_server.periods import Period
from sync_server.queries import results, rollout, units
from sync_server.queries.reports import SIGNED
from sync_server.reporting import periods
from sync_server.reporting.figures import ELECTRONIC
from sync_server.reporting.rules import report_rules
from sync_server.rulebook import rulebook

HALF_YEARLY = ("six_month", "yearly")
"""Kinds of reports whose due day counts."""
_CASE_TERMS = (
    State.OPENED, State.EXPLANATION, State.VERIFICATION, State.MEASURE, State.TELLING, State.CLOSING,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """That a sheet was closed, when, and by whom (null for an account that is gone)."""

    closed_at: int
    closer: str | None
    figures: Mapping[str, Any]
    seal: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Points as they were given at some time."""

    criterion: str
    side: Side
    given: Given
    made_at: int
    maker: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class YearLine:
    """A commune or ward in the list of a year: how far its sheet is, by name and without a rank."""

    unit_id: int
    name: str
    given: Mapping[Side, int]
    of: int
    is_closed: bool


def overview(session: Session, within: Collection[int], year: int, *, today: int) -> list[YearLine]:
    """The communes and wards of `within`, by name, with how many criteria each side has dealt with."""
    lines = rollout.overview(session, within, today=today)
    ids = [line.unit_id for line in lines]
    rows = session.execute(
        select(EmulationPoints.unit_id, EmulationPoints.side, EmulationPoints.criterion)
        .where(EmulationPoints.unit_id.in_(ids), EmulationPoints.year == year)
        .distinct()
    ).all()
    known = {criterion.id for criterion in criteria_of(shipped(), year)}
    closed = set(
        session.scalars(
            select(EmulationSheet.unit_id).where(EmulationSheet.unit_id.in_(ids), EmulationSheet.year == year)
        )
    )
    return [
        YearLine(
            unit_id=line.unit_id,
            name=line.name,
            given={
                side: sum(row.unit_id == line.unit_id and row.side == side and row.criterion in known for row in rows)
                for side in Side
            },
            of=len(known),
            is_closed=line.unit_id in closed,
        )
        for line in lines
    ]


def sheet_of(session: Session, office: Office, unit_id: int, year: int) -> Sheet:
    """The sheet of a unit's year as it is now: measures read anew, the newest points of each side."""
    return sheet(
        criteria_of(shipped(), year), measures(session, office, unit_id, year), _newest(session, unit_id, year)
    )


def closed(session: Session, unit_id: int, year: int) -> Closed | None:
    """The closed sheet of a unit's year, None while it is open."""
    row = session.execute(
        select(EmulationSheet, Staff.name)
        .outerjoin(Staff, Staff.id == EmulationSheet.closed_by)
        .where(EmulationSheet.unit_id == unit_id, EmulationSheet.year == year)
    ).first()
    if row is None:
        return None
    kept, name = row
    return Closed(closed_at=kept.closed_at, closer=name, figures=kept.figures, seal=kept.seal)


def history(session: Session, unit_id: int, year: int) -> list[Said]:
    """All points that were given, the newest first."""
    rows = session.execute(
        select(EmulationPoints, Staff.name)
        .outerjoin(Staff, Staff.id == EmulationPoints.made_by)
        .where(EmulationPoints.unit_id == unit_id, EmulationPoints.year == year)
        .order_by(EmulationPoints.id.desc())
    )
    return [
        Said(
            criterion=row.criterion,
            side=Side(row.side),
            given=Given(points=row.points, note=row.note),
            made_at=row.made_at,
            maker=name,
        )
        for row, name in rows
    ]


def measures(session: Session, office: Office, unit_id: int, year: int) -> dict[str, Measured]:
    """What can be counted of a unit, with all below it, in a year up to today: measure → k of n."""
    first, until = date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()
    today = office.day(office.now())
    asked = _Asked(
        session=session,
        office=office,
        unit_id=unit_id,
        unit_ids=units.subtree(session, unit_id),
        first=first,
        until=min(until, today + 1),
        year_until=until,
    )
    counted: dict[str, Callable[[_Asked], Measured]] = {
        "satisfied": _satisfied,
        "coverage": _coverage,
        "reports": partial(_reports, calendar=public_calendar()),
        "cases": partial(_cases, calendar=public_calendar()),
        "opinions": _opinions,
        "rollout": _rollout,
    }
    return {name: count(asked) for name, count in counted.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Of whom and when: days from `first` to before `until`, which is not after tomorrow."""

    session: Session
    office: Office
    unit_id: int
    unit_ids: frozenset[int]
    first: int
    until: int
    year_until: int


def _newest(session: Session, unit_id: int, year: int) -> dict[tuple[str, Side], Given]:
    rows = session.scalars(
        select(EmulationPoints)
        .where(EmulationPoints.unit_id == unit_id, EmulationPoints.year == year)
        .order_by(EmulationPoints.id)
    )
    return {(row.criterion, Side(row.side)): Given(points=row.points, note=row.note) for row in rows}


def _whole(asked: _Asked) -> results.Line:
    span = Period(kind="free", first=asked.first, until=asked.until)
    electronic = Tally.source.in_([SOURCES.index(source) for source in ELECTRONIC])
    return results.whole(
        results.breakdown(asked.session, asked.unit_ids, rulebook().scales, span, "unit", only=(electronic,))
    )


def _satisfied(asked: _Asked) -> Measured:
    totals = _whole(asked).totals
    return Measured(k=totals.n - totals.not_satisfied, n=totals.n, is_sample=True)


def _coverage(asked: _Asked) -> Measured:
    slips = results.slips(asked.session, asked.unit_ids, asked.first, asked.until)
    return Measured(k=min(slips, _whole(asked).totals.with_dossier), n=slips)


def _reports(asked: _Asked, calendar: WorkCalendar) -> Measured:
    """The six-month and yearly reports whose due day lies in the year and is over, and those signed by then."""
    due_days = []
    for kind in HALF_YEARLY:
        for year in (date.fromordinal(asked.first).year - 1, date.fromordinal(asked.first).year):
            rule = report_rules().rule_at(kind, date(year, 12, 31).toordinal())
            period = periods.period_of(rule, year)
            due = periods.due_day(rule, period, calendar)
            if due is not None and asked.first <= due < asked.until - 1:
                due_days.append((period, due))
    signed = {
        (row.kind, row.first): row.signed_at
        for row in asked.session.execute(
            select(Report.kind, Report.first, Report.signed_at).where(
                Report.unit_id == asked.unit_id, Report.state == SIGNED, Report.supplements_id.is_(None)
            )
        )
    }
    in_time = 0
    for period, due in due_days:
        at = signed.get((period.kind, period.first))
        in_time += at is not None and asked.office.day(at) <= due
    return Measured(k=in_time, n=len(due_days))


def _cases(asked: _Asked, calendar: WorkCalendar) -> Measured:
    """Cases whose whole term (all steps, in working days from the opening) ended in the year and is over.

    Without those that only the inspector sees: with so few, a number alone would tell of them.
    """
    session, office = asked.session, asked.office
    longest = office.moment(asked.first - 200)
    rows = session.execute(
        select(CaseFile.opened_at, CaseFile.closed_at).where(
            CaseFile.unit_id.in_(asked.unit_ids),
            CaseFile.inspectors_only.is_(False),
            CaseFile.opened_at >= longest,
            CaseFile.opened_at < office.moment(asked.until),
        )
    )
    k = n = 0
    for opened_at, closed_at in rows:
        opened = office.day(opened_at)
        rule = terms.rule_at(opened)
        days = sum(rule.term(state) or 0 for state in _CASE_TERMS)
        due = calendar.after(date.fromordinal(opened), days).toordinal()
        if asked.first <= due < min(asked.year_until, asked.until - 1):
            n += 1
            k += closed_at is not None and office.day(closed_at) <= due
    return Measured(k=k, n=n)


def _opinions(asked: _Asked) -> Measured:
    """Opinions whose due day lies in the year and is over, and those answered by then; without those that only the
    inspector reads, and those closed without an answer because they asked for none (a word of thanks)."""
    rows = asked.session.execute(
        select(Opinion.due_day, Opinion.answered_at).where(
            Opinion.unit_id.in_(asked.unit_ids),
            Opinion.inspectors_only.is_(False),
            or_(Opinion.state.in_(ANSWERABLE), Opinion.answered_at.is_not(None)),
            Opinion.due_day >= asked.first,
            Opinion.due_day < min(asked.year_until, asked.until - 1),
        )
    ).all()
    in_time = sum(due is not None and at is not None and asked.office.day(at) <= due for due, at in rows)
    return Measured(k=in_time, n=len(rows))


def _rollout(asked: _Asked) -> Measured:
    last = min(asked.until, asked.year_until) - 1
    progress = rollout.progress_of(asked.session, asked.unit_id, today=last)
    tasks = rollout_tasks.tasks_at(rollout_tasks.shipped_tasks(), last)
    return Measured(k=progress.done, n=len(tasks))


def years(today: int, *, back: int = 3) -> list[int]:
    """The years that a sheet may be opened for, the newest first: this one, and some before."""
    this = date.fromordinal(today).year
    return [this - number for number in range(back + 1)]
