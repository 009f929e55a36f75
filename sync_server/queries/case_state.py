"""A case as its acts made it, read from the database."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from sync_server.casework import record, steps
from sync_server.casework.steps import Act, Case
from sync_server.models.casework import CaseAct, CaseFile
from sync_server.models.people import Staff


class Done(NamedTuple):
    """An act, when it was done (ms UTC), and the name and role of the person who did it."""

    number: int
    at: int
    act: Act
    kind: str
    by: str
    role: str


def replayed(session: Session, file: CaseFile) -> Case:
    """The case that its acts make, with the accounts that its officer has now."""
    acts = session.execute(
        select(CaseAct.kind, CaseAct.content).where(CaseAct.case_id == file.id).order_by(CaseAct.number)
    )
    return steps.replay(beginning(session, file), (record.read_act(kind, content) for kind, content in acts))


def beginning(session: Session, file: CaseFile) -> Case:
    """The case before its first act."""
    accounts = session.scalars(select(Staff.id).where(Staff.officer_id == file.officer_id, Staff.closed_at.is_(None)))
    return Case(officer_staff=frozenset(accounts), due=file.due_day if file.acts == 0 else None)


def done(session: Session, case_id: int) -> Sequence[Done]:
    """The acts of a case, in order."""
    rows = session.execute(
        select(CaseAct.number, CaseAct.at, CaseAct.kind, CaseAct.content, Staff.name, Staff.role)
        .join(Staff, Staff.id == CaseAct.staff_id)
        .where(CaseAct.case_id == case_id)
        .order_by(CaseAct.number)
    )
    return [
        Done(row.number, row.at, record.read_act(row.kind, row.content), row.kind, row.name, row.role) for row in rows
    ]
