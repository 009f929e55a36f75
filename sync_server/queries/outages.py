"""Declared outages: which windows hold for a kiosk, the list of all, and what they took from an officer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, literal_column, select
from sqlalchemy.orm import Session, aliased

from survey.questionnaire import Scale
from survey.rating import SOURCES
from sync_server.errors import NotFound
from sync_server.models.kiosk import Epoch, Kiosk
from sync_server.models.organisation import SurveyVersion, Unit
from sync_server.models.outage import Outage, OutageWithdrawal
from sync_server.models.people import Staff
from sync_server.models.rating import Rating
from sync_server.queries.prepared import Prepared
from sync_server.queries.units import DEEPEST, subtree

Window = tuple[int, int]
"""[from, until), in milliseconds UTC."""

_WINDOWS = Prepared(
    f"""
    WITH RECURSIVE above(id, parent_id, height) AS (
        SELECT id, parent_id, 0 FROM unit WHERE id = :unit
        UNION ALL
        SELECT unit.id, unit.parent_id, height + 1 FROM unit JOIN above ON unit.id = above.parent_id
        WHERE height < {DEEPEST}
    )
    SELECT from_at, until_at FROM outage
    WHERE (kiosk_id = :kiosk OR (kiosk_id IS NULL AND unit_id IN (SELECT id FROM above)))
      AND NOT EXISTS (SELECT 1 FROM outage_withdrawal WHERE outage_id = outage.id)
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageLine:
    """A declared outage. kiosk: None where it holds for all kiosks of the unit and below. Times are ms UTC; the
    withdrawn_… are None while it stands."""

    id: int
    unit_id: int
    unit: str
    kiosk_id: int | None
    kiosk: str | None
    from_at: int
    until_at: int
    reason: str
    declared_at: int
    declared_by: str
    withdrawn_at: int | None
    withdrawn_by: str | None
    withdrawal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What an outage took out of an officer's evidence: n ratings, of which `bad` were in the wide bad set."""

    outage: OutageLine
    n: int
    bad: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskPlace:
    """A kiosk that an outage may be declared for."""

    id: int
    name: str
    unit_id: int
    unit: str


def windows(session: Session, kiosk_id: int, unit_id: int) -> Sequence[Window]:
    """The outages that hold for a kiosk of a unit: its own, and those of the unit and the ones above."""
    rows = _WINDOWS.rows(session, {"kiosk": kiosk_id, "unit": unit_id})
    return tuple((from_at, until_at) for from_at, until_at in rows)


def unit_windows(session: Session, *, since: int) -> dict[int, list[Window]]:
    """Unit → the outages since a moment that may have kept its counters silent; a kiosk's are its unit's too."""
    rows = session.execute(
        select(Outage.unit_id, Outage.kiosk_id, Outage.from_at, Outage.until_at)
        .outerjoin(OutageWithdrawal, OutageWithdrawal.outage_id == Outage.id)
        .where(Outage.until_at > since, OutageWithdrawal.outage_id.is_(None))
    )
    found: dict[int, list[Window]] = {}
    for unit_id, kiosk_id, from_at, until_at in rows:
        for below in subtree(session, unit_id) if kiosk_id is None else (unit_id,):
            found.setdefault(below, []).append((from_at, until_at))
    return found


def listing(session: Session, unit_ids: Collection[int]) -> list[OutageLine]:
    """The outages of these units, the latest first, withdrawn ones too."""
    rows = session.execute(_lines().where(Outage.unit_id.in_(unit_ids)).order_by(Outage.from_at.desc(), Outage.id))
    return [OutageLine(**row._mapping) for row in rows]


def one(session: Session, outage_id: int, unit_ids: Collection[int]) -> OutageLine:
    """One outage of these units. Raises `NotFound`, for others' too."""
    row = session.execute(_lines().where(Outage.id == outage_id, Outage.unit_id.in_(unit_ids))).one_or_none()
    if row is None:
        raise NotFound(f"there is no outage {outage_id} within your units")
    return OutageLine(**row._mapping)


def kiosks(session: Session, unit_ids: Collection[int]) -> list[KioskPlace]:
    """The kiosks at work in these units, by unit and name."""
    rows = session.execute(
        select(Kiosk.id, Kiosk.name, Kiosk.unit_id, Unit.name.label("unit"))
        .join(Unit, Unit.id == Kiosk.unit_id)
        .where(Kiosk.unit_id.in_(unit_ids), Kiosk.retired_at.is_(None))
    )
    found = [KioskPlace(**row._mapping) for row in rows]
    return sorted(found, key=lambda kiosk: (kiosk.unit.casefold(), kiosk.name.casefold(), kiosk.id))


def of_officer(session: Session, officer_id: int, scales: Mapping[str, Scale], *, since_day: int) -> list[Taken]:
    """What outages took from an officer's ratings since a day (an ordinal), the latest first.

    A rating that lies in two of them is told with both.
    """
    rows = session.execute(
        select(Epoch.kiosk_id, Rating.happened_at, Rating.level, SurveyVersion.scale)
        .join(Epoch, Epoch.id == Rating.epoch_id)
        .join(SurveyVersion, SurveyVersion.id == Rating.survey_id)
        .where(
            Rating.officer_id == officer_id,
            Rating.day >= since_day,
            Rating.counted == literal_column("6"),  # Counted.OUTAGE, as the partial index says it, or it is not used
            Rating.source != SOURCES.index("observer"),
        )
    ).all()
    if not rows:
        return []
    low, high = min(row.happened_at for row in rows), max(row.happened_at for row in rows)
    met = _lines().where(Outage.from_at <= high, Outage.until_at > low, OutageWithdrawal.outage_id.is_(None))
    found = []
    for line in (OutageLine(**row._mapping) for row in session.execute(met.order_by(Outage.from_at.desc()))):
        within = _kiosks_of(session, line)
        inside = [row for row in rows if row.kiosk_id in within and line.from_at <= row.happened_at < line.until_at]
        if inside:
            bad = sum(row.level in scales[row.scale].not_satisfied for row in inside)
            found.append(Taken(outage=line, n=len(inside), bad=bad))
    return found


def kiosks_under(session: Session, unit_id: int, kiosk_id: int | None) -> list[int]:
    """The kiosks that an outage holds for, retired ones too, in order of their numbers."""
    if kiosk_id is not None:
        return [kiosk_id]
    below = subtree(session, unit_id)
    return list(session.scalars(select(Kiosk.id).where(Kiosk.unit_id.in_(below)).order_by(Kiosk.id)))


def _kiosks_of(session: Session, line: OutageLine) -> frozenset[int]:
    return frozenset(kiosks_under(session, line.unit_id, line.kiosk_id))


_DECLARER, _WITHDRAWER = aliased(Staff), aliased(Staff)


def _lines() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Outage.id,
            Outage.unit_id,
            Unit.name.label("unit"),
            Outage.kiosk_id,
            Kiosk.name.label("kiosk"),
            Outage.from_at,
            Outage.until_at,
            Outage.reason,
            Outage.declared_at,
            _DECLARER.name.label("declared_by"),
            OutageWithdrawal.withdrawn_at,
            _WITHDRAWER.name.label("withdrawn_by"),
            OutageWithdrawal.reason.label("withdrawal"),
        )
        .join(Unit, Unit.id == Outage.unit_id)
        .join(_DECLARER, _DECLARER.id == Outage.declared_by)
        .outerjoin(Kiosk, Kiosk.id == Outage.kiosk_id)
        .outerjoin(OutageWithdrawal, OutageWithdrawal.outage_id == Outage.id)
        .outerjoin(_WITHDRAWER, _WITHDRAWER.id == OutageWithdrawal.withdrawn_by)
    )
