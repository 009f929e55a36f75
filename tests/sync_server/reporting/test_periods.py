"""Bounds and due days of reports, over year ends and days off; and that the settings are the plan's."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_server.casework.workdays import public_calendar
from sync_server.errors import Refused
from sync_server.flagging.errors import BadRule
from sync_server.reporting import periods
from sync_server.reporting.rules import KINDS, ReportRule, parse, report_rules

TODAY = date(2026, 3, 2).toordinal()


def rule(kind: str) -> ReportRule:
    return report_rules().rule_at(kind, TODAY)


@pytest.mark.parametrize(
    ("kind", "year", "number", "first", "last", "due"),
    [
        ("weekly", 2026, 1, date(2025, 12, 29), date(2026, 1, 4), date(2026, 1, 5)),  # a week of two years
        ("weekly", 2026, 53, date(2026, 12, 28), date(2027, 1, 3), date(2027, 1, 4)),
        ("weekly", 2026, 8, date(2026, 2, 16), date(2026, 2, 22), date(2026, 2, 23)),  # the week of Tết
        ("monthly", 2026, 12, date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 6)),  # 1/1 is off, then a weekend
        ("monthly", 2024, 2, date(2024, 2, 1), date(2024, 2, 29), date(2024, 3, 5)),
        ("quarterly", 2026, 4, date(2026, 10, 1), date(2026, 12, 31), date(2027, 1, 8)),
        ("six_month", 2026, 1, date(2025, 12, 15), date(2026, 6, 14), date(2026, 6, 12)),  # 14/6 is a Sunday
        ("six_month", 2021, 1, date(2020, 12, 15), date(2021, 6, 14), date(2021, 6, 14)),
        ("yearly", 2026, 1, date(2025, 12, 15), date(2026, 12, 14), date(2026, 12, 14)),
        ("yearly", 2025, 1, date(2024, 12, 15), date(2025, 12, 14), date(2025, 12, 12)),
    ],
)
def test_a_period_has_its_bounds_and_its_due_day(
    kind: str, year: int, number: int, first: date, last: date, due: date
) -> None:
    found = periods.period_of(rule(kind), year, number)
    assert (date.fromordinal(found.first), date.fromordinal(found.last)) == (first, last)
    assert periods.due_day(rule(kind), found, public_calendar()) == due.toordinal()


def test_the_first_report_of_the_plan_was_due_in_march_2021() -> None:
    found = periods.from_start(rule("first"), date(2021, 1, 4).toordinal())
    assert date.fromordinal(found.last) == date(2021, 3, 31)
    assert periods.due_day(rule("first"), found, public_calendar()) == date(2021, 3, 31).toordinal()


def test_somebody_is_reminded_of_a_report_ten_five_and_one_working_days_before_and_on_the_day() -> None:
    found = periods.period_of(rule("six_month"), 2026)
    days = [date.fromordinal(day) for day in periods.reminder_days(rule("six_month"), found, public_calendar())]
    assert days == [date(2026, 5, 29), date(2026, 6, 5), date(2026, 6, 11), date(2026, 6, 12)]


def test_a_report_that_is_due_within_its_period_may_be_signed_shortly_before() -> None:
    half = periods.period_of(rule("six_month"), 2026)
    assert periods.may_be_signed_from(rule("six_month"), half, public_calendar()) == date(2026, 6, 9).toordinal()
    month = periods.period_of(rule("monthly"), 2026, 3)
    assert periods.may_be_signed_from(rule("monthly"), month, public_calendar()) == date(2026, 4, 1).toordinal()


@settings(max_examples=50)
@given(st.sampled_from(["weekly", "monthly", "quarterly"]), st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_periods_of_a_kind_follow_each_other_without_gap_or_overlap(kind: str, day: date) -> None:
    now = periods.current(rule(kind), day.toordinal())
    assert now is not None
    assert now.first <= day.toordinal() < now.until
    before = periods.before(rule(kind), now)
    assert before is not None
    assert before.until == now.first


@settings(max_examples=50)
@given(st.sampled_from(KINDS), st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_a_due_day_is_a_working_day(kind: str, day: date) -> None:
    found = periods.current(rule(kind), day.toordinal())
    due = periods.due_day(rule(kind), found, public_calendar()) if found else None
    assert due is None or public_calendar().is_working_day(date.fromordinal(due))


def test_a_year_before_is_the_same_span_of_that_year() -> None:
    half = periods.year_before(rule("six_month"), periods.period_of(rule("six_month"), 2026))
    assert half == periods.period_of(rule("six_month"), 2025)
    assert periods.year_before(rule("weekly"), periods.period_of(rule("weekly"), 2026, 9)) is None


@pytest.mark.parametrize(("kind", "number"), [("weekly", 54), ("monthly", 13), ("quarterly", 0), ("six_month", 2)])
def test_a_period_that_the_year_has_not_is_refused_in_words(kind: str, number: int) -> None:
    with pytest.raises(Refused, match="xin chọn"):
        periods.period_of(rule(kind), 2026, number)


def test_freely_chosen_days_must_be_in_order() -> None:
    with pytest.raises(Refused, match="kiểm tra lại hai ngày"):
        periods.between(rule("baseline"), TODAY, TODAY - 1)


def test_days_are_written_as_the_decree_has_them() -> None:
    assert periods.long_day_words(date(2026, 2, 5).toordinal()) == "ngày 05 tháng 02 năm 2026"
    assert periods.long_day_words(date(2026, 3, 15).toordinal()) == "ngày 15 tháng 3 năm 2026"


def test_every_kind_of_unit_has_addressees_and_a_letterhead_and_the_plans_reports_go_to_both() -> None:
    rules = report_rules()
    for unit_kind in ("town", "commune", "ward", "office"):
        assert rules.letterhead_at(unit_kind, TODAY).sign
        assert all(rules.recipients_at(unit_kind, kind, TODAY).addressees for kind in KINDS)
    sent = [one.words for one in rules.recipients_at("commune", "yearly", TODAY).addressees]
    assert sent == [
        "Ban Thường vụ Thị ủy (qua Ban Dân vận Thị ủy)",
        "Ủy ban nhân dân thị xã (qua phòng Nội vụ thị xã)",
    ]


def test_a_later_block_goes_from_its_day_on_and_all_faults_are_told_at_once() -> None:
    blocks = [
        {"kind": "six_month", "effective": "2021-01-01", "span": "half", "due_before": "06-15"},
        {"kind": "six_month", "effective": "2027-01-01", "span": "half", "due_before": "06-20"},
    ]
    rules = parse({"report": blocks})
    assert rules.rule_at("six_month", date(2026, 12, 31).toordinal()).due_before == "06-15"
    assert rules.rule_at("six_month", date(2027, 1, 1).toordinal()).due_before == "06-20"
    with pytest.raises(BadRule) as caught:
        parse({"report": [{"kind": "daily", "effective": "soon", "cut_day": 31, "due_before": "15/6"}]})
    assert len(caught.value.faults) == 4


def test_weeks_of_a_year_cover_it() -> None:
    first = periods.period_of(rule("weekly"), 2026, 1).first
    days = {first + day for day in range(7 * 53)}
    assert {date(2026, 1, 1).toordinal() + day for day in range(365)} <= days
    assert timedelta(days=7) == timedelta(days=periods.period_of(rule("weekly"), 2026, 2).until - first - 7)
