"""Processes that the demo starts, and ends again all together."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

BIN = Path(sys.executable).parent
"""Where the programs of .venv are."""
END_S = 15.0
"""How long a child may take to end by itself."""


class Broken(Exception):
    """The demo cannot go on; the message says why and what to do."""


class Children:
    """Children of this process. Each has a session of its own: Ctrl-C reaches us alone, and we end them in order."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> None:
        """Start a program; what it says goes to NAME.log."""
        program = command[0] if Path(command[0]).is_absolute() else shutil.which(command[0])
        if program is None:
            raise Broken(f"{command[0]} is not installed; run: make setup")
        with (self.logs / f"{name}.log").open("wb") as log:
            child = subprocess.Popen(
                [str(program), *map(str, command[1:])],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **(env or {})},
                start_new_session=True,
            )
        self._running.append((name, child))

    def ended(self, name: str) -> int | None:
        """The exit code of a child that has ended, None while it runs."""
        return next(child.poll() for known, child in self._running if known == name)

    def log(self, name: str) -> str:
        """The end of what a child said."""
        return (self.logs / f"{name}.log").read_text(encoding="utf-8", errors="replace")[-2000:]

    def end(self) -> None:
        """End all, the last one started first."""
        for _, child in reversed(self._running):
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
                try:
                    child.wait(timeout=END_S)
                except subprocess.TimeoutExpired:
                    os.killpg(child.pid, signal.SIGKILL)
                    child.wait()
        self._running.clear()


def run(name: str, *words: str | Path, env: Mapping[str, str] | None = None, shown: bool = False) -> str:
    """Run one of our programs to its end and return what it printed. Raises `Broken` when it fails."""
    done = subprocess.run(
        [str(BIN / name), *map(str, words)],
        stdout=None if shown else subprocess.PIPE,
        stderr=None if shown else subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
        check=False,
    )
    if done.returncode:
        said = "" if shown else f"\n{done.stderr.strip()}"
        raise Broken(f"`{name} {words[0]}` failed with exit code {done.returncode}{said}")
    return "" if shown else done.stdout
