"""`nucuoi-server run`: serve kiosks and people, with granian, until told to stop."""

import argparse
import os
import socket
import tempfile
from contextlib import closing
from dataclasses import replace

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from sync_server import config
from sync_server.commands.opened import Commands, settings_of
from sync_server.config import ServerSettings
from sync_server.db import Database
from sync_server.errors import PortTaken
from sync_server.office import open_office
from sync_server.services.migration import check_ready
from sync_server.services.sealing import check_secret

THREADS = min(8, 2 * (os.cpu_count() or 1) + 1)
"""Of each worker: as many requests are under way at once, and on SQLite as many share a commit. More only queue, and
granian warns of more than two a core and one."""
STOP_TIMEOUT_S = 30
"""How long requests under way may take when the server is told to stop."""


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the command."""
    serve = commands.add_parser(
        "run",
        parents=[common],
        help="serve kiosks and people until Ctrl-C or SIGTERM",
        description="Serve kiosks and people with granian. SIGTERM and Ctrl-C let requests under way finish. "
        "Put a TLS proxy (nginx, Caddy) before it.",
    )
    serve.add_argument("--host", help="address to listen on")
    serve.add_argument("--port", type=int, help="port to listen on; 0 takes a free one")
    serve.add_argument("--workers", type=int, help="processes; 0: one for SQLite, one a core for PostgreSQL")
    serve.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check port, database and secret, then serve."""
    given = {name: getattr(arguments, name) for name in ("host", "port", "workers")}
    settings = settings_of(arguments)
    settings = replace(settings, **{name: value for name, value in given.items() if value is not None})
    config.check(settings)
    settings = replace(settings, port=free_port(settings.host, settings.port))
    _check_database(settings)
    serve(settings, arguments)
    return 0


def serve(settings: ServerSettings, arguments: argparse.Namespace) -> None:
    """Serve until told to stop. The workers read the same settings again, from their environment."""
    workers = worker_count(settings)
    os.environ |= {
        "NUCUOI_DATABASE": settings.database,
        "NUCUOI_HOST": settings.host,
        "NUCUOI_PORT": str(settings.port),
        "NUCUOI_WORKERS": str(workers),
    }
    if arguments.config:
        os.environ["NUCUOI_CONFIG"] = str(arguments.config.resolve())
    server = Server(
        "sync_server.commands.worker:application",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_TIMEOUT_S,
    )
    name = Database(settings.database).name
    server.on_startup(lambda: print(_line(settings, name, workers), flush=True))
    with tempfile.TemporaryDirectory(prefix="nucuoi-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder  # where the workers' figures come together
        server.serve()


def free_port(host: str, port: int) -> int:
    """`port` if nobody listens there, a free one for 0. Raises `PortTaken`.

    granian would listen beside another process on the same port, and each would get some of the kiosks.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(
                f"cannot listen on {host}:{port} ({error.strerror}); stop what uses the port, or take another: "
                f"nucuoi-server run --port {port + 1 if port < 65535 else 8000}"
            ) from error
        return int(probe.getsockname()[1])


def worker_count(settings: ServerSettings) -> int:
    """As set; for 0 one on SQLite, where writers take turns anyway, and one a core on PostgreSQL."""
    if settings.workers:
        return settings.workers
    return 1 if Database(settings.database).is_sqlite else len(os.sched_getaffinity(0))


def _check_database(settings: ServerSettings) -> None:
    office = open_office(config.with_secret(settings))
    try:
        check_ready(office.database)
        with office.database.read() as session:
            check_secret(session, office.seals)
    finally:
        office.database.dispose()  # the workers are forked: they must not share a connection


def _line(settings: ServerSettings, database: str, workers: int) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return (
        f"Nụ Cười: http://{host}:{settings.port} · database {database} · {workers} "
        f"worker{'s' if workers > 1 else ''} · Ctrl-C ends it"
    )
