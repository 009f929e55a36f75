"""Storing the new ratings of a batch: each in its branch of the ledger and in its tally.

What is usual (a batch that continues the ledger, by a clock that is known) is decided here, in one pass. The rest is
stored as not counted yet and left to `recounting`, by the marks in `Late`.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from survey.rating import SOURCES
from sync_server.models.rating import Clock, Counted
from sync_server.queries.known import Known
from sync_server.queries.prepared import Prepared
from sync_server.services.arrivals import Arrival, Kind
from sync_server.services.clocks import Clocks
from sync_server.services.dossiers import Dossiers, contested
from sync_server.services.hours import Calendar
from sync_server.services.ledgers import Ledger
from sync_server.services.recounting import BURST_REACH, KIOSK_SOURCE, Late
from sync_server.services.rows import Row, insert_ratings
from sync_server.services.standings import is_burst
from sync_server.services.tallies import Moves


class Place(NamedTuple):
    """Where and when a batch came: what its ids name, the clocks, the kiosk's unit, the moment (ms UTC).

    appends: all its ratings come after all that is stored of this kiosk, in order.
    """

    there: Known
    clocks: Clocks
    unit_id: int
    now: int
    appends: bool


class _Named(NamedTuple):
    """A rating's dossier: its code and what is kept of it; is_bad: there was one, but it proves nothing."""

    code: str | None
    mac: bytes | None
    is_bad: bool


class _Touched(NamedTuple):
    """A rating without dossier, as the next one sees it."""

    boot_id: int
    monotonic_ms: int
    happened_at: int | None
    clock: int


class _Spot(NamedTuple):
    """What all ratings of a kind have in common here: the boot's number, the declared service where they name none,
    and which tally they go to, but for the day."""

    boot: int
    declared: int | None
    service: int
    unit_id: int


_NO_DOSSIER, _BAD_DOSSIER = _Named(None, None, False), _Named(None, None, True)
OBSERVER = SOURCES.index("observer")
_EXACT, _UNKNOWN = int(Clock.EXACT), int(Clock.UNKNOWN)
_YES, _REPEATED, _OUT_OF_HOURS, _BURST, _CLOCK_UNKNOWN, _OUTAGE = (
    int(counted)  # plain numbers: a driver may write an enum by its name
    for counted in (
        Counted.YES, Counted.DOSSIER_REPEATED, Counted.OUT_OF_HOURS, Counted.BURST, Counted.CLOCK_UNKNOWN,
        Counted.OUTAGE,
    )
)  # fmt: skip
_TAIL = Prepared(
    "SELECT seq, digest, counter_id, dossier_mac IS NULL, boot_id, monotonic_ms, happened_at, clock FROM rating"
    " WHERE epoch_id = :epoch AND seq BETWEEN :first AND :last ORDER BY seq"
)
_COMMENT = Prepared("INSERT INTO rating_comment (epoch_id, seq, text) VALUES (:epoch_id, :seq, :text)")
_LINK = Prepared("INSERT INTO dossier_link (epoch_id, seq, sealed) VALUES (:epoch_id, :seq, :sealed)")


class Storing:
    """Stores ratings in one transaction."""

    def __init__(
        self, session: Session, calendar: Calendar, dossiers: Dossiers, ledger: Ledger, moves: Moves, late: Late
    ) -> None:
        self._session = session
        self._calendar = calendar
        self._dossiers = dossiers
        self._ledger = ledger
        self._moves = moves
        self._late = late
        self._before: dict[int | None, _Touched] = {}

    def store(self, arrivals: Sequence[Arrival], place: Place) -> list[bool]:
        """Store ratings that are new and in order. For each whether its dossier was bad and is not kept."""
        named = [self._named(arrival) for arrival in arrivals]
        contests = contested(self._session, [item.mac for item in named if item.mac is not None])
        self._late.macs |= contests
        self._know(arrivals, place)
        spots = {kind: self._spot(kind, place) for kind in {arrival.kind for arrival in arrivals}}
        rows = [
            self._row(arrival, spots[arrival.kind], item.mac, item.mac in contests, place)
            for arrival, item in zip(arrivals, named, strict=True)
        ]
        self._mark(rows, place)
        insert_ratings(self._session, rows)
        self._write_erasable(arrivals, rows, named)
        self._ledger.write()
        return [item.is_bad for item in named]

    def _named(self, arrival: Arrival) -> _Named:
        dossier = arrival.rating.dossier if arrival.rating is not None else None
        if arrival.kind.source == OBSERVER:
            return _NO_DOSSIER  # else it would compete with what the same dossier says at the counter
        if dossier is None or (dossier.code is None and dossier.ticket is None):
            return _NO_DOSSIER
        code = self._dossiers.code(dossier, arrival.happened_at)
        return _Named(code, self._dossiers.mac(code), False) if code is not None else _BAD_DOSSIER

    def _know(self, arrivals: Sequence[Arrival], place: Place) -> None:
        """Look up what the ratings may continue: their chain, and a burst at each counter."""
        if not self._ledger.branches:
            return
        if not place.appends:
            self._ledger.know([arrival.seq or 0 for arrival in arrivals])
            return
        first, branch = arrivals[0].seq or 0, self._ledger.branches[0]
        asked = {"epoch": branch.id, "first": first - BURST_REACH, "last": first - 1}
        for (
            seq,
            digest,
            counter_id,
            has_no_dossier,
            boot,
            monotonic_ms,
            at,
            clock,
        ) in _TAIL.rows(self._session, asked):
            if seq == first - 1:
                self._ledger.know_one(branch, seq, digest)
            if has_no_dossier:
                self._before[counter_id] = _Touched(boot, monotonic_ms, at, clock)

    def _spot(self, kind: Kind, place: Place) -> _Spot:
        there = place.there
        declared = there.declared.get(kind.officer) if kind.service is None else None
        unit_id = there.counter_units[kind.counter] if kind.counter is not None else place.unit_id
        return _Spot(place.clocks.numbers[kind.boot_id], declared, kind.service or declared or 0, unit_id)

    def _row(self, arrival: Arrival, spot: _Spot, mac: bytes | None, is_contested: bool, place: Place) -> Row:
        rating, kind, at = arrival.rating, arrival.kind, arrival.happened_at
        assert rating is not None  # only whole ones are stored
        branch, prev = self._ledger.place(rating.seq, bytes.fromhex(arrival.prev), arrival.digest)
        day, counted, clock = None, _CLOCK_UNKNOWN, _EXACT
        if at is None:
            clock, branch.has_unsure = _UNKNOWN, True
        else:
            day, is_open = self._calendar.place(at)
            if not is_open and kind.source == KIOSK_SOURCE:
                counted = _OUT_OF_HOURS
            elif mac is not None:
                counted = _REPEATED if is_contested else _YES
            else:
                counted = _YES
        if mac is None:
            touched = _Touched(spot.boot, rating.monotonic_ms, at, clock)
            before = self._before.get(kind.counter)
            if counted == _YES and day is not None and before is not None:
                counted = _BURST if is_burst(before, touched, self._calendar.burst_gap_ms(day)) else _YES
            self._before[kind.counter] = touched
        if at is not None and counted != _OUT_OF_HOURS and self._calendar.is_outage(at):
            counted = _OUTAGE
        if counted == _YES and day is not None and at is not None:
            key = (kind.officer, day, spot.service, kind.survey, spot.unit_id, kind.source)
            self._moves.add(key, kind.level, mac is not None, at=at, reasons=kind.reasons)
        return (
            branch.id, rating.seq, arrival.id_bytes, kind.officer, kind.counter, kind.service, spot.declared,
            kind.survey, kind.level, kind.reasons, rating.language, kind.source, spot.boot, rating.monotonic_ms,
            arrival.tapped_at, arrival.offset_min, place.now, at, clock, day, counted, arrival.digest, prev,
            arrival.comment_digest, arrival.dossier_digest, mac,
        )  # fmt: skip

    def _mark(self, rows: Sequence[Row], place: Place) -> None:
        """Leave to counting anew what could not be decided in passing."""
        seqs: dict[int, set[int]] = {}
        for row in rows:
            seqs.setdefault(row[0], set()).add(row[1])
        for epoch_id, numbers in seqs.items():
            self._late.placed.setdefault(epoch_id, set()).update(numbers)
            if not place.appends:
                self._late.touched.setdefault(epoch_id, set()).update(numbers)

    def _write_erasable(self, arrivals: Sequence[Arrival], rows: Sequence[Row], named: Sequence[_Named]) -> None:
        """What retention erases later, apart from the ratings: comments, and dossier codes where they are kept."""
        comments, links = [], []
        for arrival, row, item in zip(arrivals, rows, named, strict=True):
            key = {"epoch_id": row[0], "seq": row[1]}
            if arrival.rating is not None and arrival.rating.comment is not None:
                comments.append({**key, "text": arrival.rating.comment})
            if item.code is not None and self._dossiers.keep_links:
                links.append({**key, "sealed": self._dossiers.sealed(item.code)})
        _COMMENT.run_each(self._session, comments)
        _LINK.run_each(self._session, links)
