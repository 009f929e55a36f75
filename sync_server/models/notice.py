"""Notices: by which channels a person is told of what, and the outbox of what is still to be told."""

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint, and_
from sqlalchemy.orm import Mapped, mapped_column

from sync_server.models.base import Base


class NoticeChannel(Base):
    """An address of a person: e-mail, or another service that apprise knows. sealed: the address, which may hold
    passwords, encrypted by the server's secret; shown: enough of it to know it again."""

    __tablename__ = "notice_channel"
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    shown: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[int] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)


class NoticeChoice(Base):
    """That a kind of notices (`sync_server.notices.kinds.Kind`) goes to a channel."""

    __tablename__ = "notice_choice"
    channel_id: Mapped[int] = mapped_column(ForeignKey("notice_channel.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)


class Notice(Base):
    """One thing to tell by one channel, written in the transaction in which it happened.

    once: what it is about; the same is never told twice by a channel. path: the page that tells more. due_at: when it
    is sent, or tried again. fault: why the last try failed. failed_at: it was given up.
    """

    __tablename__ = "notice"
    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("notice_channel.id"))
    kind: Mapped[str] = mapped_column(String(20))
    once: Mapped[str] = mapped_column(String(60))
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    path: Mapped[str] = mapped_column(String(100))
    made_at: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[int] = mapped_column(BigInteger)
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[int | None] = mapped_column(BigInteger)
    failed_at: Mapped[int | None] = mapped_column(BigInteger)
    fault: Mapped[str] = mapped_column(String(200), default="")
    __table_args__ = (
        UniqueConstraint("channel_id", "once"),
        Index(
            "ix_notice_waiting",
            "due_at",
            sqlite_where=and_(sent_at.is_(None), failed_at.is_(None)),
            postgresql_where=and_(sent_at.is_(None), failed_at.is_(None)),
        ),
    )
