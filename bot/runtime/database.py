"""The one place where databases are opened: SQLite files, or PostgreSQL for several machines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import URL, Engine, make_url

_ALONE = 7_921_041  # whoever makes tables in PostgreSQL holds the advisory lock of this number
# A server that does not answer must not hold a turn longer than its sender waits.
_POSTGRESQL = {
    "application_name": "yibao",
    "connect_timeout": 3,  # seconds
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8000,  # milliseconds
    "options": "-c statement_timeout=8000 -c lock_timeout=8000",
}
_USUAL: dict[str, Any] = {"future": True, "hide_parameters": True}  # an error must not hold what a person said
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000", "secure_delete=ON", "foreign_keys=ON")


class DatabaseError(OSError):
    """The database cannot be used; the text says which, why, and what to do."""


def open_engine(address: str) -> Engine:
    """The database at an address as SQLAlchemy writes it; nothing is asked of it yet.

    Raises:
        DatabaseError: the address is that of no database which can be used.
    """
    try:
        url = make_url(address)
    except (sql.exc.ArgumentError, ValueError):  # not quoted: a password may stand in it
        raise DatabaseError(f"YIBAO_DATABASE cannot be read. Write {_EXAMPLES}.") from None
    if is_postgresql(address):
        usual = {name: value for name, value in _POSTGRESQL.items() if name not in url.query}
        return sql.create_engine(url, pool_pre_ping=True, connect_args=usual, **_USUAL)
    if url.get_backend_name() != "sqlite":
        raise DatabaseError(f"YIBAO_DATABASE={_shown(url)}: this kind of database is not known. Write {_EXAMPLES}.")
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sql.create_engine(url, poolclass=sql.pool.QueuePool, connect_args={"check_same_thread": False}, **_USUAL)
    sql.event.listen(engine, "connect", prepare_sqlite)
    return engine


_EXAMPLES = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"


def is_postgresql(address: str) -> bool:
    """Whether an address is one of PostgreSQL."""
    return address.partition(":")[0].partition("+")[0] == "postgresql"


def make_tables(engine: Engine, metadata: Any) -> None:
    """Make the tables that are missing; afterwards no connection is open, so that the process may fork.

    Raises:
        DatabaseError: the database does not answer, or does not let us in.
    """
    try:
        if engine.dialect.name == "postgresql":
            with engine.begin() as connection:  # two machines that start at once would both find a table missing
                connection.execute(sql.text(f"SELECT pg_advisory_xact_lock({_ALONE})"))
                metadata.create_all(connection)
        else:
            try:
                metadata.create_all(engine)
            except sql.exc.DBAPIError:  # another process was making them at the same moment
                metadata.create_all(engine)
    except sql.exc.DBAPIError as error:
        raise DatabaseError(f"YIBAO_DATABASE={_shown(engine.url)}: {reason(error)}. {_MEND}") from error
    finally:
        engine.dispose()


_MEND = "Start the database, or correct the address or the rights."


def reason(error: sql.exc.DBAPIError) -> str:
    """What a database said, in one line."""
    return (str(error.orig).strip().splitlines() or [type(error.orig).__name__])[0].rstrip(".")


def _shown(url: URL) -> str:
    return str(url.render_as_string(hide_password=True))


def prepare_sqlite(connection: Any, _record: object = None) -> None:
    """Set up a new connection to a file; ``_record`` is what SQLAlchemy gives with it."""
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
