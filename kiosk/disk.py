"""The few acts on a disk that durability is made of, so that tests can cut the power between any two of them."""

import contextlib
import errno
import os
import pwd
from pathlib import Path

from kiosk.errors import StoreError


class Disk:
    """The real disk. Each act raises `OSError`; a handle is a file descriptor opened for appending."""

    def read(self, path: Path) -> bytes:
        """All bytes of a file. Raises `FileNotFoundError` when there is none."""
        return path.read_bytes()

    def open(self, path: Path, *, new: bool) -> int:
        """A handle that appends; `new` starts with an empty file. Only the owner may read it: ratings are private."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | (os.O_TRUNC if new else 0)
        return os.open(path, flags, 0o600)

    def write(self, handle: int, data: bytes) -> int:
        """How many bytes were taken. A disk that is nearly full takes fewer and reports no error."""
        return os.write(handle, data)

    def sync(self, handle: int) -> None:
        """Wait until the file's bytes and length are on the medium."""
        # macOS, where developers sit, has no fdatasync.
        getattr(os, "fdatasync", os.fsync)(handle)

    def cut(self, handle: int, length: int) -> None:
        """Shorten the file."""
        os.ftruncate(handle, length)

    def close(self, handle: int) -> None:
        """Give the handle back."""
        os.close(handle)

    def rename(self, old: Path, new: Path) -> None:
        """Put `old` in the place of `new`, in one step."""
        os.replace(old, new)

    def remove(self, path: Path) -> None:
        """Delete a file."""
        path.unlink()

    def sync_directory(self, path: Path) -> None:
        """Wait until the names in a directory are on the medium: a new file without this may vanish."""
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_all(disk: Disk, handle: int, data: bytes) -> None:
    """Write every byte or raise `OSError`: a full disk first takes a part and only then says so."""
    while data:
        taken = disk.write(handle, data)
        if taken <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        data = data[taken:]


def claim_directory(directory: Path) -> None:
    """Make the data directory, for its owner's eyes only. Raises `StoreError` when it is another user's."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        state = directory.stat()
        if state.st_uid != os.geteuid():
            raise StoreError(
                f"{directory} belongs to user {_user(state.st_uid)}, but this is user {_user(os.geteuid())}; "
                "run as that user, or give the directory to this one with chown -R",
                {
                    "vi": f"Thư mục dữ liệu {directory} thuộc về người dùng khác ({_user(state.st_uid)}). "
                    "Xin báo người phụ trách kỹ thuật.",
                    "en": f"The data directory {directory} belongs to another user ({_user(state.st_uid)}).",
                },
            )
        if state.st_mode & 0o077:
            directory.chmod(0o700)
    except OSError as error:
        raise store_error(error, directory) from error


_REMEDIES = {
    errno.ENOSPC: (
        "the disk is full; free some space, then the kiosk goes on by itself",
        "Bộ nhớ đã đầy. Hãy giải phóng dung lượng, máy sẽ tự hoạt động lại.",
        "The disk is full. Free some space; the kiosk goes on by itself.",
    ),
    errno.EROFS: (
        "the disk is read-only; it was locked or is failing: restart, then replace the card",
        "Bộ nhớ đang ở chế độ chỉ đọc, có thể sắp hỏng. Hãy khởi động lại, nếu còn lỗi thì thay thẻ nhớ.",
        "The disk is read-only and may be failing. Restart; if that does not help, replace the card.",
    ),
    errno.EIO: (
        "the disk reports errors; replace the card after copying the ratings to a stick",
        "Bộ nhớ báo lỗi. Hãy chép dữ liệu ra USB rồi thay thẻ nhớ.",
        "The disk reports errors. Copy the ratings to a stick, then replace the card.",
    ),
    errno.EACCES: (
        "this user may not write there; run as the owner of the directory or mend its permissions",
        "Chương trình không có quyền ghi vào thư mục dữ liệu. Xin báo người phụ trách kỹ thuật.",
        "The program may not write to its data directory. Please tell the technician.",
    ),
}
_SAME = {
    errno.EDQUOT: errno.ENOSPC,
    errno.EFBIG: errno.ENOSPC,
    errno.EPERM: errno.EACCES,
    errno.ENOTDIR: errno.EACCES,
    errno.EEXIST: errno.EACCES,  # a file stands where the directory should be
}


def store_error(error: OSError, path: Path) -> StoreError:
    """What an `OSError` at `path` means for staff, with the remedy."""
    code = error.errno or 0
    remedy, vi, en = _REMEDIES.get(_SAME.get(code, code), _REMEDIES[errno.EIO])
    return StoreError(f"{path}: {error.strerror or error}: {remedy}", {"vi": vi, "en": en})


def _user(uid: int) -> str:
    with contextlib.suppress(KeyError):
        return pwd.getpwuid(uid).pw_name
    return str(uid)
