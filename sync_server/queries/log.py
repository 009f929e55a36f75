"""The audit log: who did or saw what."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from sync_server.ids import COUNTER, KIOSK, OFFICER, UNIT, read_id
from sync_server.models.kiosk import Kiosk
from sync_server.models.organisation import Counter, Officer, Unit
from sync_server.models.people import AuditEntry, Staff

PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. who: the person's name, '' for the server itself; about: the subject's name where it has one."""

    id: int
    at: int
    who: str
    act: str
    subject: str
    about: str
    detail: dict[str, Any] = field(default_factory=dict)


def entries(
    session: Session,
    *,
    unit_ids: Collection[int] | None,
    acts: Collection[str] = (),
    before: int | None = None,
    most: int = PAGE,
) -> list[Entry]:
    """Entries, the latest first. unit_ids: only of people who belong to these units; None for everybody's.

    acts: only these, all when empty. before: only entries with a smaller id (the next page).
    """
    statement = (
        select(AuditEntry, Staff.name)
        .outerjoin(Staff, Staff.id == AuditEntry.staff_id)
        .order_by(AuditEntry.id.desc())
        .limit(most)
    )
    if unit_ids is not None:
        statement = statement.where(Staff.unit_id.in_(unit_ids))
    if acts:
        statement = statement.where(or_(*(AuditEntry.act == act for act in acts)))
    if before is not None:
        statement = statement.where(AuditEntry.id < before)
    rows = session.execute(statement).all()
    names = _names(session, {entry.subject for entry, _ in rows})
    return [
        Entry(
            id=entry.id,
            at=entry.at,
            who=who or "",
            act=entry.act,
            subject=entry.subject,
            about=names.get(entry.subject, ""),
            detail=entry.detail,
        )
        for entry, who in rows
    ]


def _names(session: Session, subjects: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for letter, kind in ((UNIT, Unit), (COUNTER, Counter), (OFFICER, Officer), (KIOSK, Kiosk)):
        numbers = {number: subject for subject in subjects if (number := read_id(letter, subject)) is not None}
        if numbers:
            for number, name in session.execute(select(kind.id, kind.name).where(kind.id.in_(numbers))):
                found[numbers[number]] = name
    return found
