"""Counting anew what late data change: an anchor or a neighbour that places a rating in time, a rating that fills a
gap, a dossier that another kiosk brought. At the end all stands as if everything had come in its time.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.clock import Certainty, Meeting, Moment, Tap, place
from sync_server.models.rating import Clock, Counted, Rating
from sync_server.services import standings
from sync_server.services.clocks import meetings_of
from sync_server.services.hours import Calendar
from sync_server.services.standings import JUDGED_BY_PEOPLE, OUTSIDE, Standing
from sync_server.services.tallies import Moves

BURST_REACH = 64
"""How many numbers back a burst is looked for. A kiosk takes at most 6 ratings in 30 s (visit_gap_s)."""
KIOSK_SOURCE = 0
"""`survey.rating.SOURCES`: only what is tapped at a kiosk has opening hours; a home visit or a phone has none."""

_CLOCKS = {Certainty.EXACT: Clock.EXACT, Certainty.BOUNDED: Clock.BOUNDED, Certainty.UNKNOWN: Clock.UNKNOWN}


@dataclass(slots=True)
class Late:
    """What a batch brought that may change what was stored before it.

    touched: epoch → numbers whose neighbours must be looked at again. placed: epoch → numbers that were stored with
    an exact time, or wait for one. newly_met: boots that are known to have met the server only now.
    macs: dossiers that more than one rating names.
    """

    touched: dict[int, set[int]] = field(default_factory=dict)
    placed: dict[int, set[int]] = field(default_factory=dict)
    newly_met: set[int] = field(default_factory=set)
    macs: set[bytes] = field(default_factory=set)


def recount(session: Session, late: Late, epochs: Collection[int], calendar: Calendar, moves: Moves) -> None:
    """Place and count anew whatever `late` may change; tally moves are added.

    epochs: those of the kiosk in which some time is not known exactly.
    """
    moved = _place_anew(session, late, epochs, calendar, moves)
    for epoch_id, seqs in moved.items():
        late.touched.setdefault(epoch_id, set()).update(seqs)
    for epoch_id, seqs in sorted(late.touched.items()):
        for first, last in _clusters(seqs):
            _count_window(session, epoch_id, first, last, seqs, calendar, late.macs, moves)
    if late.macs:
        settle_dossiers(session, late.macs, moves)


# When it was ------------------------------------------------------------------------------------------------------


def _place_anew(
    session: Session, late: Late, epochs: Collection[int], calendar: Calendar, moves: Moves
) -> dict[int, set[int]]:
    """Place the unsure ratings that may be placed better now; epoch → the numbers that moved."""
    moved = {}
    for epoch_id in epochs:
        seqs = set(late.placed.get(epoch_id, ()))
        met = _met(session, epoch_id, late.newly_met, calendar, moves) if late.newly_met else set()
        if seqs | met:
            moved[epoch_id] = met | _bounded(session, epoch_id, seqs | met, calendar, moves)
    return moved


def _met(session: Session, epoch_id: int, boots: Collection[int], calendar: Calendar, moves: Moves) -> set[int]:
    """Place ratings exactly whose boot is known to have met the server only now."""
    rows = standings.read(session, Rating.epoch_id == epoch_id, Rating.clock != Clock.EXACT, Rating.boot_id.in_(boots))
    meetings = meetings_of(session, boots)
    placed = [(row, _moment(row, None, None, meetings, calendar)) for row in rows]
    return _write_moments(session, placed, calendar, moves)


def _bounded(session: Session, epoch_id: int, seqs: Collection[int], calendar: Calendar, moves: Moves) -> set[int]:
    """Place unsure ratings between the exact ones beside `seqs`; further ones are shielded by those."""
    in_epoch, is_exact = Rating.epoch_id == epoch_id, Rating.clock == Clock.EXACT
    low = session.scalar(select(func.max(Rating.seq)).where(in_epoch, is_exact, Rating.seq < min(seqs))) or 0
    high = session.scalar(select(func.min(Rating.seq)).where(in_epoch, is_exact, Rating.seq > max(seqs))) or 2**31 - 1
    inside = Rating.seq.between(low, high)
    rows = standings.read(session, in_epoch, Rating.clock != Clock.EXACT, inside)
    if not rows:
        return set()
    exact = session.execute(
        select(Rating.seq, Rating.happened_at).where(in_epoch, is_exact, inside).order_by(Rating.seq)
    ).all()
    meetings = meetings_of(session, {row.boot_id for row in rows})
    placed, index = [], 0
    for row in rows:
        while index < len(exact) and exact[index].seq < row.seq:
            index += 1
        before = exact[index - 1].happened_at if index else None
        after = exact[index].happened_at if index < len(exact) else None
        placed.append((row, _moment(row, before, after, meetings, calendar)))
    return _write_moments(session, placed, calendar, moves)


def _moment(
    row: Standing,
    before: int | None,
    after: int | None,
    meetings: Mapping[int, Sequence[Meeting]],
    calendar: Calendar,
) -> Moment:
    """When a rating was, by its boot's meetings or between the exact neighbours in its ledger."""
    fences = [Meeting("before", 0, before)] if before is not None else []
    fences += [Meeting("after", 0, after)] if after is not None else []
    boot = f"boot {row.boot_id}"
    known = [Meeting(boot, meeting.monotonic_ms, meeting.server_at) for meeting in meetings.get(row.boot_id, ())]
    taps = [Tap(0, "before", 0), Tap(1, boot, row.monotonic_ms), Tap(2, "after", 0)]
    bound_ms = calendar.rule(calendar.place(row.received_at).day).bounded_span_max_min * 60_000
    return place(taps, [*fences, *known], not_after=row.received_at, bound_ms=bound_ms)[1]


def _write_moments(
    session: Session, placed: Iterable[tuple[Standing, Moment]], calendar: Calendar, moves: Moves
) -> set[int]:
    """Write the moments that differ. A rating that moves is taken out of the count first and counted anew after."""
    changed = []
    for row, moment in placed:
        clock = _CLOCKS[moment.certainty]
        if (moment.at, clock) == (row.happened_at, row.clock):
            continue
        if row.counted not in JUDGED_BY_PEOPLE:
            row.count(Counted.CLOCK_UNKNOWN, moves)
        row.happened_at, row.clock = moment.at, clock
        row.day = calendar.place(moment.at).day if moment.at is not None else None
        changed.append(row)
    standings.write(session, changed)
    return {row.seq for row in changed}


# Whether it counts --------------------------------------------------------------------------------------------------


def _count_window(
    session: Session,
    epoch_id: int,
    first: int,
    last: int,
    touched: Collection[int],
    calendar: Calendar,
    macs: set[bytes],
    moves: Moves,
) -> None:
    """Count anew the touched ratings from first to last, and those after them that may have been in their burst."""
    rows = standings.read(
        session, Rating.epoch_id == epoch_id, Rating.seq.between(first - BURST_REACH, last + BURST_REACH)
    )
    changed: list[Standing] = []
    before: dict[int | None, Standing] = {}
    for row in rows:
        previous = before.get(row.counter_id)
        if row.dossier_mac is None:
            before[row.counter_id] = row
        if row.seq < first or row.counted in JUDGED_BY_PEOPLE:
            continue
        counted = _counted(row, previous, row.seq in touched, calendar)
        if row.dossier_mac is not None and row.seq in touched:
            macs.add(row.dossier_mac)
        if row.count(counted, moves):
            changed.append(row)
    standings.write(session, changed)


def _counted(row: Standing, previous: Standing | None, is_touched: bool, calendar: Calendar) -> int:
    """Whether a rating counts by itself and by the one before it without dossier, at the same counter."""
    if row.clock == Clock.UNKNOWN or row.happened_at is None or row.day is None:
        return Counted.CLOCK_UNKNOWN
    if not is_touched and row.counted == Counted.OUT_OF_HOURS:
        return Counted.OUT_OF_HOURS  # as it was decided then, by the hours of then
    if is_touched and row.source == KIOSK_SOURCE and not calendar.place(row.happened_at).is_open:
        return Counted.OUT_OF_HOURS
    if calendar.is_outage(row.happened_at):
        return Counted.OUTAGE
    if row.dossier_mac is not None:
        # Which of a dossier's ratings counts is settled afterwards; until then one that did not count does not.
        return Counted.YES if row.counted == Counted.YES else Counted.DOSSIER_REPEATED
    gap_ms = calendar.rule(row.day).burst_gap_s * 1000
    return Counted.BURST if previous is not None and standings.is_burst(previous, row, gap_ms) else Counted.YES


def settle_dossiers(session: Session, macs: Collection[bytes], moves: Moves) -> None:
    """Of the ratings of a dossier the earliest counts, whichever came first; the others are repeated."""
    groups: dict[bytes, list[Standing]] = {}
    for chunk in _chunks(sorted(macs), 500):
        for row in _named(session, chunk):
            if row.happened_at is not None and row.counted not in OUTSIDE:
                groups.setdefault(row.dossier_mac or b"", []).append(row)
    changed = []
    for rows in groups.values():
        winner = min(rows, key=lambda row: (row.happened_at, row.id))
        for row in rows:
            wanted = Counted.YES if row is winner else Counted.DOSSIER_REPEATED
            if row.counted not in JUDGED_BY_PEOPLE and row.count(wanted, moves):
                changed.append(row)
    standings.write(session, changed)


def _named(session: Session, macs: Sequence[bytes]) -> list[Standing]:
    """The ratings of some dossiers: those that count have an index, and the others another one."""
    named = Rating.dossier_mac.in_(macs)
    counts = standings.read(session, named, Rating.counted == Counted.YES)
    return [*counts, *standings.read(session, named, Rating.counted != Counted.YES)]


def _clusters(seqs: Iterable[int]) -> list[tuple[int, int]]:
    """First and last of groups of numbers that lie so close together that they are looked at as one window."""
    clusters: list[tuple[int, int]] = []
    for seq in sorted(seqs):
        if clusters and seq - clusters[-1][1] <= 2 * BURST_REACH:
            clusters[-1] = (clusters[-1][0], seq)
        else:
            clusters.append((seq, seq))
    return clusters


def _chunks(items: Sequence[bytes], size: int) -> Iterable[Sequence[bytes]]:
    return (items[index : index + size] for index in range(0, len(items), size))
