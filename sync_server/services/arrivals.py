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
from typing import Any

import msgspec

from survey import rating as survey_rating
from survey import resources
from survey.questionnaire import read_reasons
from survey.rating import SOURCES, Rating
from sync_server import ids
from sync_server.messages import RatingIn, Unreadable
from sync_server.rulebook import rulebook
from sync_server.services import canonical
from sync_server.services.canonical import Template, erasable, json_comment, json_dossier

Fault = tuple[str, str]
"""A code of `survey.wire.RATING_CODES`, and a sentence for the log and for staff."""

_MINUTE = timedelta(minutes=1)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
_HASH = re.compile(r"(?:[0-9a-f]{64})?").fullmatch
_PLAIN_BOOT = re.compile(r"[!#-\[\]-~]+").fullmatch
"""Printable ASCII without quote and backslash: text that JSON writes as it stands."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,4})?").fullmatch
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]").search
_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2999  # of a device's own clock, which may be wrong, but must be a time
_SOURCE_NUMBERS = {source: number for number, source in enumerate(SOURCES)}


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """What many ratings have in common, worked out once: the numbers behind their ids, their canonical JSON.

    source: index in `SOURCES`; reasons: bits. fault: what is wrong with all of them; template is None then.
    """

    boot_id: str
    scale: str
    level: int
    officer: int
    counter: int | None
    service: int | None
    survey: int
    source: int
    reasons: int
    template: Template | None
    fault: Fault | None


@dataclass(slots=True)
class Arrival:
    """A rating that came, in the integers that are stored, or what is wrong with it.

    rating is None when it had not even the shape of one; plain is then what came. prev: written out also where it
    was left out. code: of `survey.wire.RATING_CODES`, None while nothing is wrong; detail: for the log and for
    staff. tapped_at: milliseconds since 1970 UTC by the device's own clock; happened_at: by the server's, once that
    is known to be exact.
    """

    rating: RatingIn | None
    kind: Kind
    id: str
    id_bytes: bytes
    seq: int | None
    prev: str
    digest: bytes
    tapped_at: int
    offset_min: int
    comment_digest: bytes | None
    dossier_digest: bytes | None
    code: str | None = None
    detail: str = ""
    plain: Any = None
    happened_at: int | None = None

    @property
    def officer(self) -> int:
        """The number of the officer who was rated."""
        return self.kind.officer

    @property
    def reasons(self) -> int:
        """The bits of the reasons given."""
        return self.kind.reasons

    def refuse(self, code: str, detail: str) -> None:
        """It will not be stored. The first fault found stays."""
        if self.code is None:
            self.code, self.detail = code, detail


_NO_KIND = Kind("", "", 0, 0, None, None, 0, 0, 0, None, None)


def read(ratings: Iterable[RatingIn | Unreadable]) -> list[Arrival]:
    """Each rating as an `Arrival`, in order; one whose `prev` is null continues the one before it."""
    arrived: list[Arrival] = []
    for item in ratings:
        if isinstance(item, Unreadable):
            arrived.append(_unreadable(item))
        elif item.prev is None:  # `read_batch` has seen to it that there is one before
            arrived.append(_arrival(item, arrived[-1].digest.hex(), _own_fault(item)))
        else:
            arrived.append(_arrival(item, item.prev, _own_fault(item) or _prev_fault(item.prev)))
    return arrived


def _unreadable(item: Unreadable) -> Arrival:
    plain = item.plain if isinstance(item.plain, dict) else {}
    rating_id, seq = plain.get("id"), plain.get("seq")
    return Arrival(
        rating=None,
        kind=_NO_KIND,
        id=rating_id if isinstance(rating_id, str) else "",
        id_bytes=b"",
        seq=seq if type(seq) is int and 1 <= seq < 2**31 else None,
        prev="",
        digest=hashlib.sha256(json.dumps(item.plain, sort_keys=True).encode()).digest(),
        tapped_at=0,
        offset_min=0,
        comment_digest=None,
        dossier_digest=None,
        code="bad_field",
        detail=item.fault,
        plain=item.plain,
    )


def _arrival(rating: RatingIn, prev: str, fault: Fault | None) -> Arrival:
    kind = _kind(
        rating.officer_id, rating.counter_id, rating.service_id, rating.survey_id, rating.scale, rating.level,
        rating.reasons, rating.language, rating.source, rating.boot_id,
    )  # fmt: skip
    fault = fault or kind.fault
    tapped = _tapped(rating.tapped_at)
    if tapped is None:
        fault = fault or ("bad_time", f"tapped_at: must be ISO 8601 with offset, not {rating.tapped_at!r}")
    if fault is not None or tapped is None or kind.template is None:
        code, detail = fault or ("bad_field", "cannot be read")
        digest = _slow_digest(rating, prev)
        return Arrival(rating, kind, rating.id, b"", rating.seq, prev, digest, 0, 0, None, None, code, detail)
    rating_id = rating.id
    tapped_at, offset_min, written = tapped
    comment = dossier = None
    nothing = ""
    if rating.comment is None or rating.dossier is None:
        nothing = erasable(rating_id, "null").hex()
    if rating.comment is not None:
        comment = erasable(rating_id, json_comment(rating.comment))
    if rating.dossier is not None:
        dossier = erasable(rating_id, json_dossier(rating.dossier.code, rating.dossier.ticket))
    digest = kind.template.digest(
        rating_id, rating.seq, prev, rating.monotonic_ms, written,
        comment.hex() if comment is not None else nothing, dossier.hex() if dossier is not None else nothing,
    )  # fmt: skip
    id_bytes = bytes.fromhex(rating_id.replace("-", ""))
    return Arrival(rating, kind, rating_id, id_bytes, rating.seq, prev, digest, tapped_at, offset_min, comment, dossier)


Tapped = tuple[int, int, str]
"""Milliseconds since 1970 UTC, the offset in minutes, and the moment as the canonical JSON has it."""


def _tapped(text: str) -> Tapped | None:
    """When a device says that it was touched; None for what is no time with an offset."""
    if len(text) == 29 and text[16] == ":" and text[19] == ".":  # as our kiosks write: 2026-03-02T08:15:02.123+07:00
        digits = text[14:16] + text[17:19] + text[20:23]
        if digits.isascii() and digits.isdigit():
            number = int(digits)
            minute, second = number // 100_000, number // 1000 % 100
            begun = _hour(text[:14], text[23:])
            if begun is not None and minute < 60 and second < 60:
                return begun[0] + (minute * 60 + second) * 1000 + number % 1000, begun[1], text
    return _read_tapped(text)


@lru_cache(maxsize=4096)
def _hour(begins: str, offset: str) -> tuple[int, int] | None:
    """The begin of an hour in milliseconds and its offset in minutes; None when its text is not the canonical one."""
    found = _read_tapped(f"{begins}00:00.000{offset}")
    return found[:2] if found is not None and found[2] == f"{begins}00:00.000{offset}" else None


def _read_tapped(text: str) -> Tapped | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    offset = moment.utcoffset()
    if offset is None or offset % _MINUTE or not _EARLIEST_YEAR <= moment.year <= _LATEST_YEAR:
        return None
    return canonical.milliseconds(moment), offset // _MINUTE, canonical.as_written(text, moment)


def _prev_fault(prev: str) -> Fault | None:
    if not _HASH(prev):
        return "bad_field", f"prev: must be '' or 64 hex digits, not {prev[:80]!r}"
    return None


def _own_fault(rating: RatingIn) -> Fault | None:
    """What is wrong with what only this rating has."""
    if not _UUID(rating.id):
        return "bad_field", f"id: must be a UUID in small letters, not {rating.id[:60]!r}"
    if rating.comment is not None and _has_control(rating.comment):
        return "bad_field", "comment: holds a control character"
    if rating.dossier is not None and rating.dossier.code is not None and _has_control(rating.dossier.code):
        return "bad_field", "dossier.code: holds a control character"
    return None


def _has_control(text: str) -> bool:
    return not text.isprintable() and _CONTROL(text) is not None  # the first question is ten times as quick


@lru_cache(maxsize=4096)
def _kind(
    officer_id: str,
    counter_id: str | None,
    service_id: str | None,
    survey_id: str,
    scale: str,
    level: int,
    reasons: tuple[str, ...],
    language: str,
    source: str,
    boot_id: str,
) -> Kind:
    officer, survey = _number(ids.OFFICER, officer_id), _number(ids.SURVEY, survey_id)
    counter = _number(ids.COUNTER, counter_id) if counter_id is not None else None
    service = _number(ids.SERVICE, service_id) if service_id is not None else None
    bits = _bits(reasons)
    known_scale = rulebook().scales.get(scale)
    checks = (
        (source not in _SOURCE_NUMBERS, "bad_field", f"source: must be one of {', '.join(SOURCES)}, not {source!r}"),
        (not _PLAIN_BOOT(boot_id), "bad_field", f"boot_id: must be printable ASCII without quotes, not {boot_id!r}"),
        (not _LANGUAGE(language), "bad_field", f"language: must be a code like 'vi', not {language!r}"),
        (bits is None, "bad_reason", f"reasons: unknown, or one of them twice: {list(reasons)}"),
        (
            known_scale is None or not known_scale.knows(level),
            "bad_level",
            f"level: {level} is not on the scale {scale!r}",
        ),
        (officer is None, "unknown_officer", f"officer_id: no officer is {officer_id!r}"),
        (counter is None and counter_id is not None, "unknown_counter", f"counter_id: no counter is {counter_id!r}"),
        (service is None and service_id is not None, "unknown_service", f"service_id: no service is {service_id!r}"),
        (survey is None, "unknown_survey", f"survey_id: no survey is {survey_id!r}"),
    )
    fault = next(((code, detail) for is_wrong, code, detail in checks if is_wrong), None)
    template = None
    if fault is None:
        template = Template(
            boot_id=boot_id, counter_id=counter_id, language=language, level=level, officer_id=officer_id,
            reasons=reasons_json(reasons), scale=scale, service_id=service_id, source=source, survey_id=survey_id,
        )  # fmt: skip
    number = _SOURCE_NUMBERS.get(source, 0)
    return Kind(boot_id, scale, level, officer or 0, counter, service, survey or 0, number, bits or 0, template, fault)


def _number(kind: str, text: str) -> int | None:
    """The number in an id, None also for one written otherwise (`o017`): the row could not tell how."""
    number = ids.read_id(kind, text)
    return number if number is not None and ids.write_id(kind, number) == text else None


@cache
def _reason_bits() -> dict[str, int]:
    return {code: 1 << reason.bit for code, reason in read_reasons(resources.config() / "reasons.toml").items()}


def _bits(codes: tuple[str, ...]) -> int | None:
    """The bits of known reasons, each there once; None otherwise."""
    known = _reason_bits()
    if len(set(codes)) != len(codes) or not known.keys() >= set(codes):
        return None
    return sum(known[code] for code in codes)


def reasons_json(codes: Sequence[str]) -> str:
    """Known reasons as canonical JSON has them: sorted, without spaces."""
    return json.dumps(sorted(codes), separators=(",", ":"))


def reasons_in(bits: int) -> list[str]:
    """The codes of the reasons whose bits are set."""
    return [code for code, bit in _reason_bits().items() if bits & bit]


def _slow_digest(rating: RatingIn, prev: str) -> bytes:
    """The digest of a rating with some fault: by the definition where that works, else of all that it holds."""
    plain = {**msgspec.to_builtins(rating), "prev": prev}
    try:
        dossier = survey_rating.Dossier(**plain["dossier"]) if rating.dossier else None
        return bytes.fromhex(survey_rating.digest(Rating(**{**plain, "dossier": dossier})))
    except ValueError:
        return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).digest()
