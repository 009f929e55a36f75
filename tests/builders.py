"""Ratings and batches that are valid by default; name only what a test is about."""

import uuid
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from survey import wire
from survey.rating import Rating, chained, digest
from survey.wire import Batch, Status

HANOI = timezone(timedelta(hours=7))
START = int(datetime(2026, 3, 2, 1, 0, tzinfo=UTC).timestamp()) * 1000
"""Monday 2 March 2026, 8:00 in Hanoi, in milliseconds since 1970 UTC: when tests begin."""
BOOT_AT = START - 600_000
"""When the tests' kiosk was switched on: its monotonic clock was 0 then."""
BOOT = "boot-1"


def written(at: int) -> str:
    """A moment as the wire writes it, in Hanoi's time."""
    return wire.write_time(datetime.fromtimestamp(at / 1000, HANOI))


def a_rating(*, at: int = START, **changes: Any) -> Rating:
    """A closed rating tapped `at`, by a device whose clock is right; not yet in a ledger (see `chain`)."""
    given: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "officer_id": "o1",
        "counter_id": "c1",
        "survey_id": "q1",
        "scale": "hl5",
        "level": 5,
        "tapped_at": written(at),
        "boot_id": BOOT,
        "monotonic_ms": at - BOOT_AT,
    }
    return Rating(**{**given, **changes})


def chain(*ratings: Rating, seq: int = 1, prev: str = "") -> tuple[Rating, ...]:
    """The ratings in their places of a ledger: numbers from `seq` on, each naming the digest of the one before."""
    placed = []
    for rating in ratings:
        placed.append(chained(rating, seq, prev))
        seq, prev = seq + 1, digest(placed[-1])
    return tuple(placed)


def a_batch(*ratings: Rating, at: int = START + 60_000, **changes: Any) -> Batch:
    """A batch sent `at`. Ratings that have no place yet (seq 0) are chained from 1 on; none at all is a heartbeat."""
    given: dict[str, Any] = {
        "sent_at": written(at),
        "boot_id": BOOT,
        "monotonic_ms": at - BOOT_AT,
        "status": Status(app_version="1.0.0", clock="sure", disk_free_mb=9000),
        "ratings": chain(*ratings) if all(rating.seq == 0 for rating in ratings) else ratings,
    }
    return Batch(**{**given, **changes})
