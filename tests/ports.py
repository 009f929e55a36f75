"""Ports for child processes that cannot say which one they took."""

import contextlib
import random
import socket

BELOW_THE_KERNELS_OWN = range(20_000, 32_000)
"""What a client's connection gets by itself lies above: it can never take a port between the choice and the start."""


def free_port() -> int:
    """A port on loopback that nobody uses now, by lot: those who run at the same time hardly draw the same one."""
    chance = random.SystemRandom()
    while True:
        port = chance.choice(BELOW_THE_KERNELS_OWN)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
