"""What a kiosk's ledger shows: branches, gaps, breaks. None of them made a rating unwelcome (docs/wire.md, Ledger)."""

from dataclasses import dataclass

from sqlalchemy import Subquery, and_, func, select, union_all
from sqlalchemy.orm import Session, aliased

from survey.ledger import Break, Gap
from sync_server.models.kiosk import Epoch
from sync_server.models.months import DetachedRating
from sync_server.models.rating import Rating, SetAside

SHOWN = 100
"""Gaps and breaks of a branch that are told one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchLine:
    """One branch. forked_from: the branch that it was rolled back from, at `first_seq`; None for the first.

    gaps: numbers that never arrived, neither stored nor set aside (yet: they may wait on the kiosk). breaks: ratings
    that do not continue the one before them. begun_at: milliseconds UTC.
    """

    epoch_id: int
    forked_from: int | None
    first_seq: int
    last_seq: int
    begun_at: int
    stored: int
    gaps: tuple[Gap, ...]
    breaks: tuple[Break, ...]


def ledger_of(session: Session, kiosk_id: int) -> list[BranchLine]:
    """The branches of a kiosk's ledger in order of their making; more than one means that its card was rolled back."""
    stored = _numbers(kiosk_id)
    branches = session.execute(
        select(Epoch, func.count(stored.c.seq))
        .outerjoin(stored, stored.c.epoch_id == Epoch.id)
        .where(Epoch.kiosk_id == kiosk_id)
        .group_by(Epoch.id)
        .order_by(Epoch.id)
    ).all()
    return [
        BranchLine(
            epoch_id=epoch.id,
            forked_from=epoch.forked_from,
            first_seq=epoch.first_seq,
            last_seq=epoch.last_seq,
            begun_at=epoch.begun_at,
            stored=count,
            gaps=tuple(_gaps(session, epoch)) if count < epoch.last_seq - epoch.first_seq + 1 else (),
            breaks=tuple(_breaks(session, epoch.id)),
        )
        for epoch, count in branches
    ]


def _numbers(kiosk_id: int) -> Subquery:
    """The numbers that are stored of a kiosk, those in detached months too."""
    of_kiosk = select(Epoch.id).where(Epoch.kiosk_id == kiosk_id)
    return union_all(
        select(Rating.epoch_id, Rating.seq).where(Rating.epoch_id.in_(of_kiosk)),
        select(DetachedRating.epoch_id, DetachedRating.seq).where(DetachedRating.epoch_id.in_(of_kiosk)),
    ).subquery()


def _gaps(session: Session, epoch: Epoch) -> list[Gap]:
    stored = _numbers(epoch.kiosk_id).c
    before = func.lag(stored.seq, 1, epoch.first_seq - 1).over(order_by=stored.seq).label("before")
    rows = select(stored.seq, before).where(stored.epoch_id == epoch.id).subquery()
    found = session.execute(
        select(rows.c.before + 1, rows.c.seq - 1)
        .where(rows.c.seq > rows.c.before + 1)
        .order_by(rows.c.seq)
        .limit(SHOWN)
    ).all()
    return [gap for first, last in found for gap in _without_set_aside(session, epoch.kiosk_id, first, last)]


def _without_set_aside(session: Session, kiosk_id: int, first: int, last: int) -> list[Gap]:
    """What is left of a gap when the numbers that were refused or in conflict are taken out of it."""
    gaps = []
    arrived = session.scalars(
        select(SetAside.seq)
        .where(SetAside.kiosk_id == kiosk_id, SetAside.seq.between(first, last))
        .distinct()
        .order_by(SetAside.seq)
    )
    for seq in arrived:
        if seq is not None and seq > first:
            gaps.append(Gap(first, seq - 1))
        first = (seq or 0) + 1
    return [*gaps, Gap(first, last)] if first <= last else gaps


def _breaks(session: Session, epoch_id: int) -> list[Break]:
    before = aliased(Rating)
    rows = session.scalars(
        select(Rating.seq)
        .join(before, and_(before.epoch_id == Rating.epoch_id, before.seq == Rating.seq - 1))
        .where(Rating.epoch_id == epoch_id, Rating.prev.is_not(None), Rating.prev != before.digest)
        .order_by(Rating.seq)
        .limit(SHOWN)
    )
    return [Break(seq) for seq in rows]
