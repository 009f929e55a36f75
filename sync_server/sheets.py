"""Tables for other programs: CSV and XLSX that no spreadsheet takes for formulas."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

Cell = str | int | float | None
STAMP = datetime(1980, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_WIDEST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table of a workbook, with its name."""

    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def harmless(cell: Cell) -> Cell:
    """A text that a spreadsheet would run gets an apostrophe before it (OWASP, CSV injection); numbers stay numbers."""
    if isinstance(cell, str) and cell.lstrip(" \u00a0\ufeff").startswith(_FORMULA_STARTS):
        return "'" + cell
    return cell


def csv_of(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with a byte order mark, which Excel needs to read Vietnamese."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow([harmless(heading) for heading in headings])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + made.getvalue().encode("utf-8")


def xlsx_of(title: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A workbook with one sheet: a bold first row that stays, columns as wide as their texts."""
    return book_of([Sheet(title=title, headings=headings, rows=rows)])


def book_of(sheets: Iterable[Sheet], *, author: str = "") -> bytes:
    """A workbook of several sheets. It says of itself when it was made: 1980, always."""
    book = Workbook()
    book.remove(book.active)
    for one in sheets:
        _fill(book.create_sheet("".join(sign for sign in one.title if sign not in r"[]:*?/\\")[:31] or "1"), one)
    book.properties.creator = author
    book.properties.created = STAMP
    made = io.BytesIO()
    book.save(made)
    return _stamped(made.getvalue())


def _fill(sheet: Any, one: Sheet) -> None:
    widths = [0] * len(one.headings)
    for number, row in enumerate([one.headings, *one.rows], start=1):
        for column, cell in enumerate(row, start=1):
            _write(sheet.cell(number, column), cell, is_heading=number == 1)
            widths[column - 1] = max(widths[column - 1], len(str(cell if cell is not None else "")))
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = min(_WIDEST, max(10, width + 2))
    sheet.freeze_panes = "A2"


def _stamped(package: bytes) -> bytes:
    """The workbook again with the moment of its saving taken out, which the library writes by its own clock."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z\g<2>", content)
            new.writestr(zipfile.ZipInfo(entry.filename, STAMP.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _write(place: object, cell: Cell, *, is_heading: bool) -> None:
    if isinstance(cell, str):
        place.value = ILLEGAL_CHARACTERS_RE.sub("", cell)  # type: ignore[attr-defined]
        place.data_type = "s"  # type: ignore[attr-defined]  # or a text that begins with = would be a formula
    else:
        place.value = cell  # type: ignore[attr-defined]
    if is_heading:
        place.font = Font(bold=True)  # type: ignore[attr-defined]
        place.alignment = Alignment(wrap_text=True, vertical="top")  # type: ignore[attr-defined]
