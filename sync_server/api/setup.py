"""GET /api/v1/setup and the photos that it names."""

import hashlib

from flask import Blueprint, Response, request

from survey import resources
from survey.wire import to_json
from sync_server.api.bodies import pack
from sync_server.api.keys import by_kiosk, this_kiosk, this_office
from sync_server.errors import NotFound
from sync_server.ids import OFFICER, read_id
from sync_server.queries.setup import Moment, photo_for, setup_of

api = Blueprint("setup", __name__)


@api.get("/setup")
@by_kiosk
def setup() -> Response:
    """What this kiosk shows; 304 when it has that already."""
    office = this_office()
    now = office.now()
    with office.database.read() as session:
        document = setup_of(
            session, this_kiosk(), Moment(at=now, day=office.day(now), zone=office.zone), resources.config()
        )
    return pack(_unless_known(to_json(document), "application/json"))


@api.get("/photos/<officer_id>")
@by_kiosk
def photo(officer_id: str) -> Response:
    """An officer's photo, JPEG or PNG."""
    number = read_id(OFFICER, officer_id)
    if number is None:
        raise NotFound(f"{officer_id!r} is no officer's id")
    with this_office().database.read() as session:
        content = photo_for(session, this_kiosk(), number)
    return _unless_known(content, "image/png" if content.startswith(b"\x89PNG") else "image/jpeg")


def _unless_known(body: bytes, media_type: str) -> Response:
    """The body with its ETag, or 304 without it when the request says that it is known."""
    response = Response(body, mimetype=media_type, headers={"Cache-Control": "private, no-cache"})
    # Weak: the same setup may go plain or packed.
    response.set_etag(hashlib.sha256(body).hexdigest()[:32], weak=True)
    response.make_conditional(request)
    return response
