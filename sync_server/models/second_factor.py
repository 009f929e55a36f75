"""The second factor of those who use one: an app's secret, and codes for the day the phone is lost."""

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from sync_server.models.base import Base


class SecondFactor(Base):
    """A person's time-based codes (RFC 6238). confirmed_at: null until a first code was right; last_step: the newest
    time step whose code was taken, so that each code is good once."""

    __tablename__ = "second_factor"
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    begun_at: Mapped[int] = mapped_column(BigInteger)
    confirmed_at: Mapped[int | None] = mapped_column(BigInteger)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)


class RecoveryCode(Base):
    """A code that stands in for the app once; kept as SHA-256."""

    __tablename__ = "recovery_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    used_at: Mapped[int | None] = mapped_column(BigInteger)
    __table_args__ = (Index("ix_recovery_code_staff", "staff_id"),)
