"""What the gateway remembers, for how long, and between processes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bot.channels.conversations import Conversations
from bot.channels.errors import Refused
from bot.channels.store import LEASE, LOOKED, Feedback, Place, Store
from bot.channels.tokens import signing_key
from knowledge.library import Library
from tests.fakes import Clock
from tests.gateway import PromptAssistant

DAY = 24 * 60 * 60


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'gateway.db'}"


def begun(store: Store, name: str) -> str:
    store.begin(name, channel="chat", language=None, consent_version="1")
    return name


def test_conversations_not_used_for_thirty_days_are_deleted_everywhere(
    address: str, clock: Clock, library: Library
) -> None:
    store, assistant = Store(address, clock=clock), PromptAssistant(library)
    conversations = Conversations(assistant, store)
    old, used = begun(store, "old"), begun(store, "used")
    asyncio.run(conversations.say(old, "m1", "hello", channel="chat"))
    clock.now += 20 * DAY
    asyncio.run(conversations.say(used, "m1", "hello", channel="chat"))
    clock.now += 11 * DAY

    assert asyncio.run(conversations.forget_old(30)) == 1

    assert assistant.forgotten == [old]
    assert store.history(old) == []
    with pytest.raises(Refused):
        store.conversation(old)
    assert len(store.history(used)) == 2


def test_feedback_and_unanswered_questions_do_not_stay_for_ever(address: str, clock: Clock) -> None:
    store = Store(address, clock=clock)
    store.rate(Feedback(channel="help", verdict="down", reason="wrong", answer="payment_time"))
    store.leave_unanswered("how do I fly", "help")
    clock.now += 31 * DAY
    store.rate(Feedback(channel="help", verdict="up", reason=None, answer="payment_time"))
    store.forget_older(30)

    assert [count["verdict"] for count in store.feedback_counts()] == ["up"]
    assert store.unanswered() == []


def test_a_message_is_heard_once(address: str) -> None:
    store = Store(address)
    name = begun(store, "c1")
    message = store.hear(name, "m1", "hello")
    assert message is not None
    assert store.hear(name, "m1", "hello again") is None
    assert store.turn(name, "m1") == (message, [])
    (reply,) = store.answer(name, message, [{"text": "Good day."}])
    assert (message.seq, reply.seq) == (1, 2), "a message that was not heard takes no number"
    assert store.turn(name, "m1")[1] == [reply]
    with pytest.raises(Refused):
        store.turn(name, reply.id)


def test_two_processes_take_turns_on_one_conversation(address: str, library: Library) -> None:
    assistant = PromptAssistant(library)
    assistant.seconds = 0.05
    one, other = (Conversations(assistant, Store(address)) for _ in range(2))
    name = begun(Store(address), "shared")

    async def both() -> None:
        await asyncio.gather(
            *(process.say(name, f"m{n}", f"question {n}", channel="chat") for n, process in enumerate([one, other] * 3))
        )

    asyncio.run(both())
    assert assistant.most_at_work == 1
    history = Store(address).history(name)
    assert [message.sender for message in history] == ["person", "assistant"] * 6


def test_who_came_first_is_answered_first(address: str, library: Library) -> None:
    assistant = PromptAssistant(library)
    assistant.seconds = 0.03
    conversations = Conversations(assistant, Store(address))
    name = begun(Store(address), "queue")

    async def queue() -> None:
        first = asyncio.create_task(conversations.say(name, "m1", "first", channel="chat"))
        await asyncio.sleep(0.005)
        second = asyncio.create_task(conversations.say(name, "m2", "second", channel="chat"))
        await first
        await conversations.say(name, "m3", "third", channel="chat")
        await second

    asyncio.run(queue())
    assert [text for _, text in assistant.heard] == ["first", "second", "third"]


def test_a_message_sent_to_two_processes_at_once_is_answered_once(address: str, library: Library) -> None:
    assistant = PromptAssistant(library)
    assistant.seconds = 0.05
    one, other = (Conversations(assistant, Store(address)) for _ in range(2))
    name = begun(Store(address), "shared")

    async def both() -> list[str]:
        turns = await asyncio.gather(*(process.say(name, "m1", "hello", channel="chat") for process in (one, other)))
        return [json.dumps([message.to_json(), [reply.to_json() for reply in replies]]) for message, replies in turns]

    first, second = asyncio.run(both())
    assert first == second
    assert len(assistant.heard) == 1


def test_a_conversation_that_a_dead_process_held_is_free_after_a_while(address: str, clock: Clock) -> None:
    store = Store(address, clock=clock)
    name = begun(store, "held")
    dead, waiting = Place(name), Place(name)
    assert store.take(dead)
    assert not store.take(waiting)
    clock.now += LEASE + 1
    assert store.take(waiting)
    store.leave(dead)  # it was not dead, only slow: the conversation is no longer its own
    assert not store.take(Place(name))


def test_who_came_first_is_served_first_whoever_looks_first(address: str, clock: Clock) -> None:
    store = Store(address, clock=clock)
    name = begun(store, "held")
    now, first, second = Place(name), Place(name), Place(name)
    assert store.take(now)
    assert not store.take(first)
    assert not store.take(second)
    store.leave(now)
    assert not store.take(second)
    assert not store.take(Place(name))
    assert store.take(first)
    store.leave(first)
    assert store.take(second)


def test_nobody_waits_for_a_process_that_died_in_line(address: str, clock: Clock) -> None:
    store = Store(address, clock=clock)
    name = begun(store, "held")
    now, dead, alive = Place(name), Place(name), Place(name)
    assert store.take(now)
    assert not store.take(dead)
    assert not store.take(alive)
    clock.now += LOOKED + 0.1
    assert not store.take(alive)
    store.leave(now)
    assert store.take(alive)


def test_the_key_is_made_once_for_all_processes(tmp_path: Path) -> None:
    file = tmp_path / "new" / "secret"
    assert signing_key("", file) == signing_key("", file)
    assert len(signing_key("", file)) == 32
    assert list(file.parent.iterdir()) == [file]
    assert signing_key("chosen", file) == b"chosen"
