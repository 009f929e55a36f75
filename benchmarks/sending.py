"""What kiosks send in the benchmarks of intake: made before anything is timed, as requests and as plain rows."""

import http.client
import os
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from survey import wire
from survey.rating import Dossier, Rating, digest
from survey.wire import Batch, Status
from sync_server.seals import TICKET
from tests.builders import a_rating, chain, written
from tests.sync_server.builders import make_kiosk
from tests.together.a_town import Town

SIZE = 500
DAY_MS = 86_400_000
_UPTIME_MS = 40 * DAY_MS


@dataclass(frozen=True, slots=True)
class Request:
    """One POST, ready to go."""

    key: str
    body: bytes


class SendingKiosk:
    """A kiosk that is up for weeks and has much to send. Six ratings in ten name a dossier, half of these by ticket;
    one in 30 is bad and has a reason, one in 50 a comment."""

    def __init__(self, town: Town, number: int) -> None:
        kiosk, self._key = make_kiosk(town.office, counter=town.counter, name=f"Máy {number}")
        self._town, self._number, self.id = town, number, kiosk.id
        self._began = town.office.now() - _UPTIME_MS
        self._at = self._began + DAY_MS
        self._made, self._prev = 0, ""

    def request(self, size: int = SIZE) -> Request:
        """The next ratings of this kiosk as a request."""
        first = self._made + 1
        ratings = chain(*[self._rating() for _ in range(size)], seq=first, prev=self._prev)
        self._prev = digest(ratings[-1])
        now = self._town.office.now()
        batch = Batch(
            sent_at=written(now),
            boot_id=f"boot-{self._number}",
            monotonic_ms=now - self._began,
            status=Status(app_version="1.0.0", clock="sure"),
            ratings=ratings,
        )
        return Request(self._key, wire.pack(batch))

    def _rating(self) -> Rating:
        self._made += 1
        self._at += 31_000
        number, town = self._made, self._town
        return a_rating(
            at=self._at,
            officer_id=f"o{town.officers[number % len(town.officers)].id}",
            counter_id=f"c{town.counter.id}",
            service_id=f"s{town.service.id}",
            survey_id=f"q{town.survey.id}",
            level=2 if number % 30 == 0 else 4 + number % 2,
            reasons=("slow",) if number % 30 == 0 else (),
            comment="Cán bộ hướng dẫn rất tận tình, xin cảm ơn." if number % 50 == 0 else None,
            dossier=self._dossier(number) if number % 10 < 6 else None,
            boot_id=f"boot-{self._number}",
            monotonic_ms=self._at - self._began,
        )

    def _dossier(self, number: int) -> Dossier:
        code = f"H42.12-{self._number:02}{number // 10_000:04}-{number % 10_000:04}"
        if number % 2:
            return Dossier(code=code)
        content = {"d": code, "o": "o1", "s": None, "e": (self._at + 90 * DAY_MS) // 1000}
        return Dossier(code=code, ticket=self._town.office.seals.sign(content, TICKET))


@dataclass(frozen=True, slots=True)
class Sent:
    """How long each request took, in seconds, and all together."""

    each: tuple[float, ...]
    all: float

    def quantile(self, q: float) -> float:
        """The time within which a share `q` of the requests was answered."""
        ordered = sorted(self.each)
        return ordered[min(len(ordered) - 1, round(q * (len(ordered) - 1)))]

    @property
    def median(self) -> float:
        """The time of the request in the middle."""
        return statistics.median(self.each)


def send(address: str, lanes: Sequence[Sequence[Request]], verdict: str) -> Sent:
    """Send the requests, each lane by a client of its own over one connection, all at once.

    verdict: what every rating must get; anything else ends the benchmark, since its figures would mean nothing.
    """
    times: list[list[float]] = [[] for _ in lanes]
    faults: list[str] = []
    begin = threading.Barrier(len(lanes) + 1)

    def run(lane: Sequence[Request], taken: list[float]) -> None:
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
        connection.connect()
        begin.wait()
        for request in lane:
            begun = time.perf_counter()
            connection.request("POST", "/api/v1/batches", request.body, _headers(request))
            response = connection.getresponse()
            reply = response.read()
            taken.append(time.perf_counter() - begun)
            if response.status != 200 or reply.count(b'"verdict":') != reply.count(f'"{verdict}"'.encode()):
                faults.append(f"{response.status} {reply[:300]!r}")
        connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in zip(lanes, times, strict=True)]
    for thread in threads:
        thread.start()
    begin.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    if faults:
        raise SystemExit(f"not all was {verdict}: {faults[0]}")
    return Sent(tuple(time for lane in times for time in lane), took)


def _headers(request: Request) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {request.key}",
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
    }


def raw_rows(town: Town, epoch_id: int, boot: int, first: int, size: int = SIZE) -> Iterator[tuple[Any, ...]]:
    """The same ratings as rows of the table, in the order of `rows.COLUMNS`: what intake comes down to."""
    now = town.office.now()
    for number in range(first, first + size):
        has_dossier = number % 10 < 6
        at = now - _UPTIME_MS + number * 31_000
        yield (
            epoch_id, number, os.urandom(16), town.officers[number % len(town.officers)].id, town.counter.id,
            town.service.id, None, town.survey.id, 2 if number % 30 == 0 else 4 + number % 2, 0, "vi", 0, boot,
            number * 31_000, at, 420, now, at, 0, town.office.day(at), 0, os.urandom(32), None,
            os.urandom(32) if number % 50 == 0 else None, os.urandom(32) if has_dossier else None,
            os.urandom(16) if has_dossier else None,
        )  # fmt: skip
