"""Reports: what is due, drafts that are written in, signing, copies, and the files."""

from datetime import date

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from sync_server import printing
from sync_server.casework.workdays import public_calendar
from sync_server.errors import NotFound, Refused
from sync_server.printing import NoPress, PrintFailed
from sync_server.queries import reported, reports, units
from sync_server.queries.reports import ReportPage
from sync_server.reporting import making, periods
from sync_server.reporting.contents import context
from sync_server.reporting.draft import write_addressees
from sync_server.reporting.figures import Figures
from sync_server.reporting.rights import MAKERS, READERS, may_sign
from sync_server.reporting.rules import report_rules
from sync_server.services import audit
from sync_server.services import reports as writing
from sync_server.services.reports import Writer
from sync_server.web import report_forms, report_words
from sync_server.web.access import current_user, office, roles, scope

pages = Blueprint("reports", __name__)
pages.context_processor(report_words.for_templates)

TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
MISSING_SHOWN = 20


@pages.get("/reports")
@roles(*READERS)
def listing() -> str:
    """What is due, and the reports within reach."""
    within, makes = scope(), current_user.role in MAKERS
    kind = request.args.get("kind") if request.args.get("kind") in report_rules().kinds else None
    before, unit = request.args.get("before", type=int), request.args.get("unit", type=int)
    today = office().day(office().now())
    with office().database.read() as session:
        lines = reports.listing(session, within, only_signed=not makes, kind=kind, unit_id=unit, before=before)
        missing = reports.missing(session, within, today, report_rules(), public_calendar()) if makes else []
        tree = units.tree(session, within)
    return render_template(
        "reports/listing.html",
        lines=lines,
        missing=missing[:MISSING_SHOWN],
        more_missing=max(0, len(missing) - MISSING_SHOWN),
        makes=makes,
        kind=kind,
        unit=unit,
        tree=tree,
        today=today,
        has_more=len(lines) == reports.PAGE,
    )


@pages.get("/reports/new")
@roles(*MAKERS)
def new_form() -> str:
    """Of which unit, and of when?"""
    return _new_page()


@pages.post("/reports/new")
@roles(*MAKERS)
def new() -> AnyResponse | tuple[str, int]:
    """Begin a draft, or go to the one that is there."""
    unit_id = request.form.get("unit", type=int)
    try:
        if unit_id is None:
            raise Refused(gettext("Xin chọn đơn vị."))
        if unit_id not in scope():
            raise NotFound(f"there is no unit {unit_id} within your units")
        asked = report_forms.period(office(), request.form, unit_id)
        with office().database.write() as session:
            number = writing.begin(session, office(), _writer(), unit_id, asked, now=office().now())
    except Refused as error:
        return _new_page(fault=str(error)), 422
    return redirect(url_for("reports.one", number=number), 303)


@pages.get("/reports/<int:number>")
@roles(*READERS)
def one(number: int) -> str:
    """One report: its text, its files, its copies, and what may be done with it."""
    return _page(number)


@pages.post("/reports/<int:number>/words")
@roles(*MAKERS)
def write(number: int) -> AnyResponse | tuple[str, int]:
    """Write in a draft."""
    try:
        words = report_forms.words(request.form)
        with office().database.write() as session:
            seen = request.form.get("seen", type=int, default=-1)
            writing.write(session, _writer(), number, words, seen=seen, now=office().now())
    except Refused as error:
        return _page(number, fault=str(error)), 422
    flash(gettext("Đã ghi dự thảo."), "success")
    return redirect(url_for("reports.one", number=number), 303)


@pages.post("/reports/<int:number>/sign")
@roles(*MAKERS)
def sign(number: int) -> AnyResponse | tuple[str, int]:
    """Sign a draft: it gets its number, and is not changed any more."""
    try:
        with office().database.write() as session:
            seen = request.form.get("seen", type=int, default=-1)
            signed = writing.sign(session, office(), _writer(), number, seen=seen, now=office().now())
    except Refused as error:
        return _page(number, fault=str(error)), 422
    flash(gettext("Đã ký báo cáo, số %(number)s.", number=f"{signed.number:02d}"), "success")
    return redirect(url_for("reports.one", number=number), 303)


@pages.post("/reports/<int:number>/drop")
@roles(*MAKERS)
def drop(number: int) -> AnyResponse | tuple[str, int]:
    """Put a draft aside."""
    try:
        with office().database.write() as session:
            writing.drop(session, _writer(), number, now=office().now())
    except Refused as error:
        return _page(number, fault=str(error)), 422
    flash(gettext("Đã bỏ dự thảo."), "success")
    return redirect(url_for("reports.listing"), 303)


@pages.post("/reports/<int:number>/supplement")
@roles(*MAKERS)
def supplement(number: int) -> AnyResponse | tuple[str, int]:
    """Begin a «bản bổ sung» to a signed report."""
    try:
        with office().database.write() as session:
            page = reports.one(session, number, scope(), only_signed=True)
            begun = writing.begin(session, office(), _writer(), page.line.unit_id, page.line.period, now=office().now())
    except Refused as error:
        return _page(number, fault=str(error)), 422
    return redirect(url_for("reports.one", number=begun), 303)


@pages.post("/reports/<int:number>/copies/<int:place>")
@roles(*MAKERS)
def send(number: int, place: int) -> AnyResponse | tuple[str, int]:
    """Note that an addressee's copy went out."""
    now = office().now()
    try:
        day = report_forms.sent_day(request.form)
        with office().database.write() as session:
            writing.send(session, _writer(), number, place, day=day, today=office().day(now), now=now)
    except Refused as error:
        return _page(number, fault=str(error)), 422
    flash(gettext("Đã ghi ngày gửi."), "success")
    return redirect(url_for("reports.one", number=number), 303)


@pages.get("/reports/<int:number>/file.<kind>")
@roles(*READERS)
def file(number: int, kind: str) -> AnyResponse:
    """A file of a report; who took it is in the log."""
    if kind not in TYPES:
        abort(404)
    page, figures, content = _files(number, kind)
    if kind == "pdf" and content is None:
        _, _, paper = _files(number, "docx")
        try:
            content = printing.pdf_of(paper or b"")
        except NoPress:
            flash(gettext("Máy chủ này chưa cài LibreOffice nên không in được PDF. Xin tải bản DOCX."), "warning")
            return redirect(url_for("reports.one", number=number), 303)
        except PrintFailed:
            flash(gettext("Chưa in được PDF lúc này. Xin thử lại sau ít phút, hoặc tải bản DOCX."), "warning")
            return redirect(url_for("reports.one", number=number), 303)
    with office().database.write() as session:
        if kind == "pdf" and page.line.signed:
            writing.keep_pdf(session, number, content or b"")
        subject, detail = f"report {number}", {"kind": kind}
        audit.note(
            session, staff_id=current_user.id, act="report taken", subject=subject, detail=detail, now=office().now()
        )
    name = making.file_name(figures, page.line.signed, kind)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, mimetype=TYPES[kind], headers=headers)


def _files(number: int, kind: str) -> tuple[ReportPage, Figures, bytes | None]:
    """A report and one of its files: the kept one of a signed report, one made now of a draft."""
    with office().database.read() as session:
        page = reports.one(session, number, scope(), only_signed=current_user.role not in MAKERS)
        if page.figures is not None:
            return page, page.figures, reports.file(session, number, kind)
        figures = reported.figures(session, office(), page.line.unit_id, page.line.period, now=office().now())
        template = writing.template_of(session, page.line.unit_id)
    if kind == "xlsx":
        return page, figures, making.xlsx(figures, page.words)
    if kind == "docx":
        return page, figures, making.docx(figures, page.words, template, supplements=page.supplemented)
    return page, figures, None


def _page(number: int, *, fault: str = "") -> str:
    """The page of a report. After a fault it shows what was entered."""
    now = office().now()
    today, makes = office().day(now), current_user.role in MAKERS
    with office().database.read() as session:
        page = reports.one(session, number, scope(), only_signed=not makes)
        line = page.line
        figures = page.figures or reported.figures(session, office(), line.unit_id, line.period, now=now)
        now_rated = reported.rated(session, line.unit_id, line.period.first, figures.counted_to + 1)
    words = page.words
    if fault and "organ" in request.form:
        words = report_forms.words(request.form)
    rule = report_rules().rule_at(line.period.kind, line.period.last)
    return render_template(
        "reports/one.html",
        page=page,
        line=line,
        figures=figures,
        words=words,
        addressees=write_addressees(words.addressees),
        text=context(figures, words, line.signed, page.supplemented),
        makes=makes,
        may_sign=may_sign(
            current_user.role,
            current_user.unit_id,
            unit_id=line.unit_id,
            parent_id=line.parent_id,
            unit_kind=line.unit_kind,
        ),
        sign_from=periods.may_be_signed_from(rule, line.period, public_calendar()),
        due=periods.due_day(rule, line.period, public_calendar()),
        late=now_rated - figures.whole.n if line.signed else 0,
        can_print=printing.is_there(),
        today=today,
        today_iso=date.fromordinal(today).isoformat(),
        fault=fault,
    )


def _new_page(*, fault: str = "") -> str:
    today = date.fromordinal(office().day(office().now()))
    with office().database.read() as session:
        tree = units.tree(session, scope())
    asked = request.form if request.method == "POST" else request.args
    return render_template("reports/new.html", tree=tree, fault=fault, asked=asked, today=today)


def _writer() -> Writer:
    return Writer(staff_id=current_user.id, role=current_user.role, unit_id=current_user.unit_id, units=scope())
