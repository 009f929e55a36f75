"""Who may open what: the whole table of routes and roles. A new route without a row fails here."""

import pytest
from flask import Flask

from sync_server.models.people import ROLES
from sync_server.office import Office
from tests.sync_server.web.conftest import Town, build_town

EVERYBODY = set(ROLES)
NOBODY_SIGNED_IN = None
KIOSK_VIEWERS = {"administrator", "town_staff", "head", "clerk", "inspector", "observer"}
KIOSK_CHANGERS = {"administrator", "town_staff", "observer"}
STICK_BRINGERS = {"administrator", "town_staff", "head", "clerk"}
SLIP_MAKERS = {"clerk", "head", "town_staff"}
ORGANISATION_VIEWERS = {"administrator", "town_staff", "head", "clerk"}
BUILDERS = {"administrator", "town_staff"}
ROUND_MAKERS = BUILDERS | {"observer"}  # each for their own rounds and questions: test_observers.py
REPORT_MAKERS = {"town_staff", "head"}
LETTER_MAKERS = {"town_staff", "head", "clerk"}
SEE_RESULTS = {"town_staff", "head", "inspector"}

TABLE: dict[str, set[str] | None] = {
    # open to the world: signing in, citizens' phones, what the pages are made of
    "sign_in.form": NOBODY_SIGNED_IN,
    "sign_in.enter": NOBODY_SIGNED_IN,
    "language.change": NOBODY_SIGNED_IN,
    "fonts.font": NOBODY_SIGNED_IN,
    "phone.question": NOBODY_SIGNED_IN,
    "phone.rate": NOBODY_SIGNED_IN,
    "phone.thanks": NOBODY_SIGNED_IN,
    "phone.receipt": NOBODY_SIGNED_IN,
    "phone.receipt_form": NOBODY_SIGNED_IN,
    "phone.badge": NOBODY_SIGNED_IN,
    "board.listing": NOBODY_SIGNED_IN,
    "board.unit": NOBODY_SIGNED_IN,
    "board.poster": NOBODY_SIGNED_IN,
    "account.welcome": NOBODY_SIGNED_IN,
    "account.accept": NOBODY_SIGNED_IN,
    # everybody who signs in
    "account.page": EVERYBODY,
    "account.change": EVERYBODY,
    "account.end": EVERYBODY,
    "second_factor.enter": NOBODY_SIGNED_IN,
    "second_factor.page": EVERYBODY,
    "second_factor.begin": EVERYBODY,
    "second_factor.confirm": EVERYBODY,
    "second_factor.end": EVERYBODY,
    "notices.own": EVERYBODY,
    "notices.add": EVERYBODY,
    "notices.choose": EVERYBODY,
    "notices.remove": EVERYBODY,
    "notices.outbox": {"administrator"},
    "notices.again": {"administrator"},
    "home.page": EVERYBODY,
    "sign_in.leave": EVERYBODY,
    # the kiosks
    "kiosks.listing": KIOSK_VIEWERS,
    "kiosks.one": KIOSK_VIEWERS,
    "kiosks.enrol_form": KIOSK_CHANGERS,
    "kiosks.enrol": KIOSK_CHANGERS,
    "sticks.form": STICK_BRINGERS,
    "sticks.bring": STICK_BRINGERS,
    "kiosks.replace_form": KIOSK_CHANGERS,
    "kiosks.replace": KIOSK_CHANGERS,
    "kiosks.retire_form": KIOSK_CHANGERS,
    "kiosks.retire": KIOSK_CHANGERS,
    # slips
    "slips.form": SLIP_MAKERS,
    "slips.make": SLIP_MAKERS,
    "slip_batches.form": SLIP_MAKERS,
    "slip_batches.template": SLIP_MAKERS,
    "slip_batches.preview": SLIP_MAKERS,
    "slip_batches.make": SLIP_MAKERS,
    "slips.badges": SLIP_MAKERS | {"administrator"},
    # accounts
    "people.listing": {"administrator"},
    "people.new_form": {"administrator"},
    "people.new": {"administrator"},
    "people.invite": {"administrator"},
    "people.close_form": {"administrator"},
    "people.close": {"administrator"},
    "people.end_factor": {"administrator"},
    # the organisation
    "organisation.tree": ORGANISATION_VIEWERS,
    "organisation.unit": ORGANISATION_VIEWERS,
    "organisation.catalogue": ORGANISATION_VIEWERS,
    "organisation.new_unit_form": BUILDERS,
    "organisation.new_unit": BUILDERS,
    "organisation.edit_unit_form": BUILDERS,
    "organisation.edit_unit": BUILDERS,
    "organisation.new_field": BUILDERS,
    "organisation.new_service": BUILDERS,
    "service_imports.form": BUILDERS,
    "service_imports.template": BUILDERS,
    "service_imports.preview": BUILDERS,
    "service_imports.confirm": BUILDERS,
    "succession.form": BUILDERS,
    "succession.preview": BUILDERS,
    "succession.confirm": BUILDERS,
    "remote.unit_form": BUILDERS | {"head"},
    "remote.unit": BUILDERS | {"head"},
    "remote.texts_form": BUILDERS | {"head"},
    "remote.texts": BUILDERS | {"head"},
    "kiosk_settings.form": BUILDERS | {"head"},
    "kiosk_settings.change": BUILDERS | {"head"},
    "organisation.new_counter": BUILDERS | {"head"},
    "roster.duty": ORGANISATION_VIEWERS,
    "roster.photo": ORGANISATION_VIEWERS,
    "roster.new_officer_form": BUILDERS | {"head"},
    "roster.new_officer": BUILDERS | {"head"},
    "roster.edit_officer_form": BUILDERS | {"head"},
    "roster.edit_officer": BUILDERS | {"head"},
    "imports.form": BUILDERS | {"head"},
    "imports.template": BUILDERS | {"head"},
    "imports.preview": BUILDERS | {"head"},
    "imports.confirm": BUILDERS | {"head"},
    "log.page": {"inspector", "head"},
    # surveys and rounds
    "surveys.listing": ROUND_MAKERS | {"head"},
    "surveys.version": ROUND_MAKERS | {"head"},
    "surveys.preview_draft": ROUND_MAKERS | {"head"},
    "surveys.begin": ROUND_MAKERS,
    "surveys.edit_form": ROUND_MAKERS,
    "surveys.edit": ROUND_MAKERS,
    "surveys.publish_form": ROUND_MAKERS,
    "surveys.publish": ROUND_MAKERS,
    "surveys.drop": ROUND_MAKERS,
    "assignments.assign_form": ROUND_MAKERS,
    "assignments.assign": ROUND_MAKERS,
    "assignments.end": ROUND_MAKERS,
    "rounds.listing": BUILDERS | {"head", "inspector", "observer"},
    "rounds.new_form": ROUND_MAKERS,
    "rounds.new": ROUND_MAKERS,
    "rounds.edit_form": ROUND_MAKERS,
    "rounds.edit": ROUND_MAKERS,
    # outages: declared by those who see no results
    "outages.listing": {"administrator", "town_staff", "head", "inspector"},
    "outages.new_form": {"administrator"},
    "outages.new": {"administrator"},
    "outages.withdraw_form": {"administrator"},
    "outages.withdraw": {"administrator"},
    # figures
    "results.page": SEE_RESULTS | {"observer"},
    "results.export": SEE_RESULTS | {"observer"},
    "patterns.hours": SEE_RESULTS | {"observer"},
    "patterns.reasons": SEE_RESULTS | {"observer"},
    "patterns.baseline": SEE_RESULTS | {"observer"},
    # reports: made and signed by town staff and heads, read when signed
    "reports.listing": SEE_RESULTS | {"observer"},
    "reports.one": SEE_RESULTS | {"observer"},
    "reports.file": SEE_RESULTS | {"observer"},
    "reports.new_form": REPORT_MAKERS,
    "reports.new": REPORT_MAKERS,
    "reports.write": REPORT_MAKERS,
    "reports.sign": REPORT_MAKERS,
    "reports.drop": REPORT_MAKERS,
    "reports.supplement": REPORT_MAKERS,
    "reports.send": REPORT_MAKERS,
    # letters: made by the unit's people, the register read by the inspector too
    "letters.listing": LETTER_MAKERS | {"inspector"},
    "letters.new_form": LETTER_MAKERS,
    "letters.new": LETTER_MAKERS,
    "letters.list_template": LETTER_MAKERS,
    "letters.from_list": LETTER_MAKERS,
    "letters.number": LETTER_MAKERS,
    "letters.file": LETTER_MAKERS,
    "letters.cancel_form": LETTER_MAKERS,
    "letters.cancel": LETTER_MAKERS,
    "letter_templates.page": REPORT_MAKERS,
    "letter_templates.file": REPORT_MAKERS,
    "letter_templates.trial": REPORT_MAKERS,
    "letter_templates.bring": REPORT_MAKERS,
    "paper_templates.page": REPORT_MAKERS,
    "paper_templates.file": REPORT_MAKERS,
    "paper_templates.bring": REPORT_MAKERS,
    # officers and figures by name
    "officers.praise": SEE_RESULTS,
    "officers.signs": SEE_RESULTS,
    "officers.whatif": {"town_staff", "inspector"},
    "officers.listing": SEE_RESULTS,
    "officers.page": SEE_RESULTS,
    "figures.page": SEE_RESULTS | {"observer"},
    "figures.unit": SEE_RESULTS | {"observer"},
    # the observers' sealed months
    "seals.listing": BUILDERS | {"head", "inspector", "observer"},
    "seals.export": BUILDERS | {"head", "inspector", "observer"},
    # the yearly emulation scoring
    "emulation.listing": SEE_RESULTS | {"observer"},
    "emulation.sheet": SEE_RESULTS | {"observer"},
    "emulation.points_form": {"town_staff", "head"},
    "emulation.give": {"town_staff", "head"},
    "emulation.close": {"town_staff"},
    "emulation.circular": {"town_staff", "head"},
    # what the public board says
    "board.mine": {"town_staff", "head"},
    "board.keep": {"town_staff", "head"},
    "board.decide": {"town_staff", "head"},
    # opinions: keyed in and checked at the counter, read by those who answer; never by officers
    "opinions.answered": NOBODY_SIGNED_IN,
    "opinions.listing": SEE_RESULTS,
    "opinions.one": SEE_RESULTS,
    "opinions.act": SEE_RESULTS,
    "keying.new_form": SLIP_MAKERS,
    "keying.new": SLIP_MAKERS,
    "keying.checking": SLIP_MAKERS,
    "keying.check": SLIP_MAKERS,
    "home_requests.listing": SLIP_MAKERS,
    "home_requests.ask": SLIP_MAKERS,
    "home_requests.act": SLIP_MAKERS,
    # bringing the model in
    "rollout.listing": SEE_RESULTS | {"observer"},
    "rollout.unit": SEE_RESULTS | {"observer"},
    "rollout.report_form": {"town_staff", "head"},
    "rollout.report": {"town_staff", "head"},
    "rollout.begin": {"town_staff"},
    "rollout.remind": {"town_staff"},
    # cases: with names for those who handle them, in numbers for the observer, the own one for its officer
    "cases.listing": SEE_RESULTS,
    "cases.one": SEE_RESULTS,
    "cases.act": SEE_RESULTS,
    "cases.new_form": SEE_RESULTS,
    "cases.new": SEE_RESULTS,
    "handled.page": SEE_RESULTS | {"observer"},
    "own.page": {"officer"},
    "own.explain": {"officer"},
}
"""Endpoint → who may open it; None for those that need no sign-in."""

FILES = {"static", "bootstrap.static"}
"""Files that anybody may have."""


def routes(app: Flask) -> dict[str, str]:
    """The site's endpoints, without files and without the API, which keys guard: endpoint → method."""
    return {
        rule.endpoint: "POST" if "POST" in (rule.methods or ()) else "GET"
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in FILES and not rule.rule.startswith("/api/") and rule.endpoint not in MACHINES
    }


MACHINES = {"watching.healthz", "watching.readyz", "watching.metrics"}
"""What the machine room asks; no people's data in it."""


@pytest.fixture(scope="module")
def whole_town(tmp_path_factory: pytest.TempPathFactory, sqlite_template) -> Town:
    """One town for the whole table: nothing in it changes what a role may open."""
    import shutil

    from sync_server.config import ServerSettings
    from sync_server.db import Database
    from sync_server.seals import Seals
    from tests.sync_server.conftest import SECRET, SetClock

    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path_factory.mktemp('table') / 'nucuoi.db')}"
    office = Office(
        settings=ServerSettings(database=url, secret=SECRET),
        database=Database(url),
        seals=Seals(SECRET),
        now=SetClock(),
    )
    return build_town(office)


def path(town: Town, endpoint: str) -> str:
    """An address of an endpoint, about things of Mộc Bắc."""
    values = {
        "number": {
            "officers": town.officer.id,
            "figures": town.moc_bac.id,
            "rollout": town.moc_bac.id,
            "emulation": town.moc_bac.id,
            "board": town.moc_bac.id,
            "people": 9999,
        }.get(endpoint.split(".")[0], town.kiosk.id),
        "token": "x",
        "code": "ABCDEFGH",
        "cut": "Regular",
        "kind": "close",
        "place": 1,
        "task": "plan",
        "year": 2026,
        "criterion": "letters",
        "register_id": 1,  # a letter's
        "paper": "thanks",  # a letter's
        "unit_id": town.moc_bac.id,  # a letter's
    }
    rule = next(rule for rule in town.app.url_map.iter_rules() if rule.endpoint == endpoint)
    with town.app.test_request_context():
        adapter = town.app.url_map.bind("localhost")
        return adapter.build(endpoint, {name: values[name] for name in rule.arguments})


def test_every_route_has_a_row_and_every_row_a_route(whole_town: Town) -> None:
    assert set(routes(whole_town.app)) == set(TABLE)


def test_every_view_carries_the_roles_of_its_row(whole_town: Town) -> None:
    views = whole_town.app.view_functions
    marked = {endpoint: getattr(views[endpoint], "roles", "unmarked") for endpoint in TABLE}
    assert marked == {
        endpoint: allowed if allowed is None else frozenset(allowed) for endpoint, allowed in TABLE.items()
    }


@pytest.mark.parametrize("role", [*ROLES, "nobody"])
def test_the_table_holds(whole_town: Town, role: str) -> None:
    """Each role opens each route: 403 where it may not, the sign-in page for nobody, anything else where it may."""
    wrong = []
    for endpoint, allowed in TABLE.items():
        if endpoint == "sign_in.leave":
            continue  # it would sign out; tests/sync_server/web/test_sign_in.py
        person = whole_town.person() if role == "nobody" else whole_town.as_("alice" if role == "head" else role)
        address, method = path(whole_town, endpoint), routes(whole_town.app)[endpoint]
        answer = person.send(address) if method == "POST" else person.get(address)
        may = allowed is None or role in allowed
        to_sign_in = answer.status_code == 302 and str(answer.location).startswith("/sign-in")
        kept_out = to_sign_in if role == "nobody" else answer.status_code == 403
        if may == kept_out:
            wrong.append(f"{role} {method} {address}: {answer.status_code}")
    assert wrong == []
