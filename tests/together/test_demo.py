"""`make demo` as somebody without a screen meets it: the real script, its real server and its real kiosk."""

import fcntl
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.kiosk.window.kiosk_window import virtual_screen

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "config" / "demo" / "run.py"
PICTURES = ["1-idle.png", "2-rate.png", "3-reasons.png", "4-thanks.png"]
WITHOUT_SCREEN = {key: text for key, text in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
FIRST_PORT = 8000

pytestmark = pytest.mark.window


@contextmanager
def taken_port(port: int) -> Iterator[None]:
    """Somebody listens on this port."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # taken by a program of this machine is as good
            listener.bind(("127.0.0.1", port))
            listener.listen()
        yield


def left_behind(home: Path) -> list[str]:
    """Command lines of processes that still work in this folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(home) in line:
                found.append(line)
    return found


def until_seen(terminal: int, words: str, within_s: float) -> str:
    """What is read from a terminal until these words come."""
    end, read = time.monotonic() + within_s, ""
    while words not in read and time.monotonic() < end:
        if select.select([terminal], [], [], 0.5)[0]:  # a read alone would wait for ever for what does not come
            with suppress(OSError):
                read += os.read(terminal, 65536).decode(errors="replace")
    assert words in read, read
    return read


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


def run_to_its_end(home: Path) -> str:
    """Run the demo where nobody could press Ctrl-C; what it printed."""
    done = subprocess.run(
        [sys.executable, SCRIPT, "--home", home, "--months", "1"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        env=WITHOUT_SCREEN,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def at_a_terminal(home: Path, **env: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The demo as a person starts it, and the terminal."""
    mine, theirs = pty.openpty()
    demo = subprocess.Popen(
        [sys.executable, str(SCRIPT), "--home", str(home)],
        stdin=theirs, stdout=theirs, stderr=theirs, env={**WITHOUT_SCREEN, **env},
    )  # fmt: skip
    os.close(theirs)
    try:
        yield demo, mine
    finally:
        if demo.poll() is None:
            demo.send_signal(signal.SIGTERM)
            demo.wait(timeout=60)
        os.close(mine)


def end_by(how: signal.Signals, demo: subprocess.Popen[bytes], terminal: int) -> None:
    demo.send_signal(how)
    until_seen(terminal, "Ending the demo.", 30)
    assert demo.wait(timeout=60) == 0


# The tests below are one story in one folder, in this order.


def test_without_a_screen_one_visit_goes_all_the_way_and_the_demo_ends_by_itself(home):
    with taken_port(FIRST_PORT):
        said = run_to_its_end(home)
    assert f"Port {FIRST_PORT} is in use by another program; the demo takes " in said
    assert "nucuoi-demo-noivu" in said
    assert "The visit reached the server at" in said
    assert sorted(file.name for file in (home / "pictures").iterdir()) == PICTURES
    assert left_behind(home) == []


def test_a_second_run_uses_what_is_there_and_ctrl_c_ends_all_that_it_started(home):
    with at_a_terminal(home) as (demo, terminal):
        said = until_seen(terminal, "Ctrl-C here ends the demo", 120)
        assert "The demo data of the first run are there." in said
        assert "enrolled at" not in said  # it is the kiosk of the first run
        assert len(left_behind(home)) >= 2
        end_by(signal.SIGINT, demo, terminal)
    assert left_behind(home) == []


def test_a_run_on_another_port_takes_the_kiosk_along(home):
    with taken_port(int((home / "joined").read_text())):
        said = run_to_its_end(home)
    assert "enrolled at" in said
    assert "The visit reached the server at" in said


def test_on_a_screen_the_window_opens_and_the_server_outlives_it(home):
    with virtual_screen("1280x800") as display, at_a_terminal(home, DISPLAY=display) as (demo, terminal):
        until_seen(terminal, "The kiosk's window opens on your screen.", 120)
        found = subprocess.run(
            ["xdotool", "search", "--sync", "--onlyvisible", "--class", "."],
            env={**os.environ, "DISPLAY": display}, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        window = found.stdout.split()[-1]
        subprocess.run(["xdotool", "windowkill", window], env={**os.environ, "DISPLAY": display}, check=True)
        until_seen(terminal, "the server still runs", 30)
        port = int((home / "joined").read_text())
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            assert answer.status == 200
        end_by(signal.SIGHUP, demo, terminal)  # somebody closes the terminal
    assert left_behind(home) == []


def test_a_second_demo_in_the_same_folder_is_told_so(home):
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            [sys.executable, SCRIPT, "--home", home], capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 1
    assert "another `make demo` runs in this folder" in done.stderr
