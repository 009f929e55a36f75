"""What kiosks send and get, as msgspec types: they validate, and the OpenAPI document is made from them.

msgspec because 500 ratings are validated in about 1 ms, where pydantic takes 4 and jsonschema 50 (docs/limits.md).
Field order is the order of the wire (docs/wire.md).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from survey import wire
from survey.rating import COMMENT_LIMIT
from survey.runs import Run, hash_of, runs_of
from sync_server.errors import ServerError

LATEST_MS = 2**53
"""No time, and no clock since a boot, is later: 285 thousand years, and still exact in every JSON reader."""
BOOT_ID_LIMIT, TICKET_LIMIT, CODE_LIMIT = 64, 2048, 100

Milliseconds = Annotated[int, Meta(ge=0, le=LATEST_MS)]
BootId = Annotated[str, Meta(min_length=1, max_length=BOOT_ID_LIMIT)]


class DossierIn(Struct, frozen=True):
    """The citizen's file: its code, and the signed ticket that named it where there was one."""

    code: Annotated[str, Meta(max_length=CODE_LIMIT)] | None = None
    ticket: Annotated[str, Meta(max_length=TICKET_LIMIT)] | None = None


class RatingIn(Struct, frozen=True):
    """One rating as it goes over the wire; `survey.rating.Rating` says what the fields mean.

    prev is null where it is the digest of the rating before in the same batch (docs/wire.md, Ledger).
    """

    id: str
    seq: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    prev: str | None
    officer_id: str
    counter_id: str | None
    service_id: str | None
    survey_id: str
    scale: str
    level: int
    reasons: tuple[str, ...]
    comment: Annotated[str, Meta(max_length=COMMENT_LIMIT)] | None
    language: str
    dossier: DossierIn | None
    source: str
    tapped_at: str
    boot_id: BootId
    monotonic_ms: Milliseconds


MAY_BE_LEFT_OUT: Mapping[str, Any] = {
    "prev": "",
    "counter_id": None,
    "service_id": None,
    "reasons": [],
    "comment": None,
    "language": "vi",
    "dossier": None,
    "source": "kiosk",
}
"""The fields that a rating may leave out, as in `survey.rating.Rating`, and what they are then."""


class AnchorIn(Struct, frozen=True):
    """A moment when the kiosk met the server: that boot's monotonic clock beside the server's time."""

    boot_id: BootId
    monotonic_ms: Milliseconds
    server_time: str


class StatusIn(Struct, frozen=True):
    """How the kiosk is, for the page of kiosks."""

    app_version: Annotated[str, Meta(max_length=60)] = ""
    setup_etag: Annotated[str, Meta(max_length=200)] | None = None
    waiting: Milliseconds = 0
    parked: Milliseconds = 0
    clock: Annotated[str, Meta(max_length=20)] = "unsure"
    disk_free_mb: Milliseconds | None = None
    battery_percent: Annotated[int, Meta(ge=0, le=100)] | None = None


class BatchIn(Struct, frozen=True):
    """The body of POST /api/v1/batches. No ratings at all is a heartbeat."""

    version: int
    sent_at: Annotated[str, Meta(max_length=60)]
    boot_id: BootId
    monotonic_ms: Milliseconds
    anchors: tuple[AnchorIn, ...] = ()
    status: StatusIn = StatusIn()
    ratings: tuple[RatingIn, ...] = ()


class _Head(Struct, frozen=True):
    """A batch whose ratings are read one by one, since one of them is wrong."""

    version: int
    sent_at: Annotated[str, Meta(max_length=60)]
    boot_id: BootId
    monotonic_ms: Milliseconds
    anchors: tuple[AnchorIn, ...] = ()
    status: StatusIn = StatusIn()
    ratings: tuple[Any, ...] = ()


class ReceiptOut(Struct, frozen=True):
    """What became of one rating; `code` is one of `survey.wire.RATING_CODES` or null."""

    id: str
    verdict: str
    code: str | None = None


class ReplyOut(Struct, frozen=True):
    """The answer to a batch: one receipt for each rating, in order."""

    version: int
    received_at: str
    stored_total: int
    receipts: list[ReceiptOut]


class ShortReplyOut(Struct, frozen=True):
    """The same for a kiosk that sends `Prefer: return=minimal`: the hash of the ids, and how many in a row met the
    same fate."""

    version: int
    received_at: str
    stored_total: int
    answers: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    runs: list[Run]


def shorten(reply: ReplyOut) -> ShortReplyOut:
    """The reply without the ids, which the kiosk knows."""
    return ShortReplyOut(
        version=reply.version,
        received_at=reply.received_at,
        stored_total=reply.stored_total,
        answers=hash_of(receipt.id for receipt in reply.receipts),
        runs=runs_of((str(receipt.verdict), receipt.code) for receipt in reply.receipts),
    )


class NotABatch(ServerError):
    """The body is no batch. `code` is one of `survey.wire.PROBLEM_CODES`; the same body again is useless."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(detail)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A rating that has not the shape of one: what came, and what is wrong with it."""

    plain: Any
    fault: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """A batch as read: its head, and its ratings in order, each whole or `Unreadable`."""

    boot_id: str
    monotonic_ms: int
    anchors: Sequence[AnchorIn]
    status: StatusIn
    ratings: Sequence[RatingIn | Unreadable]


_decoder = msgspec.json.Decoder(BatchIn)
_encode = msgspec.json.Encoder().encode


def read_batch(body: bytes) -> Incoming:
    """A batch from its plain JSON. A wrong rating never spoils its neighbours. Raises `NotABatch`.

    A body that reads at once and, written again, is the same bytes holds nothing that was passed over: no key
    twice, no unknown key. That is how our kiosks write; any other body is read with Python's own reader, slower and
    with those checks one by one.
    """
    try:
        batch = _decoder.decode(body)
        if _encode(batch) == body:
            return _incoming(batch, batch.ratings)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass  # the second reading finds out what is wrong, and where
    head = _read_head(load_json(body))
    return _incoming(head, tuple(_read_rating(plain) for plain in head.ratings))


def _incoming(head: BatchIn | _Head, ratings: Sequence[RatingIn | Unreadable]) -> Incoming:
    if not wire.MIN <= head.version <= wire.MAX:
        spoken = f"only {wire.MIN} to {wire.MAX}"
        raise NotABatch("unknown_version", f"version {head.version} is not spoken here, {spoken}; update the server")
    if len(ratings) > wire.MAX_RATINGS:
        count = f"{len(ratings)} ratings, at most {wire.MAX_RATINGS} are taken at once"
        raise NotABatch("batch_too_large", f"the batch has {count}; send smaller ones")
    _check_prev(ratings)
    return Incoming(head.boot_id, head.monotonic_ms, head.anchors, head.status, ratings)


def _check_prev(ratings: Sequence[RatingIn | Unreadable]) -> None:
    """A rating whose `prev` is null needs a readable one before it. The whole batch is rejected, not the rating: the
    kiosk then sends smaller ones, in which the first always names its own, and no wrong rating spoils its neighbour."""
    before: RatingIn | Unreadable | None = None
    for place, rating in enumerate(ratings):
        if isinstance(rating, RatingIn) and rating.prev is None and not isinstance(before, RatingIn):
            raise NotABatch("bad_batch", f"ratings[{place}].prev: null, but no readable rating stands before it")
        before = rating


def _read_head(plain: Any) -> _Head:
    if isinstance(plain, dict) and type(version := plain.get("version")) is int and not 0 < version <= wire.MAX:
        # Another version may have another shape: say that, and not what is wrong with the shape.
        raise NotABatch("unknown_version", f"version {str(version)[:20]} is not spoken here; update the server")
    try:
        return msgspec.convert(plain, _Head)
    except (msgspec.ValidationError, OverflowError) as error:
        raise NotABatch("bad_batch", f"the body is no batch: {error}") from error


def _read_rating(plain: Any) -> RatingIn | Unreadable:
    if not isinstance(plain, dict):
        return Unreadable(plain, "a rating must be an object")
    try:
        return msgspec.convert({**MAY_BE_LEFT_OUT, **plain}, RatingIn)
    except (msgspec.ValidationError, OverflowError) as error:
        return Unreadable(plain, str(error))


def load_json(body: bytes) -> Any:
    """Any JSON, strictly: UTF-8, no NaN, no key twice in an object, no half surrogate. Raises `NotABatch`."""
    try:
        plain = json.loads(body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise NotABatch("bad_encoding", f"the body is not UTF-8 ({error.reason} at byte {error.start})") from error
    except (ValueError, RecursionError) as error:
        raise NotABatch("bad_json", f"the body is not JSON: {str(error)[:200]}") from error
    if b"\\u" in body and not _is_text(plain):
        raise NotABatch("bad_encoding", "the body holds half of a surrogate pair, which is no text")
    return plain


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("an object has the same key twice, so that nobody knows which was meant")
    return made


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON number")


def _is_text(plain: Any) -> bool:
    try:
        json.dumps(plain, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
