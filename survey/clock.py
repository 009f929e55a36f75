"""When was it really? Arithmetic for devices whose clock lies (`wire.md`, Time).

All moments here are integers: milliseconds since 1970 UTC (`…_at`), or since a boot (`monotonic_ms`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Certainty(StrEnum):
    """How well a time is known: measured against the server; between two neighbours; not at all."""

    EXACT = "exact"
    BOUNDED = "bounded"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Meeting:
    """A kiosk met the server: in this boot, at this monotonic time, when the server's clock said so."""

    boot_id: str
    monotonic_ms: int
    server_at: int


@dataclass(frozen=True, slots=True)
class Tap:
    """A rating's place in time as the device saw it."""

    seq: int
    boot_id: str
    monotonic_ms: int


@dataclass(frozen=True, slots=True)
class Moment:
    """When it happened. at: the best estimate, None when unknown. earliest, latest: where it must lie."""

    certainty: Certainty
    at: int | None
    earliest: int | None = None
    latest: int | None = None


def by_meeting(tap: Tap, meetings: Iterable[Meeting]) -> int | None:
    """The true time of a tap by the meeting of the same boot that is nearest to it, None when there is none.

    A monotonic clock drifts some seconds a day, so that the nearest meeting errs least.
    """
    of_boot = [m for m in meetings if m.boot_id == tap.boot_id]
    if not of_boot:
        return None
    nearest = min(of_boot, key=lambda m: abs(m.monotonic_ms - tap.monotonic_ms))
    return nearest.server_at - (nearest.monotonic_ms - tap.monotonic_ms)


def place(taps: Sequence[Tap], meetings: Iterable[Meeting], *, not_after: int, bound_ms: int) -> list[Moment]:
    """When each tap happened. `taps` in order of seq, all of one ledger.

    A tap of a boot that met the server is exact. Another lies between its neighbours that are exact (a ledger
    only grows, so that seq orders time) and not after `not_after`, when the server received it. It is *bounded*
    when that span is at most `bound_ms` long, and *unknown* otherwise: nobody guesses in silence.
    """
    known = list(meetings)
    exact = [by_meeting(tap, known) for tap in taps]
    latest = _running(exact[::-1], not_after)[::-1]
    earliest = _running(exact, None)
    moments = []
    for at, low, high in zip(exact, earliest, latest, strict=True):
        if at is not None:
            moments.append(Moment(Certainty.EXACT, at, at, at))
        elif low is not None and high is not None and 0 <= high - low <= bound_ms:
            moments.append(Moment(Certainty.BOUNDED, (low + high) // 2, low, high))
        else:
            moments.append(Moment(Certainty.UNKNOWN, None, low, high))
    return moments


def _running(exact: Sequence[int | None], start: int | None) -> list[int | None]:
    """For each place the last known value before it, `start` before the first."""
    out, last = [], start
    for at in exact:
        out.append(last)
        last = at if at is not None else last
    return out
