"""Who is this kiosk, by the key that it sends."""

import hmac
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from sync_server.errors import BadKey, KioskRetired
from sync_server.models.kiosk import Kiosk
from sync_server.seals import key_hash

SCHEME = "Bearer "
KEY_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKiosk:
    """A kiosk whose key was right. carry_key_sealed: for `seals.open`."""

    id: int
    name: str
    unit_id: int
    counter_id: int | None
    carry_key_sealed: bytes


# Made once, and run past the object mapper: it is asked before each request of each kiosk.
_BY_KEY = select(
    Kiosk.id, Kiosk.name, Kiosk.unit_id, Kiosk.counter_id, Kiosk.carry_key_sealed, Kiosk.key_hash, Kiosk.retired_at
).where(Kiosk.key_hash == bindparam("sent"))


def kiosk_of(session: Session, authorization: str | None) -> KnownKiosk:
    """The kiosk that sent this Authorization header (`Bearer KEY`). Raises `BadKey` or `KioskRetired`.

    Takes the same time for any wrong key: it is found by its SHA-256, whose place in an index tells nothing of the key,
    and compared whole in constant time.
    """
    if not authorization or not authorization.startswith(SCHEME) or len(authorization) > KEY_LENGTH_MAX:
        raise BadKey("the header Authorization: Bearer KEY is missing; enrol this kiosk")
    sent = key_hash(authorization.removeprefix(SCHEME))
    row = session.connection().execute(_BY_KEY, {"sent": sent}).one_or_none()
    if row is None or not hmac.compare_digest(row.key_hash, sent):
        raise BadKey("no kiosk has this key; enrol this kiosk again")
    if row.retired_at is not None:
        raise KioskRetired(f"staff retired the kiosk {row.name}; enrol it again to use it")
    return KnownKiosk(
        id=row.id,
        name=row.name,
        unit_id=row.unit_id,
        counter_id=row.counter_id,
        carry_key_sealed=row.carry_key_sealed,
    )
