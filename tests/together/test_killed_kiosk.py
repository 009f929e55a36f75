"""A kiosk that is killed (kill -9) at any moment before a real server: what was acknowledged arrives, once.

NUCUOI_SOAK=500 kills it 500 times; without it a few times.
"""

import multiprocessing
import os
import random
import signal
import time
import uuid
from pathlib import Path

from sqlalchemy import select

from kiosk.client import Client
from kiosk.clock import device_clock
from kiosk.errors import KioskError
from kiosk.store import Identity, open_store
from kiosk.sync import Sync
from survey import wire
from survey.wire import Status
from sync_server import ids
from sync_server.models.kiosk import Kiosk
from sync_server.models.rating import Rating
from sync_server.services import check
from tests.builders import HANOI
from tests.builders import a_rating as open_rating
from tests.sync_server.builders import make_kiosk
from tests.together.a_kiosk import PATIENCE
from tests.together.a_town import SECRET, found_town, sqlite_url
from tests.together.server_process import ServerProcess

ROUNDS = int(os.environ.get("NUCUOI_SOAK", "8"))


def live(folder: Path, identity: Identity, tell: int, officer: str, counter: str, seed: int, taps: int) -> None:
    """The child: taps, syncs and tidies until it is killed (or `taps` times). Each id is told after it was kept."""
    chance, clock = random.Random(seed), device_clock(HANOI)
    store = open_store(folder)
    if store.identity() is None:
        store.enrol(identity)
    sync = Sync(
        lambda: store,
        lambda known: Client(known.url, key=known.key, patience=PATIENCE),
        clock,
        state=lambda of: Status(),
    )
    for _ in range(taps):
        rating = open_rating(
            officer_id=officer,
            counter_id=counter,
            level=chance.randint(1, 5),
            tapped_at=wire.write_time(clock.now()),
            boot_id=clock.boot_id,
            monotonic_ms=clock.monotonic_ms(),
        )
        os.write(tell, f"t{rating.id}\n".encode())
        store.open_rating(rating)
        os.write(tell, f"k{rating.id}\n".encode())
        if chance.random() < 0.5:
            store.revise_rating(rating.id, rating.level, ["slow"], None)
        store.close_rating(rating.id)
        if chance.random() < 0.3:
            try:
                sync.round()
            except KioskError:
                continue
        if chance.random() < 0.1:
            store.tidy(at_once=True)
    store.close_left_open()
    sync.round()
    assert store.count_waiting() == 0
    assert store.count_parked() == 0


def test_a_kiosk_killed_again_and_again_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    town = found_town(sqlite_url(tmp_path), officers=1)
    row, key = make_kiosk(town.office, counter=town.counter)
    officer = ids.write_id(ids.OFFICER, town.officers[0].id)
    counter = ids.write_id(ids.COUNTER, town.counter.id)
    spawn, chance = multiprocessing.get_context("fork"), random.Random(20261123)
    read, write = os.pipe2(os.O_NONBLOCK)
    os.set_blocking(write, True)
    said = b""
    with ServerProcess(town.office.settings.database, tmp_path, secret=SECRET) as server:
        identity = Identity(
            url=server.address, kiosk_id=ids.write_id(ids.KIOSK, row.id), key=key, carry_key="", unit_id="u1"
        )
        folder = tmp_path / "kiosk"
        for turn in range(ROUNDS):
            child = spawn.Process(target=live, args=(folder, identity, write, officer, counter, turn, 1_000_000))
            child.start()
            time.sleep(0.15 + chance.random() * 0.3)
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)
            child.join()
            said += _drain(read)
        last = spawn.Process(target=live, args=(folder, identity, write, officer, counter, ROUNDS, 1))
        last.start()
        last.join(60)
        assert last.exitcode == 0
        said += _drain(read)
    tried, kept = ({line[1:].decode() for line in said.splitlines() if line.startswith(kind)} for kind in (b"t", b"k"))
    with town.office.database.read() as session:
        assert check.check(session, zone=town.office.zone) == []
    with town.office.database.read() as session:
        arrived = [str(uuid.UUID(bytes=raw)) for raw in session.scalars(select(Rating.id))]
        total = session.get_one(Kiosk, row.id).stored_total
    assert len(kept) > ROUNDS
    assert len(arrived) == len(set(arrived)) == total
    assert kept <= set(arrived) <= tried


def _drain(pipe: int) -> bytes:
    parts = []
    while True:
        try:
            part = os.read(pipe, 1 << 16)
        except BlockingIOError:
            return b"".join(parts)
        if not part:
            return b"".join(parts)
        parts.append(part)
