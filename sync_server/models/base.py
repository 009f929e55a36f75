"""What all tables share.

Moments are integers, milliseconds since 1970 UTC (`…_at`); days are `date.toordinal()` of the town's own calendar.
"""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The root of all tables; constraints have the same names on every database, so that migrations find them."""

    metadata = MetaData(naming_convention=NAMES)
