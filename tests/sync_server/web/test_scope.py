"""No number in an address opens a thing of another unit: every route with one, by every role bound to a unit."""

import pytest

from tests.sync_server.web.conftest import Town
from tests.sync_server.web.test_permissions import TABLE, routes

UNITS = [
    "board.keep",
    "board.decide",
    "figures.unit",
    "organisation.unit",
    "organisation.edit_unit_form",
    "organisation.edit_unit",
    "organisation.new_counter",
    "roster.new_officer_form",
    "roster.new_officer",
    "paper_templates.file",
    "letter_templates.file",
    "letter_templates.trial",
    "remote.unit_form",
    "remote.unit",
    "remote.texts_form",
    "remote.texts",
    "rollout.unit",
    "rollout.begin",
    "rollout.report_form",
    "rollout.report",
    "rollout.remind",
    "emulation.sheet",
    "emulation.points_form",
    "emulation.give",
    "emulation.close",
]
OFFICERS = ["officers.page", "roster.edit_officer_form", "roster.edit_officer", "roster.photo"]
KIOSKS = [
    "kiosks.one",
    "kiosks.replace_form",
    "kiosks.replace",
    "kiosks.retire_form",
    "kiosks.retire",
    "kiosk_settings.form",
    "kiosk_settings.change",
]
REPORTS = [
    "reports.one",
    "reports.write",
    "reports.sign",
    "reports.drop",
    "reports.supplement",
    "reports.send",
    "reports.file",
]
ELSEWHERE = {
    # public by their nature
    "board.unit", "board.poster", "opinions.answered",
    # one's own: another person's number is not found; test_people.py, test_notices.py
    "account.end", "notices.choose", "notices.remove",
    # of the whole town, for roles without a unit; questions are no secret of a unit
    "organisation.new_service", "people.invite", "people.end_factor", "people.close_form", "people.close",
    "outages.withdraw_form", "outages.withdraw",
    "surveys.version", "surveys.edit_form", "surveys.edit", "surveys.preview_draft", "surveys.publish_form",
    "surveys.publish", "surveys.drop", "assignments.end", "rounds.edit_form", "rounds.edit",
    # with things that take a story to make: casework/test_pages.py, test_opinions.py, test_home_requests.py,
    # test_letters.py
    "cases.one", "cases.act", "own.explain", "opinions.one", "opinions.act", "opinions.check",
    "keying.check", "home_requests.act",
    "letters.cancel_form", "letters.cancel",
}  # fmt: skip
"""Routes with a number that this table does not try, and why."""
OTHERS = {"year": 2026, "criterion": "letters", "task": "plan", "kind": "docx", "paper": "thanks", "place": 1}


def numbered(town: Town) -> set[str]:
    """The endpoints with a whole number in their address."""
    rules = town.app.url_map.iter_rules()
    return {rule.endpoint for rule in rules if "<int:" in rule.rule and not rule.rule.startswith("/api/")}


def test_every_route_with_a_number_is_tried_or_named(town: Town) -> None:
    assert numbered(town) - {*UNITS, *OFFICERS, *KIOSKS, *REPORTS, "roster.duty"} - ELSEWHERE == set()


def report_of_chi(town: Town) -> int:
    """A draft of the other commune's report."""
    answer = town.as_("chi").send("/reports/new", unit=town.chuyen_ngoai.id, kind="weekly", year=2026, number=9)
    return int(str(answer.location).rpartition("/")[2])


@pytest.mark.parametrize(("name", "role"), [("alice", "head"), ("clerk", "clerk"), ("officer", "officer")])
def test_nobody_opens_what_belongs_to_another_unit(town: Town, name: str, role: str) -> None:
    """The same answer as for a number that nobody has; and what is Chi's opens for Chi."""
    things = {
        **dict.fromkeys(UNITS, town.chuyen_ngoai.id),
        **dict.fromkeys(OFFICERS, town.other_officer.id),
        **dict.fromkeys(KIOSKS, town.other_kiosk.id),
        **dict.fromkeys(REPORTS, report_of_chi(town)),
        "roster.duty": town.other_counter.id,
    }
    person, owner, methods, wrong = town.as_(name), town.as_("chi"), routes(town.app), []
    for endpoint, number in sorted(things.items()):
        rule = next(rule for rule in town.app.url_map.iter_rules() if rule.endpoint == endpoint)
        given = {each: OTHERS.get(each, number) for each in rule.arguments}
        address = town.app.url_map.bind("localhost").build(endpoint, given)
        answer = person.send(address) if methods[endpoint] == "POST" else person.get(address)
        may = role in (TABLE[endpoint] or ())
        if answer.status_code != (404 if may else 403):
            wrong.append(f"{methods[endpoint]} {address} ({endpoint}): {answer.status_code}")
        if role == "head" and may and methods[endpoint] == "GET" and owner.get(address).status_code == 403:
            wrong.append(f"{address} is closed to its owner")
    assert wrong == []
