"""A red flag carried to its end by the people who do it, in real browsers before a real server."""

import re
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from survey.rating import Rating, receipt_code
from sync_server.models.casework import CaseFile
from sync_server.models.followup import Flag, Signal
from sync_server.models.rating import Counted
from sync_server.models.rating import Rating as Stored
from tests.builders import HANOI
from tests.sync_server.builders import PASSWORD, make_staff
from tests.together.a_town import SECRET, HttpKiosk, Town, at_work, found_town, sqlite_url, working_days_before
from tests.together.browser import DESKTOP, PHONE, Visitor
from tests.together.server_process import ServerProcess

pytestmark = [pytest.mark.browser]

RELEASED = "Trong tháng qua nhiều lượt đánh giá chưa hài lòng về cách hướng dẫn. Xin Ông/Bà cho biết hoàn cảnh."
CHANGED = "Đã mở thêm một quầy vào sáng thứ Hai."
SECRET_NOTE = "Đã gọi cho ba người đến ngày 12, trong đó có bà Tư."


class Walk:
    """The server, the browser, and the people who look at the case one after another."""

    def __init__(self, server: ServerProcess, browser: Browser, town: Town, folder: Path) -> None:
        self.server, self.browser, self.town, self.folder = server, browser, town, folder
        self.visitors: list[Visitor] = []

    def person(self, username: str, size: tuple[int, int] = DESKTOP) -> Visitor:
        """Somebody at a browser of their own, signed in."""
        visitor = Visitor.at(self.server.address, self.browser, size)
        visitor.sign_in(username, PASSWORD)
        self.visitors.append(visitor)
        return visitor

    def shoot(self, page: Page, name: str) -> None:
        """Draw a page at the sizes of a desktop and of a phone; it fits both, and everybody can use it."""
        for label, (width, height) in (("desktop", DESKTOP), ("phone", PHONE)):
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=self.folder / f"{name}-{label}.png", full_page=True)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 1, f"{name} is {wide} pixels wider than a {label}"
            found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
            faults = [f"{fault['id']}: {fault['nodes'][0]['html'][:200]}" for fault in found.response["violations"]]
            assert faults == [], f"{name} on a {label}"
        page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})

    def score(self) -> tuple[str, float, int]:
        """The officer's state, log M and number of ratings."""
        with self.town.office.database.read() as session:
            signal = session.get_one(Signal, self.town.officers[0].id)
            return signal.state, signal.log_m or 0.0, signal.n


def test_a_red_flag_is_carried_to_its_end(browser: Browser, tmp_path: Path) -> None:
    town = found_town(sqlite_url(tmp_path))
    _people(town)
    server = ServerProcess(sqlite_url(tmp_path), tmp_path, secret=SECRET)
    with server:
        bad = _turn_red(server, town)
        walk = Walk(server, browser, town, tmp_path)
        number = _the_flag_opened_a_case(town)
        _the_head_asks_the_officer(walk, number)
        _the_officer_explains(walk)
        _the_inspector_finds_two_ratings_untrue(walk, number)
        _the_head_decides_and_tells(walk, number)
        _the_officer_reads_the_end_and_no_secret(walk)
        _the_observer_sees_numbers_and_no_names(walk)
        _the_citizen_hears_by_receipt(walk, bad[0])
        _anybody_reads_on_the_board_what_was_changed_and_no_name(walk)
        for visitor in walk.visitors:
            assert not visitor.elsewhere
            assert [said for said in visitor.complaints if "403" not in said] == []


def _people(town: Town) -> None:
    officer = town.officers[0]
    make_staff(town.office, "head", unit=town.unit, username="chu.tich", name="Bùi Văn Thắng")
    make_staff(town.office, "officer", unit=town.unit, username="hanh", name=officer.name, officer_id=officer.id)
    make_staff(town.office, "inspector", username="thanh.tra", name="Lý Thị Ngân")
    make_staff(town.office, "observer", username="mat.tran", name="Cao Thị Liên")


def _turn_red(server: ServerProcess, town: Town) -> list[str]:
    """Colleagues are liked, the first officer is not; the ids of the bad ratings."""
    kiosk = HttpKiosk(town, server.address)
    days = working_days_before(datetime.now(HANOI).date(), 40)
    ratings = [
        kiosk.rating(officer, 2 if (day.day + n + i) % 40 == 0 else 5, at_work(day, 12 * n + 2 * i))
        for day in days
        for i, officer in enumerate(town.officers[1:])
        for n in range(4)
    ]
    own: list[Rating] = [
        kiosk.rating(town.officers[0], level, at_work(day, 200 + 5 * n))
        for day in days[-20:]
        for n, level in enumerate((2, 5, 1, 4, 5))
    ]
    kiosk.send([*ratings, *own])
    return [rating.id for rating in own if rating.level <= 2]


def _the_flag_opened_a_case(town: Town) -> int:
    """The server judges in a thread of its own, some seconds later."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with town.office.database.read() as session:
            file = session.scalars(select(CaseFile)).one_or_none()
        if file is not None:
            assert (file.officer_id, file.trigger, file.state) == (town.officers[0].id, "flag", "opened")
            return file.id
        time.sleep(0.2)
    raise AssertionError("no case was opened within a minute")


def _step(page: Page, kind: str, fill: Callable[[Page], None]) -> None:
    """Fill in a step's form, send it, and see that it was written down."""
    fill(page)
    page.click(f"#step-{kind} button[type=submit]")
    page.wait_for_selector(".alert-success")


def _the_head_asks_the_officer(walk: Walk, number: int) -> None:
    head = walk.person("chu.tich")
    assert "Vụ việc đến lượt tôi" in head.page.inner_text("main")
    page = head.open("/cases")
    walk.shoot(page, "1-cases")
    page.get_by_role("link", name=walk.town.officers[0].name).click()
    page.wait_for_url(f"**/cases/{number}")
    assert "20 năm" in page.inner_text("section.why")
    assert page.locator(".case-ratings").count() == 0  # single ratings are for those who verify
    suggested = page.input_value("#take_up-released")
    assert "lượt đánh giá chưa hài lòng, cao hơn rõ rệt" in suggested
    assert all(int(number) % 10 == 0 for number in re.findall(r"\d+", suggested))  # rounded, so that none is told apart
    walk.shoot(page, "2-taking-up")

    def fill(page: Page) -> None:
        page.fill("#take_up-note", "Thụ lý, mời giải trình bằng văn bản.")
        page.fill("#take_up-released", RELEASED)

    _step(page, "take_up", fill)
    assert "Chờ cán bộ giải trình" in page.inner_text(".case-state")
    assert page.locator("#step-explain, #step-verify").count() == 0


def _the_officer_explains(walk: Walk) -> None:
    officer = walk.person("hanh", PHONE)
    page = officer.open("/own")
    text = page.inner_text("main")
    assert RELEASED in text
    assert "thụ lý" not in text.lower()
    walk.shoot(page, "3-own-page")
    page.fill("textarea[name=note]", "Tháng này tôi làm thay hai người, nhiều hồ sơ phải bổ sung.")
    page.click("form[action^='/own'] button[type=submit]")
    page.wait_for_selector(".alert-success")
    assert "Ông/Bà đã trả lời" in page.inner_text("main")
    assert page.locator("form[action^='/own']").count() == 0
    assert page.goto(f"{officer.address}/cases").status == 403


def _the_inspector_finds_two_ratings_untrue(walk: Walk, number: int) -> None:
    before = walk.score()
    inspector = walk.person("thanh.tra")
    page = inspector.open(f"/cases/{number}")
    assert "làm thay hai người" in page.inner_text("main")
    boxes = page.locator(".case-ratings input[name=untrue]")
    assert boxes.count() == _bad_until_the_flag(walk.town)
    assert not re.search(r"H42\.12", page.content())  # never the dossier
    walk.shoot(page, "4-verifying")

    def fill(page: Page) -> None:
        boxes.nth(0).check()
        boxes.nth(1).check()
        page.check("#step-verify input[value=partly]")
        page.fill("#verify-note", SECRET_NOTE)
        page.fill("#verify-released", "Phần lớn ý kiến là có cơ sở; hai lượt không đúng đã được bỏ ra.")

    _step(page, "verify", fill)
    state, log_m, n = walk.score()
    assert (state, n) == ("flag", before[2] - 2)
    assert log_m < before[1]
    with walk.town.office.database.read() as session:
        untrue = session.scalars(select(Stored).where(Stored.counted == Counted.VERIFIED_UNTRUE)).all()
    assert len(untrue) == 2
    assert "2 lượt đánh giá xác minh là không đúng" in page.inner_text("main")


def _bad_until_the_flag(town: Town) -> int:
    """How many bad ratings the officer had up to the day whose evidence raised the flag."""
    with town.office.database.read() as session:
        flag = session.scalars(select(Flag).where(Flag.became == "flag")).one()
    return int(flag.evidence["climb"]["bad"])


def _the_head_decides_and_tells(walk: Walk, number: int) -> None:
    head = walk.person("chu.tich")
    page = head.open(f"/cases/{number}")

    def decide(page: Page) -> None:
        page.check("#step-decide input[value=training]")
        page.fill("#decide-note", "Cử đi tập huấn kỹ năng giao tiếp.")
        page.fill("#decide-attachments", "Quyết định số 45/QĐ-UBND")

    def tell(page: Page) -> None:
        page.check("#step-tell input[name=by_receipt]")
        page.check("#step-tell input[name=on_board]")
        page.fill("#tell-note", "Đã niêm yết tại bộ phận một cửa.")
        page.fill("#tell-public", CHANGED)

    _step(page, "decide", decide)
    _step(page, "tell", tell)
    _step(page, "close", lambda page: page.fill("#close-note", "Kết thúc."))
    assert "Đã kết thúc" in page.inner_text(".case-state")
    assert "Quyết định số 45/QĐ-UBND" in page.inner_text("main")
    walk.shoot(page, "5-closed")
    state, _, n = walk.score()
    assert (state, n) == ("insufficient", 0)  # the fold begins anew
    assert walk.town.officers[0].name not in head.open("/officers?state=flag").inner_text("main")


def _the_officer_reads_the_end_and_no_secret(walk: Walk) -> None:
    page = walk.person("hanh").open("/own")
    text = page.inner_text("main")
    assert "Đào tạo, tập huấn" in text
    assert "Đúng một phần" in text
    for hidden in (SECRET_NOTE, "bà Tư", "Cử đi tập huấn", "Lý Thị Ngân", "Bùi Văn Thắng"):
        assert hidden not in text
    walk.shoot(page, "6-own-page-at-the-end")


def _the_observer_sees_numbers_and_no_names(walk: Walk) -> None:
    observer = walk.person("mat.tran")
    page = observer.open("/handled")
    row = page.locator("tbody tr").inner_text()
    assert row.startswith(walk.town.unit.name)
    assert "Đào tạo, tập huấn: 1" in row
    content = page.content()
    assert not any(officer.name in content for officer in walk.town.officers)
    walk.shoot(page, "7-handled")
    assert page.goto(f"{observer.address}/cases").status == 403


def _the_citizen_hears_by_receipt(walk: Walk, rating_id: str) -> None:
    citizen = Visitor.at(walk.server.address, walk.browser, PHONE)
    walk.visitors.append(citizen)
    page = citizen.open(f"/n/{receipt_code(rating_id)}")
    assert "Ý kiến của Ông/Bà đã được xem xét" in page.inner_text("main")
    assert CHANGED in page.inner_text("main")
    walk.shoot(page, "8-receipt")


def _anybody_reads_on_the_board_what_was_changed_and_no_name(walk: Walk) -> None:
    passer_by = Visitor.at(walk.server.address, walk.browser, PHONE)
    walk.visitors.append(passer_by)
    page = passer_by.open("/bang/")
    page.click(f"text={walk.town.unit.name}")
    assert CHANGED in page.inner_text("main")
    content = page.content()
    assert not any(officer.name in content for officer in walk.town.officers)
    walk.shoot(page, "9-board")
