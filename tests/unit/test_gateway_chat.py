"""A visitor's conversation over HTTP: consent, turns, history, feedback, taking it along and deleting it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from knowledge.library import Library
from tests.gateway import PromptAssistant, Visitor, serving, settings, stored


@pytest.fixture
def assistant(library: Library) -> PromptAssistant:
    return PromptAssistant(library)


@pytest.fixture
def visitor(assistant: PromptAssistant, tmp_path: Path) -> Iterator[Visitor]:
    with serving(assistant, settings(tmp_path)) as found:
        yield found


# ---- beginning ----


def test_a_conversation_begins_with_consent(visitor: Visitor) -> None:
    refused = visitor.post("/chat/session", {"consent": False, "consent_version": "1"})
    assert (refused.status, refused.json["code"]) == (400, "consent")

    began = visitor.post("/chat/session", {"consent": True, "consent_version": "1", "language": "en"})
    assert began.status == 200
    assert began.json["expires_in"] == 1800
    assert began.json["history"] == []


def test_the_client_cannot_choose_a_conversation(assistant: PromptAssistant, visitor: Visitor) -> None:
    visitor.post("/chat/session", {"consent": True, "consent_version": "1", "conversation": "alice", "sub": "alice"})
    visitor.post("/chat/messages", {"id": str(uuid.uuid4()), "text": "hello", "sender": "alice", "sub": "alice"})

    conversation = assistant.heard[0][0]
    assert conversation != "alice"
    assert len(conversation) >= 22  # 128 bits


def test_without_a_token_nothing_is_said_or_shown(assistant: PromptAssistant, visitor: Visitor) -> None:
    assert visitor.say("hello").json["code"] == "no_token"
    assert visitor.get("/chat/history").status == 401
    assert assistant.heard == []


# ---- turns ----


def test_a_message_is_answered_with_its_replies(visitor: Visitor) -> None:
    visitor.agree()
    mine = str(uuid.uuid4())

    answer = visitor.say("When do I have to pay?", id=mine).json

    assert answer["message"]["id"] == mine
    assert (answer["message"]["seq"], answer["message"]["from"]) == (1, "person")
    (reply,) = answer["replies"]
    assert (reply["seq"], reply["from"]) == (2, "assistant")
    assert reply["reply"]["topic"] == "payment_time"
    assert reply["text"] == reply["reply"]["text"]


def test_the_same_message_sent_again_gets_the_same_answer_and_no_second_turn(
    assistant: PromptAssistant, visitor: Visitor
) -> None:
    visitor.agree()
    mine = str(uuid.uuid4())

    first, again = visitor.say("hello", id=mine).json, visitor.say("hello", id=mine.upper()).json

    assert first["message"] == again["message"]
    assert first["replies"] == again["replies"]
    assert len(assistant.heard) == 1


def test_the_same_message_sent_at_the_same_time_is_answered_once(assistant: PromptAssistant, visitor: Visitor) -> None:
    visitor.agree()
    assistant.seconds = 0.05
    mine, token = str(uuid.uuid4()), visitor.token

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: Visitor(visitor.port, token=token).say("hello", id=mine).json, range(8)))

    assert len(assistant.heard) == 1
    assert len({str((answer["message"], answer["replies"])) for answer in answers}) == 1


def test_messages_of_one_conversation_are_answered_one_after_the_other(
    assistant: PromptAssistant, visitor: Visitor
) -> None:
    visitor.agree()
    assistant.seconds = 0.02
    token = visitor.token

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: Visitor(visitor.port, token=token).say(f"question {n}"), range(6)))

    assert assistant.most_at_work == 1
    history = visitor.get("/chat/history").json["messages"]
    assert [message["seq"] for message in history] == list(range(1, 13))
    assert [message["from"] for message in history] == ["person", "assistant"] * 6


def test_different_conversations_do_not_wait_for_each_other(assistant: PromptAssistant, visitor: Visitor) -> None:
    assistant.seconds = 0.2
    visitors = [Visitor(visitor.port).agree() for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: one.say("hello"), visitors))

    assert assistant.most_at_work == 4


def test_a_turn_that_failed_is_said_in_a_sentence_and_may_be_sent_again(
    assistant: PromptAssistant, visitor: Visitor
) -> None:
    visitor.agree()
    mine = str(uuid.uuid4())
    assistant.broken = True

    failed = visitor.say("hello", id=mine)
    assert failed.status == 500
    assert "\n" not in failed.json["error"]
    assert "RuntimeError" not in failed.text

    assistant.broken = False
    again = visitor.say("hello", id=mine).json
    assert (again["message"]["seq"], again["replies"][0]["seq"]) == (1, 2)


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("/restart", "restart"),
        ("/payment_time", "payment_time"),
        ("a\u202eb\u200bc\x00d\u0007", "abc d"),
        ("what\n\n is   this", "what is this"),
    ],
)
def test_what_is_typed_is_cleaned_and_never_a_command(
    assistant: PromptAssistant, visitor: Visitor, typed: str, heard: str
) -> None:
    visitor.agree().say(typed)
    assert assistant.heard[0][1] == heard


def test_a_button_is_shown_in_words_and_only_known_ones_count(assistant: PromptAssistant, visitor: Visitor) -> None:
    visitor.agree()
    pressed = visitor.post("/chat/messages", {"id": str(uuid.uuid4()), "payload": "/payment_time"})
    assert pressed.json["message"]["text"] == "When to pay"
    assert assistant.heard[0][1] == "/payment_time"

    for payload in ("/unreadable", '/inform{"age": 3}', "/affirm", "payment_time", "/restart "):
        refused = visitor.post("/chat/messages", {"id": str(uuid.uuid4()), "payload": payload})
        assert (refused.status, refused.json["code"]) == (400, "button"), payload


def test_personal_numbers_reach_neither_the_assistant_nor_the_history(
    assistant: PromptAssistant, visitor: Visitor, tmp_path: Path
) -> None:
    visitor.agree("zh")
    answer = visitor.say("我的电话13812345678，身份证110101199003077774").json

    assert answer["message"]["text"] == "我的电话[电话号码已隐藏]，身份证[证件号码已隐藏]"
    assert assistant.heard[0][1] == "我的电话 ，身份证"
    assert b"13812345678" not in stored(tmp_path)
    assert b"110101199003077774" not in stored(tmp_path)


# ---- history ----


def test_history_begins_after_a_message_and_survives_a_restart(assistant: PromptAssistant, tmp_path: Path) -> None:
    with serving(assistant, settings(tmp_path)) as before:
        before.agree().say("first")
        before.say("second")
    with serving(assistant, settings(tmp_path)) as after:
        after.token = before.token
        messages = after.get("/chat/history?after=2").json["messages"]
        assert [message["text"] for message in messages if message["from"] == "person"] == ["second"]
        assert after.say("third").json["message"]["seq"] == 5


def test_nobody_reads_the_history_of_another(visitor: Visitor) -> None:
    visitor.agree().say("my secret")
    other = Visitor(visitor.port).agree()
    assert other.get("/chat/history").json["messages"] == []


def test_answers_of_a_conversation_are_not_kept_by_any_cache(visitor: Visitor) -> None:
    visitor.agree()
    for answer in (visitor.say("hello"), visitor.get("/chat/history"), visitor.get("/chat/export")):
        assert answer.headers["cache-control"] == "no-store"


# ---- feedback, export, deletion ----


def test_feedback_with_reason_is_exported_with_the_conversation(visitor: Visitor) -> None:
    visitor.agree()
    reply = visitor.say("hello").json["replies"][0]
    verdict = {"message": reply["id"], "verdict": "down", "reason": "unclear", "comment": "call me at 13812345678"}

    assert visitor.post("/chat/feedback", {**verdict, "verdict": "up", "reason": None}).status == 200
    assert visitor.post("/chat/feedback", verdict).status == 200

    exported = visitor.get("/chat/export")
    assert exported.headers["content-disposition"] == 'attachment; filename="yibao.json"'
    assert next(message["text"] for message in exported.json["messages"]) == "hello"
    (kept,) = exported.json["feedback"]
    assert (kept["verdict"], kept["reason"]) == ("down", "unclear")
    assert kept["comment"] == "call me at [phone number removed]"


def test_feedback_is_only_for_answers_of_ones_own_conversation(visitor: Visitor) -> None:
    reply = visitor.agree().say("hello").json["replies"][0]
    other = Visitor(visitor.port).agree()
    for wrong in (
        {"message": reply["id"], "verdict": "up"},
        {"message": "x", "verdict": "up"},
    ):
        assert other.post("/chat/feedback", wrong).status == 404
    assert visitor.post("/chat/feedback", {"message": reply["id"], "verdict": "great"}).status == 400
    assert visitor.post("/chat/feedback", {"message": reply["id"], "verdict": "up", "reason": "because"}).status == 400


def test_a_conversation_is_exported_as_text_in_its_language(visitor: Visitor) -> None:
    visitor.agree("zh").say("什么时候缴费")
    text = visitor.get("/chat/export?format=text").text
    assert "我\n什么时候缴费" in text
    assert "医保助手\n" in text


def test_a_deleted_conversation_is_gone_everywhere(
    assistant: PromptAssistant, visitor: Visitor, tmp_path: Path
) -> None:
    visitor.agree()
    reply = visitor.say("the quick brown fox").json["replies"][0]
    visitor.post("/chat/feedback", {"message": reply["id"], "verdict": "up", "comment": "lazy dog"})
    assert b"quick brown fox" in stored(tmp_path)

    assert visitor.call("DELETE", "/chat").json == {"deleted": True}

    assert assistant.forgotten == [assistant.heard[0][0]]
    assert b"quick brown fox" not in stored(tmp_path)
    assert b"lazy dog" not in stored(tmp_path)
    for answer in (visitor.get("/chat/history"), visitor.say("hello"), visitor.get("/chat/export")):
        assert (answer.status, answer.json["code"]) == (401, "expired")


def test_deleting_waits_for_the_turn_that_is_being_answered(assistant: PromptAssistant, visitor: Visitor) -> None:
    visitor.agree()
    assistant.seconds = 0.2
    token = visitor.token

    with ThreadPoolExecutor(2) as pool:
        turn = pool.submit(lambda: Visitor(visitor.port, token=token).say("hello"))
        while not assistant.heard:
            pass
        deleted = pool.submit(lambda: Visitor(visitor.port, token=token).call("DELETE", "/chat"))

    assert turn.result().status == 200
    assert deleted.result().status == 200
    assert visitor.get("/chat/history").status == 401


def test_questions_without_an_answer_are_kept_without_whose_they_were(visitor: Visitor, tmp_path: Path) -> None:
    from bot.channels.store import Store

    for _ in range(2):
        Visitor(visitor.port).agree().say("weather tomorrow for 13812345678")

    (question,) = Store(f"sqlite:///{tmp_path / 'gateway.db'}").unanswered()
    assert question["question"] == "weather tomorrow for [phone number removed]"
    assert question["times"] == 2
    assert "conversation" not in question


# ---- the simple API ----


def test_a_program_goes_on_with_the_token_it_was_given(assistant: PromptAssistant, visitor: Visitor) -> None:
    first = visitor.post("/messages", {"text": "call me at 13812345678"}).json
    second = visitor.post("/messages", {"text": "and then?", "conversation": first["conversation"]}).json

    assert second["replies"][0]["topic"] == "payment_time"
    assert len({conversation for conversation, _ in assistant.heard}) == 1
    assert assistant.heard[0][1] == "call me at"
    assert visitor.post("/messages", {"text": "hello", "conversation": "forged"}).status == 401
