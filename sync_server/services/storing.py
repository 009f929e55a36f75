"""Storing the new ratings of a batch: each in its branch of the ledger and in its tally.

What is usual (a batch that continues the ledger, by a clock that is known) is decided here, in one pass. The rest is
stored as not counted yet and left to `recounting`, by the marks in `Late`.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from sync_server.models.rating import Clock, Counted, DossierLink, Rating, RatingComment
from sync_server.queries.known import Known
from sync_server.services.arrivals import Arrival
from sync_server.services.clocks import Clocks
from sync_server.services.dossiers import Dossiers, contested
from sync_server.services.hours import Calendar
from sync_server.services.ledgers import Ledger
from sync_server.services.recounting import BURST_REACH, KIOSK_SOURCE, Late
from sync_server.services.rows import Row, insert_ratings
from sync_server.services.standings import is_burst
from sync_server.services.tallies import Moves, TallyKey


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


_NO_DOSSIER, _BAD_DOSSIER = _Named(None, None, False), _Named(None, None, True)


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
        seqs = [arrival.seq or 0 for arrival in arrivals]
        if self._ledger.branches:
            self._ledger.know(seqs[:1] if place.appends else seqs)
            if place.appends:
                self._before = self._tail(self._ledger.branches[0].id, seqs[0])
        rows = [
            self._row(arrival, item.mac, item.mac in contests, place)
            for arrival, item in zip(arrivals, named, strict=True)
        ]
        insert_ratings(self._session, rows)
        self._write_erasable(arrivals, rows, named)
        self._ledger.write()
        return [item.is_bad for item in named]

    def _named(self, arrival: Arrival) -> _Named:
        dossier = arrival.rating.dossier if arrival.rating is not None else None
        if dossier is None or (dossier.code is None and dossier.ticket is None):
            return _NO_DOSSIER
        code = self._dossiers.code(dossier, arrival.happened_at)
        return _Named(code, self._dossiers.mac(code), False) if code is not None else _BAD_DOSSIER

    def _tail(self, epoch_id: int, seq: int) -> dict[int | None, _Touched]:
        """The last rating without dossier at each counter, just before `seq`."""
        rows = self._session.execute(
            select(Rating.counter_id, Rating.boot_id, Rating.monotonic_ms, Rating.happened_at, Rating.clock)
            .where(
                Rating.epoch_id == epoch_id,
                Rating.seq.between(seq - BURST_REACH, seq - 1),
                Rating.dossier_mac.is_(None),
            )
            .order_by(Rating.seq)
        )
        return {row.counter_id: _Touched(*row[1:]) for row in rows}

    def _row(self, arrival: Arrival, mac: bytes | None, is_contested: bool, place: Place) -> Row:
        rating = arrival.rating
        assert rating is not None  # only whole ones are stored
        branch, prev = self._ledger.place(rating.seq, bytes.fromhex(rating.prev or ""), arrival.digest)
        at, boot = arrival.happened_at, place.clocks.numbers[rating.boot_id]
        day, counted = None, Counted.CLOCK_UNKNOWN
        touched = _Touched(boot, rating.monotonic_ms, at, Clock.EXACT if at is not None else Clock.UNKNOWN)
        if at is not None:
            day, counted = self._counted(arrival, touched, at, mac, is_contested, place)
        if mac is None:
            self._before[arrival.counter] = touched
        service = arrival.service
        declared = place.there.declared.get(arrival.officer) if service is None else None
        if counted is Counted.YES and day is not None:
            unit_id = (
                place.there.counter_units.get(arrival.counter, place.unit_id) if arrival.counter else place.unit_id
            )
            key = TallyKey(arrival.officer, day, service or declared or 0, arrival.survey, unit_id, arrival.source)
            self._moves.add(key, rating.level, mac is not None)
        self._late.placed.setdefault(branch.id, set()).add(rating.seq)
        if not place.appends:
            self._late.touched.setdefault(branch.id, set()).add(rating.seq)
        return Row(
            branch.id, rating.seq, arrival.id_bytes, arrival.officer, arrival.counter, service, declared,
            arrival.survey, rating.level, arrival.reasons, rating.language, arrival.source, boot, rating.monotonic_ms,
            arrival.tapped_at, arrival.offset_min, place.now, at, touched.clock, day, counted, arrival.digest, prev,
            arrival.comment_digest, arrival.dossier_digest, mac,
        )  # fmt: skip

    def _counted(
        self, arrival: Arrival, touched: _Touched, at: int, mac: bytes | None, is_contested: bool, place: Place
    ) -> tuple[int, Counted]:
        """The day of a rating whose time is known, and whether it counts as far as that can be told already."""
        day, is_open = self._calendar.place(at)
        if arrival.source == KIOSK_SOURCE and not is_open:
            return day, Counted.OUT_OF_HOURS
        if mac is not None:
            return day, Counted.DOSSIER_REPEATED if is_contested else Counted.YES
        before = self._before.get(arrival.counter)
        gap_ms = self._calendar.rule(day).burst_gap_s * 1000
        if before is not None and is_burst(before, touched, gap_ms):
            return day, Counted.BURST
        return day, Counted.YES

    def _write_erasable(self, arrivals: Sequence[Arrival], rows: Sequence[Row], named: Sequence[_Named]) -> None:
        """What retention erases later, apart from the ratings: comments, and dossier codes where they are kept."""
        comments, links = [], []
        for arrival, row, item in zip(arrivals, rows, named, strict=True):
            key = {"epoch_id": row.epoch_id, "seq": row.seq}
            if arrival.rating is not None and arrival.rating.comment is not None:
                comments.append({**key, "text": arrival.rating.comment})
            if item.code is not None and self._dossiers.keep_links:
                links.append({**key, "sealed": self._dossiers.sealed(item.code)})
        for table, values in ((RatingComment.__table__, comments), (DossierLink.__table__, links)):
            if values:
                self._session.execute(insert(table), values)  # type: ignore[arg-type]
