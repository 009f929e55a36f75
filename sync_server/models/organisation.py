"""Who serves where: units, counters, officers, services, duty."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Connection, ForeignKey, Index, Integer, LargeBinary, String, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from sync_server.models.base import Base


class Unit(Base):
    """A node of the organisation tree (town → commune or ward → …), with dates of effect."""

    __tablename__ = "unit"
    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))  # town | commune | ward | office
    valid_from: Mapped[int | None] = mapped_column(Integer)  # first day
    valid_until: Mapped[int | None] = mapped_column(Integer)  # first day no longer
    hotline: Mapped[str] = mapped_column(String(50), default="")
    key_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # for dossier HMACs; sealed by the server's secret
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # overrides of survey.setup.Behaviour
    shown: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # overrides of sync_server.shown.Shown
    staff_pin: Mapped[str | None] = mapped_column(String(200))  # as survey.setup.Setup.staff_pin; null: the parent's
    is_demo: Mapped[bool] = mapped_column(default=False)


class Counter(Base):
    """A desk where citizens are served."""

    __tablename__ = "counter"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))


class Officer(Base):
    """The named person who is rated."""

    __tablename__ = "officer"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(120))
    category: Mapped[str] = mapped_column(String(20), default="civil")  # civil | police | military
    photo: Mapped[bytes | None] = mapped_column(LargeBinary)
    valid_from: Mapped[int | None] = mapped_column(Integer)
    valid_until: Mapped[int | None] = mapped_column(Integer)


class Field(Base):
    """A field (lĩnh vực) of administrative procedures."""

    __tablename__ = "field"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200), default="")


class Service(Base):
    """An administrative procedure (thủ tục)."""

    __tablename__ = "service"
    id: Mapped[int] = mapped_column(primary_key=True)
    field_id: Mapped[int] = mapped_column(ForeignKey("field.id"), index=True)
    name: Mapped[str] = mapped_column(String(300))
    name_en: Mapped[str] = mapped_column(String(300), default="")


class OfficerService(Base):
    """A service that an officer does; `declared` marks the one meant when a rating names no service."""

    __tablename__ = "officer_service"
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True, index=True)
    declared: Mapped[bool] = mapped_column(default=False)


class Duty(Base):
    """Which officer sits at which counter, since when and until when."""

    __tablename__ = "duty"
    id: Mapped[int] = mapped_column(primary_key=True)
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), index=True)
    since_at: Mapped[int] = mapped_column(BigInteger)
    until_at: Mapped[int | None] = mapped_column(BigInteger)
    __table_args__ = (Index("ix_duty_counter_since", "counter_id", "since_at"),)


class SurveyVersion(Base):
    """A published survey. It never changes: neither the server nor the database lets this table be updated."""

    __tablename__ = "survey_version"
    id: Mapped[int] = mapped_column(primary_key=True)
    scale: Mapped[str] = mapped_column(String(20))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # survey.questionnaire.Survey without its id
    published_at: Mapped[int] = mapped_column(BigInteger)


@event.listens_for(SurveyVersion, "before_update")
@event.listens_for(SurveyVersion, "before_delete")
def _never(_mapper: Mapper[Any], _connection: Connection, version: SurveyVersion) -> None:
    """Ratings refer to it. The database holds the same by a trigger (migration of surveys)."""
    raise TypeError(f"survey version {version.id} is published and cannot be changed; publish another one")
