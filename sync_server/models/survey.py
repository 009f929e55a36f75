"""What is asked where and when: drafts of surveys, assignments to units, rounds."""

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from sync_server.models.base import Base

ROUND_KINDS = ("baseline", "running", "observer")


class SurveyDraft(Base):
    """A survey that is being written. Once published it is closed and names the version that it became.

    content: a `survey.questionnaire.Survey` without its id.
    """

    __tablename__ = "survey_draft"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    based_on_id: Mapped[int | None] = mapped_column(ForeignKey("survey_version.id"))
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[int] = mapped_column(BigInteger)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("survey_version.id"), unique=True)
    published_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    dropped_at: Mapped[int | None] = mapped_column(BigInteger)


class SurveyAssignment(Base):
    """A version that a unit and the units below it ask from a day on. Of a unit's own the one made last goes first."""

    __tablename__ = "survey_assignment"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey_version.id"))
    first_day: Mapped[int] = mapped_column(Integer)
    until_day: Mapped[int | None] = mapped_column(Integer)  # first day no longer
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[int] = mapped_column(BigInteger)


class SurveyRound(Base):
    """A survey campaign of a unit and the units below it, with dates and the person who answers for it.

    Ratings belong to it by where and when they were given (`sync_server/rounds.py`). kind: of `ROUND_KINDS`.
    """

    __tablename__ = "survey_round"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    first_day: Mapped[int] = mapped_column(Integer)
    until_day: Mapped[int | None] = mapped_column(Integer)  # first day no longer
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[int] = mapped_column(BigInteger)
