"""Hostile strings through every field that a surface shows: nothing runs, nothing is fetched, all is shown as text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenPage
from tests.browser.surfaces import Chat, HelpBox
from tests.servers import Yibao

STRINGS = Path(__file__).with_name("xss.txt").read_text(encoding="utf-8").splitlines()
ALARM = "window.ran = []; window.pwn = () => { window.ran.push(new Error().stack); };"
# Elements that only hostile text could have made, handlers that only it could have set, addresses of nobody we know.
MADE = r"""() => {
    const alien = /^(script|iframe|object|embed|base|meta|link|video|audio|form|marquee|math|style|image|isindex)$/;
    const ours = "head *, body > script, form.aa-Form";
    const address = /^(href|src|srcset|srcdoc|action|formaction|background|data|xlink:href)$/;
    const known = /^(http:\/\/localhost:\d+\/|\/|#|tel:12393$|data:image\/svg\+xml)/;
    const found = [];
    const look = (root) => root.querySelectorAll("*").forEach((one) => {
        if (alien.test(one.localName) && !one.matches(ours)) found.push(one.outerHTML);
        for (const {name, value} of one.attributes) {
            const bad = name.startsWith("on") || (name === "style" && /url|expression/.test(value))
                || (address.test(name) && value && !known.test(value));
            if (bad) found.push(`${one.localName} ${name}=${value}`);
        }
        if (one.shadowRoot) look(one.shadowRoot);
    });
    look(document);
    return found;
}"""


def hostile_reply() -> dict[str, Any]:
    """A reply that has the strings in all of its fields."""

    def cite(number: int) -> dict[str, Any]:
        text = STRINGS[number % len(STRINGS)]
        kind = "law" if number % 2 else "source"
        return {"id": text, "kind": kind, "title": text, "article": text, "quote": text, "valid_from": text}

    kinds = ("paragraph", "steps", "documents", "notice")
    blocks = [
        {"kind": kinds[number % 4], "text": text, "items": [text], "citations": [text]}
        for number, text in enumerate(STRINGS)
    ]
    needed = ("yes", "if_applicable", "no")
    items = [
        {"id": text, "text": text, "needed": needed[number % 3], "why": text, "citations": [text]}
        for number, text in enumerate(STRINGS)
    ]
    return {
        "type": "answer",
        "topic": STRINGS[0],
        "language": '"><img src=x onerror=pwn()>',
        "text": "\n".join(STRINGS),
        "blocks": blocks,
        "citations": [cite(number) for number in range(len(STRINGS))],
        "confidence": {"score": 1, "level": "high"},
        "checklist": {"id": STRINGS[0], "person": STRINGS[0], "items": items, "missing": [STRINGS[0]]},
        "asks": None,
        "suggestions": [{"title": f"{text} {number}", "payload": text} for number, text in enumerate(STRINGS)],
        "knowledge_revision": STRINGS[0],
    }


def poke(page: Page, widget: str) -> None:
    """Do to everything in a widget what could make something run."""
    page.locator(widget).evaluate(
        """(widget) => {
            for (const one of widget.shadowRoot.querySelectorAll("details")) one.open = true;
            for (const one of widget.shadowRoot.querySelectorAll("*"))
                for (const kind of ["mouseover", "mouseenter", "focus", "pointerdown", "toggle", "load", "error"])
                    one.dispatchEvent(new Event(kind));
        }"""
    )
    for reference in page.locator(widget).locator(".yb-reference").all()[:5]:
        reference.dispatch_event("click")


def assert_nothing_ran(page: Page) -> None:
    page.wait_for_timeout(200)
    assert page.evaluate("window.ran") == []
    assert page.evaluate(MADE) == []


def test_there_are_at_least_sixty_strings() -> None:
    assert len(set(STRINGS)) >= 60


@pytest.fixture
def alarmed(open_page: OpenPage, server: Yibao) -> Page:
    """The demo site in a page that notices when anything runs."""
    page = open_page("")
    page.add_init_script(ALARM)
    page.goto(server.address)
    return page


def fulfil_turn(route: Route) -> None:
    """Answer a message with the strings."""
    said = route.request.post_data_json
    message = {
        "id": said["id"],
        "seq": 1,
        "from": "person",
        "time": STRINGS[0],
        "text": "\n".join(STRINGS),
        "reply": None,
    }
    answer = {**message, "id": STRINGS[1], "seq": 2, "from": "assistant", "reply": hostile_reply()}
    route.fulfill(json={"token": "t", "message": message, "replies": [answer]})


def test_questions_go_through_the_real_server_and_come_back_as_text(alarmed: Page) -> None:
    chat = Chat(alarmed)
    chat.begin()
    for string in STRINGS:
        chat.widget.evaluate("(widget, text) => widget.ask(text)", string)
    expect(chat.answers).to_have_count(len(STRINGS), timeout=60_000)
    assert_nothing_ran(alarmed)
    alarmed.reload()
    chat.open()

    expect(chat.mine).to_have_count(len(STRINGS))
    expect(chat.mine.first).to_contain_text(STRINGS[0])
    poke(alarmed, "yibao-chat")
    assert_nothing_ran(alarmed)


def test_every_field_of_a_reply_in_the_chat(alarmed: Page) -> None:
    chat = Chat(alarmed)
    chat.begin()
    alarmed.route("**/chat/messages*", fulfil_turn)
    alarmed.route("**/chat/feedback", lambda route: route.fulfill(json={}))
    chat.say("hello")
    expect(chat.answers).to_have_count(1)
    poke(alarmed, "yibao-chat")

    for string in STRINGS:
        expect(chat.answers.first).to_contain_text(string)
    assert_nothing_ran(alarmed)
    chat.widget.get_by_role("group", name="Suggestions").get_by_role("button").first.click()
    alarmed.evaluate("window.print = () => {}")
    chat.answers.first.get_by_role("button", name="Print the checklist").click()
    assert_nothing_ran(alarmed)


def answering(text: str) -> Callable[[Route], None]:
    """Answers the help box with the strings; the answer is at this address and called so."""
    return lambda route: route.fulfill(json={"reply": hostile_reply(), "url": text, "question": text})


def test_every_field_of_the_help_box(alarmed: Page) -> None:
    results = [
        {"id": text, "topic": text, "question": text, "excerpt": text, "source": text, "url": text} for text in STRINGS
    ]
    alarmed.route("**/help/suggest*", lambda route: route.fulfill(json={"query": STRINGS[0], "results": results}))
    help_box = HelpBox(alarmed)
    for address in (text for text in STRINGS if text.startswith(("javascript:", "data:", "//", "@"))):
        alarmed.unroute("**/help/answer/**")
        alarmed.route("**/help/answer/**", answering(address))
        help_box.input.fill("anything")
        expect(help_box.results).to_have_count(len(STRINGS))
        help_box.input.press("ArrowDown")
        help_box.input.press("Enter")
        expect(help_box.answer.get_by_role("heading", name=address)).to_be_visible()
        page_of_answer = help_box.answer.get_by_role("link", name="Open as a page").get_attribute("href")
        assert str(page_of_answer).startswith(alarmed.url.split("#")[0])
        help_box.answer.get_by_role("button", name="Close the answer").click()
    help_box.open_first("anything")
    poke(alarmed, "yibao-help")
    assert_nothing_ran(alarmed)


def test_searches_addresses_and_settings(alarmed: Page) -> None:
    alarmed.route("**/help/suggest*", lambda route: route.fulfill(json={"query": "", "results": []}))
    alarmed.route("**/help/answer/**", lambda route: route.fulfill(json={"reply": hostile_reply(), "url": "/faq"}))
    help_box = HelpBox(alarmed)
    for string in STRINGS:
        help_box.input.fill(string + " ")
        alarmed.evaluate(
            """(text) => {
                location.hash = "#/faq/" + text;
                for (const widget of document.querySelectorAll("yibao-chat, yibao-help"))
                    for (const name of ["lang", "theme", "position"]) widget.dataset[name] = text;
            }""",
            string,
        )
    expect(help_box.answer).to_be_visible()
    assert_nothing_ran(alarmed)


def test_an_address_with_a_broken_escape_is_only_an_unknown_answer(open_page: OpenPage) -> None:
    help_box = HelpBox(open_page("/#/faq/%E0%A4%A", forgive=("404",)))

    expect(help_box.widget.get_by_role("alert")).to_contain_text("does not exist any more")
