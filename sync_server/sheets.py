"""Tables for other programs: CSV and XLSX that no spreadsheet takes for formulas."""

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

Cell = str | int | float | None
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_WIDEST = 60


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
    book = Workbook()
    sheet = book.active
    sheet.title = "".join(sign for sign in title if sign not in r"[]:*?/\\")[:31] or "1"
    widths = [0] * len(headings)
    for number, row in enumerate([headings, *rows], start=1):
        for column, cell in enumerate(row, start=1):
            _write(sheet.cell(number, column), cell, is_heading=number == 1)
            widths[column - 1] = max(widths[column - 1], len(str(cell if cell is not None else "")))
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = min(_WIDEST, max(10, width + 2))
    sheet.freeze_panes = "A2"
    made = io.BytesIO()
    book.save(made)
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
