"""Whatever the order in which ratings and anchors come: at the end all stands as if they had come in time."""

import itertools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from survey.clock import Certainty, Meeting, Moment, Tap, place
from survey.rating import Dossier, digest
from survey.rating import Rating as Said
from survey.wire import Anchor, Reply
from sync_server.models.organisation import Counter
from sync_server.models.rating import Clock, Counted, Rating
from sync_server.office import Office
from sync_server.services import organisation
from sync_server.services.check import check
from tests.builders import START, a_batch, chain, written
from tests.sync_server import builders
from tests.sync_server.intake.conftest import Desk, make_desk

MINUTE, HOUR = 60_000, 3_600_000
OPEN_FROM, OPEN_UNTIL = 7 * 60 + 30, 17 * 60
HOURS = {day: ["07:30-17:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
CODES = [f"H42.12-210301-000{number}" for number in range(4)]
_runs = itertools.count(1)


@dataclass(frozen=True)
class Touch:
    """One tap: how long after the one before, and what was said."""

    wait_ms: int
    level: int
    dossier: int | None
    at_counter: bool


@dataclass(frozen=True)
class Boot:
    """One life of a kiosk: how long it was off before, whether it met the server, what was tapped."""

    off_ms: int
    met: bool
    touches: tuple[Touch, ...]


touches = st.builds(
    Touch,
    wait_ms=st.sampled_from([3_000, 29_999, 30_000, 31_000, 10 * MINUTE, 5 * HOUR]),
    level=st.integers(1, 5),
    dossier=st.one_of(st.none(), st.integers(0, len(CODES) - 1)),
    at_counter=st.booleans(),
)
boots = st.builds(
    Boot,
    off_ms=st.sampled_from([2 * MINUTE, HOUR, 14 * HOUR]),
    met=st.booleans(),
    touches=st.lists(touches, max_size=6).map(tuple),
)
lives = st.lists(boots, min_size=1, max_size=4).map(tuple)


@dataclass
class Kiosk:
    """A kiosk that lived through `lives`, with all that it may send at `end`."""

    number: int
    ratings: tuple[Said, ...]
    anchors: tuple[Anchor, ...]
    boot_id: str
    boot_at: int


def grown(desk: Desk, number: int, life: Sequence[Boot], run: int) -> Kiosk:
    at = boot_at = START
    said: list[Said] = []
    anchors: list[Anchor] = []
    for index, boot in enumerate(life):
        at = boot_at = at + boot.off_ms
        boot_id = f"boot-{index}"
        for touch in boot.touches:
            at += touch.wait_ms
            said.append(
                desk.rating(
                    # Of two at the same moment the smaller id counts: ids must sort alike in each run.
                    id=f"{run:08x}-0000-4000-8000-{number:04x}{len(said):08x}",
                    at=at,
                    tapped_at=written(at - 11 * HOUR),  # the device's own clock lies
                    level=touch.level,
                    counter_id=f"c{desk.counter_id}" if touch.at_counter else None,
                    dossier=Dossier(code=CODES[touch.dossier]) if touch.dossier is not None else None,
                    boot_id=boot_id,
                    monotonic_ms=at - boot_at,
                )
            )
        if boot.met:
            anchors.append(Anchor(boot_id=boot_id, monotonic_ms=7_000, server_time=written(boot_at + 7_000)))
    return Kiosk(number, chain(*said), tuple(anchors), f"boot-{len(life) - 1}", boot_at)


def as_it_should_be(kiosks: Sequence[Kiosk], end: int) -> dict[str, tuple[int | None, Clock, Counted]]:
    """By brute force over all that is known at the end: id → happened_at, clock, counted."""
    found: dict[str, tuple[int | None, Clock, Counted]] = {}
    winners: dict[str, tuple[int, str]] = {}
    for kiosk in kiosks:
        before: dict[str | None, tuple[Said, Moment]] = {}
        for rating, moment in zip(kiosk.ratings, moments(kiosk, end), strict=True):
            counted = Counted.YES
            if moment.at is None:
                counted = Counted.CLOCK_UNKNOWN
            elif not is_open(moment.at):
                counted = Counted.OUT_OF_HOURS
            elif rating.dossier is None and rating.counter_id in before:
                counted = Counted.BURST if follows_too_soon(before[rating.counter_id], (rating, moment)) else counted
            elif rating.dossier is not None:
                code, mark = str(rating.dossier.code), (moment.at, rating.id)
                winners[code] = min(winners.get(code, mark), mark)
            if rating.dossier is None:
                before[rating.counter_id] = (rating, moment)
            found[rating.id] = (moment.at, Clock[moment.certainty.name], counted)
    first = {rating_id for _, rating_id in winners.values()}
    for kiosk in kiosks:
        for rating in kiosk.ratings:
            at, clock, counted = found[rating.id]
            if rating.dossier is not None and counted is Counted.YES and rating.id not in first:
                found[rating.id] = (at, clock, Counted.DOSSIER_REPEATED)
    return found


def moments(kiosk: Kiosk, end: int) -> list[Moment]:
    taps = [Tap(rating.seq, rating.boot_id, rating.monotonic_ms) for rating in kiosk.ratings]
    meetings = [Meeting(kiosk.boot_id, end - kiosk.boot_at, end)]
    for anchor in kiosk.anchors:
        meetings.append(Meeting(anchor.boot_id, anchor.monotonic_ms, _at(anchor.server_time)))
    return place(taps, meetings, not_after=end, bound_ms=12 * HOUR)


def _at(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def is_open(at: int) -> bool:
    minute = (at + 7 * HOUR) % (24 * HOUR) / MINUTE  # Hanoi
    return OPEN_FROM - 15 <= minute <= OPEN_UNTIL + 15


def follows_too_soon(before: tuple[Said, Moment], after: tuple[Said, Moment]) -> bool:
    if before[0].boot_id == after[0].boot_id:
        return after[0].monotonic_ms - before[0].monotonic_ms < 30_000
    if before[1].certainty != Certainty.EXACT or after[1].certainty != Certainty.EXACT:
        return False
    return (after[1].at or 0) - (before[1].at or 0) < 30_000


@given(life=lives, other_life=lives, data=st.data())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_late_data_end_as_data_in_time(
    office: Office, life: tuple[Boot, ...], other_life: tuple[Boot, ...], data: st.DataObject
) -> None:
    desk, run = make_desk(office), next(_runs)
    with office.database.write() as session:
        organisation.set_behaviour(session, desk.unit_id, {"opening_hours": HOURS})
    second, _ = builders.make_kiosk(office, counter=_counter(desk))
    kiosks = [grown(desk, desk.kiosk_id, life, run), grown(desk, second.id, other_life, run)]
    end = START + 40 * 24 * HOUR

    deliveries = [(kiosk, part) for kiosk in kiosks for part in data.draw(_parts(kiosk.ratings))]
    for kiosk, part in data.draw(st.permutations(deliveries)):
        knows_anchors = data.draw(st.booleans())
        send(desk, kiosk, part, end, kiosk.anchors if knows_anchors else ())
    for kiosk in data.draw(st.permutations(kiosks)):
        send(desk, kiosk, (), end, kiosk.anchors)

    assert standing(office, run) == as_it_should_be(kiosks, end)
    with office.database.read() as session:
        assert check(session, zone=office.zone) == []


@given(life=lives, data=st.data())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_whatever_is_sent_each_acknowledged_rating_is_stored_once(
    office: Office, life: tuple[Boot, ...], data: st.DataObject
) -> None:
    """Replays, altered ratings, wrong ones, a rolled-back card, shuffled batches, files from a stick."""
    desk, run = make_desk(office), next(_runs)
    kiosk = grown(desk, desk.kiosk_id, life, run)
    end = START + 40 * 24 * HOUR
    pool = [*kiosk.ratings, *_rolled_back(kiosk, data)]
    sound = {rating.id for rating in pool}
    for rating in data.draw(st.lists(st.sampled_from(pool), max_size=6)) if pool else []:
        changes: list[dict[str, Any]] = [{"level": 6 - rating.level}, {"officer_id": "o0"}, {"seq": 7}]
        pool.append(replace(rating, **data.draw(st.sampled_from(changes))))
    acknowledged: set[str] = set()
    for _ in range(data.draw(st.integers(1, 6))):
        part = tuple(data.draw(st.lists(st.sampled_from(pool), max_size=12))) if pool else ()
        anchors = kiosk.anchors if data.draw(st.booleans()) else ()
        reply = send(desk, kiosk, part, end, anchors, carried=data.draw(st.booleans()))
        acknowledged |= {item.id for item in reply.receipts if item.verdict in ("stored", "duplicate")}
        for item in reply.receipts:
            assert item.verdict != "refused" or item.code == "unknown_officer"
    with office.database.read() as session:
        stored = [_uuid(raw) for raw in session.scalars(select(Rating.id)) if raw.hex().startswith(f"{run:08x}")]
        assert sorted(stored) == sorted(acknowledged)
        assert acknowledged <= sound
    with office.database.read() as session:
        assert check(session, zone=office.zone) == []
    assert desk.stored_total() == len(acknowledged)


def send(
    desk: Desk, kiosk: Kiosk, part: Sequence[Said], end: int, anchors: Sequence[Anchor], *, carried: bool = False
) -> Reply:
    batch = a_batch(*part, at=end, boot_id=kiosk.boot_id, monotonic_ms=end - kiosk.boot_at, anchors=tuple(anchors))
    return desk.send(batch, kiosk_id=kiosk.number, at=end, carried=carried)


def standing(office: Office, run: int) -> dict[str, tuple[int | None, Clock, Counted]]:
    with office.database.read() as session:
        return {
            _uuid(row.id): (row.happened_at, Clock(row.clock), Counted(row.counted))
            for row in session.scalars(select(Rating))
            if row.id.hex().startswith(f"{run:08x}")
        }


def _uuid(raw: bytes) -> str:
    return str(uuid.UUID(bytes=raw))


def _counter(desk: Desk) -> Counter:
    with desk.office.database.read() as session:
        return session.get_one(Counter, desk.counter_id)


@st.composite
def _parts(draw: st.DrawFn, ratings: Sequence[Said]) -> list[tuple[Said, ...]]:
    """The ratings cut into parts, each in some order."""
    if not ratings:
        return []
    cuts = sorted(draw(st.sets(st.integers(1, len(ratings)), max_size=4)) | {len(ratings)})
    shuffled = draw(st.permutations(ratings)) if draw(st.booleans()) else list(ratings)
    return [tuple(shuffled[first:last]) for first, last in zip([0, *cuts], cuts, strict=False)]


def _rolled_back(kiosk: Kiosk, data: st.DataObject) -> tuple[Said, ...]:
    """Ratings of a card that was put back to an earlier image, chained to what it held then."""
    if not kiosk.ratings:
        return ()
    kept = data.draw(st.integers(0, len(kiosk.ratings) - 1))
    prev = digest(kiosk.ratings[kept - 1]) if kept else ""
    again = [
        replace(rating, id=rating.id[:9] + "ffff" + rating.id[13:], monotonic_ms=rating.monotonic_ms + 5)
        for rating in kiosk.ratings[kept:]
    ]
    return chain(*again, seq=kept + 1, prev=prev)
