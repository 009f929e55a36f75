"""Chromium for tests: a real browser before a real server of ours on loopback, and nothing beyond it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

CHROMIUM = Path("/usr/bin/chromium")
DESKTOP, PHONE = (1280, 800), (390, 844)
_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


class _Quiet(WSGIRequestHandler):
    """Answers without a line in the log for each file."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class Served:
    """An application served on a free port of loopback, from a thread of this process."""

    def __init__(self, app: Flask) -> None:
        self._server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Served":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()


@dataclass
class Visitor:
    """A person at a browser. It keeps what a good site must not have: requests elsewhere, scripts or styles that the
    policy stopped, errors of scripts, failed requests."""

    address: str
    context: BrowserContext
    page: Page
    elsewhere: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def at(cls, address: str, browser: Browser, size: tuple[int, int] = DESKTOP, *, scripts: bool = True) -> "Visitor":
        """A new browser window of this size with nothing remembered."""
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts, locale="vi-VN"
        )
        context.set_default_timeout(15_000)
        visitor = cls(address, context, context.new_page())
        visitor.page.on("request", visitor._heard)
        visitor.page.on("console", lambda said: visitor.complaints.append(said.text) if said.type == "error" else None)
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        return visitor

    def _heard(self, request: object) -> None:
        url = str(getattr(request, "url", ""))
        if not url.startswith("data:") and urlsplit(url).netloc != urlsplit(self.address).netloc:
            self.elsewhere.append(url)

    def open(self, path: str) -> Page:
        """Open a page of the server's."""
        self.page.goto(self.address + path)
        return self.page

    def sign_in(self, username: str, password: str) -> None:
        """Sign in by the form."""
        self.open("/sign-in")
        self.page.fill("#username", username)
        self.page.fill("#password", password)
        self.page.click("main button[type=submit]")
        self.page.wait_for_selector(".who-name")

    @property
    def overflows(self) -> bool:
        """Whether the page is wider than the window, so that a phone would have to scroll sideways."""
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"
        return bool(self.page.evaluate(wide))
