"""One message of a conversation at a time, in order."""

from __future__ import annotations

import asyncio

import pytest

from bot.runtime import quiet

quiet.prepare()
from rasa.core.lock_store import LockError  # noqa: E402

from bot.runtime.locks import FairLockStore  # noqa: E402


def test_messages_of_one_conversation_wait_in_line_and_others_do_not() -> None:
    async def talk() -> list[str]:
        store, done = FairLockStore(), list[str]()

        async def turn(conversation: str, number: int) -> None:
            async with store.lock(conversation):
                await asyncio.sleep(0.002 * (5 - number))  # later ones would be quicker
                done.append(f"{conversation}{number}")

        await asyncio.gather(*(turn(conversation, number) for number in range(5) for conversation in "ab"))
        assert not store._queues
        return done

    done = asyncio.run(talk())
    for conversation in "ab":
        assert [each for each in done if each[0] == conversation] == [f"{conversation}{number}" for number in range(5)]
    assert done[1][0] != done[0][0]


def test_waiting_too_long_is_rasas_error() -> None:
    async def wait() -> None:
        store = FairLockStore()
        async with store.lock("c1"), store.lock("c1", lock_lifetime=0.01):
            pass

    with pytest.raises(LockError, match="Could not acquire lock for conversation_id 'c1'"):
        asyncio.run(wait())


def test_a_failing_turn_gives_its_conversation_back() -> None:
    async def fail() -> None:
        store = FairLockStore()
        with pytest.raises(RuntimeError):
            async with store.lock("c1"):
                raise RuntimeError
        async with store.lock("c1", lock_lifetime=0.1):
            pass

    asyncio.run(fail())
