"""The wire between kiosk and server: versions, limits, verdicts, and how a batch is written and read.

The protocol is described in `docs/wire.md`. Golden files in `tests/survey/golden/` hold it still.
"""

import gzip
import io
import json
import uuid
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

from survey import codec
from survey.errors import BadDocument, UnknownVersion
from survey.rating import COMMENT_LIMIT, SOURCES, Rating, digest
from survey.runs import Run, fates_of, hash_of

VERSIONS = {1: "2026-11-23"}
"""Each version of the wire with its date. Old kiosks live for years: a version is added, never edited."""
MIN, MAX = 1, 1

_GZIP = 16 + zlib.MAX_WBITS
"""zlib's word for: with gzip's head, which then holds no time."""

MAX_RATINGS = 500
MAX_BYTES = 1024 * 1024
"""Limits of one batch: ratings, and bytes after unpacking. More is answered 413, `batch_too_large`."""


class Verdict(StrEnum):
    """What became of one rating."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REFUSED = "refused"

    @property
    def settles(self) -> bool:
        """Whether the server has the rating, so that the kiosk may forget it; otherwise it is parked."""
        return self in (Verdict.STORED, Verdict.DUPLICATE)


RATING_CODES = {
    "id_reused": "another rating with this id and other content is stored already; a person must look at both",
    "unknown_officer": "no officer with this id was ever on this server",
    "unknown_counter": "no counter with this id was ever on this server",
    "unknown_service": "no service with this id was ever on this server",
    "unknown_survey": "no survey with this id was ever published on this server",
    "bad_level": "the level is not on the scale, or the scale is not known",
    "bad_reason": "a reason is not known",
    "bad_time": "the time is unreadable or more than 10 minutes in the future",
    "bad_field": "a field is missing, of a wrong type or too long; see the log of the server",
    "bad_ticket": "stored, but without its dossier: the ticket is forged, damaged or expired",
}
"""Codes of one rating's receipt. `bad_ticket` comes with *stored* and its *duplicate*, `id_reused` with *conflict*."""

PROBLEM_CODES = {
    "bad_key": (401, "the key is missing or unknown"),
    "kiosk_retired": (401, "this kiosk was retired by staff"),
    "bad_code": (403, "the enrolment code is wrong, used or older than 15 minutes"),
    "not_found": (404, "there is nothing at this address"),
    "method_not_allowed": (405, "this address does not take this method"),
    "batch_too_large": (413, "more than 500 ratings or 1 MiB unpacked"),
    "unsupported_media": (415, "the body must be JSON, plain or gzip"),
    "bad_json": (400, "the body is not JSON"),
    "bad_encoding": (400, "the body is not UTF-8, or not the gzip that it says"),
    "bad_batch": (422, "the body is JSON, but not a batch"),
    "bad_request": (422, "the body is JSON, but not what this address takes"),
    "unknown_version": (422, "this version of the wire is not spoken here"),
    "too_many_requests": (429, "too many tries; wait as Retry-After says"),
    "internal": (500, "a fault of the server; send the same again later"),
    "busy": (503, "the server is busy; wait as Retry-After says"),
}
"""Codes of a whole request's failure (RFC 9457 problem details), with status and meaning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A moment when the kiosk met the server: that boot's monotonic clock beside the server's time."""

    boot_id: str
    monotonic_ms: int
    server_time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How the kiosk is. clock: `sure | unsure`; disk_free_mb in MB; battery_percent 0–100 or null."""

    app_version: str = ""
    setup_etag: str | None = None
    waiting: int = 0
    parked: int = 0
    clock: str = "unsure"
    disk_free_mb: int | None = None
    battery_percent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Ratings sent together, oldest first, with the kiosk's state; no ratings at all is a heartbeat."""

    version: int = MAX
    sent_at: str
    boot_id: str
    monotonic_ms: int
    anchors: tuple[Anchor, ...] = ()
    status: Status = Status()
    ratings: tuple[Rating, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _ShortRating(Rating):
    """A rating as `pack` writes it."""

    prev: str | None = ""  # type: ignore[assignment]


@dataclass(frozen=True, slots=True, kw_only=True)
class _ShortBatch(Batch):
    """A batch as `pack` writes it."""

    ratings: tuple[_ShortRating, ...] = ()

    def whole(self) -> Batch:
        """The batch with each `prev` in its place. Raises `BadDocument` for a first one that is null."""
        ratings: list[Rating] = []
        for short in self.ratings:
            given = {field.name: getattr(short, field.name) for field in fields(Rating)}
            if short.prev is None:
                if not ratings:
                    raise BadDocument(["ratings[0].prev: null, but no rating stands before it; send it in full"])
                try:
                    given["prev"] = digest(ratings[-1])
                except ValueError as error:  # its time is no time: what follows it cannot be told
                    raise BadDocument([f"ratings[{len(ratings) - 1}].tapped_at: {error}"]) from error
            ratings.append(Rating(**given))
        head = {field.name: getattr(self, field.name) for field in fields(Batch)}
        return Batch(**{**head, "ratings": tuple(ratings)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one rating; `code` is one of `RATING_CODES` or null."""

    id: str
    verdict: str
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to a batch: one receipt for each rating, in order."""

    version: int = MAX
    received_at: str
    stored_total: int
    receipts: tuple[Receipt, ...]


PREFERENCE = "return=minimal"
"""What a kiosk that reads a `ShortReply` says in the header `Prefer` (RFC 7240). Older servers pass it over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortReply:
    """The answer to a batch for a kiosk that prefers it short. answers: `survey.runs.hash_of` of the ratings' ids."""

    version: int = MAX
    received_at: str
    stored_total: int
    answers: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """The answer to an enrolment. `key` and `carry_key` are shown this once."""

    kiosk_id: str
    key: str
    carry_key: str
    unit_id: str
    counter_id: str | None = None


def to_json(document: object) -> bytes:
    """A document as compact UTF-8 JSON, keys in the order of the wire."""
    return _dumps(codec.encode(document))


def _dumps(plain: object) -> bytes:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()


def pack(batch: Batch) -> bytes:
    """A batch as the body of a request with `Content-Encoding: gzip`. The same batch gives the same bytes.

    A `prev` that is the digest of the rating before it in the batch goes as null: 32 random bytes a rating are most
    of what gzip cannot shorten, and the server makes them again. The compressor is told to leave short repetitions
    alone (Z_FILTERED): among random ids, which are half of what is left, they cost more than they save. 45.9 bytes a
    rating become 42.7 (batches of 500 with dossiers, minutes apart).
    """
    plain = codec.encode(batch)
    for before, rating, written in zip(batch.ratings, batch.ratings[1:], plain["ratings"][1:], strict=False):
        if rating.prev == digest(before):
            written["prev"] = None
    packing = zlib.compressobj(9, zlib.DEFLATED, _GZIP, zlib.DEF_MEM_LEVEL, zlib.Z_FILTERED)
    return packing.compress(_dumps(plain)) + packing.flush()


def unpack(body: bytes, limit: int = MAX_BYTES) -> bytes:
    """The JSON inside a gzip body, never more than `limit` bytes of it in memory.

    Raises `BadDocument` when it is damaged, cut off, or larger when unpacked (a gzip bomb).
    """
    try:
        stream = zlib.decompressobj(_GZIP)
        plain = stream.decompress(body, limit + 1)
        if len(plain) <= limit and (not stream.eof or stream.unused_data):
            # Cut off, in several parts, or with something behind it: the slow reader knows them all.
            with gzip.GzipFile(fileobj=io.BytesIO(body)) as parts:
                plain = parts.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BadDocument([f"body: is not a whole gzip stream ({error}); send it again"]) from error
    if len(plain) > limit:
        raise BadDocument([f"body: unpacks to more than {limit} bytes; send smaller batches"])
    return plain


def read_batch(body: bytes) -> Batch:
    """A batch from its plain JSON, each rating checked. Raises `BadDocument` or `UnknownVersion`."""
    plain = _loads(body)
    version = plain.get("version") if isinstance(plain, dict) else None
    if isinstance(version, int) and not MIN <= version <= MAX:
        raise UnknownVersion(f"version: {version} is not spoken here, only {MIN} to {MAX}; update the server")
    batch = codec.decode(_ShortBatch, plain).whole()
    faults = [f"ratings[{i}].{fault}" for i, rating in enumerate(batch.ratings) for fault in rating_faults(rating)]
    if faults:
        raise BadDocument(faults)
    return batch


def read_reply(body: bytes, sent: Sequence[Rating]) -> Reply:
    """The server's answer to `sent`, short or whole. Raises `BadDocument` when it is not ours (a captive portal's page,
    say) or does not answer exactly what was sent; then nothing may be settled and the same batch is sent again."""
    plain = _loads(body)
    is_short = isinstance(plain, dict) and "runs" in plain
    reply = _whole(codec.decode(ShortReply, plain), sent) if is_short else codec.decode(Reply, plain)
    if [receipt.id for receipt in reply.receipts] != [rating.id for rating in sent]:
        raise BadDocument(["receipts: do not answer the ratings that were sent, one by one and in order"])
    unknown = {r.verdict for r in reply.receipts} - set(Verdict)
    if unknown:
        raise BadDocument([f"receipts: unknown verdict {', '.join(sorted(unknown))}; update this kiosk"])
    return reply


def _whole(short: ShortReply, sent: Sequence[Rating]) -> Reply:
    if short.answers != hash_of(rating.id for rating in sent):
        raise BadDocument(["answers: is the hash of other ratings than those that were sent"])
    fates = fates_of(short.runs, len(sent))
    return Reply(
        version=short.version,
        received_at=short.received_at,
        stored_total=short.stored_total,
        receipts=tuple(
            Receipt(id=rating.id, verdict=verdict, code=code)
            for rating, (verdict, code) in zip(sent, fates, strict=True)
        ),
    )


def rating_faults(rating: Rating) -> list[str]:
    """What is wrong with a rating that has the right shape: one sentence a fault, the field first."""
    faults = []
    if not _is_uuid(rating.id):
        faults.append(f"id: must be a UUID, not {rating.id!r}")
    if rating.seq < 1 or rating.monotonic_ms < 0:
        faults.append(f"seq: must be 1 or more and monotonic_ms 0 or more, not {rating.seq}, {rating.monotonic_ms}")
    if rating.prev and not (len(rating.prev) == 64 and set(rating.prev) <= set("0123456789abcdef")):
        faults.append(f"prev: must be '' or 64 hex digits, not {rating.prev!r}")
    if rating.source not in SOURCES:
        faults.append(f"source: must be one of {', '.join(SOURCES)}, not {rating.source!r}")
    if rating.comment is not None and len(rating.comment) > COMMENT_LIMIT:
        faults.append(f"comment: has {len(rating.comment)} characters, at most {COMMENT_LIMIT} are taken")
    if read_time(rating.tapped_at) is None:
        faults.append(f"tapped_at: must be ISO 8601 with offset, not {rating.tapped_at!r}")
    return faults


def read_time(text: str) -> datetime | None:
    """A moment with its offset, or None when `text` is no ISO 8601 time with one."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.utcoffset() is not None else None


def write_time(moment: datetime) -> str:
    """A moment as the wire writes it: milliseconds and offset."""
    return moment.isoformat(timespec="milliseconds")


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _loads(body: bytes) -> object:
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except BadDocument:
        raise
    except (ValueError, RecursionError) as error:  # also a number of thousands of digits
        raise BadDocument([f"body: is not JSON in UTF-8 ({error})"]) from error


def _no_constant(name: str) -> object:
    raise BadDocument([f"body: {name} is no JSON number"])
