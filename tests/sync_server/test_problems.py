"""Under /api every error is a problem document with a documented code."""

import logging
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.wire import PROBLEM_CODES
from sync_server.app import create_app
from sync_server.db import Database
from sync_server.office import Office
from tests.sync_server.builders import bearer, make_kiosk

FIELDS = ["code", "detail", "status", "title", "type"]


@pytest.fixture
def app(sqlite_office: Office) -> Flask:
    """The application with one view more, which fails as it is told to."""
    made = create_app(sqlite_office)

    @made.get("/api/v1/fails")
    def fails() -> str:
        raise RuntimeError("a secret of the inside")

    return made


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/api/", 404, "not_found"),
        ("GET", "/api/v2/setup", 404, "not_found"),
        ("GET", "/api/v1/enrolments", 405, "method_not_allowed"),
        ("DELETE", "/api/v1/setup", 405, "method_not_allowed"),
        ("GET", "/api/v1/setup", 401, "bad_key"),
        ("GET", "/api/v1/problems/none_such", 404, "not_found"),
        ("GET", "/api/v1/fails", 500, "internal"),
    ],
)
def test_an_error_is_a_problem_document(client: FlaskClient, method: str, path: str, status: int, code: str) -> None:
    reply = client.open(path, method=method)
    assert (reply.status_code, reply.mimetype) == (status, "application/problem+json")
    document = reply.get_json()
    assert sorted(document) == FIELDS
    assert (document["code"], document["status"]) == (code, status)
    assert document["title"] == PROBLEM_CODES[code][1]


def test_a_wrong_method_says_which_are_right(client: FlaskClient) -> None:
    assert "POST" in client.get("/api/v1/enrolments").headers["Allow"]


def test_a_fault_of_the_server_tells_the_log_and_not_the_caller(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        reply = client.get("/api/v1/fails")
    assert "secret" not in reply.get_data(as_text=True)
    assert "a secret of the inside" in caplog.text


def test_a_database_that_is_away_means_send_again_later(sqlite_office: Office) -> None:
    away = replace(sqlite_office, database=Database("postgresql://nobody@127.0.0.1:1/nothing"))
    reply = create_app(away).test_client().get("/api/v1/setup", headers=bearer("a key"))
    assert (reply.status_code, reply.get_json()["code"], reply.headers["Retry-After"]) == (503, "busy", "10")


def test_a_server_without_a_survey_says_what_to_do(sqlite_office: Office, client: FlaskClient) -> None:
    _, key = make_kiosk(sqlite_office)
    reply = client.get("/api/v1/setup", headers=bearer(key))
    assert reply.status_code == 404
    assert "nucuoi-server init" in reply.get_json()["detail"]


@pytest.mark.parametrize("code", PROBLEM_CODES)
def test_each_problem_has_an_address_that_explains_it(client: FlaskClient, code: str) -> None:
    reply = client.get(f"/api/v1/problems/{code}")
    assert reply.status_code == 200
    assert reply.get_json() == {"code": code, "status": PROBLEM_CODES[code][0], "title": PROBLEM_CODES[code][1]}
