"""Windows of time in which ratings are not counted, because the counters could not work."""

from sqlalchemy import BigInteger, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from sync_server.models.base import Base


class Outage(Base):
    """A window [from_at, until_at) that an administrator declared (docs/flagging.md, What it must handle, 3).

    It is of one kiosk, or (kiosk_id null) of all kiosks of a unit and below it. Never edited; to take it back, an
    `OutageWithdrawal` is added.
    """

    __tablename__ = "outage"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    kiosk_id: Mapped[int | None] = mapped_column(ForeignKey("kiosk.id"))
    from_at: Mapped[int] = mapped_column(BigInteger)
    until_at: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    declared_at: Mapped[int] = mapped_column(BigInteger)
    declared_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    __table_args__ = (Index("ix_outage_unit", "unit_id"), Index("ix_outage_kiosk", "kiosk_id"))


class OutageWithdrawal(Base):
    """That a window was taken back: its ratings count again. Once, and for good."""

    __tablename__ = "outage_withdrawal"
    outage_id: Mapped[int] = mapped_column(ForeignKey("outage.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    withdrawn_at: Mapped[int] = mapped_column(BigInteger)
    withdrawn_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
