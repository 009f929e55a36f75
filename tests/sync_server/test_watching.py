"""What a machine that watches the server is told, and what the log keeps to itself."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from survey.wire import to_json
from sync_server.app import create_app
from sync_server.db import Database
from sync_server.logs import begin_logging
from sync_server.models.kiosk import Kiosk
from sync_server.office import Office
from tests.builders import a_batch, a_rating
from tests.sync_server import builders
from tests.sync_server.conftest import SetClock

KEY = "a key for metrics, long enough"


def figures(office: Office) -> dict[str, float]:
    """All samples of /metrics, by name and labels in the order of their names."""
    app = create_app(replace(office, settings=replace(office.settings, metrics_key=KEY)))
    client = app.test_client()
    client.get("/healthz")
    reply = client.get("/metrics", headers=builders.bearer(KEY))
    assert reply.status_code == 200
    return {
        sample.name + "".join(f" {sample.labels[name]}" for name in sorted(sample.labels)): sample.value
        for family in text_string_to_metric_families(reply.get_data(as_text=True))
        for sample in family.samples
    }


def test_a_server_is_healthy_and_ready_and_one_without_its_database_only_healthy(sqlite_office: Office) -> None:
    client = create_app(sqlite_office).test_client()
    assert [client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]
    away = replace(sqlite_office, database=Database("postgresql://clerk:s3cret@127.0.0.1:1/nothing"))
    client = create_app(away).test_client()
    assert [client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 503]
    assert "s3cret" not in client.get("/readyz").get_data(as_text=True)


def test_a_server_before_an_old_database_is_not_ready(office: Office) -> None:
    with office.database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert create_app(office).test_client().get("/readyz").status_code == 503


def test_there_are_no_metrics_without_a_key_and_none_for_a_wrong_one(sqlite_office: Office) -> None:
    assert create_app(sqlite_office).test_client().get("/metrics").status_code == 404
    keyed = replace(sqlite_office, settings=replace(sqlite_office.settings, metrics_key=KEY))
    client = create_app(keyed).test_client()
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers=builders.bearer(KEY + "x")).status_code == 401


def test_metrics_tell_of_every_kiosk_in_service_and_of_what_came(office: Office, clock: SetClock) -> None:
    counter = builders.make_counter(office)
    officer, survey = builders.make_officer(office, counter=counter), builders.make_survey(office)
    kiosk, key = builders.make_kiosk(office, counter=counter)
    retired, _ = builders.make_kiosk(office)
    with office.database.write() as session:
        session.get_one(Kiosk, retired.id).retired_at = clock.at
    ids: dict[str, Any] = {"officer_id": f"o{officer.id}", "counter_id": f"c{counter.id}", "survey_id": f"q{survey.id}"}
    batch = a_batch(a_rating(**ids), a_rating(**{**ids, "officer_id": "o999"}))
    clock.advance(minutes=1)
    headers = {**builders.bearer(key), "Content-Type": "application/json"}
    assert create_app(office).test_client().post("/api/v1/batches", data=to_json(batch), headers=headers).is_json
    clock.advance(minutes=10)
    found = figures(office)
    assert found[f"nucuoi_ratings_stored_total k{kiosk.id}"] == 1
    assert found[f"nucuoi_kiosk_silent_seconds k{kiosk.id}"] == 600
    assert found[f"nucuoi_kiosk_parked k{kiosk.id}"] == 0
    assert found["nucuoi_set_aside_total unknown_officer refused"] == 1
    assert not [name for name in found if name.endswith(f" k{retired.id}")]
    assert found["nucuoi_request_seconds_count GET /healthz 200"] == 1


def test_metrics_tell_what_kiosks_were_answered_duplicates_too(sqlite_office: Office, clock: SetClock) -> None:
    app = create_app(replace(sqlite_office, settings=replace(sqlite_office.settings, metrics_key=KEY)))
    counter = builders.make_counter(sqlite_office)
    officer, survey = builders.make_officer(sqlite_office, counter=counter), builders.make_survey(sqlite_office)
    _, key = builders.make_kiosk(sqlite_office, counter=counter)
    ids: dict[str, Any] = {"officer_id": f"o{officer.id}", "counter_id": f"c{counter.id}", "survey_id": f"q{survey.id}"}
    batch = a_batch(a_rating(**ids), a_rating(**{**ids, "officer_id": "o999"}))
    clock.advance(minutes=1)
    headers = {**builders.bearer(key), "Content-Type": "application/json"}
    for _ in range(3):
        app.test_client().post("/api/v1/batches", data=to_json(batch), headers=headers)
    told = app.test_client().get("/metrics", headers=builders.bearer(KEY)).get_data(as_text=True)
    assert 'nucuoi_receipts_total{code="",verdict="stored"} 1.0' in told
    assert 'nucuoi_receipts_total{code="",verdict="duplicate"} 2.0' in told
    assert 'nucuoi_receipts_total{code="unknown_officer",verdict="refused"} 3.0' in told


def test_made_up_methods_and_addresses_do_not_make_the_figures_grow(sqlite_office: Office) -> None:
    app = create_app(replace(sqlite_office, settings=replace(sqlite_office.settings, metrics_key=KEY)))
    client = app.test_client()
    before = len(client.get("/metrics", headers=builders.bearer(KEY)).get_data())
    for number in range(30):
        client.open(f"/nothing/{number}", method=f"SHOUT{number}")
    told = client.get("/metrics", headers=builders.bearer(KEY)).get_data(as_text=True)
    assert "SHOUT" not in told
    assert "/nothing" not in told
    assert len(told) < before + 6000


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the log gets from `info` on, while a test runs."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    stream = io.StringIO()
    root.handlers.clear()
    begin_logging("info", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_request_is_a_line_of_json_without_the_address_that_was_asked(
    sqlite_office: Office, log: io.StringIO
) -> None:
    builders.make_survey(sqlite_office)
    kiosk, key = builders.make_kiosk(sqlite_office)
    client = create_app(sqlite_office).test_client()
    client.get("/api/v1/photos/o12345?v=secret", headers=builders.bearer(key))
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    line = next(line for line in lines if line["message"] == "request")
    assert (line["rule"], line["method"], line["status"], line["kiosk"], line["level"]) == (
        "/api/v1/photos/<officer_id>",
        "GET",
        404,
        kiosk.id,
        "info",
    )
    for hidden in ("o12345", "secret", key):
        assert hidden not in log.getvalue()


def test_an_error_of_the_database_keeps_a_citizens_words_out_of_the_log(office: Office, log: io.StringIO) -> None:
    words = "lời của " + "người dân"  # the traceback shows lines of source, which must not hold them whole
    try:
        with office.database.write() as session:
            session.execute(text("INSERT INTO nowhere VALUES (:words)"), {"words": words})
    except DBAPIError:
        logging.getLogger("tests").exception("it failed")
    line = json.loads(log.getvalue().splitlines()[-1])
    assert "nowhere" in line["traceback"]
    assert words not in log.getvalue()
