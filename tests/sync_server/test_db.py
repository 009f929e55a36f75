"""What `Database` promises: transactions that are durable, alone when they write, and never in the way of readers."""

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from sync_server.db import Database
from sync_server.models.organisation import Unit
from sync_server.office import Office
from tests.sync_server.builders import make_unit


def _count(database: Database) -> int:
    with database.read() as session:
        return int(session.execute(text("SELECT count(*) FROM unit")).scalar_one())


def test_a_write_is_seen_by_the_next_reader(office: Office) -> None:
    make_unit(office)
    assert _count(office.database) == 1


def test_a_write_that_raises_leaves_nothing(office: Office) -> None:
    unit = make_unit(office)

    def rename_and_fail() -> None:
        with office.database.write() as session:
            session.get_one(Unit, unit.id).name = "Xã khác"
            raise InterruptedError

    with pytest.raises(InterruptedError):
        rename_and_fail()
    with office.database.read() as session:
        assert session.get_one(Unit, unit.id).name == unit.name


def test_what_a_reader_changes_is_rolled_back_and_its_rows_stay_readable(office: Office) -> None:
    unit = make_unit(office)
    with office.database.read() as session:
        read = session.get_one(Unit, unit.id)
        session.execute(text("DELETE FROM unit"))
    assert read.name == unit.name
    assert _count(office.database) == 1


def test_a_reader_never_waits_for_a_writer(office: Office) -> None:
    make_unit(office)
    with office.database.write() as session:
        session.execute(text("UPDATE unit SET name = 'đang viết'"))
        assert _count(office.database) == 1


def test_many_writers_lose_no_update(office: Office) -> None:
    unit = make_unit(office, settings={})
    each, faults = 20, []

    def add() -> None:
        try:
            for _ in range(each):
                with office.database.write() as session:
                    session.execute(text("UPDATE unit SET valid_from = coalesce(valid_from, 0) + 1"))
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    with office.database.read() as session:
        assert session.get_one(Unit, unit.id).valid_from == 8 * each


def test_every_sqlite_connection_flushes_each_commit_to_disk_and_keeps_foreign_keys(sqlite_office: Office) -> None:
    connections = [sqlite_office.database.engine.connect() for _ in range(4)]
    for connection in connections:
        got = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
        assert got == ["wal", 2, 1]
    for connection in connections:
        connection.close()


def test_a_sqlite_writer_holds_the_lock_from_its_beginning(sqlite_office: Office) -> None:
    file = sqlite_office.database.url.database
    other = sqlite3.connect(file, timeout=0, isolation_level=None)
    with sqlite_office.database.write():  # nothing written yet
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        assert other.execute("SELECT count(*) FROM unit").fetchone() == (0,)
    other.execute("BEGIN IMMEDIATE")
    other.execute("ROLLBACK")
    other.close()


def test_a_sqlite_reader_takes_no_write_lock(sqlite_office: Office) -> None:
    file = sqlite_office.database.url.database
    other = sqlite3.connect(file, timeout=0, isolation_level=None)
    with sqlite_office.database.read() as session:
        session.execute(text("SELECT count(*) FROM unit"))
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    other.close()


def test_two_databases_on_one_file_write_in_turn(sqlite_office: Office) -> None:
    second = Database(str(sqlite_office.settings.database))
    make_unit(sqlite_office)
    order: list[str] = []

    def write_second() -> None:
        with second.write():
            order.append("second")

    with sqlite_office.database.write():
        thread = threading.Thread(target=write_second)
        thread.start()
        thread.join(0.2)
        assert thread.is_alive()
        order.append("first")
    thread.join(30)
    assert order == ["first", "second"]
    second.dispose()


def test_whoever_opens_a_fresh_file_while_another_writes_to_it_waits(tmp_path: Path) -> None:
    file = tmp_path / "fresh.db"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")  # not in WAL yet: the second must switch, which SQLite does not wait for
    database, modes = Database(f"sqlite:///{file}"), []

    def look() -> None:
        with database.read() as session:
            modes.append(session.execute(text("PRAGMA journal_mode")).scalar())

    thread = threading.Thread(target=look)
    thread.start()
    thread.join(0.2)
    assert thread.is_alive()
    other.execute("ROLLBACK")
    thread.join(60)
    assert modes == ["wal"]
    other.close()
    database.dispose()


def test_a_postgresql_url_of_any_spelling_uses_the_installed_driver() -> None:
    for url in ("postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"):
        assert Database(url).url.drivername == "postgresql+psycopg"
