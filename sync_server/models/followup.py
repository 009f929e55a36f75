"""What follows from ratings: peers frozen each Monday, signals, flags."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from sync_server.models.base import Base


class PeerTotal(Base):
    """An officer's decayed totals in a service, frozen on a Monday (docs/flagging.md): n, and the two bad sets."""

    __tablename__ = "peer_total"
    monday: Mapped[int] = mapped_column(Integer, primary_key=True)
    service_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    n: Mapped[float] = mapped_column(Float)
    dissatisfied: Mapped[float] = mapped_column(Float)
    not_satisfied: Mapped[float] = mapped_column(Float)
    __table_args__ = (Index("ix_peer_total_officer", "officer_id"), {"sqlite_with_rowid": False})


class PeerSum(Base):
    """All officers of `PeerTotal` in a service together, so that judging one officer reads a row a week instead of
    everybody's. Moved in the same transaction as the totals; made anew from them every night."""

    __tablename__ = "peer_sum"
    monday: Mapped[int] = mapped_column(Integer, primary_key=True)
    service_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    officers: Mapped[int] = mapped_column(Integer)
    n: Mapped[float] = mapped_column(Float)
    dissatisfied: Mapped[float] = mapped_column(Float)
    not_satisfied: Mapped[float] = mapped_column(Float)
    __table_args__ = ({"sqlite_with_rowid": False},)


class Signal(Base):
    """Where an officer stands now: what lists show without folding anything.

    n, bad, bad_days, expected_bad: counted ratings with peers, those in the wide bad set, days with one, and what
    peers would have had. restart_day: the fold begins after this day (a case was closed).
    """

    __tablename__ = "signal"
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(20), index=True)  # insufficient | ok | watch | flag
    log_m: Mapped[float | None] = mapped_column(Float)  # natural logarithm of M; null for M = 0
    n: Mapped[int] = mapped_column(default=0)
    bad: Mapped[int] = mapped_column(default=0)
    bad_days: Mapped[int] = mapped_column(default=0)
    expected_bad: Mapped[float] = mapped_column(Float, default=0.0)
    log_praise: Mapped[float | None] = mapped_column(Float)  # of the same score upwards; made every night
    restart_day: Mapped[int | None] = mapped_column(Integer)
    judged_at: Mapped[int] = mapped_column(BigInteger)


class Flag(Base):
    """A recorded change of state of an officer's signal, with the evidence at that moment. Never edited."""

    __tablename__ = "flag"
    id: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    was: Mapped[str] = mapped_column(String(20))
    became: Mapped[str] = mapped_column(String(20))
    changed_at: Mapped[int] = mapped_column(BigInteger)
    rule_version: Mapped[str] = mapped_column(String(20))
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)
    __table_args__ = (Index("ix_flag_officer", "officer_id", "id"),)
