"""Reading what was sent: never more than a limit in memory, plain or gzip, checked against a type. And answering
through the same thin line: packed, where the other side takes it."""

import gzip
from typing import TypeVar

import msgspec
from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from survey.errors import BadDocument
from survey.wire import unpack
from sync_server.api.problems import Problem

T = TypeVar("T")
SMALL = 16 * 1024
"""Bytes that a request of a few fields may have."""
WORTH_PACKING = 500
"""Bytes from which on gzip saves more than its head costs."""


def read_body(limit: int) -> bytes:
    """The body, unpacked when it is gzip, of at most `limit` bytes as sent and as unpacked. Raises `Problem`."""
    if request.mimetype != "application/json":
        raise Problem("unsupported_media", f"Content-Type must be application/json, not {request.mimetype!r}")
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise Problem("unsupported_media", f"Content-Encoding must be gzip or absent, not {encoding!r}")
    request.max_content_length = limit
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise Problem("batch_too_large", f"the body has more than {limit} bytes") from error
    if encoding == "identity":
        return body
    try:
        return unpack(body, limit)
    except BadDocument as error:
        too_large = "more than" in str(error)
        raise Problem("batch_too_large" if too_large else "bad_encoding", str(error)) from error


def read_json(kind: type[T], limit: int = SMALL) -> T:
    """The body as a `kind` (msgspec validates). Raises `Problem` with what is wrong and where."""
    body = read_body(limit)
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Problem("bad_request", str(error)) from error
    except msgspec.DecodeError as error:
        raise Problem("bad_json", str(error)) from error
    except UnicodeDecodeError as error:
        raise Problem("bad_encoding", f"the body is not UTF-8: {error}") from error
    except RecursionError as error:
        raise Problem("bad_json", "the body is nested too deep") from error


def write_body(body: bytes) -> Response:
    """JSON as an answer that nobody keeps, packed as by `pack`. 500 receipts are 38 kB plain and 12 kB packed, which
    over 64 kbit/s is a second and a half instead of five."""
    return pack(Response(body, mimetype="application/json", headers={"Cache-Control": "no-store"}))


def pack(response: Response) -> Response:
    """The answer in gzip when it is long and the asker takes that; else as it is."""
    body = response.get_data()
    response.vary.add("Accept-Encoding")
    if len(body) >= WORTH_PACKING and request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(body, compresslevel=6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
