"""POST /api/v1/batches: ratings and state of a kiosk (docs/wire.md)."""

from typing import cast

import msgspec
from flask import Blueprint, Response, current_app, request

from survey.wire import MAX_BYTES, PREFERENCE
from sync_server.api.bodies import read_body, write_body
from sync_server.api.keys import by_kiosk_of_before, this_kiosk, this_office
from sync_server.api.problems import Problem
from sync_server.api.watching import this_meter
from sync_server.errors import Busy
from sync_server.messages import NotABatch, shorten
from sync_server.services.judging import KEY as JUDGING
from sync_server.services.judging import Judging
from sync_server.services.reception import receive

api = Blueprint("batches", __name__)
RETRY_AFTER_S = "5"


def this_judging() -> Judging:
    """The judging of this application."""
    return cast(Judging, current_app.extensions[JUDGING])


@api.post("/batches")
@by_kiosk_of_before
def batches() -> Response:
    """Take a batch: the reply says what became of each rating, and all that is stored is on disk by then."""
    office = this_office()
    now = office.now()  # before the body is read: a slow line must not make the ratings look younger
    body = read_body(MAX_BYTES)
    try:
        reply = receive(office, this_kiosk().id, body, now=now, touched=this_judging().note)
    except NotABatch as error:
        raise Problem(error.code, str(error)) from error
    except Busy as error:
        raise Problem("busy", str(error), headers={"Retry-After": RETRY_AFTER_S}) from error
    this_meter().note_receipts(reply.receipts)
    is_short = prefers_short()
    response = write_body(msgspec.json.encode(shorten(reply) if is_short else reply))
    response.vary.add("Prefer")
    if is_short:
        response.headers["Preference-Applied"] = PREFERENCE
    return response


def prefers_short() -> bool:
    """Whether the kiosk reads short replies (RFC 7240); those of before this was on the wire ask for nothing."""
    preferences = ",".join(request.headers.getlist("Prefer")).split(",")
    return any("".join(each.partition(";")[0].split()).lower() == PREFERENCE for each in preferences)
