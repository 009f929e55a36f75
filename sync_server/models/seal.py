"""Sealed months of observers' surveys. Only ever added to; what a seal is, `sync_server.sealed_months` says."""

from sqlalchemy import BigInteger, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from sync_server.models.base import Base


class SealedMonth(Base):
    """One seal. number counts 1, 2, 3 …; month: `2026-10`; until_at: the last moment of receipt that is in it."""

    __tablename__ = "sealed_month"
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    month: Mapped[str] = mapped_column(String(7), unique=True)
    until_at: Mapped[int] = mapped_column(BigInteger)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
    sealed_at: Mapped[int] = mapped_column(BigInteger)
