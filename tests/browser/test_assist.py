"""Agent assist in a real browser, with the trained bot behind it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from bot.assist.demo import Recording
from tests.browser.agents import ONLINE, PAPERS, WHEN, Desk, Staff, hears
from tests.browser.conftest import OpenPage
from tests.browser.test_accessibility import violations
from tests.browser.test_injection import ALARM, MADE, STRINGS, hostile_reply
from tests.servers import Yibao

REFUSED = ("Failed to load resource",)  # the browser's own words for a 4xx that a test provokes


@pytest.fixture
def staff(server: Yibao) -> Staff:
    return Staff(server)


@pytest.fixture
def desk(open_page: OpenPage, staff: Staff) -> Desk:
    """An agent's console with a call that has just begun."""
    desk = Desk(open_page("/assist", permissions=["clipboard-read", "clipboard-write"]))
    desk.begin(staff.hire())
    return desk


# ---- logging in ----


def test_a_wrong_password_is_said_in_one_line_and_the_right_one_opens(open_page: OpenPage, staff: Staff) -> None:
    desk = Desk(open_page("/assist", forgive=REFUSED))
    name = staff.hire()
    desk.log_in(name, "not the password")
    expect(desk.page.get_by_role("alert")).to_have_text("The name or the password is wrong.")
    desk.log_in(name)
    expect(desk.page.get_by_role("heading", name="Calls")).to_be_visible()
    desk.page.reload()
    expect(desk.page.get_by_role("heading", name="Calls")).to_be_visible()
    desk.page.get_by_role("button", name="Log out").click()
    expect(desk.page.get_by_label("Password")).to_be_visible()


def test_nothing_of_a_session_can_be_read_by_scripts(desk: Desk) -> None:
    assert desk.page.evaluate("document.cookie") == ""
    assert desk.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])") == "[{},{}]"


def test_another_agent_who_has_the_address_sees_nothing(open_page: OpenPage, staff: Staff, desk: Desk) -> None:
    desk.customer(PAPERS)
    other = Desk(open_page("/assist", forgive=REFUSED))
    other.log_in(staff.hire())
    expect(other.page.get_by_role("heading", name="Calls")).to_be_visible()
    other.page.goto(desk.page.url)
    expect(other.announced).to_have_text("There is no such call.")
    expect(other.page.get_by_text(PAPERS)).to_have_count(0)


# ---- suggestions ----


def test_a_question_gets_a_card_with_what_to_say_and_the_quoted_source(desk: Desk) -> None:
    desk.customer(WHEN)
    card = desk.card("When to pay")
    expect(card).to_contain_text("confidence")
    expect(card).to_contain_text("Close to the stored question")
    card.get_by_text("Whole answer and sources").click()
    card.locator(".yb-citation summary").first.click()
    expect(card.locator("blockquote").first).not_to_be_empty()


def test_the_card_goes_into_the_reply_by_its_key_and_is_sent_only_by_the_agent(desk: Desk) -> None:
    desk.customer(WHEN)
    expect(desk.cards.first).to_be_visible()
    said = desk.cards.first.locator(".as-say").inner_text()
    desk.page.keyboard.press("F1")
    expect(desk.reply).to_have_value(said)
    expect(desk.page.get_by_text("From: When to pay")).to_be_visible()
    expect(desk.log.locator("[data-role=agent]")).to_have_count(0)
    desk.reply.press("Control+Enter")
    expect(desk.log.locator("[data-role=agent]")).to_contain_text(said[:40])


def test_copy_puts_the_words_on_the_clipboard(desk: Desk) -> None:
    desk.customer(WHEN)
    desk.cards.first.get_by_role("button", name="Copy").click()
    expect(desk.announced).to_have_text("Copied.")
    assert desk.page.evaluate("navigator.clipboard.readText()") == desk.cards.first.locator(".as-say").inner_text()


def test_where_there_is_no_answer_it_says_so_and_shows_no_card(desk: Desk) -> None:
    desk.customer("What's the weather like tomorrow?")
    expect(desk.suggestions).to_contain_text("No suggestion: nothing in the knowledge answers this.")
    expect(desk.cards).to_have_count(0)


def test_new_cards_are_announced_and_never_take_the_focus(desk: Desk, staff: Staff) -> None:
    desk.reply.fill("I am just writing")
    desk.page.evaluate("document.querySelector('#as-reply').setSelectionRange(2, 2)")
    _say_for(desk, WHEN)
    expect(desk.cards).to_have_count(1)
    expect(desk.announced).to_have_text("1 new suggestion")
    expect(desk.announced).to_have_attribute("role", "status")
    expect(desk.reply).to_be_focused()
    assert desk.page.evaluate("document.querySelector('#as-reply').selectionStart") == 2


def test_a_card_that_is_read_stays_where_it_is(desk: Desk) -> None:
    desk.customer(WHEN)
    expect(desk.card("When to pay")).to_be_visible()
    desk.page.keyboard.press("Alt+ArrowDown")
    expect(desk.cards.first).to_be_focused()
    before = desk.cards.first.bounding_box()
    _say_for(desk, PAPERS)
    more = desk.suggestions.get_by_role("button", name=re.compile("Show 1 new"))
    expect(more).to_be_visible()
    expect(desk.card("When to pay")).to_be_focused()
    after = desk.cards.first.bounding_box()
    assert before is not None
    assert after is not None
    assert after["x"] == before["x"]
    more.click()
    expect(desk.card("Papers for enrolment")).to_be_focused()
    expect(desk.suggestions.get_by_text("Earlier suggestions (1)")).to_be_visible()


def test_whoever_goes_on_typing_sees_the_new_card_at_once(desk: Desk) -> None:
    desk.customer(WHEN)
    _say_for(desk, PAPERS)
    expect(desk.card("Papers for enrolment")).to_be_visible()
    expect(desk.card("When to pay")).to_have_count(0)


def test_a_card_is_pinned_dismissed_and_rated(desk: Desk) -> None:
    desk.customer(WHEN)
    desk.card("When to pay").get_by_role("button", name="Pin").click()
    desk.customer(ONLINE)
    pinned = desk.suggestions.locator(".as-card").filter(has_text="When to pay").first
    expect(pinned.get_by_role("button", name="Unpin")).to_be_visible()
    card = desk.card("Paying online")
    card.get_by_text("Rate this card").click()
    card.get_by_role("group", name="Useful?").get_by_role("button", name="No").click()
    expect(desk.announced).to_have_text("Thank you, stored.")
    card.get_by_role("button", name="Dismiss").click()
    expect(desk.card("Paying online")).to_have_count(0)


# ---- checklist ----


def test_the_checklist_ticks_itself_from_both_sides(desk: Desk) -> None:
    desk.customer(PAPERS)
    expect(desk.checklist.get_by_role("heading", name="Checklist for your mother")).to_be_visible()
    expect(desk.fact("age")).to_have_attribute("data-known", "false")
    desk.agent("Does she have an urban hukou?")
    desk.customer("Yes.")
    expect(desk.fact("household")).to_contain_text("urban hukou")
    expect(desk.fact("household")).to_contain_text("said by the customer")
    desk.agent("I see, so your mother is 63.")
    expect(desk.fact("age")).to_contain_text("63 years old (said by you)")


def test_one_click_sets_a_fact_right_and_the_papers_follow(desk: Desk) -> None:
    desk.customer(PAPERS)
    papers = desk.checklist.locator("[data-needed=yes]")
    expect(papers.filter(has_text="dibao")).to_have_count(0)
    yes = desk.fact("minimum_living_guarantee").get_by_role("button", name="Yes")
    yes.click()
    expect(papers.filter(has_text="dibao")).to_have_count(1)
    expect(desk.fact("minimum_living_guarantee")).to_contain_text("set by hand")
    expect(yes).to_be_focused()
    expect(yes).to_have_attribute("aria-pressed", "true")


def test_the_next_question_goes_into_the_reply(desk: Desk) -> None:
    desk.customer(PAPERS)
    expect(desk.checklist).to_contain_text("Ask next")
    desk.page.keyboard.press("F4")
    expect(desk.reply).to_have_value(re.compile(r"your mother.*\?"))


# ---- the call ----


def test_a_call_of_the_telephone_system_appears_is_taken_and_followed_live(open_page: OpenPage, staff: Staff) -> None:
    system = staff.telephone()
    desk = Desk(open_page("/assist"))
    desk.log_in(staff.hire())
    call = system.post("/assist/calls", {"language": "en"})["call"]
    hears(system, call, "agent", "Good morning.")
    desk.page.get_by_role("link", name=re.compile("Open")).last.click()
    expect(desk.log).to_contain_text("Good morning.")
    hears(system, call, "customer", "When do", turn="t2", final=False)
    interim = desk.page.locator(".as-interim [data-turn=t2]")
    expect(interim).to_contain_text("When do")
    expect(desk.cards).to_have_count(0)
    hears(system, call, "customer", WHEN, turn="t2")
    expect(interim).to_have_count(0)
    expect(desk.log).to_contain_text(WHEN)
    expect(desk.card("When to pay")).to_be_visible()


def test_the_recorded_call_from_beginning_to_wrap_up(open_page: OpenPage, staff: Staff) -> None:
    system = staff.telephone()
    desk = Desk(open_page("/assist"))
    desk.log_in(staff.hire())
    call = system.post("/assist/calls", {"language": "en"})["call"]
    desk.page.get_by_role("link", name=re.compile("Open")).first.wait_for()
    desk.page.goto(f"{desk.page.url.split('?')[0]}?call={call}")
    for _, turn in Recording.load().states():
        system.post(f"/assist/calls/{call}/turns", turn)
    expect(desk.log).to_contain_text("Goodbye.")
    expect(desk.log).to_contain_text("[phone number removed]")
    expect(desk.fact("age")).to_contain_text("63 years old")
    desk.page.get_by_role("button", name="End and wrap up").click()
    dialog = desk.page.get_by_role("dialog", name="Wrap-up")
    text = dialog.get_by_role("textbox")
    expect(text).to_have_value(re.compile("Papers for enrolment; When to pay"))
    expect(text).to_have_value(re.compile("63 years old"))
    text.fill("All said.")
    dialog.get_by_role("button", name="Save and end the call").click()
    expect(dialog).to_have_count(0)
    expect(desk.page.locator(".as-state")).to_have_text("Ended")


def test_a_pasted_transcript_becomes_turns(desk: Desk) -> None:
    desk.reply.fill(f"Customer: {PAPERS}\nAgent: How old is she?\nCustomer: She is 63,\nand low income.")
    desk.reply.press("Control+Enter")
    expect(desk.log.locator(".as-turn")).to_have_count(3)
    expect(desk.fact("age")).to_contain_text("63")
    expect(desk.reply).to_have_value("")


def test_after_a_reload_everything_is_there_again(desk: Desk) -> None:
    desk.customer(PAPERS)
    desk.customer("She is 63.")
    expect(desk.fact("age")).to_contain_text("63")
    desk.page.reload()
    expect(desk.log.locator(".as-turn")).to_have_count(2)
    expect(desk.card("Papers for enrolment")).to_have_count(1)
    expect(desk.fact("age")).to_contain_text("63")


def test_a_cut_connection_is_said_and_nothing_is_missed(open_page: OpenPage, staff: Staff) -> None:
    desk = Desk(open_page("/assist", forgive=(*REFUSED, "ERR_", "EventSource")))
    desk.begin(staff.hire())
    desk.customer(PAPERS)
    desk.page.route("**/events*", lambda route: route.abort())
    desk.page.context.set_offline(True)
    desk.reply.fill("How old is she?")
    desk.reply.press("Control+Enter")
    expect(desk.page.get_by_role("alert").filter(has_text="Not sent")).to_be_visible()
    desk.page.context.set_offline(False)
    desk.page.unroute("**/events*")
    desk.reply.press("Control+Enter")
    expect(desk.log.locator(".as-turn")).to_have_count(2)
    expect(desk.reply).to_have_value("")


def test_the_search_finds_an_article_while_typing(desk: Desk) -> None:
    desk.page.get_by_role("heading", name="Suggestions").click()
    desk.page.keyboard.press("/")
    expect(desk.search).to_be_focused()
    desk.page.keyboard.type("article 58")
    result = desk.page.locator(".as-result").first
    expect(result).to_contain_text("Article 58")
    result.get_by_role("button", name="Insert").click()
    expect(desk.reply).to_have_value(re.compile("Article 58"))


# ---- the supervisor ----


def test_the_supervisor_sees_what_became_of_the_cards(open_page: OpenPage, staff: Staff, desk: Desk) -> None:
    desk.customer(WHEN)
    desk.page.keyboard.press("F1")
    desk.customer("What's the weather on Mars, I am at 13812345678")
    expect(desk.suggestions).to_contain_text("No suggestion")
    open_page("/faq?q=zzzqqq+13812345678")
    page = open_page("/assist/supervisor")
    Desk(page).log_in(staff.hire("supervisor"))
    expect(page.locator("[data-figure=figure_inserted] dd")).not_to_have_text("0")
    expect(page.locator("[data-figure=figure_p95] dd")).to_have_text(re.compile("ms"))
    expect(page.get_by_role("table", name="Unanswered questions in calls")).to_contain_text(
        "What's the weather on Mars, I am at [phone number removed]"
    )
    expect(page.get_by_role("table", name="Unanswered questions in chat and help box")).to_contain_text(
        re.compile(r"zzzqqq \[phone number removed\].*Help box")
    )
    assert violations(page) == []


# ---- for everybody ----


def test_no_violation_that_axe_can_find(open_page: OpenPage, staff: Staff) -> None:
    page = open_page("/assist", forgive=REFUSED)
    desk = Desk(page)
    assert violations(page) == [], "log-in"
    desk.log_in("nobody", "not the password")
    expect(page.get_by_role("alert")).not_to_be_empty()
    assert violations(page) == [], "log-in refused"
    desk.log_in(staff.hire())
    expect(page.get_by_role("heading", name="Calls")).to_be_visible()
    assert violations(page) == [], "calls"
    page.get_by_role("button", name="New call").click()
    expect(page.locator(".as-state")).to_have_text("Live")
    assert violations(page) == [], "an empty call"
    desk.customer(PAPERS)
    desk.customer("She is 63. Can she pay online or at the counter?")
    desk.customer("What's the weather?")
    page.keyboard.press("F1")
    desk.cards.first.get_by_text("Whole answer and sources").click()
    desk.cards.first.get_by_text("Rate this card").click()
    desk.search.fill("make up missed payments")
    expect(page.locator(".as-result").first).to_be_visible()
    assert violations(page) == [], "a call"
    page.get_by_role("button", name="End and wrap up").click()
    expect(page.get_by_role("dialog").get_by_role("textbox")).not_to_have_value("")
    assert violations(page) == [], "wrap-up"
    page.get_by_role("button", name="Cancel").click()
    for width in (700, 320):
        page.set_viewport_size({"width": width, "height": 700})
        for tab in ("Conversation", "Suggestions", "Checklist", "Search the knowledge"):
            page.get_by_role("tab", name=tab).click()
            assert violations(page) == [], f"{tab} at {width}"


def test_in_chinese(open_page: OpenPage, staff: Staff) -> None:
    page = open_page("/assist", locale="zh-CN")
    page.get_by_label("用户名").fill(staff.hire())
    page.get_by_label("密码").fill("correct horse battery")
    page.get_by_role("button", name="登录").click()
    page.get_by_role("button", name="新建来电").click()
    expect(page.get_by_role("heading", name="建议")).to_be_visible()
    assert violations(page) == []


def test_a_whole_call_by_keyboard(open_page: OpenPage, staff: Staff) -> None:
    page = open_page("/assist")
    desk = Desk(page)
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type(staff.hire())
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")
    _tab_to(page, page.get_by_role("button", name="New call"))
    page.keyboard.press("Enter")
    expect(page.locator(".as-state")).to_have_text("Live")
    _tab_to(page, desk.reply)
    page.keyboard.type(f"Customer: {WHEN}")
    page.keyboard.press("Control+Enter")
    expect(desk.cards).to_have_count(1)
    page.keyboard.press("Alt+ArrowDown")
    expect(desk.cards.first).to_be_focused()
    page.keyboard.press("F1")
    expect(desk.reply).not_to_have_value("")
    _tab_to(page, desk.reply)
    page.keyboard.press("Control+Enter")
    expect(desk.log.locator(".as-turn")).to_have_count(2)


@pytest.mark.parametrize("width", [320, 390, 719])
def test_narrow_screens_have_tabs_and_nothing_sticks_out(open_page: OpenPage, staff: Staff, width: int) -> None:
    desk = Desk(open_page("/assist", viewport={"width": width, "height": 700}))
    desk.begin(staff.hire())
    if width == 320:
        expect(desk.suggestions).to_be_visible()
    desk.page.get_by_role("tab", name="Conversation").click()
    expect(desk.suggestions).to_be_hidden()
    desk.customer(PAPERS)
    desk.page.get_by_role("tab", name="Conversation").press("ArrowRight")
    expect(desk.card("Papers for enrolment")).to_be_visible()
    for tab in ("Suggestions", "Checklist", "Conversation"):
        desk.page.get_by_role("tab", name=tab).click()
        assert desk.page.evaluate("document.documentElement.scrollWidth") <= width, tab


def test_hostile_words_and_replies_stay_words(open_page: OpenPage, staff: Staff) -> None:
    page = open_page("", forgive=REFUSED)
    page.add_init_script(ALARM)
    desk = Desk(page)
    page.goto(staff.address + "/assist")
    desk.begin(staff.hire())
    for string in STRINGS[:20]:
        desk.page.get_by_role("radio", name="Customer").check()
        desk.reply.fill(f"Customer: {string}")
        desk.reply.press("Control+Enter")
        expect(desk.reply).to_have_value("")
    page.route("**/assist/calls/*", lambda route: _poison(route))
    page.reload()
    expect(desk.cards).not_to_have_count(0)
    for summary in desk.suggestions.locator(".as-card > details > summary").all():
        summary.click()
    assert page.evaluate("window.ran") == []
    assert [one for one in page.evaluate(MADE) if not one.startswith('<form class="as-')] == []


def test_the_time_from_the_last_word_to_the_painted_card_can_be_read(desk: Desk) -> None:
    desk.customer(WHEN)
    expect(desk.cards).to_have_count(1)
    marks = desk.page.evaluate("performance.getEntriesByType('mark').map((one) => one.name)")
    [sent] = [mark for mark in marks if mark.startswith("yibao:sent:")]
    assert sent.replace("sent", "painted") in marks


def _say_for(desk: Desk, text: str) -> None:
    """The customer says something while the agent does something else."""
    body = json.dumps({"turn": f"said-{abs(hash(text))}", "role": "customer", "text": text, "final": True})
    status = desk.page.evaluate(
        """async ([call, body]) => {
            const { session } = await (await fetch("/assist/session")).json();
            const headers = { "Content-Type": "application/json", "X-CSRF-Token": session.csrf };
            return (await fetch(`/assist/calls/${call}/turns`, { method: "POST", headers, body })).status;
        }""",
        [desk.call, body],
    )
    assert status == 200


def _poison(route: Route) -> None:
    """A call as a broken or hostile server would send it: every text of every card is hostile."""
    answer = route.fetch()
    call: dict[str, Any] = answer.json()
    if "turns" not in call:
        route.fulfill(response=answer)
        return
    reply = hostile_reply()
    call["turns"] = [
        {"turn": f"x{number}", "role": "customer", "text": text, "final": True, "time": 0, "none": None}
        for number, text in enumerate(STRINGS)
    ]
    call["cards"] = [
        {
            "id": f"c{number}", "turn": "x", "title": text, "say": text, "reply": reply,
            "confidence": "high", "why": text, "replaces": None,
        }
        for number, text in enumerate(STRINGS[:3])
    ]  # fmt: skip
    call["topic"] = {"id": "x", "title": STRINGS[0]}
    call["ask"] = {"fact": "age", "text": STRINGS[1], "why": STRINGS[2]}
    fact = {"id": "age", "label": STRINGS[3], "value": STRINGS[4], "text": STRINGS[5], "by": "customer", "turn": None}
    choices = [{"value": text, "title": text} for text in STRINGS[6:12]]
    call["checklist"] = {
        "person": STRINGS[0],
        "title": STRINGS[1],
        "known": 1,
        "facts": [{**fact, "choices": choices, "range": None}],
        "instead": STRINGS,
        "items": [{"id": "x", "text": text, "needed": "yes", "why": text} for text in STRINGS],
    }
    route.fulfill(response=answer, json=call)


def _tab_to(page: Page, target: Any) -> None:
    for _ in range(60):
        if target.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("not reached with the Tab key")
