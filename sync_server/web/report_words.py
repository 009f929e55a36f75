"""What reports and their periods are called on pages."""

from typing import Any

from flask_babel import gettext

from sync_server.reporting.periods import ROMAN, ReportPeriod
from sync_server.reporting.rules import KINDS


def for_templates() -> dict[str, Any]:
    """What a blueprint's context processor gives to its templates."""
    return {"report_kind": kind_words, "report_period": period_words, "report_kinds": KINDS}


def kind_words(kind: str) -> str:
    """What a kind of report is called."""
    words: dict[str, str] = {
        "weekly": gettext("Tuần"),
        "monthly": gettext("Tháng"),
        "quarterly": gettext("Quý"),
        "six_month": gettext("6 tháng đầu năm"),
        "yearly": gettext("Năm"),
        "first": gettext("Kết quả bước đầu"),
        "baseline": gettext("Khảo sát trước khi triển khai"),
        "baseline_now": gettext("So với trước khi triển khai"),
    }
    return words[kind]


def period_words(period: ReportPeriod) -> str:
    """«Tháng 3/2026»."""
    year, number = period.year, period.number
    words: dict[str, str] = {
        "weekly": gettext("Tuần %(number)s/%(year)s", number=number, year=year),
        "monthly": gettext("Tháng %(number)s/%(year)s", number=number, year=year),
        "quarterly": gettext("Quý %(number)s/%(year)s", number=ROMAN[(number - 1) % 4], year=year),
        "six_month": gettext("6 tháng đầu năm %(year)s", year=year),
        "yearly": gettext("Năm %(year)s", year=year),
    }
    return words.get(period.kind, kind_words(period.kind))
