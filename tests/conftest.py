"""What tests of several houses share."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.together.browser import CHROMIUM, chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, one for the whole run: Playwright refuses to start a second one beside it in the same thread.

    Skips only where Debian's Chromium is not installed.
    """
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed: apt install chromium")
    with chromium() as running:
        yield running
