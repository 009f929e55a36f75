"""A disk on paper, whose power can be cut between any two acts, to see every state that a real one may wake up in.

The model, chosen to be at least as unkind as ext4 (data=ordered) or F2FS on an SD card:

- A file's bytes and length are safe only up to its last `sync`. Of what was written since, each sector of 512 bytes
  may have reached the medium or not, each by itself, in any order; one that has not reads as before (as zeros in new
  space). The length is what it was after any number of the unsynced writes and cuts, in their order, or any in the
  middle of the last write: of a short one every length is looked at, of a long one those at and beside the ends of
  its sectors. So every prefix of what was written is among the states.
- A sector is written whole or not at all.
- Names (new files, renames, deletions) are safe only up to the last `sync_directory`. Since then any number of them
  have happened, from the first on, in their order (the file system's own journal keeps that order); a rename is one
  step. Syncing a file does not save its name.
- What was synced stays. (A card that loses synced data is a broken card: that is what checksums and `.damaged` are
  for, tested elsewhere.)
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.disk import Disk

SECTOR = 512
_FEW = 5


@dataclass
class _File:
    """safe: bytes on the medium; now: bytes as the running program sees them; lengths: since the last sync."""

    safe: bytes = b""
    now: bytes = b""
    lengths: list[int] = field(default_factory=list)

    def copy(self) -> "_File":
        return _File(self.safe, self.now, list(self.lengths))

    def sync(self) -> None:
        self.safe, self.lengths = self.now, []

    def lengths_inside(self) -> list[int]:
        """Lengths in the middle of the last unsynced write, where the power may have ended it."""
        begin, end = ([len(self.safe), *self.lengths])[-2:] if self.lengths else (0, 0)
        if end - begin <= SECTOR:
            return list(range(begin + 1, end))
        sectors = [*range(begin, end, SECTOR), *range(-(-begin // SECTOR) * SECTOR, end, SECTOR)]
        return sorted({n for at in (*sectors, end) for n in (at - 1, at, at + 1) if begin < n < end})

    def states(self, chance: random.Random) -> Iterator[bytes]:
        """What the medium may hold: the extremes, each sector alone, each sector missing, some at random, and each
        prefix of the last write."""
        lengths = [len(self.safe), *self.lengths]
        longest = max(*lengths, len(self.now), len(self.safe))
        old, new = self.safe.ljust(longest, b"\0"), self.now.ljust(longest, b"\0")
        places = [i for i in range(0, longest, SECTOR) if old[i : i + SECTOR] != new[i : i + SECTOR]]
        choices: list[set[int]] = [set(), set(places)]
        choices += [{place} for place in places[:_FEW]] + [set(places) - {place} for place in places[-_FEW:]]
        choices += [{place for place in places if chance.random() < 0.5} for _ in range(2 if len(places) > 2 else 0)]
        whole = dict.fromkeys([lengths[0], lengths[-1], *lengths])
        seen = set()
        for written, length in (
            *itertools.product(choices, whole),
            *itertools.product([set(places)], self.lengths_inside()),
        ):
            image = bytearray(old)
            for place in written:
                image[place : place + SECTOR] = new[place : place + SECTOR]
            state = bytes(image[:length])
            if state not in seen:
                seen.add(state)
                yield state


@dataclass
class Moment:
    """All that matters at one moment: files by number, safe names, and what was done to names since."""

    files: dict[int, _File]
    names: dict[str, int]
    unsafe: list[tuple[str, ...]]

    def images(self, chance: random.Random) -> Iterator[dict[str, bytes]]:
        """Each directory that the kiosk may find after the power comes back."""
        for count in range(len(self.unsafe) + 1):
            names = dict(self.names)
            for act in self.unsafe[:count]:
                _do(names, act)
            found = [[(name, state) for state in self.files[number].states(chance)] for name, number in names.items()]
            for image in itertools.product(*found):
                yield dict(image)


def _do(names: dict[str, int], act: tuple[str, ...]) -> None:
    match act:
        case ("make", name, number):
            names[name] = int(number)
        case ("rename", old, new):
            names[new] = names.pop(old)
        case ("remove", name):
            del names[name]


class PaperDisk(Disk):
    """Holds files in memory. `moments[i]` is the disk in the middle of act i: begun, and not yet known to be done."""

    def __init__(self, files: dict[str, bytes] | None = None, *, honest: bool = True) -> None:
        """honest: a disk that is not says «synced» at once, to see that the test would notice."""
        self._files: dict[int, _File] = {}
        self._names: dict[str, int] = {}
        self._honest = honest
        for name, content in (files or {}).items():
            self._names[name] = len(self._files)
            self._files[len(self._files)] = _File(content, content)
        self._safe_names = dict(self._names)
        self._unsafe: list[tuple[str, ...]] = []
        self.moments: list[Moment] = []

    def snapshot(self) -> Moment:
        files = {number: file.copy() for number, file in self._files.items()}
        return Moment(files, dict(self._safe_names), list(self._unsafe))

    def _note(self) -> None:
        self.moments.append(self.snapshot())

    def read(self, path: Path) -> bytes:
        if path.name not in self._names:
            raise FileNotFoundError(path)
        return self._files[self._names[path.name]].now

    def open(self, path: Path, *, new: bool) -> int:
        if path.name not in self._names:
            self._act("make", path.name, str(len(self._files)))
            self._files[self._names[path.name]] = _File()
        handle = self._names[path.name]
        if new and self._files[handle].now:
            self.cut(handle, 0)
        self._note()
        return handle

    def write(self, handle: int, data: bytes) -> int:
        file = self._files[handle]
        file.now += data
        file.lengths.append(len(file.now))
        self._note()
        return len(data)

    def sync(self, handle: int) -> None:
        self._note()
        if self._honest:
            self._files[handle].sync()

    def cut(self, handle: int, length: int) -> None:
        file = self._files[handle]
        file.now = file.now[:length]
        file.lengths.append(length)
        self._note()

    def close(self, handle: int) -> None:
        pass

    def rename(self, old: Path, new: Path) -> None:
        self._act("rename", old.name, new.name)

    def remove(self, path: Path) -> None:
        if path.name not in self._names:
            raise FileNotFoundError(path)
        self._act("remove", path.name)

    def sync_directory(self, path: Path) -> None:
        self._note()
        if self._honest:
            self._safe_names, self._unsafe = dict(self._names), []

    def _act(self, *act: str) -> None:
        _do(self._names, act)
        if act[0] == "make":
            self._files.setdefault(int(act[2]), _File())
        self._unsafe.append(act)
        self._note()
