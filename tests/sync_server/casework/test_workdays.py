"""Terms in working days, over Tết, weekends and make-up days. The dates were checked against the 2026 calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_server.casework.workdays import WorkCalendar, public_calendar

days = st.dates(date(2021, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("start", "term", "due"),
    [
        (date(2026, 11, 20), 1, date(2026, 11, 23)),  # Friday → Monday
        (date(2026, 11, 23), 5, date(2026, 12, 1)),  # 24/11 is Vietnam Cultural Day, off from 2026 on
        (date(2026, 2, 13), 1, date(2026, 2, 23)),  # Tết Bính Ngọ: 16–20/2 off
        (date(2026, 2, 12), 5, date(2026, 2, 26)),
        (date(2026, 4, 24), 3, date(2026, 4, 30) + timedelta(days=4)),  # Giỗ Tổ 26/4 → 27/4, then 30/4, 1/5
        (date(2026, 8, 21), 1, date(2026, 8, 22)),  # a Saturday that is worked for Monday 31/8
        (date(2026, 8, 28), 1, date(2026, 9, 3)),  # 31/8 swapped, 1–2/9 National Day
    ],
)
def test_a_term_ends_on_the_day_that_the_calendar_says(start: date, term: int, due: date) -> None:
    assert public_calendar().after(start, term) == due


def test_the_towns_own_exceptions_go_before_the_public_calendar() -> None:
    storm, saturday = date(2026, 11, 25), date(2026, 11, 28)
    calendar = WorkCalendar(off=[storm], on=[saturday])
    assert not calendar.is_working_day(storm)
    assert calendar.is_working_day(saturday)
    assert calendar.after(date(2026, 11, 23), 3) == saturday  # 24 holiday, 25 storm, 26, 27, 28


@given(days, st.integers(0, 40))
def test_a_term_ends_on_a_working_day_and_has_so_many_of_them(start: date, term: int) -> None:
    calendar = public_calendar()
    due = calendar.after(start, term)
    assert calendar.is_working_day(due)
    between = [start + timedelta(days=i) for i in range(1, (due - start).days + 1)]
    if term:
        assert sum(calendar.is_working_day(day) for day in between) == term


@given(days, st.integers(1, 20))
def test_before_undoes_after(start: date, term: int) -> None:
    calendar = public_calendar()
    start = calendar.after(start, 0)
    assert calendar.before(calendar.after(start, term), term) == start
