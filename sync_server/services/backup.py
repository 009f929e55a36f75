"""Copy the whole database to one file while the server runs, and bring such a file back.

The secret is not in the file: keep it apart, so that who finds one has not the other. Ratings that came after a
backup are not lost with it: kiosks keep copies of what they sent, and see by `stored_total` that the server has fewer.
"""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, select

from sync_server.db import Database
from sync_server.errors import BackupFailed, DatabaseNotReady, Refused
from sync_server.models.organisation import Unit
from sync_server.models.tables import metadata
from sync_server.services.migration import migrate, revision

SQLITE_START = b"SQLite format 3\x00"
PG_DUMP_START = b"PGDMP"


def back_up(database: Database, file: Path) -> int:
    """Copy the database as it is at one moment into `file`, and return its size in bytes.

    Ratings go on being stored meanwhile. The file appears whole or not at all, readable by us only; one that is
    there already is replaced. Safe to repeat. An older program's tables are copied as they are, so that a backup can
    be taken before `init` migrates them. Raises `DatabaseNotReady` or `BackupFailed`.
    """
    if revision(database) is None:
        raise DatabaseNotReady(f"the database {database.name} has no tables yet; there is nothing to back up")
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        draft.touch(mode=0o600, exist_ok=False)
        if database.is_sqlite:
            _copy_sqlite(Path(str(database.url.database)), draft)
        else:
            _dump_postgres(database, draft)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(file)
        _sync_folder(file.parent)
    finally:
        draft.unlink(missing_ok=True)
    return file.stat().st_size


def restore(database: Database, file: Path, *, replace: bool = False) -> str:
    """Make the database what it was when `file` was written, migrated to this program; returns the revision.

    All or nothing. A database that holds units is kept unless `replace` is given. Stop the server before: what comes
    in while it runs may be lost. Raises `Refused` or `BackupFailed`.
    """
    wanted = SQLITE_START if database.is_sqlite else PG_DUMP_START
    with file.open("rb") as stream:
        if not stream.read(len(wanted)).startswith(wanted):
            kind = "SQLite" if database.is_sqlite else "PostgreSQL"
            raise Refused(f"{file} is no backup of a {kind} database; name the file that `backup` wrote")
    if not replace and _holds_units(database):
        raise Refused(f"{database.name} holds data already; to give all of it up for {file}, add --replace")
    database.dispose()
    if database.is_sqlite:
        _bring_back_sqlite(file, Path(str(database.url.database)))
    else:
        _bring_back_postgres(database, file)
    return migrate(database)


def _holds_units(database: Database) -> bool:
    if revision(database) is None:
        return False
    with database.read() as session:
        return session.scalar(select(Unit.id).limit(1)) is not None


def _copy_sqlite(source: Path, target: Path) -> None:
    # In one step: the copy is made under one read transaction, so that a busy server cannot make it begin again.
    with closing(_opened(source)) as from_there, closing(sqlite3.connect(target)) as to_here:
        from_there.backup(to_here)
        _check_whole(to_here, target)


def _bring_back_sqlite(source: Path, target: Path) -> None:
    with closing(_opened(source)) as from_there:
        _check_whole(from_there, source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch(mode=0o600)
        with closing(sqlite3.connect(target, timeout=30)) as to_here:
            from_there.backup(to_here)
            to_here.execute("PRAGMA journal_mode=WAL")


def _opened(file: Path) -> sqlite3.Connection:
    if not file.is_file():
        raise DatabaseNotReady(f"{file} is not there")
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)


def _check_whole(connection: sqlite3.Connection, file: Path) -> None:
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        ours = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise BackupFailed(f"{file} is damaged ({error}); take another backup") from error
    if found != "ok":
        raise BackupFailed(f"{file} is damaged ({found}); take another backup")
    if not ours:
        raise BackupFailed(f"{file} is a database, but not one of this program")


def _dump_postgres(database: Database, target: Path) -> None:
    address, environment = _address(database)
    words = ["--format=custom", "--no-owner", "--no-privileges", f"--file={target}", f"--dbname={address}"]
    done = subprocess.run([_program("pg_dump"), *words], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupFailed(f"pg_dump: {_first_line(done.stderr)}")


def _bring_back_postgres(database: Database, source: Path) -> None:
    """One transaction: our tables go, also those that the backup did not know yet, and the backup's come."""
    address, environment = _address(database)
    drops = "".join(f'DROP TABLE IF EXISTS "{name}" CASCADE;\n' for name in (*metadata.tables, "alembic_version"))
    drops = "SET client_min_messages = warning;\n" + drops + _DROP_REST  # a fault must be the first that is said
    with (
        tempfile.TemporaryFile() as faults,
        subprocess.Popen(
            [_program("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(source)],
            stdout=subprocess.PIPE,
            stderr=faults,
        ) as reader,
        subprocess.Popen(
            [_program("psql"), "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "-1", "-f", "-", address],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=faults,
            env=environment,
        ) as writer,
    ):
        assert reader.stdout is not None
        assert writer.stdin is not None
        with suppress(BrokenPipeError):  # psql gave up: its own words say why
            writer.stdin.write(drops.encode())
            shutil.copyfileobj(reader.stdout, writer.stdin)
            if reader.wait():
                writer.stdin.write(b"\nSELECT 1/0; -- half a backup must not be committed\n")
            writer.stdin.close()
        if writer.wait() or reader.wait():
            faults.seek(0)
            raise BackupFailed(f"pg_restore: {_first_line(faults.read().decode(errors='replace'))}")


# What goes with no table: the functions of triggers, and months of ratings that were detached (services.months).
_DROP_REST = """DO $$
DECLARE one text;
BEGIN
    FOR one IN SELECT oid::regprocedure FROM pg_proc
        WHERE prorettype = 'trigger'::regtype AND pronamespace = current_schema()::regnamespace
    LOOP
        EXECUTE 'DROP FUNCTION ' || one || ' CASCADE';
    END LOOP;
    FOR one IN SELECT oid::regclass FROM pg_class
        WHERE relname ~ '^rating_[0-9]{4}_[0-9]{2}$' AND relkind = 'r' AND relnamespace = current_schema()::regnamespace
    LOOP
        EXECUTE 'DROP TABLE ' || one || ' CASCADE';
    END LOOP;
END $$;
"""


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise BackupFailed(f"{name} is not installed: apt install postgresql-client")
    return path


def _address(database: Database) -> tuple[str, dict[str, str]]:
    """The URL without its password, and an environment with it: others can read command lines, not environments."""
    password = database.url.password
    url = database.url.set(drivername="postgresql")
    if password is None:
        return url.render_as_string(), dict(os.environ)
    plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    return plain.render_as_string(), {**os.environ, "PGPASSWORD": str(password)}


def _first_line(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "failed and did not say why")


def _sync_folder(folder: Path) -> None:
    with _descriptor(folder) as handle:
        os.fsync(handle)


@contextmanager
def _descriptor(folder: Path) -> Iterator[int]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)
