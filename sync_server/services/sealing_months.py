"""Seal the months of observers' surveys, and find out whether what was sealed is still there."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, case, or_, select
from sqlalchemy.orm import Session

from survey.rating import SOURCES
from sync_server.models.kiosk import Epoch, Kiosk
from sync_server.models.months import DetachedMonth
from sync_server.models.organisation import Unit
from sync_server.models.rating import Rating
from sync_server.models.seal import SealedMonth
from sync_server.office import Office
from sync_server.queries.seals import as_seal
from sync_server.sealed_months import PURPOSE, Counted, Seal, chain_faults, digest_of, make, public_key, recount_faults

OBSERVER = SOURCES.index("observer")
GRACE_DAYS = 3
"""A month is sealed on this day of the next one: kiosks that were without a network have come home by then."""
SETTLED_MS = 600_000
"""What was received just now is left to the next seal: another transaction may still bring some of it."""
OFFLINE_MS = 92 * 86_400_000
"""A kiosk's own clock is believed when it says no more than this before the rating came, and nothing after it."""
LEVELS = 5
_WHEN = case(
    (Rating.tapped_at.between(Rating.received_at - OFFLINE_MS, Rating.received_at), Rating.tapped_at),
    else_=Rating.received_at,
)
"""When a rating was, by what never changes: its `day` is found out anew when an unknown clock becomes known, and a seal
over that would look altered then."""


def seal_due(session: Session, office: Office, *, now: int) -> Seal | None:
    """Seal the last month that is over, where it is not sealed yet; None where nothing is due. Safe to repeat.

    A month without any rating is sealed too, once observers began: nobody can say later that there were some.
    """
    month = _last_month(office, now)
    last = session.scalars(select(SealedMonth).order_by(SealedMonth.number.desc()).limit(1)).first()
    until_at = now - SETTLED_MS
    if month is None or (last is not None and (last.month >= month or last.until_at >= until_at)):
        return None
    rows = _rows(
        session, _Reach.of(office, last.month, last.until_at) if last else None, _Reach.of(office, month, until_at)
    )
    if last is None and not rows:
        return None
    seal = make(
        office.seals.derived(PURPOSE),
        number=last.number + 1 if last else 1,
        month=month,
        until_at=until_at,
        counted=_counted(office, rows),
        units=_units(session, rows),
        before=as_seal(last) if last else None,
    )
    session.add(
        SealedMonth(
            number=seal.number,
            month=month,
            until_at=until_at,
            content=seal.content,
            signature=seal.signature,
            sealed_at=now,
        )
    )
    return seal


def verify(session: Session, office: Office) -> list[str]:
    """What was altered since it was sealed, in the seals or in the ratings: a sentence each; empty when nothing was.

    Ratings that may be in a month that was detached (services.months) are not counted again; their seals are verified.
    """
    kept = session.scalars(select(SealedMonth).order_by(SealedMonth.number)).all()
    seals = [as_seal(row) for row in kept]
    faults = chain_faults(seals, public_key(office.seals.derived(PURPOSE)))
    if faults:
        return faults
    before = None
    for row, seal in zip(kept, seals, strict=True):
        said = seal.said
        if (row.month, row.until_at) != (said["month"], said["received_until"]):
            faults.append(f"seal {row.number} ({said['month']}): its month or its end was changed beside its content")
            continue
        reach = _Reach.of(office, said["month"], said["received_until"])
        if not _is_detached(session, before, reach):
            faults += recount_faults(seal, _counted(office, _rows(session, before, reach)))
        before = reach
    return faults


@dataclass(frozen=True, slots=True)
class _Reach:
    """All that the seals up to one take in: what was received until `until_at` and was before `until` (both ms UTC)."""

    until_at: int
    until: int

    @classmethod
    def of(cls, office: Office, month: str, until_at: int) -> "_Reach":
        year, number = (int(part) for part in month.split("-"))
        return cls(until_at, office.moment(date(year + number // 12, number % 12 + 1, 1).toordinal()))

    @property
    def condition(self) -> ColumnElement[bool]:
        return and_(Rating.received_at <= self.until_at, self.until > _WHEN)


def began(session: Session) -> bool:
    """Whether observers were ever given a rating. It may read all ratings where they were not: not while writing."""
    return session.scalar(select(Rating.seq).where(Rating.source == OBSERVER).limit(1)) is not None


def _last_month(office: Office, now: int) -> str | None:
    """The newest month that is over and has had its days of grace, as `2026-10`."""
    day = date.fromordinal(office.day(now))
    before = day.replace(day=1) - timedelta(days=1)
    if day.day < GRACE_DAYS:
        before = before.replace(day=1) - timedelta(days=1)
    return f"{before:%Y-%m}"


def _is_detached(session: Session, before: _Reach | None, reach: _Reach) -> bool:
    """Whether a month is away in which ratings of a seal may have come; none came before the month of the seal."""
    came = DetachedMonth.first_at <= reach.until_at
    if before is not None:
        came = and_(came, DetachedMonth.until_at > before.until)
    return session.scalar(select(DetachedMonth.month).where(came).limit(1)) is not None


_Row = tuple[Rating, int]
"""A rating and when it was (`_WHEN`)."""


def _rows(session: Session, before: _Reach | None, reach: _Reach) -> list[_Row]:
    """What one seal takes in: all of its reach without what the seals before it have."""
    of_seal = select(Rating, _WHEN).where(Rating.source == OBSERVER, reach.condition)
    if before is not None:
        of_seal = of_seal.where(or_(Rating.received_at > before.until_at, before.until <= _WHEN))
    return [(row, at) for row, at in session.execute(of_seal)]


def _counted(office: Office, rows: Iterable[_Row]) -> list[Counted]:
    groups: dict[tuple[str, int], list[Rating]] = {}
    for row, at in rows:
        month = f"{date.fromordinal(office.day(at)):%Y-%m}"
        groups.setdefault((month, row.survey_id), []).append(row)
    return [
        Counted(
            month=month,
            survey=survey,
            levels=tuple(sum(row.level == level for row in found) for level in range(1, LEVELS + 1)),
            digest=digest_of(_said(row) for row in found),
        )
        for (month, survey), found in sorted(groups.items())
    ]


def _said(row: Rating) -> bytes:
    """A digest of all that a rating says, of its own columns: its stored digest could be left as it was."""
    said = (
        row.id.hex(),
        row.officer_id,
        row.service_id,
        row.survey_id,
        row.level,
        row.reasons,
        row.tapped_at,
        row.received_at,
    )
    return hashlib.sha256(repr(said).encode()).digest()


def _units(session: Session, rows: Iterable[_Row]) -> dict[str, list[int]]:
    names = {
        row.id: row.name
        for row in session.execute(
            select(Epoch.id, Unit.name).join(Kiosk, Kiosk.id == Epoch.kiosk_id).join(Unit, Unit.id == Kiosk.unit_id)
        )
    }
    found: dict[str, list[int]] = {}
    for row, _ in rows:
        levels = found.setdefault(names.get(row.epoch_id, ""), [0] * LEVELS)
        levels[row.level - 1] += 1
    return found
