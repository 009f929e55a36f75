"""Ratings carried on a USB stick, when the network does not come.

A file is one batch (docs/wire.md), as it would go over the wire, and nothing else:
`Fernet(carry_key).encrypt(gzip(JSON of the batch))`. So it is encrypted and authenticated: a lost stick tells
nothing, and an altered file is refused whole. A batch holds at most 500 ratings and 1 MiB; more ratings make more
files, each of which can be imported alone, in any order and any number of times:

    ratings-KIOSK-2021-03-01.nucuoi, ratings-KIOSK-2021-03-01-2.nucuoi, …

The server reads one by `wire.read_batch(wire.unpack(Fernet(carry_key).decrypt(file)))` and takes it in like any
batch; the times of its ratings follow from their anchors, as `sent_at` on a stick says nothing about its arrival.
Ratings on a stick go on waiting on the kiosk: the next sync then finds them stored, as duplicates.
"""

import contextlib
import os
import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from kiosk.clock import Clock
from kiosk.condition import last_meeting
from kiosk.errors import CarryFailed, NotPaired
from kiosk.store import Store
from kiosk.sync import cut_batch
from survey import wire
from survey.errors import BadDocument
from survey.rating import Rating
from survey.wire import Batch, Status

ENDING = ".nucuoi"
_SPARE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What is on the stick now."""

    files: tuple[Path, ...]
    ratings: int


def export_waiting(store: Store, clock: Clock, directory: Path, state: Callable[[Store], Status]) -> Carried:
    """Copy what waits to a stick. Raises `NotPaired` without a carry key, `CarryFailed` when nothing waits."""
    identity = store.identity()
    if identity is None:
        raise NotPaired("this kiosk is not enrolled, so it has no key to lock a file with; enrol it first")
    ratings = store.waiting()
    if not ratings:
        raise CarryFailed(
            "nothing waits to be sent; there is nothing to copy",
            {"vi": "Không có lượt đánh giá nào chờ gửi.", "en": "No ratings wait to be sent."},
        )
    now = clock.now()
    head = Batch(
        sent_at=wire.write_time(now),
        boot_id=clock.boot_id,
        monotonic_ms=clock.monotonic_ms(),
        anchors=store.anchors(),
        status=state(store),
    )
    batches = split(head, ratings)
    date = clock.best_now(last_meeting(store)).date().isoformat()
    return export(batches, directory, kiosk_id=identity.kiosk_id, carry_key=identity.carry_key, date=date)


def split(head: Batch, ratings: Iterable[Rating]) -> list[Batch]:
    """Batches like `head` for all ratings, each within the limits of the wire."""
    rest, batches = tuple(ratings), []
    while rest:
        taken = cut_batch(rest, wire.MAX_RATINGS)
        batches.append(replace(head, ratings=taken))
        rest = rest[len(taken) :]
    return batches


def seal(batch: Batch, carry_key: str) -> bytes:
    """The bytes of a file."""
    from cryptography.fernet import Fernet  # as slow to load as it is seldom needed

    return Fernet(carry_key).encrypt(wire.pack(batch))


def unseal(content: bytes, carry_key: str) -> Batch:
    """The batch in a file. Raises `CarryFailed` when it was altered, is cut off, or is another kiosk's."""
    from cryptography.fernet import Fernet, InvalidToken

    try:
        return wire.read_batch(wire.unpack(Fernet(carry_key).decrypt(content)))
    except (InvalidToken, BadDocument) as error:
        raise CarryFailed("the file is damaged or of another kiosk; copy it again") from error


def export(batches: Iterable[Batch], directory: Path, *, kiosk_id: str, carry_key: str, date: str) -> Carried:
    """Write the batches to a stick; on return it is safe to pull.

    A file of the same day is replaced in one step, by one that holds whatever still waits. Raises `CarryFailed`.
    """
    if not directory.is_dir():
        raise CarryFailed(f"{directory} is no directory; plug the stick in and name where it is mounted")
    sealed = [(seal(batch, carry_key), len(batch.ratings)) for batch in batches]
    needed = sum(len(content) for content, _ in sealed) + _SPARE_BYTES
    files = []
    try:
        free = shutil.disk_usage(directory).free
        if free < needed:
            raise CarryFailed(
                f"{directory} has {free // 1000} kB free, {needed // 1000} kB are needed; use another stick",
                {"vi": "USB không đủ chỗ trống. Hãy dùng USB khác.", "en": "The stick is full. Use another one."},
            )
        for number, (content, _) in enumerate(sealed, start=1):
            file = directory / file_name(kiosk_id, date, number)
            _write(file, content)
            files.append(file)
        _sync_names(directory)
    except OSError as error:
        raise CarryFailed(
            f"{directory} takes no file: {error.strerror or error}; is the stick locked or pulled out?",
            {
                "vi": "Không ghi được vào USB. Hãy kiểm tra khóa chống ghi rồi cắm lại.",
                "en": "The stick cannot be written. Check its lock and plug it in again.",
            },
        ) from error
    return Carried(files=tuple(files), ratings=sum(count for _, count in sealed))


def file_name(kiosk_id: str, date: str, number: int) -> str:
    """The name of the `number`-th file of a day; letters that a FAT stick cannot hold are left out."""
    safe = re.sub(r"[^0-9A-Za-z_-]", "", kiosk_id) or "kiosk"
    return f"ratings-{safe}-{date}{'' if number == 1 else f'-{number}'}{ENDING}"


def sticks(mounts: str, under: Iterable[str]) -> list[Path]:
    """Where sticks are mounted, writable. mounts: the text of /proc/mounts; under: folders for sticks."""
    roots = [Path(root) for root in under]
    found = []
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 4 or not fields[0].startswith("/dev/") or "rw" not in fields[3].split(","):
            continue
        # The kernel writes a space in a stick's name as \\040.
        place = Path(re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), fields[1]))
        if any(root in place.parents for root in roots):
            found.append(place)
    return found


def _write(file: Path, content: bytes) -> None:
    unfinished = file.with_suffix(".part")
    try:
        with unfinished.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(unfinished, file)
    except OSError:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise


def _sync_names(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some file systems of sticks sync no directories; the files are synced
            os.fsync(handle)
    finally:
        os.close(handle)
