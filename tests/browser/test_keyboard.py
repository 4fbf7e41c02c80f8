"""Everything by keyboard, with an input method, and as a screen reader hears it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.surfaces import PAPERS, WHEN, Chat, HelpBox

FOCUS = """() => {
    let focused = document.activeElement;
    while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
    return focused?.getAttribute("aria-label") || focused?.textContent.trim() || focused?.tagName;
}"""


def tab_to(chat: Chat, name: str) -> None:
    for _ in range(60):
        if name in chat.page.evaluate(FOCUS):
            return
        chat.page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {name!r}")


def test_a_whole_conversation_without_a_mouse(open_page: OpenPage) -> None:
    chat = Chat(open_page())
    press = chat.page.keyboard.press
    tab_to(chat, "Ask about medical insurance")
    press("Enter")
    tab_to(chat, "I agree")
    press("Enter")
    expect(chat.input).to_be_focused()
    chat.page.keyboard.type("Which papers do I need?")
    press("Enter")
    expect(chat.answers).to_have_count(1)
    expect(chat.input).to_be_focused()
    press("Shift+Tab")
    press("Enter")
    expect(chat.answers).to_have_count(2)
    chat.input.focus()
    press("F6")
    assert chat.page.evaluate(FOCUS) == "Messages"
    press("F6")
    expect(chat.input).to_be_focused()
    press("Escape")
    expect(chat.panel).to_be_hidden()
    assert chat.page.evaluate(FOCUS) == "Ask about medical insurance"


def test_the_send_button_works_by_keyboard(chat: Chat) -> None:
    chat.input.fill(WHEN)
    chat.page.keyboard.press("Tab")
    assert chat.page.evaluate(FOCUS) == "Send"
    chat.page.keyboard.press("Enter")

    expect(chat.answers).to_have_count(1)


def test_the_menu_opens_closes_and_gives_the_focus_back(chat: Chat) -> None:
    chat.widget.get_by_role("button", name="Menu").press("Enter")
    assert chat.page.evaluate(FOCUS) == "Export as text"
    chat.page.keyboard.press("Escape")

    assert chat.page.evaluate(FOCUS) == "Menu"
    expect(chat.panel).to_be_visible()


def test_enter_picks_a_word_while_one_is_composed_and_sends_nothing(chat: Chat) -> None:
    chat.input.click()
    keyboard = chat.page.context.new_cdp_session(chat.page)
    keyboard.send("Input.imeSetComposition", {"text": "bu jiao", "selectionStart": 0, "selectionEnd": 7})
    # What a browser reports for Enter while an input method has the keyboard.
    for kind in ("rawKeyDown", "keyUp"):
        keyboard.send("Input.dispatchKeyEvent", {"type": kind, "key": "Enter", "windowsVirtualKeyCode": 229})
    chat.input.evaluate(
        """(input) => input.dispatchEvent(new KeyboardEvent("keydown",
            {key: "Enter", keyCode: 13, isComposing: true, bubbles: true, composed: true, cancelable: true}))"""
    )
    keyboard.send("Input.insertText", {"text": "补缴"})
    expect(chat.input).to_have_value("补缴")
    expect(chat.mine).to_have_count(0)
    chat.page.keyboard.press("Enter")

    expect(chat.mine).to_have_count(1)


def test_every_finished_answer_is_announced_exactly_once(chat: Chat) -> None:
    chat.widget.evaluate(
        """(widget) => {
            window.heard = [];
            const log = widget.shadowRoot.querySelector("[role=log]");
            new MutationObserver((changes) => changes.forEach((change) =>
                [...change.addedNodes].forEach((node) => window.heard.push(node.textContent))
            )).observe(log, {childList: true, subtree: true, characterData: true});
        }"""
    )
    chat.ask(WHEN)
    chat.ask("What does article 58 say?")
    chat.ask("What does article 58 say?")
    chat.answers.last.get_by_role("button", name="Yes").click()
    chat.page.wait_for_timeout(300)

    heard = chat.page.evaluate("window.heard")
    assert len(heard) == 3
    assert heard[0].startswith("Assistant says: The residents' scheme is paid once a year")
    assert "Article 58" in heard[1] and "Article 58" in heard[2]


def test_no_bubble_interrupts_and_each_says_who_speaks(chat: Chat) -> None:
    chat.ask(PAPERS)

    loud = chat.widget.locator("[aria-live=assertive], .Message [role=alert]")
    expect(loud).to_have_count(0)
    expect(chat.mine.last).to_contain_text("I say: ")
    expect(chat.answers.last).to_contain_text("Assistant says: ")
    for picture in chat.widget.locator("img").all():
        expect(picture).to_have_attribute("alt", "")


def test_the_help_box_without_a_mouse(help_box: HelpBox) -> None:
    help_box.open_first("make up missed payments")
    help_box.page.keyboard.press("Escape")

    expect(help_box.answer).to_have_count(0)
    expect(help_box.input).to_be_focused()
