"""Merge and split units: choose, look at what passes on, confirm."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sync_server.errors import NotFound, Refused
from sync_server.ids import UNIT, write_id
from sync_server.queries import succession as queries
from sync_server.queries import units
from sync_server.services import succession
from sync_server.web.access import office, roles, scope
from sync_server.web.notes import note

pages = Blueprint("succession", __name__)

BUILD = ("administrator", "town_staff")


@pages.get("/organisation/succession")
@roles(*BUILD)
def form() -> str:
    """Which units end, and into which do they pass?"""
    ended = [number for number in [request.args.get("unit", type=int)] if number]
    return _page(ended, [], date.fromordinal(_today()), "")


@pages.post("/organisation/succession")
@roles(*BUILD)
def preview() -> str | tuple[str, int]:
    """What would pass on. Nothing is changed yet."""
    ended, successors, day = _asked()
    if fault := _fault(ended, successors, day):
        return _page(ended, successors, day, fault), 422
    with office().database.read() as reading:
        lines = {line.id: line for line in units.tree(reading, scope())}
        found = queries.pieces(reading, ended, day=_today())
    return render_template(
        "organisation/succession_preview.html",
        ended=[lines[number] for number in ended],
        successors=[lines[number] for number in successors],
        day=day,
        pieces=found,
        kind_name=kind_name,
    )


@pages.post("/organisation/succession/confirm")
@roles(*BUILD)
def confirm() -> Response | tuple[str, int]:
    """Carry it out, in one transaction."""
    ended, successors, day = _asked()
    fault = _fault(ended, successors, day)
    if fault or day is None:
        return _page(ended, successors, day, fault), 422
    chosen = {key.removeprefix("to-"): int(text) for key, text in request.form.items() if _is_choice(key, text)}
    house = office()
    try:
        with house.database.write() as writing:
            succession.succeed(
                writing,
                ended=ended,
                successors=successors,
                day=day.toordinal(),
                today=_today(),
                now=house.now(),
                chosen=chosen,
            )
            into = ", ".join(write_id(UNIT, number) for number in successors)
            for number in ended:
                note(writing, "unit ended", write_id(UNIT, number), into=into, day=day.isoformat())
    except (NotFound, Refused):
        return _page(ended, successors, day, gettext("Không thực hiện được. Xin xem lại các đơn vị đã chọn.")), 422
    flash(gettext("Đã thực hiện. Số liệu cũ vẫn thuộc đơn vị cũ và xem được cùng đơn vị mới."), "success")
    return redirect(url_for("organisation.unit", number=successors[0]), 303)


def _asked() -> tuple[list[int], list[int], date | None]:
    reach = scope()
    ended, successors = (
        [number for number in dict.fromkeys(request.form.getlist(name, type=int)) if number in reach]
        for name in ("ended", "successor")
    )
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        day = None
    return ended, successors, day


def _fault(ended: list[int], successors: list[int], day: date | None) -> str:
    """What is wrong with the choice, '' when nothing is."""
    if not ended or not successors:
        return str(gettext("Xin chọn đơn vị kết thúc và đơn vị tiếp nhận."))
    if len(ended) > 1 and len(successors) > 1:
        return str(gettext("Mỗi lần chỉ nhập nhiều đơn vị vào một, hoặc chia một đơn vị thành nhiều."))
    if set(ended) & set(successors):
        return str(gettext("Đơn vị kết thúc không thể tự tiếp nhận. Đơn vị giữ tên thì không chọn là kết thúc."))
    if day is None or day.toordinal() > _today():
        return str(gettext("Xin chọn ngày hiệu lực, không sau hôm nay."))
    with office().database.read() as reading:
        lines = {line.id: line for line in units.tree(reading, scope())}
        below = set().union(*(units.subtree(reading, number) for number in ended))
    closed = [lines[number].name for number in (*ended, *successors) if lines[number].valid_until is not None]
    if closed:
        return str(gettext("%(name)s đã có ngày kết thúc.", name=", ".join(closed)))
    if set(successors) & below:
        return str(gettext("Đơn vị tiếp nhận đang nằm dưới đơn vị kết thúc. Xin chuyển nó ra trước."))
    first = max((lines[number].valid_from or 0) for number in ended)
    if first >= day.toordinal():
        return str(gettext("Có đơn vị bắt đầu sau ngày hiệu lực này."))
    return ""


def kind_name(kind: str) -> str:
    """What a kind of thing that passes on is called."""
    names: dict[str, str] = {
        "officer": gettext("Cán bộ"),
        "counter": gettext("Quầy và máy ở quầy"),
        "kiosk": gettext("Máy của cả đơn vị"),
        "account": gettext("Tài khoản"),
        "unit": gettext("Đơn vị bên dưới"),
    }
    return names[kind]


def _is_choice(key: str, text: str) -> bool:
    return key.startswith("to-") and text.isascii() and text.isdigit() and len(text) <= 9


def _page(ended: list[int], successors: list[int], day: date | None, fault: str) -> str:
    with office().database.read() as reading:
        lines = units.tree(reading, scope())
    return render_template(
        "organisation/succession.html",
        lines=[line for line in lines if line.valid_until is None],
        ended=ended,
        successors=successors,
        day=day,
        fault=fault,
    )


def _today() -> int:
    house = office()
    return house.day(house.now())
