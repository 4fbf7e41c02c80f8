"""Makes the pictures of the surfaces that README shows: ``make screenshots``."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect

from bot.assist.demo import Recording
from bot.runtime.paths import ROOT
from tests.browser.agents import Desk, Staff
from tests.browser.conftest import chromium
from tests.browser.surfaces import PAPERS, WHEN, Chat, HelpBox
from tests.servers import Yibao

PICTURES = ROOT / "docs" / "pictures"
LARGEST = 200_000  # bytes


def main() -> None:
    """Write the pictures.

    Raises:
        ValueError: a picture is too large for the repository.
    """
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as state, Yibao(Path(state)).running() as server, chromium() as browser:
        _help_box(_open(browser, server, {"width": 1000, "height": 720}))
        _chat(_open(browser, server, {"width": 1000, "height": 760}))
        _console(_open(browser, server, {"width": 1280, "height": 860}), Staff(server))
        _phone(_open(browser, server, {"width": 390, "height": 760}), "wechat", "chat-phone")
        _phone(_open(browser, server, {"width": 390, "height": 760}), "elder", "chat-elder")
        _phone(_open(browser, server, {"width": 390, "height": 760}), "dark", "chat-dark")
    for picture in PICTURES.glob("*.png"):
        if picture.stat().st_size > LARGEST:
            raise ValueError(f"{picture} has {picture.stat().st_size} bytes, above {LARGEST}; show less in it.")


def _open(browser: Browser, server: Yibao, size: ViewportSize, path: str = "/") -> Page:
    context = browser.new_context(base_url=server.address, locale="en-US", viewport=size, reduced_motion="reduce")
    page = context.new_page()
    page.goto(path)
    return page


def _help_box(page: Page) -> None:
    help_box = HelpBox(page)
    help_box.search("make up missed payments")
    expect(help_box.results.first).to_be_visible()
    help_box.input.press("ArrowDown")
    _take(page, "help-box")


def _chat(page: Page) -> None:
    chat = Chat(page)
    chat.begin()
    answer = chat.ask(WHEN)
    answer.get_by_role("button", name="Source 1:").first.click()
    _take(page, "chat")


def _console(page: Page, staff: Staff) -> None:
    page.goto("/assist")
    desk = Desk(page)
    desk.begin(staff.hire())
    for spoken in Recording.load().turns[:12]:
        desk.says(spoken.role.capitalize(), spoken.text)
    desk.customer("Can I pay online or at the counter?")
    expect(desk.cards.first).to_be_visible()
    page.keyboard.press("F1")
    _take(page, "console")


def _phone(page: Page, theme: str, name: str) -> None:
    chat = Chat(page)
    chat.theme(theme)
    chat.begin()
    chat.ask(PAPERS)
    page.mouse.move(0, 0)
    _take(page, name)


def _take(page: Page, name: str) -> None:
    page.wait_for_timeout(600)
    page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
