"""Two communes under a town whose citizens rate through real intake, and the people who make reports."""

import itertools
from dataclasses import dataclass, field
from datetime import date, datetime

import pytest

from survey import wire
from survey.rating import Rating as Said
from sync_server.models.people import Staff
from sync_server.office import Office
from sync_server.queries import reported, reports, units
from sync_server.queries.reports import ReportPage
from sync_server.reporting import periods
from sync_server.reporting.figures import Figures
from sync_server.reporting.periods import ReportPeriod
from sync_server.reporting.rules import report_rules
from sync_server.services import reports as writing
from sync_server.services.reception import receive
from sync_server.services.reports import Writer
from tests.builders import HANOI, START, a_batch, a_rating, chain
from tests.sync_server import builders
from tests.sync_server.conftest import SetClock

DAY_MS = 86_400_000
MONDAY = date(2026, 3, 2)


@dataclass
class Desk:
    """A commune's counter with its kiosk, whose ledger goes on."""

    unit_id: int
    officer_id: int
    counter_id: int
    kiosk_id: int
    ledger: list[Said] = field(default_factory=list)


@dataclass
class Place:
    """The town. `rate` lets citizens rate; `clock` is the server's."""

    office: Office
    clock: SetClock
    town: int
    service: int
    survey: int
    desks: list[Desk]
    staff: dict[str, Staff]
    _minutes: itertools.count = field(default_factory=lambda: itertools.count(1))  # type: ignore[type-arg]

    def rate(self, desk: Desk, ratings: list[tuple[int, int, tuple[str, ...]]], *, sent_day: int | None = None) -> None:
        """Ratings as (day after the first Monday, level, reasons) in order of days, sent on their last day or later."""
        begun = len(desk.ledger)
        for day, level, reasons in ratings:
            at = START + day * DAY_MS + next(self._minutes) * 60_000
            given = {"officer_id": f"o{desk.officer_id}", "counter_id": f"c{desk.counter_id}"}
            given |= {"service_id": f"s{self.service}", "survey_id": f"q{self.survey}"}
            desk.ledger.append(a_rating(at=at, level=level, reasons=reasons, **given))
        last = sent_day if sent_day is not None else max((day for day, _, _ in ratings), default=0)
        sent = START + last * DAY_MS + 9 * 3_600_000
        chained = chain(*desk.ledger)[begun:]
        if chained:
            body = body_of(chained, sent)
            receive(self.office, desk.kiosk_id, body, now=sent, touched=lambda officers, day: None)

    def writer(self, name: str) -> Writer:
        """A person who writes reports."""
        person = self.staff[name]
        with self.office.database.read() as session:
            within = units.subtree(session, person.unit_id)
        return Writer(staff_id=person.id, role=person.role, unit_id=person.unit_id, units=within)

    def figures(self, unit_id: int, period: ReportPeriod, *, now: int | None = None) -> Figures:
        """What a unit would report now."""
        with self.office.database.read() as session:
            at = self.office.now() if now is None else now
            return reported.figures(session, self.office, unit_id, period, now=at)

    def begun(self, name: str, unit_id: int, period: ReportPeriod) -> int:
        """A draft."""
        with self.office.database.write() as session:
            return writing.begin(session, self.office, self.writer(name), unit_id, period, now=self.office.now())

    def signed(self, name: str, unit_id: int, period: ReportPeriod) -> int:
        """A draft that was signed as it was."""
        number = self.begun(name, unit_id, period)
        page = self.page(number)
        with self.office.database.write() as session:
            writer = self.writer(name)
            writing.sign(session, self.office, writer, number, seen=page.seen, now=self.office.now())
        return number

    def page(self, number: int) -> ReportPage:
        """A report as its page shows it."""
        with self.office.database.read() as session:
            return reports.one(session, number, units.subtree(session, None), only_signed=False)


def body_of(ratings: tuple[Said, ...], sent: int) -> bytes:
    """A batch as it comes over the wire."""
    return wire.to_json(a_batch(*ratings, at=sent))


def moment(day: date, hour: int = 9) -> int:
    """An hour of a day in Hanoi, in milliseconds UTC."""
    return int(datetime.combine(day, datetime.min.time(), HANOI).timestamp() + hour * 3600) * 1000


def month(year: int = 2026, number: int = 3) -> ReportPeriod:
    """The period of a monthly report."""
    return periods.period_of(report_rules().rule_at("monthly", MONDAY.toordinal()), year, number)


def week(number: int = 10) -> ReportPeriod:
    """The period of a weekly report of 2026; 10 is that of the tests' first Monday."""
    return periods.period_of(report_rules().rule_at("weekly", MONDAY.toordinal()), 2026, number)


def build_place(office: Office, clock: SetClock) -> Place:
    """The town with two communes, each with a head."""
    make = builders
    town = make.make_unit(office, name="UBND thị xã Duy Tiên", kind="town")
    service = make.make_service(office)
    survey = make.make_survey(office)
    desks, staff = [], {"town": make.make_staff(office, "town_staff", unit=town)}
    for name, head in (("Xã Mộc Bắc", "alice"), ("Phường Hòa Mạc", "chi")):
        unit = make.make_unit(office, name=name, kind="ward" if "Phường" in name else "commune", parent_id=town.id)
        counter = make.make_counter(office, unit)
        officer = make.make_officer(office, counter=counter, services=(service,))
        kiosk, _ = make.make_kiosk(office, counter=counter)
        desks.append(Desk(unit.id, officer.id, counter.id, kiosk.id))
        staff[head] = make.make_staff(office, "head", unit=unit)
    return Place(office, clock, town.id, service.id, survey.id, desks, staff)


@pytest.fixture
def place(office: Office, clock: SetClock) -> Place:
    """The town, on both databases."""
    return build_place(office, clock)


@pytest.fixture
def sqlite_place(sqlite_office: Office, clock: SetClock) -> Place:
    """The town, on SQLite only."""
    return build_place(sqlite_office, clock)
