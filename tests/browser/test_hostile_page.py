"""The widgets in a page of another site that treats its guests badly."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.host_site import HostSite
from tests.browser.surfaces import WHEN, Chat, HelpBox
from tests.servers import Yibao

HOSTILE = """
    * { color: red !important; background: red !important; font: 40px cursive !important; border: 9px solid !important;
        margin: 30px !important; letter-spacing: 9px !important; text-transform: uppercase !important; }
    html { font-size: 40px; --yb-card: red; --yb-text: red; --brand-1: red; }
    body { transform: scale(0.5); overflow: hidden; filter: blur(2px); text-align: right; line-height: 4; }
    button, input, textarea, details, dialog { display: none !important; }
    yibao-chat, yibao-help { display: none !important; opacity: 0 !important; visibility: hidden !important;
        position: static !important; direction: rtl !important; all: unset !important; --yb-text: red !important; }
"""
LOOKS = """(one) => {
    const style = getComputedStyle(one);
    const names = ["color", "backgroundColor", "fontSize", "fontFamily", "lineHeight", "padding", "margin", "display",
        "border", "letterSpacing", "textTransform", "textAlign", "direction", "opacity", "visibility"];
    return JSON.stringify(names.map((name) => [name, style[name]]));
}"""


def embedding(server: Yibao, styles: str = "") -> str:
    """A page of another site with both widgets, one script tag each."""
    return f"""<!doctype html><html lang="en"><head><title>City</title><style>{styles}</style></head><body>
        <h1>City</h1><yibao-help></yibao-help>
        <script src="{server.address}/widgets/yibao-help.js" async></script>
        <script src="{server.address}/widgets/yibao-chat.js" async data-theme="wechat"></script></body></html>"""


@pytest.fixture
def visit(open_page: OpenPage, host_site: HostSite) -> Callable[[str], Page]:
    """Opens a page of another site."""

    def visit(html: str) -> Page:
        host_site.page = html
        page = open_page("")
        page.goto(host_site.address)
        return page

    return visit


def looks(page: Page) -> list[str]:
    chat, help_box = Chat(page), HelpBox(page)
    chat.begin()
    answer = chat.ask(WHEN)
    parts = [
        *(chat.launcher.or_(chat.widget.locator(".yb-launcher")).first, chat.panel, chat.input, chat.mine.last),
        *(answer.locator(".Bubble"), answer.locator("p").first, answer.get_by_role("button", name="Yes")),
        *(chat.widget.locator("header h2"), help_box.input, help_box.widget.locator(".yb-contact")),
    ]
    box = chat.panel.bounding_box()
    return [*(part.evaluate(LOOKS) for part in parts), str(box)]


def test_a_hostile_page_changes_nothing(visit: Callable[[str], Page], server: Yibao) -> None:
    kind = looks(visit(embedding(server)))
    hostile = looks(visit(embedding(server, HOSTILE)))

    assert hostile == kind


def test_a_page_of_another_site_gets_answers(visit: Callable[[str], Page], server: Yibao) -> None:
    page = visit(embedding(server))
    HelpBox(page).search("make up missed payments")

    expect(HelpBox(page).results.first).to_contain_text("missed payments")


def test_the_widgets_leave_the_page_as_it_was(visit: Callable[[str], Page], server: Yibao) -> None:
    names = "Object.keys(window).filter((name) => !name.startsWith('__')).sort()"
    around = "[document.documentElement, document.body].map((one) => [...one.attributes].map((a) => a.name))"
    empty = visit('<!doctype html><html lang="en"><title>City</title><body></body></html>')
    guests = visit(embedding(server))
    chat = Chat(guests)
    chat.begin()
    chat.ask(WHEN)
    HelpBox(guests).open_first("make up missed payments")

    assert guests.evaluate(names) == empty.evaluate(names)
    assert guests.evaluate(around) == empty.evaluate(around)
    children = guests.evaluate("[...document.body.children].map((one) => one.localName)")
    assert children == ["h1", "yibao-help", "script", "script", "yibao-chat"]


def test_settings_stand_in_the_script_tag(visit: Callable[[str], Page], server: Yibao) -> None:
    tag = f'<script src="{server.address}/widgets/yibao-chat.js" data-lang="zh" data-open="true" data-position="left">'
    page = visit(f"<!doctype html><title>City</title><body>{tag}</script></body>")

    panel = page.get_by_role("dialog", name="医保智能助手")
    expect(panel).to_be_visible()
    box = panel.bounding_box()
    assert box is not None and box["x"] < 100


def test_a_site_that_is_not_on_the_list_gets_nothing(open_page: OpenPage, host_site: HostSite, server: Yibao) -> None:
    host_site.page = embedding(server)
    page = open_page("", forgive=("CORS policy", "net::ERR_FAILED", "another host"))
    page.goto(host_site.address.replace("127.0.0.1", "localhost"))
    HelpBox(page).search("make up missed payments")

    expect(page.locator("yibao-help").get_by_role("alert")).to_contain_text("cannot be reached")
