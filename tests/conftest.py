"""What tests of several houses share, and how they are shared out among workers."""

import os
import re
from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.together.browser import CHROMIUM, chromium

LONGEST = ("tests/together/", "tests/kiosk/window/", "tests/kiosk/device/", "tests/sync_server/test_killed_server.py")
"""What takes longest begins first, so that no worker is left alone with it at the end."""
WINDOW_SIZE = re.compile(r"(?<=[\[-])\d{3,4}x\d{3,4}(?=[\]-])")

# The same examples in each `make test`, so that a red run is somebody's change and can be run again; new ones are drawn
# in `make soak`. A deadline would measure the machine.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("new", deadline=None)
settings.load_profile("new" if os.environ.get("NUCUOI_SOAK") else "same")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes longest first; otherwise the order stays."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


class ByFile(LoadScopeScheduling):
    """A file goes to one worker as a whole, in its order; of the tests before a kiosk's window those of one size.

    So what a module or a window costs to make is paid once, and a story that several tests tell stays in order.
    pytest-xdist's own groups by mark (`--dist loadgroup`) do nothing under pytest 9: it writes the names of tests anew.
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, rest = nodeid.partition("::")
        size = WINDOW_SIZE.search(rest) if file.startswith("tests/kiosk/window/") else None
        return f"window {size[0]}" if size else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """Called by pytest-xdist where there are workers."""
    return ByFile(config, log)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, one for the whole run: Playwright refuses to start a second one beside it in the same thread.

    Skips only where Debian's Chromium is not installed.
    """
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed: apt install chromium")
    with chromium() as running:
        yield running
