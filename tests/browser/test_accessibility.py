"""No violation of WCAG 2.2 A and AA that axe can find, in any state of any surface."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.surfaces import PAPERS, WHEN, Chat, HelpBox

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
THEMES = ("wechat", "light", "dark", "elder")


def violations(page: Page) -> list[str]:
    # Moving things are measured when they have come to rest.
    page.wait_for_function("document.getAnimations().every((one) => one.playState !== 'running')")
    page.evaluate(
        """async () => { for (const widget of document.querySelectorAll("yibao-chat, yibao-help"))
            await Promise.all(widget.shadowRoot.getAnimations().map((one) => one.finished.catch(() => {}))); }"""
    )
    found: list[dict[str, Any]] = Axe().run(page, options={"runOnly": TAGS}).response["violations"]
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]]


def test_the_closed_widgets(open_page: OpenPage) -> None:
    assert violations(open_page()) == []


@pytest.mark.parametrize("theme", THEMES)
def test_the_chat_before_and_after_answers(open_page: OpenPage, theme: str) -> None:
    page = open_page()
    page.get_by_label("Appearance").select_option(theme)
    chat = Chat(page)
    chat.open()
    assert violations(page) == [], "consent"
    chat.agree()
    assert violations(page) == [], "greeting"
    answer = chat.ask(WHEN)
    answer.locator("summary").first.click()
    answer.locator("details details summary").first.click()
    answer.get_by_role("button", name="No", exact=True).click()
    assert violations(page) == [], "answer with sources and reasons"
    chat.ask(PAPERS)
    assert violations(page) == [], "checklist"
    chat.widget.get_by_role("button", name="Menu").click()
    assert violations(page) == [], "menu"
    chat.widget.get_by_role("button", name="Delete this conversation").click()
    assert violations(page) == [], "confirmation"


def test_the_chat_in_trouble(open_page: OpenPage) -> None:
    chat = Chat(open_page(forgive=("Failed to load resource",)))
    chat.begin()
    chat.page.route("**/chat/messages*", lambda route: route.fulfill(status=400, json={"error": "no"}))
    chat.say(WHEN)
    expect(chat.widget.get_by_role("alert")).to_contain_text("could not be accepted")
    chat.page.route("**/chat/**", lambda route: route.abort())
    chat.say(WHEN)
    expect(chat.widget.get_by_role("status").filter(has_text="No connection")).to_be_visible()

    assert violations(chat.page) == []


@pytest.mark.parametrize("theme", THEMES)
def test_the_help_box_in_every_state(open_page: OpenPage, theme: str) -> None:
    page = open_page()
    page.get_by_label("Appearance").select_option(theme)
    help_box = HelpBox(page)
    help_box.search("make up missed payments")
    expect(help_box.results.first).to_be_visible()
    help_box.input.press("ArrowDown")
    assert violations(page) == [], "results"
    help_box.input.press("Enter")
    expect(help_box.answer.get_by_role("heading").first).to_be_visible()
    assert violations(page) == [], "answer"
    help_box.find_nothing("How do I bake bread")
    assert violations(page) == [], "nothing found"


def test_the_surfaces_in_chinese(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    page.locator("yibao-chat").get_by_role("button", name="咨询医保缴费").click()
    page.locator("yibao-chat").get_by_role("button", name="我同意").click()
    page.locator("yibao-chat").get_by_role("textbox").fill("第58条")
    page.keyboard.press("Enter")
    expect(page.locator("yibao-chat .yb-answer")).to_have_count(1)

    assert violations(page) == []
