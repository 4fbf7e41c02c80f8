"""Cut connections, lost answers and killed servers: nothing is lost, nothing is said twice."""

from __future__ import annotations

import json
import signal

from playwright.sync_api import Route, expect

from tests.browser.conftest import OpenPage
from tests.browser.surfaces import WHEN, Chat
from tests.servers import Yibao

CUT = ("Failed to load resource",)
OFFLINE = "No connection"


def stored(chat: Chat) -> list[dict[str, str]]:
    """What the server has of this conversation."""
    token = json.loads(chat.page.evaluate("sessionStorage.getItem('yibao.chat.token')"))
    answer = chat.page.request.get("/chat/history?after=0", headers={"Authorization": f"Bearer {token}"})
    messages: list[dict[str, str]] = answer.json()["messages"]
    return messages


def test_what_is_typed_offline_is_answered_once_when_the_connection_is_back(open_page: OpenPage) -> None:
    chat = Chat(open_page(forgive=CUT))
    chat.begin()
    chat.page.context.set_offline(True)
    chat.say(WHEN)
    expect(chat.widget.get_by_role("status").filter(has_text=OFFLINE)).to_be_visible()
    expect(chat.mine.last).to_contain_text("Sending")
    chat.page.context.set_offline(False)

    expect(chat.answers).to_have_count(1)
    expect(chat.widget.get_by_text(OFFLINE)).to_have_count(0)
    expect(chat.mine.last).not_to_contain_text("Sending")
    assert [message["from"] for message in stored(chat)] == ["person", "assistant"]


def test_what_is_typed_offline_survives_a_reload(open_page: OpenPage) -> None:
    chat = Chat(open_page(forgive=CUT))
    chat.begin()
    chat.page.route("**/chat/messages*", lambda route: route.abort())
    chat.say(WHEN)
    expect(chat.widget.get_by_role("status").filter(has_text=OFFLINE)).to_be_visible()
    chat.page.unroute("**/chat/messages*")
    chat.page.reload()
    chat.open()

    expect(chat.answers).to_have_count(1)
    expect(chat.mine).to_have_count(1)


def test_an_answer_lost_on_the_way_is_not_asked_for_twice(open_page: OpenPage) -> None:
    chat = Chat(open_page(forgive=CUT))
    chat.begin()
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.request.post_data_json["id"])
            route.fetch()
            route.abort()

    chat.page.route("**/chat/messages*", lose_the_first)
    chat.say(WHEN)

    expect(chat.answers).to_have_count(1)
    expect(chat.mine).to_have_count(1)
    assert [message["from"] for message in stored(chat)] == ["person", "assistant"]


def test_a_killed_and_restarted_server_goes_on_with_the_conversation(open_page: OpenPage, server: Yibao) -> None:
    chat = Chat(open_page(forgive=CUT))
    chat.begin()
    chat.ask("What does article 58 say?")
    server.stop(signal.SIGKILL)
    try:
        chat.say(WHEN)
        expect(chat.widget.get_by_role("status").filter(has_text=OFFLINE)).to_be_visible()
    finally:
        server.start()
        server.wait()

    expect(chat.answers).to_have_count(2, timeout=30_000)
    expect(chat.answers.last).to_contain_text("paid once a year")
    assert [message["from"] for message in stored(chat)] == ["person", "assistant"] * 2


def test_a_refused_message_can_be_sent_again(open_page: OpenPage) -> None:
    chat = Chat(open_page(forgive=("400",)))
    chat.begin()
    chat.page.route("**/chat/messages*", lambda route: route.fulfill(status=400, json={"error": "no"}))
    chat.say(WHEN)
    expect(chat.widget.get_by_role("alert")).to_contain_text("could not be accepted")
    chat.page.unroute("**/chat/messages*")
    chat.mine.last.get_by_role("button", name="Try again").click()

    expect(chat.answers).to_have_count(1)
    expect(chat.widget.get_by_role("alert")).to_be_empty()


def test_a_flood_is_waited_out(open_page: OpenPage) -> None:
    chat = Chat(open_page(forgive=("429",)))
    chat.begin()
    refused: list[bool] = []

    def too_many(route: Route) -> None:
        if refused:
            route.continue_()
        else:
            refused.append(True)
            route.fulfill(status=429, headers={"Retry-After": "1"}, json={"error": "slow down"})

    chat.page.route("**/chat/messages*", too_many)
    chat.say(WHEN)

    expect(chat.widget.get_by_role("alert")).to_contain_text("Too many messages")
    expect(chat.answers).to_have_count(1)
    expect(chat.widget.get_by_role("alert")).to_be_empty()
