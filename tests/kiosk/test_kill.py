"""A kiosk that is killed (kill -9) at random moments while it taps, syncs and tidies, again and again.

NUCUOI_SOAK=500 kills it 500 times; without it a few rounds are played.
"""

import json
import multiprocessing
import os
import random
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

from kiosk.store import Identity, Store, open_store
from kiosk.sync import Sync
from survey import codec, wire
from survey.ledger import Link, faults
from survey.rating import Rating, digest
from survey.setup import Setup
from survey.wire import Batch, Receipt, Reply, Status
from tests.kiosk.builders import a_rating, a_setup
from tests.kiosk.fakes import CARRY_KEY, HandClock

ROUNDS = int(os.environ.get("NUCUOI_SOAK", "12"))


class FileServer:
    """A server whose committed ratings survive the death of the process, one line each."""

    def __init__(self, file: Path) -> None:
        self.file, self.read = file, 0
        self.kept: dict[str, Rating] = {}

    def catch_up(self) -> None:
        """Know what children committed. In the parent, so that no child begins its life by reading all there is."""
        if self.file.exists():
            with self.file.open("rb") as stream:
                stream.seek(self.read)
                fresh, _, torn = stream.read().rpartition(b"\n")
            for line in fresh.splitlines():
                rating = codec.decode(Rating, json.loads(line))
                self.kept[rating.id] = rating
            self.read = self.file.stat().st_size - len(torn)
            os.truncate(self.file, self.read)  # a line that the kill cut was not committed

    def send(self, batch: Batch) -> Reply:
        receipts = []
        for rating in batch.ratings:
            known = self.kept.get(rating.id)
            if known is None:
                self.kept[rating.id] = rating
                with self.file.open("ab", buffering=0) as stream:
                    stream.write(wire.to_json(rating) + b"\n")
            verdict = "stored" if known is None else "duplicate" if known == rating else "conflict"
            receipts.append(Receipt(id=rating.id, verdict=verdict))
        total = len(self.kept)
        return Reply(received_at="2021-03-01T08:00:00+07:00", stored_total=total, receipts=tuple(receipts))

    def setup(self, etag: str | None) -> tuple[Setup, str | None] | None:
        return None if etag else (a_setup(), '"1"')

    def photo(self, path: str) -> bytes:
        raise AssertionError(path)

    def close(self) -> None:
        pass


def committed(file: Path) -> list[Rating]:
    """What the server has, in the order in which it came."""
    if not file.exists():
        return []
    # The last line may be cut by the kill: then it was not committed.
    lines = file.read_bytes().split(b"\n")[:-1]
    return [codec.decode(Rating, json.loads(line)) for line in lines]


def a_sync(store: Store, server: FileServer) -> Sync:
    return Sync(lambda: store, lambda identity: server, HandClock().clock, state=lambda of: Status())


def live(directory: Path, server: FileServer, said: int, first: int, seed: int) -> None:
    """The child: taps for ever, and says before and after each act what it tries and what was acknowledged."""
    chance = random.Random(seed)
    store = open_store(directory / "data")
    sync = a_sync(store, server)
    number = first

    def speak_and_tidy() -> None:
        while True:
            sync.round()
            store.tidy(at_once=chance.random() < 0.5)

    threading.Thread(target=speak_and_tidy, daemon=True).start()
    while True:
        number += 1
        rating = a_rating(number)

        def tell(what: str, rating: Rating) -> None:
            os.write(said, f"{what} {rating.id} {rating.level} {','.join(rating.reasons)}\n".encode())

        tell("try", rating)
        store.open_rating(rating)
        tell("kept", rating)
        if chance.random() < 0.5:
            revised = replace(rating, level=1, reasons=("slow",))
            tell("try", revised)
            store.revise_rating(rating.id, 1, revised.reasons, None)
            tell("kept", revised)
        store.close_rating(rating.id)


def kill_once(directory: Path, server: FileServer, first: int, chance: random.Random) -> list[list[str]]:
    """One life and its end, in most rounds after its first tap, in every tenth while it starts; what the child said."""
    server.catch_up()
    hear, said = os.pipe()
    fork = multiprocessing.get_context("fork")
    child = fork.Process(target=live, args=(directory, server, said, first, chance.randrange(10**6)), daemon=True)
    child.start()
    os.close(said)
    heard, tapping = bytearray(), threading.Event()
    ear = threading.Thread(target=_listen, args=(hear, heard, tapping))
    ear.start()
    if chance.random() >= 0.1:
        # Starting takes the longer the more was kept: counted from the fork, a long soak would kill nothing but starts.
        assert tapping.wait(120), "the child never came to its first tap"
    time.sleep(chance.uniform(0.0, 0.25))
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    ear.join()
    os.close(hear)
    return [line.split(" ") for line in heard.decode().split("\n")[:-1]]


def _listen(pipe: int, heard: bytearray, tapping: threading.Event) -> None:
    while chunk := os.read(pipe, 1 << 16):
        heard += chunk
        tapping.set()


def test_a_kiosk_killed_again_and_again_delivers_exactly_what_it_acknowledged(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data")
    store.enrol(Identity(url="https://a", kiosk_id="k", key="x", carry_key=CARRY_KEY, unit_id="u"))
    store.close()
    chance = random.Random(20210301)
    kept: dict[str, tuple[str, str]] = {}
    tried: dict[str, list[tuple[str, str]]] = {}
    server, tapped = FileServer(tmp_path / "server"), 0
    for number in range(ROUNDS):
        said_by_child = kill_once(tmp_path, server, (number + 1) * 100_000, chance)
        tapped += any(what == "kept" for what, *_ in said_by_child)
        for what, rating_id, level, reasons in said_by_child:
            if what == "try":
                tried.setdefault(rating_id, []).append((level, reasons))
            else:
                kept[rating_id] = (level, reasons)
    store = open_store(tmp_path / "data")
    server.catch_up()
    a_sync(store, server).round()

    arrived = committed(tmp_path / "server")
    said = {rating.id: (str(rating.level), ",".join(rating.reasons)) for rating in arrived}
    assert len(said) == len(arrived), "each rating once"
    assert set(kept) <= set(said), "every rating that was acknowledged"
    assert set(said) <= set(tried)
    for rating_id, what in said.items():
        # An act that was killed before its acknowledgement may have happened or not; nothing else is possible.
        assert what in (kept.get(rating_id), tried[rating_id][-1])
    unfinished = [rating_id for rating_id in said if rating_id not in kept]
    assert len(unfinished) <= ROUNDS, "at most the one tap that the kill met"
    assert tapped >= ROUNDS / 2, "most children were killed while they tapped, not while they started"
    assert len(kept) > ROUNDS, "the children did live"
    assert faults(Link(r.seq, digest(r), r.prev) for r in arrived) == []
    print(f"{ROUNDS} kills, {tapped} of them after a tap, {len(kept)} ratings acknowledged, {len(arrived)} arrived")
    assert (store.count_waiting(), store.count_parked(), store.stored_count()) == (0, 0, len(arrived))
    store.close()
