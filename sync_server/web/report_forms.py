"""From the forms of reports to periods and written parts."""

from datetime import date

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from sync_server.errors import Refused
from sync_server.office import Office
from sync_server.queries import reported
from sync_server.reporting import periods
from sync_server.reporting.draft import LINE_MAX, TEXT_MAX, Draft, paragraphs, read_addressees
from sync_server.reporting.periods import ReportPeriod
from sync_server.reporting.rules import KINDS, report_rules

Form = MultiDict[str, str]


def period(office: Office, form: Form, unit_id: int) -> ReportPeriod:
    """The period that the form asks for. Raises `Refused` with a sentence for the person."""
    kind = form.get("kind", "")
    if kind not in KINDS:
        raise Refused(gettext("Xin chọn loại báo cáo."))
    rule = report_rules().rule_at(kind, office.day(office.now()))
    if rule.span == "start":
        with office.database.read() as session:
            start = reported.start_of(session, unit_id)
        if start is None:
            raise Refused(gettext("Đơn vị này chưa có ngày bắt đầu và chưa có đánh giá nào."))
        return periods.from_start(rule, start)
    if rule.span == "free":
        return _free(office, form, unit_id, kind)
    year = form.get("year", type=int)
    number = form.get("number", type=int) if rule.span in ("week", "month", "quarter") else 1
    if year is None or number is None:
        raise Refused(gettext("Xin ghi năm và số thứ tự của kỳ báo cáo."))
    return periods.period_of(rule, year, number)


def _free(office: Office, form: Form, unit_id: int, kind: str) -> ReportPeriod:
    """The days entered; without them those of the baseline round, or from its end until yesterday."""
    rule = report_rules().rule_at(kind, office.day(office.now()))
    first, last = _day(form.get("first")), _day(form.get("last"))
    with office.database.read() as session:
        span = reported.baseline_span(session, unit_id, office)
    if kind == "baseline_now" and span is None:
        raise Refused(gettext("Đơn vị này chưa có đợt khảo sát trước khi triển khai để so sánh."))
    if span is not None and (first is None or last is None):
        ends = span[1] - 1 if kind == "baseline" else office.day(office.now()) - 1
        first, last = (span[0] if kind == "baseline" else span[1]), ends
    if first is None or last is None:
        raise Refused(gettext("Xin ghi từ ngày và đến ngày."))
    return periods.between(rule, first, last)


def words(form: Form) -> Draft:
    """The written parts. Raises `Refused` where one is longer than a paper has room for."""
    long = {name: form.get(name, "") for name in ("general", "causes", "proposals")}
    short = {name: form.get(name, "").strip() for name in ("above", "organ", "sign", "speaker", "place", "basis")}
    short |= {name: form.get(name, "").strip() for name in ("on_behalf", "title", "signer")}
    if any(len(text) > TEXT_MAX for text in long.values()):
        raise Refused(gettext("Mỗi phần viết nhiều nhất %(most)s ký tự.", most=TEXT_MAX))
    if any(len(text) > 2 * LINE_MAX for text in short.values()):
        raise Refused(gettext("Mỗi dòng ở đầu và cuối văn bản nhiều nhất %(most)s ký tự.", most=2 * LINE_MAX))
    clean = {name: "\n".join(paragraphs(text)) for name, text in (long | short).items()}
    copies = tuple(line[:LINE_MAX] for line in paragraphs(form.get("copies", "")))
    return Draft(**clean, addressees=read_addressees(form.get("addressees", "")), copies=copies)


def sent_day(form: Form) -> int:
    """The day that a copy went out. Raises `Refused`."""
    day = _day(form.get("day"))
    if day is None:
        raise Refused(gettext("Xin ghi ngày gửi."))
    return day


def _day(text: str | None) -> int | None:
    try:
        return date.fromisoformat(text or "").toordinal()
    except ValueError:
        return None
