"""Import a list of fields and procedures: upload, see what would change and every fault, then confirm."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from sync_server import service_lists, sheets
from sync_server.errors import Refused
from sync_server.lists import BYTES_MAX, Row
from sync_server.service_lists import HEADINGS, ServicePlan
from sync_server.services import importing_services
from sync_server.web.access import office, roles
from sync_server.web.carried import carried, carry
from sync_server.web.imports import SHOWN_MAX, XLSX, fault_words
from sync_server.web.notes import note

pages = Blueprint("service_imports", __name__)

BUILD = ("administrator", "town_staff")
KIND = "services"


@pages.get("/organisation/services/import")
@roles(*BUILD)
def form() -> str:
    """Choose a file."""
    return _form("")


@pages.get("/organisation/services/import/template.xlsx")
@roles(*BUILD)
def template() -> Response:
    """An empty list with its headings and one example."""
    example = ["Hộ tịch", "Civil status", "Đăng ký khai sinh", "Birth registration"]
    return Response(
        sheets.xlsx_of("Thủ tục", HEADINGS, [example]),
        mimetype=XLSX,
        headers={"Content-Disposition": 'attachment; filename="mau-danh-muc-thu-tuc.xlsx"'},
    )


@pages.post("/organisation/services/import")
@roles(*BUILD)
def preview() -> tuple[str, int]:
    """What the file would change, and what is wrong in it. Nothing is changed yet."""
    upload = request.files.get("list")
    if upload is None or not upload.filename:
        return _form(gettext("Xin chọn tệp.")), 422
    try:
        rows = service_lists.read_list(upload.read(BYTES_MAX + 1), upload.filename)
    except Refused:
        fault = gettext("Tệp không đọc được. Xin dùng mẫu, tệp XLSX hoặc CSV UTF-8, tối đa 5.000 dòng và 5 MB.")
        return _form(fault), 422
    with office().database.read() as reading:
        found = service_lists.plan(rows, importing_services.known_services(reading))
    return _preview_page(rows, found), 422 if found.faults else 200


@pages.post("/organisation/services/import/confirm")
@roles(*BUILD)
def confirm() -> tuple[str, int] | AnyResponse:
    """Take the list over as it was previewed, in one transaction."""
    brought = carried(KIND, request.form.get("list", ""))
    if brought is None:
        return _form(gettext("Bản xem trước đã cũ. Xin chọn lại tệp.")), 422
    rows, shown = brought
    with office().database.write() as writing:
        found = service_lists.plan(rows, importing_services.known_services(writing))
        if found.faults or _summary(found) != shown:
            flash(gettext("Dữ liệu vừa được người khác thay đổi. Xin xem lại rồi xác nhận."), "warning")
            return _preview_page(rows, found), 422
        count = importing_services.carry_out(writing, found)
        note(writing, "services imported", "", new=len(found.new), changed=len(found.changed))
    flash(gettext("Đã nhập %(count)s thủ tục.", count=count), "success")
    return redirect(url_for("organisation.catalogue"), 303)


def _form(fault: str) -> str:
    return render_template("organisation/service_import.html", fault=fault)


def _preview_page(rows: tuple[Row, ...], found: ServicePlan) -> str:
    may_confirm = not found.faults and (found.new or found.changed)
    return render_template(
        "organisation/service_import_preview.html",
        found=found,
        carried=carry(KIND, rows, _summary(found)) if may_confirm else "",
        shown=SHOWN_MAX,
        column_name=column_name,
        fault_words=fault_words,
    )


def _summary(found: ServicePlan) -> list[object]:
    return [len(found.new), [[each.service_id, *each.changes] for each in found.changed], found.same]


def column_name(column: str) -> str:
    """What a column is called."""
    names: dict[str, str] = {
        "field": gettext("Lĩnh vực"),
        "field_en": gettext("Lĩnh vực (tiếng Anh)"),
        "service": gettext("Thủ tục"),
        "service_en": gettext("Thủ tục (tiếng Anh)"),
    }
    return names.get(column, column)
