"""What one citizen said of one officer: frozen, with an id made at the tap, chained to the rating before it."""

import hashlib
import json
import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from survey import codec

SOURCES = ("kiosk", "home", "paper", "box", "phone", "observer")
COMMENT_LIMIT = 500
"""Characters (Unicode code points, NFC) of a comment."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """The citizen's file: its code, and the signed ticket that named it where there was one."""

    code: str | None = None
    ticket: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """A rating as it goes over the wire (`wire.md`, POST /batches); the fields stand there.

    seq and prev are 0 and '' until the rating is closed, which is when it takes its place in the ledger.
    tapped_at: ISO 8601 with offset, by the device's own clock; monotonic_ms: milliseconds since that boot.
    """

    id: str
    seq: int = 0
    prev: str = ""
    officer_id: str
    counter_id: str | None = None
    service_id: str | None = None
    survey_id: str
    scale: str
    level: int
    reasons: tuple[str, ...] = ()
    comment: str | None = None
    language: str = "vi"
    dossier: Dossier | None = None
    source: str = "kiosk"
    tapped_at: str
    boot_id: str
    monotonic_ms: int


def canonical(rating: Rating) -> bytes:
    """The bytes that the chain is made of: JSON, sorted keys, no spaces, UTF-8.

    `comment` and `dossier` stand as SHA-256(id ‖ their JSON), so that retention can erase them and the chain
    still verifies (`wire.md`, Ledger). Reasons are sorted and `tapped_at` is written with milliseconds, so that the
    server can make the same bytes again from its integers. Raises `ValueError` when `tapped_at` is no time.
    """
    plain = codec.encode(rating)
    plain["reasons"] = sorted(rating.reasons)
    moment = datetime.fromisoformat(rating.tapped_at)
    plain["tapped_at"] = moment.isoformat(timespec="milliseconds")
    for name in ("comment", "dossier"):
        plain[name] = hashlib.sha256((rating.id + _json(plain[name])).encode()).hexdigest()
    return _json(plain).encode()


def digest(rating: Rating) -> str:
    """SHA-256 of `canonical`, in hex: the next rating's `prev`."""
    return hashlib.sha256(canonical(rating)).hexdigest()


def chained(rating: Rating, seq: int, prev: str) -> Rating:
    """The rating at its place in the ledger; from here on nothing of it may change."""
    return replace(rating, seq=seq, prev=prev)


def receipt_code(rating_id: str) -> str:
    """Eight characters that prove a rating was counted and tell neither its level nor its officer.

    Crockford's base 32 of the first 40 bits of the id, which are random: no I, L, O or U to misread. The server finds
    the rating by them in the index of ids (`receipt_ids`), so that no receipt needs to be stored anywhere.
    """
    number = int.from_bytes(uuid.UUID(rating_id).bytes[:5], "big")
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(35, -1, -5))


def receipt_ids(code: str) -> tuple[bytes, bytes] | None:
    """The least and the greatest id (16 bytes each) with this receipt code, None when it is no receipt code.

    Case, spaces and dashes do not matter, nor do the letters that are misread for others.
    """
    plain = "".join(code.upper().split()).replace("-", "").translate(_MISREAD)
    if len(plain) != 8 or not set(plain) <= set(_CROCKFORD):
        return None
    number = 0
    for letter in plain:
        number = number << 5 | _CROCKFORD.index(letter)
    first = number.to_bytes(5, "big")
    return first + bytes(11), first + b"\xff" * 11


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
