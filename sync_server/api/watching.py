"""For machines that watch the server: /healthz, /readyz and /metrics."""

import hmac
import logging
import os
import time
from collections import Counter
from collections.abc import Iterable
from typing import cast

from flask import Blueprint, Flask, Response, abort, current_app, g, request
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client import Counter as Counting
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from sync_server.api.keys import this_office
from sync_server.errors import DatabaseNotReady
from sync_server.messages import ReceiptOut
from sync_server.queries.state import ServerState, server_state
from sync_server.services.migration import check_ready

log = logging.getLogger(__name__)
pages = Blueprint("watching", __name__)
METER = "nucuoi.meter"
"""Its place in `app.extensions`."""
TEXT = "text/plain; version=0.0.4; charset=utf-8"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Meter:
    """How long requests take, by rule and status, and what kiosks were answered."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "nucuoi_request_seconds",
            "How long requests took.",
            ("rule", "method", "status"),
            registry=self.registry,
            buckets=BUCKETS_S,
        )
        self._receipts = Counting(
            "nucuoi_receipts", "Ratings that kiosks sent.", ("verdict", "code"), registry=self.registry
        )

    def note_receipts(self, receipts: Iterable[ReceiptOut]) -> None:
        """Count what a batch was answered, duplicates too: many of them tell of replies that are lost on the way."""
        fates = Counter((receipt.verdict, receipt.code or "") for receipt in receipts)
        for (verdict, code), count in fates.items():
            self._receipts.labels(verdict, code).inc(count)

    def note(self, rule: str, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._seconds.labels(rule, method, str(status)).observe(seconds)

    def text(self) -> bytes:
        """The figures of all workers together, where `run` gave them a common folder; else of this process."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)


def attach(app: Flask) -> None:
    """Add the pages, and measure every request from here on."""
    app.extensions[METER] = Meter()
    app.register_blueprint(pages)
    app.before_request(_begin)
    app.after_request(_end)


def this_meter() -> Meter:
    """The meter of this application."""
    return cast(Meter, current_app.extensions[METER])


@pages.get("/healthz")
def healthz() -> Response:
    """The process answers. It asks nothing of the database: restarting us would not mend that."""
    return Response("ok\n", mimetype="text/plain")


@pages.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Send requests here: 200 when the database answers and has our tables, else 503 with the reason."""
    try:
        check_ready(this_office().database)
    except DatabaseNotReady as error:
        log.warning("not ready: %s", error)
        return Response("the database is not ready; see the log\n", mimetype="text/plain"), 503
    return Response("ready\n", mimetype="text/plain"), 200


@pages.get("/metrics")
def metrics() -> Response:
    """Figures for Prometheus, for who shows the setting `metrics_key`; without that setting there is no such page."""
    key, office = this_office().settings.metrics_key, this_office()
    if not key:
        abort(404)
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {key}".encode()):
        return Response("show the key: Authorization: Bearer KEY\n", status=401, mimetype="text/plain")
    with office.database.read() as session:
        state = server_state(session, now=office.now())
    registry = CollectorRegistry()
    registry.register(_Told(state))
    return Response(generate_latest(registry) + this_meter().text(), content_type=TEXT)


class _Told:
    """A state as Prometheus's families."""

    def __init__(self, state: ServerState) -> None:
        self._state = state

    def collect(self) -> Iterable[Metric]:
        """Every figure of the state."""
        state = self._state
        stored = CounterMetricFamily("nucuoi_ratings_stored", "Ratings stored.", labels=["kiosk"])
        silent = GaugeMetricFamily("nucuoi_kiosk_silent_seconds", "Since a kiosk was heard.", labels=["kiosk"])
        waiting = GaugeMetricFamily("nucuoi_kiosk_waiting", "Ratings that wait on a kiosk.", labels=["kiosk"])
        parked = GaugeMetricFamily("nucuoi_kiosk_parked", "Ratings parked on a kiosk.", labels=["kiosk"])
        for kiosk in state.kiosks:
            stored.add_metric([kiosk.id], kiosk.stored)
            silent.add_metric([kiosk.id], kiosk.silent_s)
            waiting.add_metric([kiosk.id], kiosk.waiting)
            parked.add_metric([kiosk.id], kiosk.parked)
        aside = CounterMetricFamily("nucuoi_set_aside", "Ratings not stored.", labels=["verdict", "code"])
        for (verdict, code), count in state.set_aside.items():
            aside.add_metric([verdict, code], count)
        officers = GaugeMetricFamily("nucuoi_officers", "Officers by state.", labels=["state"])
        for name, count in state.officers.items():
            officers.add_metric([name], count)
        return [stored, silent, waiting, parked, aside, officers]


def _begin() -> None:
    g.began = time.perf_counter()


def _end(response: Response) -> Response:
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    rule = request.url_rule.rule if request.url_rule else "none"
    # Anybody may send any method and any address; the figures must not grow with them.
    method = request.method if request.method in METHODS else "other"
    this_meter().note(rule, method, response.status_code, seconds)
    extra = {"rule": rule, "method": method, "status": response.status_code, "ms": round(seconds * 1000, 1)}
    if "kiosk" in g:
        extra["kiosk"] = g.kiosk.id
    log.info("request", extra=extra)
    return response
