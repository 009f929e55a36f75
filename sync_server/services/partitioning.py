"""The ratings in one table a month, for a PostgreSQL that has become large: turned on, and off again (docs/scale.md).

A month is by when ratings came (`received_at`), in the town's zone: that never changes, unlike when they happened. The
rest of the program sees one table `rating`, as before.

PostgreSQL keeps an index unique over a whole partitioned table only if the index has the partition's column. So
`(epoch_id, seq)`, the id and the dossier are unique within each month only, and over all of them:
- `(epoch_id, seq)` by the lock on the kiosk's row and the ledger, which looks before it stores (`services.ledgers`);
- the id and the counted dossier by `rating_key` and `dossier_key`, which triggers fill: they raise the same unique
  violation as the indexes did, so that intake does the same as without months.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, tzinfo

from sqlalchemy import Connection, text

from sync_server.db import Database
from sync_server.errors import Refused

AHEAD = 3
"""Months that are made before they begin. What comes later than any of them lies in `rating_rest`."""
LOCK_TIMEOUT_S = 10
REST = "rating_rest"
SHAPE = "(LIKE rating INCLUDING DEFAULTS INCLUDING STORAGE)"
UNIQUE_IN_ONE = ("ix_rating_dossier_counted",)
"""Indexes that are unique where all ratings are in one table, and plain where `dossier_key` stands in."""

_COUNTED = "counted = 0 AND dossier_mac IS NOT NULL"
KEEP_KEYS = (
    f"""CREATE OR REPLACE FUNCTION nucuoi_rating_arrived() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO rating_key SELECT id FROM new_rows ORDER BY id;
        INSERT INTO dossier_key SELECT dossier_mac FROM new_rows WHERE {_COUNTED} ORDER BY dossier_mac;
        RETURN NULL;
    END $$""",
    f"""CREATE OR REPLACE FUNCTION nucuoi_rating_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM dossier_key WHERE dossier_mac IN (
            SELECT dossier_mac FROM old_rows WHERE {_COUNTED}
            EXCEPT SELECT dossier_mac FROM new_rows WHERE {_COUNTED});
        INSERT INTO dossier_key
            SELECT dossier_mac FROM new_rows WHERE {_COUNTED}
            EXCEPT SELECT dossier_mac FROM old_rows WHERE {_COUNTED};
        RETURN NULL;
    END $$""",
    f"""CREATE OR REPLACE FUNCTION nucuoi_rating_gone() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM rating_key WHERE id IN (SELECT id FROM old_rows);
        DELETE FROM dossier_key WHERE dossier_mac IN (SELECT dossier_mac FROM old_rows WHERE {_COUNTED});
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER keep_keys_of_arrived AFTER INSERT ON rating
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION nucuoi_rating_arrived()""",
    """CREATE TRIGGER keep_keys_of_changed AFTER UPDATE ON rating
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION nucuoi_rating_changed()""",
    """CREATE TRIGGER keep_keys_of_gone AFTER DELETE ON rating
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION nucuoi_rating_gone()""",
)
FUNCTIONS = ("nucuoi_rating_arrived", "nucuoi_rating_changed", "nucuoi_rating_gone")
"""What `KEEP_KEYS` makes beside the triggers."""


def wait_briefly(connection: Connection) -> None:
    """Give up what needs the tables for itself when others hold them for longer than `LOCK_TIMEOUT_S`.

    Intake queues behind whoever waits for such a lock: a `check` or a backup that runs for an hour must not stop it.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_S}s'")


def is_partitioned(connection: Connection) -> bool:
    """Whether the ratings are in months."""
    if connection.dialect.name != "postgresql":
        return False
    kind: object = connection.scalar(text("SELECT relkind::text FROM pg_class WHERE oid = 'rating'::regclass"))
    return kind == "p"


def partition(database: Database, *, zone: tzinfo, now: int) -> int:
    """Put all ratings into one table a month; how many there are. All or nothing.

    Intake waits meanwhile (some 20 s a million ratings): kiosks are told to come again and keep everything. Raises
    `Refused` on SQLite and where it is done already.
    """
    with database.alter() as connection:
        if database.is_sqlite:
            raise Refused("SQLite has no tables in months; they are for a large PostgreSQL")
        if is_partitioned(connection):
            raise Refused("the ratings are in months already; nothing changed")
        wait_briefly(connection)
        connection.exec_driver_sql("LOCK TABLE rating IN ACCESS EXCLUSIVE MODE")
        oldest = connection.scalar(text("SELECT min(received_at) FROM rating"))
        rest = _rest_of(connection)
        connection.exec_driver_sql(f"CREATE TABLE rating_new {SHAPE} PARTITION BY RANGE (received_at)")
        connection.exec_driver_sql(f"CREATE TABLE {REST} PARTITION OF rating_new DEFAULT")
        for month in months_between(now if oldest is None else oldest, now, zone):
            _make(connection, month, zone, of="rating_new")
        _move_into(connection, "rating_new")
        connection.exec_driver_sql(
            "ALTER TABLE rating ADD CONSTRAINT pk_rating PRIMARY KEY (epoch_id, seq, received_at)"
        )
        connection.exec_driver_sql("CREATE INDEX uq_rating_id ON rating (id)")
        for statement in rest:
            connection.exec_driver_sql(statement.replace("CREATE UNIQUE INDEX", "CREATE INDEX"))
        connection.exec_driver_sql("INSERT INTO rating_key SELECT id FROM rating")
        connection.exec_driver_sql(
            "INSERT INTO dossier_key SELECT dossier_mac FROM rating WHERE counted = 0 AND dossier_mac IS NOT NULL"
        )
        for statement in KEEP_KEYS:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("ANALYZE rating")
        return int(connection.scalar(text("SELECT count(*) FROM rating_key")) or 0)


def unpartition(database: Database) -> None:
    """Put all ratings back into one table. What was detached stays so. All or nothing; intake waits meanwhile.

    Raises `Refused` where they are in one table.
    """
    with database.alter() as connection:
        if not is_partitioned(connection):
            raise Refused("the ratings are in one table already; nothing changed")
        wait_briefly(connection)
        connection.exec_driver_sql("LOCK TABLE rating IN ACCESS EXCLUSIVE MODE")
        rest = _rest_of(connection)
        connection.exec_driver_sql(f"CREATE TABLE rating_new {SHAPE}")
        _move_into(connection, "rating_new")
        connection.exec_driver_sql("ALTER TABLE rating ADD CONSTRAINT pk_rating PRIMARY KEY (epoch_id, seq)")
        connection.exec_driver_sql("ALTER TABLE rating ADD CONSTRAINT uq_rating_id UNIQUE (id)")
        for statement in rest:
            unique = any(f" {name} " in statement for name in UNIQUE_IN_ONE)
            connection.exec_driver_sql(
                statement.replace("CREATE INDEX", "CREATE UNIQUE INDEX") if unique else statement
            )
        connection.exec_driver_sql("TRUNCATE rating_key, dossier_key")
        connection.exec_driver_sql(f"DROP FUNCTION {', '.join(f'{name}()' for name in FUNCTIONS)}")
        connection.exec_driver_sql("ANALYZE rating")


def make_ahead(connection: Connection, *, zone: tzinfo, now: int) -> list[str]:
    """Make the tables of this month and the next ones; which were missing. Safe to repeat.

    Ratings that came before their month's table was there are moved into it. Where ratings are in one table, nothing.
    """
    if not is_partitioned(connection):
        return []
    wait_briefly(connection)
    there = set(attached(connection))
    missing = [month for month in months_between(now, now, zone) if month not in there]
    for month in missing:
        first, until = bounds(month, zone)
        name = table_of(month)
        connection.exec_driver_sql(f"CREATE TABLE {name} {SHAPE}")
        connection.exec_driver_sql(
            f"WITH moved AS (DELETE FROM {REST} WHERE received_at >= {first} AND received_at < {until} RETURNING *)"
            f" INSERT INTO {name} SELECT * FROM moved"
        )
        attach_table(connection, month, zone)
    return missing


def attached(connection: Connection) -> list[str]:
    """The months that have a table in `rating`, in order; without the rest."""
    names = connection.scalars(
        text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'rating'::regclass ORDER BY 1")
    )
    return [f"{name[-7:-3]}-{name[-2:]}" for name in names if name != REST]


def attach_table(connection: Connection, month: str, zone: tzinfo) -> None:
    """Let a month's table be part of `rating`; the triggers do not see its rows."""
    first, until = bounds(month, zone)
    connection.exec_driver_sql(
        f"ALTER TABLE rating ATTACH PARTITION {table_of(month)} FOR VALUES FROM ({first}) TO ({until})"
    )


def table_of(month: str) -> str:
    """The name of a month's table. Raises `Refused` for what is no month such as 2026-03."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise Refused(f"{month!r} is no month; write it as 2026-03")
    return f"rating_{month.replace('-', '_')}"


def bounds(month: str, zone: tzinfo) -> tuple[int, int]:
    """When a month begins and when the next one does, in milliseconds UTC."""
    first = date.fromisoformat(f"{month}-01")
    return _at(first, zone), _at(_next(first), zone)


def months_between(first_at: int, last_at: int, zone: tzinfo) -> Iterator[str]:
    """The months from that of one moment to `AHEAD` after that of another."""
    day = datetime.fromtimestamp(first_at / 1000, zone).date().replace(day=1)
    end = datetime.fromtimestamp(last_at / 1000, zone).date().replace(day=1)
    for _ in range(AHEAD):
        end = _next(end)
    while day <= end:
        yield f"{day:%Y-%m}"
        day = _next(day)


def _next(first: date) -> date:
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)


def _at(day: date, zone: tzinfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1000


def _make(connection: Connection, month: str, zone: tzinfo, *, of: str) -> None:
    first, until = bounds(month, zone)
    connection.exec_driver_sql(
        f"CREATE TABLE {table_of(month)} PARTITION OF {of} FOR VALUES FROM ({first}) TO ({until})"
    )


def _move_into(connection: Connection, new: str) -> None:
    """Copy all rows into the new table, which then takes the old one's name; indexes and keys come afterwards."""
    connection.exec_driver_sql(f"INSERT INTO {new} SELECT * FROM rating")
    connection.exec_driver_sql("DROP TABLE rating")
    connection.exec_driver_sql(f"ALTER TABLE {new} RENAME TO rating")


def _rest_of(connection: Connection) -> list[str]:
    """Statements that make the table's indexes and foreign keys again, but for its keys. As the database has them, so
    that this stays right after migrations."""
    indexes = connection.scalars(
        text(
            "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'rating'::regclass"
            " AND NOT indisprimary AND indexrelid::regclass::text <> 'uq_rating_id'"
        )
    )
    keys = connection.execute(
        text(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = 'rating'::regclass AND contype IN ('f', 'c')"
        )
    )
    return [
        *(index.replace(" ON ONLY ", " ON ") for index in indexes),
        *(f'ALTER TABLE rating ADD CONSTRAINT "{name}" {definition}' for name, definition in keys),
    ]
