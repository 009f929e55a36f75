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
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

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
        self.file = file
        self.kept = {rating.id: rating for rating in committed(file)}

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


def live(directory: Path, said: int, first: int, seed: int) -> None:
    """The child: taps for ever, and says before and after each act what it tries and what was acknowledged."""
    chance = random.Random(seed)
    store = open_store(directory / "data")
    sync = a_sync(store, FileServer(directory / "server"))
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


def kill_once(directory: Path, first: int, chance: random.Random) -> list[list[str]]:
    """One life and its end; what the child said."""
    hear, said = os.pipe()
    fork = multiprocessing.get_context("fork")
    child = fork.Process(target=live, args=(directory, said, first, chance.randrange(10**6)), daemon=True)
    child.start()
    os.close(said)
    heard = bytearray()
    ear = threading.Thread(target=lambda: heard.extend(b"".join(_listen(hear))))
    ear.start()
    time.sleep(chance.uniform(0.01, 0.25))
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    ear.join()
    os.close(hear)
    return [line.split(" ") for line in heard.decode().split("\n")[:-1]]


def _listen(pipe: int) -> Iterator[bytes]:
    while chunk := os.read(pipe, 1 << 16):
        yield chunk


@pytest.mark.timeout(900)
def test_a_kiosk_killed_again_and_again_delivers_exactly_what_it_acknowledged(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data")
    store.enrol(Identity(url="https://a", kiosk_id="k", key="x", carry_key=CARRY_KEY, unit_id="u"))
    store.close()
    chance = random.Random(20210301)
    kept: dict[str, tuple[str, str]] = {}
    tried: dict[str, list[tuple[str, str]]] = {}
    for number in range(ROUNDS):
        for what, rating_id, level, reasons in kill_once(tmp_path, (number + 1) * 100_000, chance):
            if what == "try":
                tried.setdefault(rating_id, []).append((level, reasons))
            else:
                kept[rating_id] = (level, reasons)
    store = open_store(tmp_path / "data")
    server = FileServer(tmp_path / "server")
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
    assert len(kept) > ROUNDS, "the children did live"
    assert faults(Link(r.seq, digest(r), r.prev) for r in arrived) == []
    print(f"{ROUNDS} kills, {len(kept)} ratings acknowledged, {len(arrived)} arrived")
    assert (store.count_waiting(), store.count_parked(), store.stored_count()) == (0, 0, len(arrived))
    store.close()
