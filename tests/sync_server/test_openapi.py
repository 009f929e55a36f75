"""The API keeps what its own document says; a tool that reads only the document finds no fault."""

import gzip
import json
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.wrappers import Response

from survey.wire import PROBLEM_CODES, Batch, to_json
from sync_server.app import create_app
from sync_server.office import Office
from tests.builders import a_batch, a_rating
from tests.sync_server import builders

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_the_document_names_every_address_and_method_of_the_api(sqlite_office: Office) -> None:
    app = create_app(sqlite_office)
    document = app.test_client().get("/api/v1/openapi.json").get_json()
    documented = {(path, method) for path, item in document["paths"].items() for method in item}
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert documented == served


def test_every_problem_is_documented_where_it_can_happen(sqlite_office: Office) -> None:
    text = create_app(sqlite_office).test_client().get("/api/v1/openapi.json").get_data(as_text=True)
    unheard = {"method_not_allowed"}  # of no address: it is what the document says by not naming a method
    assert [code for code in PROBLEM_CODES if f"`{code}`: " not in text and code not in unheard] == []


def _unpacking(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """The application behind what every HTTP client does: schemathesis asks for gzip, and reads what comes as it is."""

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        reply = Response.from_app(app, environ)
        if reply.headers.get("Content-Encoding") == "gzip":
            reply.set_data(gzip.decompress(reply.get_data()))
            del reply.headers["Content-Encoding"]
        return reply(environ, start)

    return answer


def _at_work(office: Office) -> tuple[Flask, dict[str, str], Batch]:
    counter = builders.make_counter(office)
    officer = builders.make_officer(office, counter=counter, photo=b"\xff\xd8\xff a photo")
    survey = builders.make_survey(office)
    _, key = builders.make_kiosk(office, counter=counter)
    rating = a_rating(officer_id=f"o{officer.id}", counter_id=f"c{counter.id}", survey_id=f"q{survey.id}")
    app = create_app(office)
    app.wsgi_app = _unpacking(app.wsgi_app)  # type: ignore[method-assign]
    return app, builders.bearer(key), a_batch(rating)


def test_what_good_requests_bring_is_what_the_document_says(sqlite_office: Office) -> None:
    app, bearer, batch = _at_work(sqlite_office)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    cases = [
        schema["/api/v1/setup"]["get"].Case(),
        schema["/api/v1/photos/{officer_id}"]["get"].Case(path_parameters={"officer_id": "o1"}),
        schema["/api/v1/batches"]["post"].Case(body=json.loads(to_json(batch)), media_type="application/json"),
        schema["/api/v1/problems/{code}"]["get"].Case(path_parameters={"code": "busy"}),
        schema["/api/v1/openapi.json"]["get"].Case(),
    ]
    for case in cases:
        assert case.call_and_validate(headers=bearer, checks=CHECKS).status_code == 200


def test_a_long_answer_comes_packed_and_is_what_the_document_says(sqlite_office: Office) -> None:
    app, bearer, batch = _at_work(sqlite_office)
    many = a_batch(*(replace(batch.ratings[0], id=str(uuid.uuid4())) for _ in range(60)))
    headers = {**bearer, "Content-Type": "application/json", "Accept-Encoding": "gzip"}
    packed = create_app(sqlite_office).test_client().post("/api/v1/batches", data=to_json(many), headers=headers)
    assert packed.headers["Content-Encoding"] == "gzip"
    receipts = json.loads(gzip.decompress(packed.get_data()))["receipts"]
    assert [receipt["id"] for receipt in receipts] == [rating.id for rating in many.ratings]
    case = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)["/api/v1/batches"]["post"].Case(
        body=json.loads(to_json(many)), media_type="application/json"
    )
    again = case.call_and_validate(headers=headers, checks=CHECKS)
    assert [receipt["verdict"] for receipt in again.json()["receipts"]] == ["duplicate"] * 60


@pytest.mark.parametrize("with_key", [True, False])
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_whatever_is_sent_is_answered_as_documented(
    sqlite_office: Office, mode: GenerationMode, with_key: bool
) -> None:
    app, bearer, _ = _at_work(sqlite_office)
    answered: Counter[int] = Counter()
    for found in schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app).get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not operation.body and not operation.path_parameters:
            continue  # nothing of it could be wrong

        @settings(max_examples=40, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def run(case: Any) -> None:
            reply = case.call_and_validate(headers=bearer if with_key else {}, checks=CHECKS)
            answered[reply.status_code] += 1

        run()
    assert answered.total() > 40
    assert with_key or 401 in answered
    if mode is GenerationMode.NEGATIVE:
        assert answered[422] > 0


def test_the_document_is_open_to_everybody_and_whole(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    refs = set(re.findall(r'"#/components/schemas/(\w+)"', client.get("/api/v1/openapi.json").get_data(as_text=True)))
    assert refs == set(document["components"]["schemas"])


def test_a_rating_may_leave_out_what_the_document_says(sqlite_office: Office) -> None:
    app, bearer, batch = _at_work(sqlite_office)
    document = app.test_client().get("/api/v1/openapi.json").get_json()
    needed = document["components"]["schemas"]["RatingIn"]["required"]
    rating = {name: getattr(batch.ratings[0], name) for name in needed} | {"id": str(uuid.uuid4())}
    body = {"version": 1, "sent_at": batch.sent_at, "boot_id": batch.boot_id, "monotonic_ms": batch.monotonic_ms}
    reply = app.test_client().post("/api/v1/batches", json={**body, "ratings": [rating]}, headers=bearer)
    assert reply.get_json()["receipts"][0]["verdict"] == "stored"
