"""Statements that are written once and run often, in a file without SQLAlchemy's machinery around each of them.

SQLAlchemy takes several times as long to run a statement in SQLite as SQLite does: a connection of the pool, a context
and a result for each. A file is asked here by Python's own driver, with the text that SQLAlchemy makes of the same
statement; a server is asked through SQLAlchemy. Values, errors and what is committed are the same.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple, Protocol

import sqlalchemy as sql
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Engine

from bot.runtime.database import prepare_sqlite


class Outcome(NamedTuple):
    """How many rows a statement changed, the key of the one that it inserted, and the rows that it read."""

    changed: int
    key: int | None
    rows: Sequence[Sequence[Any]]


Run = Callable[[Any, Mapping[str, Any]], Outcome]


class Transactions(Protocol):
    """Runs statements in a database; the errors are SQLAlchemy's."""

    def once(self, statement: Any, given: Mapping[str, Any]) -> Outcome:
        """Run one statement by itself; it is committed on return."""

    def begin(self) -> AbstractContextManager[Run]:
        """A transaction, and what runs statements in it; committed at its end, undone by an error."""


def transactions(engine: Engine) -> Transactions:
    """Those of an engine's database."""
    database = engine.url.database
    return _File(database) if engine.dialect.name == "sqlite" and database else _Server(engine)


class _Server:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def once(self, statement: Any, given: Mapping[str, Any]) -> Outcome:
        with self.begin() as run:
            return run(statement, given)

    @contextmanager
    def begin(self) -> Iterator[Run]:
        with self._engine.begin() as connection:

            def run(statement: Any, given: Mapping[str, Any]) -> Outcome:
                done = connection.execute(statement, given)
                key = done.inserted_primary_key[0] if statement.is_insert else None
                return Outcome(done.rowcount, key, done.all() if done.returns_rows else ())

            yield run


class _Text(NamedTuple):
    """A statement as SQLite reads it, the values that stand in it, and how some of those given are written."""

    words: str
    fixed: Mapping[str, Any]
    written: Sequence[tuple[str, Callable[[Any], Any]]]

    @classmethod
    def of(cls, statement: Any) -> _Text:
        made = statement.compile(dialect=sqlite.dialect(paramstyle="named"))
        return cls(made.string, made.params, tuple(made._bind_processors.items()))


class _File:
    """Each thread has a connection of its own, opened when it first asks: a process that is forked opens others."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._of_thread = threading.local()
        self._texts: dict[Any, _Text] = {}

    def once(self, statement: Any, given: Mapping[str, Any]) -> Outcome:
        try:
            return self._run(statement, given)
        except sqlite3.Error as error:
            raise _as_sqlalchemy(error) from error

    @contextmanager
    def begin(self) -> Iterator[Run]:
        connection = self._connection()
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield self._run
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise _as_sqlalchemy(error) from error
            raise

    def _run(self, statement: Any, given: Mapping[str, Any]) -> Outcome:
        text = self._texts.get(statement)
        if text is None:
            text = self._texts[statement] = _Text.of(statement)
        values = {**text.fixed, **given}
        for name, write in text.written:
            values[name] = write(values[name])
        cursor = self._connection().execute(text.words, values)
        return Outcome(cursor.rowcount, cursor.lastrowid, cursor.fetchall())

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._of_thread, "connection", None)
        if connection is None:
            connection = self._of_thread.connection = sqlite3.connect(self._path, isolation_level=None)
            prepare_sqlite(connection)
        return connection


def _as_sqlalchemy(error: sqlite3.Error) -> Exception:
    """The error as SQLAlchemy raises it: by the names of DB-API 2, and without the values that were given."""
    kind: Callable[..., Exception] = getattr(sql.exc, type(error).__name__, sql.exc.DBAPIError)
    return kind(None, None, error, hide_parameters=True)
