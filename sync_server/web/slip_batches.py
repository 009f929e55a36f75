"""Slips for a whole list of dossiers: upload, see every fault by its row, then print them one after the other."""

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext

from survey import resources
from sync_server import sheets, slip_lists
from sync_server.errors import Refused
from sync_server.lists import BYTES_MAX, Fault, Row, plain
from sync_server.queries.dossiers import Server
from sync_server.services import slips
from sync_server.slip_lists import HEADINGS, SLIPS_MAX, Plan, Serving
from sync_server.web import qr
from sync_server.web.access import office, roles
from sync_server.web.carried import carried, carry
from sync_server.web.imports import XLSX, fault_words
from sync_server.web.notes import note
from sync_server.web.slips import PAPERS, address, serving

pages = Blueprint("slip_batches", __name__)

MAKERS = ("clerk", "head", "town_staff")
KIND = "slips"


@pages.get("/slips/batch")
@roles(*MAKERS)
def form() -> str:
    """Choose a file."""
    return _form("")


@pages.get("/slips/batch/template.xlsx")
@roles(*MAKERS)
def template() -> Response:
    """An empty list with its headings, and a second sheet with the names to copy from."""
    names: list[list[str]] = []
    for server in serving():
        names += [[server.name, each.name, server.unit] for each in server.services] or [[server.name, "", server.unit]]
    book = [
        sheets.Sheet(title="Phiếu", headings=HEADINGS, rows=[]),
        sheets.Sheet(title="Danh mục", headings=HEADINGS[1:], rows=names),
    ]
    return Response(
        sheets.book_of(book),
        mimetype=XLSX,
        headers={"Content-Disposition": 'attachment; filename="mau-in-phieu.xlsx"'},
    )


@pages.post("/slips/batch")
@roles(*MAKERS)
def preview() -> tuple[str, int]:
    """What would be printed, and what is wrong in the file. Nothing is counted yet."""
    upload = request.files.get("list")
    if upload is None or not upload.filename:
        return _form(gettext("Xin chọn tệp.")), 422
    try:
        rows = slip_lists.read_list(upload.read(BYTES_MAX + 1), upload.filename)
    except Refused:
        fault = gettext("Tệp không đọc được. Xin dùng mẫu, tệp XLSX hoặc CSV UTF-8, tối đa 5.000 dòng và 5 MB.")
        return _form(fault), 422
    servers = serving()
    found = _planned(rows, servers)
    return _preview_page(rows, found, servers), 422 if found.faults else 200


@pages.post("/slips/batch/print")
@roles(*MAKERS)
def make() -> str | tuple[str, int]:
    """The slips as they were previewed, ready to print; all of them are made, or none."""
    brought = carried(KIND, request.form.get("list", ""))
    if brought is None:
        return _form(gettext("Bản xem trước đã cũ. Xin chọn lại tệp.")), 422
    servers = serving()
    found = _planned(brought[0], servers)
    if found.faults or not found.slips:  # an officer left meanwhile
        return _preview_page(brought[0], found, servers), 422
    paper = request.form.get("paper", "")
    made = _make(found)
    people = {server.id: server for server in servers}
    return render_template(
        "slips/batch.html",
        slips=[(slip, people[slip.officer_id], _procedure(people[slip.officer_id], slip.service_id)) for slip in made],
        picture=lambda slip: qr.svg(
            f"{address()}/r/{slip.token}", gettext("Mã QR của phiếu %(code)s", code=slip.dossier_code)
        ),
        paper=paper if paper in {kind for kind, _ in PAPERS} else PAPERS[0][0],
        last_day=office().day(made[0].expires_at),
    )


def _make(found: Plan) -> list[slips.Slip]:
    house, now = office(), office().now()
    with house.database.write() as writing:
        made = [
            slips.make_slip(
                writing,
                house.seals,
                dossier_code=each.dossier_code,
                officer_id=each.officer_id,
                service_id=each.service_id,
                now=now,
                day=house.day(now),
                days=house.settings.ticket_days,
                folder=resources.config(),
            )
            for each in found.slips
        ]
        note(writing, "slips printed", "", n=len(made))  # how many, never which dossiers
    return made


def _planned(rows: tuple[Row, ...], servers: list[Server]) -> Plan:
    today, folder = office().day(office().now()), resources.config()

    def read_code(text: str) -> str | None:
        code = slips.normal_code(text)
        return code if slips.is_dossier_code(code, day=today, folder=folder) else None

    return slip_lists.plan(rows, [_known(server) for server in servers], read_code)


def _known(server: Server) -> Serving:
    services: dict[str, list[int]] = {}
    for each in server.services:
        services.setdefault(plain(each.name), []).append(each.id)
    return Serving(id=server.id, name=server.name, unit=server.unit, services=services)


def _procedure(server: Server, service_id: int | None) -> object:
    return next((each for each in server.services if each.id == service_id), None)


def _form(fault: str) -> str:
    return render_template("slips/batch_form.html", fault=fault, most=SLIPS_MAX)


def _preview_page(rows: tuple[Row, ...], found: Plan, servers: list[Server]) -> str:
    people = {server.id: server for server in servers}
    return render_template(
        "slips/batch_preview.html",
        found=found,
        lines=[
            (each, people[each.officer_id], _procedure(people[each.officer_id], each.service_id))
            for each in found.slips
        ],
        carried=carry(KIND, rows, len(found.slips)) if found.slips and not found.faults else "",
        papers=PAPERS,
        column_name=column_name,
        fault_words=words_of,
    )


def column_name(column: str) -> str:
    """What a column is called; the whole row has no name."""
    names: dict[str, str] = {
        "code": gettext("Mã hồ sơ"),
        "officer": gettext("Cán bộ phục vụ"),
        "service": gettext("Thủ tục"),
        "unit": gettext("Đơn vị"),
        "": "–",
    }
    return names.get(column, column)


def words_of(fault: Fault) -> str:
    """What is wrong, and what to do."""
    words: dict[str, str] = {
        "bad_code": gettext("chưa đúng dạng mã hồ sơ, ví dụ H42.12-210301-0007"),
        "not_done": gettext("cán bộ này không làm thủ tục đã ghi"),
        "too_many": gettext("phiếu là quá nhiều; mỗi lần in tối đa %(most)s phiếu, xin chia tệp", most=SLIPS_MAX),
    }
    if fault.code == "ambiguous" and fault.column == "officer":
        words["ambiguous"] = gettext("trùng tên với cán bộ khác; xin ghi thêm đơn vị")
    return words[fault.code] if fault.code in words else fault_words(fault)
