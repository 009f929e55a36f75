"""Score sheets of communes' years. Points are only ever added; a closed sheet is kept with its figures."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sync_server.models.base import Base


class EmulationPoints(Base):
    """Points that one side gave a unit's year for one criterion; the newest counts. points: null for left out."""

    __tablename__ = "emulation_points"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int] = mapped_column(Integer)
    criterion: Mapped[str] = mapped_column(String(40))
    side: Mapped[str] = mapped_column(String(10))  # self | verified
    points: Mapped[float | None] = mapped_column(Float)
    note: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[int] = mapped_column(BigInteger)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    __table_args__ = (Index("ix_emulation_points_unit", "unit_id", "year", "id"),)


class EmulationSheet(Base):
    """A closed sheet with all that stood on it; figures never change, and seal (HMAC by the server's secret) tells."""

    __tablename__ = "emulation_sheet"
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    seal: Mapped[bytes] = mapped_column(LargeBinary(32))
    closed_at: Mapped[int] = mapped_column(BigInteger)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
