"""A month offline comes home over a thin line, beside sending one by one (docs/limits.md, On the wire).

    python -m benchmarks.catchup --ratings 6000

Prints the bytes of a rating on the wire in batches of 1, 50 and 500, plain and packed; then the time that the real
kiosk (store, sync, client) needs to bring its backlog to the real server over 64 kbit/s with 100 ms each way, while
somebody goes on tapping; and the time that the same ratings would need one by one, from a sample over the same line.
"""

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from benchmarks.machine import busy_note
from benchmarks.slow_link import SlowLink
from benchmarks.tap import fill_store
from kiosk.client import Patience
from kiosk.clock import Clock, device_clock
from survey import wire
from survey.rating import Dossier, Rating, chained, digest
from survey.wire import Batch
from sync_server import ids
from tests.builders import HANOI
from tests.together.a_kiosk import TestedKiosk
from tests.together.a_town import SECRET, Town, found_town, sqlite_url
from tests.together.server_process import ServerProcess

BITS_PER_S, DELAY_S = 64_000, 0.1
MONTH_MS, OPEN_MS = 30 * 86_400_000, 34_200_000
"""30 days; 7:30 to 17:00."""
GOAL_S, GOAL_BYTES = 45.0, 45.0
APART_S = 0.5
"""Between the starts of two rounds: a batch is on the line for 2.6 s, so that the rounds seldom want a core at once."""
SAMPLE = 12
"""Ratings sent one by one, from which the time of all is reckoned: all of them would take most of an hour."""


def main(ratings: int, rounds: int) -> int:
    """Print both tables; 1 when a goal is missed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        town = found_town(sqlite_url(folder), officers=3)
        with ServerProcess(town.office.settings.database, folder, secret=SECRET) as server:
            missed = _sizes(town)
            missed |= _times(town, server, folder, ratings, rounds)
    if (note := busy_note()) is not None:
        print(note)
    return int(missed)


def _offline_clock() -> Clock:
    """This machine's clock as of a kiosk that is up for longer than it was offline."""
    device = device_clock(HANOI)
    return replace(device, monotonic_ms=lambda: device.monotonic_ms() + 2 * MONTH_MS)


def _month(town: Town, clock: Clock, count: int, seed: int) -> list[Rating]:
    """The last 30 days of a kiosk: every day as many visits, at any moment of the opening hours, with a dossier each.

    Moments, ids and dossier codes are drawn at random: such digits are what gzip cannot shorten.
    """
    chance, now, monotonic_ms = random.Random(seed), clock.now(), clock.monotonic_ms()
    first = (now - timedelta(milliseconds=MONTH_MS)).replace(hour=7, minute=30)
    moments = sorted(first + timedelta(days=n % 30, milliseconds=chance.randrange(OPEN_MS)) for n in range(count))
    ratings = []
    for moment in moments:
        level = chance.choices((1, 2, 3, 4, 5), (1, 2, 5, 40, 52))[0]
        opened = moment - timedelta(days=chance.randrange(15))
        rating = Rating(
            id=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            officer_id=ids.write_id(ids.OFFICER, chance.choice(town.officers).id),
            counter_id=ids.write_id(ids.COUNTER, town.counter.id),
            survey_id=ids.write_id(ids.SURVEY, town.survey.id),
            scale=town.survey.scale,
            level=level,
            reasons=("slow",) if level < 3 else (),
            dossier=Dossier(code=f"H42.12-{opened:%y%m%d}-{chance.randrange(10_000):04}"),
            tapped_at=wire.write_time(moment),
            boot_id=clock.boot_id,
            monotonic_ms=monotonic_ms - round((now - moment).total_seconds() * 1000),
        )
        ratings.append(rating)
    return ratings


def _sizes(town: Town) -> bool:
    waiting, prev = [], ""
    for number, rating in enumerate(_month(town, _offline_clock(), 6000, seed=0)[:500], 1):
        waiting.append(chained(rating, number, prev))
        prev = digest(waiting[-1])
    print("\nBytes of a rating on the wire, with a dossier each")
    print(f"{'batch of':>10} {'JSON':>8} {'gzip':>8}")
    packed = 0.0
    for size in (1, 50, 500):
        batch = _batch(waiting[:size])
        packed = len(wire.pack(batch)) / size
        print(f"{size:>10} {len(wire.to_json(batch)) / size:>8.0f} {packed:>8.1f}")
    print(f"goal: at most {GOAL_BYTES:g} in batches of 500: {'reached' if packed <= GOAL_BYTES else 'MISSED'}")
    return packed > GOAL_BYTES


def _batch(ratings: Sequence[Rating]) -> Batch:
    return Batch(sent_at=ratings[-1].tapped_at, boot_id=ratings[-1].boot_id, monotonic_ms=1, ratings=tuple(ratings))


@dataclass
class _Month:
    """One kiosk's month over a line of its own: the seconds of each single post, of all that waited, of new taps."""

    one_by_one: list[float] = field(default_factory=list)
    took: float = 0.0
    up: int = 0
    down: int = 0
    taps: list[float] = field(default_factory=list)
    fault: str | None = None


def _times(town: Town, server: ServerProcess, folder: Path, ratings: int, rounds: int) -> bool:
    """All rounds run beside each other, since each has a line of its own that is the narrowest place by far."""
    months = [_Month() for _ in range(rounds)]
    ready = threading.Barrier(rounds)
    lanes = [
        threading.Thread(target=_run_month, args=(month, town, server, folder, ratings, ready, number))
        for number, month in enumerate(months)
    ]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    faults = [month.fault for month in months if month.fault is not None]
    if faults:
        raise SystemExit(f"the ratings did not get through: {faults[0]}")
    return _show(months, ratings)


def _run_month(
    month: _Month,
    town: Town,
    server: ServerProcess,
    folder: Path,
    ratings: int,
    ready: threading.Barrier,
    number: int,
) -> None:
    try:
        link = SlowLink("127.0.0.1", server.port, bits_per_s=BITS_PER_S, delay_s=DELAY_S)
        patience = Patience(connect_s=30, read_s=60, whole_s=120)
        single = TestedKiosk(town, link.url, folder / f"single-{number}", patience=patience)
        clock = _offline_clock()
        fill_store(folder / f"backlog-{number}", _month(town, clock, ratings, seed=number))
        kiosk = TestedKiosk(town, link.url, folder / f"backlog-{number}", patience=patience, clock=clock)
        ready.wait()
        for _ in range(SAMPLE):
            single.tap()
            month.one_by_one.append(_send(single))
        ready.wait()
        time.sleep(number * APART_S)
        up, down, done = link.up, link.down, threading.Event()
        tapping = threading.Thread(target=_go_on_tapping, args=(kiosk, done, month.taps))
        tapping.start()
        try:
            month.took = _send(kiosk)
        finally:
            done.set()
            tapping.join()
        month.up, month.down = link.up - up, link.down - down
        link.close()
    except BaseException as error:
        month.fault = f"{type(error).__name__}: {error}"
        ready.abort()


def _show(months: list[_Month], ratings: int) -> bool:
    took = statistics.median(month.took for month in months)
    alone = statistics.median(statistics.median(month.one_by_one) for month in months) * ratings
    taps = [tap for month in months for tap in month.taps]
    spread = f"{min(month.took for month in months):.1f}–{max(month.took for month in months):.1f}"
    up, down = (statistics.median(getattr(month, way) for month in months) for way in ("up", "down"))
    print(f"\n{ratings} ratings home over {BITS_PER_S // 1000} kbit/s, {DELAY_S * 1000:.0f} ms each way", end="")
    print(f"; median of {len(months)}")
    print(f"{'one by one (from ' + str(SAMPLE) + ')':<28} {alone:>8.0f} s   1")
    print(f"{'as the kiosk does':<28} {took:>8.1f} s   1/{alone / took:.0f}   ({spread} s)")
    print(f"{'bytes up, all told':<28} {up:>8.0f}     {up / ratings:.1f} a rating")
    print(f"{'bytes down':<28} {down:>8.0f}     {down / ratings:.1f} a rating")
    print(f"{'new taps meanwhile':<28} {len(taps):>8}     p50 {statistics.median(taps) * 1000:.1f} ms", end="")
    print(f", slowest {max(taps) * 1000:.1f} ms")
    goal = GOAL_S * ratings / 6000
    print(f"goal: at most {goal:.0f} s: {'reached' if took <= goal else 'MISSED'}")
    return took > goal


def _send(kiosk: TestedKiosk) -> float:
    """Seconds that a round of the sync took."""
    begun = time.perf_counter()
    error = kiosk.try_to_send()
    if error is not None:
        raise error
    return time.perf_counter() - begun


def _go_on_tapping(kiosk: TestedKiosk, done: threading.Event, taps: list[float]) -> None:
    """A citizen every second; how long each tap took to be kept."""
    while not done.wait(1.0):
        begun = time.perf_counter()
        kiosk.tap()
        taps.append(time.perf_counter() - begun)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--ratings", type=int, default=6000)
    parser.add_argument("--rounds", type=int, default=5, help="at least 5 for figures to quote")
    given = parser.parse_args()
    sys.exit(main(given.ratings, given.rounds))
