"""What a visitor does with the help box, and with the pages behind it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.surfaces import Chat, HelpBox


def test_answers_appear_while_typing_and_their_number_is_said(help_box: HelpBox) -> None:
    help_box.search("make up missed payments")

    expect(help_box.results.first).to_contain_text("Making up missed payments")
    expect(help_box.count).to_have_text(f"{help_box.results.count()} results")
    expect(help_box.results.first).to_contain_text("source page")


def test_a_result_opens_in_place_with_its_source_and_an_address_of_its_own(help_box: HelpBox) -> None:
    start = help_box.page.url
    help_box.open_first("make up missed payments")

    expect(help_box.answer.get_by_role("heading", name="Making up missed payments")).to_be_focused()
    expect(help_box.answer).to_contain_text("Sources")
    assert help_box.page.url == f"{start}#/faq/make_up_payment"
    help_box.page.go_back()
    expect(help_box.answer).to_have_count(0)
    assert help_box.page.url == start


def test_a_result_opens_by_mouse(help_box: HelpBox) -> None:
    help_box.search("make up missed payments")
    help_box.results.first.click()

    expect(help_box.answer.get_by_role("heading", name="Making up missed payments")).to_be_visible()


def test_enter_opens_the_best_answer(help_box: HelpBox) -> None:
    help_box.search("article 58")
    help_box.input.press("Enter")

    expect(help_box.answer).to_contain_text("30 days")


def test_a_click_outside_closes_the_results(help_box: HelpBox) -> None:
    help_box.search("make up missed payments")
    expect(help_box.results.first).to_be_visible()
    help_box.page.get_by_role("contentinfo").click()

    expect(help_box.results).to_have_count(0)


def test_escape_closes_the_results_and_then_clears_the_search(help_box: HelpBox) -> None:
    help_box.search("make up missed payments")
    expect(help_box.results.first).to_be_visible()
    help_box.input.press("Escape")
    expect(help_box.results).to_have_count(0)
    help_box.input.press("Escape")

    expect(help_box.input).to_have_value("")


def test_an_address_opens_its_answer(open_page: OpenPage) -> None:
    help_box = HelpBox(open_page("/#/faq/payment_time"))

    expect(help_box.answer).to_contain_text("paid once a year")
    help_box.page.reload()
    expect(help_box.answer).to_contain_text("paid once a year")


def test_an_address_of_an_answer_that_is_gone_says_so(open_page: OpenPage) -> None:
    help_box = HelpBox(open_page("/#/faq/gone", forgive=("404",)))

    expect(help_box.widget.get_by_role("alert")).to_contain_text("does not exist any more")


def test_the_link_can_be_copied(open_page: OpenPage) -> None:
    help_box = HelpBox(open_page("/#/faq/payment_time", permissions=["clipboard-read", "clipboard-write"]))
    help_box.answer.get_by_role("button", name="Copy link").click()

    expect(help_box.answer.get_by_text("Link copied.")).to_be_visible()
    assert help_box.page.evaluate("navigator.clipboard.readText()") == help_box.page.url


def test_the_reason_why_it_did_not_help_is_stored_and_people_are_named(help_box: HelpBox) -> None:
    help_box.open_first("make up missed payments")
    help_box.answer.get_by_role("button", name="No", exact=True).click()
    with help_box.page.expect_response("**/help/feedback") as sent:
        help_box.answer.get_by_role("button", name="Not for my place").click()

    assert sent.value.ok
    said = sent.value.request.post_data_json
    assert said == {
        "answer": "make_up_payment",
        "query": "make up missed payments",
        "verdict": "down",
        "reason": "wrong_place",
    }
    expect(help_box.answer).to_contain_text("people answer at 12393")


def test_the_question_is_handed_over_to_the_chat(help_box: HelpBox) -> None:
    help_box.search("make up missed payments")
    expect(help_box.results.first).to_be_visible()
    help_box.input.press("Escape")
    help_box.widget.get_by_role("button", name="Ask the assistant").click()
    chat = Chat(help_box.page)
    chat.agree()

    expect(chat.mine).to_have_count(1)
    expect(chat.mine.first).to_contain_text("make up missed payments")
    expect(chat.answers).to_have_count(1)


def test_nothing_found_leads_to_other_ways(help_box: HelpBox) -> None:
    help_box.find_nothing("How do I bake bread")

    expect(help_box.count).to_have_text("No results")
    expect(help_box.answer).to_contain_text("Nothing found for “How do I bake bread”")
    expect(help_box.widget.get_by_role("button", name="Ask the assistant")).to_be_visible()
    expect(help_box.widget.get_by_role("link", name="Call 12393")).to_be_visible()


def test_pinyin_is_not_searched_for_while_a_word_is_composed(open_page: OpenPage) -> None:
    help_box = HelpBox(open_page(locale="zh-CN"))
    asked: list[str] = []
    help_box.page.on("request", lambda request: asked.append(request.url) if "/help/suggest" in request.url else None)
    help_box.input.click()
    keyboard = help_box.page.context.new_cdp_session(help_box.page)
    for fragment in ("d", "duan", "duan jiao"):
        keyboard.send("Input.imeSetComposition", {"text": fragment, "selectionStart": 0, "selectionEnd": len(fragment)})
        help_box.page.wait_for_timeout(250)
    assert asked == []
    with help_box.page.expect_response("**/help/suggest*") as answer:
        keyboard.send("Input.insertText", {"text": "断缴"})

    assert answer.value.json()["query"] == "断缴"
    assert len(asked) == 1


def test_a_dead_server_is_said_in_one_line(open_page: OpenPage) -> None:
    help_box = HelpBox(open_page(forgive=("Failed to load resource",)))
    help_box.page.route("**/help/suggest*", lambda route: route.abort())
    help_box.search("make up missed payments")

    expect(help_box.widget.get_by_role("alert")).to_have_text("The search cannot be reached. Please try again.")
