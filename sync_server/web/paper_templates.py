"""Templates of papers: look at the one in force, bring one's own, go back to the shipped one."""

from pathlib import PurePath

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from sync_server.errors import NotFound, Refused
from sync_server.queries import reported, reports, units
from sync_server.reporting import making, periods
from sync_server.reporting.paper import TEMPLATE_BYTES_MAX
from sync_server.reporting.rights import MAKERS
from sync_server.reporting.rules import report_rules
from sync_server.services import paper_templates
from sync_server.services import reports as writing
from sync_server.web.access import current_user, office, roles, scope
from sync_server.web.reports import TYPES

pages = Blueprint("paper_templates", __name__)


@pages.get("/reports/template")
@roles(*MAKERS)
def page() -> str:
    """The templates in force within reach."""
    return _page()


@pages.get("/reports/template/<int:number>.docx")
@roles(*MAKERS)
def file(number: int) -> Response:
    """The template that a unit's reports are made with, to be edited."""
    _within(number)
    with office().database.read() as session:
        content = writing.template_of(session, number)
    headers = {"Content-Disposition": 'attachment; filename="mau-bao-cao.docx"', "Cache-Control": "no-store"}
    return Response(content, mimetype=TYPES["docx"], headers=headers)


@pages.post("/reports/template")
@roles(*MAKERS)
def bring() -> AnyResponse | tuple[str, int]:
    """Take a template into use, after a report was made with it for trial; without a file: the shipped one again."""
    unit_id, brought = request.form.get("unit", type=int), request.files.get("file")
    now = office().now()
    try:
        if unit_id is None:
            raise Refused(gettext("Xin chọn đơn vị."))
        _within(unit_id)
        content = None
        if request.form.get("act") != "withdraw":
            if brought is None or not brought.filename:
                raise Refused(gettext("Xin chọn tệp mẫu .docx."))
            content = brought.stream.read(TEMPLATE_BYTES_MAX + 1)
            _try(unit_id, content)
        name = PurePath(brought.filename or "").name if brought is not None and content is not None else ""
        with office().database.write() as session:
            paper_templates.bring(
                session, unit_id, writing.TEMPLATE, file_name=name, content=content, by=current_user.id, now=now
            )
    except Refused as error:
        return _page(fault=str(error)), 422
    flash(gettext("Mẫu mới được dùng từ báo cáo tiếp theo."), "success")
    return redirect(url_for("paper_templates.page"), 303)


def _try(unit_id: int, content: bytes) -> None:
    """Make this month's report with a template. Raises `BadTemplate` with what is wrong."""
    house, rules = office(), report_rules()
    now = house.now()
    rule = rules.rule_at("monthly", house.day(now))
    period = periods.current(rule, house.day(now))
    if period is None:
        raise NotFound("the calendar has no month")
    with house.database.read() as session:
        figures = reported.figures(session, house, unit_id, period, now=now)
        words = writing.first_words(session, unit_id, period)
    making.docx(figures, words, content)


def _within(unit_id: int) -> None:
    if unit_id not in scope():
        raise NotFound(f"there is no unit {unit_id} within your units")


def _page(*, fault: str = "") -> str:
    with office().database.read() as session:
        tree = units.tree(session, scope())
        own = {line.id: reports.template(session, line.id, writing.TEMPLATE) for line in tree}
    return render_template("reports/template.html", tree=tree, own=own, fault=fault, asked=request.form.get("unit"))
