"""The spans of time that reports tell of: their bounds, names and due days. Days are `date.toordinal()`."""

from dataclasses import dataclass
from datetime import date, timedelta

from sync_server.casework.workdays import WorkCalendar
from sync_server.errors import Refused
from sync_server.reporting.rules import NEVER_DUE, ReportRule

ROMAN = ("I", "II", "III", "IV")
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
LONGEST_DAYS = 3660


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPeriod:
    """What one report tells of, from day `first` to before day `until`.

    number: of the week, month or quarter in `year`; 1 for the others.
    """

    kind: str
    year: int
    number: int
    first: int
    until: int

    @property
    def last(self) -> int:
        """The last day in it."""
        return self.until - 1

    @property
    def name(self) -> str:
        """As the report's title says it, in Vietnamese."""
        return {
            "weekly": f"tuần {self.number} năm {self.year}",
            "monthly": f"tháng {self.number} năm {self.year}",
            "quarterly": f"quý {ROMAN[(self.number - 1) % 4]} năm {self.year}",
            "six_month": f"6 tháng đầu năm {self.year}",
            "yearly": f"năm {self.year}",
        }.get(self.kind, f"từ ngày {day_words(self.first)} đến ngày {day_words(self.last)}")


def period_of(rule: ReportRule, year: int, number: int = 1) -> ReportPeriod:
    """The span of a kind of report that the calendar knows. Raises `Refused` for a number that the year has not."""
    if rule.span == "week":
        try:
            monday = date.fromisocalendar(year, number, 1)
        except ValueError as error:
            raise Refused(f"Năm {year} không có tuần {number}; xin chọn từ 1 đến 52 (hoặc 53).") from error
        return ReportPeriod(
            kind=rule.kind, year=year, number=number, first=monday.toordinal(), until=monday.toordinal() + 7
        )
    months = _MONTHS.get(rule.span)
    most = {"month": 12, "quarter": 4}.get(rule.span, 1)
    if months is None or not 1 <= number <= most or not 1900 < year < 2200:
        raise Refused(f"Không có kỳ {number} năm {year} cho loại báo cáo này; xin chọn lại kỳ.")
    end = number * months
    first, until = _month(year, end - months + 1), _month(year, end + 1)
    if rule.cut_day > 1:  # from the cut of the month before to the cut of the last month
        first = _month(year, end - months).replace(day=rule.cut_day)
        until = _month(year, end).replace(day=rule.cut_day)
    return ReportPeriod(kind=rule.kind, year=year, number=number, first=first.toordinal(), until=until.toordinal())


def from_start(rule: ReportRule, start: int) -> ReportPeriod:
    """The first period of a unit that began on day `start`: to the end of its `months`-th calendar month."""
    began = date.fromordinal(start)
    until = _month(began.year, began.month + rule.months)
    year = (until - timedelta(days=1)).year
    return ReportPeriod(kind=rule.kind, year=year, number=1, first=start, until=until.toordinal())


def between(rule: ReportRule, first: int, last: int) -> ReportPeriod:
    """A span of freely chosen days, both included. Raises `Refused` where they make no sense."""
    if not 0 <= last - first <= LONGEST_DAYS:
        raise Refused(
            f"Từ ngày {day_words(first)} đến ngày {day_words(last)} không phải là một kỳ; xin kiểm tra lại hai ngày."
        )
    year = date.fromordinal(last).year
    return ReportPeriod(kind=rule.kind, year=year, number=1, first=first, until=last + 1)


def before(rule: ReportRule, period: ReportPeriod) -> ReportPeriod | None:
    """The span just before of the same kind; None for reports that have none."""
    if rule.span == "half":  # the half before is another one: what is told twice a year compares with last year only
        return None
    if rule.span == "week":
        then = date.fromordinal(period.first - 7).isocalendar()
        return period_of(rule, then.year, then.week)
    if rule.span not in _MONTHS:
        return None
    if period.number > 1:
        return period_of(rule, period.year, period.number - 1)
    return period_of(rule, period.year - 1, {"month": 12, "quarter": 4}.get(rule.span, 1))


def year_before(rule: ReportRule, period: ReportPeriod) -> ReportPeriod | None:
    """The same span of the year before; None where that is the one just before, or says little (weeks)."""
    return period_of(rule, period.year - 1, period.number) if rule.span in ("month", "quarter", "half") else None


def due_day(rule: ReportRule, period: ReportPeriod, calendar: WorkCalendar) -> int | None:
    """The last working day on which the report is in time; None for one that is never due."""
    if rule.due_before:
        month, day = (int(part) for part in rule.due_before.split("-"))
        limit = date(date.fromordinal(period.last).year, month, day) - timedelta(days=1)
        return _working(limit, calendar).toordinal()
    if rule.due_working_days == NEVER_DUE:
        return None
    if rule.due_working_days == 0:
        return _working(date.fromordinal(period.last), calendar).toordinal()
    return calendar.after(date.fromordinal(period.last), rule.due_working_days).toordinal()


def may_be_signed_from(rule: ReportRule, period: ReportPeriod, calendar: WorkCalendar) -> int:
    """The first day on which a report may be signed: when its span is over, or shortly before a due day within it."""
    due = due_day(rule, period, calendar)
    if due is None or due >= period.until:
        return period.until
    return min(period.until, calendar.before(date.fromordinal(due), rule.sign_working_days).toordinal())


def reminder_days(rule: ReportRule, period: ReportPeriod, calendar: WorkCalendar) -> list[int]:
    """The days on which somebody is reminded of a report that is missing, the first one first, then its due day."""
    due = due_day(rule, period, calendar)
    if due is None:
        return []
    days = {calendar.before(date.fromordinal(due), early).toordinal() for early in rule.remind_working_days}
    return sorted(days | {due})


def current(rule: ReportRule, today: int) -> ReportPeriod | None:
    """The span of a kind whose report is next due: the one that day `today` lies in, or is cut just after it."""
    day = date.fromordinal(today)
    if rule.span == "week":
        year, week, _ = day.isocalendar()
        return period_of(rule, year, week)
    if rule.span not in _MONTHS:
        return None
    most = {"month": 12, "quarter": 4}.get(rule.span, 1)
    candidates = (period_of(rule, year, number) for year in (day.year, day.year + 1) for number in range(1, most + 1))
    return next((period for period in candidates if period.until > today), None)


def day_words(day: int) -> str:
    """«05/3/2026»: with 0 before days under 10 and before the months 1 and 2 (Nghị định 30/2020/NĐ-CP, Phụ lục I)."""
    when = date.fromordinal(day)
    return f"{when.day:02d}/{_month_words(when.month)}/{when.year}"


def long_day_words(day: int) -> str:
    """«ngày 05 tháng 3 năm 2026», as beside the place's name and in texts."""
    when = date.fromordinal(day)
    return f"ngày {when.day:02d} tháng {_month_words(when.month)} năm {when.year}"


def _month_words(month: int) -> str:
    return f"{month:02d}" if month <= 2 else str(month)


def _month(year: int, month: int) -> date:
    """The first day of a month; month 0 is December before, 13 January after."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _working(day: date, calendar: WorkCalendar) -> date:
    while not calendar.is_working_day(day):
        day -= timedelta(days=1)
    return day
