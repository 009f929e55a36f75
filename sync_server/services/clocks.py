"""When a kiosk's boots met the server, and what that tells of the time of its ratings (docs/wire.md, Time)."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, and_, insert, or_, select
from sqlalchemy.orm import Session

from survey.clock import Meeting, Tap, by_meeting
from survey.wire import read_time
from sync_server.messages import AnchorIn
from sync_server.models.kiosk import Boot, BootAnchor
from sync_server.services.canonical import milliseconds

NEAR_MS = 6 * 3600 * 1000
"""A boot's meetings are kept this far apart: a clock that drifts 20 s in ten days errs by a quarter of a second."""
FIRST_YEAR_AT = 946_684_800_000
"""The year 2000. No rating and no meeting was before it, whatever a device says."""


class Clocks:
    """The boots of one kiosk that a batch names, with their meetings.

    own: the meeting that this batch is itself, None for a batch that was carried here on a stick.
    newly_met: boots that met the server here for the first time known, so that older ratings may be placed by it.
    """

    def __init__(
        self,
        numbers: Mapping[str, int],
        meetings: Mapping[str, list[Meeting]],
        own: Meeting | None,
        newly_met: set[int],
    ) -> None:
        self.numbers = numbers
        self.newly_met = newly_met
        self._meetings = meetings
        self._own = own

    def exact(self, boot_id: str, monotonic_ms: int) -> int | None:
        """When it was, by the boot's own clock and a meeting of it; None when it never met the server.

        For the boot that sends, by the batch itself; for another, by its nearest meeting.
        """
        own = self._own
        if own is not None and own.boot_id == boot_id:
            return own.server_at - (own.monotonic_ms - monotonic_ms)
        meetings = self._meetings.get(boot_id)
        if not meetings:
            return None
        index = bisect_left(meetings, monotonic_ms, key=lambda meeting: meeting.monotonic_ms)
        return by_meeting(Tap(0, boot_id, monotonic_ms), meetings[max(0, index - 1) : index + 1])


def meet(
    session: Session,
    kiosk_id: int,
    boot_ids: Iterable[str],
    anchors: Sequence[AnchorIn],
    own: Meeting | None,
    *,
    no_later_than: int,
) -> Clocks:
    """Remember the boots and meetings that a batch tells of, and return what is known of them by now.

    boot_ids: those of its ratings. An anchor whose time cannot be is passed over: it must not make a batch fail.
    """
    told = [meeting for anchor in anchors if (meeting := _meeting(anchor, no_later_than)) is not None]
    if own is not None:
        told.append(own)
    numbers = _numbers(session, kiosk_id, {*boot_ids, *(meeting.boot_id for meeting in told)})
    meetings = _known_meetings(session, numbers, told, own)
    newly_met, rows = set(), []
    for meeting in told:
        known = meetings.setdefault(meeting.boot_id, [])
        if any(abs(other.monotonic_ms - meeting.monotonic_ms) < NEAR_MS for other in known):
            continue
        if not known:
            newly_met.add(numbers[meeting.boot_id])
        known.append(meeting)
        rows.append(
            {
                "boot_id": numbers[meeting.boot_id],
                "monotonic_ms": meeting.monotonic_ms,
                "server_at": meeting.server_at,
            }
        )
    if rows:
        session.execute(insert(BootAnchor.__table__), rows)  # type: ignore[arg-type]
    for known in meetings.values():
        known.sort(key=lambda meeting: meeting.monotonic_ms)
    return Clocks(numbers, meetings, own, newly_met)


def meetings_of(session: Session, boots: Iterable[int]) -> dict[int, list[Meeting]]:
    """All meetings of some boots, by the number of the boot, in order."""
    found: dict[int, list[Meeting]] = {}
    rows = session.execute(
        select(BootAnchor.boot_id, BootAnchor.monotonic_ms, BootAnchor.server_at)
        .where(BootAnchor.boot_id.in_(set(boots)))
        .order_by(BootAnchor.boot_id, BootAnchor.monotonic_ms)
    )
    for boot, monotonic_ms, server_at in rows:
        found.setdefault(boot, []).append(Meeting(str(boot), monotonic_ms, server_at))
    return found


def _meeting(anchor: AnchorIn, no_later_than: int) -> Meeting | None:
    moment = read_time(anchor.server_time)
    if moment is None:
        return None
    at = milliseconds(moment)
    return Meeting(anchor.boot_id, anchor.monotonic_ms, at) if FIRST_YEAR_AT <= at <= no_later_than else None


def _numbers(session: Session, kiosk_id: int, boot_ids: set[str]) -> dict[str, int]:
    known = select(Boot.boot_id, Boot.id).where(Boot.kiosk_id == kiosk_id, Boot.boot_id.in_(boot_ids))
    numbers = {row.boot_id: row.id for row in session.execute(known)}
    missing = sorted(boot_ids - numbers.keys())
    if missing:
        session.execute(
            insert(Boot.__table__),  # type: ignore[arg-type]
            [{"kiosk_id": kiosk_id, "boot_id": boot_id} for boot_id in missing],
        )
        numbers = {row.boot_id: row.id for row in session.execute(known)}
    return numbers


def _known_meetings(
    session: Session, numbers: Mapping[str, int], told: Sequence[Meeting], own: Meeting | None
) -> dict[str, list[Meeting]]:
    if not numbers:
        return {}
    boot_ids = {number: boot_id for boot_id, number in numbers.items()}
    of_others = [number for boot_id, number in numbers.items() if own is None or boot_id != own.boot_id]
    wanted: ColumnElement[bool] = BootAnchor.boot_id.in_(of_others)
    if own is not None:
        # Its own ratings are placed by the batch, so that of its meetings, a year's perhaps, only those matter that
        # may be told again.
        since = min(meeting.monotonic_ms for meeting in told if meeting.boot_id == own.boot_id) - NEAR_MS
        wanted = or_(wanted, and_(BootAnchor.boot_id == numbers[own.boot_id], BootAnchor.monotonic_ms > since))
    found: dict[str, list[Meeting]] = {}
    for row in session.execute(select(BootAnchor.boot_id, BootAnchor.monotonic_ms, BootAnchor.server_at).where(wanted)):
        boot_id = boot_ids[row.boot_id]
        found.setdefault(boot_id, []).append(Meeting(boot_id, row.monotonic_ms, row.server_at))
    return found
