"""When a kiosk's boots met the server, and what that tells of the time of its ratings (docs/wire.md, Time)."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from survey.clock import Meeting, Tap, by_meeting
from survey.wire import read_time
from sync_server.messages import AnchorIn
from sync_server.models.kiosk import Boot, BootAnchor
from sync_server.queries.prepared import Prepared
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
        self._own_boot = own.boot_id if own is not None else None
        self._own_began = own.server_at - own.monotonic_ms if own is not None else 0

    def exact(self, boot_id: str, monotonic_ms: int) -> int | None:
        """When it was, by the boot's own clock and a meeting of it; None when it never met the server.

        For the boot that sends, by the batch itself; for another, by its nearest meeting.
        """
        if boot_id == self._own_boot:
            return self._own_began + monotonic_ms
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
    named = {*boot_ids, *(meeting.boot_id for meeting in told)}
    numbers, meetings = _known(session, kiosk_id, named, told, own) if named else ({}, {})
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
        session.connection().execute(insert(BootAnchor.__table__), rows)  # type: ignore[arg-type]
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


# Of the boot that sends only those meetings are looked up that may be told again: it may have a year's.
_BOOTS = Prepared(
    """
    SELECT boot.boot_id, boot.id, boot_anchor.monotonic_ms, boot_anchor.server_at FROM boot
    LEFT JOIN boot_anchor
           ON boot_anchor.boot_id = boot.id AND (boot.boot_id <> :own OR boot_anchor.monotonic_ms > :since)
    WHERE boot.kiosk_id = :kiosk AND boot.boot_id IN :boots
    """
)


def _known(
    session: Session, kiosk_id: int, boot_ids: set[str], told: Sequence[Meeting], own: Meeting | None
) -> tuple[dict[str, int], dict[str, list[Meeting]]]:
    """The numbers and meetings of boots, those that are new included."""
    own_id = own.boot_id if own is not None else ""
    since = min((meeting.monotonic_ms for meeting in told if meeting.boot_id == own_id), default=0) - NEAR_MS
    asked = {"kiosk": kiosk_id, "boots": sorted(boot_ids), "own": own_id, "since": since}
    numbers: dict[str, int] = {}
    meetings: dict[str, list[Meeting]] = {}
    for boot_id, number, monotonic_ms, server_at in _BOOTS.rows(session, asked):
        numbers[boot_id] = number
        if server_at is not None:
            meetings.setdefault(boot_id, []).append(Meeting(boot_id, monotonic_ms, server_at))
    missing = sorted(boot_ids - numbers.keys())
    if missing:
        rows = [{"kiosk_id": kiosk_id, "boot_id": boot_id} for boot_id in missing]
        session.execute(insert(Boot.__table__), rows)  # type: ignore[arg-type]
        made = select(Boot.boot_id, Boot.id).where(Boot.kiosk_id == kiosk_id, Boot.boot_id.in_(missing))
        numbers.update({row.boot_id: row.id for row in session.execute(made)})
    return numbers, meetings
