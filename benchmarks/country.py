"""What a country needs of PostgreSQL, from what this machine does: bytes a rating, months beside one table, heartbeats.

    python -m benchmarks.country --ratings 100000 --rounds 5

Ratings come by the real intake, in this process and one after the other, and are spread over the 25 months before
today; then the same database with its ratings in one table a month takes turns with the one in one table. docs/scale.md
says what follows for 3,300 communes.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import text

from benchmarks.machine import busy_note
from benchmarks.sending import DAY_MS, SIZE, Request, SendingKiosk, send
from survey import wire
from survey.wire import Batch
from sync_server.db import Database
from sync_server.office import Office
from sync_server.services import months, retention
from sync_server.services.backup import back_up
from sync_server.services.check import check
from sync_server.services.partitioning import partition
from sync_server.services.reception import receive
from tests.builders import written
from tests.sync_server.postgres import Cluster, binaries
from tests.together.a_town import SECRET, Town, found_town
from tests.together.server_process import ServerProcess

SPREAD_MONTHS, KIOSKS = 25, 16
NEW, FEW, FEW_SIZE = 6, 60, 3
"""In a round: batches of 500, and batches of a few ratings as a kiosk with a network sends them."""
BEATING, BEATS = 16, 40
"""Clients that send heartbeats, and how many each."""
RATINGS_A_DAY, WORKING_DAYS, ALL_KIOSKS, BEAT_EVERY_S = 330_000, 250, 10_000, 240
"""A country: 3,300 communes with 100 ratings each on a working day and three kiosks; config/kiosk.toml, heartbeat_s."""


def main(ratings: int, rounds: int) -> int:
    """Print what was measured, and what follows from it."""
    if binaries() is None:
        print("PostgreSQL is not installed: left out")
        return 1
    with tempfile.TemporaryDirectory(prefix="nucuoi-country-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user
        cluster = Cluster(folder / "postgres", durable=True)
        try:
            _measure(cluster, folder, ratings, rounds)
        finally:
            cluster.stop()
    return 0


def _measure(cluster: Cluster, folder: Path, ratings: int, rounds: int) -> None:
    print(
        f"{os.cpu_count()} cores, {datetime.now().astimezone():%d %B %Y}; {ratings:,} ratings in {SPREAD_MONTHS} months"
    )
    if note := busy_note():
        print(note)
    town = found_town(cluster.create("one_table"), officers=6)
    _fill(town, ratings)
    bytes_each = _size(town.office.database) / ratings
    begun = time.perf_counter()
    dumped = back_up(town.office.database, folder / "backup")
    dumping = ratings / (time.perf_counter() - begun)
    print(f"  one table: {bytes_each:.0f} bytes a rating with all indexes and tallies")
    print(f"  backup: {dumped / ratings:.0f} bytes a rating, {dumping:,.0f} ratings a second")
    begun = time.perf_counter()
    with town.office.database.read() as session:
        found = check(session, zone=town.office.zone)
    print(f"  check: {ratings / (time.perf_counter() - begun):,.0f} ratings a second, {len(found)} findings")
    town.office.database.dispose()
    database = Database(cluster.create("months", "one_table"))
    in_months = replace(town, office=replace(town.office, database=database))
    begun = time.perf_counter()
    partition(database, zone=town.office.zone, now=town.office.now())
    print(f"  partition --on: {ratings / (time.perf_counter() - begun):,.0f} ratings a second")
    print(f"  in months: {_size(database) / ratings:.0f} bytes a rating, with the keys")
    _take_turns(town, in_months, rounds)
    _detach(in_months.office)
    database.dispose()
    town.office.database.dispose()
    beats = _beats(town, cluster.url("one_table"), folder)
    print(f"  heartbeats over HTTP, {BEATING} clients, two workers: {beats:,.0f} a second")
    _country(bytes_each, beats)


def _fill(town: Town, ratings: int) -> None:
    """Store ratings, then let them have come over the months before now."""
    kiosks = [SendingKiosk(town, number) for number in range(KIOSKS)]
    for number in range(-(-ratings // SIZE)):
        _take(town.office, [(kiosks[number % KIOSKS], kiosks[number % KIOSKS].request())])
    step = SPREAD_MONTHS * 30 * DAY_MS // (ratings // KIOSKS + SIZE)
    with town.office.database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        ago = f"({ratings // KIOSKS + SIZE} - seq) * CAST({step} AS bigint)"
        connection.execute(text(f"UPDATE rating SET received_at = received_at - {ago}"))
        connection.execute(text("VACUUM FULL ANALYZE"))


def _take(office: Office, requests: Sequence[tuple[SendingKiosk, Request]]) -> float:
    """Seconds that intake takes for requests that were made before."""
    bodies = [(kiosk.id, wire.unpack(request.body, wire.MAX_BYTES)) for kiosk, request in requests]
    begun = time.perf_counter()
    for kiosk_id, body in bodies:
        receive(office, kiosk_id, body, now=office.now(), touched=lambda officers, day: None)
    return time.perf_counter() - begun


def _take_turns(one: Town, several: Town, rounds: int) -> None:
    """Both databases take new ratings, the same again, and few at a time."""
    rates: dict[str, tuple[list[float], list[float]]] = {}
    wal: tuple[list[float], list[float]] = ([], [])
    kiosks = [SendingKiosk(town, 99) for town in (one, several)]
    for _ in range(rounds):
        for place, (town, kiosk) in enumerate(zip((one, several), kiosks, strict=True)):
            new = [(kiosk, kiosk.request()) for _ in range(NEW)]
            few = [(kiosk, kiosk.request(FEW_SIZE)) for _ in range(FEW)]
            before = _wal(town.office.database)
            spent = {"new, batches of 500": _take(town.office, new) / NEW / SIZE}
            wal[place].append((_wal(town.office.database) - before) / NEW / SIZE)
            spent["replayed"] = _take(town.office, new) / NEW / SIZE
            spent[f"batches of {FEW_SIZE}"] = _take(town.office, few) / FEW / FEW_SIZE
            for what, seconds in spent.items():
                rates.setdefault(what, ([], []))[place].append(1 / seconds)
    print(f"  {'ratings a second, one after the other':<40} {'one table':>10} {'months':>10} {'ratio':>7}")
    for what, (plain, parted) in rates.items():
        ratio = statistics.median(b / a for a, b in zip(plain, parted, strict=True))
        print(f"    {what:<38} {statistics.median(plain):>10,.0f} {statistics.median(parted):>10,.0f} {ratio:>7.2f}")
    print(f"    {'bytes of WAL a rating':<38} {statistics.median(wal[0]):>10,.0f} {statistics.median(wal[1]):>10,.0f}")


def _detach(office: Office) -> None:
    with office.database.write() as session:
        retention.erase_old(session, now=office.now(), comments_days=0, dossier_links_days=0)
        _, second, *_ = (line.month for line in months.months(session) if line.ratings)
    begun = time.perf_counter()
    count = months.detach(office.database, second, zone=office.zone, now=office.now())
    print(f"  partition --detach: {count / (time.perf_counter() - begun):,.0f} ratings a second (one month, {count:,})")
    with office.database.read() as session:
        left = session.scalar(text("SELECT pg_total_relation_size('detached_rating')")) or 0
    print(f"  of a detached month stay {left / count:.0f} bytes a rating")


def _beats(town: Town, url: str, folder: Path) -> float:
    now = town.office.now()
    batch = Batch(sent_at=written(now), boot_id="boot", monotonic_ms=1_000_000)
    lanes = []
    for number in range(BEATING):
        key = SendingKiosk(town, 200 + number).request(1).key
        lanes.append([Request(key, wire.pack(batch))] * BEATS)
    with ServerProcess(url, folder, secret=SECRET, workers=2) as server:
        send(server.address, [lane[:2] for lane in lanes], "stored")  # everything is loaded once
        sent = send(server.address, lanes, "stored")
    town.office.database.dispose()
    return len(sent.each) / sent.all


def _country(bytes_each: float, beats: float) -> None:
    year = RATINGS_A_DAY * WORKING_DAYS
    needed = ALL_KIOSKS / BEAT_EVERY_S
    print("  a country:")
    print(f"    {year / 1e6:.0f} million ratings a year, {year * bytes_each / 1e9:.0f} GB a year in one table")
    print(f"    {needed:.0f} heartbeats a second, {needed / beats:.0%} of what this machine answers")


def _size(database: Database) -> float:
    """Bytes of all that grows with ratings, indexes too."""
    with database.read() as session:
        return float(
            session.scalar(
                text(
                    "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace ="
                    " current_schema()::regnamespace AND relname ~ '^(rating|tally|dossier|detached)'"
                )
            )
            or 0
        )


def _wal(database: Database) -> float:
    with database.read() as session:
        return float(session.scalar(text("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")) or 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--ratings", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    sys.exit(main(given.ratings, given.rounds))
