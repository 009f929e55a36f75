"""A line of so many bits a second each way, with a delay: a proxy on loopback before a server."""

import contextlib
import socket
import threading
import time

_PIECE = 512


class SlowLink:
    """Listens on a port of its own and forwards to `(host, port)`. up, down: bytes that went each way so far."""

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
            time.sleep(self._delay_s)  # the handshake's own round trip
            back = threading.Thread(target=self._carry, args=(server, client, False), daemon=True)
            back.start()
            self._carry(client, server, True)
            back.join()

    def _carry(self, source: socket.socket, target: socket.socket, is_up: bool) -> None:
        with contextlib.suppress(OSError):
            quiet = True
            while part := source.recv(_PIECE):
                time.sleep(len(part) / self._bytes_per_s + (self._delay_s if quiet else 0))
                quiet = len(part) < _PIECE
                target.sendall(part)
                if is_up:
                    self.up += len(part)
                else:
                    self.down += len(part)
            target.shutdown(socket.SHUT_WR)
