"""A line of so many bits a second each way, with a delay: a proxy on loopback before a server."""

import contextlib
import queue
import socket
import threading
import time

_PIECE = 512


class SlowLink:
    """Listens on a port of its own and forwards to `(host, port)`. up, down: bytes that went each way so far.

    Each way carries one byte after the other at the line's rate, and each arrives after the line's delay: what is
    still on its way does not hold up what comes behind it. Time is real; nothing is reckoned.
    """

    def __init__(self, host: str, port: int, *, bits_per_s: float, delay_s: float) -> None:
        self._server, self._bytes_per_s, self._delay_s = (host, port), bits_per_s / 8, delay_s
        self.up = self.down = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Where a client finds the server through this line."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError), socket.create_connection(self._server) as server:
            time.sleep(2 * self._delay_s)  # the handshake's own round trip
            back = threading.Thread(target=self._carry, args=(server, client, False), daemon=True)
            back.start()
            self._carry(client, server, True)
            back.join()

    def _carry(self, source: socket.socket, target: socket.socket, is_up: bool) -> None:
        on_the_way: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
        arrivals = threading.Thread(target=self._deliver, args=(on_the_way, target, is_up), daemon=True)
        arrivals.start()
        free_at = time.monotonic()
        with contextlib.suppress(OSError):
            while part := source.recv(_PIECE):
                free_at = max(free_at, time.monotonic()) + len(part) / self._bytes_per_s
                time.sleep(max(0.0, free_at - time.monotonic()))
                on_the_way.put((free_at + self._delay_s, part))
        on_the_way.put((time.monotonic() + self._delay_s, b""))
        arrivals.join()

    def _deliver(self, on_the_way: "queue.SimpleQueue[tuple[float, bytes]]", target: socket.socket, up: bool) -> None:
        with contextlib.suppress(OSError):
            while True:
                at, part = on_the_way.get()
                time.sleep(max(0.0, at - time.monotonic()))
                if not part:
                    target.shutdown(socket.SHUT_WR)
                    return
                target.sendall(part)
                if up:
                    self.up += len(part)
                else:
                    self.down += len(part)
