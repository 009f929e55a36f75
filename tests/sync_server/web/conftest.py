"""The town of the pages' tests, its people, and a browser."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sync_server.app import create_app
from sync_server.models.kiosk import Kiosk
from sync_server.models.organisation import Counter, Officer, Service, Unit
from sync_server.models.people import Staff
from sync_server.office import Office
from tests.sync_server import builders
from tests.together.browser import Served


@dataclass
class Person:
    """Somebody at a browser without a screen: signs in, opens pages, sends forms with their CSRF token."""

    client: FlaskClient
    username: str = ""

    def sign_in(self, username: str, password: str = builders.PASSWORD, **form: str) -> TestResponse:
        """Sign in by the form, as a browser does."""
        self.username = username
        return self.send("/sign-in", username=username, password=password, **form)

    def token(self) -> str:
        """The CSRF token of this browser's session."""
        text = self.client.get("/sign-in", follow_redirects=True).text
        return text.partition('name="csrf_token" ')[2].partition('value="')[2].partition('"')[0]

    def send(self, path: str, **form: object) -> TestResponse:
        """Send a form."""
        return self.client.post(path, data={"csrf_token": self.token(), **form})

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        return self.client.get(path)


@dataclass
class Town:
    """Two communes under a town, each with a counter, an officer and a kiosk."""

    office: Office
    app: Flask
    town: Unit
    moc_bac: Unit
    chuyen_ngoai: Unit
    counter: Counter
    other_counter: Counter
    service: Service
    officer: Officer
    other_officer: Officer
    kiosk: Kiosk
    key: str
    other_kiosk: Kiosk
    staff: dict[str, Staff] = field(default_factory=dict)

    def person(self) -> Person:
        """Somebody who has not signed in."""
        return Person(self.app.test_client())

    def as_(self, name: str) -> Person:
        """Somebody signed in: alice (head of Mộc Bắc), chi (head of Chuyên Ngoại), or a role of the whole town."""
        person = self.person()
        answer = person.sign_in(self.staff[name].username)
        assert answer.status_code == 303, answer.text
        return person


def build_town(office: Office) -> Town:
    """The town with its people. Names as in the plan."""
    make = builders
    town = make.make_unit(office, name="Thị xã Duy Tiên", kind="town")
    moc_bac = make.make_unit(office, name="Xã Mộc Bắc", parent_id=town.id)
    chuyen_ngoai = make.make_unit(office, name="Xã Chuyên Ngoại", parent_id=town.id)
    counter = make.make_counter(office, moc_bac, name="Quầy 1")
    other_counter = make.make_counter(office, chuyen_ngoai, name="Quầy A")
    service = make.make_service(office, field="Hộ tịch", name="Đăng ký khai sinh")
    make.make_survey(office)
    officer = make.make_officer(office, counter=counter, services=(service,), name="Nguyễn Thị Hạnh")
    other_officer = make.make_officer(office, counter=other_counter, services=(service,), name="Phạm Văn Khoa")
    kiosk, key = make.make_kiosk(office, counter=counter, name="Máy quầy 1")
    other_kiosk, _ = make.make_kiosk(office, counter=other_counter, name="Máy Chuyên Ngoại")
    made = Town(
        office=office,
        app=create_app(office),
        town=town,
        moc_bac=moc_bac,
        chuyen_ngoai=chuyen_ngoai,
        counter=counter,
        other_counter=other_counter,
        service=service,
        officer=officer,
        other_officer=other_officer,
        kiosk=kiosk,
        key=key,
        other_kiosk=other_kiosk,
    )
    made.app.config["TESTING"] = True
    people = (
        ("alice", "head", moc_bac, None),
        ("chi", "head", chuyen_ngoai, None),
        ("administrator", "administrator", None, None),
        ("town_staff", "town_staff", None, None),
        ("clerk", "clerk", moc_bac, None),
        ("officer", "officer", moc_bac, officer.id),
        ("inspector", "inspector", None, None),
        ("observer", "observer", None, None),
    )
    for name, role, unit, officer_id in people:
        given = {"username": name, "name": f"Bà {name.title()}", "officer_id": officer_id}
        made.staff[name] = make.make_staff(office, role, unit=unit, **given)
    return made


@pytest.fixture
def town(sqlite_office: Office) -> Town:
    """The town, on SQLite: pages are the same on both databases, queries are tested on both."""
    return build_town(sqlite_office)


@pytest.fixture
def town_on_both(office: Office) -> Town:
    """The town, on SQLite and on PostgreSQL."""
    return build_town(office)


@pytest.fixture
def served(town: Town) -> Iterator[Served]:
    """The town's site on a free port."""
    with Served(town.app) as server:
        yield server
