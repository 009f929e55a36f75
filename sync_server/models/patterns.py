"""When people rate, and why: what the heat map of hours and the reasons are read from. Ratings are never scanned."""

from sqlalchemy import ForeignKey, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from sync_server.models.base import Base


class HourTally(Base):
    """Counted ratings of a unit in an hour of a day: one number a level (n1 the worst).

    hour: whole hours since 00:00 UTC of the day before, so that it needs no time zone and is never negative: 07:30 in
    Vietnam is in hour 24. `queries.patterns` turns it into the town's.
    """

    __tablename__ = "hour_tally"
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    day: Mapped[int] = mapped_column(Integer, primary_key=True)
    hour: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey_version.id"), primary_key=True)
    source: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    n1: Mapped[int] = mapped_column(default=0)
    n2: Mapped[int] = mapped_column(default=0)
    n3: Mapped[int] = mapped_column(default=0)
    n4: Mapped[int] = mapped_column(default=0)
    n5: Mapped[int] = mapped_column(default=0)
    __table_args__ = ({"sqlite_with_rowid": False},)


class ReasonTally(Base):
    """Counted ratings that said why. reasons: bits of config/reasons.toml, as in the rating, never 0; so that who
    ticks two reasons of one letter of the law is still one person under it. service_id as in `Tally`."""

    __tablename__ = "reason_tally"
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    day: Mapped[int] = mapped_column(Integer, primary_key=True)
    service_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey_version.id"), primary_key=True)
    source: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    reasons: Mapped[int] = mapped_column(Integer, primary_key=True)
    n: Mapped[int] = mapped_column(default=0)
    __table_args__ = ({"sqlite_with_rowid": False},)


class DetachedHourTally(Base):
    """What the counted ratings of a detached month are in `hour_tally`; as `models.months.DetachedTally`."""

    __tablename__ = "detached_hour_tally"
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    unit_id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[int] = mapped_column(Integer, primary_key=True)
    hour: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    survey_id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    n1: Mapped[int] = mapped_column(default=0)
    n2: Mapped[int] = mapped_column(default=0)
    n3: Mapped[int] = mapped_column(default=0)
    n4: Mapped[int] = mapped_column(default=0)
    n5: Mapped[int] = mapped_column(default=0)
    __table_args__ = ({"sqlite_with_rowid": False},)


class DetachedReasonTally(Base):
    """What the counted ratings of a detached month are in `reason_tally`."""

    __tablename__ = "detached_reason_tally"
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    unit_id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[int] = mapped_column(Integer, primary_key=True)
    service_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    survey_id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    reasons: Mapped[int] = mapped_column(Integer, primary_key=True)
    n: Mapped[int] = mapped_column(default=0)
    __table_args__ = ({"sqlite_with_rowid": False},)
