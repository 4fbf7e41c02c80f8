"""A real browser on the real server; every page is watched for errors and for requests to anybody else."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.host_site import HostSite
from tests.browser.surfaces import Chat, HelpBox
from tests.servers import ROOT, Yibao

_BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# Without these the browser looks for updates and measures networks, which is refused here and slow.
_QUIET = ("--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--disable-sync")
_VIOLATIONS = """
    window.__violations = [];
    document.addEventListener("securitypolicyviolation", (event) =>
        window.__violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""

OpenPage = Callable[..., Page]
expect.set_options(timeout=15_000)  # a busy machine may need long


def _find_browser() -> str:
    """The first Chromium on this machine."""
    program = next(filter(None, map(shutil.which, _BROWSERS)), None)
    assert program, "No Chromium found. Install Debian's chromium-headless-shell and fonts-wqy-microhei."
    return program


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium until the block ends."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_find_browser(), args=list(_QUIET))
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture(scope="session")
def host_site() -> Iterator[HostSite]:
    site = HostSite()
    yield site
    site.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, host_site: HostSite) -> Iterator[Yibao]:
    assert (ROOT / "bot" / "web" / "dist" / "widgets").is_dir(), "The surfaces are not built. Run `make web`."
    with Yibao(tmp_path_factory.mktemp("state"), {"YIBAO_ORIGINS": host_site.address}).running() as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


class Watch:
    """What went wrong in a page without anybody noticing."""

    def __init__(self, page: Page, own: frozenset[str]) -> None:
        self.complaints: list[str] = []
        self.forgive: tuple[str, ...] = ()
        self._page = page
        self._own = own
        page.on("console", lambda message: self._hear(f"console {message.type}: {message.text}", message.type))
        page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        page.on("request", lambda request: self._see(request.url))
        page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def _hear(self, text: str, kind: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def _see(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about") and f"{parts.scheme}://{parts.netloc}" not in self._own:
            self.complaints.append(f"request to another host: {url}")

    def verdict(self) -> list[str]:
        """All that is not forgiven."""
        violations = [] if self._page.is_closed() else self._page.evaluate("window.__violations ?? []")
        everything = [*self.complaints, *(f"policy violated: {one}" for one in violations)]
        return [one for one in everything if not any(text in one for text in self.forgive)]


@pytest.fixture
def open_page(browser: Browser, server: Yibao, host_site: HostSite) -> Iterator[OpenPage]:
    """Opens a page in a browser profile of its own, and fails the test if anything went wrong in it unnoticed.

    ``forgive`` names parts of the complaints that a test provokes, such as a cut connection.
    """
    contexts: list[BrowserContext] = []
    watches: list[Watch] = []

    def open_page(path: str = "/", *, forgive: tuple[str, ...] = (), **options: Any) -> Page:
        context = browser.new_context(base_url=server.address, locale=options.pop("locale", "en-US"), **options)
        contexts.append(context)
        context.add_init_script(_VIOLATIONS)
        page = context.new_page()
        watch = Watch(page, frozenset({server.address, host_site.address}))
        watch.forgive = forgive
        watches.append(watch)
        if path:
            page.goto(path)
        return page

    yield open_page
    complaints = [complaint for watch in watches for complaint in watch.verdict()]
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def chat(open_page: OpenPage) -> Chat:
    """The chat on the demo site, open and agreed to."""
    chat = Chat(open_page())
    chat.begin()
    return chat


@pytest.fixture
def help_box(open_page: OpenPage) -> HelpBox:
    """The help box on the demo site."""
    return HelpBox(open_page())
