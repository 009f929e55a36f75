"""Pictures of the server's pages with the demo's year of ratings: `python -m tests.together.pages FOLDER`.

Called by `make screenshots`. It fills a database of its own in a temporary folder, which takes about a minute.
"""

import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from sqlalchemy import select

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


def main(folder: Path) -> int:
    """Take every picture anew."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="nucuoi-pages-") as place:
        url = f"sqlite:///{place}/demo.db"
        office = open_office(config.ServerSettings(database=url, secret=SECRET))
        migrate(office.database)
        demo.fill(office)
        flagged = _flagged_at_home(office)
        office.database.dispose()
        with ServerProcess(url, Path(place), secret=SECRET) as server, chromium() as browser:
            desktop = Visitor.at(server.address, browser, DESKTOP)
            _take(desktop, folder, {"sign-in": "/sign-in"})
            _sign_in(desktop, "noivu")
            pages = {"home": "/", "officers": "/officers?state=flag", "officer": f"/officers/{flagged}"}
            _take(desktop, folder, pages | {"figures": "/figures"})
            phone = Visitor.at(server.address, browser, PHONE)
            _sign_in(phone, "lanhdao")
            _take(phone, folder, {"phone-home": "/", "phone-officer": f"/officers/{flagged}"})
            others = Visitor.at(server.address, browser, DESKTOP)
            _sign_in(others, "quantri")
            _take(others, folder, {"kiosks": "/kiosks"})
    return 0


def _flagged_at_home(office: Office) -> int:
    """An officer of the head's own unit who is to be looked into."""
    with office.database.read() as session:
        at_home = session.scalars(
            select(Officer.id)
            .join(Signal, Signal.officer_id == Officer.id)
            .join(Unit, Unit.id == Officer.unit_id)
            .where(Signal.state == "flag", Unit.name == demo.HOME)
        ).all()
    return at_home[0]


def _sign_in(visitor: Visitor, username: str) -> None:
    password = next(log_in.password for log_in in demo.network().staff if log_in.username == username)
    visitor.sign_in(username, password)


def _take(visitor: Visitor, folder: Path, pages: dict[str, str]) -> None:
    for name, path in pages.items():
        page = visitor.open(path)
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
