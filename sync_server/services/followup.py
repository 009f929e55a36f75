"""What follows at once from judging and from intake, and what follows every night."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from survey.rating import SOURCES
from sync_server.casework.today import Today
from sync_server.office import Office
from sync_server.services import case_opening, flags, notices, opinions, reminders, report_reminders
from sync_server.services.arrivals import Arrival

OBSERVER = SOURCES.index("observer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What a night brought: the numbers of cases that were opened, and the reminders that are new."""

    opened: tuple[int, ...]
    reminders: tuple[reminders.Reminder, ...]


def today_of(office: Office, now: int | None = None) -> Today:
    """The office's day and moment. now: another moment than the clock's, in ms UTC."""
    at = office.now() if now is None else now
    return Today(now=at, day=office.day(at), zone=office.zone)


def after_judging(session: Session, changes: Iterable[flags.Change], today: Today) -> list[int]:
    """Open a case for each new red flag, in the transaction that records it. Safe to repeat."""
    return case_opening.open_for_flags(session, changes, today)


def after_intake(session: Session, stored: Iterable[Arrival], today: Today) -> list[int]:
    """Open a case for each grave reason among ratings that are being stored, in the same transaction, so that none
    is lost, and bring comments to the inbox. What observers asked stays theirs. Safe to repeat."""
    stored = list(stored)
    opinions.take_in(session, stored, today)
    said = (
        (item.id_bytes, item.officer, item.reasons) for item in stored if item.reasons and item.kind.source != OBSERVER
    )
    return case_opening.open_for_grave_reasons(session, said, today)


def every_night(session: Session, today: Today) -> Night:
    """Open what should have been opened, and write the reminders that are new to the outbox of notices.

    Safe to repeat: the second time brings nothing.
    """
    opened = case_opening.open_for_red_signals(session, today)
    new = reminders.remind(session, today)
    notices.remind(session, new, today.now)
    report_reminders.remind(session, today)
    return Night(opened=tuple(opened), reminders=tuple(new))
