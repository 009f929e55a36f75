"""Signs of stuffing and hiding as a page shows them, and how much of each officer's ratings is tied to a dossier."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sync_server.flagging.integrity import Alert
from sync_server.models.integrity import IntegrityAlert
from sync_server.models.organisation import Officer, Unit
from sync_server.models.rating import SlipTally
from sync_server.queries import tallies
from sync_server.queries.officers import OfficerLine
from sync_server.rulebook import Rulebook


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLine:
    """An alert and whom it is about; days are ordinals, both within. found, of, chance: see `flagging.integrity`."""

    officer_id: int
    officer_name: str
    unit_name: str
    kind: Alert
    first_day: int
    last_day: int
    found: int
    of: int
    chance: float | None
    raised_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TieLine:
    """How many of an officer's counted ratings are tied to a dossier, and how many slips were printed for him."""

    officer: OfficerLine
    n: int
    with_dossier: int
    slips: int


def alerts(
    session: Session, within: frozenset[int], *, since_day: int, officer_id: int | None = None
) -> list[AlertLine]:
    """The alerts about officers of the units `within` for days since `since_day`, the newest first."""
    query = (
        select(IntegrityAlert, Officer.name, Unit.name)
        .join(Officer, Officer.id == IntegrityAlert.officer_id)
        .join(Unit, Unit.id == Officer.unit_id)
        .where(Officer.unit_id.in_(within), IntegrityAlert.last_day >= since_day)
        .order_by(IntegrityAlert.first_day.desc(), IntegrityAlert.id.desc())
    )
    if officer_id is not None:
        query = query.where(IntegrityAlert.officer_id == officer_id)
    return [
        AlertLine(
            officer_id=row.officer_id,
            officer_name=officer_name,
            unit_name=unit_name,
            kind=Alert(row.kind),
            first_day=row.first_day,
            last_day=row.last_day,
            found=row.found,
            of=row.of_n,
            chance=row.chance,
            raised_at=row.raised_at,
        )
        for row, officer_name, unit_name in session.execute(query)
    ]


def ties(session: Session, lines: list[OfficerLine], book: Rulebook, *, first: int, until: int) -> list[TieLine]:
    """For the officers of a list, in its order, from day `first` to before day `until`."""
    officer_ids = [line.id for line in lines]
    totals = tallies.by_officer(session, officer_ids, book.scales, first=first, until=until)
    printed = session.execute(
        select(SlipTally.officer_id, func.sum(SlipTally.n))
        .where(SlipTally.officer_id.in_(officer_ids), SlipTally.day >= first, SlipTally.day < until)
        .group_by(SlipTally.officer_id)
    )
    slips = {officer_id: int(n) for officer_id, n in printed}
    return [
        TieLine(
            officer=line,
            n=totals.get(line.id, tallies.Totals()).n,
            with_dossier=totals.get(line.id, tallies.Totals()).with_dossier,
            slips=slips.get(line.id, 0),
        )
        for line in lines
    ]
