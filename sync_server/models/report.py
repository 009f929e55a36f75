"""Reports: drafts that are written, and signed ones with their figures and files, which no statement changes."""

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from sync_server.models.base import Base


class Report(Base):
    """A report of a unit, with all below it, on the days from `first` to before `until`.

    kind: of `reporting.rules.KINDS`; year and number of the period as `reporting.periods.ReportPeriod` has them.
    state: draft | signed | dropped. words: `reporting.draft.Draft`. changes: how often it was written in, by which two
    people who write at once are told apart. supplements_id: the signed report that this «bản bổ sung» stands beside.
    figures: `reporting.figures.Figures` as they were when it was signed, with their SHA-256; seal: HMAC by the
    server's secret over figures, words, number and files, so that a change in the database is found.
    """

    __tablename__ = "report"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[str] = mapped_column(String(20))
    year: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(SmallInteger)
    first: Mapped[int] = mapped_column(Integer)
    until: Mapped[int] = mapped_column(Integer)
    supplements_id: Mapped[int | None] = mapped_column(ForeignKey("report.id"))
    state: Mapped[str] = mapped_column(String(10), default="draft")
    words: Mapped[dict[str, Any]] = mapped_column(JSON)
    changes: Mapped[int] = mapped_column(Integer, default=0)
    made_at: Mapped[int] = mapped_column(BigInteger)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[int] = mapped_column(BigInteger)
    signed_at: Mapped[int | None] = mapped_column(BigInteger)
    signed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    register_id: Mapped[int | None] = mapped_column(ForeignKey("register_entry.id"), unique=True)
    figures: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    figures_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    seal: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    __table_args__ = (Index("ix_report_unit_kind", "unit_id", "kind", "first"),)


class ReportFile(Base):
    """A file of a signed report. kind: docx | xlsx, made when it was signed; pdf, printed of the docx at first use."""

    __tablename__ = "report_file"
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))


class ReportCopy(Base):
    """One addressee's copy of a signed report, and when it went out. place: its line after «Kính gửi»."""

    __tablename__ = "report_copy"
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"), primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    through: Mapped[str] = mapped_column(String(200), default="")
    sent_day: Mapped[int | None] = mapped_column(Integer)
    sent_at: Mapped[int | None] = mapped_column(BigInteger)
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class PaperTemplate(Base):
    """A unit's own DOCX template, for it and the units below that have none. The newest of a unit counts; one without
    content means the shipped one again. paper: which one, such as `report`."""

    __tablename__ = "paper_template"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    paper: Mapped[str] = mapped_column(String(40))
    file_name: Mapped[str] = mapped_column(String(200), default="")
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[int] = mapped_column(BigInteger)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    __table_args__ = (Index("ix_paper_template_unit", "unit_id", "paper", "id"),)
