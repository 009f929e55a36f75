"""GET /api/v1/openapi.json: the API's own description, made from the types that validate what comes in."""

import inspect
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from importlib import metadata
from typing import Any

import msgspec
from flask import Blueprint, Response

from survey import wire
from survey.setup import Setup
from survey.wire import PROBLEM_CODES, Enrolled
from sync_server.api import problems
from sync_server.api.enrolments import EnrolmentRequest
from sync_server.api.problems import ProblemDocument, ProblemMeaning
from sync_server.messages import MAY_BE_LEFT_OUT, BatchIn, RatingIn, ReplyOut, ShortReplyOut

api = Blueprint("openapi", __name__)
ROOT = "/api/v1"
SCHEMAS = "#/components/schemas/"
JSON = "application/json"
_WITH_KEY = ("bad_key", "kiosk_retired")
_WITH_BODY = ("bad_json", "bad_encoding", "batch_too_large", "unsupported_media")
_ALWAYS = ("internal", "busy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one address. gives: what 200 or 201 brings; gives_short: the same for who sends
    `Prefer: return=minimal`; fails: codes of `PROBLEM_CODES`."""

    path: str
    method: str = "get"
    summary: str
    takes: Any = None
    gives: Any
    gives_short: Any = None
    status: int = 200
    media: tuple[str, ...] = (JSON,)
    by_key: bool = False
    with_etag: bool = False
    fails: tuple[str, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)


OPERATIONS = (
    Operation(
        path="/enrolments",
        method="post",
        summary="A kiosk joins by a code that staff made. Works once.",
        takes=EnrolmentRequest,
        gives=Enrolled,
        status=201,
        fails=(*_WITH_BODY, "bad_request", "bad_code", "too_many_requests"),
    ),
    Operation(
        path="/setup",
        summary="What a kiosk shows.",
        gives=Setup,
        by_key=True,
        with_etag=True,
        fails=("not_found",),
    ),
    Operation(
        path="/photos/{officer_id}",
        summary="An officer's photo, for kiosks of the same unit.",
        gives=None,
        media=("image/jpeg", "image/png"),
        by_key=True,
        with_etag=True,
        fails=("not_found",),
        parameters={"officer_id": {"type": "string", "pattern": "^o[0-9]{1,9}$"}},
    ),
    Operation(
        path="/batches",
        method="post",
        summary="Ratings and the state of a kiosk; one receipt for each rating, in order. Safe to repeat.",
        takes=BatchIn,
        gives=ReplyOut,
        gives_short=ShortReplyOut,
        by_key=True,
        fails=(*_WITH_BODY, "bad_batch", "unknown_version"),
    ),
    Operation(
        path="/problems/{code}",
        summary="What a problem means; its `type` leads here.",
        gives=ProblemMeaning,
        fails=("not_found",),
        parameters={"code": {"type": "string", "enum": list(PROBLEM_CODES)}},
    ),
    Operation(path="/openapi.json", summary="This document.", gives=dict[str, Any]),
)


@api.get("/openapi.json")
def openapi() -> Response:
    """The document itself; it changes only with the program."""
    return Response(msgspec.json.encode(document()), mimetype=JSON)


@cache
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    named = (each for operation in OPERATIONS for each in (operation.takes, operation.gives, operation.gives_short))
    types = [each for each in named if isinstance(each, type)]
    _, schemas = msgspec.json.schema_components([*types, ProblemDocument], ref_template=SCHEMAS + "{name}")
    for schema in schemas.values():
        if "description" in schema:
            schema["description"] = inspect.cleandoc(schema["description"])
    _loosen(schemas)
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(ROOT + operation.path, {})[operation.method] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Nụ Cười: the API for kiosks",
            "version": metadata.version("nucuoi"),
            "description": "docs/wire.md tells what the words mean. Every error is a problem document (RFC 9457).",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "A kiosk's own key."}},
        },
    }


def _loosen(schemas: dict[str, Any]) -> None:
    """What the API does and the types alone do not say."""
    rating = schemas[RatingIn.__name__]
    rating["required"] = [name for name in rating["required"] if name not in MAY_BE_LEFT_OUT]
    for name, usual in MAY_BE_LEFT_OUT.items():
        rating["properties"][name]["default"] = usual
    ratings = schemas[BatchIn.__name__]["properties"]["ratings"]
    # A rating that is wrong never spoils its neighbours: anything may stand there, and is answered `refused`.
    ratings["items"] = {"anyOf": [ratings["items"], {"description": "anything else gets the verdict `refused`"}]}
    ratings["maxItems"] = wire.MAX_RATINGS
    schemas[BatchIn.__name__]["properties"]["version"] |= {"minimum": wire.MIN, "maximum": wire.MAX}
    schemas[ProblemDocument.__name__]["properties"]["code"]["enum"] = list(PROBLEM_CODES)


def _described(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": f"{operation.method} {operation.path}",
        "responses": {str(operation.status): _success(operation), **_failures(operation)},
        "security": [{"key": []}] if operation.by_key else [],
    }
    described["parameters"] = [
        {"name": name, "in": "path", "required": True, "schema": schema}
        for name, schema in operation.parameters.items()
    ]
    if operation.with_etag:
        described["parameters"].append({"name": "If-None-Match", "in": "header", "schema": {"type": "string"}})
        described["responses"]["304"] = {"description": "Known already: the ETag is the one of If-None-Match."}
    if operation.gives_short is not None:
        preference = {"type": "string", "examples": [wire.PREFERENCE]}
        described["parameters"].append({"name": "Prefer", "in": "header", "schema": preference})
    if operation.takes is not None:
        schema = {"$ref": SCHEMAS + operation.takes.__name__}
        described["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
    return described


def _success(operation: Operation) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    if isinstance(operation.gives, type):
        schema = {"$ref": SCHEMAS + operation.gives.__name__}
    elif operation.gives is not None:
        schema = {"type": "object"}
    if operation.gives_short is not None:
        schema = {"oneOf": [schema, {"$ref": SCHEMAS + operation.gives_short.__name__}]}
    made: dict[str, Any] = {
        "description": HTTPStatus(operation.status).phrase,
        "content": {media: {"schema": schema} if schema else {} for media in operation.media},
    }
    if operation.with_etag:
        made["headers"] = {"ETag": {"schema": {"type": "string"}, "required": True}}
    if operation.gives_short is not None:
        told = {"description": "The reply is the short one.", "schema": {"const": wire.PREFERENCE}}
        made["headers"] = {"Preference-Applied": told}
    return made


def _failures(operation: Operation) -> dict[str, Any]:
    codes = (*operation.fails, *(_WITH_KEY if operation.by_key else ()), *_ALWAYS)
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(PROBLEM_CODES[code][0], []).append(code)
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": SCHEMAS + ProblemDocument.__name__}}}
    return {
        str(status): {
            "description": "; ".join(f"`{code}`: {PROBLEM_CODES[code][1]}" for code in found),
            "content": content,
        }
        for status, found in sorted(by_status.items())
    }
