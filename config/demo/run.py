"""`make demo`: a server with demo data and a kiosk, to look at and to touch. Standard library only.

With a screen, the kiosk's window opens on it. Without one, the kiosk runs on a virtual screen, one visit is tapped
through, and the pictures are kept. Everything lies in .demo/, so that a second run starts in seconds.
"""

import argparse
import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import sqlite3
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import one_visit
from children import BIN, Broken, Children, run

ROOT = Path(__file__).resolve().parents[2]
FIRST_PORT, TRIED_PORTS = 8000, 50
SERVER_S, ARRIVAL_S = 60.0, 60.0
COUNTER_WORDS = "a kiosk may stand in "
TO_TRY = """
  What to try
  1. Touch the kiosk: choose a face, a reason, see thanks. Three seconds in its upper right corner
     open the staff screen (PIN 1234).
  2. Sign in as noivu: who is «cần xem xét», and the sentence why. Open an officer: the score over the year.
  3. Sign in as motcua: print a slip for a dossier code such as H42.11-210301-0007; its QR is for the kiosk's scanner.
  4. Pull the plug: end the demo with Ctrl-C in the middle of a visit and start it again. The rating is there.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo until Ctrl-C; without a screen and a person, until the visit has reached the server."""
    parser = argparse.ArgumentParser(description="Nụ Cười's demo: a server with demo data, and a kiosk.")
    parser.add_argument("--home", type=Path, default=ROOT / ".demo", help="where everything is kept (default .demo)")
    parser.add_argument("--months", type=int, default=12, help="of ratings, at the first run (default 12)")
    given = parser.parse_args(arguments)
    # SIGHUP: the terminal was closed. SIGINT: a shell that starts us in the background has Ctrl-C ignored for all that
    # we start, and Python keeps to that.
    for end in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(end, _interrupt)
    given.home.mkdir(parents=True, exist_ok=True)
    demo = Demo(given.home.resolve(), given.months)
    try:
        with demo.alone():
            return demo.show()
    except Broken as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nEnding the demo.")
        return 0
    finally:
        for end in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # a second Ctrl-C must not leave a child behind
            signal.signal(end, signal.SIG_IGN)
        demo.children.end()


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


class Demo:
    """The demo in its folder.

    There lie nucuoi.db, filled.txt (what filling it said), kiosk/, joined (at which port), log/ and pictures/.
    """

    def __init__(self, home: Path, months: int) -> None:
        self.home = home
        self.months = months
        self.children = Children(home / "log")
        self.database = f"sqlite:///{home / 'nucuoi.db'}"
        self.filled, self.kiosk, self.joined = home / "filled.txt", home / "kiosk", home / "joined"

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Only one demo at a time: two would share a database and a kiosk."""
        with (self.home / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Broken("another `make demo` runs in this folder; end it with Ctrl-C there") from error
            yield

    def show(self) -> int:
        """The whole demo."""
        self._fill()
        port = _free_port(self._port_before())
        address = f"http://127.0.0.1:{port}"
        self._start_server(port)
        # Without their heartbeats the made-up kiosks would all look silent after an hour.
        self.children.start("town", [BIN / "nucuoi-server", "demo", "--beat", "--database", self.database])
        self._enrol(port, address)
        log_ins = self.filled.read_text(encoding="utf-8").partition("log-ins:")[2].strip("\n")
        print(
            f"\n  Nụ Cười runs at   {address}\n\n  Log-ins (username, password, role):\n{log_ins}\n{TO_TRY}", flush=True
        )
        has_screen = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
        return self._on_screen() if has_screen else self._without_screen()

    def _fill(self) -> None:
        """Make the database and its year of ratings at the first run."""
        if self.filled.is_file():
            print("The demo data of the first run are there.")
            run("nucuoi-server", "init", "--database", self.database)  # a newer program may have newer tables
            return
        for old in self.home.glob("nucuoi.*"):  # half a demo of a run that was broken off
            old.unlink()
        print("Making a town with its ratings, once; a year of them takes about a minute …", flush=True)
        run("nucuoi-server", "init", "--database", self.database)
        said = run("nucuoi-server", "demo", "--database", self.database, "--months", str(self.months))
        self.joined.unlink(missing_ok=True)
        shutil.rmtree(self.kiosk, ignore_errors=True)  # it belonged to a server that is no more
        self.filled.write_text(said, encoding="utf-8")

    def _port_before(self) -> int | None:
        """The port at which the demo's kiosk joined."""
        return int(self.joined.read_text()) if self.joined.is_file() else None

    def _start_server(self, port: int) -> None:
        words = ["run", "--host", "127.0.0.1", "--port", str(port), "--database", self.database]
        self.children.start("server", [BIN / "nucuoi-server", *words])
        end = time.monotonic() + SERVER_S
        while time.monotonic() < end:
            if self.children.ended("server") is not None:
                raise Broken(f"the server ended by itself:\n{self.children.log('server')}")
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5):
                return
            time.sleep(0.1)
        raise Broken(f"the server did not answer within {SERVER_S:.0f} s:\n{self.children.log('server')}")

    def _enrol(self, port: int, address: str) -> None:
        """Let the demo's kiosk join, unless it did at an earlier run on the same port."""
        if self._port_before() == port and self.kiosk.is_dir():
            return  # on another port it joins anew; what waits on it then goes there
        lines = self.filled.read_text(encoding="utf-8").splitlines()
        counter = next(line for line in lines if line.startswith(COUNTER_WORDS)).split()[-1]
        words = ["--url", address, "--json", "--counter", counter, "--name", "Máy trình diễn"]
        invitation = json.loads(run("nucuoi-server", "enrol-code", "--database", self.database, *words))
        print(run("nucuoi-kiosk", "enrol", address, invitation["code"], "--data-dir", self.kiosk).strip())
        self.joined.write_text(str(port))

    def _start_kiosk(self, **env: str) -> None:
        words = ["run", "--windowed", one_visit.SIZE, "--data-dir", self.kiosk]
        self.children.start("kiosk", [BIN / "nucuoi-kiosk", *words], env)

    def _on_screen(self) -> int:
        self._start_kiosk()
        print("The kiosk's window opens on your screen. Ctrl-C here ends the demo.", flush=True)
        return self._wait("The kiosk's window was closed; the server still runs. Ctrl-C here ends the demo.")

    def _without_screen(self) -> int:
        """A visit on a virtual screen. Ends by itself where nobody could press Ctrl-C."""
        print(
            "There is no screen here, so the kiosk runs on a virtual one and one visit is tapped through.", flush=True
        )
        display, layout = one_visit.virtual_display(self.children), self.home / "layout.json"
        layout.unlink(missing_ok=True)
        before = self._stored()
        self._start_kiosk(DISPLAY=display, LIBGL_ALWAYS_SOFTWARE="1", NUCUOI_KIOSK_LAYOUT=str(layout))
        glass = one_visit.Glass(display, layout, self.home / "pictures", self.children)
        for picture in glass.visit():
            print(f"  {os.path.relpath(picture)}")
        print(f"The visit reached the server at {self._arrival(before):%H:%M:%S}.", flush=True)
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            print("Nobody is there to press Ctrl-C, so the demo ends by itself.")
            return 0
        print("Server and kiosk go on. Ctrl-C here ends the demo.", flush=True)
        return self._wait(f"The kiosk ended by itself; see {self.children.logs}/kiosk.log.")

    def _arrival(self, before: int) -> datetime:
        """When the server has stored more than before."""
        end = time.monotonic() + ARRIVAL_S
        while time.monotonic() < end:
            if self._stored() > before:
                return datetime.now().astimezone()
            time.sleep(0.5)
        raise Broken(f"the visit did not reach the server within {ARRIVAL_S:.0f} s; see {self.children.logs}/kiosk.log")

    def _stored(self) -> int:
        """How many ratings of all kiosks the server has stored."""
        with contextlib.closing(sqlite3.connect(f"file:{self.home / 'nucuoi.db'}?mode=ro", uri=True)) as database:
            return int(database.execute("SELECT SUM(stored_total) FROM kiosk").fetchone()[0])

    def _wait(self, kiosk_ended: str) -> int:
        told = False
        while self.children.ended("server") is None:
            if self.children.ended("kiosk") is not None and not told:
                print(kiosk_ended, flush=True)
                told = True
            time.sleep(0.5)
        raise Broken(f"the server ended by itself:\n{self.children.log('server')}")


def _free_port(before: int | None) -> int:
    """The port of the run before, where the kiosk looks for its server, or else the first that is free."""
    wanted = before or FIRST_PORT
    for port in (wanted, *range(FIRST_PORT, FIRST_PORT + TRIED_PORTS)):
        with contextlib.closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port != wanted:
            print(f"Port {wanted} is in use by another program; the demo takes {port}.")
        return port
    raise Broken(f"no port from {FIRST_PORT} to {FIRST_PORT + TRIED_PORTS - 1} is free; end some program")


if __name__ == "__main__":
    sys.exit(main())
