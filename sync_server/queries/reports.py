"""Reports as they are listed and opened, and which are missing."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from sync_server.casework.workdays import WorkCalendar
from sync_server.errors import NotFound
from sync_server.models.organisation import Unit
from sync_server.models.people import Staff
from sync_server.models.register import RegisterEntry
from sync_server.models.report import PaperTemplate, Report, ReportCopy, ReportFile
from sync_server.queries import reported, units
from sync_server.reporting import draft, figures, periods
from sync_server.reporting.contents import Signed, Supplemented
from sync_server.reporting.draft import Draft
from sync_server.reporting.figures import Figures
from sync_server.reporting.periods import ReportPeriod
from sync_server.reporting.rules import ReportRule, ReportRules

DRAFT, SIGNED, DROPPED = "draft", "signed", "dropped"
PAGE = 50
OVERDUE_DAYS = 200
"""How long a missing report is asked for; then the next one is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """An addressee's copy. sent_day: the ordinal day it went out, null while it did not."""

    place: int
    name: str
    through: str
    sent_day: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """A report in a list. signed: its number and day; supplements: the id of the one that it supplements."""

    id: int
    unit_id: int
    unit: str
    unit_kind: str
    parent_id: int | None
    period: ReportPeriod
    state: str
    changed_at: int
    signed: Signed | None
    sign: str
    supplements: int | None
    copies: tuple[Copy, ...] = ()

    @property
    def is_sent(self) -> bool:
        """Whether every addressee has its copy."""
        return bool(self.copies) and all(copy.sent_day is not None for copy in self.copies)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    """One report with all that it holds. figures, hash: of a signed one. seen: how often it was written in."""

    line: ReportLine
    words: Draft
    seen: int
    made_by: str | None
    signed_by: str | None
    signed_at: int | None
    figures: Figures | None
    hash: bytes | None
    supplemented: Supplemented | None
    supplemented_by: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A report that a unit has not signed. Days are ordinals; report_id: its draft, where one was begun."""

    unit_id: int
    unit: str
    period: ReportPeriod
    due_day: int
    report_id: int | None
    reminders: tuple[int, ...] = field(default=())

    def is_overdue(self, today: int) -> bool:
        """Whether it should have been sent before today."""
        return self.due_day < today


_SIGNER = aliased(Staff)


def listing(
    session: Session,
    unit_ids: Collection[int],
    *,
    only_signed: bool,
    kind: str | None = None,
    unit_id: int | None = None,
    before: int | None = None,
) -> list[ReportLine]:
    """The reports of these units, the newest first, a page at a time. before: the id of the last on the page before."""
    statement = _lines().where(
        Report.unit_id.in_(unit_ids), Report.state.in_([SIGNED] if only_signed else [DRAFT, SIGNED])
    )
    if kind:
        statement = statement.where(Report.kind == kind)
    if unit_id:
        statement = statement.where(Report.unit_id == unit_id)
    if before is not None:
        statement = statement.where(Report.id < before)
    rows = session.execute(statement.order_by(Report.id.desc()).limit(PAGE)).all()
    copies = _copies(session, [row[0].id for row in rows])
    return [_line(row, copies.get(row[0].id, ())) for row in rows]


def one(session: Session, report_id: int, unit_ids: Collection[int], *, only_signed: bool) -> ReportPage:
    """One report. Raises `NotFound`, for one that is not theirs to see too: they cannot be told apart."""
    states = [SIGNED] if only_signed else [DRAFT, SIGNED]
    row = session.execute(
        _lines().where(Report.id == report_id, Report.unit_id.in_(unit_ids), Report.state.in_(states))
    ).one_or_none()
    if row is None:
        raise NotFound(f"there is no report {report_id} for you")
    kept: Report = row[0]
    after = select(func.max(Report.id)).where(Report.supplements_id == kept.id, Report.state != DROPPED)
    return ReportPage(
        line=_line(row, _copies(session, [kept.id]).get(kept.id, ())),
        words=draft.from_json(kept.words),
        seen=kept.changes,
        made_by=row.maker,
        signed_by=row.signer,
        signed_at=kept.signed_at,
        figures=figures.from_json(kept.figures) if kept.figures else None,
        hash=kept.figures_hash,
        supplemented=supplemented(session, kept),
        supplemented_by=session.scalar(after),
    )


def supplemented(session: Session, kept: Report) -> Supplemented | None:
    """What a «bản bổ sung» says of the signed report that it stands beside."""
    if kept.supplements_id is None:
        return None
    before = session.get_one(Report, kept.supplements_id)
    entry = session.get_one(RegisterEntry, before.register_id)
    told = figures.from_json(before.figures or {})
    return Supplemented(number=entry.number, sign=entry.sign, day=entry.day, n=told.whole.n)


def file(session: Session, report_id: int, kind: str) -> bytes | None:
    """A file of a signed report; None where it was not made."""
    return session.scalar(select(ReportFile.content).where(ReportFile.report_id == report_id, ReportFile.kind == kind))


def template(session: Session, unit_id: int, paper: str) -> PaperTemplate | None:
    """The template of a unit, or of the nearest one above that has its own; None for the shipped one."""
    for above in units.line_of(session, unit_id):
        newest = session.scalars(
            select(PaperTemplate)
            .where(PaperTemplate.unit_id == above, PaperTemplate.paper == paper)
            .order_by(PaperTemplate.id.desc())
            .limit(1)
        ).one_or_none()
        if newest is not None and newest.content is not None:
            return newest
    return None


def missing(
    session: Session, unit_ids: Collection[int], today: int, rules: ReportRules, calendar: WorkCalendar
) -> list[Missing]:
    """The required reports of these units of which somebody is to be reminded by now, the most urgent first.

    Communes, wards and towns report; a unit that has no rating yet has nothing to report.
    """
    names = {
        row.id: row
        for row in session.execute(
            select(Unit.id, Unit.name, Unit.kind, Unit.valid_until).where(Unit.id.in_(unit_ids), Unit.kind != "office")
        )
    }
    kept = _kept(session, names)
    found = []
    for unit_id, unit in names.items():
        for period, due, days in _awaited(session, unit_id, today, rules, calendar):
            state, report_id = kept.get((unit_id, period.kind, period.first, period.until), (None, None))
            has_ended = unit.valid_until is not None and unit.valid_until <= period.last
            if state != SIGNED and not has_ended and reported.was_rated(session, unit_id, period.until):
                found.append(
                    Missing(
                        unit_id=unit_id,
                        unit=unit.name,
                        period=period,
                        due_day=due,
                        report_id=report_id,
                        reminders=tuple(days),
                    )
                )
    return sorted(found, key=lambda one: (one.due_day, one.unit.casefold(), one.unit_id))


def reminders(
    session: Session, unit_ids: Collection[int], today: int, rules: ReportRules, calendar: WorkCalendar
) -> list[Missing]:
    """The missing reports that somebody is to be reminded of on this very day: for those who send notices."""
    return [
        one
        for one in missing(session, unit_ids, today, rules, calendar)
        if today in one.reminders or today == calendar.after(date.fromordinal(one.due_day), 1).toordinal()
    ]


def _awaited(
    session: Session, unit_id: int, today: int, rules: ReportRules, calendar: WorkCalendar
) -> Iterator[tuple[ReportPeriod, int, list[int]]]:
    for rule in (rules.rule_at(kind, today) for kind in rules.kinds):
        for period in _near(session, rule, unit_id, today) if rule.required else ():
            due = periods.due_day(rule, period, calendar)
            days = periods.reminder_days(rule, period, calendar)
            if due is not None and days and days[0] <= today <= due + OVERDUE_DAYS:
                yield period, due, days


def _near(session: Session, rule: ReportRule, unit_id: int, today: int) -> Iterator[ReportPeriod]:
    """The spans of a kind whose report may be awaited on a day."""
    year = date.fromordinal(today).year
    if rule.span == "start":
        began = reported.start_of(session, unit_id)
        if began is not None:
            yield periods.from_start(rule, began)
    elif rule.span != "free":
        number = {"week": 53, "month": 12, "quarter": 4}.get(rule.span, 1)
        for each in (year - 1, year):
            for place in range(1, number + 1):
                if rule.span != "week" or place <= date(each, 12, 28).isocalendar().week:
                    yield periods.period_of(rule, each, place)


def _kept(session: Session, unit_ids: Collection[int]) -> Mapping[tuple[int, str, int, int], tuple[str, int]]:
    """Unit, kind and days → state and id of their report; a signed one goes before a draft."""
    rows = session.execute(
        select(Report.unit_id, Report.kind, Report.first, Report.until, Report.state, Report.id)
        .where(Report.unit_id.in_(unit_ids), or_(Report.state == DRAFT, Report.state == SIGNED))
        .order_by(Report.state, Report.id)  # draft before signed
    )
    return {(row.unit_id, row.kind, row.first, row.until): (row.state, row.id) for row in rows}


def _copies(session: Session, report_ids: Collection[int]) -> dict[int, tuple[Copy, ...]]:
    found: dict[int, tuple[Copy, ...]] = {}
    rows = session.scalars(
        select(ReportCopy).where(ReportCopy.report_id.in_(report_ids)).order_by(ReportCopy.report_id, ReportCopy.place)
    )
    for row in rows:
        copy = Copy(place=row.place, name=row.name, through=row.through, sent_day=row.sent_day)
        found[row.report_id] = (*found.get(row.report_id, ()), copy)
    return found


def _lines() -> Any:
    return (
        select(
            Report,
            RegisterEntry,
            Unit.name.label("unit"),
            Unit.kind.label("unit_kind"),
            Unit.parent_id,
            Staff.name.label("maker"),
            _SIGNER.name.label("signer"),
        )
        .join(Unit, Unit.id == Report.unit_id)
        .outerjoin(RegisterEntry, RegisterEntry.id == Report.register_id)
        .outerjoin(Staff, Staff.id == Report.made_by)
        .outerjoin(_SIGNER, _SIGNER.id == Report.signed_by)
    )


def _line(row: Any, copies: tuple[Copy, ...]) -> ReportLine:
    kept: Report = row[0]
    entry: RegisterEntry | None = row[1]
    return ReportLine(
        id=kept.id,
        unit_id=kept.unit_id,
        unit=row.unit,
        unit_kind=row.unit_kind,
        parent_id=row.parent_id,
        period=ReportPeriod(kind=kept.kind, year=kept.year, number=kept.number, first=kept.first, until=kept.until),
        state=kept.state,
        changed_at=kept.changed_at,
        signed=Signed(number=entry.number, day=entry.day) if entry else None,
        sign=entry.sign if entry else "",
        supplements=kept.supplements_id,
        copies=copies,
    )
