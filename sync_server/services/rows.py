"""Writing many ratings at once, by the fastest way that each database has (docs/limits.md)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session


class Row(NamedTuple):
    """A row of the table `rating`, in the order in which it is written."""

    epoch_id: int
    seq: int
    id: bytes
    officer_id: int
    counter_id: int | None
    service_id: int | None
    tallied_service_id: int | None
    survey_id: int
    level: int
    reasons: int
    language: str
    source: int
    boot_id: int
    monotonic_ms: int
    tapped_at: int
    tapped_offset_min: int
    received_at: int
    happened_at: int | None
    clock: int
    day: int | None
    counted: int
    digest: bytes
    prev: bytes | None
    comment_digest: bytes | None
    dossier_digest: bytes | None
    dossier_mac: bytes | None


_COLUMNS = ", ".join(Row._fields)
_INSERT = f"INSERT INTO rating ({_COLUMNS}) VALUES ({', '.join('?' * len(Row._fields))})"
_COPY = f"COPY rating ({_COLUMNS}) FROM STDIN"


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
