"""How far the units are in bringing the model in."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from sync_server import rollout
from sync_server.errors import NotFound
from sync_server.models.organisation import Unit
from sync_server.models.people import Staff
from sync_server.models.rollout import RolloutReminder, RolloutReport, RolloutStart

TRACKED = ("commune", "ward")
"""Kinds of units that bring the model in; a town and an office under a commune do not by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitProgress:
    """A commune or ward and how far it is. reminded_at: when the town reminded it last."""

    unit_id: int
    name: str
    progress: rollout.Progress
    reminded_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A reminder as it was sent. sender: null for an account that is gone."""

    words: str
    tasks: tuple[str, ...]
    sent_at: int
    sender: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One report with who made it, for the history of a unit."""

    report: rollout.Report
    made_at: int
    maker: str | None


def overview(session: Session, within: Collection[int], *, today: int) -> list[UnitProgress]:
    """The communes and wards of `within` that exist today (ordinal), by name. No order of merit."""
    units = session.execute(
        select(Unit.id, Unit.name)
        .where(Unit.id.in_(within), Unit.kind.in_(TRACKED))
        .where(or_(Unit.valid_until.is_(None), Unit.valid_until > today))
    ).all()
    ids = [unit.id for unit in units]
    starts, reports = _starts(session, ids), _reports(session, ids)
    sent = session.execute(
        select(RolloutReminder.unit_id, func.max(RolloutReminder.sent_at))
        .where(RolloutReminder.unit_id.in_(ids))
        .group_by(RolloutReminder.unit_id)
    )
    reminded = {row[0]: row[1] for row in sent}
    tasks = rollout.shipped_tasks()
    lines = [
        UnitProgress(
            unit_id=unit.id,
            name=unit.name,
            progress=rollout.progress(tasks, starts.get(unit.id), reports.get(unit.id, ()), today=today),
            reminded_at=reminded.get(unit.id),
        )
        for unit in units
    ]
    return sorted(lines, key=lambda line: (line.name.casefold(), line.unit_id))


def one(session: Session, unit_id: int, within: Collection[int], *, today: int) -> UnitProgress:
    """One commune or ward of `within`. Raises `NotFound`, for those of others too."""
    found = overview(session, {unit_id} & set(within), today=today)
    if not found:
        raise NotFound(f"there is no commune or ward {unit_id} within your units")
    return found[0]


def progress_of(session: Session, unit_id: int, *, today: int) -> rollout.Progress:
    """How far a unit is today (ordinal)."""
    starts, reports = _starts(session, [unit_id]), _reports(session, [unit_id])
    return rollout.progress(rollout.shipped_tasks(), starts.get(unit_id), reports.get(unit_id, ()), today=today)


def late(session: Session, within: Collection[int], *, today: int) -> int:
    """How many tasks of these units are late today (ordinal)."""
    return sum(len(line.progress.late) for line in overview(session, within, today=today))


def newest_reminder(session: Session, within: Collection[int], *, today: int) -> Reminder | None:
    """The last reminder to these units, while something that it named is still late."""
    row = session.execute(_reminders(within).limit(1)).first()
    if row is None:
        return None
    unit_id, reminder = row.unit_id, _reminder(row)
    still = {standing.task.id for standing in progress_of(session, unit_id, today=today).late}
    return reminder if still & set(reminder.tasks) else None


def reminders(session: Session, unit_id: int) -> list[Reminder]:
    """The reminders that a unit was sent, the newest first."""
    return [_reminder(row) for row in session.execute(_reminders([unit_id]))]


def history(session: Session, unit_id: int) -> list[Said]:
    """All that a unit reported, the newest first."""
    rows = session.execute(
        select(RolloutReport, Staff.name)
        .outerjoin(Staff, Staff.id == RolloutReport.made_by)
        .where(RolloutReport.unit_id == unit_id)
        .order_by(RolloutReport.id.desc())
    )
    return [Said(report=_report(row), made_at=row.made_at, maker=name) for row, name in rows]


def _starts(session: Session, unit_ids: Collection[int]) -> dict[int, int]:
    rows = session.execute(
        select(RolloutStart.unit_id, RolloutStart.day)
        .where(RolloutStart.unit_id.in_(unit_ids))
        .order_by(RolloutStart.id)
    )
    return {unit_id: day for unit_id, day in rows}  # noqa: C416  # dict() of rows has no type


def _reports(session: Session, unit_ids: Collection[int]) -> dict[int, list[rollout.Report]]:
    found: dict[int, list[rollout.Report]] = {}
    rows = select(RolloutReport).where(RolloutReport.unit_id.in_(unit_ids)).order_by(RolloutReport.id)
    for row in session.scalars(rows):
        found.setdefault(row.unit_id, []).append(_report(row))
    return found


def _report(row: RolloutReport) -> rollout.Report:
    return rollout.Report(
        task=row.task,
        stage=rollout.Stage(row.stage),
        day=row.day,
        present=row.present,
        total=row.total,
        note=row.note,
    )


def _reminders(unit_ids: Collection[int]):  # type: ignore[no-untyped-def]
    return (
        select(
            RolloutReminder.unit_id, RolloutReminder.words, RolloutReminder.tasks, RolloutReminder.sent_at, Staff.name
        )
        .outerjoin(Staff, Staff.id == RolloutReminder.sent_by)
        .where(RolloutReminder.unit_id.in_(unit_ids))
        .order_by(RolloutReminder.id.desc())
    )


def _reminder(row) -> Reminder:  # type: ignore[no-untyped-def]
    return Reminder(words=row.words, tasks=tuple(row.tasks.split()), sent_at=row.sent_at, sender=row.name)
