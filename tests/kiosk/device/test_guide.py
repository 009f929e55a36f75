"""The clerk's one page: its words are the kiosk's, its pictures are there, and it prints as one page."""

import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
GUIDE = ROOT / "docs" / "guide"
TEXT = (GUIDE / "clerk.html").read_text(encoding="utf-8")


def test_every_word_of_the_screens_is_the_screens_own():
    catalogue = (ROOT / "assets/locale/vi/LC_MESSAGES/kiosk.po").read_text(encoding="utf-8")
    behind_the_flow = (ROOT / "kiosk/app.py").read_text(encoding="utf-8")
    keys = [" ".join(unescape(key).split()) for key in re.findall(r'<b class="key">(.*?)</b>', TEXT, re.DOTALL)]
    assert len(keys) >= 12
    assert [key for key in keys if f'msgid "{key}"' not in catalogue and f'"{key}"' not in behind_the_flow] == []


def test_every_picture_is_there_and_described():
    pictures = re.findall(r'<img src="([^"]+)" alt="([^"]+)">', TEXT)
    assert len(pictures) == TEXT.count("<img ") >= 4
    assert [source for source, _ in pictures if not (GUIDE / source).is_file()] == []


def test_nothing_is_fetched_from_the_internet():
    assert not re.search(r"https?://", TEXT)


@pytest.mark.browser
@pytest.mark.skipif(not shutil.which("chromium"), reason="needs Debian's chromium")
def test_it_prints_as_one_page_of_a4_with_our_letters(tmp_path):
    out = tmp_path / "clerk.pdf"
    subprocess.run([sys.executable, str(GUIDE / "print.py"), str(out)], check=True, timeout=150)
    printed = out.read_bytes()
    assert printed.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b(?!s)", printed)) == 1
    width, height = map(float, re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed).groups())
    assert (width, height) == pytest.approx((595, 842), abs=1)
    assert b"BeVietnamPro" in printed
