"""An HTTP server on loopback that answers as it is told: well, wrongly, slowly, or not at all."""

import gzip
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Handler"], None]


@dataclass
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        packed = self.headers.get("Content-Encoding") == "gzip"
        return json.loads(gzip.decompress(self.body) if packed else self.body)


@dataclass
class LyingServer:
    """url: where it is. answer: what the next requests get. asked: all that came."""

    url: str = ""
    answer: Answer = lambda handler: None
    asked: list[Asked] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    """Takes a request whole, then lets the test's answer write to the connection."""

    protocol_version = "HTTP/1.1"
    liar: LyingServer
    request_body: bytes = b""

    def handle_any(self) -> None:
        self.request_body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.liar.asked.append(Asked(self.command, self.path, dict(self.headers), self.request_body))
        self.liar.answer(self)

    do_GET = do_POST = handle_any

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Type": "application/json", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def says(status: int, document: object = None, **headers: str) -> Answer:
    """A JSON answer."""
    body = json.dumps(document).encode() if document is not None else b""
    return lambda handler: handler.say(status, body, **headers)


def problem(status: int, code: str, **headers: str) -> Answer:
    """A problem document of ours."""
    document = {"type": "about:blank", "title": code, "status": status, "code": code, "detail": f"about {code}"}
    return says(status, document, Content_Type="application/problem+json", **headers)


def html(status: int = 200, **headers: str) -> Answer:
    """A page, as captive portals and proxies show."""
    page = b"<!doctype html><title>Wi-Fi</title>Please log in"
    return lambda handler: handler.say(status, page, **{"Content_Type": "text/html", **headers})


def drip(pause_s: float, text: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000) -> Answer:
    """Byte by byte, each in time."""

    def answer(handler: Handler) -> None:
        for index in range(len(text)):
            handler.wfile.write(text[index : index + 1])
            handler.wfile.flush()
            time.sleep(pause_s)

    return answer


def hang_up(handler: Handler) -> None:
    """The request is taken, the answer never comes."""
    handler.close_connection = True


def stays_silent(seconds: float) -> Answer:
    """Nothing at all for a while."""
    return lambda handler: time.sleep(seconds)


@contextmanager
def a_lying_server(context: ssl.SSLContext | None = None) -> Iterator[LyingServer]:
    """Listens on a port of its own; with a context it speaks TLS."""
    liar = LyingServer()
    handler = type("OneHandler", (Handler,), {"liar": liar})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.handle_error = lambda *_: None  # type: ignore[method-assign, assignment]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    liar.url = f"{'http' if context is None else 'https'}://127.0.0.1:{server.server_address[1]}"
    try:
        yield liar
    finally:
        server.shutdown()
        server.server_close()
