"""Sealed months as they are kept."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from sync_server.models.seal import SealedMonth
from sync_server.sealed_months import Seal


def all_seals(session: Session) -> list[Seal]:
    """The whole chain, in order of its numbers."""
    rows = session.scalars(select(SealedMonth).order_by(SealedMonth.number))
    return [as_seal(row) for row in rows]


def as_seal(row: SealedMonth) -> Seal:
    """A row as what it holds."""
    return Seal(number=row.number, content=row.content, signature=row.signature)
