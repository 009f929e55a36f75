"""The only way out to the server (docs/wire.md). Every call ends in time, with an answer of ours or an error.

But for one thing: looking up the server's name. Python's resolver takes no timeout; how long it may be is the
system's (resolv.conf: 5 s, twice, for each name server, unless set otherwise). So nothing here may run in the
interface's thread: the sync has one of its own, and so have enrolment and the doctor.

A captive portal, a proxy or a broken server is never taken for the server: only documents of the right shape are.
All calls raise `ServerAway` (try again later), `ServerBusy` (later, as told) or `NotWelcome` (staff must enrol
again); what else, says each.
"""

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from kiosk.errors import BatchRejected, EnrolmentFailed, NotWelcome, ServerAway, ServerBusy
from survey import codec, wire
from survey.errors import BadDocument
from survey.setup import Setup
from survey.wire import Batch, Enrolled, Reply

_LARGEST_DOCUMENT = 4 * 1024 * 1024
_LARGEST_PHOTO = 5 * 1024 * 1024
_LONGEST_WAIT_S = 3600.0
_FAULTS_OF_THE_WAY = frozenset({"bad_json", "bad_encoding", "unknown_version", "unsupported_media"})
"""Problem codes that no smaller batch would mend: something between changes what is sent, or a program is too old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds to wait for a connection, for the next bytes, and for a whole request with its answer."""

    connect_s: float = 10.0
    read_s: float = 30.0
    whole_s: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What the server is told of this machine when it joins."""

    name: str
    hardware: str
    os: str
    app_version: str


class Client:
    """Speaks to one server. Not for several threads at once; each request stands for itself."""

    def __init__(
        self, url: str, *, key: str | None = None, ca_file: Path | None = None, patience: Patience | None = None
    ) -> None:
        """url: as in the enrolment, with or without a path. Opens nothing yet."""
        self._base = url.rstrip("/")
        self._key = key
        self._patience = patience or Patience()
        self._session = requests.Session()
        # A key that stood in ~/.netrc must not take the place of ours; proxies from the environment are welcome.
        self._session.auth = self._authorise
        # Given with each request: REQUESTS_CA_BUNDLE in the environment would override the session's own.
        self._trusted: str | bool = str(ca_file) if ca_file is not None else True
        self._watched = _Watched()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, self._watched)

    def close(self) -> None:
        """Let go of connections."""
        self._session.close()

    def enrol(self, code: str, device: Device) -> Enrolled:
        """Join. Raises `EnrolmentFailed` when the code is wrong, used or too old. Never safe to repeat by itself:
        the code works once, so that after a lost reply a new one is needed."""
        body = wire.to_json({"code": code, "device": codec.encode(device)})
        answer = self._ask("POST", "/enrolments", body=body)
        if answer.status == 403 or answer.code == "bad_code":
            raise EnrolmentFailed(
                "the enrolment code is wrong, used or older than 15 minutes; make a new one on the server",
                {
                    "vi": "Mã ghép nối không đúng, đã được dùng hoặc đã quá 15 phút. Hãy tạo mã mới trên máy chủ.",
                    "en": "The code is wrong, was used or is older than 15 minutes. Make a new one on the server.",
                },
            )
        if answer.status in (400, 413, 415, 422) and answer.code is not None:
            raise EnrolmentFailed(f"the server does not take this enrolment: {answer.detail}; update the kiosk")
        enrolled: Enrolled = self._document(answer, Enrolled, wanted=(201, 200))
        return enrolled

    def setup(self, etag: str | None) -> tuple[Setup, str | None] | None:
        """The setup and its ETag, None when `etag` still names the newest. Safe to repeat."""
        answer = self._ask("GET", "/setup", headers={"If-None-Match": etag} if etag else {})
        if answer.status == 304 and etag:
            return None
        setup = self._document(answer, Setup)
        if setup.version != 1:
            raise ServerAway(f"the setup has version {setup.version}, only 1 is known here; update the kiosk")
        return setup, answer.headers.get("ETag")

    def send(self, batch: Batch) -> Reply:
        """What became of each rating. Safe to repeat: a rating is stored once. Raises `BatchRejected` too."""
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json", "Prefer": wire.PREFERENCE}
        answer = self._ask("POST", "/batches", body=wire.pack(batch), headers=headers)
        if answer.status == 413 or (answer.status in (400, 415, 422) and answer.code is not None):
            if answer.code in _FAULTS_OF_THE_WAY:
                raise _away(f"the server cannot read batches from here ({answer.detail}); update the kiosk", answer)
            raise BatchRejected(f"the server rejects the batch: {answer.status} {answer.detail}", answer.code)
        if answer.status != 200:
            raise _away(f"the answer to a batch is {answer.status} {answer.detail}", answer)
        try:
            return wire.read_reply(answer.body, batch.ratings)
        except BadDocument as error:
            raise _away(f"the answer is not our server's ({error})", answer) from error

    def photo(self, path: str) -> bytes:
        """An officer's picture; path as in the setup. Safe to repeat."""
        if urlsplit(path).netloc or urlsplit(path).scheme:
            # Our key goes along: it must not go to anybody else.
            raise ServerAway(f"the photo {path!r} is on another server; its path must begin with /")
        answer = self._ask("GET", path, limit=_LARGEST_PHOTO, root=True)
        if answer.status != 200 or not answer.headers.get("Content-Type", "").startswith("image/"):
            raise _away(f"{path} is no picture (status {answer.status})", answer)
        return answer.body

    # --- one request ---------------------------------------------------------------------------------------------

    def _ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        limit: int = _LARGEST_DOCUMENT,
        root: bool = False,
    ) -> "_Answer":
        parts = urlsplit(self._base)
        base = f"{parts.scheme}://{parts.netloc}" if root else f"{self._base}/api/v1"
        url = base + quote(path, safe="/%?=&.-_~")
        try:
            answer = self._exchange(method, url, body, {"Accept": "application/json", **(headers or {})}, limit)
        except requests.exceptions.SSLError as error:
            raise _unreachable(
                f"the certificate of {self._base} is not valid ({_cause(error)}); check the clock, or set ca_file",
                "Chứng thư của máy chủ không hợp lệ. Hãy kiểm tra giờ của máy hoặc tệp chứng thư (ca_file).",
                "The server's certificate is not valid. Check this device's clock, or its ca_file.",
            ) from error
        except (requests.RequestException, OSError, ValueError, AttributeError) as error:
            # ValueError, AttributeError: what a TLS connection that the deadline cut raises inside the library.
            raise _unreachable(
                f"{self._base} was not reached ({_cause(error)}); check the network",
                "Không kết nối được với máy chủ. Hãy kiểm tra mạng.",
                "The server was not reached. Check the network.",
            ) from error
        self._refuse(answer)
        return answer

    def _exchange(self, method: str, url: str, body: bytes | None, headers: dict[str, str], limit: int) -> "_Answer":
        waits = (self._patience.connect_s, self._patience.read_s)
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        with self._watched.deadline(self._patience.whole_s) as is_late:
            # A redirect would carry the key to whoever is named there; a captive portal redirects, our server never.
            with self._session.request(
                method,
                url,
                data=body,
                headers=headers,
                timeout=waits,
                verify=self._trusted,
                allow_redirects=False,
                stream=True,
            ) as response:
                content = b""
                for chunk in response.iter_content(1 << 16):
                    content += chunk
                    if len(content) > limit:
                        raise requests.RequestException(f"the answer is longer than {limit} bytes")
            if is_late():
                raise requests.Timeout(f"the answer took more than {self._patience.whole_s:g} s")
        return _Answer(response.status_code, dict(response.headers.items()), content)

    def _refuse(self, answer: "_Answer") -> None:
        """Raise for every answer that no call can use."""
        if 300 <= answer.status < 400 and answer.status != 304:
            target = urlsplit(answer.headers.get("Location", "")).netloc or "another page"
            raise _away(f"{self._base} sends us to {target}: a log-in page of the network, or a moved server", answer)
        if answer.status == 401 and answer.code in ("bad_key", "kiosk_retired"):
            raise NotWelcome(
                f"the server knows this kiosk no longer ({answer.code}); enrol it again",
                {
                    "vi": "Máy chủ không còn nhận máy này. Hãy ghép nối lại bằng mã mới.",
                    "en": "The server knows this kiosk no longer. Enrol it again with a new code.",
                },
            )
        if answer.status in (429, 503):
            raise ServerBusy(
                f"the server is busy ({answer.status})",
                _retry_after(answer.headers.get("Retry-After")),
                {"vi": "Máy chủ đang bận. Máy sẽ tự gửi lại.", "en": "The server is busy. Sending goes on by itself."},
            )
        if answer.status >= 500:
            raise _away(f"the server has a fault ({answer.status} {answer.detail})", answer)

    def _document(self, answer: "_Answer", kind: type[Any], wanted: tuple[int, ...] = (200,)) -> Any:
        if answer.status not in wanted:
            raise _away(f"the answer is {answer.status} {answer.detail}", answer)
        try:
            return codec.decode(kind, _loads(answer.body))
        except BadDocument as error:
            raise _away(f"the answer is not our server's ({error})", answer) from error

    def _authorise(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._key is not None:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class _Answer:
    """A whole answer. code, detail: of a problem document of ours, else None and ''."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.body = status, body
        self.headers: requests.structures.CaseInsensitiveDict[str] = requests.structures.CaseInsensitiveDict(headers)
        self.code: str | None = None
        self.detail = ""
        if status >= 400:
            with contextlib.suppress(BadDocument):
                problem = _loads(body)
                if isinstance(problem, dict) and problem.get("code") in wire.PROBLEM_CODES:
                    self.code = str(problem["code"])
                    self.detail = str(problem.get("detail") or problem.get("title") or self.code)[:200]


class _Watched(HTTPAdapter):
    """Ends a request whose whole time is over, wherever it hangs.

    A timeout of the library holds for each read: a server that sends a byte now and then would keep us for ever.
    So the connection is remembered as soon as it exists, and shut down from a timer.
    """

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make pools whose connections tell us their socket."""
        super().init_poolmanager(*args, **kwargs)
        self._teach(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """The same behind a proxy."""
        return self._teach(super().proxy_manager_for(*args, **kwargs))

    def _teach(self, manager: Any) -> Any:
        sockets = self._sockets

        class Plain(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                sockets.append(self.sock)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                raw = super()._new_conn()
                sockets.append(raw)  # the handshake may hang as well
                return raw

            def connect(self) -> None:
                super().connect()
                sockets.append(self.sock)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        manager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
        return manager

    @contextlib.contextmanager
    def deadline(self, seconds: float) -> Iterator[Callable[[], bool]]:
        """Shut the connections of the block down after so long. Gives a function that says whether that happened."""
        late = threading.Event()

        def end() -> None:
            late.set()
            for sock in list(self._sockets):
                with contextlib.suppress(OSError):
                    # Of the socket below TLS: a clean TLS end would wait for the other side.
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield late.is_set
        finally:
            timer.cancel()
            self._sockets[:] = [sock for sock in self._sockets if sock is not None and sock.fileno() >= 0]


def _loads(body: bytes) -> object:
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadDocument([f"body: is not JSON in UTF-8 ({error})"]) from error


def _retry_after(text: str | None) -> float:
    """Seconds to wait; HTTP dates and nonsense count as a minute."""
    try:
        seconds = float(text or "")
    except ValueError:
        return 60.0
    return min(max(seconds, 1.0), _LONGEST_WAIT_S) if seconds == seconds else 60.0


def _cause(error: BaseException) -> str:
    """The innermost reason, without the library's object names."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return (str(error) or type(error).__name__)[:200]


def _unreachable(message: str, vi: str, en: str) -> ServerAway:
    return ServerAway(message, {"vi": vi, "en": en})


def _away(message: str, answer: _Answer) -> ServerAway:
    portal = answer.code is None and answer.status < 500
    vi = "Mạng đang chặn kết nối (trang đăng nhập Wi-Fi?)." if portal else "Máy chủ trả lời không đúng."
    en = "The network is in the way (a Wi-Fi log-in page?)." if portal else "The server does not answer properly."
    return ServerAway(message, {"vi": f"{vi} Máy sẽ tự thử lại.", "en": f"{en} It is tried again by itself."})
