"""Conversations as every channel has them: cleaned, redacted, in order, each message answered once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any, Protocol, TypeVar
from weakref import WeakValueDictionary

from bot.channels import texts
from bot.channels.errors import Refused
from bot.channels.line import Line
from bot.channels.metrics import Metrics
from bot.channels.redaction import leave_out, redact
from bot.channels.rendering import language_of_text
from bot.channels.store import LEASE, Message, Place, Store
from bot.runtime.front_door import LIMIT, legible
from knowledge.library import Library
from knowledge.models import Language

logger = logging.getLogger(__name__)
T = TypeVar("T")
_PATIENCE = 25.0  # seconds to wait for others' turns, longer than any lease
_LOOK_AGAIN = 0.02  # seconds
_BUTTONS_OF_THE_PROGRAM = frozenset({"restart", "stop"})


class Answering(Protocol):
    """What answers: the assistant, or in tests something smaller."""

    @property
    def library(self) -> Library:
        """What is known."""

    def is_ready(self) -> bool:
        """Whether there is a model that can answer."""

    async def handle(
        self, conversation: str, text: str, *, language: Language | None = None
    ) -> Sequence[Mapping[str, Any]]:
        """The replies to one message; never none, and never an error. ``language`` is that of the page."""

    async def forget(self, conversation: str) -> None:
        """Delete all that was said."""

    async def read(self, text: str, slots: Mapping[str, Any]) -> Mapping[str, Any]:
        """What one message means in a conversation with these slots, without a turn being taken."""


class Conversations:
    """Takes what a person says, and gives the stored message with its stored replies."""

    def __init__(
        self, assistant: Answering, store: Store, metrics: Metrics | None = None, line: Line | None = None
    ) -> None:
        self._assistant = assistant
        self._line = line or store
        self._is_remote = store.is_remote or line is not None
        self._metrics = metrics or Metrics()
        self._store = store
        self._arriving: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def say(
        self, conversation: str, message_id: str, text: str, *, channel: str, language: Language = "en"
    ) -> tuple[Message, list[Message]]:
        """One turn with a person's own words; the same ``message_id`` again gets the same answer.

        Raises:
            Refused: the conversation has been deleted.
        """
        clean = legible(text)
        said = redact(clean, language_of_text(clean) if any(map(str.isalpha, clean)) else language)
        words = leave_out(clean)
        if words != clean and not any(map(str.isalnum, words)):
            words = texts.say("only_numbers", language)
        # What a button would send is, when typed, a word like others.
        words = words.lstrip("/") if self._is_button(words) else words
        return await self._turn(conversation, message_id, said[:LIMIT], words, channel=channel, language=language)

    async def press(
        self, conversation: str, message_id: str, button: str, *, channel: str, language: Language = "en"
    ) -> tuple[Message, list[Message]]:
        """One turn with a button that the assistant has offered.

        Raises:
            Refused: there is no such button, or the conversation has been deleted.
        """
        if not self._is_button(button):
            raise Refused(400, "button")
        title = self._assistant.library.content.topic_titles.get(button[1:])
        shown = title.get(language) if title else button[1:]
        return await self._turn(conversation, message_id, shown, button, channel=channel, language=language)

    async def delete(self, conversation: str) -> None:
        """Delete a conversation everywhere; the assistant's memory first, so that a crash leaves it to be found."""
        async with self._lock(conversation):
            await self._assistant.forget(conversation)
            await self._do(self._store.delete, conversation)

    async def forget_old(self, days: int) -> int:
        """Delete what has not been used for so many days; how many conversations that were."""
        old = await self._do(self._store.expired, days)
        for conversation in old:
            with suppress(Refused):  # another process has deleted it, or has it
                await self.delete(conversation)
        await self._do(self._store.forget_older, days)
        return len(old)

    async def _turn(
        self, conversation: str, message_id: str, said: str, words: str, *, channel: str, language: Language
    ) -> tuple[Message, list[Message]]:
        """A turn that has begun goes on to its end, though its sender may have hung up."""
        turn = asyncio.ensure_future(self._take_turn(conversation, message_id, said, words, channel, language))
        turn.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may be left to hear it
        return await asyncio.shield(turn)

    async def _take_turn(
        self, conversation: str, message_id: str, said: str, words: str, channel: str, language: Language
    ) -> tuple[Message, list[Message]]:
        async with self._lock(conversation):
            message = await self._do(self._store.hear, conversation, message_id, said)
            if message is None:
                earlier = await self._do(self._store.turn, conversation, message_id)
                message = earlier[0]
                if message.answered:
                    return earlier
            began = time.perf_counter()
            replies = [dict(reply) for reply in await self._assistant.handle(conversation, words, language=language)]
            self._metrics.turn(channel, time.perf_counter() - began, replies)
            if replies[0].get("type") == "refusal":
                await self._do(self._store.leave_unanswered, said, channel)
            return replace(message, answered=True), await self._do(self._store.answer, conversation, message, replies)

    async def _do(self, work: Callable[..., T], *given: Any) -> T:
        """What a file answers at once, and what another machine answers while others are served."""
        return await asyncio.to_thread(work, *given) if self._is_remote else work(*given)

    def _is_button(self, text: str) -> bool:
        name = text[1:]
        known = name in self._assistant.library.content.topic_titles or name in _BUTTONS_OF_THE_PROGRAM
        return text.startswith("/") and known

    @asynccontextmanager
    async def _lock(self, conversation: str) -> AsyncIterator[None]:
        """One turn at a time, in the order of arrival, among all processes and machines.

        Raises:
            Refused: the conversation has been deleted, or others do not give it back.
        """
        place = Place(conversation)
        try:
            await self._wait_for(place)
            keeping = asyncio.ensure_future(self._keep(place))
            try:
                yield
            finally:
                keeping.cancel()
        finally:
            await self._leave(place)

    async def _wait_for(self, place: Place) -> None:
        give_up = time.monotonic() + _PATIENCE
        arriving = self._arriving.setdefault(place.conversation, asyncio.Lock())
        async with arriving:  # who came first to this process stands in line first
            taken = await self._do(self._line.take, place)
        while not taken:
            if time.monotonic() > give_up:
                raise Refused(503, "busy", retry_after=2)
            await asyncio.sleep(_LOOK_AGAIN)
            taken = await self._do(self._line.take, place)

    async def _keep(self, place: Place) -> None:
        while True:
            await asyncio.sleep(LEASE / 4)
            try:
                await self._do(self._line.keep, place)
            except Exception as error:  # the next time may succeed; else the lease ends
                logger.error("a conversation could not be kept: %s", type(error).__name__)

    async def _leave(self, place: Place) -> None:
        try:
            await self._do(self._line.leave, place)
        except Exception as error:  # what was answered stays answered; the lease ends by itself
            logger.error("a conversation could not be given back: %s", type(error).__name__)
