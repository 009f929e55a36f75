"""The bytes that a ledger's chain is made of, built from parts without a general JSON writer.

`survey.rating.canonical` is the definition; this is the same for ratings whose texts need no escaping (which intake
has checked), four times as fast. It is also how `check` makes the bytes again from what a row holds.
"""

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from json import dumps

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def digest(
    *,
    boot_id: str,
    comment: str,
    counter_id: str | None,
    dossier: str,
    rating_id: str,
    language: str,
    level: int,
    monotonic_ms: int,
    officer_id: str,
    prev: str,
    reasons: str,
    scale: str,
    seq: int,
    service_id: str | None,
    source: str,
    survey_id: str,
    tapped_at: str,
) -> bytes:
    """SHA-256 of the canonical JSON. comment, dossier: their own digests in hex; reasons: as a JSON list, sorted."""
    counter = f'"{counter_id}"' if counter_id is not None else "null"
    service = f'"{service_id}"' if service_id is not None else "null"
    text = (
        f'{{"boot_id":"{boot_id}","comment":"{comment}","counter_id":{counter},"dossier":"{dossier}",'
        f'"id":"{rating_id}","language":"{language}","level":{level},"monotonic_ms":{monotonic_ms},'
        f'"officer_id":"{officer_id}","prev":"{prev}","reasons":{reasons},"scale":"{scale}","seq":{seq},'
        f'"service_id":{service},"source":"{source}","survey_id":"{survey_id}","tapped_at":"{tapped_at}"}}'
    )
    return hashlib.sha256(text.encode()).digest()


def erasable(rating_id: str, value: object) -> bytes:
    """What stands for a comment or a dossier in the chain: SHA-256(id ‖ its JSON)."""
    plain = dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False) if value is not None else "null"
    return hashlib.sha256((rating_id + plain).encode()).digest()


def milliseconds(moment: datetime) -> int:
    """A moment in milliseconds since 1970 UTC; what is finer is cut off, as the canonical text cuts it."""
    return (moment - EPOCH) // _MILLISECOND


def written(at: int, offset_min: int) -> str:
    """A moment as the canonical JSON has it: ISO 8601 with milliseconds and its offset."""
    zone = timezone(timedelta(minutes=offset_min))
    return (EPOCH + timedelta(milliseconds=at)).astimezone(zone).isoformat(timespec="milliseconds")
