"""Letters to citizens: entered in a form or a list, looked at, numbered, printed. Their text lives in pages only.

Between two pages the entered names travel in the form itself, signed for the person who entered them; no answer of
these views may be kept by a browser.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from sync_server import lists, printing, sheets
from sync_server.casework.people import HANDLING
from sync_server.casework.workdays import public_calendar
from sync_server.correspondence import entered, making, wording
from sync_server.correspondence.cancelling import REASONS
from sync_server.correspondence.entered import Values
from sync_server.correspondence.kinds import BY_KEY, KINDS, LETTERS_MAX, SALUTATIONS, Kind
from sync_server.errors import NotFound, Refused
from sync_server.lists import BYTES_MAX, Fault, Row
from sync_server.printing import NoPress, PrintFailed
from sync_server.queries import letters as register
from sync_server.queries import units
from sync_server.services import letters as writing
from sync_server.services.letters import Asked, Writer
from sync_server.web import letter_words
from sync_server.web.access import current_user, office, roles, scope
from sync_server.web.carried import carried, carry

pages = Blueprint("letters", __name__)
pages.context_processor(letter_words.for_templates)

MAKERS = ("head", "clerk", "town_staff")
READERS = (*MAKERS, "inspector")
KIND = "letters"
SHOWN_MAX = 3
"""So many letters of a list are shown whole before they are numbered."""
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Letters that are numbered and may be printed. values: what their template is filled with."""

    kind: Kind
    unit_id: int
    speaker: str
    values: Sequence[dict[str, Any]]


@pages.get("/letters")
@roles(*READERS)
def listing() -> str:
    """The register of a year."""
    today = date.fromordinal(office().day(office().now()))
    year = request.args.get("year", default=today.year, type=int)
    unit, before = request.args.get("unit", type=int), request.args.get("before", type=int)
    kind = request.args.get("kind") if request.args.get("kind") in KINDS else None
    with office().database.read() as session:
        lines = register.listing(session, scope(), year=year, unit_id=unit, kind=kind, before=before)
        tree = units.tree(session, scope())
    return render_template(
        "letters/listing.html",
        lines=lines,
        tree=tree,
        year=year,
        years=range(today.year, today.year - 6, -1),
        unit=unit,
        kind=kind,
        makes=current_user.role in MAKERS,
        offered=[one for one in KINDS if one != "case" or current_user.role in HANDLING],
        has_more=len(lines) == register.PAGE,
    )


@pages.get("/letters/new/<kind>")
@roles(*MAKERS)
def new_form(kind: str) -> str:
    """What one letter needs to be known, or a list of many."""
    return _form_page(_kind(kind), {}, {})


@pages.post("/letters/new/<kind>")
@roles(*MAKERS)
def new(kind: str) -> str | tuple[str, int]:
    """The letter as it would be, without a number yet."""
    which = _kind(kind)
    row = tuple(request.form.get(f"letter-{entry.key}", "") for entry in which.entries)
    asked = _asked(which, [row])
    try:
        found, drafts = _looked_at(asked)
    except Refused as error:
        return _form_page(which, request.form, {}, fault=str(error)), 422
    if found:
        wrong = {fault.column: letter_words.fault_words(fault) for fault in found}
        general = letter_words.fault_words(found[0]) if not found[0].column else ""
        return _form_page(which, request.form, wrong, fault=general), 422
    return _preview_page(which, asked, [row], drafts)


@pages.get("/letters/list/<kind>.xlsx")
@roles(*MAKERS)
def list_template(kind: str) -> Response:
    """An empty list with its headings and one made-up row."""
    which = _kind(kind)
    example = entered.example(which, office().day(office().now()), public_calendar())
    content = sheets.xlsx_of(which.title.capitalize(), which.headings, [[example[each.key] for each in which.entries]])
    return _file(content, "xlsx", f"mau-danh-sach-{which.key}.xlsx")


@pages.post("/letters/list/<kind>")
@roles(*MAKERS)
def from_list(kind: str) -> str | tuple[str, int]:
    """The letters of a list as they would be, or everything that is wrong in it."""
    which = _kind(kind)
    upload = request.files.get("list")
    try:
        if upload is None or not upload.filename:
            raise Refused(gettext("Xin chọn tệp."))
        rows = _rows(which, upload.read(BYTES_MAX + 1))
        asked = _asked(which, rows)
        found, drafts = _looked_at(asked)
    except Refused as error:
        return _form_page(which, request.form, {}, fault=str(error)), 422
    if found:
        return render_template("letters/faults.html", kind=which, faults=found, rows=len(asked.rows)), 422
    return _preview_page(which, asked, [tuple(row.values()) for _, row in asked.rows], drafts)


@pages.post("/letters/print")
@roles(*MAKERS)
def number() -> str | tuple[str, int] | AnyResponse:
    """Number the letters that were looked at, and show them to be printed. The same again gives the same numbers."""
    asked = _carried()
    if asked is None:
        flash(gettext("Bản xem trước đã cũ. Xin nhập lại thư."), "warning")
        return redirect(url_for("letters.listing"), 303)
    try:
        with office().database.write() as session:
            writing.take(session, office(), _writer(), asked, now=office().now())
    except Refused as error:
        return _form_page(BY_KEY[asked.kind], {}, {}, fault=str(error)), 422
    ready = _ready(asked)
    return render_template(
        "letters/print.html",
        kind=ready.kind,
        letters=ready.values,
        carried=request.form.get("letters", ""),
        can_print=printing.is_there(),
    )


@pages.post("/letters/file.<kind>")
@roles(*MAKERS)
def file(kind: str) -> AnyResponse:
    """The numbered letters as a file."""
    asked = _carried()
    if asked is None or kind not in ("docx", "pdf"):
        abort(404 if kind not in ("docx", "pdf") else 410)
    ready = _ready(asked)
    with office().database.read() as session:
        template = register.template(session, ready.unit_id, ready.kind.paper)
    template = template or making.shipped_template(ready.kind.paper)
    try:
        content = making.docx(ready.kind, ready.values, template, author=ready.speaker)
        if kind == "pdf":
            content = printing.pdf_of(content)
    except NoPress:
        return _sorry(gettext("Máy chủ này chưa cài LibreOffice nên không in được PDF. Xin tải bản DOCX."))
    except PrintFailed:
        return _sorry(gettext("Chưa in được PDF lúc này. Xin thử lại sau ít phút, hoặc tải bản DOCX."))
    return _file(content, kind, f"thu-{ready.values[0]['number'].strip()}-{ready.kind.key}.{kind}")


@pages.get("/letters/<int:register_id>/cancel")
@roles(*MAKERS)
def cancel_form(register_id: int) -> str:
    """Why is this number cancelled?"""
    return _cancel_page(register_id)


@pages.post("/letters/<int:register_id>/cancel")
@roles(*MAKERS)
def cancel(register_id: int) -> AnyResponse | tuple[str, int]:
    """Cancel a number."""
    try:
        with office().database.write() as session:
            writing.cancel(session, _writer(), register_id, request.form.get("reason", ""), now=office().now())
    except Refused as error:
        return _cancel_page(register_id, fault=str(error)), 422
    flash(gettext("Đã hủy số. Số này không cấp lại."), "success")
    return redirect(url_for("letters.listing"), 303)


def _kind(key: str) -> Kind:
    if key not in BY_KEY:
        abort(404)
    return BY_KEY[key]


def _writer() -> Writer:
    return Writer(staff_id=current_user.id, role=current_user.role, units=scope())


def _rows(kind: Kind, upload: bytes) -> Sequence[Row]:
    try:
        return lists.read_rows(upload, "", kind.headings)
    except Refused as error:
        raise Refused(
            gettext("Tệp không đọc được. Xin dùng mẫu, tệp XLSX hoặc CSV UTF-8, tối đa %(n)s thư.", n=LETTERS_MAX)
        ) from error


def _asked(kind: Kind, rows: Sequence[Row]) -> Asked:
    return Asked(
        unit_id=request.form.get("unit", type=int, default=0),
        kind=kind.key,
        signer=request.form.get("signer", ""),
        is_deputy=request.form.get("deputy") == "yes",
        batch=uuid.uuid4().hex,
        rows=entered.rows_of(kind, rows),
    )


def _looked_at(asked: Asked) -> tuple[list[Fault], list[dict[str, Any]]]:
    """What is wrong, or the first letters as they would be. Raises `Refused`."""
    now = office().now()
    with office().database.read() as session:
        sender = writing.sender(session, _writer(), asked, office().day(now))
        found = writing.faults(session, office(), _writer(), asked, now=now)
    if found:
        return found, []
    kind = BY_KEY[asked.kind]
    return [], [wording.context(kind, values, sender, None) for _, values in asked.rows[:SHOWN_MAX]]


def _carried() -> Asked | None:
    """The letters that the page before held; None when they are forged, too old or another person's."""
    brought = carried(KIND, request.form.get("letters", ""))
    if brought is None:
        return None
    rows, said = brought
    if not isinstance(said, dict) or said.get("kind") not in BY_KEY:
        return None
    kind = BY_KEY[said["kind"]]
    return Asked(
        unit_id=said["unit"],
        kind=kind.key,
        signer=said["signer"],
        is_deputy=said["deputy"],
        batch=said["batch"],
        rows=entered.rows_of(kind, rows),
    )


def _ready(asked: Asked) -> Ready:
    """The numbered letters of a batch, dated as the register dates them. Raises `NotFound` before they are numbered."""
    with office().database.read() as session:
        entries = writing.numbered(session, asked.batch, scope())
        if len(entries) != len(asked.rows):
            raise NotFound("these letters have no numbers yet")
        sender = writing.sender(session, _writer(), asked, entries[0].day)
    kind = BY_KEY[asked.kind]
    values = [
        wording.context(kind, row, sender, entry.number) for (_, row), entry in zip(asked.rows, entries, strict=True)
    ]
    return Ready(kind=kind, unit_id=asked.unit_id, speaker=sender.speaker, values=values)


def _preview_page(kind: Kind, asked: Asked, rows: Sequence[Row], drafts: Sequence[dict[str, Any]]) -> str:
    said = {
        "unit": asked.unit_id,
        "kind": kind.key,
        "signer": asked.signer,
        "deputy": asked.is_deputy,
        "batch": asked.batch,
    }
    return render_template(
        "letters/preview.html",
        kind=kind,
        letters=drafts,
        count_of=len(asked.rows),
        carried=carry(KIND, tuple(rows), said),
    )


def _form_page(kind: Kind, asked: Any, wrong: dict[str, str], *, fault: str = "") -> str:
    with office().database.read() as session:
        tree = [line for line in units.tree(session, scope()) if line.stands(office().day(office().now()))]
        last = register.last_signer(session, tree[0].id) if tree else None
    signer, is_deputy = last or (current_user.name if current_user.role == "head" else "", False)
    values: Values = {entry.key: asked.get(f"letter-{entry.key}", "") for entry in kind.entries}
    return render_template(
        "letters/new.html",
        kind=kind,
        values=values,
        wrong=wrong,
        fault=fault,
        tree=tree,
        unit=asked.get("unit", ""),
        signer=asked.get("signer", signer),
        is_deputy=asked.get("deputy") == "yes" if asked else is_deputy,
        salutations=SALUTATIONS,
        most=LETTERS_MAX,
    )


def _cancel_page(register_id: int, *, fault: str = "") -> str:
    with office().database.read() as session:
        line = register.one(session, register_id, scope())
    return render_template("letters/cancel.html", line=line, reasons=REASONS, fault=fault)


def _sorry(words: str) -> AnyResponse:
    """A file cannot be made; the page that asked for it is one step back and still whole."""
    return Response(
        render_template("letters/no_file.html", words=words), 503, mimetype="text/html", headers={"Retry-After": "60"}
    )


def _file(content: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, mimetype=TYPES[kind], headers=headers)
