"""Reminders of the steps of cases. Who is reminded how is for those who send them: here is whom, of what, and once."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from sync_server.casework import people, terms
from sync_server.casework.moments import Moment, moment_of
from sync_server.casework.people import Place
from sync_server.casework.steps import State
from sync_server.casework.today import Today
from sync_server.casework.workdays import public_calendar
from sync_server.models.casework import CaseFile, CaseReminder
from sync_server.models.people import Staff
from sync_server.queries import units

FALLBACK = "town_staff"
"""Who is reminded when nobody of the role whose turn it is has an account for that unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """Whom to remind of a case's waiting step. due_day: an ordinal; staff: accounts, in order of their numbers."""

    case_id: int
    state: State
    moment: Moment
    due_day: int
    staff: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Account:
    id: int
    role: str
    unit_id: int | None
    officer_id: int | None


def due(session: Session, today: int) -> list[Reminder]:
    """The reminders that today calls for, whether sent already or not; those that are most overdue first."""
    rule, calendar = terms.rule_at(today), public_calendar()
    accounts = [
        _Account(id=row.id, role=row.role, unit_id=row.unit_id, officer_id=row.officer_id)
        for row in session.scalars(select(Staff).where(Staff.closed_at.is_(None)).order_by(Staff.id))
    ]
    reach = {unit: units.subtree(session, unit) for unit in {account.unit_id for account in accounts}}
    found = []
    waiting = select(CaseFile).where(CaseFile.state != State.CLOSED.value).order_by(CaseFile.due_day, CaseFile.id)
    for file in session.scalars(waiting):
        moment = moment_of(file.due_day, today, rule, calendar)
        if moment is not None and file.due_day is not None:
            found.append(
                Reminder(
                    case_id=file.id,
                    state=State(file.state),
                    moment=moment,
                    due_day=file.due_day,
                    staff=_whom(file, accounts, reach),
                )
            )
    return found


def remind(session: Session, today: Today) -> list[Reminder]:
    """The reminders that are new today, noted as given; whoever sends them sends these. Safe to repeat: none twice."""
    return [reminder for reminder in due(session, today.day) if _is_new(session, reminder, today.now)]


def _whom(file: CaseFile, accounts: Iterable[_Account], reach: dict[int | None, frozenset[int]]) -> tuple[int, ...]:
    place = Place(officer_id=file.officer_id, unit_id=file.unit_id, inspectors_only=file.inspectors_only)
    role = people.first_role(place, State(file.state))
    if role == "officer":
        own = tuple(account.id for account in accounts if account.officer_id == file.officer_id)
        if own and file.officer_hears:
            return own
        role = "inspector" if file.inspectors_only else "head"
    for wanted in (role, "inspector" if file.inspectors_only else FALLBACK):
        found = tuple(
            account.id
            for account in accounts
            if account.role == wanted and file.unit_id in reach[account.unit_id] and account.id != file.proposed_by
        )
        if found:
            return found
    return ()


def _is_new(session: Session, reminder: Reminder, now: int) -> bool:
    kind = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = {"case_id": reminder.case_id, "due_day": reminder.due_day, "moment": reminder.moment.value, "sent_at": now}
    new = kind.insert(CaseReminder).values(**row).on_conflict_do_nothing().returning(CaseReminder.id)
    return session.execute(new).first() is not None
