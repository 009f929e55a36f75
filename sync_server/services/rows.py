"""Writing many ratings at once, by the fastest way that each database has (docs/limits.md)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

Row = tuple[Any, ...]
"""A row of the table `rating`, in the order of `COLUMNS`; a plain tuple, since there are 500 in a batch."""

COLUMNS = (
    "epoch_id", "seq", "id", "officer_id", "counter_id", "service_id", "tallied_service_id", "survey_id", "level",
    "reasons", "language", "source", "boot_id", "monotonic_ms", "tapped_at", "tapped_offset_min", "received_at",
    "happened_at", "clock", "day", "counted", "digest", "prev", "comment_digest", "dossier_digest", "dossier_mac",
)  # fmt: skip
_INSERT = f"INSERT INTO rating ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
_COPY = f"COPY rating ({', '.join(COLUMNS)}) FROM STDIN"


def insert_ratings(session: Session, rows: Sequence[Row]) -> None:
    """Insert all rows or none. Raises `IntegrityError` when one is there already: begin the transaction again."""
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_INSERT, rows)
        return
    driver: Any = connection.connection
    dbapi: Any = connection.dialect.loaded_dbapi
    try:
        with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
            for row in rows:
                copy.write_row(row)
    except dbapi.IntegrityError as error:  # raised past SQLAlchemy, which would have wrapped it
        raise IntegrityError(_COPY, None, error) from error
    except dbapi.OperationalError as error:
        raise OperationalError(_COPY, None, error) from error
