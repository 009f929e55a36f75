"""`make demo` as somebody without a screen meets it: the real script, its real server and its real kiosk."""

import os
import pty
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "config" / "demo" / "run.py"
PICTURES = ["1-idle.png", "2-rate.png", "3-reasons.png", "4-thanks.png"]
WITHOUT_SCREEN = {key: text for key, text in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
PORT = 8000

pytestmark = pytest.mark.window


@contextmanager
def taken_port() -> Iterator[None]:
    """Somebody listens on the port that the demo likes best."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # taken by a program of this machine is as good
            listener.bind(("127.0.0.1", PORT))
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
        with suppress(OSError):
            read += os.read(terminal, 65536).decode(errors="replace")
    assert words in read, read
    return read


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


def test_without_a_screen_one_visit_goes_all_the_way_and_the_demo_ends_by_itself(home):
    with taken_port():
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
    assert f"Port {PORT} is in use by another program; the demo takes " in done.stdout
    assert "nucuoi-demo-noivu" in done.stdout
    assert "The visit reached the server at" in done.stdout
    assert sorted(file.name for file in (home / "pictures").iterdir()) == PICTURES
    assert left_behind(home) == []


def test_a_second_run_uses_what_is_there_and_ctrl_c_ends_all_that_it_started(home):
    """After the first test: the same folder."""
    mine, theirs = pty.openpty()
    command = [sys.executable, str(SCRIPT), "--home", str(home)]
    demo = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=WITHOUT_SCREEN)
    os.close(theirs)
    try:
        said = until_seen(mine, "Ctrl-C here ends the demo", 120)
        assert "The demo data of the first run are there." in said
        assert len(left_behind(home)) >= 3
        demo.send_signal(signal.SIGINT)
        until_seen(mine, "Ending the demo.", 30)
        assert demo.wait(timeout=60) == 0
    finally:
        if demo.poll() is None:
            demo.kill()
        os.close(mine)
    assert left_behind(home) == []
