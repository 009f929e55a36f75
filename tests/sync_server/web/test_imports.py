"""A list of officers comes in whole, after all its faults were told, or not at all."""

import html
import io
import re
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from sync_server import lists, officer_lists, service_lists, sheets
from sync_server.errors import NotFound, Refused
from sync_server.models.organisation import Officer, OfficerService
from sync_server.models.people import AuditEntry
from sync_server.officer_lists import HEADINGS, Known, Present, plan, read_list
from sync_server.queries import organisation
from sync_server.services import importing
from tests.sync_server import builders
from tests.sync_server.web.conftest import Person, Town

KNOWN = Known(
    units={"xã mộc bắc": [1], "xã trùng": [2, 3]},
    services={"đăng ký khai sinh": [10], "chứng thực": [11]},
    officers=[
        Present(id=5, unit_id=1, name="Nguyễn Thị Hạnh", title="CC", category="civil", services=(10,), valid_from=None)
    ],
)
GOOD = ("Xã Mộc Bắc", "Trần Văn Tú", "Công chức Địa chính", "Công an", "Chứng thực; Đăng ký khai sinh", "01/03/2026")


def changed(**cells: str) -> tuple[str, ...]:
    """A good row with some cells changed."""
    return tuple(cells.get(column, cell) for column, cell in zip(officer_lists.COLUMNS, GOOD, strict=True))


def test_a_good_row_is_somebody_new() -> None:
    (wanted,) = plan([GOOD], KNOWN).new
    assert (wanted.unit_id, wanted.name, wanted.category, wanted.services) == (1, "Trần Văn Tú", "police", (11, 10))
    assert wanted.row == 2


def test_names_are_found_whatever_their_case_spaces_and_form_of_unicode() -> None:
    import unicodedata

    row = changed(unit=unicodedata.normalize("NFD", "  xã  MỘC bắc "), services="CHỨNG THỰC")
    assert plan([row], KNOWN).faults == ()


def test_somebody_who_is_there_is_changed_and_not_added() -> None:
    found = plan([changed(name="nguyễn thị hạnh", title="Công chức Tư pháp", category="")], KNOWN)
    assert found.new == ()
    assert (found.changed[0].officer_id, found.changed[0].changes) == (5, ("title", "services", "valid_from"))


def test_somebody_who_is_the_same_changes_nothing() -> None:
    found = plan([changed(name="Nguyễn Thị Hạnh", title="CC", category="", services="", valid_from="")], KNOWN)
    assert (found.new, found.changed, found.same) == ((), (), 1)


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"unit": ""}, "unit", "missing"),
        ({"unit": "Xã Lạ"}, "unit", "unknown"),
        ({"unit": "Xã Trùng"}, "unit", "ambiguous"),
        ({"name": ""}, "name", "missing"),
        ({"name": "x" * 121}, "name", "too_long"),
        ({"title": " "}, "title", "missing"),
        ({"category": "Hải quân"}, "category", "unknown"),
        ({"services": "Đăng ký khai sinh; Bay lên trời"}, "services", "unknown"),
        ({"valid_from": "31/02/2026"}, "valid_from", "bad_date"),
        ({"valid_from": "hôm qua"}, "valid_from", "bad_date"),
    ],
)
def test_a_fault_names_its_row_and_column(cells: dict[str, str], column: str, code: str) -> None:
    found = plan([GOOD, changed(name="Người Khác", **cells) if "name" not in cells else changed(**cells)], KNOWN)
    assert [(fault.row, fault.column, fault.code) for fault in found.faults] == [(3, column, code)]


def test_the_same_person_twice_is_a_fault() -> None:
    found = plan([GOOD, ("",) * 6, GOOD], KNOWN)
    assert [(fault.row, fault.code) for fault in found.faults] == [(4, "twice")]


def test_forty_faults_in_two_thousand_rows_are_all_told() -> None:
    rows = [changed(name=f"Người {number}") for number in range(2000)]
    for number in range(40):
        rows[number * 50] = changed(name=f"Người {number * 50}", unit=f"Xã Lạ {number}")
    found = plan(rows, KNOWN)
    assert [fault.row for fault in found.faults] == [2 + number * 50 for number in range(40)]
    assert len(found.new) == 1960


@given(st.lists(st.tuples(*[st.text(max_size=12)] * 6), max_size=8))
def test_any_rows_are_planned_and_every_row_is_somewhere(rows: list[tuple[str, ...]]) -> None:
    found = plan(rows, KNOWN)
    told = {fault.row for fault in found.faults} | {each.row for each in (*found.new, *found.changed)}
    full = {number for number, row in enumerate(rows, start=2) if any(cell.strip() for cell in row)}
    assert told == full or found.same


def xlsx(*rows: tuple[Any, ...]) -> bytes:
    """A workbook as people fill in the template."""
    return sheets.xlsx_of("Cán bộ", HEADINGS, rows)


def test_the_template_reads_back_and_csv_is_the_same(town: Town) -> None:
    template = town.as_("alice").get("/organisation/import/template.xlsx").data
    (example,) = read_list(template, "mau.xlsx")
    assert example[0] == "Xã Mộc Bắc"
    for delimiter in ",;\t":
        text = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in (HEADINGS, GOOD))
        assert read_list(b"\xef\xbb\xbf" + text.encode(), "x.csv") == (GOOD,)
    assert read_list(xlsx(GOOD), "x.xlsx") == (GOOD,)


def _bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * (61 * 1024 * 1024))
    return made.getvalue()


def _without_headings() -> bytes:
    return sheets.xlsx_of("x", ["a"] * 6, [GOOD])


@pytest.mark.parametrize(
    "upload",
    [
        b"",
        b"PK\x03\x04 broken",
        b"\xff\xfe\x00",
        b"a,b,c\n1,2,3",
        _without_headings(),
        _bomb(),
        bytes(lists.BYTES_MAX + 1),
        xlsx(*[GOOD] * (lists.ROWS_MAX + 1)),
    ],
    ids=["empty", "broken", "binary", "no headings", "other headings", "bomb", "huge", "too many rows"],
)
def test_what_is_no_list_is_refused(upload: bytes) -> None:
    with pytest.raises(Refused):
        read_list(upload, "x")


def upload(person: Person, data: bytes, name: str = "danh-sach.xlsx") -> TestResponse:
    """Send a file for the preview."""
    return person.send("/organisation/import", list=(io.BytesIO(data), name))


def carried(text: str) -> str:
    """What the preview carries to the confirmation."""
    found = re.search(r'name="list" value="([^"]+)"', text)
    assert found
    return found[1]


def officers(town: Town) -> int:
    """How many officers there are."""
    with town.office.database.read() as reading:
        return reading.scalar(select(func.count()).select_from(Officer)) or 0


ROW = ("Xã Mộc Bắc", "Trần Văn Tú", "Công chức Địa chính", "", "Đăng ký khai sinh", "")


def test_nothing_is_changed_before_it_is_confirmed(town_on_both: Town) -> None:
    town = town_on_both
    person = town.as_("town_staff")
    changed_row = ("Xã Mộc Bắc", "Nguyễn Thị Hạnh", "Công chức Văn phòng", "", "", "")
    before = officers(town)
    shown = upload(person, xlsx(ROW, changed_row))
    assert shown.status_code == 200
    assert "Trần Văn Tú" in html.unescape(shown.text)
    assert officers(town) == before
    assert person.send("/organisation/import/confirm", list=carried(shown.text)).status_code == 303
    assert officers(town) == before + 1
    with town.office.database.read() as reading:
        assert reading.get_one(Officer, town.officer.id).title == "Công chức Văn phòng"
        made = reading.scalars(select(Officer).where(Officer.name == "Trần Văn Tú")).one()
        does = reading.scalars(select(OfficerService).where(OfficerService.officer_id == made.id)).one()
        assert (does.service_id, does.declared) == (town.service.id, True)
        entry = reading.scalars(select(AuditEntry).where(AuditEntry.act == "officers imported")).one()
        assert entry.detail == {"new": 1, "changed": 1}


def test_a_list_with_faults_cannot_be_confirmed(town: Town) -> None:
    shown = upload(town.as_("town_staff"), xlsx(ROW, ("Xã Lạ", "A", "B", "", "", "")))
    assert shown.status_code == 422
    assert "không có trong danh mục" in html.unescape(shown.text)
    assert 'name="list" value' not in shown.text


def test_a_preview_is_good_for_its_owner_only_and_cannot_be_forged(town: Town) -> None:
    token = carried(upload(town.as_("town_staff"), xlsx(ROW)).text)
    before = officers(town)
    for person, text in ((town.as_("alice"), token), (town.as_("town_staff"), token[:-2] + "xx")):
        assert person.send("/organisation/import/confirm", list=text).status_code == 422
    assert officers(town) == before


def test_what_changed_since_the_preview_is_shown_again(town: Town) -> None:
    person = town.as_("town_staff")
    token = carried(upload(person, xlsx(ROW)).text)
    builders.make_officer(town.office, town.moc_bac, name="Trần Văn Tú", title="Khác")
    before = officers(town)
    again = person.send("/organisation/import/confirm", list=token)
    assert again.status_code == 422
    assert officers(town) == before
    assert person.send("/organisation/import/confirm", list=carried(again.text)).status_code == 303


def test_a_head_imports_into_the_own_commune_only(town: Town) -> None:
    shown = upload(town.as_("alice"), xlsx(("Xã Chuyên Ngoại", "A", "B", "", "", "")))
    assert shown.status_code == 422
    assert "ngoài phạm vi" in html.unescape(shown.text)


def test_a_cell_that_is_a_script_or_a_formula_is_shown_as_text(town: Town) -> None:
    evil = "<script>alert(1)</script>"
    shown = upload(town.as_("town_staff"), xlsx(("Xã Mộc Bắc", evil, "=1+1", "", evil, "")))
    assert evil not in shown.text
    assert html.escape(evil) in shown.text


def test_two_thousand_rows_are_taken_over_in_one_transaction(town: Town) -> None:
    person = town.as_("town_staff")
    rows = [("Xã Mộc Bắc", f"Người {number}", "Công chức", "", "", "") for number in range(2000)]
    shown = upload(person, xlsx(*rows))
    assert person.send("/organisation/import/confirm", list=carried(shown.text)).status_code == 303
    assert officers(town) == 2002


def test_the_template_is_a_workbook_with_the_headings(town: Town) -> None:
    book = load_workbook(io.BytesIO(town.as_("alice").get("/organisation/import/template.xlsx").data))
    assert tuple(cell.value for cell in book.active[1]) == HEADINGS


def test_a_page_tells_all_forty_faults_of_two_thousand_rows_and_changes_nothing(town: Town) -> None:
    person = town.as_("town_staff")
    rows = [("Xã Mộc Bắc", f"Người {number}", "Công chức", "", "", "") for number in range(2000)]
    for number in range(40):
        rows[number * 50] = ("Xã Mộc Bắc", f"Người {number * 50}", "Công chức", "", f"Thủ tục lạ {number}", "")
    before = officers(town)
    shown = upload(person, xlsx(*rows))
    assert shown.status_code == 422
    text = html.unescape(shown.text)
    assert all(f"«Thủ tục lạ {number}»" in text for number in range(40))
    assert 'name="list" value' not in shown.text
    assert officers(town) == before


def test_a_list_that_fails_half_way_leaves_nothing_behind(town_on_both: Town) -> None:
    town = town_on_both
    wanted = {"row": 2, "officer_id": None, "unit": "", "title": "", "category": "civil", "services": ()}
    half = officer_lists.Plan(
        new=tuple(
            officer_lists.Wanted(**wanted, name=f"Người {unit}", unit_id=unit, valid_from=None)  # type: ignore[arg-type]
            for unit in (town.moc_bac.id, 4711)
        )
    )
    before = officers(town)
    with pytest.raises(NotFound), town.office.database.write() as writing:
        importing.carry_out(writing, half)
    assert officers(town) == before


SERVICES = service_lists.KnownServices(
    fields={
        "hộ tịch": [service_lists.Named(id=1, name_en="")],
        "trùng": [service_lists.Named(id=n, name_en="") for n in (2, 3)],
    },
    services={("hộ tịch", "đăng ký khai sinh"): [service_lists.Named(id=7, name_en="Birth")]},
)


def test_procedures_are_new_changed_or_the_same() -> None:
    found = service_lists.plan(
        [
            ("Hộ tịch", "", "Đăng ký KHAI  sinh", "Birth registration"),
            ("Hộ tịch", "Civil status", "Đăng ký kết hôn", ""),
            ("Đất đai", "Land", "Cấp giấy chứng nhận", "Land title"),
            ("Hộ tịch", "", "Trích lục", ""),
        ],
        SERVICES,
    )
    assert [(each.service_id, each.changes) for each in found.changed] == [(7, ("service_en",))]
    assert [(each.service, each.field_id) for each in found.new] == [
        ("Đăng ký kết hôn", 1),
        ("Cấp giấy chứng nhận", None),
        ("Trích lục", 1),
    ]
    assert service_lists.plan([("Hộ tịch", "", "Đăng ký khai sinh", "")], SERVICES).same == 1


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (("", "", "Thủ tục", ""), "field", "missing"),
        (("Hộ tịch", "", " ", ""), "service", "missing"),
        (("Hộ tịch", "", "x" * 301, ""), "service", "too_long"),
        (("x" * 201, "", "Thủ tục", ""), "field", "too_long"),
        (("Trùng", "", "Thủ tục", ""), "field", "ambiguous"),
        (("Hộ tịch", "", "Kết hôn", ""), "service", "twice"),
    ],
)
def test_a_fault_of_a_procedure_names_its_row_and_column(row: tuple[str, ...], column: str, code: str) -> None:
    found = service_lists.plan([("Hộ tịch", "", "Kết hôn", ""), ("",) * 4, row], SERVICES)
    assert [(fault.row, fault.column, fault.code) for fault in found.faults] == [(4, column, code)]


def service_xlsx(*rows: tuple[str, ...]) -> bytes:
    """A workbook as people fill in the template of procedures."""
    return sheets.xlsx_of("Thủ tục", service_lists.HEADINGS, rows)


def services_there(town: Town) -> dict[str, list[str]]:
    """Field → procedures."""
    with town.office.database.read() as reading:
        return {field.name: [row.name for row in field.services] for field in organisation.catalogue(reading)}


def test_procedures_come_in_after_a_preview_and_not_before(town_on_both: Town) -> None:
    town = town_on_both
    person, address = town.as_("town_staff"), "/organisation/services/import"
    data = service_xlsx(
        ("Hộ tịch", "Civil status", "Đăng ký khai sinh", "Birth"),
        ("Đất đai", "Land", "Cấp giấy chứng nhận", ""),
        ("Đất đai", "", "Chuyển nhượng", ""),
    )
    shown = person.send(address, list=(io.BytesIO(data), "thu-tuc.xlsx"))
    assert shown.status_code == 200
    assert list(services_there(town)) == ["Hộ tịch"]
    assert person.send(f"{address}/confirm", list=carried(shown.text)).status_code == 303
    assert services_there(town) == {
        "Hộ tịch": ["Đăng ký khai sinh"],
        "Đất đai": ["Chuyển nhượng", "Cấp giấy chứng nhận"],
    }
    (template,) = service_lists.read_list(person.get(f"{address}/template.xlsx").data, "mau.xlsx")
    assert template[2] == "Đăng ký khai sinh"


def test_a_list_of_procedures_with_faults_or_of_another_kind_changes_nothing(town: Town) -> None:
    person, address = town.as_("town_staff"), "/organisation/services/import"
    bad = service_xlsx(("Đất đai", "", "Cấp giấy", ""), ("", "", "Không lĩnh vực", ""))
    shown = person.send(address, list=(io.BytesIO(bad), "x.xlsx"))
    assert shown.status_code == 422
    assert "còn trống" in html.unescape(shown.text)
    assert 'name="list" value' not in shown.text
    officers_list = carried(upload(person, xlsx(ROW)).text)
    assert person.send(f"{address}/confirm", list=officers_list).status_code == 422
    assert person.send(address, list=(io.BytesIO(xlsx(ROW)), "x.xlsx")).status_code == 422
    assert list(services_there(town)) == ["Hộ tịch"]
