"""What a visitor does with the chat widget."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.surfaces import PAPERS, WHEN, Chat
from tests.servers import Yibao


def test_nothing_is_said_to_the_server_before_the_person_agrees(open_page: OpenPage) -> None:
    page = open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/chat/" in request.url else None)
    chat = Chat(page)
    chat.open()

    expect(chat.panel).to_contain_text("automatic assistant")
    expect(chat.panel.get_by_role("link", name="No, show the common questions only")).to_have_attribute(
        "href", f"{page.url}faq?language=en"
    )
    expect(chat.input).to_have_count(0)
    assert asked == []


def test_an_answer_comes_with_its_sources_folded_and_each_opens_to_its_passage(chat: Chat) -> None:
    answer = chat.ask(WHEN)

    expect(answer).to_contain_text("paid once a year")
    expect(chat.panel).to_contain_text("not from an official")
    quote = answer.locator("blockquote").first
    expect(quote).to_be_hidden()
    answer.get_by_role("button", name="Source 1:").first.click()
    expect(quote).to_be_visible()
    expect(quote).to_contain_text("fourth quarter")
    law = answer.locator("details[data-citation='sil:60']")
    answer.get_by_role("button", name="Social Insurance Law, Article 60").first.click()
    expect(law.get_by_role("link", name="Read the article")).to_have_attribute(
        "href", f"{chat.page.url}law/sil/60?language=en"
    )


def test_a_new_answer_is_shown_from_the_question_on(chat: Chat) -> None:
    chat.ask(WHEN)
    chat.ask(PAPERS)

    expect(chat.mine.last).to_be_in_viewport()
    expect(chat.answers.last.locator("p").first).to_be_in_viewport()


def test_the_assistant_is_seen_to_type_while_the_answer_is_on_its_way(chat: Chat) -> None:
    chat.page.route("**/chat/messages*", lambda route: chat.page.wait_for_timeout(400) or route.continue_())
    chat.say(WHEN)

    expect(chat.widget.get_by_role("status").filter(has_text="Typing")).to_be_visible()
    expect(chat.answers).to_have_count(1)
    expect(chat.widget.get_by_role("status").filter(has_text="Typing")).to_have_count(0)


def test_quick_replies_answer_what_the_assistant_asks(chat: Chat) -> None:
    chat.ask("Which papers do I need?")
    chat.ask("I am 40 years old")
    replies = chat.widget.get_by_role("group", name="Suggestions").get_by_role("button")
    title = replies.first.inner_text()
    before = chat.answers.count()
    # The question itself stands beside the buttons, however long the answer above it is.
    expect(chat.widget.locator(".yb-question")).to_be_in_viewport()
    expect(chat.widget.locator(".yb-question")).to_contain_text("?")
    replies.first.click()

    expect(chat.mine.last).to_contain_text(title)
    expect(chat.answers).to_have_count(before + 1)


def test_a_button_for_a_topic_leads_to_its_answer(chat: Chat) -> None:
    chat.ask("payment")
    choices = chat.widget.get_by_role("group", name="Suggestions").get_by_role("button")
    assert choices.count() > 0
    title = choices.first.inner_text()
    choices.first.click()

    expect(chat.answers).to_have_count(2)
    expect(chat.mine.last).to_contain_text(title)
    expect(chat.answers.last).to_contain_text("Did this help?")


def test_papers_can_be_ticked_stay_ticked_and_are_printed_alone(chat: Chat) -> None:
    chat.page.evaluate(
        """() => { window.print = () => {
            const root = document.querySelector(".yibao-print").shadowRoot;
            window.printed = { text: root.textContent, ticked: root.querySelectorAll("input:checked").length };
        }; }"""
    )
    answer = chat.ask(PAPERS)
    expect(answer.get_by_role("group", name="Checklist of papers")).to_be_visible()
    book = answer.get_by_role("checkbox", name="The hukou book:")
    book.check()
    answer.get_by_role("button", name="Print the checklist").click()

    printed = chat.page.evaluate("window.printed")
    assert "low-income" in printed["text"] and printed["ticked"] == 1
    assert chat.page.locator(".yibao-print").count() == 0
    chat.page.reload()
    chat.open()
    expect(chat.answers.first.get_by_role("checkbox", name="The hukou book:")).to_be_checked()


def test_a_thumb_down_asks_for_the_reason_and_is_stored(chat: Chat) -> None:
    answer = chat.ask(WHEN)
    answer.get_by_role("button", name="No", exact=True).click()
    with chat.page.expect_response("**/chat/feedback") as sent:
        answer.get_by_role("button", name="Out of date").click()

    assert sent.value.ok
    said = sent.value.request.post_data_json
    assert (said["verdict"], said["reason"]) == ("down", "outdated")
    expect(answer.get_by_role("status")).to_have_text("Thank you for the feedback.")


def test_a_thumb_up_is_stored_at_once(chat: Chat) -> None:
    answer = chat.ask(WHEN)
    with chat.page.expect_response("**/chat/feedback") as sent:
        answer.get_by_role("button", name="Yes").click()

    assert sent.value.ok and sent.value.request.post_data_json["verdict"] == "up"
    expect(answer.get_by_role("status")).to_have_text("Thank you for the feedback.")


def test_history_is_there_after_a_reload_and_is_not_read_out_again(chat: Chat) -> None:
    chat.ask(WHEN)
    chat.ask("And what does article 58 say?")
    chat.page.reload()
    chat.open()

    expect(chat.mine).to_have_count(2)
    expect(chat.answers).to_have_count(2)
    expect(chat.answers.last).to_contain_text("Article 58")
    expect(chat.widget.locator("[role=log]")).to_be_empty()


def test_what_was_said_is_not_kept_in_the_browser(chat: Chat) -> None:
    chat.ask("My grandmother wants to pay online")

    kept = chat.page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])")
    assert "grandmother" not in kept


def test_a_second_profile_can_read_nothing(chat: Chat, open_page: OpenPage, server: Yibao) -> None:
    chat.ask(WHEN)
    other = Chat(open_page(forgive=("401",)))
    other.open()

    expect(other.widget.get_by_role("button", name="I agree")).to_be_visible()
    expect(other.answers).to_have_count(0)
    status = other.page.evaluate("fetch('/chat/history?after=0').then((answer) => answer.status)")
    assert status == 401


def test_personal_numbers_are_warned_of_and_removed(chat: Chat) -> None:
    chat.input.fill("my ID is 11010519491231002X and my phone 13812345678")
    expect(chat.widget.get_by_text("Please do not send ID, card or phone numbers")).to_be_visible()
    chat.input.press("Enter")
    expect(chat.answers).to_have_count(1)

    expect(chat.mine.last).not_to_contain_text("11010519491231002X")
    expect(chat.mine.last).not_to_contain_text("13812345678")
    expect(chat.mine.last).to_contain_text("removed")


def test_the_conversation_can_be_taken_along(chat: Chat) -> None:
    chat.ask(WHEN)
    with chat.page.expect_download() as as_data:
        chat.menu("Export as data (JSON)")
    with chat.page.expect_download() as as_text:
        chat.menu("Export as text")

    data = json.loads(Path(as_data.value.path()).read_text())
    assert [message["from"] for message in data["messages"]] == ["person", "assistant"]
    assert WHEN in Path(as_text.value.path()).read_text()


def test_deleting_asks_first_and_really_deletes(chat: Chat) -> None:
    chat.ask(WHEN)
    token = json.loads(chat.page.evaluate("sessionStorage.getItem('yibao.chat.token')"))
    chat.menu("Delete this conversation")
    expect(chat.widget.get_by_text("cannot be undone")).to_be_visible()
    chat.widget.get_by_role("button", name="Yes, delete").click()

    expect(chat.widget.get_by_role("alert")).to_have_text("Your conversation has been deleted.")
    expect(chat.widget.get_by_role("button", name="I agree")).to_be_visible()
    assert chat.page.evaluate("sessionStorage.getItem('yibao.chat.token')") is None
    answer = chat.page.request.get("/chat/history?after=0", headers={"Authorization": f"Bearer {token}"})
    assert answer.status == 401


def test_withdrawing_consent_deletes_too(chat: Chat) -> None:
    chat.ask(WHEN)
    chat.menu("Withdraw consent")
    chat.widget.get_by_role("button", name="Yes, delete").click()

    expect(chat.widget.get_by_role("alert")).to_contain_text("Your consent is withdrawn")


def test_keeping_it_after_all_keeps_it(chat: Chat) -> None:
    chat.ask(WHEN)
    chat.menu("Delete this conversation")
    chat.widget.get_by_role("button", name="Keep it").click()

    expect(chat.answers).to_have_count(1)


def test_an_ended_conversation_asks_again_and_then_sends_what_was_typed(open_page: OpenPage) -> None:
    chat = Chat(open_page(forgive=("401",)))
    chat.begin()
    chat.ask(WHEN)
    chat.page.evaluate("sessionStorage.setItem('yibao.chat.token', JSON.stringify('not.a.token'))")
    chat.say("How do I pay?")

    expect(chat.widget.get_by_role("alert")).to_contain_text("Your conversation has ended")
    chat.agree()
    expect(chat.mine).to_have_count(1)
    expect(chat.answers).to_have_count(1)
    expect(chat.answers.first).to_contain_text("pay")


def test_the_whole_widget_speaks_chinese(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    widget = page.locator("yibao-chat")
    widget.get_by_role("button", name="咨询医保缴费").click()
    widget.get_by_role("button", name="我同意").click()
    widget.get_by_role("textbox", name="您的问题").fill("第58条")
    widget.get_by_role("button", name="发 送").or_(widget.get_by_role("button", name="发送")).click()

    expect(widget.locator(".Message.left blockquote").first).to_be_attached()
    expect(widget.get_by_text("并非工作人员")).to_be_visible()
    expect(widget.get_by_text("这个回答对您有帮助吗？")).to_be_visible()


def test_the_language_can_be_changed_in_the_menu(chat: Chat) -> None:
    chat.menu("中文")

    expect(chat.widget.get_by_role("heading", name="医保智能助手")).to_be_visible()


def test_a_page_can_open_ask_close_and_shut_down(chat: Chat) -> None:
    chat.widget.evaluate("(widget) => widget.close()")
    expect(chat.panel).to_be_hidden()
    chat.widget.evaluate(f"(widget) => widget.ask({WHEN!r})")
    expect(chat.answers).to_have_count(1)
    chat.widget.evaluate("(widget) => widget.shutdown()")
    expect(chat.panel).to_be_hidden()
    chat.widget.evaluate("(widget) => widget.open()")

    expect(chat.widget.get_by_role("button", name="I agree")).to_be_visible()
    assert chat.page.evaluate("sessionStorage.getItem('yibao.chat.token')") is None
