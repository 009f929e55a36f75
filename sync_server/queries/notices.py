"""Notices as their people choose them, and as the administrator sees that they go out. No address is ever opened."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sync_server.models.notice import Notice, NoticeChannel, NoticeChoice
from sync_server.models.people import Staff
from sync_server.notices.kinds import Kind

TROUBLES_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A person's channel. shown: enough of its address to know it again; last_sent_at: ms UTC; fault: of the last
    try, '' when that one went through."""

    id: int
    shown: str
    kinds: frozenset[Kind]
    last_sent_at: int | None
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A notice that did not go out yet. failed_at: it was given up; else it is tried again at due_at (ms UTC)."""

    who: str
    shown: str
    kind: Kind
    made_at: int
    tries: int
    due_at: int
    failed_at: int | None
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """How many notices wait, and those that had trouble, the latest first. last_sent_at: ms UTC, of any."""

    waiting: int
    last_sent_at: int | None
    troubles: Sequence[Trouble]


def channels(session: Session, staff_id: int) -> list[Channel]:
    """A person's channels, in the order they were added."""
    rows = session.execute(
        select(NoticeChannel.id, NoticeChannel.shown)
        .where(NoticeChannel.staff_id == staff_id, NoticeChannel.ended_at.is_(None))
        .order_by(NoticeChannel.id)
    ).all()
    return [
        Channel(
            id=row.id,
            shown=row.shown,
            kinds=frozenset(
                Kind(kind)
                for kind in session.scalars(select(NoticeChoice.kind).where(NoticeChoice.channel_id == row.id))
            ),
            last_sent_at=session.scalar(select(func.max(Notice.sent_at)).where(Notice.channel_id == row.id)),
            fault=session.scalar(
                select(Notice.fault).where(Notice.channel_id == row.id, Notice.tries > 0).order_by(Notice.id.desc())
            )
            or "",
        )
        for row in rows
    ]


def outbox(session: Session) -> Outbox:
    """What waits, and what had trouble."""
    waiting = select(func.count()).where(Notice.sent_at.is_(None), Notice.failed_at.is_(None))
    rows = session.execute(
        select(Notice, NoticeChannel.shown, Staff.name)
        .join(NoticeChannel, NoticeChannel.id == Notice.channel_id)
        .join(Staff, Staff.id == NoticeChannel.staff_id)
        .where(Notice.sent_at.is_(None), Notice.tries > 0, NoticeChannel.ended_at.is_(None))
        .order_by(Notice.id.desc())
        .limit(TROUBLES_MAX)
    )
    return Outbox(
        waiting=int(session.scalar(waiting) or 0),
        last_sent_at=session.scalar(select(func.max(Notice.sent_at))),
        troubles=[
            Trouble(
                who=name,
                shown=shown,
                kind=Kind(notice.kind),
                made_at=notice.made_at,
                tries=notice.tries,
                due_at=notice.due_at,
                failed_at=notice.failed_at,
                fault=notice.fault,
            )
            for notice, shown, name in rows
        ],
    )
