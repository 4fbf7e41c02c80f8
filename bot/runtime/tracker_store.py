"""Conversations in SQLite or PostgreSQL: the table of Rasa's SQLTrackerStore, a turn in one write, read when changed.

Rasa's store counts the events of a conversation to know the new ones, writes them one by one through its models, and
builds every tracker anew from JSON for each message. Here ``save`` returns after the commit, so that a turn that was
answered survives the end of the process, however sudden (SQLite keeps a write-ahead log; only a power failure may take
the last moments). The trackers of recent conversations are kept, and used again if the table's newest event of the
conversation is still the one that was written here. A file is read and written at once, which takes less than to tell
a thread. PostgreSQL is asked beside the event loop, and found again by itself after it was away; a writer commits all
turns that are waiting for it together.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, Protocol

import sqlalchemy as sql
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine import Engine
from sqlalchemy.orm import sessionmaker

from bot.runtime.database import make_tables, open_engine

_KEPT = 100  # conversations whose trackers are kept, some 80 KB each
_PATIENCE = 10.0  # seconds to wait for another process that is writing
_COLUMNS = "sender_id, type_name, timestamp, intent_name, action_name, data"
_NEWEST = "SELECT max(id) FROM events WHERE sender_id = :sender"
_SESSION = """
    SELECT data FROM events WHERE sender_id = :sender AND timestamp >= coalesce(
        (SELECT max(timestamp) FROM events WHERE sender_id = :sender AND type_name = 'session_started'), timestamp
    ) ORDER BY id
"""
_DELETE = "DELETE FROM events WHERE sender_id = :sender"
_Row = tuple[Any, ...]
_Work = Sequence[_Row] | str  # events to write, or a conversation to delete


@dataclass(frozen=True)
class _Found:
    """The newest event of a conversation, and the events of its latest session unless they were known."""

    newest: int | None
    events: list[str]


class _Events(Protocol):
    """The table of events in one database."""

    is_remote: bool

    def read(self, sender_id: str, known: int | None = None) -> _Found:
        """What there is of a conversation, if its newest event is not the one known."""

    def write(self, batch: Sequence[_Work]) -> list[int]:
        """Do all in one transaction; the newest event of each. Always called by the same thread."""

    def close(self) -> None:
        """Give back the connections."""


@dataclass(frozen=True)
class _Kept:
    """A tracker as it was saved, and the id of its newest event in the table."""

    tracker: DialogueStateTracker
    newest: int


class LeanTrackerStore(SQLTrackerStore):
    """Rasa's tracker store in one database; any number of processes may share it."""

    def __init__(self, address: str, domain: Domain | None = None) -> None:
        """Open the database at an address as SQLAlchemy writes it, and make the table where it is missing.

        Raises:
            DatabaseError: the database cannot be used.
        """
        TrackerStore.__init__(self, domain)  # SQLTrackerStore's own would wait for a database for ever
        self.engine = open_engine(address)
        self.sessionmaker = sessionmaker(bind=self.engine)
        make_tables(self.engine, self.Base.metadata)
        remote = self.engine.dialect.name != "sqlite"
        self._events: _Events = _PostgreSQL(self.engine) if remote else _SQLite(Path(str(self.engine.url.database)))
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    @cached_property
    def _writer(self) -> _Writer:
        """Of each process its own: a thread does not outlive a fork."""
        return _Writer(self._events)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker of the latest session; None for a conversation that has no events."""
        kept = self._kept.pop(sender_id, None)  # whoever has it may change it
        known = kept.newest if kept is not None and self.max_event_history is None else None
        found = await self._read(sender_id, known)
        if found.newest is None:
            return None
        if kept is not None and found.newest == known:
            return kept.tracker
        events = [json.loads(data) for data in found.events]
        tracker: DialogueStateTracker = DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)
        tracker.stored_events = len(tracker.events)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write the events that are new; returns when they are committed.

        Raises:
            sqlite3.Error, sqlalchemy.exc.DBAPIError: they could not be written.
        """
        await self.stream_events(tracker)
        stored = getattr(tracker, "stored_events", None)
        if stored is None:  # not from here: count, as Rasa does
            stored = len((await self._read(tracker.sender_id)).events)
        rows = [_row(tracker.sender_id, event) for event in itertools.islice(tracker.events, stored, None)]
        if not rows:
            return
        newest = await self._write(rows)
        self._keep(tracker, newest)

    async def forget(self, sender_id: str) -> None:
        """Delete a conversation."""
        self._kept.pop(sender_id, None)
        await self._write(sender_id)

    def close(self) -> None:
        """Finish writing."""
        if self._events.is_remote:
            self._writer.close()
        self._events.close()

    async def _read(self, sender_id: str, known: int | None = None) -> _Found:
        if self._events.is_remote:
            return await asyncio.to_thread(self._events.read, sender_id, known)
        return self._events.read(sender_id, known)

    async def _write(self, work: _Work) -> int:
        """Do it, and return when it is committed: the newest event."""
        if self._events.is_remote:
            return await asyncio.wrap_future(self._writer.do(work))
        return self._events.write([work])[0]

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
    """The one that writes; all that is waiting goes into one transaction."""

    def __init__(self, events: _Events) -> None:
        super().__init__(name="conversations", daemon=True)
        self._events = events
        self._waiting: SimpleQueue[tuple[_Work, Future[int]] | None] = SimpleQueue()
        self.start()

    def do(self, work: _Work) -> Future[int]:
        """The newest event, once the work is committed."""
        done: Future[int] = Future()
        self._waiting.put((work, done))
        return done

    def close(self) -> None:
        """Write what is waiting and end."""
        self._waiting.put(None)
        self.join()

    def run(self) -> None:
        open_ = True
        while open_:
            batch = [self._waiting.get()]
            while not self._waiting.empty():
                batch.append(self._waiting.get())
            open_ = None not in batch
            self._commit([each for each in batch if each is not None])

    def _commit(self, batch: Sequence[tuple[_Work, Future[int]]]) -> None:
        try:
            newest = self._events.write([work for work, _ in batch])
        except Exception as error:
            for _, future in batch:
                with suppress(InvalidStateError):  # nobody waits for it any longer
                    future.set_exception(error)
        else:
            for (_, future), last in zip(batch, newest, strict=True):
                with suppress(InvalidStateError):
                    future.set_result(last)


class _SQLite:
    """A file: one connection that reads and one that writes, opened by each process for itself."""

    is_remote = False

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _reader(self) -> sqlite3.Connection:
        return _connect(self._path)

    @cached_property
    def _writing(self) -> sqlite3.Connection:
        return _connect(self._path)

    def read(self, sender_id: str, known: int | None = None) -> _Found:
        sender = {"sender": sender_id}
        newest: int | None = self._reader.execute(_NEWEST, sender).fetchone()[0]
        if newest is None or newest == known:
            return _Found(newest, [])
        return _Found(newest, [data for (data,) in self._reader.execute(_SESSION, sender)])

    def write(self, batch: Sequence[_Work]) -> list[int]:
        connection = self._writing
        try:
            connection.execute("BEGIN IMMEDIATE")
            newest = [self._do(connection, work) for work in batch]
            connection.execute("COMMIT")
        except Exception:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        if any(isinstance(work, str) for work in batch):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the journal, too, holds what was said
        return newest

    def close(self) -> None:
        self._reader.close()
        self._writing.close()

    @staticmethod
    def _do(connection: sqlite3.Connection, work: _Work) -> int:
        if isinstance(work, str):
            connection.execute(_DELETE, {"sender": work})
            return 0
        insert = f"INSERT INTO events ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"
        *rows, last = work
        connection.executemany(insert, rows)
        return connection.execute(insert, last).lastrowid or 0


class _PostgreSQL:
    """A server: connections of the engine, which looks whether each still lives before it gives it."""

    is_remote = True

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, sender_id: str, known: int | None = None) -> _Found:
        sender = {"sender": sender_id}
        with self._engine.connect() as connection:
            newest: int | None = connection.execute(sql.text(_NEWEST), sender).scalar()
            if newest is None or newest == known:
                return _Found(newest, [])
            return _Found(newest, list(connection.execute(sql.text(_SESSION), sender).scalars()))

    def write(self, batch: Sequence[_Work]) -> list[int]:
        with self._engine.begin() as connection:
            return [self._do(connection, work) for work in batch]

    def close(self) -> None:
        self._engine.dispose()

    @staticmethod
    def _do(connection: Any, work: _Work) -> int:
        if isinstance(work, str):
            connection.execute(sql.text(_DELETE), {"sender": work})
            return 0
        from psycopg2.extras import execute_values

        with connection.connection.cursor() as cursor:
            insert = f"INSERT INTO events ({_COLUMNS}) VALUES %s RETURNING id"
            return max(newest for (newest,) in execute_values(cursor, insert, work, page_size=len(work), fetch=True))


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
