"""Lists of officers from spreadsheets: read, compared with what is there, with every fault told by its row."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sync_server.lists import Fault, Row, plain, read_rows

COLUMNS = ("unit", "name", "title", "category", "services", "valid_from")
HEADINGS = ("Đơn vị", "Họ và tên", "Chức danh", "Lực lượng", "Thủ tục (cách nhau bằng ;)", "Từ ngày")
CATEGORIES = {"": "civil", "hành chính": "civil", "công an": "police", "quân sự": "military"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An officer as the list has them. officer_id: who that is already, null for somebody new. changes: which of
    `COLUMNS` differ from what is there."""

    row: int
    officer_id: int | None
    unit_id: int
    unit: str
    name: str
    title: str
    category: str
    services: tuple[int, ...]
    valid_from: int | None
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """An officer who is there."""

    id: int
    unit_id: int
    name: str
    title: str
    category: str
    services: tuple[int, ...]
    valid_from: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a list is compared with: unit and procedure names → ids, and the officers, all within one's reach."""

    units: Mapping[str, Sequence[int]]
    services: Mapping[str, Sequence[int]]
    officers: Sequence[Present]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What importing would do; with any fault it would do nothing."""

    new: tuple[Wanted, ...] = ()
    changed: tuple[Wanted, ...] = ()
    same: int = 0
    faults: tuple[Fault, ...] = field(default=())


def read_list(upload: bytes, filename: str) -> tuple[Row, ...]:
    """The rows of a list of officers. Raises `Refused` for what is none."""
    return read_rows(upload, filename, HEADINGS)


def plan(rows: Iterable[Row], known: Known) -> Plan:
    """Compare a list with what is there. Empty rows are passed over."""
    faults: list[Fault] = []
    wanted: list[Wanted] = []
    seen: set[tuple[int, str]] = set()
    present: dict[tuple[int, str], list[Present]] = {}
    for officer in known.officers:
        present.setdefault((officer.unit_id, plain(officer.name)), []).append(officer)
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        found = _read_row(number, row, known, faults)
        if found is None:
            continue
        key = (found.unit_id, plain(found.name))
        there = present.get(key, [])
        if key in seen:
            faults.append(Fault(row=number, column="name", code="twice", value=found.name))
        elif len(there) > 1:
            faults.append(Fault(row=number, column="name", code="ambiguous", value=found.name))
        else:
            wanted.append(_beside(found, there[0] if there else None))
        seen.add(key)
    return Plan(
        new=tuple(each for each in wanted if each.officer_id is None),
        changed=tuple(each for each in wanted if each.officer_id is not None and each.changes),
        same=sum(1 for each in wanted if each.officer_id is not None and not each.changes),
        faults=tuple(faults),
    )


def _beside(wanted: Wanted, there: Present | None) -> Wanted:
    if there is None:
        return wanted
    differs = {
        "title": wanted.title != there.title,
        "category": wanted.category != there.category,
        "services": bool(wanted.services) and set(wanted.services) != set(there.services),
        "valid_from": wanted.valid_from is not None and wanted.valid_from != there.valid_from,
    }
    changes = tuple(column for column, is_so in differs.items() if is_so)
    return replace(wanted, officer_id=there.id, changes=changes)


def _read_row(number: int, row: Row, known: Known, faults: list[Fault]) -> Wanted | None:
    unit, name, title, category, services, valid_from = (unicodedata.normalize("NFC", cell).strip() for cell in row)
    before = len(faults)

    def fault(column: str, code: str, value: str = "") -> None:
        faults.append(Fault(row=number, column=column, code=code, value=value[:80]))

    for column, text, most in (("name", name, 120), ("title", title, 120)):
        if not text:
            fault(column, "missing")
        elif len(text) > most:
            fault(column, "too_long", text)
    unit_id = _one("unit", unit, known.units, fault)
    if plain(category) not in CATEGORIES:
        fault("category", "unknown", category)
    service_ids = [_one("services", part, known.services, fault) for part in services.split(";") if part.strip()]
    day = _day(valid_from)
    if valid_from and day is None:
        fault("valid_from", "bad_date", valid_from)
    if len(faults) > before or unit_id is None:
        return None
    return Wanted(
        row=number,
        officer_id=None,
        unit_id=unit_id,
        unit=unit,
        name=" ".join(name.split()),
        title=title,
        category=CATEGORIES[plain(category)],
        services=tuple(dict.fromkeys(each for each in service_ids if each is not None)),
        valid_from=day,
    )


def _one(column: str, text: str, names: Mapping[str, Sequence[int]], fault: Any) -> int | None:
    if not text.strip():
        fault(column, "missing")
        return None
    found = names.get(plain(text), ())
    if len(found) != 1:
        fault(column, "ambiguous" if found else "unknown", text.strip())
        return None
    return found[0]


def _day(text: str) -> int | None:
    for form in ("%d/%m/%Y", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(text, form).date().toordinal()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
    return None
