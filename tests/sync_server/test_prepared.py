"""Statements past SQLAlchemy: the same rows, the same errors, in the same transaction, on both databases."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from sync_server.office import Office
from sync_server.queries.prepared import Prepared
from sync_server.services.ledgers import open_ledger
from tests.sync_server import builders

UNITS = Prepared("SELECT id, name FROM unit WHERE id IN :ids AND kind <> :kind ORDER BY id")


def make_units(office: Office, count: int) -> list[int]:
    return [builders.make_unit(office, name=f"Phường {number}").id for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, 2, 9, 40])
def test_a_list_of_any_length_finds_what_it_names_once(office: Office, count: int) -> None:
    made = make_units(office, 40)
    with office.database.read() as session:
        rows = UNITS.rows(session, {"ids": made[:count], "kind": "none"})
    assert [number for number, _ in rows] == made[:count]


def test_it_is_part_of_the_sessions_transaction(office: Office) -> None:
    (unit,) = make_units(office, 1)
    rename = Prepared("UPDATE unit SET name = :name WHERE id = :id")

    def rename_and_fail() -> None:
        with office.database.write() as session:
            rename.run(session, {"id": unit, "name": "khác"})
            assert UNITS.rows(session, {"ids": [unit], "kind": "none"}) == [(unit, "khác")]
            raise RuntimeError("and now nothing of it stays")

    with pytest.raises(RuntimeError):
        rename_and_fail()
    with office.database.read() as session:
        assert UNITS.rows(session, {"ids": [unit], "kind": "none"}) == [(unit, "Phường 0")]


@pytest.mark.parametrize("at_once", [False, True])
def test_what_the_database_forbids_is_raised_as_sqlalchemy_would(office: Office, at_once: bool) -> None:
    kiosk, _ = builders.make_kiosk(office)
    boot = Prepared("INSERT INTO boot (kiosk_id, boot_id) VALUES (:kiosk, :boot)")
    given = {"kiosk": kiosk.id, "boot": "boot-1"}

    def insert_twice() -> None:
        with office.database.write() as session:
            if at_once:
                boot.run_each(session, [given, given])
            boot.run(session, given)
            boot.run(session, given)

    with pytest.raises(IntegrityError):
        insert_twice()


def test_a_statement_that_is_none_is_told_as_sqlalchemy_would(office: Office) -> None:
    with office.database.read() as session, pytest.raises((OperationalError, ProgrammingError)):
        Prepared("SELECT 1 FROM nowhere WHERE 1 = :one").rows(session, {"one": 1})


def test_nothing_is_asked_for_none(office: Office) -> None:
    with office.database.write() as session:
        Prepared("INSERT INTO nowhere VALUES (:a)").run_each(session, [])


def test_opening_a_ledger_reads_the_few_unsure_ratings_and_not_all(sqlite_office: Office) -> None:
    kiosk, _ = builders.make_kiosk(sqlite_office)
    asked: list[str] = []
    with sqlite_office.database.read() as session:
        driver = session.connection().connection.driver_connection
        assert driver is not None
        driver.set_trace_callback(asked.append)
        open_ledger(session, kiosk.id, 0)
        driver.set_trace_callback(None)
        (statement,) = asked
        plan = [row[3] for row in session.execute(text(f"EXPLAIN QUERY PLAN {statement}"))]
    assert any("ix_rating_unsure" in step for step in plan)
