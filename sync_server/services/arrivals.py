"""What can be said of a rating before the database is asked: is it well formed, what is its digest.

This runs before a transaction begins, so that nobody waits for it.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

import msgspec

from survey import rating as survey_rating
from survey import resources
from survey.questionnaire import read_reasons
from survey.rating import SOURCES, Rating
from sync_server import ids
from sync_server.messages import RatingIn, Unreadable
from sync_server.rulebook import rulebook
from sync_server.services import canonical

_MINUTE = timedelta(minutes=1)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
_HASH = re.compile(r"(?:[0-9a-f]{64})?").fullmatch
_PLAIN_BOOT = re.compile(r"[!#-\[\]-~]+").fullmatch
"""Printable ASCII without quote and backslash: text that JSON writes as it stands."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,4})?").fullmatch
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]").search
_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2999  # of a device's own clock, which may be wrong, but must be a time
_SOURCE_NUMBERS = {source: number for number, source in enumerate(SOURCES)}


@dataclass(slots=True)
class Arrival:
    """A rating that came, in the integers that are stored, or what is wrong with it.

    rating is None when it had not even the shape of one. code: of `survey.wire.RATING_CODES`, None while nothing
    is wrong; detail: for the log and for staff. tapped_at: milliseconds since 1970 UTC by the device's own clock;
    happened_at: by the server's, once that is known to be exact.
    """

    rating: RatingIn | None
    id: str
    id_bytes: bytes
    seq: int | None
    digest: bytes
    officer: int
    counter: int | None
    service: int | None
    survey: int
    source: int
    reasons: int
    tapped_at: int
    offset_min: int
    comment_digest: bytes | None
    dossier_digest: bytes | None
    code: str | None = None
    detail: str = ""
    plain: Any = None
    happened_at: int | None = None

    def refuse(self, code: str, detail: str) -> None:
        """It will not be stored. The first fault found stays."""
        if self.code is None:
            self.code, self.detail = code, detail


class _Reasons(NamedTuple):
    bits: int
    json: str


def read(ratings: Iterable[RatingIn | Unreadable]) -> list[Arrival]:
    """Each rating as an `Arrival`, in order; one whose `prev` is null continues the one before it."""
    arrived: list[Arrival] = []
    for item in ratings:
        if isinstance(item, Unreadable):
            arrived.append(_unreadable(item))
            continue
        if item.prev is None:  # `read_batch` has seen to it that there is one before
            item = msgspec.structs.replace(item, prev=arrived[-1].digest.hex())
        arrived.append(_arrival(item, item.prev or ""))
    return arrived


def _unreadable(item: Unreadable) -> Arrival:
    plain = item.plain if isinstance(item.plain, dict) else {}
    rating_id, seq = plain.get("id"), plain.get("seq")
    return Arrival(
        rating=None,
        id=rating_id if isinstance(rating_id, str) else "",
        id_bytes=b"",
        seq=seq if type(seq) is int and 1 <= seq < 2**31 else None,
        digest=hashlib.sha256(json.dumps(item.plain, sort_keys=True).encode()).digest(),
        officer=0, counter=None, service=None, survey=0, source=0, reasons=0, tapped_at=0, offset_min=0,
        comment_digest=None, dossier_digest=None,
        code="bad_field", detail=item.fault, plain=item.plain,
    )  # fmt: skip


def _arrival(rating: RatingIn, prev: str) -> Arrival:
    fault = _shape_fault(rating, prev)
    try:
        moment = datetime.fromisoformat(rating.tapped_at)
        offset = moment.utcoffset()
    except ValueError:
        moment, offset = canonical.EPOCH, None
    if offset is None or offset % _MINUTE or not _EARLIEST_YEAR <= moment.year <= _LATEST_YEAR:
        fault = fault or ("bad_time", f"tapped_at: must be ISO 8601 with offset, not {rating.tapped_at!r}")
        moment, offset = canonical.EPOCH, timedelta(0)
    reasons = _reasons_of(rating.reasons)
    if reasons is None:
        fault = fault or ("bad_reason", f"reasons: unknown, or one of them twice: {list(rating.reasons)}")
    scale = rulebook().scales.get(rating.scale)
    if scale is None or not scale.knows(rating.level):
        fault = fault or ("bad_level", f"level: {rating.level} is not on the scale {rating.scale!r}")
    officer = _number(ids.OFFICER, rating.officer_id)
    counter = _number(ids.COUNTER, rating.counter_id) if rating.counter_id is not None else None
    service = _number(ids.SERVICE, rating.service_id) if rating.service_id is not None else None
    survey = _number(ids.SURVEY, rating.survey_id)
    fault = fault or _id_fault(rating, officer, counter, service, survey)
    erasable = canonical.erasable
    comment = erasable(rating.id, rating.comment)
    dossier = comment if rating.comment is None and rating.dossier is None else erasable(rating.id, _dossier(rating))
    return Arrival(
        rating=rating,
        id=rating.id,
        id_bytes=bytes.fromhex(rating.id.replace("-", "")) if fault is None else b"",
        seq=rating.seq,
        digest=_digest(rating, prev, moment, comment, dossier, reasons) if fault is None and reasons else _slow(rating),
        officer=officer or 0, counter=counter, service=service, survey=survey or 0,
        source=_SOURCE_NUMBERS.get(rating.source, 0), reasons=reasons.bits if reasons else 0,
        tapped_at=canonical.milliseconds(moment), offset_min=offset // _MINUTE,
        comment_digest=comment if rating.comment is not None else None,
        dossier_digest=dossier if rating.dossier is not None else None,
        code=fault[0] if fault else None, detail=fault[1] if fault else "",
    )  # fmt: skip


def _shape_fault(rating: RatingIn, prev: str) -> tuple[str, str] | None:
    if not _UUID(rating.id):
        return "bad_field", f"id: must be a UUID in small letters, not {rating.id[:60]!r}"
    if not _HASH(prev):
        return "bad_field", f"prev: must be '' or 64 hex digits, not {prev[:80]!r}"
    if rating.source not in _SOURCE_NUMBERS:
        return "bad_field", f"source: must be one of {', '.join(SOURCES)}, not {rating.source[:40]!r}"
    if not _PLAIN_BOOT(rating.boot_id):
        return "bad_field", f"boot_id: must be printable ASCII without quotes, not {rating.boot_id!r}"
    if not _LANGUAGE(rating.language):
        return "bad_field", f"language: must be a code like 'vi', not {rating.language[:40]!r}"
    if rating.comment is not None and _CONTROL(rating.comment):
        return "bad_field", "comment: holds a control character"
    if rating.dossier is not None and _CONTROL(rating.dossier.code or ""):
        return "bad_field", "dossier.code: holds a control character"
    return None


def _id_fault(
    rating: RatingIn, officer: int | None, counter: int | None, service: int | None, survey: int | None
) -> tuple[str, str] | None:
    if officer is None:
        return "unknown_officer", f"officer_id: no officer is {rating.officer_id[:40]!r}"
    if counter is None and rating.counter_id is not None:
        return "unknown_counter", f"counter_id: no counter is {rating.counter_id[:40]!r}"
    if service is None and rating.service_id is not None:
        return "unknown_service", f"service_id: no service is {rating.service_id[:40]!r}"
    if survey is None:
        return "unknown_survey", f"survey_id: no survey is {rating.survey_id[:40]!r}"
    return None


@lru_cache(maxsize=8192)
def _number(kind: str, text: str) -> int | None:
    """The number in an id, None also for one written otherwise (`o017`): the row could not tell how."""
    number = ids.read_id(kind, text)
    return number if number is not None and ids.write_id(kind, number) == text else None


@cache
def _reason_bits() -> dict[str, int]:
    return {code: 1 << reason.bit for code, reason in read_reasons(resources.config() / "reasons.toml").items()}


@lru_cache(maxsize=4096)
def _reasons_of(codes: tuple[str, ...]) -> _Reasons | None:
    """The bits of known reasons, each there once, and their sorted JSON list; None otherwise."""
    known = _reason_bits()
    if len(set(codes)) != len(codes) or not known.keys() >= set(codes):
        return None
    return _Reasons(sum(known[code] for code in codes), reasons_json(codes))


def reasons_json(codes: Sequence[str]) -> str:
    """Known reasons as canonical JSON has them: sorted, without spaces."""
    return json.dumps(sorted(codes), separators=(",", ":"))


def reasons_in(bits: int) -> list[str]:
    """The codes of the reasons whose bits are set."""
    return [code for code, bit in _reason_bits().items() if bits & bit]


def _dossier(rating: RatingIn) -> dict[str, str | None] | None:
    return {"code": rating.dossier.code, "ticket": rating.dossier.ticket} if rating.dossier is not None else None


def _digest(rating: RatingIn, prev: str, moment: datetime, comment: bytes, dossier: bytes, reasons: _Reasons) -> bytes:
    return canonical.digest(
        boot_id=rating.boot_id,
        comment=comment.hex(),
        counter_id=rating.counter_id,
        dossier=dossier.hex(),
        rating_id=rating.id,
        language=rating.language,
        level=rating.level,
        monotonic_ms=rating.monotonic_ms,
        officer_id=rating.officer_id,
        prev=prev,
        reasons=reasons.json,
        scale=rating.scale,
        seq=rating.seq,
        service_id=rating.service_id,
        source=rating.source,
        survey_id=rating.survey_id,
        tapped_at=moment.isoformat(timespec="milliseconds"),
    )


def _slow(rating: RatingIn) -> bytes:
    """The digest of a rating with some fault: by the definition where that works, else of all that it holds."""
    plain = msgspec.to_builtins(rating)
    try:
        dossier = survey_rating.Dossier(**plain.pop("dossier")) if rating.dossier else plain.pop("dossier")
        return bytes.fromhex(survey_rating.digest(Rating(**plain, dossier=dossier)))
    except ValueError:
        return hashlib.sha256(json.dumps(msgspec.to_builtins(rating), sort_keys=True).encode()).digest()
