"""Slips for a list of dossiers: every fault by its row, one slip a page, each readable by a kiosk."""

import html
import io
import re

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from PIL import Image
from playwright.sync_api import Browser
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from sync_server import sheets, slip_lists
from sync_server.models.people import AuditEntry
from sync_server.models.rating import SlipTally
from sync_server.seals import TICKET
from sync_server.slip_lists import HEADINGS, SLIPS_MAX, Serving, plan
from tests.sync_server import builders
from tests.sync_server.web.conftest import Person, Town
from tests.sync_server.web.test_slips import scanned
from tests.together.browser import PHONE, Served, Visitor

SERVING = [
    Serving(id=1, name="Nguyễn Thị Hạnh", unit="Xã Mộc Bắc", services={"đăng ký khai sinh": [10], "trùng": [11, 12]}),
    Serving(id=2, name="Trần Văn Tú", unit="Xã Mộc Bắc", services={}),
    Serving(id=3, name="Trần Văn Tú", unit="Xã Chuyên Ngoại", services={}),
]
GOOD = ("H42.12-260302-0007", "Nguyễn Thị Hạnh", "Đăng ký khai sinh", "")


def read_code(text: str) -> str | None:
    """A dossier code of these tests."""
    return text.upper() if re.fullmatch(r"H42\.12-\d{6}-\d{4}", text, re.IGNORECASE) else None


def changed(**cells: str) -> tuple[str, ...]:
    """A good row with some cells changed."""
    return tuple(cells.get(column, cell) for column, cell in zip(slip_lists.COLUMNS, GOOD, strict=True))


def test_a_good_row_is_a_slip_whatever_its_case_and_spaces() -> None:
    row = changed(code="h42.12-260302-0007", officer="  nguyễn  THỊ hạnh ")
    (wanted,) = plan([row], SERVING, read_code).slips
    assert (wanted.row, wanted.dossier_code, wanted.officer_id, wanted.service_id) == (2, GOOD[0], 1, 10)


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"code": ""}, "code", "missing"),
        ({"code": "1.011442.000.00.00.H38"}, "code", "bad_code"),
        ({"officer": ""}, "officer", "missing"),
        ({"officer": "Người Lạ"}, "officer", "unknown"),
        ({"officer": "Trần Văn Tú", "service": ""}, "officer", "ambiguous"),
        ({"unit": "Xã Lạ"}, "unit", "unknown"),
        ({"unit": "Xã Chuyên Ngoại"}, "officer", "unknown"),
        ({"service": "Cấp phép xây dựng"}, "service", "not_done"),
        ({"service": "Trùng"}, "service", "ambiguous"),
    ],
)
def test_a_fault_names_its_row_and_column(cells: dict[str, str], column: str, code: str) -> None:
    found = plan([changed(code="H42.12-260302-0001"), ("",) * 4, changed(**cells)], SERVING, read_code)
    assert [(fault.row, fault.column, fault.code) for fault in found.faults] == [(4, column, code)]


def test_of_two_officers_of_one_name_the_unit_tells_which() -> None:
    row = changed(officer="Trần Văn Tú", service="", unit="xã chuyên ngoại")
    assert [each.officer_id for each in plan([row], SERVING, read_code).slips] == [3]


def test_the_same_dossier_twice_and_too_many_at_once_are_told() -> None:
    assert [(each.row, each.code) for each in plan([GOOD, GOOD], SERVING, read_code).faults] == [(3, "twice")]
    rows = [changed(code=f"H42.12-260302-{number:04}") for number in range(SLIPS_MAX + 1)]
    assert [(each.row, each.code) for each in plan(rows, SERVING, read_code).faults] == [(SLIPS_MAX + 2, "too_many")]
    assert plan(rows[:-1], SERVING, read_code).faults == ()


@given(st.lists(st.tuples(*[st.text(max_size=12)] * 4), max_size=8))
@settings(max_examples=40)
def test_of_any_rows_each_is_a_slip_or_has_a_fault(rows: list[tuple[str, ...]]) -> None:
    found = plan(rows, SERVING, read_code)
    full = {number for number, row in enumerate(rows, start=2) if any(cell.strip() for cell in row)}
    assert {each.row for each in found.slips} | {fault.row for fault in found.faults} == full


def upload(person: Person, *rows: tuple[str, ...]) -> TestResponse:
    """Send a list as people fill in the template."""
    book = sheets.xlsx_of("Phiếu", HEADINGS, rows)
    return person.send("/slips/batch", list=(io.BytesIO(book), "ho-so.xlsx"))


def carried(text: str) -> str:
    """The list in the preview's form; '' when there is nothing to confirm."""
    found = re.search(r'name="list" value="([^"]+)"', text)
    return found[1] if found else ""


def counted(town: Town) -> int:
    """Slips that were counted."""
    with town.office.database.read() as reading:
        return reading.scalar(select(func.sum(SlipTally.n))) or 0


ROWS = [(f"H42.12-260302-{number:04}", "Nguyễn Thị Hạnh", "Đăng ký khai sinh", "") for number in (7, 8, 9)]


def test_the_template_names_whom_the_clerk_may_choose_and_reads_back_empty(town: Town) -> None:
    made = town.as_("clerk").get("/slips/batch/template.xlsx").data
    assert slip_lists.read_list(made, "mau.xlsx") == ()
    names = list(load_workbook(io.BytesIO(made))["Danh mục"].iter_rows(min_row=2, values_only=True))
    assert names == [("Nguyễn Thị Hạnh", "Đăng ký khai sinh", "Xã Mộc Bắc")]


def test_a_list_is_previewed_and_then_printed_and_counted(town_on_both: Town) -> None:
    town = town_on_both
    person = town.as_("clerk")
    shown = upload(person, *ROWS)
    assert (shown.status_code, counted(town)) == (200, 0)
    made = person.send("/slips/batch/print", list=carried(shown.text), paper="58")
    assert (made.status_code, made.text.count('class="slip slip-58"'), counted(town)) == (200, 3, 3)
    with town.office.database.read() as reading:
        entry = reading.scalars(select(AuditEntry).where(AuditEntry.act == "slips printed")).one()
    assert entry.detail == {"n": 3}


def test_with_one_fault_nothing_can_be_printed(town: Town) -> None:
    person = town.as_("clerk")
    answer = upload(person, ROWS[0], ("<b>1</b>", "Nguyễn Thị Hạnh", "", ""), ("H42.12-260302-0011", "Ai Đó", "", ""))
    text = html.unescape(answer.text)
    assert (answer.status_code, carried(answer.text)) == (422, "")
    assert "chưa đúng dạng mã hồ sơ" in text
    assert "«Ai Đó»" in text
    assert "<b>1" not in answer.text


def test_a_clerk_prints_for_no_officer_of_another_commune(town: Town) -> None:
    answer = upload(town.as_("clerk"), ("H42.12-260302-0007", "Phạm Văn Khoa", "", "Xã Chuyên Ngoại"))
    assert answer.status_code == 422
    other = town.as_("chi")
    shown = upload(other, ("H42.12-260302-0007", "Phạm Văn Khoa", "", "Xã Chuyên Ngoại"))
    assert shown.status_code == 200
    # what one person previewed is of no use to another
    taken = town.as_("clerk").send("/slips/batch/print", list=carried(shown.text), paper="80")
    assert (taken.status_code, counted(town)) == (422, 0)


def test_what_is_no_list_and_an_empty_list_are_told(town: Town) -> None:
    person = town.as_("clerk")
    assert person.send("/slips/batch").status_code == 422
    assert person.send("/slips/batch", list=(io.BytesIO(b"\x89PNG\r\n"), "x.xlsx")).status_code == 422
    assert person.send("/slips/batch/print", list="forged").status_code == 422
    empty = upload(person)
    assert "Tệp chưa có dòng nào" in html.unescape(empty.text)
    assert carried(empty.text) == ""


@pytest.mark.browser
def test_printed_slips_are_read_back_one_on_each_page(town: Town, served: Served, browser: Browser) -> None:
    """All three papers, in one visit; the preview fits a phone."""
    visitor = Visitor.at(served.address, browser)
    visitor.sign_in("clerk", builders.PASSWORD)
    book = sheets.xlsx_of("Phiếu", HEADINGS, ROWS)
    for paper, width_mm in (("58", 58), ("80", 80), ("a6", 105)):
        visitor.open("/slips/batch")
        visitor.page.set_input_files("#list", {"name": "a.xlsx", "mimeType": "application/zip", "buffer": book})
        visitor.page.click("main form button")
        visitor.page.check(f"#paper-{paper}")
        visitor.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        assert not visitor.overflows
        visitor.page.set_viewport_size({"width": 1280, "height": 900})
        visitor.page.click("main form button")
        visitor.page.wait_for_selector(".slip .qr")
        tickets = []
        for place in visitor.page.locator(".slip").all():
            shot = Image.open(io.BytesIO(place.screenshot()))
            tickets += [scanned(found.text, town) for found in zxingcpp.read_barcodes(shot)]
        assert [ticket.dossier_code for ticket in tickets] == [row[0] for row in ROWS]
        assert town.office.seals.read(tickets[2].token, TICKET)["d"] == ROWS[2][0]
        printed = visitor.page.pdf(prefer_css_page_size=True).decode("latin-1")
        widths = [float(width) for width in re.findall(r"/MediaBox \[0 0 ([\d.]+) [\d.]+\]", printed)]
        assert widths == [pytest.approx(width_mm / 25.4 * 72, abs=1.5)] * 3
    assert (visitor.elsewhere, visitor.complaints) == ([], [])
