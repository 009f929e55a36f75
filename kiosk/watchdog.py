"""Tells systemd that the interface moves, so that a frozen screen is ended and started again.

Speaks sd_notify(3) over the datagram socket that systemd names in NOTIFY_SOCKET. Where there is none (a desktop,
Android, a test) nothing is sent. The beats come from the interface's own loop and from nowhere else: a thread of their
own would go on telling that a frozen window lives.
"""

import logging
import os
import socket
from collections.abc import Callable, Mapping
from typing import Any

LOG = logging.getLogger(__name__)

BEATS_A_LIMIT = 3
"""Beats within the time that systemd allows: two may come late on a busy machine."""

Every = Callable[[Callable[[float], None], float], Any]
"""Calls its first argument every so many seconds, in the interface's own loop (Kivy's `Clock.schedule_interval`)."""


def socket_address(environ: Mapping[str, str]) -> str | None:
    """Where systemd listens, None without it. `@` stands for the zero byte of a name without a file."""
    name = environ.get("NOTIFY_SOCKET", "")
    if name.startswith("@"):
        return "\0" + name[1:]
    return name if name.startswith("/") else None


def beat_interval_s(environ: Mapping[str, str]) -> float | None:
    """Seconds from one beat to the next, None when systemd watches nothing (no WatchdogSec= in the unit).

    WATCHDOG_PID is not asked: a program between systemd and the kiosk (a shell, a compositor) changes it.
    """
    try:
        limit_s = int(environ.get("WATCHDOG_USEC", "0")) / 1_000_000
    except ValueError:
        return None
    return limit_s / BEATS_A_LIMIT if limit_s > 0 else None


class Watchdog:
    """What the window tells systemd. Every method belongs to the interface's thread; none raises or waits."""

    def __init__(self, address: str | None, interval_s: float | None) -> None:
        self._address = address
        self._interval_s = interval_s
        self._deaf = False

    def watch(self, every: Every) -> None:
        """Say that the kiosk is ready, and from now on, by this loop, that it lives."""
        if self._address is None:
            return
        self._send("READY=1")
        if self._interval_s is not None:
            self._send("WATCHDOG=1")
            every(lambda _: self._send("WATCHDOG=1"), self._interval_s)

    def stopping(self) -> None:
        """Say that the kiosk ends because it was asked to."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if self._address is None:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as end:
                end.setblocking(False)  # a full queue must not be what freezes the window
                end.sendto(message.encode("ascii"), self._address)
            self._deaf = False
        except OSError as error:
            if not self._deaf:  # once, not at every beat: the log must not be what fills the card
                LOG.warning("systemd does not hear %s at %r: %s", message, self._address, error.strerror)
            self._deaf = True


def watchdog(environ: Mapping[str, str] = os.environ) -> Watchdog:
    """The watchdog of this process's surroundings. Opens nothing."""
    return Watchdog(socket_address(environ), beat_interval_s(environ))
