"""The main job, end to end, as people see it: from a slip and a tap to an officer «cần xem xét»."""

import re
import subprocess
import sys
import time
import uuid
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser
from sqlalchemy import func, select

from survey.rating import receipt_code
from sync_server import ids
from sync_server.models.kiosk import Kiosk
from sync_server.models.rating import Counted, Rating
from tests.builders import HANOI
from tests.kiosk.window.kiosk_window import KioskWindow
from tests.sync_server.builders import PASSWORD, make_staff
from tests.together.a_town import SECRET, HttpKiosk, Town, at_work, found_town, sqlite_url, working_days_before
from tests.together.browser import DESKTOP, Visitor
from tests.together.server_process import ServerProcess

pytestmark = [pytest.mark.window, pytest.mark.browser]

DOSSIER = "H42.12-261123-0007"
KIOSK = [sys.executable, "-m", "kiosk"]


def test_a_tap_reaches_staff_as_a_flag(browser: Browser, tmp_path: Path) -> None:
    town = found_town(sqlite_url(tmp_path))
    make_staff(town.office, "clerk", unit=town.unit, username="thu.ngan")
    make_staff(town.office, "town_staff", username="binh.noivu", name="Đặng Thu Bình")
    server = ServerProcess(sqlite_url(tmp_path), tmp_path, secret=SECRET)
    with server:
        kiosk_id = _enrol(server, town, tmp_path)
        slip = _print_slip(server, browser, town, tmp_path)
    _rate_while_the_server_is_down(slip, server, tmp_path, town, kiosk_id)
    with server:
        _let_bad_ratings_follow(server, town)
        _staff_sees_who_should_be_looked_into(server, browser, town, tmp_path)


def _enrol(server: ServerProcess, town: Town, folder: Path) -> int:
    """Join the kiosk by a code from the server's own command."""
    counter = ids.write_id(ids.COUNTER, town.counter.id)
    printed = server.run("enrol-code", "--counter", counter, "--name", "Máy ở quầy 1")
    code = re.search(r'"code":\s*"([^"]+)"', printed)
    assert code is not None, printed
    joined = subprocess.run(
        [*KIOSK, "enrol", server.address, code[1], "--data-dir", str(folder / "kiosk")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert joined.returncode == 0, joined.stdout + joined.stderr
    with town.office.database.read() as session:
        return session.scalars(select(Kiosk.id)).one()


def _print_slip(server: ServerProcess, browser: Browser, town: Town, folder: Path) -> str:
    """A clerk prints a slip; what a scanner reads from the page as it was drawn."""
    clerk = Visitor.at(server.address, browser, DESKTOP)
    clerk.sign_in("thu.ngan", PASSWORD)
    page = clerk.open("/slips")
    page.fill("#code", DOSSIER)
    page.select_option("#officer", str(town.officers[0].id))
    page.select_option("#service", str(town.service.id))
    page.click("main button[type=submit]")
    drawn = page.locator(".slip").screenshot()
    (folder / "slip.png").write_bytes(drawn)
    assert not clerk.elsewhere
    clerk.context.close()
    read = zxingcpp.read_barcodes(Image.open(BytesIO(drawn)))
    assert len(read) == 1
    return read[0].text


def _rate_while_the_server_is_down(slip: str, server: ServerProcess, folder: Path, town: Town, kiosk_id: int) -> None:
    """Scan, tap, choose a reason, see thanks; then the server comes back and the rating arrives, once."""
    argv = [*KIOSK, "run", "--windowed", "1280x800", "--data-dir", str(folder / "kiosk")]
    with KioskWindow("1280x800", argv, folder, {"NUCUOI_KIOSK_HEARTBEAT_S": "10"}) as window:
        window.wait_screen("idle")
        window.type_scan(slip)
        window.wait_screen("rate")
        texts = " ".join(window.texts())
        assert town.officers[0].name in texts
        assert DOSSIER[-4:] in texts
        assert DOSSIER not in texts
        window.tap("face_2")
        window.wait_screen("reasons")
        window.tap("reason_unclear")
        window.tap("send")
        window.wait_screen("thanks")
        window.screenshot(folder / "thanks.png")
        shown = "".join(window.texts()).replace(" ", "")
        window.wait_screen("idle")
        with server:
            row = _arrived(town, kiosk_id)
            _wait_for_two_more_contacts(town, kiosk_id)
            assert _count(town, kiosk_id) == 1
    assert (row.officer_id, row.level, row.counted) == (town.officers[0].id, 2, Counted.YES)
    assert row.reasons == 1 << 3
    assert row.dossier_mac is not None
    assert receipt_code(_uuid(row.id)) in shown


def _arrived(town: Town, kiosk_id: int) -> Rating:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with town.office.database.read() as session:
            row = session.scalars(select(Rating)).first()
        if row is not None:
            return row
        time.sleep(0.2)
    raise AssertionError("the rating did not arrive within a minute of the server's return")


def _wait_for_two_more_contacts(town: Town, kiosk_id: int) -> None:
    """A second copy of the rating would come with one of the next batches."""
    seen: set[int | None] = set()
    deadline = time.monotonic() + 60
    while len(seen) < 3:
        assert time.monotonic() < deadline, "the kiosk did not send a heartbeat"
        with town.office.database.read() as session:
            seen.add(session.get_one(Kiosk, kiosk_id).last_contact_at)
        time.sleep(0.3)


def _count(town: Town, kiosk_id: int) -> int:
    with town.office.database.read() as session:
        assert session.get_one(Kiosk, kiosk_id).stored_total == 1
        return session.scalar(select(func.count()).select_from(Rating)) or 0


def _uuid(raw: bytes) -> str:
    return str(uuid.UUID(bytes=raw))


def _let_bad_ratings_follow(server: ServerProcess, town: Town) -> None:
    """Two months: colleagues are liked, the first officer is not, on many days of the last four weeks."""
    kiosk = HttpKiosk(town, server.address)
    days = working_days_before(datetime.now(HANOI).date(), 40)
    ratings = [
        kiosk.rating(officer, 2 if (day.day + n + i) % 40 == 0 else 5, at_work(day, 12 * n + 2 * i))
        for day in days
        for i, officer in enumerate(town.officers[1:])
        for n in range(4)
    ]
    ratings += [
        kiosk.rating(town.officers[0], level, at_work(day, 200 + 5 * n))
        for day in days[-20:]
        for n, level in enumerate((2, 5, 1, 4, 5))
    ]
    verdicts = {receipt.verdict for reply in kiosk.send(ratings) for receipt in reply.receipts}
    assert verdicts == {"stored"}


def _staff_sees_who_should_be_looked_into(server: ServerProcess, browser: Browser, town: Town, folder: Path) -> None:
    staff = Visitor.at(server.address, browser, DESKTOP)
    staff.sign_in("binh.noivu", PASSWORD)
    page = staff.open("/officers")
    row = page.locator("tr", has_text=town.officers[0].name)
    deadline = time.monotonic() + 30  # the server judges in a thread of its own, some seconds later
    while "cần xem xét" not in row.inner_text().lower() and time.monotonic() < deadline:
        page.reload()
    page.screenshot(path=folder / "officers.png", full_page=True)
    assert "cần xem xét" in row.inner_text().lower()
    others = (
        page.locator("tbody tr").filter(has=page.locator("a"), has_not_text=town.officers[0].name).all_inner_texts()
    )
    assert len(others) == len(town.officers) - 1
    assert not any("cần xem xét" in text.lower() for text in others)
    row.get_by_role("link", name=town.officers[0].name).click()
    page.wait_for_url(f"**/officers/{town.officers[0].id}")
    page.screenshot(path=folder / "officer.png", full_page=True)
    said = page.locator("section.why").inner_text()
    assert "41 trên 101 lượt không hài lòng" in said
    assert "20 năm" in said
    assert page.locator("figure.plot svg").first.is_visible()
    assert not staff.elsewhere
    assert not staff.complaints
    staff.context.close()
