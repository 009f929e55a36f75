"""Ratings in months: what keeps them unique when PostgreSQL has them in one table a month, and what stays of a month
that was detached (docs/scale.md). On SQLite, and until `nucuoi-server partition --on`, these tables are empty.
"""

from sqlalchemy import BigInteger, Integer, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from sync_server.models.base import Base


class RatingKey(Base):
    """The id of every rating in a table in months. PostgreSQL keeps an index unique within each month only, so that
    this table says what the index on `rating.id` said before: each id once. Triggers on `rating` fill it."""

    __tablename__ = "rating_key"
    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)


class DossierKey(Base):
    """The dossiers of which a rating counts, in a table in months: each once, as `RatingKey`."""

    __tablename__ = "dossier_key"
    dossier_mac: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)


class DetachedMonth(Base):
    """A month whose ratings were taken out of `rating`; they are in `rating_YYYY_MM` until that is dropped.

    first_at, until_at: when its ratings came, milliseconds UTC. ratings: how many they are.
    """

    __tablename__ = "detached_month"
    month: Mapped[str] = mapped_column(String(7), primary_key=True)  # YYYY-MM
    first_at: Mapped[int] = mapped_column(BigInteger)
    until_at: Mapped[int] = mapped_column(BigInteger)
    ratings: Mapped[int] = mapped_column(BigInteger)
    detached_at: Mapped[int] = mapped_column(BigInteger)


class DetachedRating(Base):
    """What stays of a detached rating: its place in the ledger and its digest, so that it is known when it comes again
    and the chain of those after it still verifies."""

    __tablename__ = "detached_rating"
    epoch_id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    __table_args__ = ({"sqlite_with_rowid": False},)


class DetachedTally(Base):
    """What the counted ratings of a detached month are in `tally`, so that tallies can still be compared with a
    recount, and made again."""

    __tablename__ = "detached_tally"
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    officer_id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[int] = mapped_column(Integer, primary_key=True)
    service_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    survey_id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    n1: Mapped[int] = mapped_column(default=0)
    n2: Mapped[int] = mapped_column(default=0)
    n3: Mapped[int] = mapped_column(default=0)
    n4: Mapped[int] = mapped_column(default=0)
    n5: Mapped[int] = mapped_column(default=0)
    with_dossier: Mapped[int] = mapped_column(default=0)
    __table_args__ = ({"sqlite_with_rowid": False},)
