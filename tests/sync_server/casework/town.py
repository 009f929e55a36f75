"""A commune with its people, an officer about whom there are cases, and ratings as kiosks send them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from survey.rating import Rating as Said
from sync_server.casework.people import Person
from sync_server.casework.today import Today
from sync_server.models.organisation import Officer, Unit
from sync_server.models.people import Staff
from sync_server.models.rating import Rating
from sync_server.office import Office
from sync_server.queries import units
from sync_server.services import followup
from tests.builders import BOOT_AT, HANOI, a_batch, written
from tests.sync_server.builders import make_staff, make_unit
from tests.sync_server.intake.conftest import Desk, make_desk

RUDE, MONEY = "rude", "asked_for_money"


@dataclass(frozen=True, kw_only=True)
class CaseTown:
    """alice is the head of the officer's commune, chi of another one; the others work for the whole town."""

    office: Office
    desk: Desk
    officer: Officer
    other_unit: Unit
    staff: dict[str, Staff]

    def person(self, name: str) -> Person:
        """Somebody, as cases know people."""
        row = self.staff[name]
        with self.office.database.read() as session:
            reach = units.subtree(session, row.unit_id)
        return Person(staff_id=row.id, role=row.role, units=reach, officer_id=row.officer_id)

    @property
    def today(self) -> Today:
        """Now."""
        return followup.today_of(self.office)

    def say(self, *ratings: Said) -> list[str]:
        """Let the kiosk send these ratings now, chained to what it sent before; their ids."""
        known = self.desk.ratings()
        batch = a_batch(*ratings, at=self.office.now())
        if known:
            from tests.builders import chain

            last = max(known, key=lambda row: row.seq)
            batch = a_batch(*chain(*ratings, seq=last.seq + 1, prev=last.digest.hex()), at=self.office.now())
        reply = self.desk.send(batch)
        assert {receipt.verdict for receipt in reply.receipts} == {"stored"}
        return [rating.id for rating in ratings]

    def stored(self, rating_id: str) -> Rating:
        """The row of a rating."""
        return next(row for row in self.desk.ratings() if row.id.hex() == rating_id.replace("-", ""))


def found_case_town(office: Office) -> CaseTown:
    """Make it."""
    desk = make_desk(office)
    with office.database.read() as session:
        officer = session.get_one(Officer, desk.officer_id)
        unit = session.get_one(Unit, desk.unit_id)
    other = make_unit(office, name="Xã Chuyên Ngoại")
    people: Sequence[tuple[str, str, Unit | None, int | None]] = (
        ("alice", "head", unit, None),
        ("chi", "head", other, None),
        ("town_staff", "town_staff", None, None),
        ("inspector", "inspector", None, None),
        ("second", "inspector", None, None),
        ("observer", "observer", None, None),
        ("officer", "officer", unit, officer.id),
    )
    staff = {
        name: make_staff(office, role, unit=where, username=name, name=f"Bà {name.title()}", officer_id=officer_id)
        for name, role, where, officer_id in people
    }
    return CaseTown(office=office, desk=desk, officer=officer, other_unit=other, staff=staff)


def moment(day: date, minute: int = 0) -> int:
    """A moment of a morning in Hanoi, in milliseconds UTC."""
    return int((datetime.combine(day, time(8), HANOI) + timedelta(minutes=minute)).timestamp()) * 1000


def said_at(desk: Desk, at: int, level: int, **changes: object) -> Said:
    """A rating of the desk's officer, tapped `at` by the kiosk whose clock is right."""
    return desk.rating(level=level, tapped_at=written(at), monotonic_ms=at - BOOT_AT, **changes)
