"""The power is cut at every act on the disk, in every state that the disk may then be in (see `paper_disk`).

NUCUOI_SOAK=500 lives through 500 lives of cuts, and chooses the states that are chosen at random 50 times anew.
"""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.durable import JournalStorage
from kiosk.store import JOURNAL, Contact, Identity, Store
from survey.wire import Anchor, Receipt
from tests.kiosk.builders import MONDAY, a_rating, a_setup, an_id
from tests.kiosk.fakes import CARRY_KEY
from tests.kiosk.paper_disk import PaperDisk

SOAK = int(os.environ.get("NUCUOI_SOAK", "10"))
PATH = Path("/paper") / JOURNAL
Tables = dict[str, Any]


def settle(store: Store, verdict: str) -> None:
    rating = store.waiting(1)[0]
    store.settle(rating, Receipt(id=rating.id, verdict=verdict), MONDAY)


def settle_all(store: Store, *verdicts: str) -> None:
    waiting = store.waiting(len(verdicts))
    answered = [
        (rating, Receipt(id=rating.id, verdict=verdict)) for rating, verdict in zip(waiting, verdicts, strict=True)
    ]
    store.settle_all(answered, MONDAY)


def long_comment(number: int) -> Callable[[Store], None]:
    # Longer than a sector, so that a write can be torn in its middle.
    return lambda store: store.revise_rating(an_id(number), 1, ("slow",), "Chờ lâu quá. " * 60)


STEPS: list[Callable[[Store], object]] = [
    lambda s: s.enrol(Identity(url="https://a", kiosk_id="k", key="x", carry_key=CARRY_KEY, unit_id="u")),
    lambda s: s.keep_setup(replace(a_setup(), reasons=()), '"1"'),
    lambda s: s.open_rating(a_rating(1)),
    long_comment(1),
    lambda s: s.close_rating(an_id(1)),
    lambda s: s.open_rating(a_rating(2)),
    lambda s: s.open_rating(a_rating(3)),
    lambda s: s.close_rating(an_id(3)),
    lambda s: s.tidy(at_once=True),
    lambda s: s.open_rating(a_rating(4)),
    lambda s: settle(s, "stored"),
    lambda s: settle(s, "conflict"),
    lambda s: s.met(
        Contact(last_met_at="2021-03-01T08:00:00+07:00", server_total=1),
        Anchor(boot_id="boot-1", monotonic_ms=5, server_time="2021-03-01T08:00:00+07:00"),
    ),
    lambda s: s.tidy(at_once=True),
    lambda s: s.close_rating(an_id(4)),
    lambda s: settle(s, "duplicate"),
    lambda s: s.open_rating(a_rating(5)),
    lambda s: s.open_rating(a_rating(6)),
    lambda s: s.close_rating(an_id(6)),
    lambda s: settle_all(s, "stored", "refused"),
    lambda s: s.drop_sent_copies(0, MONDAY.replace(month=4)),
    lambda s: s.tidy(at_once=True),
]


def tables(storage: JournalStorage) -> Tables:
    return {name: dict(table) for name, table in (storage.read() or {}).items() if table}


def life(disk: PaperDisk) -> list[tuple[int, Tables, Tables]]:
    """Lives through all steps. For each act on the disk, in order: its index, what was acknowledged when it began,
    and what will be if its step is done."""
    storage = JournalStorage(PATH, disk=disk)
    store = Store(storage)
    account = [(i, {}, {}) for i in range(len(disk.moments))]
    for step in STEPS:
        before, first = tables(storage), len(disk.moments)
        step(store)
        after = tables(storage)
        account += [(i, before, after) for i in range(first, len(disk.moments))]
    return account


def recoveries(
    disk: PaperDisk, account: list[tuple[int, Tables, Tables]], seed: int = 1
) -> Iterator[tuple[Tables, Tables, Tables]]:
    """(found after the power came back, acknowledged, in progress) for every cut and every state of the disk."""
    chance = random.Random(seed)
    step: Tables | None = None
    for index, before, after in account:
        if before is not step:
            step, seen = before, set[tuple[tuple[str, bytes], ...]]()
        for image in disk.moments[index].images(chance):
            known = tuple(sorted(image.items()))
            if known in seen:
                continue
            seen.add(known)
            storage = JournalStorage(PATH, disk=PaperDisk(image))
            yield tables(storage), before, after


@pytest.mark.parametrize("seed", range(1, 1 + max(1, SOAK // 10)))
def test_whatever_was_acknowledged_is_there_after_a_power_cut_at_any_moment(seed: int) -> None:
    disk = PaperDisk()
    cuts = 0
    for found, before, after in recoveries(disk, life(disk), seed):
        cuts += 1
        assert found in (before, after), "a change set is there whole, or not at all; and what was kept stays kept"
    assert cuts > 1500


def test_every_prefix_of_a_line_is_among_the_states_of_the_paper_disk() -> None:
    disk = PaperDisk()
    handle = disk.open(PATH, new=True)
    disk.sync_directory(PATH.parent)
    disk.write(handle, b"first\n")
    disk.sync(handle)
    disk.write(handle, b"a line of an ordinary tap\n")
    line = b"first\na line of an ordinary tap\n"
    states = {image[JOURNAL] for image in disk.moments[-1].images(random.Random(1))}
    assert {line[:length] for length in range(6, len(line) + 1)} <= states
    disk.sync(handle)
    disk.write(handle, b"x" * 2000)
    lengths = {len(image[JOURNAL]) for image in disk.moments[-1].images(random.Random(1))}
    assert {511, 512, 513, 1023, 1024, 1025, 1535, 1536, 1537} <= lengths
    assert {len(line), len(line) + 1, len(line) + 1999, len(line) + 2000} <= lengths


def test_the_paper_disk_would_notice_a_store_that_does_not_wait_for_the_disk() -> None:
    disk = PaperDisk(honest=False)
    assert any(found not in (before, after) for found, before, after in recoveries(disk, life(disk)))


@pytest.mark.parametrize("seed", range(SOAK))
def test_a_kiosk_whose_power_fails_again_and_again_goes_on_from_what_it_kept(seed: int) -> None:
    """After each cut the same kiosk goes on: numbers in the ledger stay without gap, and what was kept, stays."""
    chance = random.Random(seed)
    image: dict[str, bytes] = {}
    kept: list[str] = []
    number = 0
    for _ in range(25):
        disk = PaperDisk(image)
        store = Store(JournalStorage(PATH, disk=disk))
        store.recover()
        assert [rating.seq for rating in store.waiting()] == list(range(1, store.count_waiting() + 1))
        assert [rating.id for rating in store.waiting()][: len(kept)] == kept
        acknowledged = [(len(disk.moments), [rating.id for rating in store.waiting()])]
        for _ in range(chance.randrange(1, 4)):
            number += 1
            store.open_rating(a_rating(number))
            store.close_rating(an_id(number))
            if chance.random() < 0.3:
                store.tidy(at_once=True)
            acknowledged.append((len(disk.moments), [rating.id for rating in store.waiting()]))
        cut = chance.randrange(acknowledged[0][0], len(disk.moments))
        kept = [ids for at, ids in acknowledged if at <= cut][-1]
        image = chance.choice(list(disk.moments[cut].images(chance)))


def test_a_cut_while_recovering_from_a_cut_loses_nothing_either() -> None:
    disk = PaperDisk()
    chance = random.Random(2)
    account = life(disk)
    for index, before, after in account[:: max(1, len(account) // 25)]:
        for image in list(disk.moments[index].images(chance))[:6]:
            second = PaperDisk(image)
            Store(JournalStorage(PATH, disk=second)).recover()
            for moment in second.moments:
                states = list(moment.images(chance))
                for again in states[:12] + chance.sample(states, min(12, len(states))):
                    storage = JournalStorage(PATH, disk=PaperDisk(again))
                    found = {name: table for name, table in tables(storage).items() if name not in ("open",)}
                    for name in ("parked", "sent", "facts"):
                        assert found.get(name) in (before.get(name), after.get(name))
                    rated = ids(tables(storage))
                    assert rated in (ids(before), ids(after))


def ids(of: Tables) -> set[str]:
    """Every rating that is anywhere, open or waiting."""
    return {document["id"] for name in ("open", "waiting") for document in of.get(name, {}).values()}
