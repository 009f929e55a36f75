"""POST /api/v1/enrolments: a kiosk joins by a code (docs/wire.md)."""

from typing import Annotated

import msgspec
from flask import Blueprint, Response, request
from msgspec import Meta, Struct

from survey.wire import to_json
from sync_server.api.bodies import read_json
from sync_server.api.keys import this_office
from sync_server.errors import BadCode, TooManyTries
from sync_server.services import enrolment

api = Blueprint("enrolments", __name__)
ShortText = Annotated[str, Meta(max_length=200)]


class Device(Struct, frozen=True, kw_only=True):
    """The device that joins, as it calls itself."""

    name: ShortText = ""
    hardware: ShortText = ""
    os: ShortText = ""
    app_version: ShortText = ""


class EnrolmentRequest(Struct, frozen=True, kw_only=True):
    """A code that staff made, and the device that joins by it."""

    code: Annotated[str, Meta(min_length=1, max_length=40)]
    device: Device = Device()


@api.post("/enrolments")
def enrol() -> tuple[Response, int]:
    """Let a kiosk join."""
    asked = read_json(EnrolmentRequest)
    office, address, now = this_office(), request.remote_addr or "", this_office().now()
    with office.database.read() as session:  # who tries too often must not hold up those who write
        wait = enrolment.wait_ms(session, address, now=now)
    if wait:
        raise TooManyTries("too many wrong codes from this address", wait_ms=wait)
    try:
        with office.database.write() as session:
            joined = enrolment.enrol(
                session,
                office.seals,
                code=asked.code,
                device=msgspec.to_builtins(asked.device),
                address=address,
                now=now,
            )
    except BadCode:
        with office.database.write() as session:
            enrolment.note_wrong_code(session, address, now=now)
        raise
    return Response(to_json(joined), mimetype="application/json", headers={"Cache-Control": "no-store"}), 201
