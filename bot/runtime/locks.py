"""One message of a conversation at a time, in the order in which they came.

Rasa's own locks look every second whether it is one's turn; here the next in line is woken at once. Among processes
the gateway keeps the order (``bot/channels/line.py``), before Rasa hears of a message.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockError, LockStore


@dataclass
class _Queue:
    """Those who want one conversation: one has the lock, the others wait in line."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted_by: int = 0


class FairLockStore(LockStore):
    """Rasa's lock store for one process."""

    def __init__(self) -> None:
        self._queues: dict[str, _Queue] = {}

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME, wait_time_in_seconds: float = 1
    ) -> AsyncIterator[TicketLock]:
        """Hold the conversation.

        Raises:
            LockError: those in front took longer than ``lock_lifetime`` seconds.
        """
        queue = self._queues.setdefault(conversation_id, _Queue())
        queue.wanted_by += 1
        try:
            try:
                await asyncio.wait_for(queue.lock.acquire(), lock_lifetime)
            except asyncio.TimeoutError as error:
                raise LockError(f"Could not acquire lock for conversation_id '{conversation_id}'.") from error
            try:
                yield TicketLock(conversation_id)
            finally:
                queue.lock.release()
        finally:
            queue.wanted_by -= 1
            if not queue.wanted_by:
                self._queues.pop(conversation_id, None)
