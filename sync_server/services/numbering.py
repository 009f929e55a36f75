"""The register of numbers: the next number of a unit's year, without gaps and never twice."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sync_server.errors import NotFound
from sync_server.models.organisation import Unit
from sync_server.models.register import RegisterEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What gets a number. book: `report` or `letter`, each of which counts for itself; the rest as
    `models.register.RegisterEntry` has it. Nothing here may name a citizen."""

    book: str
    sign: str
    kind: str
    trigger: str = ""
    signer: str = ""


def take_number(
    session: Session, unit_id: int, paper: Paper, *, year: int, day: int, by: int | None, now: int
) -> RegisterEntry:
    """Give a paper the next number of its book in a unit's year.

    Call it within the transaction that signs the paper: when that is rolled back, the number is free again, and so
    there are no gaps. Two who sign at once wait for each other at the unit's row. Raises `NotFound` for no such unit.
    """
    # Not FOR UPDATE, which would keep waiting everybody who adds a row that names the unit.
    unit = session.scalar(select(Unit.id).where(Unit.id == unit_id).with_for_update(key_share=True))
    if unit is None:
        raise NotFound(f"there is no unit {unit_id} to number papers of")
    entry = RegisterEntry(
        unit_id=unit_id,
        book=paper.book,
        year=year,
        number=next_number(session, unit_id, paper.book, year),
        sign=paper.sign,
        kind=paper.kind,
        trigger=paper.trigger,
        signer=paper.signer,
        day=day,
        made_at=now,
        made_by=by,
    )
    session.add(entry)
    session.flush()
    return entry


def next_number(session: Session, unit_id: int, book: str, year: int) -> int:
    """The number that the next paper of a book would get, which another may take first."""
    last = session.scalar(
        select(func.max(RegisterEntry.number)).where(
            RegisterEntry.unit_id == unit_id, RegisterEntry.book == book, RegisterEntry.year == year
        )
    )
    return (last or 0) + 1
