"""The real server as a child process: started, stopped, or killed, as `nucuoi-server run` does it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from tests.ports import free_port

START_TIMEOUT_S = 60


class ServerProcess:
    """`nucuoi-server run` on loopback over the database of `url`. Starting again takes the same port."""

    def __init__(self, url: str, folder: Path, *, secret: str, port: int | None = None, workers: int = 1) -> None:
        self.url, self.folder = url, folder
        self.port = port or free_port()
        self.workers = workers
        self._secret = secret
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it has printed so far."""
        file = self.folder / "server.log"
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""

    def command(self, *words: str) -> list[str]:
        """A command of `nucuoi-server`, as this environment has it."""
        return [sys.executable, "-m", "sync_server.cli", *words]

    def environment(self) -> dict[str, str]:
        """The settings, by environment."""
        return {
            **os.environ,
            "NUCUOI_DATABASE": self.url,
            "NUCUOI_SECRET": self._secret,
            "NUCUOI_PUBLIC_URL": self.address,
        }

    def run(self, *words: str) -> str:
        """Run another command of the server's over the same database; what it printed."""
        done = subprocess.run(
            self.command(*words), env=self.environment(), capture_output=True, text=True, timeout=120, check=False
        )
        if done.returncode:
            raise AssertionError(f"nucuoi-server {' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self) -> None:
        """Start and wait until it answers."""
        words = ("run", "--host", "127.0.0.1", "--port", str(self.port), "--workers", str(self.workers))
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command(*words), env=self.environment(), stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise AssertionError(f"the server ended at its start:\n{self.log}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=0.5).close()
            except OSError:
                time.sleep(0.05)
                continue
            return
        raise AssertionError(f"the server did not answer within {START_TIMEOUT_S} s:\n{self.log}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it: politely (SIGTERM), or with all its workers as a power cut would (SIGKILL)."""
        if self._process is None:
            return
        if self._process.poll() is None:
            if how is signal.SIGKILL:
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.send_signal(how)
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(timeout=10)
        self._process = None

    def kill(self) -> None:
        """`kill -9` of the server and its workers."""
        self.stop(signal.SIGKILL)

    def __enter__(self) -> "ServerProcess":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
