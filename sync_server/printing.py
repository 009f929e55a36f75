"""Print DOCX to PDF with LibreOffice, where it is installed: one paper at a time, in bounded time.

Papers may name citizens: what a print leaves in the temporary folder goes with it, and what a killed server left there
goes at the next start or print.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from sync_server.errors import ServerError

PROGRAMS = ("soffice", "libreoffice")
TIMEOUT_S, WAIT_S = 60, 30
FOLDER, LOCK = "nucuoi-print-", "lock"
_press = threading.BoundedSemaphore(1)


class NoPress(ServerError):
    """LibreOffice is not installed here; the DOCX is whole, and any word processor prints it."""


class PrintFailed(ServerError):
    """LibreOffice did not print this paper, or is busy. The DOCX is whole; the same again later may work."""


def is_there() -> bool:
    """Whether papers can be printed here."""
    return _program() is not None


def pdf_of(docx: bytes, *, timeout_s: float = TIMEOUT_S, wait_s: float = WAIT_S) -> bytes:
    """The paper as PDF, after a few seconds. Raises `NoPress`, or `PrintFailed` when it takes longer than
    `timeout_s`, others print for longer than `wait_s`, or the program fails."""
    program = _program()
    if program is None:
        raise NoPress("LibreOffice is not installed on this server; run: apt-get install libreoffice-writer-nogui")
    if not _press.acquire(timeout=wait_s):
        raise PrintFailed(f"another paper has been printing for {wait_s:g} s; try again in a minute")
    try:
        sweep()
        with _folder() as folder:
            return _printed(program, folder, docx, timeout_s)
    finally:
        _press.release()


def sweep() -> int:
    """Remove the folders of prints whose server was killed, and return how many. Safe at any time: a folder in use is
    locked by its process, and the lock ends with it."""
    removed = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        try:
            with (folder / LOCK).open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
                removed += 1
        except OSError:  # in use, just being made, another one's, or gone meanwhile
            continue
    return removed


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A folder for one print, locked until it is removed."""
    with tempfile.TemporaryDirectory(prefix=FOLDER, ignore_cleanup_errors=True) as made:
        folder = Path(made)
        with (folder / LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder


def _printed(program: str, folder: Path, docx: bytes, timeout_s: float) -> bytes:
    paper = folder / "paper.docx"
    paper.write_bytes(docx)
    # A profile of its own, or a LibreOffice that somebody has open would be asked to do it, and nothing would come.
    command = [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore"]
    command += ["--convert-to", "pdf:writer_pdf_Export", "--outdir", str(folder), str(paper)]
    environ = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(folder), "LANG": "C.UTF-8"}
    process = subprocess.Popen(
        command,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # it starts children, which must end with it
    )
    try:
        code = process.wait(timeout_s)
    except subprocess.TimeoutExpired as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise PrintFailed(f"LibreOffice took longer than {timeout_s:g} s; download the DOCX instead") from error
    made = folder / "paper.pdf"
    if code != 0 or not made.is_file():
        raise PrintFailed(f"LibreOffice ended with code {code} and made no PDF; download the DOCX instead")
    return made.read_bytes()


def _program() -> str | None:
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)
