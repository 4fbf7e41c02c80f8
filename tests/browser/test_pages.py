"""The pages behind the widgets, and the way to them without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.test_accessibility import violations
from tests.browser.test_layout import assert_fits


def test_without_scripts_the_start_page_leads_to_an_answer(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    page.get_by_role("link", name="All questions and answers, without scripts").click()
    page.get_by_role("searchbox").fill("make up missed payments")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Making up missed payments").first.click()

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.locator("summary").first.click()
    expect(page.locator("blockquote").first).to_be_visible()


def test_without_scripts_an_article_can_be_read(open_page: OpenPage) -> None:
    page = open_page("/law/sil/58", java_script_enabled=False)

    expect(page.get_by_role("main")).to_contain_text("30 days")


@pytest.mark.parametrize(
    "path", ["/faq", "/faq?q=missed+payment", "/faq/payment_time", "/law/sil/58", "/faq?language=zh"]
)
def test_the_pages_are_accessible_and_fit_a_narrow_screen(open_page: OpenPage, path: str) -> None:
    page = open_page(path, viewport={"width": 320, "height": 640})

    assert violations(page) == []
    assert_fits(page)


def test_the_links_of_the_widgets_lead_to_pages(open_page: OpenPage) -> None:
    page = open_page("/#/faq/payment_time")
    answer = page.locator("yibao-help section")
    answer.locator("summary").first.click()
    law = answer.locator("details[data-citation='sil:60']")
    law.locator("summary").click()
    with page.expect_popup() as opened:
        law.get_by_role("link", name="Read the article").click()
    expect(opened.value.get_by_role("heading", level=1)).to_contain_text("Article 60")
    answer.get_by_role("link", name="Open as a page").click()

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.url.endswith("/faq/payment_time?language=en#payment_time")
