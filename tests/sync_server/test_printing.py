"""Printing: a paper becomes pages; what does not work is said, in bounded time."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from sync_server import printing
from sync_server.printing import NoPress, PrintFailed
from sync_server.reporting import making
from sync_server.reporting.contents import Signed
from tests.sync_server.reporting.builders import SIGNED_DAY, a_draft, figures

needs_press = pytest.mark.skipif(not printing.is_there(), reason="apt-get install libreoffice-writer-nogui")


def pages_of(pdf: Path) -> list[str]:
    """The text of each page."""
    done = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.split("\f")[:-1]


@needs_press
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="apt-get install poppler-utils")
def test_a_report_becomes_pages_with_numbers_from_the_second_on(tmp_path: Path) -> None:
    paper = making.docx(figures(), a_draft(), making.shipped_template(), signed=Signed(number=5, day=SIGNED_DAY))
    file = tmp_path / "report.pdf"
    file.write_bytes(printing.pdf_of(paper, timeout_s=240, wait_s=240))
    pages = pages_of(file)
    assert 3 <= len(pages) <= 6
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in pages[0]
    assert pages[0].split()[0] != "1"
    assert [page.split()[0] for page in pages[1:]] == [str(number) for number in range(2, len(pages) + 1)]
    assert "Phụ lục" in pages[-1]
    assert "Nguyễn Thị Hạnh" in "".join(pages)


def press(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A LibreOffice that does as the test says."""
    program = folder / "soffice"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_without_libreoffice_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not printing.is_there()
    with pytest.raises(NoPress, match="apt-get install"):
        printing.pdf_of(b"paper")


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "child"
    press(tmp_path, monkeypatch, f"sleep 600 & echo $! > {mark}; wait")
    with pytest.raises(PrintFailed, match="longer than 2 s"):
        printing.pdf_of(b"paper", timeout_s=2)
    child = int(mark.read_text())
    until = time.monotonic() + 30
    while _runs(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _runs(child)


def _runs(number: int) -> bool:
    """Whether a process is still running; one that waits to be reaped is not."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("script", ["exit 3", "exit 0"])
def test_a_program_that_makes_nothing_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    press(tmp_path, monkeypatch, script)
    with pytest.raises(PrintFailed, match="made no PDF"):
        printing.pdf_of(b"paper")


def test_it_knows_nothing_of_our_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUCUOI_SECRET", "a secret that no other program needs")
    press(tmp_path, monkeypatch, f"env > {tmp_path}/seen; exit 1")
    with pytest.raises(PrintFailed):
        printing.pdf_of(b"paper")
    assert "NUCUOI" not in (tmp_path / "seen").read_text()
    assert os.environ["NUCUOI_SECRET"]


def test_what_a_killed_server_left_of_a_print_goes_and_what_is_in_use_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = (
        "import os, sys, tempfile; tempfile.tempdir = sys.argv[1]\n"
        "from sync_server import printing\n"
        "with printing._folder() as folder:\n"
        "    (folder / 'paper.docx').write_bytes(b'a name')\n"
        "    print(folder, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as printer:
        assert printer.stdout is not None
        folder = Path(printer.stdout.readline().strip())
        assert (folder / "paper.docx").is_file()
        assert printing.sweep() == 0
        assert folder.is_dir()
        printer.kill()
        printer.wait(30)
    assert printing.sweep() == 1
    assert list(tmp_path.iterdir()) == []
