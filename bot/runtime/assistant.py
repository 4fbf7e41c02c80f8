"""The assistant in one process: Rasa's agent, the actions, and the library behind one method."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from bot.runtime import memory, paths, quiet
from bot.runtime.front_door import admit, metadata
from bot.runtime.shared import encoder
from knowledge.library import Library
from knowledge.models import Language

if TYPE_CHECKING:
    from rasa.core.agent import Agent

logger = logging.getLogger(__name__)
Json = Mapping[str, Any]
T = TypeVar("T")


class NotTrained(Exception):
    """There is no trained model."""


class Assistant:
    """Answers messages; conversations are independent of each other.

    ``language`` is the one to answer in; None follows each message.
    """

    def __init__(self, agent: Agent, library: Library, language: Language | None = None) -> None:
        self.agent = agent
        self.library = library
        self.language = language
        self._loop: asyncio.AbstractEventLoop | None = None

    @classmethod
    def load(
        cls,
        *,
        clock: Callable[[], date] = date.today,
        report: Callable[[str], None] | None = None,
        conversations: str | None = None,
        language: Language | None = None,
    ) -> Assistant:
        """Load model, content and index; conversations are kept in memory, or in the database at this address.

        Raises:
            NotTrained: there is no model yet.
            ContentError: the content is broken.
            DatabaseError: the database cannot be used.
        """
        if not paths.MODEL.exists():
            raise NotTrained(f"{paths.MODEL}: there is no trained model. Run `yibao train` (or `make run`).")
        with memory.loading():
            quiet.prepare()
            os.chdir(paths.ROOT)  # Rasa resolves the language model's path against the working directory
            from rasa.core.agent import Agent
            from rasa.core.tracker_store import InMemoryTrackerStore
            from rasa.shared.core.domain import Domain

            from actions.registry import all_actions
            from bot.runtime import in_process_actions, tuning
            from bot.runtime.locks import FairLockStore
            from bot.runtime.tracker_store import LeanTrackerStore

            tuning.install()
            in_process_actions.install()
            domain = Domain.empty()  # until the model's is known
            store = InMemoryTrackerStore(domain) if conversations is None else LeanTrackerStore(conversations, domain)
            library = Library.open(paths.INDEX, encoder(), clock=clock, report=report)
            agent = Agent.load(
                str(paths.MODEL),
                action_endpoint=in_process_actions.InProcessActions(all_actions(library)),
                tracker_store=store,
                lock_store=FairLockStore(),
            )
            # Rasa wraps the store, to go on with an empty memory where it fails. A person is told instead.
            agent.tracker_store = agent.processor.tracker_store = store
        return cls(agent, library, language)

    async def handle(self, conversation: str, text: str, *, language: Language | None = None) -> list[Json]:
        """The replies to one message, as plain values of the Reply contract; never none.

        ``language`` is that of the page, for a conversation that begins with a button.
        """
        from rasa.core.channels.channel import UserMessage

        admitted = admit(text, topics=self.library.content.topics)
        said = metadata(text, fixed=self.language, usual=language)
        try:
            responses = await self.agent.handle_message(UserMessage(admitted, sender_id=conversation, metadata=said))
        except Exception:
            logger.exception("a turn failed")
            responses = None
        replies = [response["custom"] for response in responses or () if "custom" in response]
        return replies or [self.failed(said.get("language") or said.get("usual") or "en")]

    async def read(self, text: str, slots: Json) -> Json:
        """What one message means in a conversation with these slots, without a turn being taken."""
        from rasa.core.channels.channel import UserMessage
        from rasa.shared.core.events import SlotSet
        from rasa.shared.core.trackers import DialogueStateTracker

        known = [SlotSet(name, value) for name, value in slots.items() if value is not None]
        tracker = DialogueStateTracker.from_events("read", known, slots=self.agent.domain.slots)
        found: Json = await self.agent.processor.parse_message(UserMessage(text), tracker)
        return found

    def is_ready(self) -> bool:
        """Whether there is a model that can answer."""
        return bool(self.agent.is_ready())

    def failed(self, language: str = "en") -> Json:
        """The reply when no action has spoken."""
        return self.library.composer(language).simple("error", "out_of_scope", "failed").to_json()

    async def forget(self, conversation: str) -> None:
        """Delete a conversation with everything told in it."""
        await forget(self.agent.tracker_store, conversation)

    def answer(self, conversation: str, text: str) -> list[Json]:
        """``handle`` for callers without an event loop."""
        return self.wait(self.handle(conversation, text))

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the assistant's own event loop, for callers without one."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        return self._loop.run_until_complete(coroutine)


async def forget(store: Any, conversation: str) -> None:
    """Delete a conversation from a tracker store; Rasa has no method for it."""
    if hasattr(store, "forget"):
        await store.forget(conversation)
    else:
        store.store.pop(conversation, None)
