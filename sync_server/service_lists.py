"""Lists of fields and procedures from spreadsheets, compared with what is there."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sync_server.lists import Fault, Row, plain, read_rows

COLUMNS = ("field", "field_en", "service", "service_en")
HEADINGS = ("Lĩnh vực", "Lĩnh vực (tiếng Anh)", "Thủ tục", "Thủ tục (tiếng Anh)")
LENGTHS = {"field": 200, "field_en": 200, "service": 300, "service_en": 300}


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A field or a procedure that is there."""

    id: int
    name_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownServices:
    """fields: plain name → those called so. services: plain names of field and procedure → those called so."""

    fields: Mapping[str, Sequence[Named]]
    services: Mapping[tuple[str, str], Sequence[Named]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedService:
    """A procedure as the list has it. field_id, service_id: what is there already, null for new ones.

    changes: of `field_en` and `service_en` those that differ and are not empty in the list.
    """

    row: int
    field: str
    field_en: str
    field_id: int | None
    service: str
    service_en: str
    service_id: int | None
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePlan:
    """What importing would do; with any fault it would do nothing."""

    new: tuple[WantedService, ...] = ()
    changed: tuple[WantedService, ...] = ()
    same: int = 0
    faults: tuple[Fault, ...] = field(default=())


def read_list(upload: bytes, filename: str) -> tuple[Row, ...]:
    """The rows of a list of procedures. Raises `Refused` for what is none."""
    return read_rows(upload, filename, HEADINGS)


def plan(rows: Iterable[Row], known: KnownServices) -> ServicePlan:
    """Compare a list with what is there. Empty rows are passed over. Nothing is ever deleted by a list."""
    faults: list[Fault] = []
    wanted: list[WantedService] = []
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        found = _read_row(number, row, known, faults)
        if found is None:
            continue
        key = (plain(found.field), plain(found.service))
        if key in seen:
            faults.append(Fault(row=number, column="service", code="twice", value=found.service[:80]))
        else:
            wanted.append(found)
        seen.add(key)
    return ServicePlan(
        new=tuple(each for each in wanted if each.service_id is None),
        changed=tuple(each for each in wanted if each.service_id is not None and each.changes),
        same=sum(1 for each in wanted if each.service_id is not None and not each.changes),
        faults=tuple(faults),
    )


def _read_row(number: int, row: Row, known: KnownServices, faults: list[Fault]) -> WantedService | None:
    cells = dict(zip(COLUMNS, (" ".join(unicodedata.normalize("NFC", cell).split()) for cell in row), strict=True))
    before = len(faults)
    for column, text in cells.items():
        if not text and column in ("field", "service"):
            faults.append(Fault(row=number, column=column, code="missing"))
        elif len(text) > LENGTHS[column]:
            faults.append(Fault(row=number, column=column, code="too_long", value=text[:80]))
    of_field = known.fields.get(plain(cells["field"]), ())
    of_service = known.services.get((plain(cells["field"]), plain(cells["service"])), ())
    for column, named in (("field", of_field), ("service", of_service)):
        if len(named) > 1:
            faults.append(Fault(row=number, column=column, code="ambiguous", value=cells[column][:80]))
    if len(faults) > before:
        return None
    wanted = WantedService(
        row=number,
        field=cells["field"],
        field_en=cells["field_en"],
        field_id=of_field[0].id if of_field else None,
        service=cells["service"],
        service_en=cells["service_en"],
        service_id=of_service[0].id if of_service else None,
    )
    differs = {
        "field_en": bool(of_field and wanted.field_en and wanted.field_en != of_field[0].name_en),
        "service_en": bool(of_service and wanted.service_en and wanted.service_en != of_service[0].name_en),
    }
    return replace(wanted, changes=tuple(column for column, is_so in differs.items() if is_so))
