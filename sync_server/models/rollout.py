"""How far the units are in bringing the model in. Only ever added to; the newest row of a task counts."""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sync_server.models.base import Base


class RolloutStart(Base):
    """The first day of a unit, from which its tasks are due (the plan: 01/2021 for most). The newest row counts."""

    __tablename__ = "rollout_start"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    day: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[int] = mapped_column(BigInteger)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class RolloutReport(Base):
    """What a unit says of a task of `config/rollout.toml`. present, total: who took part, where that is asked."""

    __tablename__ = "rollout_report"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    task: Mapped[str] = mapped_column(String(40))
    stage: Mapped[str] = mapped_column(String(12))  # doing | done | not_needed
    day: Mapped[int] = mapped_column(Integer)
    present: Mapped[int | None] = mapped_column(Integer)
    total: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[int] = mapped_column(BigInteger)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    __table_args__ = (Index("ix_rollout_report_unit", "unit_id", "id"),)


class RolloutReminder(Base):
    """A polite reminder (đôn đốc) of the town to a unit. tasks: the ids that were late then, with blanks between."""

    __tablename__ = "rollout_reminder"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    tasks: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[int] = mapped_column(BigInteger)
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
