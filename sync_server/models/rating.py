"""What citizens said, and what is counted of it."""

from enum import IntEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, Text, and_, text
from sqlalchemy.orm import Mapped, mapped_column

from sync_server.models.base import Base


class Counted(IntEnum):
    """Whether a stored rating is counted, and if not, why. The numbers are in the database: only add."""

    YES = 0
    DOSSIER_REPEATED = 1
    OUT_OF_HOURS = 2
    BURST = 3
    CLOCK_UNKNOWN = 4
    VERIFIED_UNTRUE = 5
    OUTAGE = 6


class Clock(IntEnum):
    """survey.clock.Certainty as stored."""

    EXACT = 0
    BOUNDED = 1
    UNKNOWN = 2


class Rating(Base):
    """One rating as it came, in integers; `survey.rating.canonical` can be made again from a row.

    reasons: bits of config/reasons.toml. source: index in survey.rating.SOURCES. language: as sent.
    happened_at and day: by the corrected clock, null when unknown. digest: SHA-256 of the canonical JSON.
    tallied_service_id: the officer's declared service when the rating came without one, so that what was added to
    a tally can be taken from the same one although the declaration has changed since.
    prev: only where it is not the digest of the row before (a gap, a break, a fork), null otherwise; empty for ''.
    dossier_mac: HMAC of the code under the unit's key, which is how one dossier counts once.
    """

    __tablename__ = "rating"
    epoch_id: Mapped[int] = mapped_column(ForeignKey("epoch.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    id: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"))
    tallied_service_id: Mapped[int | None] = mapped_column(Integer)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey_version.id"))
    level: Mapped[int] = mapped_column(SmallInteger)
    reasons: Mapped[int] = mapped_column(Integer, default=0)
    language: Mapped[str] = mapped_column(String(8))
    source: Mapped[int] = mapped_column(SmallInteger)
    boot_id: Mapped[int] = mapped_column(ForeignKey("boot.id"))
    monotonic_ms: Mapped[int] = mapped_column(BigInteger)
    tapped_at: Mapped[int] = mapped_column(BigInteger)
    tapped_offset_min: Mapped[int] = mapped_column(SmallInteger)
    received_at: Mapped[int] = mapped_column(BigInteger)
    happened_at: Mapped[int | None] = mapped_column(BigInteger)
    clock: Mapped[int] = mapped_column(SmallInteger)
    day: Mapped[int | None] = mapped_column(Integer)
    counted: Mapped[int] = mapped_column(SmallInteger, default=Counted.YES)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    prev: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    comment_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # where there was a comment
    dossier_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # where there was a dossier
    dossier_mac: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    __table_args__ = (
        # Of a dossier's ratings one counts and is found by the index below, the few others by this one: an entry at a
        # random place of an index costs a page of the disk.
        Index(
            "ix_rating_dossier_mac",
            "dossier_mac",
            sqlite_where=and_(dossier_mac.isnot(None), counted != 0),
            postgresql_where=and_(dossier_mac.isnot(None), counted != 0),
        ),
        # Two kiosks may bring the same dossier at the same moment: the database lets only one of them count.
        Index(
            "ix_rating_dossier_counted",
            "dossier_mac",
            unique=True,
            sqlite_where=and_(dossier_mac.isnot(None), counted == 0),
            postgresql_where=and_(dossier_mac.isnot(None), counted == 0),
        ),
        # The few whose time is not known exactly are looked for whenever a neighbour or an anchor arrives late.
        Index("ix_rating_unsure", "epoch_id", "seq", sqlite_where=clock != 0, postgresql_where=clock != 0),
        # What an outage took from an officer is shown beside the evidence; there are few.
        Index(
            "ix_rating_outage",
            "officer_id",
            "day",
            sqlite_where=counted == text("6"),
            postgresql_where=counted == text("6"),
        ),
        # The bad ratings behind a red flag are looked for when it is raised; the many good ones are left out.
        Index(
            "ix_rating_officer_low",
            "officer_id",
            "day",
            sqlite_where=level <= text("3"),
            postgresql_where=level <= text("3"),
        ),
        {"sqlite_with_rowid": False},
    )


class RatingComment(Base):
    """A citizen's words, apart from the rating so that retention can erase them."""

    __tablename__ = "rating_comment"
    epoch_id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class DossierLink(Base):
    """The dossier code itself, encrypted; only where the setting allows, opened only by the inspector's role."""

    __tablename__ = "dossier_link"
    epoch_id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class SetAside(Base):
    """A rating that was refused or in conflict: kept whole, without its comment and dossier, for a person to see.

    Its number in the ledger is remembered here, so that it does not show as a gap.
    """

    __tablename__ = "set_aside"
    id: Mapped[int] = mapped_column(primary_key=True)
    kiosk_id: Mapped[int] = mapped_column(ForeignKey("kiosk.id"))
    rating_id: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int | None] = mapped_column(Integer)
    verdict: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(30))
    detail: Mapped[str] = mapped_column(String(500), default="")
    content_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    received_at: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (Index("ix_set_aside_kiosk_hash", "kiosk_id", "content_hash", unique=True),)


class Tally(Base):
    """Counted ratings of an officer, a day, a service: one number a level (n1 the worst), which can be added.

    service_id: the rating's own, or the officer's declared one, or 0 when neither is known.
    unit_id: where the officer served on that day.
    """

    __tablename__ = "tally"
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    day: Mapped[int] = mapped_column(Integer, primary_key=True)
    service_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey_version.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    source: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    n1: Mapped[int] = mapped_column(default=0)
    n2: Mapped[int] = mapped_column(default=0)
    n3: Mapped[int] = mapped_column(default=0)
    n4: Mapped[int] = mapped_column(default=0)
    n5: Mapped[int] = mapped_column(default=0)
    with_dossier: Mapped[int] = mapped_column(default=0)
    __table_args__ = (Index("ix_tally_day", "day"), {"sqlite_with_rowid": False})


class SlipTally(Base):
    """Slips printed for an officer, a day, a service (0 when none was named): what ratings with a dossier are a share
    of. Which dossier a slip was for is not kept."""

    __tablename__ = "slip_tally"
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    day: Mapped[int] = mapped_column(Integer, primary_key=True)
    service_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    n: Mapped[int] = mapped_column(default=0)
    __table_args__ = (Index("ix_slip_tally_day", "day"), {"sqlite_with_rowid": False})
