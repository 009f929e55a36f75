"""Figures and written parts that are valid by default; name only what a test is about."""

import io
from datetime import date
from typing import Any

from docx import Document
from docx.table import Table
from docx.text.paragraph import Paragraph

from sync_server.reporting import draft
from sync_server.reporting.draft import Draft
from sync_server.reporting.figures import CaseCount, Compared, Count, Figures, Named, OnDay, ReasonCount
from sync_server.reporting.periods import ReportPeriod, between, from_start, period_of
from sync_server.reporting.rules import KINDS, report_rules

SIGNED_DAY = date(2026, 6, 12).toordinal()
LAND, BIRTH, COPY = "Đăng ký biến động quyền sử dụng đất", "Đăng ký khai sinh", "Chứng thực bản sao từ bản chính"


def count(n: int, bad: int = 0, neutral: int = 0, *, slips: int | None = None) -> Count:
    """So many ratings, of which so many dissatisfied and neutral; half of all tied to a dossier."""
    good = n - bad - neutral
    faces = (bad // 3, bad - bad // 3, neutral, good // 4, good - good // 4)
    return Count(n=n, faces=faces, dissatisfied=bad, not_satisfied=bad + neutral, with_dossier=n // 2, slips=slips)


def a_period(kind: str) -> ReportPeriod:
    """A period of 2026 of each kind."""
    rule = report_rules().rule_at(kind, SIGNED_DAY)
    if kind == "first":
        return from_start(rule, date(2026, 1, 5).toordinal())
    if rule.span == "free":
        return between(rule, date(2026, 1, 5).toordinal(), date(2026, 1, 30).toordinal())
    return period_of(rule, 2026, {"weekly": 23, "monthly": 5}.get(kind, 1))


def figures(kind: str = "six_month", **changes: Any) -> Figures:
    """A commune's figures of a period: land is rated low, cases were handled, last year was worse."""
    period = a_period(kind)
    given: dict[str, Any] = {
        "kind": kind,
        "name": period.name,
        "unit": "Xã Mộc Bắc",
        "unit_kind": "commune",
        "first": period.first,
        "last": period.last,
        "counted_to": period.last,
        "whole": count(1250, 40, 60, slips=900),
        "services": (
            Named(name=COPY, under="Chứng thực", count=count(400, 3, 10)),
            Named(name=BIRTH, under="Hộ tịch", count=count(620, 15, 30)),
            Named(name=LAND, under="Đất đai", count=count(200, 28, 20)),
            Named(name="", count=count(30, 0)),
        ),
        "step": "month",
        "course": tuple(OnDay(first=date(2026, m, 1).toordinal(), count=count(190 + 10 * m, m)) for m in range(1, 7)),
        "sources": {"kiosk": count(1150, 40, 60), "phone": count(100), "box": count(7, 1)},
        "reasons": (
            ReasonCount(words="Chờ quá lâu, trễ hẹn", law="a", n=20),
            ReasonCount(words="Giải thích chưa rõ", law="g", n=9),
            ReasonCount(words="Chờ quá lâu, trễ hẹn", law="a", n=11, service=LAND),
        ),
        "cases": CaseCount(opened=5, closed=3, waiting=2, told=3, true=1, partly=1, untrue=1, measures={"talk": 2}),
        "compared": ()
        if kind == "baseline"
        else (
            Compared(
                kind="year_before",
                name="kỳ trước",
                first=period.first - 365,
                last=period.last - 365,
                count=count(1000, 80, 60),
            ),
        ),
    }
    return Figures(**{**given, **changes})


def a_draft(**changes: Any) -> Draft:
    """The commune's written parts."""
    rules = report_rules()
    begun = draft.begin(
        "Xã Mộc Bắc",
        rules.letterhead_at("commune", SIGNED_DAY),
        rules.recipients_at("commune", "six_month", SIGNED_DAY),
        signer="Nguyễn Thị Hạnh",
    )
    given = {"general": "Mô hình được duy trì nền nếp.", "causes": "Hồ sơ phải bổ sung.", "proposals": "Thêm máy quét."}
    return draft.replace(begun, **{**given, **changes})


def text_of(docx: bytes) -> list[str]:
    """What a reader of the paper reads, in order: paragraphs, and rows of tables with their cells apart by bars."""
    lines = []
    for part in Document(io.BytesIO(docx)).iter_inner_content():
        if isinstance(part, Paragraph):
            lines.append(part.text)
        elif isinstance(part, Table):
            lines += [" | ".join(cell.text.replace("\n", " / ") for cell in row.cells) for row in part.rows]
    return [line.rstrip() for line in lines if line.strip()]


__all__ = ["KINDS", "a_draft", "a_period", "count", "figures", "text_of"]
