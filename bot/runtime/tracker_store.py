"""Conversations in SQLite: the table of Rasa's SQLTrackerStore, written by one thread, read only when it has changed.

Rasa's store counts, writes and commits on the event loop, and builds every tracker anew from JSON for each message.
Here a turn is handed to a writer, which commits all turns that are waiting together; ``save`` returns after the commit,
so that a turn that was answered survives the end of the process, however sudden (SQLite keeps a write-ahead log; only
a power failure may take the last moments). The trackers of recent conversations are kept, and used again if the
table's newest event of the conversation is still the one that was written here.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker

_KEPT = 100  # conversations whose trackers are kept, some 80 KB each
_PATIENCE = 10.0  # seconds to wait for another process that is writing
_INSERT = (
    "INSERT INTO events (sender_id, type_name, timestamp, intent_name, action_name, data) VALUES (?, ?, ?, ?, ?, ?)"
)
_NEWEST = "SELECT max(id) FROM events WHERE sender_id = ?"
_SESSION = """
    SELECT data FROM events WHERE sender_id = :sender AND timestamp >= coalesce(
        (SELECT max(timestamp) FROM events WHERE sender_id = :sender AND type_name = 'session_started'), timestamp
    ) ORDER BY id
"""
_Row = tuple[Any, ...]


@dataclass(frozen=True)
class _Kept:
    """A tracker as it was saved, and the id of its newest event in the table."""

    tracker: DialogueStateTracker
    newest: int


class SQLiteTrackerStore(SQLTrackerStore):
    """Rasa's tracker store for one SQLite file; any number of processes may share the file."""

    def __init__(self, path: Path, domain: Domain | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(domain, dialect="sqlite", db=str(path))
        self.engine.dispose()  # each process opens the file for itself: a connection must not cross a fork
        self._path = path
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    @cached_property
    def _reader(self) -> sqlite3.Connection:
        return _connect(self._path)

    @cached_property
    def _writer(self) -> _Writer:
        return _Writer(self._path)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker of the latest session; None for a conversation that has no events."""
        newest = self._newest(sender_id)
        kept = self._kept.pop(sender_id, None)  # whoever has it may change it
        if newest is None:
            return None
        if kept is not None and kept.newest == newest and self.max_event_history is None:
            return kept.tracker
        rows = self._reader.execute(_SESSION, {"sender": sender_id}).fetchall()
        events = [json.loads(data) for (data,) in rows]
        tracker: DialogueStateTracker = DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)
        tracker.stored_events = len(tracker.events)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write the events that are new; returns when they are committed.

        Raises:
            sqlite3.Error: they could not be written.
        """
        await self.stream_events(tracker)
        stored = getattr(tracker, "stored_events", None)
        if stored is None:  # not from here: count, as Rasa does
            stored = len(self._reader.execute(_SESSION, {"sender": tracker.sender_id}).fetchall())
        rows = [_row(tracker.sender_id, event) for event in itertools.islice(tracker.events, stored, None)]
        if not rows:
            return
        newest = await asyncio.wrap_future(self._writer.write(rows))
        self._keep(tracker, newest)

    async def forget(self, sender_id: str) -> None:
        """Delete a conversation."""
        self._kept.pop(sender_id, None)
        await asyncio.wrap_future(self._writer.delete(sender_id))

    def close(self) -> None:
        """Finish writing."""
        self._writer.close()
        self._reader.close()

    def _newest(self, sender_id: str) -> int | None:
        newest: int | None = self._reader.execute(_NEWEST, (sender_id,)).fetchone()[0]
        return newest

    def _keep(self, tracker: DialogueStateTracker, newest: int) -> None:
        """Keep the tracker as ``retrieve`` would build it: without what was before its latest session."""
        starts = [place for place, event in enumerate(tracker.events) if isinstance(event, SessionStarted)]
        for _ in range(starts[-1] if starts else 0):
            tracker.events.popleft()
        tracker.stored_events = len(tracker.events)
        self._kept[tracker.sender_id] = _Kept(tracker, newest)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


class _Writer(Thread):
    """One connection that writes; all that is waiting goes into one transaction."""

    def __init__(self, path: Path) -> None:
        super().__init__(name="conversations", daemon=True)
        self._path = path
        self._waiting: SimpleQueue[tuple[Sequence[_Row] | str, Future[int]] | None] = SimpleQueue()
        self.start()

    def write(self, rows: Sequence[_Row]) -> Future[int]:
        """The id of the last row, once it is committed."""
        return self._ask(rows)

    def delete(self, sender_id: str) -> Future[int]:
        """Nought, once the conversation is deleted."""
        return self._ask(sender_id)

    def close(self) -> None:
        """Write what is waiting and end."""
        self._waiting.put(None)
        self.join()

    def _ask(self, work: Sequence[_Row] | str) -> Future[int]:
        done: Future[int] = Future()
        self._waiting.put((work, done))
        return done

    def run(self) -> None:
        connection = _connect(self._path)
        open_ = True
        while open_:
            batch = [self._waiting.get()]
            while not self._waiting.empty():
                batch.append(self._waiting.get())
            open_ = None not in batch
            self._commit(connection, [each for each in batch if each is not None])
        connection.close()

    def _commit(
        self, connection: sqlite3.Connection, batch: Iterable[tuple[Sequence[_Row] | str, Future[int]]]
    ) -> None:
        done: list[tuple[Future[int], int]] = []
        try:
            connection.execute("BEGIN IMMEDIATE")
            for work, future in batch:
                done.append((future, self._do(connection, work)))
            connection.execute("COMMIT")
        except Exception as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            for _, future in batch:
                future.set_exception(error)
        else:
            for future, newest in done:
                future.set_result(newest)

    @staticmethod
    def _do(connection: sqlite3.Connection, work: Sequence[_Row] | str) -> int:
        if isinstance(work, str):
            connection.execute("DELETE FROM events WHERE sender_id = ?", (work,))
            return 0
        newest = 0
        for row in work:
            newest = connection.execute(_INSERT, row).lastrowid or 0
        return newest


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten, not only unlinked
    return connection


def _row(sender_id: str, event: Event) -> _Row:
    data = event.as_dict()
    intent = data.get("parse_data", {}).get("intent", {}).get("name")
    return sender_id, event.type_name, data.get("timestamp"), intent, data.get("name"), json.dumps(data)
