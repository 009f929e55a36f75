"""Print DOCX to PDF with LibreOffice, where it is installed: one paper at a time, in bounded time."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

from sync_server.errors import ServerError

PROGRAMS = ("soffice", "libreoffice")
TIMEOUT_S, WAIT_S = 60, 30
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
        with tempfile.TemporaryDirectory(prefix="nucuoi-print-") as folder:
            return _printed(program, Path(folder), docx, timeout_s)
    finally:
        _press.release()


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
