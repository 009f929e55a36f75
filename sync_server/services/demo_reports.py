"""The demo's reports: what its heads signed in the past year, and drafts that wait for somebody to write in them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select

from sync_server.casework.workdays import public_calendar
from sync_server.models.organisation import Unit
from sync_server.models.people import Staff
from sync_server.office import Office
from sync_server.queries import reports as kept
from sync_server.reporting import periods
from sync_server.reporting.periods import ReportPeriod
from sync_server.reporting.rules import ReportRule, report_rules
from sync_server.services import reports
from sync_server.services.reports import Writer

MORNING_MS = 9 * 3_600_000
GENERAL = (
    "Mô hình “Chính quyền thân thiện vì Nhân dân phục vụ” tiếp tục được duy trì nền nếp. Cán bộ, công chức thực hiện "
    "“5 biết” và “3 thể hiện”, hướng dẫn người dân kê khai hồ sơ chu đáo, dễ hiểu."
)
CAUSES = "Một số hồ sơ phải phối hợp nhiều cơ quan nên thời gian giải quyết kéo dài; việc giải thích có lúc chưa rõ."
PROPOSALS = (
    "Tiếp tục niêm yết công khai thủ tục và hướng dẫn người dân ngay từ khi nộp hồ sơ.\n"
    "Đề nghị tổ chức tập huấn kỹ năng giao tiếp cho công chức bộ phận tiếp nhận và trả kết quả."
)
SIGNERS = ("Nguyễn Văn Thành", "Trần Thị Minh Nguyệt", "Phạm Quốc Hưng", "Lê Thị Thanh Hà", "Vũ Đình Khải")
"""Made-up names of heads, who have no accounts in the demo."""


def in_week(office: Office, unit_ids: Sequence[int], first_day: date, week_of: int) -> int:
    """Sign the reports of these units that are due in the week of an ordinal day, each on its due day; how many."""
    monday = date.fromordinal(week_of).toordinal() - date.fromordinal(week_of).weekday()
    done = 0
    for rule in (report_rules().rule_at(kind, week_of) for kind in ("six_month", "yearly")):
        period = periods.period_of(rule, date.fromordinal(week_of).year)
        due = periods.due_day(rule, period, public_calendar())
        if due is not None and monday <= due < monday + 7 and period.first >= first_day.toordinal():
            for place, unit_id in enumerate(unit_ids):
                _signed(office, unit_id, period, SIGNERS[place % len(SIGNERS)], office.moment(due) + MORNING_MS)
                done += 1
    return done


def at_the_end(office: Office, town: int, home: int, last_day: date) -> None:
    """A briefing of the last whole week that is signed, and drafts for the head at home and for the town."""
    today = last_day.toordinal() + 1
    before = date.fromordinal(last_day.toordinal() - (last_day.weekday() + 1) % 7).isocalendar()  # up to a Sunday
    weekly = periods.period_of(_rule("weekly", today), before.year, before.week)
    now = office.now()
    _signed(office, home, weekly, None, now)
    monthly = periods.current(_rule("monthly", today), last_day.toordinal())
    quarterly = periods.current(_rule("quarterly", today), last_day.toordinal())
    with office.database.write() as session:
        for unit_id, period in ((home, monthly), (town, quarterly)):
            if period is not None:
                reports.begin(session, office, _writer(office, unit_id), unit_id, period, now=now)


def _signed(office: Office, unit_id: int, period: ReportPeriod, signer: str | None, now: int) -> None:
    """Write and sign a report at a moment (ms UTC), and note its copies as sent. signer: else the head's own name."""
    writer = _writer(office, unit_id)
    with office.database.write() as session:
        number = reports.begin(session, office, writer, unit_id, period, now=now)
        page = kept.one(session, number, writer.units, only_signed=False)
        name = signer or session.scalar(select(Staff.name).where(Staff.id == writer.staff_id)) or SIGNERS[0]
        words = replace(page.words, signer=name, general=GENERAL, causes=CAUSES, proposals=PROPOSALS)
        reports.write(session, writer, number, words, seen=0, now=now)
        reports.sign(session, office, writer, number, seen=1, now=now)
        today = office.day(now)
        for place, _ in enumerate(words.addressees, start=1):
            reports.send(session, writer, number, place, day=today, today=today, now=now)


def _writer(office: Office, unit_id: int) -> Writer:
    """The head of a unit, or whoever works for the town; a unit without an account signs as itself."""
    with office.database.read() as session:
        unit = session.get_one(Unit, unit_id)
        role = "town_staff" if unit.parent_id is None else "head"
        account = session.scalar(select(Staff.id).where(Staff.role == role, Staff.unit_id == unit_id))
    return Writer(staff_id=account, role=role, unit_id=unit_id, units=frozenset({unit_id}))


def _rule(kind: str, day: int) -> ReportRule:
    return report_rules().rule_at(kind, day)
