"""What became of units, and who and what moved between them: kept for ever, so that old figures stay explained."""

from sqlalchemy import BigInteger, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from sync_server.models.base import Base


class UnitSuccessor(Base):
    """A unit that ended passed into another: merged when several have one successor, split when one has several."""

    __tablename__ = "unit_successor"
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    successor_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True, index=True)
    day: Mapped[int] = mapped_column(Integer)  # the successor's first


class OfficerMove(Base):
    """An officer left a unit for another. Tallies stay with the unit where they were earned."""

    __tablename__ = "officer_move"
    id: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), index=True)
    from_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    to_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    moved_at: Mapped[int] = mapped_column(BigInteger)


class KioskMove(Base):
    """A kiosk was placed elsewhere. What it brought before counts for where it stood then."""

    __tablename__ = "kiosk_move"
    id: Mapped[int] = mapped_column(primary_key=True)
    kiosk_id: Mapped[int] = mapped_column(ForeignKey("kiosk.id"), index=True)
    from_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    from_counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"))
    moved_at: Mapped[int] = mapped_column(BigInteger)
