"""What units decided about their public boards. Only ever added to; the newest row of a unit counts."""

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from sync_server.models.base import Base


class BoardSetting(Base):
    """Whether a unit's figures are public, and of which period; a unit without a row has `config/board.toml`'s."""

    __tablename__ = "board_setting"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    figures_public: Mapped[bool] = mapped_column()
    period: Mapped[str] = mapped_column(String(10))
    made_at: Mapped[int] = mapped_column(BigInteger)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    __table_args__ = (Index("ix_board_setting_unit", "unit_id", "id"),)
