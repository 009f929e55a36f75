"""Printed slips before the kiosk's camera: tilted, blurred, dim, far away. What must be read, and what cannot be."""

from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser

from kiosk.camera.decoder import read_codes
from survey.ticket import Ticket, read_scan
from sync_server.app import create_app
from tests.sync_server.builders import PASSWORD, make_staff
from tests.together.a_town import found_town, sqlite_url
from tests.together.before_the_camera import DPI, Shot, photograph
from tests.together.browser import DESKTOP, Served, Visitor

pytestmark = pytest.mark.browser

DOSSIER = "H42.12-261123-0007"
PAPERS = ("58", "80", "a6")
ENLARGED = DPI // 96


@pytest.fixture(scope="module")
def slips(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Image.Image]]:
    """The slip on each paper, as the printer gets it."""
    town = found_town(sqlite_url(tmp_path_factory.mktemp("slips")))
    make_staff(town.office, "clerk", unit=town.unit, username="thu.ngan")
    with Served(create_app(town.office)) as server:
        clerk = Visitor.at(server.address, browser, DESKTOP)
        clerk.sign_in("thu.ngan", PASSWORD)
        yield {paper: _print(clerk, paper, str(town.officers[0].id), str(town.service.id)) for paper in PAPERS}
        clerk.context.close()


def _print(clerk: Visitor, paper: str, officer: str, service: str) -> Image.Image:
    page = clerk.open("/slips")
    page.fill("#code", DOSSIER)
    page.select_option("#officer", officer)
    page.select_option("#service", service)
    page.check(f'input[value="{paper}"]')
    page.click("main form button")
    page.wait_for_selector(".slip .qr")
    page.eval_on_selector(".slip", f"slip => {{ slip.style.zoom = {ENLARGED} }}")
    return Image.open(BytesIO(page.locator(".slip").screenshot())).convert("L")


READ = {
    "held well": Shot(),
    "a camera of 640 x 480": Shot(width=640, height=480),
    "a camera of 1920 x 1080": Shot(width=1920, height=1080),
    "near": Shot(distance_mm=150),
    "far": Shot(distance_mm=400),
    "a quarter turned": Shot(turn=90),
    "upside down": Shot(turn=180),
    "held askew": Shot(turn=233),
    "tilted": Shot(tilt=45),
    "turned to the side": Shot(pan=45),
    "tilted, turned and askew": Shot(tilt=30, pan=30, turn=30),
    "blurred": Shot(blur=1.5),
    "dim": Shot(light=0.2),
    "dim and grainy": Shot(light=0.3, noise=8),
    "half in the shade": Shot(shade=0.8),
    "grainy": Shot(noise=20),
    "tilted, blurred and dim": Shot(tilt=20, turn=20, blur=1.3, light=0.4, shade=0.3),
}
"""Held by this test on each paper; docs/device.md tells where the limits are."""


@pytest.mark.parametrize("how", READ)
def test_a_slip_is_read_as_its_dossiers_ticket(slips: dict[str, Image.Image], how: str) -> None:
    unread = []
    for paper, slip in slips.items():
        codes = read_codes(photograph(slip, READ[how]))
        if len(codes) != 1:
            unread.append((paper, codes))
            continue
        ticket = read_scan(codes[0], ".*")
        assert isinstance(ticket, Ticket)
        assert ticket.dossier_code == DOSSIER
    assert not unread


def test_what_shows_no_code_is_read_as_nothing(slips: dict[str, Image.Image]) -> None:
    slip = slips["80"]
    words = slip.crop((0, round(slip.height * 0.62), slip.width, slip.height))
    for shot in (Shot(), Shot(distance_mm=120), Shot(tilt=30, noise=20), Shot(light=0.02), Shot(blur=9)):
        assert read_codes(photograph(words, shot)) == ()
    assert read_codes(photograph(slip, Shot(light=0.01))) == ()
