"""An append-only file of checked lines: what was acknowledged is there after any power cut.

A line is `CRC32 (8 hex digits) SPACE payload NEWLINE`; the payload is compact JSON and holds no newline. The first
line is the header, which says the version. One line is one change set: after a power cut it is there whole or not
at all. A line counts as kept once `fdatasync` has returned, and only one line at a time is not yet kept; so
whatever is broken at the very end is a *torn tail*, never acknowledged, and whatever is broken before the end is
*damage* by the medium.
"""

import logging
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.disk import Disk, store_error, write_all
from kiosk.errors import StoreError

log = logging.getLogger(__name__)

HEADER = b'{"nucuoi_journal":1}'
_CHUNK = 1 << 18


def frame(payload: bytes) -> bytes:
    """A payload as a line."""
    return b"%08x %b\n" % (zlib.crc32(payload), payload)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds. payloads: without the header; length: where the last good line ends, in bytes;
    torn: what comes after it; damaged: broken lines between good ones."""

    payloads: Sequence[bytes]
    length: int
    torn: bytes
    damaged: tuple[bytes, ...]


def read_lines(data: bytes) -> Reading:
    """Take a journal's bytes apart. Raises `StoreError` for a header of another version."""
    lines = data.split(b"\n")
    rest = lines.pop()  # after the last newline: empty, or cut off
    payloads: list[bytes] = []
    broken: list[bytes] = []
    crc32 = zlib.crc32
    for line in lines:
        payload = line[9:]
        if line[8:9] == b" " and b"%08x" % crc32(payload) == line[:8]:
            payloads.append(payload)
        else:
            broken.append(line)
    torn = rest
    if broken and lines and broken[-1] is lines[-1] and not rest:
        torn = broken.pop() + b"\n"  # sectors of the last write reached the medium out of order
    if payloads and payloads[0].startswith(b'{"nucuoi_journal":'):
        if payloads[0] != HEADER:
            raise StoreError(f"the journal says {payloads[0].decode()}, but only version 1 is known; update the kiosk")
        del payloads[0]
    return Reading(payloads, len(data) - len(torn), torn, tuple(broken))


class Journal:
    """The file, opened for appending. Not safe for threads by itself: its storage holds a lock around each call."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self._path, self._disk = path, disk
        self._handle: int | None = None
        self._length = 0
        self._sour = False  # this file's end can no longer be trusted: it must be written anew first
        self._unnamed = False  # the file's name may not be on the medium yet
        self._since: list[bytes] | None = None  # lines appended since a rewrite began

    @property
    def length(self) -> int:
        """Bytes of the file that are kept."""
        return self._length

    @property
    def is_sour(self) -> bool:
        """Whether the next append must be preceded by a whole rewrite."""
        return self._sour

    @property
    def is_rewriting(self) -> bool:
        """Whether a rewrite has begun and is neither finished nor abandoned: there is only one at a time."""
        return self._since is not None

    def open(self) -> Reading:
        """Read the file, make an empty one when there is none, drop a torn tail, and get ready to append.

        Damage is only reported here: the caller sets it aside and then rewrites. Raises `StoreError`.
        """
        try:
            self._forget_unfinished()
            try:
                data = self._disk.read(self._path)
            except FileNotFoundError:
                data = b""
            reading = read_lines(data)
            self._handle = self._disk.open(self._path, new=False)
            self._length = reading.length
            if reading.torn:
                log.warning("%s: dropped %d bytes of an unfinished write", self._path, len(reading.torn))
                self._disk.cut(self._handle, reading.length)
            if not reading.length:
                self._write(frame(HEADER))
            elif reading.torn:
                self._disk.sync(self._handle)
            # A file that a power cut left without its name would be lost with all that follows.
            self._disk.sync_directory(self._path.parent)
        except OSError as error:
            self.close()
            raise store_error(error, self._path) from error
        except StoreError:
            self.close()
            raise
        return reading

    def append(self, payload: bytes) -> None:
        """Keep a payload: on return it is on the medium. Raises `StoreError`; then nothing was appended, and the
        same may be tried again (after a whole rewrite if `is_sour`)."""
        if self._handle is None or self._sour:
            raise StoreError(f"{self._path} must be written anew before it takes another line")
        line = frame(payload)
        try:
            if self._unnamed:
                self._disk.sync_directory(self._path.parent)
                self._unnamed = False
            self._write(line)
        except OSError as error:
            raise store_error(error, self._path) from error
        if self._since is not None:
            self._since.append(line)

    def _write(self, line: bytes) -> None:
        assert self._handle is not None
        try:
            write_all(self._disk, self._handle, line)
        except OSError:
            self._take_back()
            raise
        try:
            self._disk.sync(self._handle)
        except OSError:
            # The kernel may have thrown the unwritten pages away and would call a second fsync a success.
            self._take_back()
            self._sour = True
            raise
        self._length += len(line)

    def _take_back(self) -> None:
        """Cut off what an append left behind: it was not acknowledged and must not count after a restart."""
        assert self._handle is not None
        try:
            self._disk.cut(self._handle, self._length)
        except OSError:
            self._sour = True

    # --- rewriting: begin and finish under the storage's lock, fill without it -----------------------------------

    @property
    def _fresh_path(self) -> Path:
        return self._path.with_name(self._path.name + ".new")

    def begin_rewrite(self) -> None:
        """From now on remember what is appended. Raises `StoreError` when the journal was closed: the file may be
        another process's by now."""
        if self._handle is None:
            raise StoreError(f"{self._path} is closed; open it again")
        self._since = []

    def fill_rewrite(self, payloads: Iterable[bytes]) -> tuple[int, int]:
        """Write the state at `begin_rewrite` to a new file beside this one. Returns its handle and length.

        A kill at any moment leaves only a file that the next `open` deletes. Raises `StoreError`.
        """
        handle = None
        try:
            handle = self._disk.open(self._fresh_path, new=True)
            length, chunk = 0, [frame(HEADER)]
            size = len(chunk[0])
            for payload in payloads:
                line = frame(payload)
                chunk.append(line)
                size += len(line)
                if size >= _CHUNK:
                    write_all(self._disk, handle, b"".join(chunk))
                    length, chunk, size = length + size, [], 0
            write_all(self._disk, handle, b"".join(chunk))
            self._disk.sync(handle)
            return handle, length + size
        except OSError as error:
            self.abandon_rewrite(handle)
            raise store_error(error, self._fresh_path) from error
        except BaseException:  # a document that is no JSON, say
            self.abandon_rewrite(handle)
            raise

    def finish_rewrite(self, handle: int, length: int) -> None:
        """Add what was appended meanwhile, put the new file in the old one's place. Raises `StoreError`, and then
        the old file goes on."""
        if self._handle is None:  # closed meanwhile: the file may be another process's by now
            self._since = None
            self._disk.close(handle)
            raise StoreError(f"{self._path} was closed; open it again")
        since = b"".join(self._since or ())
        try:
            if since:
                write_all(self._disk, handle, since)
                self._disk.sync(handle)
            self._disk.rename(self._fresh_path, self._path)
        except OSError as error:
            self.abandon_rewrite(handle)
            raise store_error(error, self._path) from error
        old, self._handle, self._length = self._handle, handle, length + len(since)
        self._since, self._sour, self._unnamed = None, False, True
        try:
            if old is not None:
                self._disk.close(old)
            self._disk.sync_directory(self._path.parent)
            self._unnamed = False
        except OSError as error:
            # Until the directory is synced either file may be found after a power cut: both hold all that was
            # acknowledged so far, and `append` syncs the directory before it acknowledges more.
            log.warning("%s: its directory could not be synced yet: %s", self._path, error)

    def abandon_rewrite(self, handle: int | None) -> None:
        """Forget an unfinished rewrite."""
        self._since = None
        try:
            if handle is not None:
                self._disk.close(handle)
            self._forget_unfinished()
        except OSError as error:
            log.warning("%s could not be deleted: %s", self._fresh_path, error)

    def _forget_unfinished(self) -> None:
        try:
            self._disk.remove(self._fresh_path)
        except FileNotFoundError:
            return

    def close(self) -> None:
        """Give the file back. All that was appended is kept already."""
        if self._handle is not None:
            handle, self._handle = self._handle, None
            self._disk.close(handle)
