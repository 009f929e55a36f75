"""A backup taken from a busy server holds one moment of it, and comes back whole or not at all."""

import stat
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from sync_server import cli
from sync_server.config import load, with_secret
from sync_server.db import Database
from sync_server.errors import BackupFailed, DatabaseNotReady, Refused
from sync_server.models.organisation import Counter, Unit
from sync_server.office import Office, open_office
from sync_server.services.backup import back_up, restore
from sync_server.services.migration import check_ready, migrate, newest, step_down
from tests.sync_server import builders
from tests.sync_server.postgres import Cluster

COUNTED = select(Counter.name, func.count()).group_by(Counter.name)


@pytest.fixture
def other(office: Office, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A second, empty database of the same kind as `office`'s."""
    if office.database.is_sqlite:
        yield Database(f"sqlite:///{tmp_path / 'other.db'}")
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    name = f"other_{uuid.uuid4().hex}"
    database = Database(cluster.create(name))
    yield database
    database.dispose()
    cluster.drop(name)


def _units(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Unit.name).order_by(Unit.id)))


def test_a_backup_comes_back_in_an_empty_database(office: Office, other: Database, tmp_path: Path) -> None:
    builders.make_unit(office, name="Xã Mộc Bắc")
    file = tmp_path / "backups" / "monday"
    size = back_up(office.database, file)
    assert size == file.stat().st_size > 1000
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["monday"]
    builders.make_unit(office, name="Sau đó")
    assert restore(other, file) == newest()
    check_ready(other)
    assert _units(other) == ["Xã Mộc Bắc"]
    with other.write() as session:
        session.add(Counter(unit_id=1, name="Quầy mới"))  # numbers go on where they were


def test_a_backup_under_load_holds_one_moment(office: Office, other: Database, tmp_path: Path) -> None:
    unit = builders.make_unit(office)
    stop, faults = threading.Event(), []

    def write_pairs() -> None:
        try:
            while not stop.is_set():
                with office.database.write() as session:
                    session.add_all([Counter(unit_id=unit.id, name="trái"), Counter(unit_id=unit.id, name="phải")])
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=write_pairs) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for number in range(3):
            back_up(office.database, tmp_path / f"b{number}")
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    assert faults == []
    for number in range(3):
        restore(other, tmp_path / f"b{number}", replace=True)
        with other.read() as session:
            counts = dict(tuple(row) for row in session.execute(COUNTED))
        assert counts.get("trái", 0) == counts.get("phải", 0)


def test_data_are_not_given_up_without_being_told_to(office: Office, tmp_path: Path) -> None:
    builders.make_unit(office, name="Trước")
    back_up(office.database, tmp_path / "b")
    builders.make_unit(office, name="Sau")
    with pytest.raises(Refused, match="add --replace"):
        restore(office.database, tmp_path / "b")
    assert _units(office.database) == ["Trước", "Sau"]
    restore(office.database, tmp_path / "b", replace=True)
    assert _units(office.database) == ["Trước"]


def test_a_backup_of_an_older_program_is_migrated(office: Office, other: Database, tmp_path: Path) -> None:
    builders.make_unit(office, name="Từ trước")
    step_down(office.database, "0001")
    back_up(office.database, tmp_path / "b")
    migrate(other)  # has newer tables already, which the backup knows nothing of
    assert restore(other, tmp_path / "b") == newest()
    check_ready(other)
    assert _units(other) == ["Từ trước"]


@pytest.mark.parametrize("how", ["another file", "cut off", "no file"])
def test_a_damaged_backup_changes_nothing(office: Office, tmp_path: Path, how: str) -> None:
    for _ in range(30):
        builders.make_unit(office, settings={"thanks_s": 6}, name="Xã " + "a" * 150)
    units = _units(office.database)
    file = tmp_path / "b"
    back_up(office.database, file)
    if how == "another file":
        file.write_bytes(b"Kinh gui " * 1000)
    elif how == "cut off":
        file.write_bytes(file.read_bytes()[: file.stat().st_size * 6 // 10])
    else:
        file.unlink()
    with pytest.raises((BackupFailed, Refused, FileNotFoundError, DatabaseNotReady)):
        restore(office.database, file, replace=True)
    assert _units(office.database) == units


def test_a_database_without_tables_is_not_backed_up(empty_url: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseNotReady):
        back_up(Database(empty_url), tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_the_commands_bring_a_server_back(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["init", "--database", empty_url]) == 0
    office = open_office(with_secret(load(None, {}, empty_url)))
    builders.make_unit(office, name="Xã Mộc Bắc")
    assert cli.main(["backup", "b", "--database", empty_url]) == 0
    assert "keep the secret apart" in capsys.readouterr().out
    builders.make_unit(office)
    assert cli.main(["restore", "b", "--database", empty_url]) == 1
    assert "--replace" in capsys.readouterr().err
    assert cli.main(["restore", "b", "--database", empty_url, "--replace"]) == 0
    assert _units(office.database) == ["Xã Mộc Bắc"]
    assert cli.main(["restore", "none", "--database", empty_url]) == 5
    step_down(office.database, "base")
    assert cli.main(["restore", "b", "--database", empty_url]) == 0
    assert _units(office.database) == ["Xã Mộc Bắc"]
    office.database.dispose()
