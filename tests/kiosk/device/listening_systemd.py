"""The end of sd_notify at which systemd listens: a datagram socket that keeps what it hears."""

import socket
import time
from pathlib import Path


class ListeningSystemd:
    """name: the socket's file, or a name with a leading `@`. Use it in a `with` block."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._end.bind("\0" + name[1:] if name.startswith("@") else name)

    def __enter__(self) -> "ListeningSystemd":
        return self

    def __exit__(self, *_: object) -> None:
        self._end.close()
        if not self.name.startswith("@"):
            Path(self.name).unlink(missing_ok=True)

    def surroundings(self, limit_s: float | None = None) -> dict[str, str]:
        """What systemd puts into the environment of a unit. limit_s: its WatchdogSec=."""
        limit = {} if limit_s is None else {"WATCHDOG_USEC": str(round(limit_s * 1_000_000)), "WATCHDOG_PID": "1"}
        return {"NOTIFY_SOCKET": self.name, **limit}

    def hear(self, within_s: float = 0.0) -> str | None:
        """The next message; None when none comes in this time."""
        self._end.settimeout(within_s or 0.001)
        try:
            return self._end.recv(4096).decode("ascii")
        except TimeoutError:
            return None

    def hear_all(self, for_s: float) -> list[str]:
        """All messages of this stretch of time."""
        end = time.monotonic() + for_s
        heard = []
        while (left := end - time.monotonic()) > 0:
            message = self.hear(left)
            if message is not None:
                heard.append(message)
        return heard
