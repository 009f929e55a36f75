"""What all pages share: safe headers, error pages, the language, and nothing fetched from elsewhere."""

import html
import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser

from sync_server.services import drafts
from sync_server.web.fonts import CUTS
from tests.sync_server import builders
from tests.sync_server.web.conftest import Town
from tests.sync_server.web.test_opinions import check, key_in
from tests.sync_server.web.test_outages import make_outage
from tests.sync_server.web.test_phone import make_slip
from tests.together.browser import DESKTOP, PHONE, Served, Visitor

STAFF_PAGES = (
    "/",
    "/officers",
    "/officers/{officer}",
    "/officers/praise",
    "/officers/integrity",
    "/officers/what-if",
    "/results",
    "/results/hours",
    "/results/reasons",
    "/results/baseline",
    "/reports",
    "/reports/new",
    "/reports/template",
    "/reports/{report}",
    "/figures",
    "/figures/units/{unit}",
    "/kiosks",
    "/kiosks/{kiosk}",
    "/kiosks/enrol",
    "/kiosks/{kiosk}/retire",
    "/kiosks/{kiosk}/replace",
    "/slips",
    "/slips/badges",
    "/slips/batch",
    "/cases",
    "/cases/new",
    "/handled",
    "/board/{unit}",
    "/opinions",
    "/opinions/{opinion}",
    "/opinions/new",
    "/opinions/check",
    "/home-visits",
    "/letters",
    "/letters/new/late",
    "/letters/templates",
    "/emulation",
    "/emulation/{unit}/2026",
    "/emulation/{unit}/2026/letters",
    "/emulation/tt01",
    "/rollout",
    "/rollout/{unit}",
    "/rollout/{unit}/conference",
    "/organisation",
    "/organisation/import",
    "/organisation/services",
    "/organisation/units/new",
    "/organisation/units/{unit}",
    "/organisation/units/{unit}/edit",
    "/organisation/units/{unit}/behaviour",
    "/organisation/units/{unit}/texts",
    "/organisation/succession",
    "/organisation/services/import",
    "/kiosks/{kiosk}/settings",
    "/organisation/units/{unit}/officers/new",
    "/organisation/officers/{officer}/edit",
    "/surveys",
    "/surveys/versions/1",
    "/surveys/drafts/{draft}",
    "/surveys/drafts/{draft}/preview",
    "/surveys/drafts/{draft}/publish",
    "/surveys/assignments/new",
    "/rounds",
    "/rounds/seals",
    "/rounds/new",
)
ADMINISTRATORS_PAGES = (
    "/account/notices",
    "/notices",
    "/outages",
    "/outages/new",
    "/outages/{outage}/withdraw",
    "/people",
    "/people/new",
    "/people/{staff}/close",
    "/account",
)
CITIZENS_PAGES = (
    "/r/{token}",
    "/r/x",
    "/thanks/ABCDEFGH",
    "/n/",
    "/n/ABCDEFGH",
    "/b/{badge}",
    "/bang/",
    "/bang/{unit}",
    "/bang/{unit}/a3",
    "/bang/{unit}/hoi-dap",
    "/sign-in",
    "/nothing",
)


def a_draft(town: Town) -> int:
    """A survey that somebody writes on."""
    with town.office.database.write() as writing:
        return drafts.begin(writing, name="Mới", based_on_id=1, made_by=None, now=town.office.now()).id


def begin_report(town: Town) -> int:
    """A draft of last week's report of Mộc Bắc."""
    person = town.as_("alice")
    answer = person.send("/reports/new", unit=town.moc_bac.id, kind="weekly", year=2026, number=9)
    return int(str(answer.location).rpartition("/")[2])


def an_opinion(town: Town) -> int:
    """An opinion that waits for its answer, and one that waits for its check."""
    key_in(town, text="Chưa kiểm tra")
    number = key_in(town, source="paper", level=2)
    check(town, number)
    return number


def filled(path: str, town: Town) -> str:
    """A page's address in this town."""
    return path.format(
        officer=town.officer.id,
        unit=town.moc_bac.id,
        draft=a_draft(town),
        opinion=an_opinion(town) if "{opinion}" in path else "",
        kiosk=town.kiosk.id,
        staff=town.staff["clerk"].id,
        report=begin_report(town) if "{report}" in path else "",
        outage=make_outage(town) if "{outage}" in path else "",
        token=make_slip(town).token,
        badge=town.office.seals.sign({"o": f"o{town.officer.id}"}, "badge"),
    )


@pytest.mark.parametrize("path", [*STAFF_PAGES, *CITIZENS_PAGES, "/api/v1/setup", "/static/site.css"])
def test_every_answer_carries_the_safe_headers(town: Town, path: str) -> None:
    answer = town.as_("town_staff").get(filled(path, town))
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", [*STAFF_PAGES, *CITIZENS_PAGES])
def test_no_page_holds_inline_scripts_or_styles(town: Town, path: str) -> None:
    text = town.as_("town_staff").get(filled(path, town)).text
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"\sstyle=", text)
    assert not re.search(r"\son[a-z]+=", text)
    assert all("nonce=" in style for style in re.findall(r"<style[^>]*>", text))


@pytest.mark.parametrize("path", STAFF_PAGES)
def test_pages_of_staff_are_kept_by_no_cache(town: Town, path: str) -> None:
    assert town.as_("town_staff").get(filled(path, town)).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("cut", CUTS)
def test_fonts_come_from_here_and_may_be_kept_for_a_year(town: Town, cut: str) -> None:
    answer = town.person().get(f"/fonts/{cut}.ttf")
    assert answer.data[:4] == b"\x00\x01\x00\x00"
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in town.as_("alice").get(f"/fonts/{cut}.ttf").headers


@pytest.mark.parametrize("cut", ["..%2f..%2fx", "Black", "Regular.ttf%00"])
def test_no_other_file_comes_by_the_fonts_address(town: Town, cut: str) -> None:
    assert town.person().get(f"/fonts/{cut}.ttf").status_code == 404


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/app.py"])
def test_static_files_stay_in_their_folder(town: Town, path: str) -> None:
    assert town.person().get(path).status_code == 404


def test_an_unknown_page_is_told_in_the_language_chosen(town: Town) -> None:
    person = town.person()
    answer = person.get("/nothing")
    assert answer.status_code == 404
    assert "Không tìm thấy trang" in html.unescape(answer.text)
    person.send("/language", language="en", next="/")
    assert 'lang="en"' in person.get("/nothing").text


def test_a_page_of_another_role_is_refused_kindly(town: Town) -> None:
    answer = town.as_("officer").get("/kiosks")
    assert answer.status_code == 403
    assert "Không thuộc quyền" in html.unescape(answer.text)


def test_a_form_without_its_token_is_sent_back(town: Town) -> None:
    answer = town.as_("town_staff").client.post(f"/kiosks/{town.kiosk.id}/retire")
    assert answer.status_code == 400
    assert "Trang đã quá hạn" in html.unescape(answer.text)
    assert "Đã ngừng" not in html.unescape(town.as_("town_staff").get("/kiosks").text)


def test_a_token_of_another_persons_session_is_none(town: Town) -> None:
    other = town.as_("alice").token()
    answer = town.as_("town_staff").client.post(f"/kiosks/{town.kiosk.id}/retire", data={"csrf_token": other})
    assert answer.status_code == 400


def test_a_fault_of_the_server_tells_nothing_of_its_inside(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from sync_server.queries import kiosk_list

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail 4711")

    monkeypatch.setattr(kiosk_list, "listing", broken)
    town.app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    person = town.as_("inspector")
    answer = person.get("/kiosks")
    assert answer.status_code == 500
    assert "4711" not in answer.text
    assert "Máy chủ gặp lỗi" in html.unescape(answer.text)


def test_a_database_that_is_gone_still_gives_a_page(town: Town) -> None:
    town.app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    person = town.as_("inspector")

    class Gone:
        """A database that answers nothing."""

        def read(self) -> Iterator[None]:
            raise OSError("disk gone")

    object.__setattr__(town.office, "database", Gone())
    answer = person.get("/")
    assert answer.status_code == 500
    assert "Máy chủ gặp lỗi" in html.unescape(answer.text)


def test_the_banner_shows_while_there_are_made_up_units(town: Town) -> None:
    assert "DỮ LIỆU MẪU" not in town.person().get("/sign-in").text
    builders.make_unit(town.office, is_demo=True)
    assert "DỮ LIỆU MẪU" in town.person().get("/sign-in").text


def test_the_navigation_shows_what_the_role_may_open(town: Town) -> None:
    def places(name: str) -> set[str]:
        nav = town.as_(name).get("/").text.partition('class="site-nav phone-only"')[2].partition("</nav>")[0]
        return set(re.findall(r'href="([^"]+)"', nav))

    assert {"/", "/kiosks", "/slips"} <= places("clerk")
    assert not {"/officers", "/results"} & places("clerk")
    assert {"/officers", "/results"} <= places("alice")
    assert not {"/officers", "/results", "/slips"} & places("administrator")


def test_the_administrator_sees_no_results_on_the_first_page(town: Town) -> None:
    text = html.unescape(town.as_("administrator").get("/").text)
    assert "lượt đánh giá" not in text
    assert "Máy đánh giá cần người xem" in text


def test_no_heading_of_the_first_page_stands_over_nothing(town: Town) -> None:
    for name in town.staff:
        text = html.unescape(town.as_(name).get("/").text).partition("<main")[2].partition("</main>")[0]
        for part in text.split("<h2>")[1:]:
            assert re.search(r"<li|<tr", part), f"{name}: nothing under {part[:40]!r}"


def test_secure_cookies_are_a_setting(town: Town) -> None:
    assert town.app.config["SESSION_COOKIE_SECURE"] is town.office.settings.secure_cookies


def _walk(town: Town, visitor: Visitor, paths: tuple[str, ...]) -> list[str]:
    """Open pages and gather what is wrong with them: too wide for the window, or a violation that axe finds."""
    faults = []
    for path in paths:
        visitor.open(filled(path, town))
        if visitor.overflows:
            faults.append(f"{path} is wider than the window")
        found = Axe().run(visitor.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
        faults += [
            f"{path}: {violation['id']}: {violation['nodes'][0]['html'][:200]}"
            for violation in found.response["violations"]
        ]
    return faults


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_of_staff_fit_and_are_accessible(
    town: Town, served: Served, browser: Browser, size: tuple[int, int]
) -> None:
    visitor = Visitor.at(served.address, browser, size)
    visitor.sign_in("town_staff", builders.PASSWORD)
    assert _walk(town, visitor, STAFF_PAGES) == []
    other = Visitor.at(served.address, browser, size)
    other.sign_in("administrator", builders.PASSWORD)
    assert _walk(town, other, ADMINISTRATORS_PAGES) == []
    reader = Visitor.at(served.address, browser, size)
    reader.sign_in("inspector", builders.PASSWORD)
    assert _walk(town, reader, ("/log",)) == []
    assert (other.elsewhere, other.complaints) == ([], [])
    assert (visitor.elsewhere, visitor.complaints) == ([], [])


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_of_citizens_fit_and_are_accessible(
    town: Town, served: Served, browser: Browser, size: tuple[int, int]
) -> None:
    visitor = Visitor.at(served.address, browser, size)
    assert _walk(town, visitor, CITIZENS_PAGES) == []
    assert visitor.elsewhere == []
    # a page that is not there (404) or not good any more (410) is told to the console; nothing else may be
    assert [said for said in visitor.complaints if "404" not in said and "410" not in said] == []


@pytest.mark.browser
def test_the_main_ways_work_without_scripts(town: Town, served: Served, browser: Browser) -> None:
    clerk = Visitor.at(served.address, browser, scripts=False)
    clerk.sign_in("clerk", builders.PASSWORD)
    clerk.page.click("nav >> text=Phiếu QR")
    clerk.page.fill("#code", "H42.12-260302-0007")
    clerk.page.click("main form button")
    clerk.page.wait_for_selector(".slip .qr")
    citizen = Visitor.at(served.address, browser, PHONE, scripts=False)
    citizen.open(f"/r/{make_slip(town).token}")
    assert not citizen.page.is_visible(".why-bad")
    citizen.page.click("label[for=level-1]")
    assert citizen.page.is_visible(".why-bad")
    assert not citizen.page.is_visible(".why-good")
    citizen.page.check("input[value=slow]")
    citizen.page.click("main button")
    citizen.page.click("main a")
    assert "Đã được tính" in citizen.page.inner_text("h1")


def test_the_site_is_wired_without_opening_anything(app: Flask) -> None:
    assert {"home", "sign_in", "kiosks", "slips", "phone"} <= set(app.blueprints)
