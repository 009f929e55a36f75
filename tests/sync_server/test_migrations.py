"""The tables come from migrations alone, on both databases, and are what the models say."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from survey.wire import to_json
from sync_server.app import create_app
from sync_server.db import Database
from sync_server.errors import BrokenKeys, DatabaseNotReady
from sync_server.models.tables import metadata
from sync_server.office import Office
from sync_server.services.migration import check_ready, migrate, newest, revision, revisions, step_down
from tests.builders import a_batch, a_rating
from tests.sync_server import builders
from tests.sync_server.conftest import SetClock


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    database = Database(empty_url)
    yield database
    database.dispose()


def test_migrated_tables_are_those_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
    assert found == []


def test_an_empty_database_is_told_to_run_init(empty: Database) -> None:
    with pytest.raises(DatabaseNotReady, match=r"no tables yet; run `nucuoi-server init`"):
        check_ready(empty)


def test_migrating_makes_ready_and_may_be_repeated(empty: Database) -> None:
    assert migrate(empty) == newest()
    check_ready(empty)
    assert migrate(empty) == newest()


def test_two_who_migrate_at_once_take_turns(empty_url: str) -> None:
    faults: list[BaseException] = []

    def run() -> None:
        database = Database(empty_url)
        try:
            migrate(database)
        except BaseException as error:
            faults.append(error)
        finally:
            database.dispose()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []


def test_stepping_down_to_nothing_leaves_no_table_and_up_again_works(empty: Database) -> None:
    migrate(empty)
    step_down(empty, "base")
    assert set(inspect(empty.engine).get_table_names()) == {"alembic_version"}
    assert revision(empty) is None
    migrate(empty)
    check_ready(empty)


KEPT = ("unit", "counter", "officer", "kiosk", "epoch", "survey_version", "rating", "tally")


def _rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """The columns that the first revision had of every row, table by table."""
    with database.read() as session:
        return {name: sorted(tuple(row) for row in session.execute(text(f"SELECT * FROM {name}"))) for name in KEPT}


def test_data_survive_every_step_down_and_up_again(office: Office, clock: SetClock) -> None:
    counter = builders.make_counter(office)
    officer, survey = builders.make_officer(office, counter=counter), builders.make_survey(office)
    _, key = builders.make_kiosk(office, counter=counter)
    ids: dict[str, Any] = {
        "officer_id": f"o{officer.id}",
        "counter_id": f"c{counter.id}",
        "survey_id": f"q{survey.id}",
    }
    clock.advance(minutes=1)
    reply = (
        create_app(office)
        .test_client()
        .post(
            "/api/v1/batches",
            data=to_json(a_batch(a_rating(**ids), a_rating(**ids, level=1, reasons=("rude",), comment="Chưa tốt"))),
            headers={**builders.bearer(key), "Content-Type": "application/json"},
        )
    )
    assert reply.get_json()["stored_total"] == 2
    before = _rows(office.database)
    for step in reversed(revisions()[:-1]):
        step_down(office.database, step)
        assert revision(office.database) == step
    for step in revisions()[1:]:
        assert migrate(office.database, step) == step
    check_ready(office.database)
    assert _rows(office.database) == before


def test_a_database_of_a_newer_program_is_told_from_an_old_one(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseNotReady, match="newer program"):
        check_ready(database)


def test_a_database_that_cannot_be_reached_is_named_without_its_password() -> None:
    database = Database("postgresql://clerk:s3cret@127.0.0.1:1/nucuoi")
    with pytest.raises(DatabaseNotReady, match=r"clerk:\*\*\*@127\.0\.0\.1:1") as caught:
        check_ready(database)
    assert "s3cret" not in str(caught.value)


def test_a_change_of_sqlite_tables_that_would_orphan_rows_is_rolled_back(sqlite_office: Office) -> None:
    database = sqlite_office.database
    with pytest.raises(BrokenKeys, match="table counter"), database.alter() as connection:
        connection.execute(text("INSERT INTO counter (unit_id, name) VALUES (99, 'Quầy 1')"))
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM counter")).scalar() == 0
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_a_migration_that_fails_leaves_nothing_behind(database: Database) -> None:
    def half_a_migration() -> None:
        with database.alter() as connection:
            connection.execute(text("CREATE TABLE half_way (id INTEGER)"))
            raise InterruptedError

    with pytest.raises(InterruptedError):
        half_a_migration()
    assert not inspect(database.engine).has_table("half_way")
