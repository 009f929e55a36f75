"""Every error under /api leaves as `application/problem+json` (RFC 9457), whoever raised it."""

import logging
from collections.abc import Mapping

import msgspec
from flask import Blueprint, Flask, Response, request
from msgspec import Struct
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from survey.wire import PROBLEM_CODES
from sync_server.db import is_passing
from sync_server.errors import BadCode, BadKey, KioskRetired, NotFound, Refused, TooManyTries

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
RETRY_S = "10"
ROOT = "/api/"
_BY_STATUS = {
    400: "bad_request",
    401: "bad_key",
    403: "bad_code",
    404: "not_found",
    405: "method_not_allowed",
    413: "batch_too_large",
    415: "unsupported_media",
    422: "bad_request",
    429: "too_many_requests",
    503: "busy",
}

api = Blueprint("problems", __name__)


class ProblemDocument(Struct, frozen=True):
    """What went wrong with a request (RFC 9457). `type` leads to the meaning of `code`."""

    type: str
    title: str
    status: int
    code: str
    detail: str


class ProblemMeaning(Struct, frozen=True):
    """A code with its status and what it means."""

    code: str
    status: int
    title: str


class Problem(Exception):
    """A request that fails with one of `survey.wire.PROBLEM_CODES`; the code says the status."""

    def __init__(self, code: str, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        self.code, self.detail, self.headers = code, detail, dict(headers or {})
        super().__init__(f"{code}: {detail}")


def attach(app: Flask, parent: Blueprint) -> None:
    """Turn the errors of `parent`'s views, and all others under /api, into problem documents."""
    parent.register_error_handler(Problem, lambda error: answer(error.code, error.detail, headers=error.headers))
    parent.register_error_handler(BadKey, lambda error: answer("bad_key", str(error), headers=_WHO))
    parent.register_error_handler(KioskRetired, lambda error: answer("kiosk_retired", str(error), headers=_WHO))
    parent.register_error_handler(BadCode, lambda error: answer("bad_code", str(error)))
    parent.register_error_handler(NotFound, lambda error: answer("not_found", str(error)))
    parent.register_error_handler(Refused, lambda error: answer("bad_request", str(error)))
    parent.register_error_handler(TooManyTries, _too_many_tries)
    parent.register_error_handler(Exception, _unforeseen)
    app.after_request(_as_problem)


_WHO = {"WWW-Authenticate": 'Bearer realm="nucuoi"'}


def answer(code: str, detail: str, *, status: int | None = None, headers: Mapping[str, str] | None = None) -> Response:
    """A problem document. status: only where it is not the one that `PROBLEM_CODES` gives."""
    usual, title = PROBLEM_CODES[code]
    document = ProblemDocument(f"/api/v1/problems/{code}", title, status or usual, code, detail)
    body = msgspec.json.encode(document)
    return Response(body, status=document.status, headers=dict(headers or {}), mimetype=MEDIA_TYPE)


@api.get("/problems/<code>")
def problem(code: str) -> Response:
    """What a problem's `type` leads to: its meaning."""
    if code not in PROBLEM_CODES:
        raise NotFound(f"there is no problem {code!r}; known: {', '.join(PROBLEM_CODES)}")
    status, title = PROBLEM_CODES[code]
    return Response(msgspec.json.encode(ProblemMeaning(code, status, title)), mimetype="application/json")


def _too_many_tries(error: TooManyTries) -> Response:
    wait_s = -(-error.wait_ms // 1000)
    return answer("too_many_requests", str(error), headers={"Retry-After": str(wait_s)})


def _unforeseen(error: Exception) -> Response | HTTPException:
    if isinstance(error, HTTPException):
        return error
    if is_passing(error):
        log.warning("the database did not answer %s: %s", request.path, error)
        return answer("busy", "the database does not answer; send the same again", headers={"Retry-After": RETRY_S})
    log.exception("a request to %s failed", request.path)
    return answer("internal", "a fault of the server, written to its log; send the same again later")


def _as_problem(response: Response) -> Response:
    """Errors that no view of ours made (an unknown address, a wrong method, a body too large) in the same shape."""
    status = response.status_code
    if status < 400 or not request.path.startswith(ROOT) or response.mimetype == MEDIA_TYPE:
        return response
    code = "internal" if status == 500 else _BY_STATUS.get(status, "bad_request" if status < 500 else "busy")
    kept = {name: response.headers[name] for name in ("Allow", "Retry-After") if name in response.headers}
    detail = f"{request.method} {request.path}: {HTTP_STATUS_CODES.get(status, 'failed')}"
    return answer(code, detail, status=status, headers=kept)
