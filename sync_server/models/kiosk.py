"""The kiosks: how they join, when they were last seen, and the ledgers that they keep."""

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sync_server.models.base import Base


class EnrolmentCode(Base):
    """A code by which one kiosk may join, once and for 15 minutes; kept as HMAC under the server's secret."""

    __tablename__ = "enrolment_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"))
    name: Mapped[str] = mapped_column(String(100))
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    expires_at: Mapped[int] = mapped_column(BigInteger)
    used_at: Mapped[int | None] = mapped_column(BigInteger)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("kiosk.id"))
    kiosk_id: Mapped[int | None] = mapped_column(ForeignKey("kiosk.id"))


class Kiosk(Base):
    """A touchscreen that joined. Its key is random and long, so that a plain SHA-256 keeps it safe."""

    __tablename__ = "kiosk"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"))
    key_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    carry_key_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    device: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    enrolled_at: Mapped[int] = mapped_column(BigInteger)
    retired_at: Mapped[int | None] = mapped_column(BigInteger)
    last_contact_at: Mapped[int | None] = mapped_column(BigInteger)
    status: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # survey.wire.Status of the last batch
    stored_total: Mapped[int] = mapped_column(default=0)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # overrides of its unit's, as Unit.settings
    shown: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # overrides of its unit's, as Unit.shown
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("kiosk.id"))  # whose place it took


class Epoch(Base):
    """A branch of a kiosk's ledger. A second one begins when a number comes again with another id: the card was
    rolled back to an earlier image, and both branches are somebody's word."""

    __tablename__ = "epoch"
    id: Mapped[int] = mapped_column(primary_key=True)
    kiosk_id: Mapped[int] = mapped_column(ForeignKey("kiosk.id"), index=True)
    forked_from: Mapped[int | None] = mapped_column(ForeignKey("epoch.id"))
    first_seq: Mapped[int] = mapped_column(Integer, default=1)
    last_seq: Mapped[int] = mapped_column(Integer, default=0)  # the highest that ever arrived
    begun_at: Mapped[int] = mapped_column(BigInteger)


class Boot(Base):
    """A boot of a kiosk, by its number here instead of its long id in each rating."""

    __tablename__ = "boot"
    id: Mapped[int] = mapped_column(primary_key=True)
    kiosk_id: Mapped[int] = mapped_column(ForeignKey("kiosk.id"))
    boot_id: Mapped[str] = mapped_column(String(64))
    __table_args__ = (UniqueConstraint("kiosk_id", "boot_id"),)


class BootAnchor(Base):
    """A moment when a boot met the server: its monotonic clock beside the server's time."""

    __tablename__ = "boot_anchor"
    boot_id: Mapped[int] = mapped_column(ForeignKey("boot.id"), primary_key=True)
    monotonic_ms: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    server_at: Mapped[int] = mapped_column(BigInteger)
