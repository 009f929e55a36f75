"""A real disk that can be told to fail."""

import errno
import os

from kiosk.disk import Disk


class FrailDisk(Disk):
    """full: takes part of a write, then none. failing: names of acts that end in EIO. room: bytes left until full.

    syncs_left: how many syncs still end well; None for all of them.
    """

    def __init__(self) -> None:
        self.full = False
        self.failing: set[str] = set()
        self.room: int | None = None
        self.syncs_left: int | None = None

    def write(self, handle: int, data: bytes) -> int:
        self._maybe_fail("write")
        if self.full or self.room == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self.room is not None:
            data = data[: self.room]
            self.room -= len(data)
        return super().write(handle, data)

    def sync(self, handle: int) -> None:
        self._maybe_fail("sync")
        if self.syncs_left is not None:
            if self.syncs_left == 0:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            self.syncs_left -= 1
        super().sync(handle)

    def cut(self, handle: int, length: int) -> None:
        self._maybe_fail("cut")
        super().cut(handle, length)

    def sync_directory(self, path: object) -> None:
        self._maybe_fail("sync_directory")
        super().sync_directory(path)  # type: ignore[arg-type]

    def rename(self, old: object, new: object) -> None:
        self._maybe_fail("rename")
        super().rename(old, new)  # type: ignore[arg-type]

    def _maybe_fail(self, act: str) -> None:
        if act in self.failing:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
