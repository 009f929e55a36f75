"""PostgreSQL loses its primary under the server: everybody is asked to come again, and nothing has to be restarted.

`tests/together/test_failover.py` does this with real nodes; here each way in which it shows is played by itself.
"""

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from survey.wire import pack
from sync_server.app import create_app
from sync_server.config import ServerSettings
from sync_server.db import Database
from sync_server.office import Office
from sync_server.seals import Seals
from tests.builders import START, a_batch
from tests.sync_server.builders import bearer, make_kiosk
from tests.sync_server.conftest import SECRET
from tests.sync_server.postgres import Cluster

CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {text}"
"""Ends every connection to the database."""

pytestmark = pytest.mark.postgres


@pytest.fixture
def office(postgres: Cluster, postgres_template: str) -> Iterator[Office]:
    """An office over PostgreSQL only."""
    name = f"lost_{uuid.uuid4().hex}"
    url = postgres.create(name, postgres_template)
    database = Database(url)
    yield Office(settings=ServerSettings(database=url, secret=SECRET), database=database, seals=Seals(SECRET), now=_now)
    database.dispose()
    postgres.drop(name)


@pytest.fixture
def app(office: Office) -> Flask:
    """As it is served: a fault is answered, not raised."""
    made = create_app(office)
    made.config["WTF_CSRF_ENABLED"] = False
    return made


def _now() -> int:
    return START


def _send(client: FlaskClient, key: str) -> int:
    headers = {**bearer(key), "Content-Type": "application/json", "Content-Encoding": "gzip"}
    reply = client.post("/api/v1/batches", data=pack(a_batch(at=START)), headers=headers)
    if reply.status_code != 200:
        assert reply.get_json()["code"] == "busy"
        assert int(reply.headers["Retry-After"]) > 0
    return reply.status_code


def test_a_demoted_primary_that_only_reads_is_left_for_the_new_one(
    office: Office, postgres: Cluster, client: FlaskClient
) -> None:
    _, key = make_kiosk(office)
    _beside(postgres, office, "ALTER DATABASE {name} SET default_transaction_read_only = on")
    office.database.dispose()  # the connections of before; those made now are to a standby, and stay in the pool
    assert _send(client, key) == 503
    page = client.post("/sign-in", data={"username": "ai", "password": "sai"})
    assert (page.status_code, int(page.headers["Retry-After"]) > 0) == (503, True)
    assert "Máy chủ đang bận" in page.text
    _beside(postgres, office, "ALTER DATABASE {name} RESET default_transaction_read_only")  # another one is primary
    _send(client, key)  # over a connection of before, it may be; that one and its siblings are left by this
    assert _send(client, key) == 200


def test_connections_that_were_cut_are_opened_again_unseen(
    office: Office, postgres: Cluster, client: FlaskClient
) -> None:
    _, key = make_kiosk(office)
    assert _send(client, key) == 200
    _beside(postgres, office, CUT)
    assert _send(client, key) == 200
    _beside(postgres, office, CUT)
    assert client.get("/readyz").status_code == 200


def test_without_any_primary_kiosks_and_people_are_told_when_to_come_again(
    office: Office, postgres: Cluster, client: FlaskClient
) -> None:
    _, key = make_kiosk(office)
    assert _send(client, key) == 200
    _beside(postgres, office, "ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    _beside(postgres, office, CUT)
    assert _send(client, key) == 503
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
    page = client.post("/sign-in", data={"username": "ai", "password": "sai"})
    assert (page.status_code, int(page.headers["Retry-After"]) > 0) == (503, True)
    _beside(postgres, office, "ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert _send(client, key) == 200


def _beside(postgres: Cluster, office: Office, statement: str) -> None:
    """Run a statement from another database. {name}, {text}: the office's database as identifier and as text."""
    name = office.database.url.database
    database = Database(postgres.url("postgres"))
    with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(statement.format(name=f'"{name}"', text=f"'{name}'")))
    database.dispose()
