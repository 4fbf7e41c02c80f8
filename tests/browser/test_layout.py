"""Phones, enlarged pages and large text."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.surfaces import PAPERS, WHEN, Chat, HelpBox

# What sticks out of the window to the side; what is only read aloud is one pixel large.
OUTSIDE = """() => {
    const out = [];
    const look = (root) => root.querySelectorAll("*").forEach((one) => {
        const box = one.getBoundingClientRect();
        const shown = box.width > 1 && box.height > 1 && getComputedStyle(one).visibility !== "hidden";
        const scrolls = one.closest(".ScrollView-scroller") || one.matches(".skip");
        const outside = box.right > innerWidth + 1 || box.left < -1;
        if (shown && !scrolls && outside) out.push(one.className || one.localName);
        if (one.shadowRoot) look(one.shadowRoot);
    });
    look(document);
    return out;
}"""


def assert_fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(OUTSIDE) == []


def test_on_a_phone_the_chat_has_the_whole_screen(open_page: OpenPage) -> None:
    chat = Chat(open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True))
    chat.launcher.tap()
    assert chat.panel.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    chat.widget.get_by_role("button", name="I agree").tap()
    chat.ask(PAPERS)
    chat.widget.get_by_role("group", name="Suggestions").get_by_role("button").first.tap()
    expect(chat.answers).to_have_count(2)
    assert_fits(chat.page)
    size = chat.input.evaluate("(input) => parseFloat(getComputedStyle(input).fontSize)")
    assert size >= 16, "a phone would zoom in on a smaller input"
    chat.widget.get_by_role("button", name="Close").first.tap()
    expect(chat.panel).to_be_hidden()


@pytest.mark.parametrize(
    ("width", "height"), [(320, 640), (640, 400)], ids=["320 pixels wide", "1280 x 800 enlarged to 200 %"]
)
@pytest.mark.parametrize("theme", ["wechat", "elder"])
def test_narrow_and_enlarged_pages_need_no_scrolling_sideways(
    open_page: OpenPage, width: int, height: int, theme: str
) -> None:
    page = open_page(viewport={"width": width, "height": height})
    page.get_by_label("Appearance").select_option(theme)
    assert_fits(page)
    help_box = HelpBox(page)
    help_box.open_first("make up missed payments")
    assert_fits(page)
    chat = Chat(page)
    chat.begin()
    answer = chat.ask(PAPERS)
    assert_fits(page)
    expect(chat.input).to_be_in_viewport(ratio=1)
    shown = chat.widget.locator(".MessageContainer").bounding_box()
    assert shown is not None and shown["height"] >= 80, "something of the messages must be left to read"
    answer.locator("summary").first.click()
    assert_fits(page)


TEXTS = """(widget) => [...widget.shadowRoot.querySelectorAll("*")].filter((one) =>
    one.checkVisibility({visibilityProperty: true}) && !one.closest(".yb-hidden")
    && [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())
).map((one) => [one.className || one.localName, parseFloat(getComputedStyle(one).fontSize)])
 .filter(([, size]) => size < 18)"""
TARGETS = """(widget) => [...widget.shadowRoot.querySelectorAll("button, a, summary, label, textarea, input")]
    .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.matches("[type=checkbox]")
        && !(one.localName === "label" && one.closest(".aa-Form")))
    .map((one) => [one.className || one.localName, one.getBoundingClientRect()])
    .filter(([, box]) => box.height < 60 || box.width < 44)
    .map(([name, box]) => `${name} ${box.width}x${box.height}`)"""


def test_large_text_is_large_everywhere(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_label("Appearance").select_option("elder")
    help_box, chat = HelpBox(page), Chat(page)
    help_box.open_first("make up missed payments")
    chat.begin()
    answer = chat.ask(WHEN)
    answer.locator("summary").first.click()
    answer.get_by_role("button", name="No", exact=True).click()
    chat.ask(PAPERS)
    chat.input.fill("one more")
    chat.widget.get_by_role("button", name="Menu").click()

    for widget in (chat.widget, help_box.widget):
        assert widget.evaluate(TEXTS) == []
        assert widget.evaluate(TARGETS) == []


def test_ordinary_targets_are_at_least_44_pixels_high(chat: Chat) -> None:
    chat.ask(PAPERS)
    small = chat.widget.evaluate(TARGETS.replace("< 60", "< 44"))

    # Numbers in running text may be smaller (WCAG 2.5.8, inline), yet have 24 pixels.
    assert [one for one in small if not one.startswith("yb-reference")] == []
    sizes = [one.split()[1].split("x") for one in small]
    assert all(float(width) >= 24 and float(height) >= 24 for width, height in sizes)


def test_larger_text_is_one_press_away(chat: Chat) -> None:
    chat.menu("Larger text")

    assert chat.widget.evaluate(TEXTS) == []
