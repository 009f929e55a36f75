"""The settings of this device. What a kiosk asks and shows comes from the server (`survey.setup`), not from here."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone
from pathlib import Path

from survey import settings as reader
from survey.errors import BadDocument
from survey.rating import SOURCES

PREFIX = "NUCUOI_KIOSK"
SYSTEM_FILE = Path("/etc/nucuoi/kiosk.toml")
_OFFSET = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d")
LOG_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskSettings:
    """One device's settings; `config/kiosk.toml` shows each with its default and meaning."""

    data_dir: Path = Path("~/.local/share/nucuoi-kiosk")
    ca_file: Path | None = None
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 30.0
    request_timeout_s: float = 120.0
    heartbeat_s: int = 240
    source: str = "kiosk"
    utc_offset: str = "+07:00"
    fullscreen: bool = True
    window_size: str | None = None
    screen_diagonal_inch: float = 10.1
    camera: str = "auto"
    stick_dirs: tuple[str, ...] = ("/media", "/run/media", "/mnt")
    low_disk_mb: int = 200
    log_level: str = "info"
    log_file: Path | None = None

    def __post_init__(self) -> None:
        faults = []
        if self.source not in SOURCES:
            faults.append(f"source: must be one of {', '.join(SOURCES)}, not '{self.source}'")
        if self.log_level not in LOG_LEVELS:
            faults.append(f"log_level: must be one of {', '.join(LOG_LEVELS)}, not '{self.log_level}'")
        if not _OFFSET.fullmatch(self.utc_offset):
            faults.append(f"utc_offset: must be like +07:00, not '{self.utc_offset}'")
        if self.window_size is not None and not re.fullmatch(r"[1-9]\d{2,4}x[1-9]\d{2,4}", self.window_size):
            faults.append(f"window_size: must be like 1280x800, not '{self.window_size}'")
        for name in ("connect_timeout_s", "read_timeout_s", "request_timeout_s", "screen_diagonal_inch"):
            if getattr(self, name) <= 0:
                faults.append(f"{name}: must be more than 0, not {getattr(self, name)}")
        if self.camera not in ("auto", "off") and not self.camera.startswith("/dev/"):
            faults.append(f"camera: must be auto, off or a node such as /dev/video0, not '{self.camera}'")
        if not 10 <= self.heartbeat_s <= 300:
            faults.append(f"heartbeat_s: must be from 10 to 300, not {self.heartbeat_s}: staff look for silent kiosks")
        if self.low_disk_mb < 0:
            faults.append(f"low_disk_mb: must be 0 or more, not {self.low_disk_mb}")
        if faults:
            raise BadDocument(faults)

    @property
    def zone(self) -> timezone:
        """The local time of the counter. A Raspberry Pi left at London time must not sleep at the wrong hours."""
        hours, minutes = self.utc_offset[1:].split(":")
        ahead = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-ahead if self.utc_offset.startswith("-") else ahead)

    @property
    def directory(self) -> Path:
        """The data directory, `~` resolved."""
        return self.data_dir.expanduser()


def load(file: Path | None, environ: Mapping[str, str] = os.environ) -> KioskSettings:
    """Defaults ← file ← environment (`NUCUOI_KIOSK_DATA_DIR` …). Without a file named, the system's if there is one.

    Raises `survey.settings.BadSettings` with every fault at once.
    """
    if file is None and SYSTEM_FILE.exists():
        file = SYSTEM_FILE
    ours = {name: value for name, value in environ.items() if name.startswith(PREFIX + "_")}
    return reader.load(KioskSettings, file=file, environ=ours, prefix=PREFIX)
