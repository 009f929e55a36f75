"""Pictures of the server's pages with the demo's year of ratings: `python -m tests.together.pages FOLDER`.

Called by `make screenshots`. It fills a database of its own in a temporary folder, which takes about a minute.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import zxingcpp
from PIL import Image
from playwright.sync_api import Browser
from sqlalchemy import case, select

from sync_server import config
from sync_server.models.followup import Signal
from sync_server.models.organisation import Officer, Unit
from sync_server.office import Office, open_office
from sync_server.services import demo
from sync_server.services.migration import migrate
from tests.together.browser import DESKTOP, PHONE, Visitor, chromium
from tests.together.server_process import ServerProcess

SECRET = "a secret of the screenshots, good for nothing else"
TALLEST = 1700
"""Pixels of a picture: what is longer is cut."""
COLOURS = 192
DOSSIER = "H42.11-261124-9901"


def main(folder: Path) -> int:
    """Take every picture anew."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="nucuoi-pages-") as place:
        url = f"sqlite:///{place}/demo.db"
        office = open_office(config.ServerSettings(database=url, secret=SECRET))
        migrate(office.database)
        demo.fill(office)
        flagged, at_home = _shown_officers(office)
        office.database.dispose()
        with ServerProcess(url, Path(place), secret=SECRET) as server, chromium() as browser:
            _desktop(server, browser, folder, flagged)
            _phone(server, browser, folder, at_home)
    return 0


def _desktop(server: ServerProcess, browser: Browser, folder: Path, flagged: int) -> None:
    """What each of the town's people sees at a desk."""
    with _somebody(server, browser) as visitor:
        _take(visitor, folder, {"sign-in": "/sign-in", "board": "/bang/1"})
    with _somebody(server, browser, "noivu") as visitor:
        _take(visitor, folder, {"home": "/", "officers": "/officers?state=flag", "officer": f"/officers/{flagged}"})
        _take(visitor, folder, {"praise": "/officers/praise", "integrity": "/officers/integrity"})
        _take(visitor, folder, {"what-if": "/officers/what-if", "standard": "/figures", "figures": "/results"})
        _take(visitor, folder, {"cases": "/cases", "organisation": "/organisation", "notices": "/account/notices"})
        _take(visitor, folder, {"surveys": "/surveys", "survey-preview": "/surveys/drafts/1/preview"})
        _take(visitor, folder, {"survey-draft": "/surveys/drafts/1", "rounds": "/rounds"})
        first = visitor.open("/cases").locator("main a[href^='/cases/']:not([href$='new'])").first
        if first.count():
            _take(visitor, folder, {"case": str(first.get_attribute("href"))})
    with _somebody(server, browser, "quantri") as visitor:
        _take(visitor, folder, {"kiosks": "/kiosks", "enrol": "/kiosks/enrol", "stick": "/kiosks/stick"})
        _take(visitor, folder, {"kiosk": "/kiosks/1", "people": "/people"})
    with _somebody(server, browser, "canbo") as visitor:
        _take(visitor, folder, {"own": "/own"})
    with _somebody(server, browser, "mattran") as visitor:
        _take(visitor, folder, {"handled": "/handled"})
    with _somebody(server, browser, "motcua") as visitor:
        _take(visitor, folder, {"slips": "/slips", "badges": "/slips/badges"})
        visitor.page.goto(visitor.address + "/slips")
        visitor.page.fill("#code", DOSSIER)
        visitor.page.click("main button[type=submit]")
        _picture(visitor, folder, "slip")


def _phone(server: ServerProcess, browser: Browser, folder: Path, officer: int) -> None:
    """What a head reads on the way, and what a citizen sees who opens the slip's QR."""
    with _somebody(server, browser, "lanhdao", PHONE) as visitor:
        _take(visitor, folder, {"phone-home": "/", "phone-officer": f"/officers/{officer}", "phone-cases": "/cases"})
    with _somebody(server, browser, "motcua") as clerk:
        clerk.open("/slips")
        clerk.page.fill("#code", DOSSIER)
        clerk.page.click("main button[type=submit]")
        drawn = Image.open(BytesIO(clerk.page.locator(".slip").screenshot()))
    link = zxingcpp.read_barcodes(drawn)[0].text
    with _somebody(server, browser, size=PHONE) as visitor:
        _take(visitor, folder, {"phone-rate": urlsplit(link).path, "phone-receipt": "/n/"})


@contextmanager
def _somebody(
    server: ServerProcess, browser: Browser, username: str | None = None, size: tuple[int, int] = DESKTOP
) -> Iterator[Visitor]:
    """A person at a browser, signed in when a name is given."""
    visitor = Visitor.at(server.address, browser, size)
    if username is not None:
        _sign_in(visitor, username)
    yield visitor
    visitor.context.close()


def _shown_officers(office: Office) -> tuple[int, int]:
    """Somebody who is to be looked into, and an officer of the head's own unit, such a one if there is one."""
    red_first = case((Signal.state == "flag", 0), (Signal.state == "watch", 1), else_=2)
    query = select(Officer.id).join(Signal, Signal.officer_id == Officer.id).join(Unit, Unit.id == Officer.unit_id)
    with office.database.read() as session:
        anywhere = session.scalars(query.order_by(red_first, Officer.id).limit(1)).one()
        at_home = session.scalars(query.where(Unit.name == demo.HOME).order_by(red_first, Officer.id).limit(1)).one()
    return anywhere, at_home


def _sign_in(visitor: Visitor, username: str) -> None:
    password = next(log_in.password for log_in in demo.network().staff if log_in.username == username)
    visitor.sign_in(username, password)


def _take(visitor: Visitor, folder: Path, pages: dict[str, str]) -> None:
    for name, path in pages.items():
        visitor.open(path)
        _picture(visitor, folder, name)


def _picture(visitor: Visitor, folder: Path, name: str) -> None:
    """The page that is open, as `page-NAME.png`."""
    page = visitor.page
    height = int(page.evaluate("document.documentElement.scrollHeight"))
    size = page.viewport_size or {"width": DESKTOP[0], "height": DESKTOP[1]}
    clip = {"x": 0, "y": 0, "width": size["width"], "height": min(max(height, size["height"]), TALLEST)}
    taken = page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]
    file = folder / f"page-{name}.png"
    # Our pages have few colours: a palette makes the file a third as large, and nobody sees it.
    Image.open(BytesIO(taken)).convert("RGB").quantize(COLOURS).save(file, optimize=True)
    print(file)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "assets/screenshots")))
