"""One data directory, one process: two kiosks writing the same journal would give a number to two ratings."""

import fcntl
import os
from pathlib import Path

from kiosk.disk import store_error
from kiosk.errors import StoreBusy


class Ownership:
    """Holds the directory until `release`, or until the process ends, however it ends.

    The lock is the kernel's (flock), not the file: a file left behind by a power cut locks nobody out.
    """

    def __init__(self, directory: Path) -> None:
        """Raises `StoreBusy`, which names the owner's process, or `StoreError` when nothing can be written."""
        path = directory / "lock"
        try:
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise store_error(error, path) from error
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            pid = os.read(self._handle, 20).decode("ascii", "replace").strip()
            os.close(self._handle)
            owner = f"process {pid}" if pid else "another process"
            raise StoreBusy(
                f"{directory} is in use by {owner}; end that kiosk first, or use another --data-dir",
                {
                    "vi": f"Dữ liệu đang được một chương trình khác sử dụng ({owner}).",
                    "en": f"The data is in use by another program ({owner}).",
                },
            ) from error
        try:
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, str(os.getpid()).encode(), 0)
        except OSError:
            # A full disk: the lock holds all the same, only its message will not name us.
            pass

    def release(self) -> None:
        """Let another process have the directory."""
        os.close(self._handle)
