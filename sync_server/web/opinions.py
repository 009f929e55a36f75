"""Opinions: keying in what came on paper, the second person's check, the inbox, one opinion, the public board."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from sync_server.casework.today import Today
from sync_server.errors import NotFound, Refused
from sync_server.queries import board, officers, opinions, units
from sync_server.services import followup
from sync_server.services import opinions as services
from sync_server.services.opinions import Written
from sync_server.web import case_words, words
from sync_server.web.access import current_user, office, public, roles, scope
from sync_server.web.notes import note, note_alone
from sync_server.web.results import source_name

pages = Blueprint("opinions", __name__)
keying = Blueprint("keying", __name__)
for _each in (pages, keying):
    _each.context_processor(words.for_templates)
    _each.context_processor(case_words.for_templates)

HANDLE = ("town_staff", "head", "inspector")
KEY_IN = ("clerk", "head", "town_staff")


@keying.context_processor
@pages.context_processor
def _words() -> dict[str, object]:
    return {"source_name": source_name, "state_name": state_name}


@pages.get("/opinions")
@roles(*HANDLE)
def listing() -> str:
    """The inbox: opinions and comments, those that are due first."""
    house, today = office(), followup.today_of(office())
    shown, kind = _one_of("shown", opinions.SHOWN), _one_of("kind", opinions.KINDS)
    search = request.args.get("search", "").strip()[:100]
    with house.database.write() as session:
        lines = opinions.inbox(
            session, scope(), current_user.role, today=today.day, shown=shown, kind=kind, search=search
        )
        waiting = opinions.waiting(session, scope(), current_user.role, today=today.day)
        counts = opinions.counts(
            session, scope(), date(date.fromordinal(today.day).year, 1, 1).toordinal(), today.day + 1
        )
        note(session, "opinions seen", shown, n=len(lines))
    return render_template(
        "opinions/listing.html",
        lines=lines,
        waiting=waiting,
        counts=counts,
        shown=shown,
        kind=kind,
        search=search,
        states=opinions.SHOWN,
        kinds=opinions.KINDS,
        most=opinions.PAGE,
        year=date.fromordinal(today.day).year,
    )


@pages.get("/opinions/<int:number>")
@roles(*HANDLE)
def one(number: int) -> str:
    """One opinion, and what may be done with it."""
    return _one_page(number)


@pages.post("/opinions/<int:number>/<kind>")
@roles(*HANDLE)
def act(number: int, kind: str) -> Response | tuple[str, int]:
    """Assign, answer, publish or close it."""
    step = _STEPS.get(kind)
    if step is None:
        raise NotFound(f"there is no step {kind!r} of an opinion")
    within, today = scope(), followup.today_of(office())
    try:
        with office().database.write() as session:
            row = services.locked(session, number, within, current_user.role)
            step(session, row, request.form, today)
    except Refused as error:
        return _one_page(number, fault=gettext(str(error))), 422
    flash(gettext("Đã ghi nhận."), "success")
    return redirect(url_for("opinions.one", number=number), 303)


@keying.get("/opinions/new")
@roles(*KEY_IN)
def new_form() -> str:
    """What stands on the paper?"""
    return _new_page()


@keying.post("/opinions/new")
@roles(*KEY_IN)
def new() -> Response | tuple[str, int]:
    """Keep it until a second person has checked it."""
    try:
        written = _written()
        with office().database.write() as session:
            receipt = services.key_in(
                session, office().seals, written, by=current_user.id, today=followup.today_of(office()),
                new_id=uuid.uuid4(),
            )  # fmt: skip
    except Refused as error:
        return _new_page(fault=gettext(str(error))), 422
    flash(gettext("Đã nhập. Mã biên nhận: %(code)s. Chờ người thứ hai kiểm tra.", code=receipt), "success")
    return redirect(url_for("keying.new_form", unit=written.unit_id), 303)


@keying.get("/opinions/check")
@roles(*KEY_IN)
def checking() -> str:
    """What was keyed in and waits for another account, to be held against the paper."""
    return _checking_page()


@keying.post("/opinions/<int:number>/check")
@roles(*KEY_IN)
def check(number: int) -> Response | tuple[str, int]:
    """Right, or to be keyed in again."""
    try:
        with office().database.write() as session:
            services.check(
                session, number, scope(), by=current_user.id, right=request.form.get("right") == "yes",
                today=followup.today_of(office()),
            )  # fmt: skip
    except Refused as error:
        return _checking_page(fault=gettext(str(error))), 422
    flash(gettext("Đã ghi nhận."), "success")
    return redirect(url_for("keying.checking"), 303)


@pages.get("/bang/<int:number>/hoi-dap")
@public
def answered(number: int) -> str:
    """«Dân hỏi – Chính quyền trả lời»: the words that somebody released, without names."""
    house = office()
    with house.database.read() as reading:
        shown = board.of_unit(reading, number)
        entries = opinions.published(reading, number)
    return render_template("opinions/board.html", board=shown, entries=entries, day_of=house.day)


def state_name(state: str) -> str:
    """What a state, or a choice of states, is called."""
    names: dict[str, str] = {
        "waiting": gettext("Chờ trả lời"),
        "overdue": gettext("Quá hạn"),
        "all": gettext("Tất cả"),
        "written": gettext("Phiếu giấy, hòm thư"),
        "comment": gettext("Lời nhắn kèm đánh giá"),
        "received": gettext("Đã tiếp nhận"),
        "assigned": gettext("Đã giao"),
        "answered": gettext("Đã trả lời"),
        "closed": gettext("Đã kết thúc"),
    }
    return names.get(state, state)


def _assign(session: Any, row: Any, form: MultiDict[str, str], today: Today) -> None:
    unit_id = form.get("unit", row.unit_id, type=int)
    if unit_id not in scope():
        raise Refused(gettext("Xin chọn đơn vị."))
    services.assign(
        session, row, to=form.get("to", ""), released=form.get("released", ""), unit_id=unit_id, by=current_user.id,
        today=today,
    )  # fmt: skip


def _answer(session: Any, row: Any, form: MultiDict[str, str], today: Today) -> None:
    services.answer(session, row, words=form.get("answer", ""), by=current_user.id, today=today)


def _publish(session: Any, row: Any, form: MultiDict[str, str], today: Today) -> None:
    question, answer = form.get("public_question", ""), form.get("public_answer", "")
    services.publish(session, row, question=question, words=answer, by=current_user.id, today=today)


def _close(session: Any, row: Any, form: MultiDict[str, str], today: Today) -> None:
    services.close(session, row, by=current_user.id, today=today)


_STEPS: dict[str, Callable[[Any, Any, MultiDict[str, str], Today], None]] = {
    "assign": _assign,
    "answer": _answer,
    "publish": _publish,
    "close": _close,
}


def _written() -> Written:
    """The form as it was sent. Raises `Refused` for a unit out of reach or a day that is none."""
    form = request.form
    unit_id = form.get("unit", type=int)
    if unit_id is None or unit_id not in scope():
        raise Refused(gettext("Xin chọn đơn vị."))
    try:
        day = date.fromisoformat(form.get("day", ""))
    except ValueError:
        raise Refused(gettext("Xin ghi ngày trên phiếu.")) from None
    service_id = form.get("service", 0, type=int) or None
    with office().database.read() as reading:
        if service_id is not None and service_id not in officers.service_names(reading):
            raise Refused(gettext("Không có thủ tục này; hãy chọn trong danh sách."))
    return Written(
        unit_id=unit_id,
        source=form.get("source", ""),
        day=day.toordinal(),
        text=form.get("text", ""),
        level=form.get("level", type=int),
        reasons=tuple(form.getlist("reason")),
        service_id=service_id,
        dossier_code=form.get("code", "")[:60],
    )


def _new_page(*, fault: str = "") -> str:
    house, today = office(), followup.today_of(office())
    with house.database.read() as reading:
        tree = units.tree(reading, scope())
        wanted = request.values.get("unit", current_user.unit_id or 0, type=int)
        chosen = next((line for line in tree if line.id == wanted), tree[0] if tree else None)
        asked: Any = opinions.offered_on_paper(reading, chosen.id, today.day) if chosen else None
        services_known = officers.service_names(reading, words.language())
        unchecked = opinions.unchecked(reading, scope())
    return render_template(
        "opinions/new.html",
        tree=tree,
        chosen=chosen,
        asked=asked,
        services=sorted(services_known.items(), key=lambda pair: pair[1].casefold()),
        unchecked=len(unchecked),
        today=date.fromordinal(today.day).isoformat(),
        form=request.form,
        picked=request.form.getlist("reason"),
        fault=fault,
    )


def _checking_page(*, fault: str = "") -> str:
    with office().database.read() as reading:
        lines = opinions.unchecked(reading, scope())
    return render_template("opinions/checking.html", lines=lines, me=current_user.id, fault=fault)


def _one_page(number: int, *, fault: str = "") -> str:
    today = followup.today_of(office())
    with office().database.read() as reading:
        line = opinions.one(reading, number, scope(), current_user.role, today=today.day)
        tree = units.tree(reading, scope())
    note_alone("opinion seen", f"opinion {number}")
    return render_template("opinions/one.html", line=line, tree=tree, form=request.form, fault=fault)


def _one_of(name: str, known: tuple[str, ...]) -> str:
    given = request.args.get(name, known[0])
    return given if given in known else known[0]
