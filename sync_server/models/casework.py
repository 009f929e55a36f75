"""Cases: what follows from a flag or a grave complaint, act by act. Acts are only ever added."""

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sync_server.models.base import Base


class CaseFile(Base):
    """A case. Its state is what its acts made of it; the columns from `state` on repeat that for lists.

    trigger: `sync_server.casework.steps.Trigger`. flag_id: the flag that opened it. rating_id, reason: the rating
    and the grave reason that opened it; one rating opens one case. inspectors_only: nobody else may see it (asking
    for money). acts: how many there are, by which two people who act at once are told apart.
    """

    __tablename__ = "case_file"
    id: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    trigger: Mapped[str] = mapped_column(String(10))
    flag_id: Mapped[int | None] = mapped_column(ForeignKey("flag.id"), unique=True)
    rating_id: Mapped[bytes | None] = mapped_column(LargeBinary(16), unique=True)
    reason: Mapped[str | None] = mapped_column(String(30))
    inspectors_only: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[int] = mapped_column(BigInteger)
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(20), index=True)
    due_day: Mapped[int | None] = mapped_column(Integer)
    acts: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[int | None] = mapped_column(BigInteger)
    officer_hears: Mapped[bool] = mapped_column(default=False)
    proposed_by: Mapped[int | None] = mapped_column(Integer)
    finding: Mapped[str | None] = mapped_column(String(10))
    measure: Mapped[str | None] = mapped_column(String(10))
    told_by_receipt: Mapped[bool] = mapped_column(default=False)
    told_on_board: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (Index("ix_case_file_officer", "officer_id", "id"),)


class CaseRating(Base):
    """A rating that a case is about: the complaint that opened it or joined it before it was taken up, or one of the
    bad ratings that a red flag was raised by. Only ever added to."""

    __tablename__ = "case_rating"
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    rating_id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    added_at: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (Index("ix_case_rating_rating", "rating_id"),)


class CaseAct(Base):
    """One act of a case: `sync_server.casework.steps.Act` by its kind and content. number counts 1, 2, 3 …"""

    __tablename__ = "case_act"
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    kind: Mapped[str] = mapped_column(String(30))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class CaseReminder(Base):
    """A reminder that was sent for a step's due day, so that each is sent once. when: before | due | overdue."""

    __tablename__ = "case_reminder"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    due_day: Mapped[int] = mapped_column(Integer)
    moment: Mapped[str] = mapped_column(String(10))
    sent_at: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (UniqueConstraint("case_id", "due_day", "moment"),)


class OwnSummary(Base):
    """What an officer was shown of the own ratings: whole weeks, at least 10 ratings, never changed afterwards, so
    that no difference between two looks is a single citizen's word (`sync_server.casework.summaries`)."""

    __tablename__ = "own_summary"
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    until_day: Mapped[int] = mapped_column(Integer, primary_key=True)  # a Sunday, the last day of the last week
    from_day: Mapped[int] = mapped_column(Integer)  # a Monday
    n: Mapped[int] = mapped_column(Integer)
    satisfied: Mapped[int] = mapped_column(Integer)
    neutral: Mapped[int] = mapped_column(Integer)
    dissatisfied: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[int] = mapped_column(BigInteger)
