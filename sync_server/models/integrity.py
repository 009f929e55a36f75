"""Signs of stuffing and hiding: alerts of their own kind, and what silent hours are counted from."""

from sqlalchemy import BigInteger, Float, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sync_server.models.base import Base


class IntegrityAlert(Base):
    """Something about an officer's ratings that chance does not make (docs/flagging.md, Stuffing and hiding).

    kind: `sync_server.flagging.integrity.Alert`. first_day, last_day: the day or the week looked at, both within.
    found of of_n, by chance: as in `IntegrityAlert` there. Late ratings may move the numbers; a row is never deleted.
    """

    __tablename__ = "integrity_alert"
    id: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    kind: Mapped[str] = mapped_column(String(20))
    first_day: Mapped[int] = mapped_column(Integer, index=True)
    last_day: Mapped[int] = mapped_column(Integer)
    found: Mapped[int] = mapped_column(Integer)
    of_n: Mapped[int] = mapped_column(Integer)
    chance: Mapped[float | None] = mapped_column(Float)
    raised_at: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (UniqueConstraint("officer_id", "kind", "first_day"),)


class SlipHour(Base):
    """Slips printed for an officer in an hour (hours since 1970 UTC): an hour with slips but no rating is silent."""

    __tablename__ = "slip_hour"
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    hour: Mapped[int] = mapped_column(Integer, primary_key=True)
    n: Mapped[int] = mapped_column(default=0)
    __table_args__ = (Index("ix_slip_hour_hour", "hour"), {"sqlite_with_rowid": False})
