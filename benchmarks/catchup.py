"""A month offline comes home over a thin line, beside sending one by one (docs/limits.md, On the wire).

    python -m benchmarks.catchup --ratings 6000

Prints the bytes of a rating on the wire in batches of 1, 50 and 500, plain and packed; then the time that the real
kiosk (store, sync, client) needs to bring its backlog to the real server over 64 kbit/s with 100 ms each way, while
somebody goes on tapping; and the time that the same ratings would need one by one, from a sample over the same line.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.slow_link import SlowLink
from kiosk.client import Patience
from survey import wire
from survey.rating import Rating
from survey.wire import Batch
from tests.together.a_kiosk import TestedKiosk
from tests.together.a_town import SECRET, Town, found_town, sqlite_url
from tests.together.server_process import ServerProcess

BITS_PER_S, DELAY_S = 64_000, 0.1
GOAL_S, GOAL_BYTES = 45.0, 45.0
SAMPLE = 12
"""Ratings sent one by one, from which the time of all is reckoned: all of them would take most of an hour."""


def main(ratings: int, rounds: int) -> int:
    """Print both tables; 1 when a goal is missed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        town = found_town(sqlite_url(folder), officers=3)
        with ServerProcess(town.office.settings.database, folder, secret=SECRET) as server:
            missed = _sizes(town, folder)
            missed |= _times(town, server, folder, ratings, rounds)
    return int(missed)


def _backlog(kiosk: TestedKiosk, ratings: int) -> None:
    for n in range(ratings):
        kiosk.tap(1 + n % 5, dossier=f"H42.12-26{1 + n // 200 % 12:02}{1 + n % 28:02}-{n * 7919 % 10_000:04}")


def _sizes(town: Town, folder: Path) -> bool:
    kiosk = TestedKiosk(town, "http://127.0.0.1:1", folder / "sizes")
    _backlog(kiosk, 500)
    waiting = kiosk.store.waiting()
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
        threading.Thread(target=_run_month, args=(month, town, server, folder / str(number), ratings, ready))
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
    month: _Month, town: Town, server: ServerProcess, folder: Path, ratings: int, ready: threading.Barrier
) -> None:
    try:
        link = SlowLink("127.0.0.1", server.port, bits_per_s=BITS_PER_S, delay_s=DELAY_S)
        patience = Patience(connect_s=30, read_s=60, whole_s=120)
        single = TestedKiosk(town, link.url, folder / "single", patience=patience)
        kiosk = TestedKiosk(town, link.url, folder / "backlog", patience=patience)
        _backlog(kiosk, ratings)
        ready.wait()
        for _ in range(SAMPLE):
            single.tap()
            month.one_by_one.append(_send(single))
        ready.wait()
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
