"""Ratings on a stick: complete, locked, and never half written."""

import errno
import os
from pathlib import Path

import pytest

from kiosk import carry
from kiosk.errors import CarryFailed, NotPaired
from kiosk.store import Identity, Store, open_store
from survey.wire import Batch, Receipt, Status
from tests.kiosk.builders import MONDAY, a_rating, an_id
from tests.kiosk.fakes import CARRY_KEY, HandClock

OTHER_KEY = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY="


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr("os.fdatasync", lambda handle: None)
    store = open_store(tmp_path / "data")
    store.enrol(Identity(url="https://a", kiosk_id="k-1/é", key="x", carry_key=CARRY_KEY, unit_id="u"))
    return store


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    stick = tmp_path / "stick"
    stick.mkdir()
    return stick


def rate(store: Store, *numbers: int) -> None:
    for number in numbers:
        store.open_rating(a_rating(number))
        store.close_rating(an_id(number))


def export(store: Store, stick: Path) -> carry.Carried:
    return carry.export_waiting(store, HandClock().clock, stick, lambda store: Status(waiting=store.count_waiting()))


def test_everything_that_waits_is_on_the_stick_and_goes_on_waiting(store: Store, stick: Path) -> None:
    rate(store, *range(1, 1102))
    done = export(store, stick)
    assert [file.name for file in done.files] == [
        "ratings-k-1-2021-03-01.nucuoi",
        "ratings-k-1-2021-03-01-2.nucuoi",
        "ratings-k-1-2021-03-01-3.nucuoi",
    ]
    batches = [carry.unseal(file.read_bytes(), CARRY_KEY) for file in done.files]
    assert [rating for batch in batches for rating in batch.ratings] == store.waiting()
    assert [len(batch.ratings) for batch in batches] == [500, 500, 101]
    assert done.ratings == store.count_waiting() == 1101
    assert sorted(file.name for file in stick.iterdir()) == sorted(file.name for file in done.files)


def test_a_stick_tells_nothing_without_the_key_and_an_altered_file_is_refused_whole(store: Store, stick: Path) -> None:
    rate(store, 1)
    (file,) = export(store, stick).files
    content = file.read_bytes()
    assert b"off-hoa" not in content
    with pytest.raises(CarryFailed, match="another kiosk"):
        carry.unseal(content, OTHER_KEY)
    for at in range(0, len(content), 7):
        altered = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        with pytest.raises(CarryFailed):
            carry.unseal(altered, CARRY_KEY)
    with pytest.raises(CarryFailed):
        carry.unseal(content[:-10], CARRY_KEY)


def test_copying_again_on_the_same_day_replaces_the_file_by_one_with_more(store: Store, stick: Path) -> None:
    rate(store, 1)
    export(store, stick)
    rate(store, 2)
    (file,) = export(store, stick).files
    assert len(carry.unseal(file.read_bytes(), CARRY_KEY).ratings) == 2
    assert [found.name for found in stick.iterdir()] == [file.name]


def test_a_stick_that_fails_keeps_what_it_had(store: Store, stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rate(store, 1)
    (file,) = export(store, stick).files
    before = file.read_bytes()
    rate(store, 2)

    def fail(handle: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(CarryFailed, match="locked or pulled out"):
        export(store, stick)
    assert [found.name for found in stick.iterdir()] == [file.name]
    assert file.read_bytes() == before


def test_a_full_stick_is_told_before_anything_is_written(
    store: Store, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rate(store, 1)
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    with pytest.raises(CarryFailed, match="another stick"):
        export(store, stick)
    assert list(stick.iterdir()) == []


def test_nothing_waiting_no_stick_and_no_pairing_each_say_so(store: Store, stick: Path, tmp_path: Path) -> None:
    with pytest.raises(CarryFailed, match="nothing waits"):
        export(store, stick)
    rate(store, 1)
    with pytest.raises(CarryFailed, match="plug the stick in"):
        export(store, tmp_path / "nowhere")
    stranger = open_store(tmp_path / "stranger")
    with pytest.raises(NotPaired):
        export(stranger, stick)


def test_settled_ratings_are_not_copied(store: Store, stick: Path) -> None:
    rate(store, 1, 2)
    first = store.waiting(1)[0]
    store.settle(first, Receipt(id=first.id, verdict="stored"), MONDAY)
    (file,) = export(store, stick).files
    assert [rating.seq for rating in carry.unseal(file.read_bytes(), CARRY_KEY).ratings] == [2]


def test_no_batch_on_a_stick_is_larger_than_the_wire_allows() -> None:
    head = Batch(sent_at="2021-03-01T08:00:00+07:00", boot_id="b", monotonic_ms=1)
    ratings = [a_rating(n, comment="ộ" * 500) for n in range(1200)]
    batches = carry.split(head, ratings)
    assert [rating for batch in batches for rating in batch.ratings] == ratings
    assert all(len(batch.ratings) <= 500 for batch in batches)
    assert carry.split(head, []) == []


MOUNTS = """\
/dev/mmcblk0p2 / ext4 rw,noatime 0 0
proc /proc proc rw 0 0
/dev/sda1 /media/pi/KINGSTON vfat rw,nosuid,nodev 0 0
/dev/sdb1 /media/pi/T\\303\\240i\\040li\\341\\273\\207u vfat rw 0 0
/dev/sdc1 /media/pi/LOCKED vfat ro 0 0
/dev/sdd1 /mediaeval/x vfat rw 0 0
tmpfs /run/media/x tmpfs rw 0 0
broken line
"""


def test_sticks_are_told_from_other_disks() -> None:
    found = carry.sticks(MOUNTS, ["/media", "/run/media"])
    assert found[0] == Path("/media/pi/KINGSTON")
    assert len(found) == 2
    assert " " in found[1].name
