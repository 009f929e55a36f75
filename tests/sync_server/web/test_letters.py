"""Letters on pages: entered, numbered, printed, cancelled; and the names on them, which are found nowhere."""

import io
import logging
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from docx import Document
from sqlalchemy import select

from sync_server import printing, sheets
from sync_server.casework.steps import Finding
from sync_server.casework.workdays import public_calendar
from sync_server.correspondence import entered, making
from sync_server.correspondence.kinds import BY_KEY, KINDS
from sync_server.models.casework import CaseFile
from sync_server.models.letter import Letter
from sync_server.models.people import AuditEntry
from sync_server.models.register import RegisterEntry
from sync_server.reporting import paper
from sync_server.services import backup
from tests.sync_server.reporting.builders import text_of
from tests.sync_server.web.conftest import Person, Town

PLANTED = "Zyxwuv Đặng Quỳnh Như Hoa"
SIGNER = "Nguyễn Văn Thành"


def today(town: Town) -> int:
    return town.office.day(town.office.now())


def entries(town: Town, kind: str, **changes: str) -> dict[str, str]:
    """What is entered for a letter of this kind to somebody planted."""
    made = dict(entered.example(BY_KEY[kind], today(town), public_calendar()))
    return {**made, "name": PLANTED, **changes}


def looked_at(person: Person, town: Town, kind: str, **changes: str) -> str:
    """The text that the preview's form holds."""
    form = {f"letter-{key}": text for key, text in entries(town, kind, **changes).items()}
    answer = person.send(f"/letters/new/{kind}", unit=town.moc_bac.id, signer=SIGNER, **form)
    assert answer.status_code == 200, re.findall(r'invalid-feedback[^>]*>([^<]+)|role="alert">([^<]+)', answer.text)
    assert PLANTED in answer.text
    return held(answer.text)


def held(page: str) -> str:
    return page.partition('name="letters" value="')[2].partition('"')[0]


def refused(person: Person, town: Town, kind: str, **changes: str) -> str:
    form = {f"letter-{key}": text for key, text in entries(town, kind, **changes).items()}
    answer = person.send(f"/letters/new/{kind}", unit=town.moc_bac.id, signer=SIGNER, **form)
    assert answer.status_code == 422
    return answer.text


def founded_case(town: Town, **changes: object) -> int:
    given = {"trigger": "hand", "opened_at": 0, "state": "telling", "finding": Finding.TRUE.value}
    with town.office.database.write() as session:
        case = CaseFile(officer_id=town.officer.id, unit_id=town.moc_bac.id, **{**given, **changes})
        session.add(case)
        session.flush()
        return case.id


def numbers(town: Town) -> list[tuple[int, str, str, str]]:
    with town.office.database.read() as session:
        rows = session.execute(
            select(RegisterEntry.number, RegisterEntry.kind, RegisterEntry.trigger, RegisterEntry.signer)
            .where(RegisterEntry.book == "letter")
            .order_by(RegisterEntry.number)
        )
        return [tuple(row) for row in rows]


def test_a_clerk_makes_a_letter_that_gets_its_number_once(town_on_both: Town) -> None:
    town = town_on_both
    clerk = town.as_("clerk")
    brought = looked_at(clerk, town, "thanks")
    assert numbers(town) == []
    for _ in range(2):  # a button that is pressed twice
        answer = clerk.send("/letters/print", letters=brought)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert "01/TCO-UBND" in answer.text
        assert PLANTED in answer.text
    assert numbers(town) == [(1, "thanks", "thanks", SIGNER)]
    file = clerk.send("/letters/file.docx", letters=brought)
    assert file.headers["Cache-Control"] == "no-store"
    assert "Vào sổ thư: số 01/TCO-UBND" in "\n".join(text_of(file.data))
    assert "01/TCO-UBND" in clerk.get("/letters").text


def test_a_dossier_gets_one_new_date_and_another_when_the_first_letter_was_misprinted(town_on_both: Town) -> None:
    town = town_on_both
    alice = town.as_("alice")
    first, second = looked_at(alice, town, "late"), looked_at(alice, town, "late")
    assert alice.send("/letters/print", letters=first).status_code == 200
    assert alice.send("/letters/print", letters=second).status_code == 422  # both were looked at before one was made
    assert "đã được hẹn lại" in refused(alice, town, "late")
    with town.office.database.read() as session:
        kept = session.scalars(select(Letter)).one()
    assert alice.send(f"/letters/{kept.register_id}/cancel", reason="because of Bà Như").status_code == 422
    assert alice.send(f"/letters/{kept.register_id}/cancel", reason="misprint").status_code == 303
    assert "In sai hoặc hỏng" in alice.get("/letters").text
    alice.send("/letters/print", letters=looked_at(alice, town, "late"))
    assert [number for number, *_ in numbers(town)] == [1, 2]


def test_a_new_date_is_a_working_day_after_the_old_one_and_told_a_day_before_it(town: Town) -> None:
    alice = town.as_("alice")
    day = date.fromordinal(today(town))  # a Monday
    due = str(day + timedelta(1))
    saturday = day + timedelta(5 - day.weekday())
    assert "phải sau ngày hẹn trả" in refused(alice, town, "late", due=due, new=due)
    assert "là ngày nghỉ" in refused(alice, town, "late", due=due, new=f"{saturday:%d/%m/%Y}")
    assert "đã quá hạn gửi" in refused(alice, town, "late", due=str(day))
    assert "không đúng dạng mã hồ sơ" in refused(alice, town, "late", code="12345")
    looked_at(alice, town, "late", due=due)


@pytest.mark.parametrize("digits", [20, 5000])
def test_a_number_of_a_case_that_no_database_holds_is_refused_like_any_other(town_on_both: Town, digits: int) -> None:
    assert "is-invalid" in refused(town_on_both.as_("alice"), town_on_both, "case", case="9" * digits)


def test_a_case_that_was_not_found_true_or_is_for_inspectors_is_not_apologised_for(town: Town) -> None:
    alice = town.as_("alice")
    true, open_case = founded_case(town), founded_case(town, finding=None)
    secret = founded_case(town, inspectors_only=True)
    for case in (open_case, secret, secret + 1):
        assert "không có vụ việc này" in refused(alice, town, "case", case=str(case))
    assert "không có vụ việc này" in refused(town.as_("clerk"), town, "case", case=str(true))
    alice.send("/letters/print", letters=looked_at(alice, town, "case", case=str(true)))
    assert numbers(town) == [(1, "case", f"case {true}", SIGNER)]


def test_units_of_others_get_no_letters_and_their_numbers_stay(town: Town) -> None:
    alice, chi = town.as_("alice"), town.as_("chi")
    form = {f"letter-{key}": text for key, text in entries(town, "thanks").items()}
    answer = chi.send("/letters/new/thanks", unit=town.moc_bac.id, signer=SIGNER, **form)
    assert answer.status_code == 404
    brought = looked_at(alice, town, "thanks")
    alice.send("/letters/print", letters=brought)
    assert chi.send("/letters/print", letters=brought).status_code == 303  # not hers to bring
    assert chi.get("/letters/1/cancel").status_code == 404
    assert chi.send("/letters/1/cancel", reason="misprint").status_code == 404
    assert "TCO-UBND" not in chi.get("/letters").text


def workbook(town: Town, kind: str, *rows: dict[str, str]) -> tuple[io.BytesIO, str]:
    which = BY_KEY[kind]
    content = sheets.xlsx_of("Thư", which.headings, [[row[each.key] for each in which.entries] for row in rows])
    return io.BytesIO(content), "danh sach.xlsx"


def test_a_list_makes_a_letter_a_row_and_names_every_faulty_row_without_the_name(town: Town) -> None:
    alice = town.as_("alice")
    good = entries(town, "congratulation")
    given = {"unit": town.moc_bac.id, "signer": SIGNER, "deputy": "yes"}
    bad = alice.send(
        "/letters/list/congratulation",
        list=workbook(town, "congratulation", good, {**good, "occasion": ""}, {**good, "salutation": "Ngài"}),
        **given,
    )
    assert bad.status_code == 422
    assert re.findall(r'class="number">(\d+)<', bad.text) == ["3", "4"]
    assert PLANTED not in bad.text
    other = {**good, "name": "Lê Thị Hai"}
    answer = alice.send("/letters/list/congratulation", list=workbook(town, "congratulation", good, other), **given)
    brought = held(answer.text)
    printed = alice.send("/letters/print", letters=brought)
    assert printed.text.count('<article class="letter') == 2
    lines = text_of(alice.send("/letters/file.docx", letters=brought).data)
    assert [line for line in lines if line.startswith("Kính gửi")] == [
        f"Kính gửi: Gia đình Bà {PLANTED}",
        "Kính gửi: Gia đình Bà Lê Thị Hai",
    ]
    assert "KT. CHỦ TỊCH / PHÓ CHỦ TỊCH" in "\n".join(lines)
    assert [number for number, *_ in numbers(town)] == [1, 2]
    template = alice.get("/letters/list/congratulation.xlsx").data
    again = alice.send("/letters/list/congratulation", list=(io.BytesIO(template), "mau.xlsx"), **given)
    assert again.status_code == 200


def test_a_unit_brings_a_template_and_goes_back_to_the_shipped_one(town: Town) -> None:
    alice = town.as_("alice")
    document = Document()
    document.add_paragraph("Mẫu riêng: {{ to }} {{ paragraphs[0] }} {{ signer }}")
    own = paper.bytes_of(document, title="", author="")
    given = {"unit": town.moc_bac.id, "paper": "thanks"}
    bad = making.shipped_template("thanks")[:500]
    assert alice.send("/letters/templates", file=(io.BytesIO(bad), "x.docx"), **given).status_code == 422
    assert alice.send("/letters/templates", file=(io.BytesIO(own), "x.docx"), **given).status_code == 303
    address = f"/letters/templates/{town.moc_bac.id}/thanks"
    assert alice.get(f"{address}.docx").data == own
    trial = text_of(alice.get(f"{address}/trial.docx").data)
    assert trial[0].startswith("Mẫu riêng: Bà Nguyễn Thị Mẫu")
    alice.send("/letters/templates", act="withdraw", **given)
    assert alice.get(f"{address}.docx").data == making.shipped_template("thanks")
    assert alice.get(f"/letters/templates/{town.chuyen_ngoai.id}/thanks.docx").status_code == 404


@pytest.fixture
def own_temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that everything temporary of this test goes to."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def everything_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder, and every file within those that are ZIP files."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            content = file.read_bytes()
            yield str(file), content
            if zipfile.is_zipfile(io.BytesIO(content)):
                with zipfile.ZipFile(io.BytesIO(content)) as packed:
                    yield from ((f"{file}!{name}", packed.read(name)) for name in packed.namelist())


def where(content: bytes, name: str) -> bool:
    """Whether a name stands in bytes: as UTF-8 and UTF-16, as JSON escapes it, and each of its rarest words alone."""
    words = {name, name.partition(" ")[0]}
    forms = {form for word in words for form in (word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be"))}
    return any(form in content for form in forms | {name.encode("unicode_escape")})


def test_the_names_on_letters_are_found_nowhere_afterwards(
    town: Town, tmp_path: Path, own_temp: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    alice = town.as_("alice")
    case = str(founded_case(town))
    printed = []
    for kind in KINDS:
        extra = {"case": case} if kind == "case" else {}
        extra |= {"deceased": f"cụ {PLANTED}"} if kind == "condolence" else {}
        brought = looked_at(alice, town, kind, **extra)
        alice.send("/letters/print", letters=brought)
        printed.append(alice.send("/letters/file.docx", letters=brought).data)
        listed = entries(town, kind, **{**extra, **({"code": "H42.11-261124-9902"} if kind == "late" else {})})
        given = {"unit": town.moc_bac.id, "signer": SIGNER, "list": workbook(town, kind, listed)}
        alice.send("/letters/print", letters=held(alice.send(f"/letters/list/{kind}", **given).text))
    assert refused(alice, town, "late", new="2020-01-01")  # a fault, too, tells nobody
    assert len(numbers(town)) == 2 * len(KINDS)
    if printing.is_there():
        printed.append(alice.send("/letters/file.pdf", letters=brought).data)
        assert printed[-1].startswith(b"%PDF")
    assert all(where(zipfile.ZipFile(io.BytesIO(made)).read("word/document.xml"), PLANTED) for made in printed[:5])
    copied = tmp_path / "backup.db"
    backup.back_up(town.office.database, copied)
    searched = list(everything_in(tmp_path))
    assert any(content.startswith(b"SQLite format 3") for _, content in searched)
    assert [name for name, content in searched if where(content, PLANTED)] == []
    assert not where("\n".join(record.getMessage() for record in caplog.records).encode(), PLANTED)
    assert not where("\n".join(sqlite3.connect(copied).iterdump()).encode(), PLANTED)
    assert not any(where(str(cookie.value).encode(), PLANTED) for cookie in alice.client._cookies.values())
    assert list(own_temp.iterdir()) == []
    with town.office.database.read() as session:
        acts = session.scalars(select(AuditEntry.act)).all()
    assert acts.count("letters numbered") == 2 * len(KINDS)
