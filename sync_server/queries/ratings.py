"""Lists of single ratings, a page at a time. A page is found by the key of the one before, never by counting rows."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from sync_server.models.kiosk import Epoch
from sync_server.models.rating import Clock, Counted, Rating, SetAside

PAGE = 100
Place = tuple[int, int]
"""Epoch and number of a rating: its key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingLine:
    """A rating in a list. Times in milliseconds UTC; happened_at is None while the clock is unknown."""

    place: Place
    officer_id: int
    level: int
    happened_at: int | None
    received_at: int
    clock: Clock
    counted: Counted
    has_dossier: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsideLine:
    """A rating that was refused or in conflict, for a person to look at."""

    id: int
    rating_id: str
    seq: int | None
    verdict: str
    code: str
    detail: str
    received_at: int


def ratings_of(session: Session, kiosk_id: int, before: Place | None = None, limit: int = PAGE) -> list[RatingLine]:
    """A kiosk's ratings, the last of its ledger first. before: the place of the last one on the page before."""
    key = tuple_(Rating.epoch_id, Rating.seq)
    statement = (
        select(
            Rating.epoch_id,
            Rating.seq,
            Rating.officer_id,
            Rating.level,
            Rating.happened_at,
            Rating.received_at,
            Rating.clock,
            Rating.counted,
            Rating.dossier_mac.is_not(None),
        )
        .where(Rating.epoch_id.in_(select(Epoch.id).where(Epoch.kiosk_id == kiosk_id)))
        .order_by(Rating.epoch_id.desc(), Rating.seq.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(key < before)
    return [
        RatingLine(
            place=(epoch_id, seq),
            officer_id=officer_id,
            level=level,
            happened_at=happened_at,
            received_at=received_at,
            clock=Clock(clock),
            counted=Counted(counted),
            has_dossier=bool(has_dossier),
        )
        for epoch_id, seq, officer_id, level, happened_at, received_at, clock, counted, has_dossier in session.execute(
            statement
        )
    ]


def all_ratings_of(session: Session, kiosk_id: int) -> Iterator[RatingLine]:
    """All of a kiosk's ratings, page by page, for an export that is written as it is read."""
    before: Place | None = None
    while page := ratings_of(session, kiosk_id, before, 1000):
        yield from page
        before = page[-1].place


def set_aside_of(session: Session, kiosk_id: int, before: int | None = None, limit: int = PAGE) -> list[SetAsideLine]:
    """What was set aside of a kiosk, the latest first. before: the id of the last one on the page before."""
    statement = select(SetAside).where(SetAside.kiosk_id == kiosk_id).order_by(SetAside.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(SetAside.id < before)
    return [
        SetAsideLine(
            id=row.id,
            rating_id=row.rating_id,
            seq=row.seq,
            verdict=row.verdict,
            code=row.code,
            detail=row.detail,
            received_at=row.received_at,
        )
        for row in session.scalars(statement)
    ]
