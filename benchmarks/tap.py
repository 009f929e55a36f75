"""A tap on disk, and a start with a backlog, each beside its baseline in the same run (docs/limits.md).

    python -m benchmarks.tap --rounds 5

Figures are multiples of the baseline (append a line of the same record, fdatasync), the median over rounds of each
round's p50 and p99; the contenders take turns tap by tap, so that a slow moment of the machine meets all alike.
"""

import argparse
import gc
import json
import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from tinydb import TinyDB
from tinydb.storages import JSONStorage

from benchmarks.machine import busy_note
from kiosk.durable import JournalDB, JournalStorage
from kiosk.store import JOURNAL, Store, open_store
from survey import codec
from survey.rating import Rating, chained, digest

BACKLOGS = (0, 1_000, 10_000, 50_000)
TAPS = 60
SLOW_TAPS = 3
"""Of a contender that rewrites a whole file at each tap."""


def a_rating(number: int) -> Rating:
    """A rating of usual size: some 330 bytes of JSON."""
    return Rating(
        id=str(uuid.UUID(int=number + (1 << 100))),
        officer_id="off-00042",
        counter_id="cnt-7",
        service_id="srv-12",
        survey_id="survey-1",
        scale="hl5",
        level=1 + number % 5,
        reasons=("slow",) if number % 5 == 0 else (),
        tapped_at="2021-03-01T08:14:55.001+07:00",
        boot_id="d9d84a2c-7cd5-4a6c-a08b-532e18427de7",
        monotonic_ms=116_334 + number,
    )


class Contender:
    """One way to keep a tap. goal: the most that p50 may be, as a multiple of the baseline; None without one."""

    name = ""
    taps = TAPS
    goal: float | None = None

    def __init__(self, folder: Path, backlog: int) -> None:
        self.file = folder / "file"
        self.number = backlog
        self.fill(folder, backlog)

    def fill(self, folder: Path, backlog: int) -> None:
        """Make the backlog, by the quickest way."""
        raise NotImplementedError

    def tap(self, rating: Rating, document: dict[str, Any]) -> None:
        """Keep one."""
        raise NotImplementedError

    def after(self, rating: Rating) -> None:
        """What belongs to the visit but not to the tap; not timed."""

    def bytes_written(self) -> int:
        """By all taps so far, as far as it can be told."""
        return self.file.stat().st_size

    def close(self) -> None:
        """Let go."""


class Baseline(Contender):
    name = "append a line + fdatasync (baseline)"

    def fill(self, folder: Path, backlog: int) -> None:
        self.handle = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def tap(self, rating: Rating, document: dict[str, Any]) -> None:
        os.write(self.handle, json.dumps(document).encode() + b"\n")
        os.fdatasync(self.handle)

    def close(self) -> None:
        os.close(self.handle)


class JournalInsert(Contender):
    name = "TinyDB on our journal: an insert"
    goal = 1.5

    def fill(self, folder: Path, backlog: int) -> None:
        storage = JournalStorage(self.file)
        with storage.together():
            storage.change([("waiting", str(n), codec.encode(a_rating(n))) for n in range(1, backlog + 1)])
        self.db = JournalDB(storage)
        self.table = self.db.table("waiting")
        self.table.insert(codec.encode(a_rating(0)))  # TinyDB looks for the highest number once
        self.table.remove(doc_ids=[backlog + 1])

    def tap(self, rating: Rating, document: dict[str, Any]) -> None:
        self.table.insert(document)

    def close(self) -> None:
        self.db.close()


class StoreTap(Contender):
    name = "the kiosk's store: a face is touched"
    goal = 1.5

    def fill(self, folder: Path, backlog: int) -> None:
        self.folder, self.file = folder / "data", folder / "data" / JOURNAL
        fill_store(self.folder, some_ratings(backlog))
        self.store = open_store(self.folder)

    def tap(self, rating: Rating, document: dict[str, Any]) -> None:
        self.store.open_rating(rating)

    def after(self, rating: Rating) -> None:
        self.store.close_rating(rating.id)

    def close(self) -> None:
        self.store.close()


class Sqlite(Contender):
    name = "sqlite3, WAL, synchronous=FULL"

    def fill(self, folder: Path, backlog: int) -> None:
        self.db = sqlite3.connect(self.file, isolation_level=None)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=FULL")
        self.db.execute("CREATE TABLE rating (id INTEGER PRIMARY KEY, document TEXT NOT NULL)")
        rows = ((json.dumps(codec.encode(a_rating(n))),) for n in range(backlog))
        self.db.execute("BEGIN")
        self.db.executemany("INSERT INTO rating (document) VALUES (?)", rows)
        self.db.execute("COMMIT")

    def tap(self, rating: Rating, document: dict[str, Any]) -> None:
        self.db.execute("INSERT INTO rating (document) VALUES (?)", (json.dumps(document),))

    def close(self) -> None:
        self.db.close()


class TinyDBAsItComes(Contender):
    name = "TinyDB as it comes (JSONStorage)"
    taps = SLOW_TAPS

    def fill(self, folder: Path, backlog: int) -> None:
        documents = {str(n): codec.encode(a_rating(n)) for n in range(1, backlog + 1)}
        self.file.write_text(json.dumps({"_default": documents}))
        self.db = TinyDB(self.file, storage=JSONStorage)

    def tap(self, rating: Rating, document: dict[str, Any]) -> None:
        self.db.insert(document)

    def close(self) -> None:
        self.db.close()


CONTENDERS: tuple[type[Contender], ...] = (Baseline, JournalInsert, StoreTap, Sqlite, TinyDBAsItComes)
FASTER_THAN_TINYDB = {1_000: 30, 10_000: 300, 50_000: 1_500}


def some_ratings(count: int) -> Iterator[Rating]:
    """So many of usual size."""
    return (a_rating(number) for number in range(1, count + 1))


def fill_store(directory: Path, ratings: Iterable[Rating]) -> None:
    """A store in which these ratings wait, as after as many visits and one tidying; quick, without their syncs."""
    store = open_store(directory)
    store.close()
    storage = JournalStorage(directory / JOURNAL)
    storage.write(_tables(ratings))
    storage.close()


def _tables(ratings: Iterable[Rating]) -> dict[str, dict[str, Any]]:
    waiting: dict[str, Any] = {}
    prev = ""
    for number, rating in enumerate(ratings, 1):
        placed = chained(rating, number, prev)
        prev = digest(placed)
        waiting[str(number)] = codec.encode(placed)
    head = {"seq": len(waiting), "digest": prev, "stored": 0}
    return {"waiting": waiting, "ledger": {"1": head}} if waiting else {}


def time_round(contenders: list[Contender]) -> dict[str, list[float]]:
    """Name → seconds of each tap. All take turns tap by tap; those that rewrite whole files come after the others,
    since a write of megabytes would slow the next one's sync."""
    times: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    quick = [contender for contender in contenders if contender.taps == TAPS]
    for _ in range(TAPS):
        for contender in quick:
            times[contender.name].append(time_tap(contender))
    for contender in contenders:
        if contender not in quick:
            times[contender.name] += [time_tap(contender) for _ in range(contender.taps)]
    return times


def time_tap(contender: Contender) -> float:
    """Seconds of one tap."""
    contender.number += 1
    rating = a_rating(contender.number)
    document = codec.encode(rating)
    begun = time.perf_counter()
    contender.tap(rating, document)
    taken = time.perf_counter() - begun
    contender.after(rating)
    return taken


def p50(times: list[float]) -> float:
    """The median."""
    return statistics.median(times)


def p99(times: list[float]) -> float:
    """The 99th of a hundred; of fewer, the slowest."""
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.99))]


def measure_backlog(backlog: int, rounds: int) -> dict[str, tuple[float, float, float]]:
    """Name → p50 and p99 as multiples of the baseline's, and p50 in seconds."""
    with tempfile.TemporaryDirectory(prefix="nucuoi-tap-") as root, _opened(Path(root), backlog) as contenders:
        for contender in contenders:
            time_tap(contender)  # the first finds its files cold
        seen: dict[str, list[tuple[float, float, float]]] = {}
        for _ in range(rounds):
            times = time_round(contenders)
            base = times[Baseline.name]
            for name, taps in times.items():
                seen.setdefault(name, []).append((p50(taps) / p50(base), p99(taps) / p99(base), p50(taps)))
    return {name: tuple(statistics.median(part) for part in zip(*values)) for name, values in seen.items()}  # type: ignore[misc]  # noqa: B905


class _opened:
    """All contenders with this backlog, closed afterwards."""

    def __init__(self, root: Path, backlog: int) -> None:
        self.contenders = []
        for index, kind in enumerate(CONTENDERS):
            folder = root / str(index)
            folder.mkdir()
            self.contenders.append(kind(folder, backlog))

    def __enter__(self) -> list[Contender]:
        gc.collect()
        return self.contenders

    def __exit__(self, *_: object) -> None:
        for contender in self.contenders:
            contender.close()


def measure_bytes() -> dict[str, float]:
    """Bytes that a tap adds, as a multiple of its record (with 10,000 waiting)."""
    record = len(json.dumps(codec.encode(a_rating(10_001)), separators=(",", ":"), ensure_ascii=False))
    found = {}
    with tempfile.TemporaryDirectory(prefix="nucuoi-tap-") as root:
        for index, kind in enumerate((JournalInsert, StoreTap)):
            folder = Path(root) / str(index)
            folder.mkdir()
            contender = kind(folder, 10_000)
            before = contender.bytes_written()
            rating = a_rating(10_001)
            contender.tap(rating, codec.encode(rating))
            found[kind.name] = (contender.bytes_written() - before) / record
            contender.close()
        folder = Path(root) / "tinydb"
        folder.mkdir()
        whole = TinyDBAsItComes(folder, 10_000)
        found[whole.name] = whole.bytes_written() / record
        whole.close()
    return found


def measure_start(rounds: int, backlog: int = 50_000) -> dict[str, float]:
    """Seconds until what waits is known: our store, and TinyDB reading its own file once."""
    with tempfile.TemporaryDirectory(prefix="nucuoi-tap-") as root:
        ours, theirs = Path(root) / "ours", Path(root) / "theirs"
        fill_store(ours, some_ratings(backlog))
        theirs.mkdir()
        TinyDBAsItComes(theirs, backlog).close()

        def open_ours() -> Store:
            store = open_store(ours)
            assert store.count_waiting() == backlog
            return store

        def open_theirs() -> TinyDB:
            db = TinyDB(theirs / "file", storage=JSONStorage)
            assert len(db) == backlog
            return db

        return {
            "the kiosk's store": _median_time(open_ours, rounds),
            TinyDBAsItComes.name: _median_time(open_theirs, rounds),
        }


def _median_time(make: Callable[[], Any], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        made = make()
        times.append(time.perf_counter() - begun)
        made.close()
        del made
        gc.collect()
    return statistics.median(times)


def report(tables: dict[int, dict[str, tuple[float, float, float]]]) -> Iterator[str]:
    """The table, and the goals that were missed."""
    missed = []
    yield f"{'a tap, as a multiple of the baseline (p50 / p99)':45}" + "".join(f"{b:>16,}" for b in BACKLOGS)
    for kind in CONTENDERS:
        cells = [tables[backlog][kind.name] for backlog in BACKLOGS]
        if kind is Baseline:
            yield f"{kind.name:45}" + "".join(f"{seconds * 1000:>13.3f} ms" for _, _, seconds in cells)
            continue
        yield f"{kind.name:45}" + "".join(f"{half:>8.2f} / {high:<5.2f}" for half, high, _ in cells)
        for backlog, (half, high, _) in zip(BACKLOGS, cells, strict=True):
            if kind.goal is not None and (half > kind.goal or high > 3.0):
                missed.append(f"{kind.name} at {backlog:,}: p50 {half:.2f} (goal {kind.goal}), p99 {high:.2f} (goal 3)")
    for backlog, goal in FASTER_THAN_TINYDB.items():
        faster = tables[backlog][TinyDBAsItComes.name][2] / tables[backlog][JournalInsert.name][2]
        yield f"at {backlog:>6,} waiting an insert is {faster:,.0f} times as fast as TinyDB's own (goal {goal:,})"
        if faster < goal:
            missed.append(f"only {faster:,.0f} times as fast as TinyDB at {backlog:,}")
    yield from (f"MISSED: {line}" for line in missed)


def main(rounds: int = 5) -> int:
    """Print the tables; 1 when a goal of docs/limits.md was missed."""
    lines = list(report({backlog: measure_backlog(backlog, rounds) for backlog in BACKLOGS}))
    sizes = measure_bytes()
    lines += [
        f"bytes written by a tap, as a multiple of its record: {size:,.2f}  {name}" for name, size in sizes.items()
    ]
    starts = measure_start(rounds)
    lines += [f"start with 50,000 waiting: {seconds:.2f} s  {name}" for name, seconds in starts.items()]
    if max(sizes[JournalInsert.name], sizes[StoreTap.name]) > 1.5:
        lines.append("MISSED: more than 1.5 times the record is written")
    if starts["the kiosk's store"] >= 1.0:
        lines.append("MISSED: the start takes a second or more")
    lines += [note] if (note := busy_note()) else []
    print("\n".join(lines))
    return 1 if any(line.startswith("MISSED") for line in lines) else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="at least 5 for figures to quote")
    if shutil.disk_usage(tempfile.gettempdir()).free < 500_000_000:
        sys.exit("benchmarks.tap needs 500 MB in the temporary folder; set TMPDIR")
    sys.exit(main(parser.parse_args().rounds))
