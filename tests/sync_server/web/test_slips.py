"""Slips and badges: what is printed is what a kiosk can read and the server proves."""

import html
import re

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser
from sqlalchemy import select

from survey import resources
from survey.ticket import Badge, Ticket, read_scan
from sync_server.dossier_codes import pattern_on
from sync_server.models.rating import SlipTally
from sync_server.seals import TICKET
from sync_server.services import slips
from tests.sync_server import builders
from tests.sync_server.web.conftest import Person, Town
from tests.together.browser import PHONE, Served, Visitor

CODE = "H42.12-260302-0007"


def order(person: Person, town: Town, **changes: object):
    """Send the form of a slip."""
    form = {"code": CODE, "officer": town.officer.id, "service": town.service.id, "paper": "80", **changes}
    return person.send("/slips", **form)


def scanned(text: str, town: Town):
    """What a kiosk makes of a code."""
    return read_scan(text, pattern_on(town.office.day(town.office.now()), resources.config()))


def test_a_slip_names_its_dossier_officer_and_service(town: Town) -> None:
    answer = order(town.as_("clerk"), town)
    assert answer.status_code == 200
    text = html.unescape(answer.text)
    assert all(words in text for words in (CODE, town.officer.name, "Đăng ký khai sinh", "Xã Mộc Bắc"))


@pytest.mark.parametrize(
    "code", ["", "1.011442.000.00.00.H38", "hello", "H42.12-260302-", "H42.12-260302-0007<script>", "A" * 500]
)
def test_what_is_no_dossier_code_gets_no_slip(town: Town, code: str) -> None:
    answer = order(town.as_("clerk"), town, code=code)
    assert answer.status_code == 422
    assert "<script>" not in answer.text.partition("</head>")[2]
    with town.office.database.read() as reading:
        assert reading.scalars(select(SlipTally)).all() == []


def test_a_scanned_code_with_spaces_and_small_letters_is_taken(town: Town) -> None:
    assert order(town.as_("clerk"), town, code=" h42.12-260302-0007 ").status_code == 200


def test_a_clerk_makes_no_slip_for_another_commune(town: Town) -> None:
    answer = order(town.as_("clerk"), town, officer=town.other_officer.id)
    assert answer.status_code == 422
    assert "Phạm Văn Khoa" not in answer.text


def test_a_service_that_the_officer_does_not_do_is_told(town: Town) -> None:
    other = builders.make_service(town.office, name="Cấp phép xây dựng")
    answer = order(town.as_("clerk"), town, service=other.id)
    assert answer.status_code == 422
    assert "không làm thủ tục" in html.unescape(answer.text)


def test_slips_are_counted_without_their_dossier(town_on_both: Town) -> None:
    town = town_on_both
    person = town.as_("clerk")
    order(person, town)
    order(person, town, code="H42.12-260302-0008")
    order(person, town, service=0)
    with town.office.database.read() as reading:
        rows = reading.scalars(select(SlipTally).order_by(SlipTally.service_id)).all()
    day = town.office.day(town.office.now())
    assert [(row.officer_id, row.day, row.service_id, row.n) for row in rows] == [
        (town.officer.id, day, 0, 1),
        (town.officer.id, day, town.service.id, 2),
    ]


def test_the_form_remembers_officer_and_paper_for_the_next_citizen(town: Town) -> None:
    person = town.as_("clerk")
    order(person, town, paper="58")
    text = person.get("/slips").text
    assert re.search(rf'value="{town.officer.id}" selected', text)
    assert re.search(r'value="58" checked', text)
    assert CODE not in text


def decode(visitor: Visitor, selector: str) -> list[str]:
    """The codes in a part of the page, as a scanner reads them from the screen."""
    shot = visitor.page.locator(selector).first.screenshot(path=None)
    from io import BytesIO

    return [found.text for found in zxingcpp.read_barcodes(Image.open(BytesIO(shot)))]


@pytest.mark.browser
@pytest.mark.parametrize("paper", ["58", "80", "a6"])
def test_the_printed_code_is_read_back_as_the_signed_ticket(
    town: Town, served: Served, browser: Browser, paper: str
) -> None:
    visitor = Visitor.at(served.address, browser)
    visitor.sign_in("clerk", builders.PASSWORD)
    visitor.open("/slips")
    visitor.page.fill("#code", CODE)
    visitor.page.select_option("#officer", str(town.officer.id))
    visitor.page.select_option("#service", str(town.service.id))
    visitor.page.check(f'input[value="{paper}"]')
    visitor.page.click("main form button")
    visitor.page.wait_for_selector(".slip .qr")
    (text,) = decode(visitor, ".slip")
    ticket = scanned(text, town)
    assert isinstance(ticket, Ticket)
    assert (ticket.dossier_code, ticket.officer_id, ticket.service_id) == (
        CODE,
        f"o{town.officer.id}",
        f"s{town.service.id}",
    )
    assert town.office.seals.read(ticket.token, TICKET)["d"] == CODE
    read = slips.read_ticket(town.office.seals, ticket.token, now=town.office.now())
    assert read.officer_id == town.officer.id
    assert text.startswith("https://nucuoi.example/r/")
    assert (visitor.elsewhere, visitor.complaints) == ([], [])


@pytest.mark.browser
@pytest.mark.parametrize(("paper", "width_mm"), [("58", 58), ("80", 80), ("a6", 105)])
def test_a_slip_prints_on_one_page_of_its_paper(
    town: Town, served: Served, browser: Browser, paper: str, width_mm: int
) -> None:
    visitor = Visitor.at(served.address, browser)
    visitor.sign_in("clerk", builders.PASSWORD)
    visitor.open("/slips")
    visitor.page.fill("#code", CODE)
    visitor.page.select_option("#service", str(town.service.id))
    visitor.page.check(f'input[value="{paper}"]')
    visitor.page.click("main form button")
    visitor.page.wait_for_selector(".slip .qr")
    printed = visitor.page.pdf(prefer_css_page_size=True).decode("latin-1")
    boxes = re.findall(r"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert len(boxes) == 1
    assert float(boxes[0][0]) == pytest.approx(width_mm / 25.4 * 72, abs=1.5)


@pytest.mark.browser
def test_a_badge_is_read_back_as_the_officers(town: Town, served: Served, browser: Browser) -> None:
    visitor = Visitor.at(served.address, browser, PHONE)
    visitor.sign_in("clerk", builders.PASSWORD)
    visitor.open("/slips/badges")
    badge = scanned(decode(visitor, ".officer-badge")[0], town)
    assert isinstance(badge, Badge)
    assert badge.officer_id == f"o{town.officer.id}"
