"""What can be asked of the machine itself: room on the disk, battery, what it is."""

import contextlib
import importlib.metadata
import os
import platform
from pathlib import Path

_POWER = Path("/sys/class/power_supply")


def app_version() -> str:
    """The version of this program, `0` from a bare checkout."""
    try:
        return importlib.metadata.version("nucuoi")
    except importlib.metadata.PackageNotFoundError:
        return "0"


def disk_free_mb(directory: Path) -> int | None:
    """Room that this user may fill, in MB; None when it cannot be told."""
    while not directory.exists() and directory != directory.parent:
        directory = directory.parent
    try:
        state = os.statvfs(directory)
    except OSError:
        return None
    return state.f_bavail * state.f_frsize // 1_000_000


def battery_percent(power: Path = _POWER) -> int | None:
    """The charge of the first battery, None on a machine without one."""
    with contextlib.suppress(OSError):
        for supply in sorted(power.iterdir()):
            with contextlib.suppress(OSError, ValueError):
                if (supply / "type").read_text(encoding="ascii").strip() == "Battery":
                    return max(0, min(100, int((supply / "capacity").read_text(encoding="ascii"))))
    return None


def hardware() -> str:
    """The board's own name (`Raspberry Pi 4 Model B …`), or the processor's kind."""
    with contextlib.suppress(OSError):
        return Path("/proc/device-tree/model").read_text(encoding="ascii", errors="replace").rstrip("\0\n")
    return platform.machine()


def system() -> str:
    """The operating system's name and version."""
    with contextlib.suppress(OSError):
        return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    return f"{platform.system()} {platform.release()}"
