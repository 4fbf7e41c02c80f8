"""One message of a conversation at a time, in the order in which they came.

Rasa's own locks look every second whether it is one's turn; here the next in line is woken at once.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import struct
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockError, LockStore

_PAUSE = 0.002  # seconds between two attempts, where another process has the conversation


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
                async with self.across_processes(conversation_id, lock_lifetime):
                    yield TicketLock(conversation_id)
            finally:
                queue.lock.release()
        finally:
            queue.wanted_by -= 1
            if not queue.wanted_by:
                self._queues.pop(conversation_id, None)

    @asynccontextmanager
    async def across_processes(self, conversation_id: str, patience: float) -> AsyncIterator[None]:
        """Hold the conversation against other processes, too; here there are none."""
        yield


class SharedLockStore(FairLockStore):
    """The lock store of several processes on one machine: a conversation is a byte of a file that is locked.

    The system gives a lock back when its process ends, however sudden.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    @cached_property
    def _file(self) -> int:
        """Opened by each process for itself: the lock is that of the open file."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)

    @asynccontextmanager
    async def across_processes(self, conversation_id: str, patience: float) -> AsyncIterator[None]:
        """Hold the conversation against the other processes."""
        digest = hashlib.blake2b(conversation_id.encode(), digest_size=7).digest()
        place = int.from_bytes(digest, "big")
        await poll(lambda: self._set(place, fcntl.F_WRLCK), patience, conversation_id)
        try:
            yield
        finally:
            self._set(place, fcntl.F_UNLCK)

    def _set(self, place: int, kind: int) -> bool:
        """Take or give back the byte at ``place``; whether that could be done at once."""
        request = struct.pack("hhqqi4x", kind, os.SEEK_SET, place, 1, 0)  # struct flock of Linux
        try:
            fcntl.fcntl(self._file, fcntl.F_OFD_SETLK, request)
        except BlockingIOError:
            return False
        return True


async def poll(take: Callable[[], bool], patience: float, conversation_id: str) -> None:
    """Try until it works.

    Raises:
        LockError: it did not within ``patience`` seconds.
    """
    end = time.monotonic() + patience
    while not take():
        if time.monotonic() > end:
            raise LockError(f"Could not acquire lock for conversation_id '{conversation_id}'.")
        await asyncio.sleep(_PAUSE)
