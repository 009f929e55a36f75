"""`nucuoi-server run` as a process: it answers, it says where, and it stops without losing what it was doing."""

import http.client
import json
import re
import signal
import time
from pathlib import Path

import pytest

from sync_server.commands.serve import STOP_TIMEOUT_S
from sync_server.config import ServerSettings
from sync_server.office import open_office
from tests.sync_server import builders
from tests.together.server_process import ServerProcess

SECRET = "the secret of a server that is run as a process"


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> ServerProcess:
    return ServerProcess(database_url, tmp_path, secret=SECRET)


def _ask(server: ServerProcess, path: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", path)
    return connection.getresponse()


def test_it_says_where_it_is_answers_and_stops_politely(server: ServerProcess) -> None:
    with server:
        assert _ask(server, "/api/v1/setup").status == 401
        line = server.log.splitlines()
        assert [text for text in line if text.startswith(f"Nụ Cười: {server.address} · database ")] == line
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < STOP_TIMEOUT_S
    with pytest.raises(OSError, match="refused"):
        _ask(server, "/api/v1/setup")


def test_told_to_stop_while_its_workers_still_load_it_stops_at_once(database_url: str, tmp_path: Path) -> None:
    with ServerProcess(database_url, tmp_path, secret=SECRET, workers=3) as server:
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < STOP_TIMEOUT_S / 2


def test_a_request_under_way_is_answered_before_the_server_stops(server: ServerProcess) -> None:
    office = open_office(ServerSettings(database=server.url, secret=SECRET))
    unit = builders.make_unit(office)
    office.database.dispose()
    with server:
        code = json.loads(server.run("enrol-code", "--unit", f"u{unit.id}", "--json"))["code"]
        body = json.dumps({"code": code}).encode()
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.putrequest("POST", "/api/v1/enrolments")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body[:5])
        time.sleep(0.3)
        process = server._process
        assert process is not None
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.send(body[5:])
        reply = connection.getresponse()
        assert reply.status == 201
        assert json.loads(reply.read())["unit_id"] == f"u{unit.id}"
        assert process.wait(20) == 0


def test_several_workers_share_one_database_and_one_set_of_figures(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUCUOI_METRICS_KEY", "a key for metrics, long enough")
    office = open_office(ServerSettings(database=database_url, secret=SECRET))
    builders.make_survey(office)
    keys = [builders.make_kiosk(office)[1] for _ in range(6)]
    office.database.dispose()
    with ServerProcess(database_url, tmp_path, secret=SECRET, workers=2) as server:
        for key in keys:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
            connection.request("GET", "/api/v1/setup", headers=builders.bearer(key))
            assert connection.getresponse().status == 200
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.request("GET", "/metrics", headers=builders.bearer("a key for metrics, long enough"))
        told = connection.getresponse().read().decode()
    seen = re.search(r'nucuoi_request_seconds_count\{[^}]*rule="/api/v1/setup"[^}]*\} (\S+)', told)
    assert seen is not None
    assert float(seen.group(1)) == 6
