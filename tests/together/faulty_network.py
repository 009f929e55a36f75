"""A network that loses replies, cuts requests and lies: a proxy on loopback between the real client and server.

Each request takes the next fault of the plan; when the plan is empty the network is well. The proxy speaks just
enough HTTP to know where a request and a reply end.
"""

import contextlib
import socket
import struct
import threading
import time
from collections import deque
from dataclasses import dataclass

KINDS = (
    "pass",
    "reply_lost",  # the server has committed; its answer never arrives
    "reply_cut",  # the answer stops in the middle
    "request_cut",  # the request stops in the middle
    "duplicated",  # the same request arrives twice
    "delayed",  # the request arrives after the client has gone away
    "error_500",
    "html_200",  # a captive portal
    "slow_drip",  # the answer comes byte by byte
    "reset",
    "refused",  # the connection closes at once
)

PORTAL = b"<!doctype html><title>Wi-Fi</title><p>Please accept our terms</p>"


@dataclass(frozen=True)
class Fault:
    """What befalls one request. where: 0.0–1.0, how far through it a cut comes; at: the byte, which goes before."""

    kind: str
    where: float = 0.5
    at: int | None = None

    def cut(self, message: bytes) -> bytes:
        """What is left of a message that is cut."""
        return message[: self.at if self.at is not None else int(len(message) * self.where)]


class FaultyNetwork:
    """Listens on a port of its own and forwards to `(host, port)`, with the planned faults. met: the faults so far;
    longest: bytes of the longest request."""

    def __init__(self, host: str, port: int, *, drip_s: float = 0.002, delay_s: float = 0.3) -> None:
        self._server = (host, port)
        self._drip_s, self._delay_s = drip_s, delay_s
        self.plan: deque[Fault] = deque()
        self.met: list[Fault] = []
        self.longest = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._late: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where a client finds the server through this network."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        """Stop listening and wait for requests that are still on their way."""
        self._listener.close()
        for thread in self._late:
            thread.join(timeout=10)

    def settle(self) -> None:
        """Wait until delayed requests have arrived."""
        for thread in list(self._late):
            thread.join(timeout=10)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.settimeout(30)
            while request := _read_message(client):
                fault = self.plan.popleft() if self.plan else Fault("pass")
                self.met.append(fault)
                self.longest = max(self.longest, len(request))
                if not self._meet(fault, client, request):
                    return

    def _meet(self, fault: Fault, client: socket.socket, request: bytes) -> bool:
        """Do what the fault says; whether the connection lives on."""
        match fault.kind:
            case "pass":
                client.sendall(self._ask(request))
                return True
            case "reply_lost":
                self._ask(request)
            case "reply_cut":
                reply = self._ask(request)
                client.sendall(fault.cut(reply))
            case "request_cut":
                self._ask(fault.cut(request), whole=False)
            case "duplicated":
                self._ask(request)
                client.sendall(self._ask(request))
                return True
            case "delayed":
                late = threading.Thread(target=self._arrive_late, args=(request,), daemon=True)
                self._late.append(late)
                late.start()
            case "error_500":
                client.sendall(_answer(b"500 Internal Server Error", b"text/plain", b"oops"))
            case "html_200":
                client.sendall(_answer(b"200 OK", b"text/html", PORTAL))
            case "slow_drip":
                reply = self._ask(request)
                for i in range(0, len(reply), 16):
                    client.sendall(reply[i : i + 16])
                    time.sleep(self._drip_s)
                return True
            case "reset":
                self._ask(request)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    def _arrive_late(self, request: bytes) -> None:
        time.sleep(self._delay_s)
        with contextlib.suppress(OSError):
            self._ask(request)

    def _ask(self, request: bytes, *, whole: bool = True) -> bytes:
        with socket.create_connection(self._server, timeout=30) as server:
            if request:
                server.sendall(request)
            if not whole:
                return b""
            return _read_message(server)


def _read_message(connection: socket.socket) -> bytes:
    """One whole HTTP message (by Content-Length or chunks), b'' when the other side has closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    fields = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])
    }
    if fields.get(b"transfer-encoding", b"").lower() == b"chunked":
        while not body.endswith(b"0\r\n\r\n"):
            body += _more(connection)
    elif not head.split(b" ", 2)[1].startswith(b"304"):
        length = int(fields.get(b"content-length", b"0"))
        while len(body) < length:
            body += _more(connection)
    return head + b"\r\n\r\n" + body


def _more(connection: socket.socket) -> bytes:
    part = connection.recv(65536)
    if not part:
        raise ConnectionResetError("closed in the middle of a message")
    return part


def _answer(status: bytes, kind: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (
        status,
        kind,
        len(body),
        body,
    )
