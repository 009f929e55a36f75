"""The pages of officers in Chromium, on a desk and on a phone: nothing overflows, nothing is stopped by the policy."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from sync_server.app import create_app
from sync_server.models.organisation import Unit
from sync_server.office import Office
from sync_server.services import flags
from tests.sync_server.builders import PASSWORD, make_staff
from tests.sync_server.conftest import SetClock
from tests.sync_server.flags.network import HANOI, MONDAY, Network, noon
from tests.together.browser import DESKTOP, PHONE, Served, Visitor

pytestmark = pytest.mark.browser
WARM = 10
TODAY = MONDAY + timedelta(weeks=WARM + 2)


@pytest.fixture
def red(sqlite_office: Office, clock: SetClock) -> int:
    """A town with an officer to be looked into; returns his number."""
    with sqlite_office.database.write() as session:
        network = Network(session, officers=6, services=3)
        network.weeks_of_honest_work(WARM)
        for place in range(10):
            day = MONDAY + timedelta(weeks=WARM + place // 5, days=place % 5)
            network.rated(network.officers[0], day, (1, 1, 3, 5, 5))
            network.rated(network.officers[0], day, (4, 5), service_id=network.services[1])
        flags.judge_all(session, now=noon(TODAY), zone=HANOI)
        unit = session.get_one(Unit, network.town)
        officer_id = network.officers[0]
    clock.at = noon(TODAY)
    make_staff(sqlite_office, "town_staff", unit=unit, username="noivu")
    return officer_id


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_page_fits_and_keeps_to_the_policy(
    sqlite_office: Office, red: int, browser: Browser, size: tuple[int, int]
) -> None:
    paths = [
        "/officers",
        f"/officers/{red}",
        f"/officers/{red}?quarter=2025-11-01",
        "/officers/praise",
        "/officers/integrity",
        "/officers/what-if",
        f"/officers/what-if?since={TODAY - timedelta(weeks=4)}&flag_at=1e9&watch_at=1e9",
        "/figures",
        "/figures/units/1",
    ]
    with Served(create_app(sqlite_office)) as server:
        visitor = Visitor.at(server.address, browser, size)
        visitor.sign_in("noivu", PASSWORD)
        for path in paths:
            page = visitor.open(path)
            assert page.locator("h1").count() == 1, path
            assert not visitor.overflows, path
        assert visitor.elsewhere == []
        assert visitor.complaints == []
        visitor.context.close()


def test_a_reader_of_the_screen_is_told_what_the_plot_shows_and_finds_its_numbers(
    sqlite_office: Office, red: int, browser: Browser
) -> None:
    with Served(create_app(sqlite_office)) as server:
        visitor = Visitor.at(server.address, browser, scripts=False)
        visitor.sign_in("noivu", PASSWORD)
        page = visitor.open("/officers?state=flag")
        page.get_by_role("link", name="Nguyễn Văn A").click()
        page.get_by_role("heading", name="Nguyễn Văn A").wait_for()
        assert page.get_by_role("img", name="Điểm bằng chứng theo thời gian").count() == 1
        numbers = page.locator("details.numbers", has_text="Xem bằng bảng số")
        assert not numbers.get_by_role("table").is_visible()
        numbers.locator("summary").click()
        assert numbers.get_by_role("row").count() >= 10
        page.emulate_media(media="print")
        assert page.locator(".score-plot").is_visible()
        assert not page.locator(".site-head").is_visible()
        visitor.context.close()


def test_the_lines_of_the_plot_differ_without_colour(sqlite_office: Office, red: int, browser: Browser) -> None:
    with Served(create_app(sqlite_office)) as server:
        visitor = Visitor.at(server.address, browser)
        visitor.sign_in("noivu", PASSWORD)
        page = visitor.open(f"/officers/{red}")
        dashes, widths = (
            [
                page.locator(f".score-plot .series.{name} path").first.evaluate(f"e => getComputedStyle(e).{style}")
                for name in ("score", "flag-line", "watch-line")
            ]
            for style in ("strokeDasharray", "strokeWidth")
        )
        assert len(set(zip(dashes, widths, strict=True))) == 3
        visitor.context.close()
