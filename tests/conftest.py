"""What tests of several houses share, and how they are shared out among workers."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser

from tests.together.browser import CHROMIUM, chromium

LONGEST = ("tests/together/", "tests/kiosk/window/", "tests/kiosk/device/", "tests/sync_server/test_killed_server.py")
"""What takes longest begins first, so that no worker is left alone with it at the end."""

# The same examples in each `make test`, so that a red run is somebody's change and can be run again; new ones are drawn
# in `make soak`. A deadline would measure the machine.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("new", deadline=None)
settings.load_profile("new" if os.environ.get("NUCUOI_SOAK") else "same")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file goes to one worker as a whole, in its order; of the tests that share a kiosk's window those of one size.

    So what a module or a window costs to make is paid once. Workers take their groups in this order.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))  # stable: otherwise as collected
    for item in items:
        call = getattr(item, "callspec", None)
        size = call.params.get("shared_window") if call else None
        group = f"window-{size}" if size else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, one for the whole run: Playwright refuses to start a second one beside it in the same thread.

    Skips only where Debian's Chromium is not installed.
    """
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed: apt install chromium")
    with chromium() as running:
        yield running
