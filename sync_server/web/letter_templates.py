"""Templates of letters: look at the ones in force with made-up names, bring one's own, go back to the shipped ones."""

from pathlib import PurePath

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from sync_server import printing
from sync_server.casework.workdays import public_calendar
from sync_server.correspondence import entered, making, wording
from sync_server.correspondence.kinds import BY_KEY, PAPERS, Kind
from sync_server.errors import NotFound, Refused
from sync_server.printing import NoPress, PrintFailed
from sync_server.queries import letters as register
from sync_server.queries import units
from sync_server.reporting.paper import TEMPLATE_BYTES_MAX
from sync_server.services import letters as writing
from sync_server.services import paper_templates
from sync_server.services.letters import Asked, Writer
from sync_server.web import letter_words
from sync_server.web.access import current_user, office, roles, scope
from sync_server.web.letters import TYPES

pages = Blueprint("letter_templates", __name__)
pages.context_processor(letter_words.for_templates)

KEEPERS = ("town_staff", "head")
MADE_UP_SIGNER = "Trần Văn Mẫu"


@pages.get("/letters/templates")
@roles(*KEEPERS)
def page() -> str:
    """The templates of letters."""
    return _page()


@pages.get("/letters/templates/<int:unit_id>/<paper>.docx")
@roles(*KEEPERS)
def file(unit_id: int, paper: str) -> Response:
    """The template that a unit's letters are made with, to be edited."""
    return _file(_template(unit_id, paper), "docx", f"mau-thu-{paper}.docx")


@pages.get("/letters/templates/<int:unit_id>/<paper>/trial.<kind>")
@roles(*KEEPERS)
def trial(unit_id: int, paper: str, kind: str) -> AnyResponse:
    """A letter to somebody made up, by the template in force."""
    if kind not in ("docx", "pdf"):
        abort(404)
    content = _tried(unit_id, paper, _template(unit_id, paper))
    try:
        return _file(printing.pdf_of(content) if kind == "pdf" else content, kind, f"thu-mau-{paper}.{kind}")
    except (NoPress, PrintFailed):
        flash(gettext("Chưa in được PDF lúc này. Xin thử lại sau ít phút, hoặc tải bản DOCX."), "warning")
        return redirect(url_for("letter_templates.page"), 303)


@pages.post("/letters/templates")
@roles(*KEEPERS)
def bring() -> AnyResponse | tuple[str, int]:
    """Take a template into use after letters were made with it for trial; to withdraw: the shipped one again."""
    unit_id, paper = request.form.get("unit", type=int, default=0), request.form.get("paper", "")
    brought, content, name = request.files.get("file"), None, ""
    try:
        _within(unit_id, paper)
        if request.form.get("act") != "withdraw":
            if brought is None or not brought.filename:
                raise Refused(gettext("Xin chọn tệp mẫu .docx."))
            content, name = brought.stream.read(TEMPLATE_BYTES_MAX + 1), PurePath(brought.filename).name
            _tried(unit_id, paper, content)
        with office().database.write() as session:
            key = register.template_key(paper)
            paper_templates.bring(
                session, unit_id, key, file_name=name, content=content, by=current_user.id, now=office().now()
            )
    except Refused as error:
        return _page(fault=str(error)), 422
    flash(gettext("Mẫu mới được dùng từ thư tiếp theo."), "success")
    return redirect(url_for("letter_templates.page"), 303)


def _tried(unit_id: int, paper: str, template: bytes) -> bytes:
    """Every kind of letter on this paper, to somebody made up; the first is given back. Raises `BadTemplate`."""
    kinds: list[Kind] = [kind for kind in BY_KEY.values() if kind.paper == paper]
    today = office().day(office().now())
    writer = Writer(staff_id=current_user.id, role=current_user.role, units=scope())
    made = []
    for kind in kinds:
        asked = Asked(unit_id=unit_id, kind=kind.key, signer=MADE_UP_SIGNER, is_deputy=False, batch="", rows=())
        with office().database.read() as session:
            sender = writing.sender(session, writer, asked, today)
        values = wording.context(kind, entered.example(kind, today, public_calendar()), sender, None)
        made.append(making.docx(kind, [values], template, author=sender.speaker))
    return made[0]


def _template(unit_id: int, paper: str) -> bytes:
    _within(unit_id, paper)
    with office().database.read() as session:
        own = register.template(session, unit_id, paper)
    return own if own is not None else making.shipped_template(paper)


def _within(unit_id: int, paper: str) -> None:
    if unit_id not in scope():
        raise NotFound(f"there is no unit {unit_id} within your units")
    if paper not in PAPERS:
        raise NotFound(f"there is no paper {paper[:40]!r}; there are {', '.join(PAPERS)}")


def _page(*, fault: str = "") -> str:
    with office().database.read() as session:
        tree = units.tree(session, scope())
        shown = request.args.get("unit", type=int) or request.form.get("unit", type=int) or (tree[0].id if tree else 0)
        owned = {paper for paper in PAPERS if shown in scope() and register.template(session, shown, paper) is not None}
    return render_template(
        "letters/templates.html", tree=tree, papers=PAPERS, unit=shown, owned=owned, fault=fault,
        paper=request.form.get("paper", ""), can_print=printing.is_there(),
    )  # fmt: skip


def _file(content: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, mimetype=TYPES[kind], headers=headers)
