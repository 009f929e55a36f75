"""Import a list of officers: upload, see what would change and every fault, then confirm."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from sync_server import officer_lists, sheets
from sync_server.errors import Refused
from sync_server.lists import BYTES_MAX, Fault, Row
from sync_server.officer_lists import HEADINGS, Plan
from sync_server.services import importing
from sync_server.web.access import office, roles, scope
from sync_server.web.carried import carried, carry
from sync_server.web.notes import note

pages = Blueprint("imports", __name__)

STAFF = ("administrator", "town_staff", "head")
KIND = "officers"
SHOWN_MAX = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.get("/organisation/import")
@roles(*STAFF)
def form() -> str:
    """Choose a file."""
    return render_template("organisation/import.html", fault=None)


@pages.get("/organisation/import/template.xlsx")
@roles(*STAFF)
def template() -> Response:
    """An empty list with its headings and one example."""
    example = ["Xã Mộc Bắc", "Nguyễn Văn A", "Công chức Tư pháp - Hộ tịch", "Hành chính", "Đăng ký khai sinh", ""]
    return Response(
        sheets.xlsx_of("Cán bộ", HEADINGS, [example]),
        mimetype=XLSX,
        headers={"Content-Disposition": 'attachment; filename="mau-danh-sach-can-bo.xlsx"'},
    )


@pages.post("/organisation/import")
@roles(*STAFF)
def preview() -> str | tuple[str, int]:
    """What the file would change, and what is wrong in it. Nothing is changed yet."""
    upload = request.files.get("list")
    if upload is None or not upload.filename:
        return render_template("organisation/import.html", fault=gettext("Xin chọn tệp.")), 422
    try:
        rows = officer_lists.read_list(upload.read(BYTES_MAX + 1), upload.filename)
    except Refused:
        fault = gettext("Tệp không đọc được. Xin dùng mẫu, tệp XLSX hoặc CSV UTF-8, tối đa 5.000 dòng và 5 MB.")
        return render_template("organisation/import.html", fault=fault), 422
    with office().database.read() as reading:
        found = officer_lists.plan(rows, importing.known_for(reading, scope()))
    return _preview_page(rows, found), 422 if found.faults else 200


@pages.post("/organisation/import/confirm")
@roles(*STAFF)
def confirm() -> str | tuple[str, int] | AnyResponse:
    """Take the list over as it was previewed, in one transaction."""
    brought = carried(KIND, request.form.get("list", ""))
    if brought is None:
        return render_template("organisation/import.html", fault=gettext("Bản xem trước đã cũ. Xin chọn lại tệp.")), 422
    rows, shown = brought
    with office().database.write() as writing:
        found = officer_lists.plan(rows, importing.known_for(writing, scope()))
        if found.faults or _summary(found) != shown:
            flash(gettext("Dữ liệu vừa được người khác thay đổi. Xin xem lại rồi xác nhận."), "warning")
            return _preview_page(rows, found), 422
        count = importing.carry_out(writing, found)
        note(writing, "officers imported", "", new=len(found.new), changed=len(found.changed))
    flash(gettext("Đã nhập %(count)s cán bộ.", count=count), "success")
    return redirect(url_for("organisation.tree"), 303)


def _preview_page(rows: tuple[Row, ...], found: Plan) -> str:
    may_confirm = not found.faults and (found.new or found.changed)
    return render_template(
        "organisation/import_preview.html",
        found=found,
        carried=carry(KIND, rows, _summary(found)) if may_confirm else "",
        shown=SHOWN_MAX,
        column_name=column_name,
        fault_words=fault_words,
    )


def _summary(found: Plan) -> list[object]:
    return [len(found.new), [[each.officer_id, *each.changes] for each in found.changed], found.same]


def column_name(column: str) -> str:
    """What a column is called."""
    names: dict[str, str] = {
        "unit": gettext("Đơn vị"),
        "name": gettext("Họ và tên"),
        "title": gettext("Chức danh"),
        "category": gettext("Lực lượng"),
        "services": gettext("Thủ tục"),
        "valid_from": gettext("Từ ngày"),
    }
    return names.get(column, column)


def fault_words(fault: Fault) -> str:
    """What is wrong, and what to do."""
    words: dict[str, str] = {
        "missing": gettext("còn trống"),
        "unknown": gettext("không có trong danh mục, hoặc ngoài phạm vi của Ông/Bà"),
        "ambiguous": gettext("trùng tên với nhiều mục; xin sửa trực tiếp trên trang đơn vị"),
        "too_long": gettext("quá dài"),
        "bad_date": gettext("không phải ngày; xin ghi ngày/tháng/năm"),
        "twice": gettext("đã có ở dòng khác trong tệp"),
    }
    return words[fault.code]
