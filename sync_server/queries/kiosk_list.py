"""The kiosks as staff see them: where they stand, and whether one needs a person."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from sync_server.errors import NotFound
from sync_server.models.kiosk import Epoch, Kiosk
from sync_server.models.months import DetachedRating
from sync_server.models.organisation import Counter, Unit
from sync_server.models.rating import Rating, SetAside
from sync_server.opening import is_open
from sync_server.queries.observers import is_observers
from sync_server.queries.units import DEEPEST

Hours = Mapping[str, Sequence[str]]
SILENT_AFTER = timedelta(hours=1)
"""Without a word for so long, all of it in opening hours, a kiosk is silent."""
SILENT_ANYWAY = timedelta(days=4)
"""Silent whatever the hours: longer than a weekend with a holiday before it."""
CLOSED: Hours = {"mon": ()}
"""Of a tablet that is carried to citizens, which may be without a network for days."""
PHONES = "phones"
"""The hardware of the kiosk that stands for a unit's phones (services/phone.py)."""
BATTERY_LOW_PERCENT = 20
DISK_LOW_MB = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskLine:
    """A kiosk with its last known state. Times are milliseconds UTC; numbers it never told are null.

    branches: of its ledger; more than one means its card was once rolled back. set_aside: ratings that the server
    refused or found in conflict. is_silent: no word for too long in opening hours. missing: numbers of its ledger up
    to the last that came which never arrived, in any form. replaces_id, replaced_by_id: whose place it took, and who
    took its place. is_observers: an observer enrolled it.
    """

    id: int
    name: str
    unit_id: int
    unit: str
    counter: str | None
    counter_id: int | None
    enrolled_at: int
    retired_at: int | None
    last_contact_at: int | None
    is_silent: bool
    waiting: int
    parked: int
    version: str
    clock: str
    battery_percent: int | None
    disk_free_mb: int | None
    stored_total: int
    branches: int
    set_aside: int
    missing: int = 0
    replaces_id: int | None = None
    replaced_by_id: int | None = None
    device: Mapping[str, Any] = field(default_factory=dict)
    is_observers: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """What asks for a person: `silent`, `parked`, `fork`, `gap`, `disk`, `battery`, `clock`, the gravest first.

        A gap asks for one only once the kiosk says that it has nothing left to send.
        """
        if self.retired_at is not None:
            return ()
        found = (
            ("silent", self.is_silent),
            ("parked", self.parked > 0),
            ("fork", self.branches > 1),
            ("gap", self.missing > 0 and self.waiting == 0),
            ("disk", self.disk_free_mb is not None and self.disk_free_mb < DISK_LOW_MB),
            ("battery", self.battery_percent is not None and self.battery_percent < BATTERY_LOW_PERCENT),
            ("clock", self.clock == "unsure"),
        )
        return tuple(name for name, is_so in found if is_so)


def listing(session: Session, unit_ids: Collection[int], *, now: int, zone: tzinfo) -> list[KioskLine]:
    """The kiosks of these units, without those that stand for phones: those at work first, by unit and name."""
    hours = _opening_hours(session)
    rows = session.execute(_rows().where(Kiosk.unit_id.in_(unit_ids)))
    lines = [_line(row, hours, now, zone) for row in rows if row[0].device.get("hardware") != PHONES]
    return sorted(lines, key=lambda line: (line.retired_at is not None, line.unit.casefold(), line.name.casefold()))


def one(session: Session, kiosk_id: int, unit_ids: Collection[int], *, now: int, zone: tzinfo) -> KioskLine:
    """One kiosk of these units. Raises `NotFound`."""
    row = session.execute(_rows().where(Kiosk.id == kiosk_id, Kiosk.unit_id.in_(unit_ids))).one_or_none()
    if row is None:
        raise NotFound(f"there is no kiosk {kiosk_id} in these units")
    return _line(row, _opening_hours(session), now, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A branch of a kiosk's ledger. missing: numbers up to last_seq that never arrived, in any form."""

    begun_at: int
    first_seq: int
    last_seq: int
    stored: int
    missing: int


def branches(session: Session, kiosk_id: int) -> list[Branch]:
    """The branches of a kiosk's ledger in the order they began."""
    here = select(func.count()).where(Rating.epoch_id == Epoch.id).scalar_subquery()
    detached = select(func.count()).where(DetachedRating.epoch_id == Epoch.id).scalar_subquery()
    aside = (
        select(func.count(SetAside.seq.distinct()))
        .where(SetAside.kiosk_id == kiosk_id, SetAside.seq.between(Epoch.first_seq, Epoch.last_seq))
        .where(~exists().where(Rating.epoch_id == Epoch.id, Rating.seq == SetAside.seq))
        .where(~exists().where(DetachedRating.epoch_id == Epoch.id, DetachedRating.seq == SetAside.seq))
        .scalar_subquery()
    )
    rows = session.execute(
        select(Epoch.begun_at, Epoch.first_seq, Epoch.last_seq, (here + detached).label("stored"), aside.label("aside"))
        .where(Epoch.kiosk_id == kiosk_id)
        .order_by(Epoch.id)
    )
    return [
        Branch(
            begun_at=row.begun_at,
            first_seq=row.first_seq,
            last_seq=row.last_seq,
            stored=row.stored,
            missing=max(0, row.last_seq - row.first_seq + 1 - row.stored - row.aside),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """A rating that was refused or in conflict, without what it said. code: one of `survey.wire.RATING_CODES`."""

    seq: int | None
    verdict: str
    code: str
    detail: str
    received_at: int


def set_aside(session: Session, kiosk_id: int, *, most: int = 50) -> list[Aside]:
    """What was set aside of a kiosk's ratings, the latest first."""
    rows = session.execute(
        select(SetAside.seq, SetAside.verdict, SetAside.code, SetAside.detail, SetAside.received_at)
        .where(SetAside.kiosk_id == kiosk_id)
        .order_by(SetAside.id.desc())
        .limit(most)
    )
    return [Aside(**row._mapping) for row in rows]


def _rows() -> Any:
    branch_count = select(func.count()).where(Epoch.kiosk_id == Kiosk.id).scalar_subquery()
    set_aside_count = select(func.count()).where(SetAside.kiosk_id == Kiosk.id).scalar_subquery()
    successor = aliased(Kiosk)
    replaced_by = select(func.max(successor.id)).where(successor.replaces_id == Kiosk.id).scalar_subquery()
    return (
        select(Kiosk, Unit.name, Counter.name, branch_count, set_aside_count, _missing(), replaced_by)
        .join(Unit, Unit.id == Kiosk.unit_id)
        .outerjoin(Counter, Counter.id == Kiosk.counter_id)
    )


def _missing() -> Any:
    """Numbers of all branches of a kiosk's ledger that never arrived. From counts that are kept, since counting the
    ratings themselves would read them all."""
    numbers = (
        select(func.coalesce(func.sum(Epoch.last_seq - Epoch.first_seq + 1), 0))
        .where(Epoch.kiosk_id == Kiosk.id)
        .scalar_subquery()
    )
    here = exists().where(Epoch.kiosk_id == SetAside.kiosk_id, Rating.epoch_id == Epoch.id, Rating.seq == SetAside.seq)
    aside = (
        select(func.count(SetAside.seq.distinct()))
        .where(SetAside.kiosk_id == Kiosk.id, SetAside.seq.is_not(None), ~here)
        .scalar_subquery()
    )
    return numbers - Kiosk.stored_total - aside


def _line(row: Any, hours: Mapping[int, Hours], now: int, zone: tzinfo) -> KioskLine:
    kiosk, unit, counter, branch_count, set_aside_count, missing, replaced_by_id = row
    status = kiosk.status
    return KioskLine(
        id=kiosk.id,
        name=kiosk.name,
        unit_id=kiosk.unit_id,
        unit=unit,
        counter=counter,
        counter_id=kiosk.counter_id,
        enrolled_at=kiosk.enrolled_at,
        retired_at=kiosk.retired_at,
        last_contact_at=kiosk.last_contact_at,
        is_silent=_is_silent(
            kiosk.last_contact_at or kiosk.enrolled_at,
            now,
            CLOSED if kiosk.settings.get("home_visits") or is_observers(kiosk) else hours[kiosk.unit_id],
            zone,
        ),
        waiting=status.get("waiting", 0),
        parked=status.get("parked", 0),
        version=status.get("app_version", ""),
        clock=status.get("clock", ""),
        battery_percent=status.get("battery_percent"),
        disk_free_mb=status.get("disk_free_mb"),
        stored_total=kiosk.stored_total,
        branches=branch_count,
        set_aside=set_aside_count,
        missing=max(0, int(missing)),
        replaces_id=kiosk.replaces_id,
        replaced_by_id=replaced_by_id,
        device=kiosk.device,
        is_observers=is_observers(kiosk),
    )


def _opening_hours(session: Session) -> dict[int, Hours]:
    """Each unit's hours: its own, else those of the nearest unit above that has some."""
    units = {row.id: row for row in session.execute(select(Unit.id, Unit.parent_id, Unit.settings))}

    def hours(unit_id: int | None, depth: int = 0) -> Hours:
        if unit_id is None or unit_id not in units or depth > DEEPEST:
            return {}
        own: Hours | None = units[unit_id].settings.get("opening_hours")
        return hours(units[unit_id].parent_id, depth + 1) if own is None else own

    return {unit_id: hours(unit_id) for unit_id in units}


def _is_silent(last: int, now: int, hours: Hours, zone: tzinfo) -> bool:
    silence = timedelta(milliseconds=now - last)
    if silence < SILENT_AFTER or silence >= SILENT_ANYWAY:
        return silence >= SILENT_ANYWAY
    moment = datetime.fromtimestamp(now / 1000, zone)
    return is_open(hours, moment) and is_open(hours, moment - SILENT_AFTER)
