"""The register of letters as it is read, and what must be known before a letter is numbered."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from sync_server.casework.people import HANDLING
from sync_server.casework.steps import Finding
from sync_server.errors import NotFound
from sync_server.models.casework import CaseFile
from sync_server.models.letter import Letter
from sync_server.models.organisation import Unit
from sync_server.models.people import Staff
from sync_server.models.register import RegisterEntry
from sync_server.queries import reports, units

BOOK = "letter"
PAGE = 100
DEPUTY = " (KT.)"
"""Stands behind a signer's name in the register who signed for the head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterLine:
    """A line of the register. day: an ordinal; cancelled_at: ms UTC, null for a number that stands."""

    id: int
    unit_id: int
    unit: str
    year: int
    number: int
    sign: str
    kind: str
    trigger: str
    signer: str
    day: int
    made_by: str | None
    cancelled_at: int | None
    cancelled_by: str | None
    cancel_reason: str | None

    @property
    def case(self) -> int | None:
        """The number of the case that it came from."""
        return int(self.trigger.removeprefix("case ")) if self.trigger.startswith("case ") else None


def listing(
    session: Session,
    unit_ids: Collection[int],
    *,
    year: int,
    unit_id: int | None = None,
    kind: str | None = None,
    before: int | None = None,
) -> list[LetterLine]:
    """The register of a year, the newest first, a page at a time. before: the id of the last on the page before."""
    statement = _lines().where(RegisterEntry.unit_id.in_(unit_ids), RegisterEntry.year == year)
    if unit_id:
        statement = statement.where(RegisterEntry.unit_id == unit_id)
    if kind:
        statement = statement.where(RegisterEntry.kind == kind)
    if before is not None:
        statement = statement.where(RegisterEntry.id < before)
    rows = session.execute(statement.order_by(RegisterEntry.id.desc()).limit(PAGE))
    return [_line(row) for row in rows]


def one(session: Session, register_id: int, unit_ids: Collection[int]) -> LetterLine:
    """A line of the register. Raises `NotFound`, for one out of reach too."""
    row = session.execute(
        _lines().where(RegisterEntry.id == register_id, RegisterEntry.unit_id.in_(unit_ids))
    ).one_or_none()
    if row is None:
        raise NotFound(f"there is no letter {register_id} for you")
    return _line(row)


def last_signer(session: Session, unit_id: int) -> tuple[str, bool] | None:
    """Who signed the unit's last letter, and whether for the head."""
    said = session.scalar(
        select(RegisterEntry.signer)
        .where(RegisterEntry.unit_id == unit_id, RegisterEntry.book == BOOK)
        .order_by(RegisterEntry.id.desc())
        .limit(1)
    )
    return (said.removesuffix(DEPUTY), said.endswith(DEPUTY)) if said else None


def new_dates(session: Session, macs: Collection[bytes]) -> dict[bytes, int]:
    """How many new dates each of these dossiers got, without cancelled letters."""
    rows = session.execute(
        select(Letter.dossier_mac, func.count())
        .where(Letter.dossier_mac.in_(list(macs)), Letter.cancelled_at.is_(None))
        .group_by(Letter.dossier_mac)
    )
    return {mac: n for mac, n in rows if mac is not None}


def founded(
    session: Session, case_ids: Collection[int], unit_ids: Collection[int], unit_id: int, role: str
) -> frozenset[int]:
    """Those of these cases that were found true, wholly or in part, that `role` may know of and that belong to the
    letter's unit or one below it. What only inspectors may see is not there for others."""
    if not case_ids or role not in HANDLING:
        return frozenset()
    from_here = units.subtree(session, unit_id) & frozenset(unit_ids)
    statement = select(CaseFile.id).where(
        CaseFile.id.in_(case_ids),
        CaseFile.unit_id.in_(from_here),
        CaseFile.finding.in_([Finding.TRUE.value, Finding.PARTLY.value]),
        CaseFile.inspectors_only.is_(False),
    )
    return frozenset(session.scalars(statement))


def template(session: Session, unit_id: int, paper: str) -> bytes | None:
    """The unit's own template of a paper (`kinds.PAPERS`), or of the nearest unit above; None for the shipped one."""
    own = reports.template(session, unit_id, template_key(paper))
    return own.content if own is not None else None


def template_key(paper: str) -> str:
    """What a paper's template is kept as."""
    return f"letter-{paper}"


_CANCELLER = aliased(Staff)


def _lines() -> Any:
    return (
        select(
            RegisterEntry,
            Letter,
            Unit.name.label("unit"),
            Staff.name.label("maker"),
            _CANCELLER.name.label("canceller"),
        )
        .join(Letter, Letter.register_id == RegisterEntry.id)
        .join(Unit, Unit.id == RegisterEntry.unit_id)
        .outerjoin(Staff, Staff.id == RegisterEntry.made_by)
        .outerjoin(_CANCELLER, _CANCELLER.id == Letter.cancelled_by)
    )


def _line(row: Any) -> LetterLine:
    entry: RegisterEntry = row[0]
    letter: Letter = row[1]
    return LetterLine(
        id=entry.id,
        unit_id=entry.unit_id,
        unit=row.unit,
        year=entry.year,
        number=entry.number,
        sign=entry.sign,
        kind=entry.kind,
        trigger=entry.trigger,
        signer=entry.signer,
        day=entry.day,
        made_by=row.maker,
        cancelled_at=letter.cancelled_at,
        cancelled_by=row.canceller,
        cancel_reason=letter.cancel_reason,
    )
