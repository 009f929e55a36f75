"""Lists of dossiers for slips from spreadsheets: read, compared with who serves, with every fault told by its row."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sync_server.lists import Fault, Row, plain, read_rows

COLUMNS = ("code", "officer", "service", "unit")
HEADINGS = ("Mã hồ sơ", "Cán bộ phục vụ", "Thủ tục", "Đơn vị")
SLIPS_MAX = 200
"""Slips of one list: a morning's dossiers of a busy counter, and a page that an old office computer still prints."""
VALUE_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """An officer who serves now. services: plain names → ids of those procedures that they do."""

    id: int
    name: str
    unit: str
    services: Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A slip as the list has it. service_id: null where the row names no procedure."""

    row: int
    dossier_code: str
    officer_id: int
    service_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would be printed; with any fault nothing is."""

    slips: tuple[Wanted, ...] = ()
    faults: tuple[Fault, ...] = field(default=())


def read_list(upload: bytes, filename: str) -> tuple[Row, ...]:
    """The rows of a list of dossiers. Raises `Refused` for what is none."""
    return read_rows(upload, filename, HEADINGS)


def plan(rows: Iterable[Row], serving: Sequence[Serving], read_code: Callable[[str], str | None]) -> Plan:
    """Compare a list with who serves. Empty rows are passed over.

    read_code: a dossier code in its one form, None for what is no dossier code. Faults have the codes of
    `lists.Fault`, and `bad_code`, `not_done` (the officer does not do this procedure), `too_many` (from the first
    row above `SLIPS_MAX`, told once).
    """
    faults: list[Fault] = []
    wanted: list[Wanted] = []
    seen: set[str] = set()
    full = [(number, row) for number, row in enumerate(rows, start=2) if any(cell.strip() for cell in row)]
    for number, row in full:
        found = _read_row(number, row, serving, read_code, faults)
        if found is None:
            continue
        if found.dossier_code in seen:
            faults.append(Fault(row=number, column="code", code="twice", value=found.dossier_code))
        seen.add(found.dossier_code)
        wanted.append(found)
    if len(full) > SLIPS_MAX:
        faults.append(Fault(row=full[SLIPS_MAX][0], column="", code="too_many", value=str(len(full))))
    return Plan(slips=tuple(wanted), faults=tuple(faults))


def _read_row(
    number: int, row: Row, serving: Sequence[Serving], read_code: Callable[[str], str | None], faults: list[Fault]
) -> Wanted | None:
    code, name, service, unit = (unicodedata.normalize("NFC", cell).strip() for cell in row)
    before = len(faults)

    def fault(column: str, kind: str, value: str = "") -> None:
        faults.append(Fault(row=number, column=column, code=kind, value=value[:VALUE_SHOWN]))

    known = read_code(code)
    if known is None:
        fault("code", "bad_code" if code else "missing", code)
    officer = _officer(name, unit, serving, fault)
    service_id = _service(service, officer, fault) if officer is not None else None
    if len(faults) > before or known is None or officer is None:
        return None
    return Wanted(row=number, dossier_code=known, officer_id=officer.id, service_id=service_id)


def _officer(name: str, unit: str, serving: Sequence[Serving], fault: Callable[..., None]) -> Serving | None:
    if not name:
        fault("officer", "missing")
        return None
    if unit and plain(unit) not in {plain(each.unit) for each in serving}:
        fault("unit", "unknown", unit)
        return None
    found = [
        each for each in serving if plain(each.name) == plain(name) and (not unit or plain(each.unit) == plain(unit))
    ]
    if len(found) != 1:
        fault("officer", "ambiguous" if found else "unknown", name)
        return None
    return found[0]


def _service(name: str, officer: Serving, fault: Callable[..., None]) -> int | None:
    if not name:
        return None
    found = officer.services.get(plain(name), ())
    if len(found) != 1:
        fault("service", "ambiguous" if found else "not_done", name)
        return None
    return found[0]
