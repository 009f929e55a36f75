"""A PostgreSQL server of the tests' own: Debian's binaries, a fresh cluster, loopback only, gone afterwards."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import psycopg

from tests.ports import free_port

DEBIAN = Path("/usr/lib/postgresql")
USER = "postgres"
START_TIMEOUT_S = 60


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL that Debian installed, None when there is none."""
    found = sorted(DEBIAN.glob("*/bin/postgres"), key=lambda path: int(path.parent.parent.name))
    return found[-1].parent if found else None


class Cluster:
    """A running server. `durable` keeps fsync on, for benchmarks; tests have no power cuts and run faster without."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        bin_folder = binaries()
        if bin_folder is None:
            raise FileNotFoundError(f"no PostgreSQL under {DEBIAN}: install Debian's package postgresql")
        self._bin = bin_folder
        self._data = folder / "data"
        self.port = free_port()
        self._as_user = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []  # it refuses to run as root
        folder.mkdir(parents=True, exist_ok=True)
        if self._as_user:
            shutil.chown(folder, USER)
        self._run("initdb", "--pgdata", str(self._data), "--username", USER, "--auth", "trust", "--encoding", "UTF8")
        self._log = (folder / "log").open("wb")
        options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": 60,
            "fsync": "on" if durable else "off",
        }
        settings = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        self._server = subprocess.Popen(
            [*self._as_user, str(self._bin / "postgres"), "-D", str(self._data), *settings],
            stdout=self._log,
            stderr=subprocess.STDOUT,
            cwd="/",
        )
        self._wait(folder / "log")

    def url(self, database: str) -> str:
        """The URL that `Database` takes."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, template: str = "template1") -> str:
        """A new database, a copy of `template` (to which nobody may be connected). Returns its URL."""
        self._sql(f'CREATE DATABASE "{database}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, also from under those who use it."""
        self._sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def stop(self) -> None:
        """End the server (fast shutdown) and wait for it."""
        self._run("pg_ctl", "stop", "--pgdata", str(self._data), "--mode", "fast", "--wait")
        self._server.wait(30)
        self._log.close()

    def _sql(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _run(self, name: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._as_user, str(self._bin / name), *arguments], cwd="/", capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{name} failed: {done.stderr}")

    def _wait(self, log: Path) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
                return
            except psycopg.OperationalError as error:
                if self._server.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"PostgreSQL did not start: {log.read_text(errors='replace')}") from error
                time.sleep(0.05)
