"""The town of cases, on both databases, and people at browsers."""

import pytest
from flask import Flask

from sync_server.app import create_app
from sync_server.office import Office
from tests.sync_server.casework.town import CaseTown, found_case_town
from tests.sync_server.web.conftest import Person as Browsing


@pytest.fixture
def town(office: Office) -> CaseTown:
    """On SQLite and on PostgreSQL."""
    return found_case_town(office)


@pytest.fixture
def app(town: CaseTown) -> Flask:
    """The application over the town."""
    made = create_app(town.office)
    made.config["TESTING"] = True
    return made


@pytest.fixture
def sign_in(app: Flask):
    """Somebody signed in at a browser, by name."""

    def signed_in(name: str) -> Browsing:
        browsing = Browsing(app.test_client())
        assert browsing.sign_in(name).status_code == 303
        return browsing

    return signed_in
