"""The tables of agent assist, in the gateway's database: all that several workers must agree on.

What was said is stored redacted, passwords and keys only as hashes.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.engine import Engine

from bot.runtime.database import make_tables, open_engine

metadata = MetaData()
_NAME, _ID, _HASH = String(64), String(80), String(64)

accounts = Table(
    "assist_accounts",
    metadata,
    Column("name", _NAME, primary_key=True),
    Column("role", String(16), nullable=False),
    Column("password", String(255), nullable=False),  # argon2id
    Column("created", Float, nullable=False),  # times are seconds since 1970, UTC
)
keys = Table(
    "assist_keys",
    metadata,
    Column("name", _NAME, primary_key=True),
    Column("hash", _HASH, nullable=False, unique=True),
    Column("created", Float, nullable=False),
)
failures = Table(
    "assist_failures",
    metadata,
    Column("name", _HASH, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last", Float, nullable=False),
)
sessions = Table(
    "assist_sessions",
    metadata,
    Column("hash", _HASH, primary_key=True),
    Column("account", _NAME, ForeignKey("assist_accounts.name", ondelete="CASCADE"), nullable=False),
    Column("csrf", _HASH, nullable=False),
    Column("created", Float, nullable=False),
    Column("seen", Float, nullable=False),
)
audit = Table(
    "assist_audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("time", Float, nullable=False),
    Column("actor", _NAME, nullable=False),
    Column("action", String(32), nullable=False),
    Column("subject", _ID, nullable=False),
)
calls = Table(
    "assist_calls",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("agent", _NAME, nullable=True),  # none until an agent takes a call that a telephone system opened
    Column("source", _NAME, nullable=False),  # the account that opened it
    Column("language", String(2), nullable=False),
    Column("opened", Float, nullable=False),
    Column("ended", Float, nullable=True),
    Column("state", JSON, nullable=False),
    # Of the state: of two turns at once one is worked out again. -1 once what was said has been deleted.
    Column("version", Integer, nullable=False),
    Column("wrap_up", Text, nullable=True),
)
turns = Table(
    "assist_turns",
    metadata,
    Column("call", _ID, ForeignKey("assist_calls.id", ondelete="CASCADE"), primary_key=True),
    Column("id", _ID, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("role", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("final", Boolean, nullable=False),
    Column("time", Float, nullable=False),
    Column("silence", String(16), nullable=True),  # why there is no card; none where there is one
    Column("milliseconds", Float, nullable=True),  # from the request to the answer, of customers' final turns
)
cards = Table(
    "assist_cards",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("call", _ID, ForeignKey("assist_calls.id", ondelete="CASCADE"), nullable=False),
    Column("turn", _ID, nullable=False),
    Column("position", Integer, nullable=False),
    Column("topic", _NAME, nullable=False),
    Column("answer", _NAME, nullable=True),
    Column("body", JSON, nullable=False),
    Column("time", Float, nullable=False),
    Index("assist_cards_call", "call"),
)
marks = Table(
    "assist_marks",  # what agents did with cards and thought of them
    metadata,
    Column("card", _ID, ForeignKey("assist_cards.id", ondelete="CASCADE"), primary_key=True),
    Column("account", _NAME, primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("value", Boolean, nullable=False),
    Column("time", Float, nullable=False),
)
events = Table(
    "assist_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("call", _ID, ForeignKey("assist_calls.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("body", JSON, nullable=False),
    Index("assist_events_call", "call", "id"),
    sqlite_autoincrement=True,
)


def open_database(address: str) -> Engine:
    """The database at an address as SQLAlchemy writes it, with the tables of agent assist.

    Raises:
        DatabaseError: the database cannot be used.
    """
    engine = open_engine(address)
    make_tables(engine, metadata)
    return engine
