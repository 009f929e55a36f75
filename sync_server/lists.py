"""Lists from spreadsheets, XLSX or CSV: rows of texts below headings, and what may be wrong with a row."""

import csv
import io
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from openpyxl import load_workbook

from sync_server.errors import Refused

ROWS_MAX = 5000
BYTES_MAX = 5 * 1024 * 1024
_UNPACKED_MAX = 60 * 1024 * 1024

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong in a row (counted as the spreadsheet counts, headings are row 1). column: the list's own name of
    it, '' for the whole row. code: `missing`, `unknown`, `ambiguous`, `too_long`, `bad_date`, `twice`."""

    row: int
    column: str
    code: str
    value: str = ""


def plain(text: str) -> str:
    """A name as it is compared: one form of Unicode, no case, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def read_rows(upload: bytes, filename: str, headings: Sequence[str]) -> tuple[Row, ...]:
    """The rows below the headings, each with a text for every column. Raises `Refused` for what is no such list."""
    if len(upload) > BYTES_MAX:
        raise Refused(f"the file has {len(upload) // 1024} KiB, at most {BYTES_MAX // 1024} are taken")
    width = len(headings)
    rows = _read_xlsx(upload, width) if upload.startswith(b"PK") else _read_csv(upload)
    if not rows or [plain(cell) for cell in rows[0][:2]] != [plain(heading) for heading in headings[:2]]:
        raise Refused(f"{filename[:60]!r} does not begin with the headings {', '.join(headings)}; use the template")
    if len(rows) > ROWS_MAX + 1:
        raise Refused(f"the list has {len(rows) - 1} rows, at most {ROWS_MAX} are taken at once")
    return tuple((*row, *[""] * width)[:width] for row in rows[1:])


def _read_csv(upload: bytes) -> list[Row]:
    try:
        text = upload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("the file is neither XLSX nor UTF-8 text; save it as XLSX or “CSV UTF-8”") from error
    first = text.partition("\n")[0]
    delimiter = max((",", ";", "\t"), key=first.count)
    try:
        return [tuple(row) for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    except csv.Error as error:
        raise Refused(f"the file is no CSV: {error}") from error


def _read_xlsx(upload: bytes, width: int) -> list[Row]:
    try:
        with zipfile.ZipFile(io.BytesIO(upload)) as packed:
            if sum(item.file_size for item in packed.infolist()) > _UNPACKED_MAX:
                raise Refused("the workbook is too large when unpacked; keep only the list in it")
        book = load_workbook(io.BytesIO(upload), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(max_row=ROWS_MAX + 2, max_col=width, values_only=True)
        return [tuple(_text(cell) for cell in row) for row in rows]
    except Refused:
        raise
    except Exception as error:  # openpyxl raises whatever its parts do for a damaged file
        raise Refused("the workbook cannot be read; save it again as XLSX") from error


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, (datetime, date)):
        return f"{cell:%Y-%m-%d}"
    return str(cell)
