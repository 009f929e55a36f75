"""Fixtures of the server's tests. Each test that takes `database` or `office` runs on SQLite and on PostgreSQL.

A test that cannot depend on the database takes `sqlite_office` and runs once.
"""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sync_server.config import ServerSettings
from sync_server.db import Database
from sync_server.office import Office
from sync_server.seals import Seals
from sync_server.services.migration import migrate
from sync_server.services.partitioning import partition
from tests.builders import HANOI, START
from tests.sync_server.postgres import Cluster, binaries

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
WITH_MONTHS = [*BOTH, pytest.param("partitioned", marks=pytest.mark.postgres)]
"""Both databases, and PostgreSQL with its ratings in months: `pytest.mark.parametrize("database_url", WITH_MONTHS,
indirect=True)`."""
SECRET = "the secret of the tests, long enough to derive keys from"


@dataclass
class SetClock:
    """The server's clock, as a test sets it. `at`: milliseconds since 1970 UTC; Monday 2 March 2026, 8:00 in Hanoi."""

    at: int = START

    def __call__(self) -> int:
        return self.at

    def advance(self, *, ms: int = 0, s: int = 0, minutes: int = 0, hours: int = 0, days: int = 0) -> None:
        """Let time pass."""
        self.at += ms + 1000 * (s + 60 * (minutes + 60 * (hours + 24 * days)))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A running PostgreSQL. Skips only where Debian's binaries are not installed at all."""
    if binaries() is None:
        pytest.skip("PostgreSQL is not installed: apt install postgresql")
    # Not under pytest's own folder: only we may enter that one, and PostgreSQL runs as another user.
    folder = Path(tempfile.mkdtemp(prefix="nucuoi-postgres-"))
    folder.chmod(0o755)
    cluster = Cluster(folder)
    yield cluster
    cluster.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that each test copies, which is faster than migrating again."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    _migrated(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres: Cluster) -> str:
    """The name of a migrated PostgreSQL database that each test copies."""
    _migrated(postgres.create("nucuoi_template"))
    return "nucuoi_template"


@pytest.fixture(scope="session")
def partitioned_template(postgres: Cluster, postgres_template: str) -> str:
    """The name of a migrated PostgreSQL database with its ratings in one table a month, as of `START`."""
    database = Database(postgres.create("nucuoi_partitioned", postgres_template))
    partition(database, zone=HANOI, now=START)
    database.dispose()
    return "nucuoi_partitioned"


def _migrated(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.dispose()


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    name = f"empty_{uuid.uuid4().hex}"
    yield cluster.create(name)
    cluster.drop(name)


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated database of the test's own."""
    if request.param == "sqlite":
        yield _sqlite_url(request, tmp_path)
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    template: str = request.getfixturevalue(
        "partitioned_template" if request.param == "partitioned" else "postgres_template"
    )
    name = f"test_{uuid.uuid4().hex}"
    yield cluster.create(name, template)
    cluster.drop(name)


def _sqlite_url(request: pytest.FixtureRequest, folder: Path) -> str:
    template: Path = request.getfixturevalue("sqlite_template")
    return f"sqlite:///{shutil.copy(template, folder / 'nucuoi.db')}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database, on SQLite and on PostgreSQL."""
    opened = Database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def clock() -> SetClock:
    """The clock of `office`: `clock.advance(minutes=15)`."""
    return SetClock()


def _office(database: Database, url: str, clock: SetClock) -> Office:
    settings = ServerSettings(database=url, secret=SECRET, public_url="https://nucuoi.example")
    return Office(settings=settings, database=database, seals=Seals(SECRET), now=clock)


@pytest.fixture
def office(database: Database, database_url: str, clock: SetClock) -> Office:
    """An office over a migrated database, with the test's clock."""
    return _office(database, database_url, clock)


@pytest.fixture
def sqlite_office(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> Iterator[Office]:
    """An office over SQLite only."""
    url = _sqlite_url(request, tmp_path)
    opened = Database(url)
    yield _office(opened, url, clock)
    opened.dispose()


@pytest.fixture
def app(office: Office) -> Flask:
    """The whole application over `office`."""
    from sync_server.app import create_app  # here, so that tests of services need no page to be whole

    made = create_app(office)
    made.config["TESTING"] = True
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser or kiosk that has not signed in."""
    return app.test_client()
