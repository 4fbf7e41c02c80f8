"""Statements run without SQLAlchemy's machinery do what they do with it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import sqlalchemy as sql

from bot.runtime.database import make_tables, open_engine
from bot.runtime.transactions import Transactions, _File, _Server, transactions

_metadata = sql.MetaData()
_notes = sql.Table(
    "notes",
    _metadata,
    sql.Column("id", sql.Integer, primary_key=True),
    sql.Column("name", sql.String(20), nullable=False, unique=True),
    sql.Column("weight", sql.Float, nullable=False),
    sql.Column("said", sql.JSON),
    sql.Column("done", sql.Boolean, nullable=False),
)
_ADD = _notes.insert()
_FINISH = _notes.update().where(_notes.c.name == sql.bindparam("this")).values(done=True, weight=_notes.c.weight + 1)
_ALL = sql.select(_notes.c.name, _notes.c.weight).order_by(_notes.c.id)
_TABLE = sql.select(_notes).order_by(_notes.c.id)


@pytest.fixture(params=["with SQLAlchemy", "without"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Transactions, sql.engine.Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'notes.db'}")
    make_tables(engine, _metadata)
    fast = transactions(engine)
    assert isinstance(fast, _File)
    return (fast if request.param == "without" else _Server(engine)), engine


def note(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "weight": 1, "said": None, "done": False, **more}


def test_values_arrive_as_sqlalchemy_writes_them(database: tuple[Transactions, sql.engine.Engine]) -> None:
    turns, engine = database
    assert turns.once(_ADD, note("a", said={"text": "医保", "parts": [1, None]})).key == 1
    assert turns.once(_ADD, note("b")).key == 2
    assert turns.once(_FINISH, {"this": "b"}).changed == 1
    assert turns.once(_FINISH, {"this": "c"}).changed == 0
    assert [tuple(row) for row in turns.once(_ALL, {}).rows] == [("a", 1.0), ("b", 2.0)]
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(_TABLE)]
        kinds = [tuple(row) for row in connection.execute(sql.text("SELECT typeof(weight), typeof(said) FROM notes"))]
    assert rows == [(1, "a", 1.0, {"text": "医保", "parts": [1, None]}, False), (2, "b", 2.0, None, True)]
    assert kinds == [("real", "text"), ("real", "text")], "nothing as JSON is a text, too"


def test_an_error_undoes_the_transaction(database: tuple[Transactions, sql.engine.Engine]) -> None:
    turns, _ = database
    turns.once(_ADD, note("a"))
    with pytest.raises(sql.exc.IntegrityError) as caught, turns.begin() as run:
        run(_ADD, note("b"))
        run(_ADD, note("a", said="a secret"))
    assert "secret" not in str(caught.value), "an error does not hold what a person said"
    with pytest.raises(RuntimeError), turns.begin() as run:
        run(_ADD, note("c"))
        raise RuntimeError
    with turns.begin() as run:
        run(_ADD, note("d"))
        assert len(run(_ALL, {}).rows) == 2
    assert [row[0] for row in turns.once(_ALL, {}).rows] == ["a", "d"]


def test_a_statement_by_itself_fails_in_the_same_way(database: tuple[Transactions, sql.engine.Engine]) -> None:
    turns, engine = database
    turns.once(_ADD, note("a"))
    with pytest.raises(sql.exc.IntegrityError):
        turns.once(_ADD, note("a"))
    with engine.begin() as connection:
        connection.execute(sql.text("DROP TABLE notes"))
    with pytest.raises(sql.exc.OperationalError, match="no such table"):
        turns.once(_ALL, {})


def test_who_comes_while_another_writes_waits(database: tuple[Transactions, sql.engine.Engine]) -> None:
    turns, _ = database
    begun, go_on = threading.Event(), threading.Event()

    def write() -> None:
        with turns.begin() as run:
            run(_ADD, note("first"))
            begun.set()
            go_on.wait(5)

    other = threading.Thread(target=write)
    other.start()
    begun.wait(5)
    assert turns.once(_ALL, {}).rows == [], "what is not committed is not seen"
    threading.Timer(0.1, go_on.set).start()
    turns.once(_ADD, note("second"))
    other.join()
    assert [row[0] for row in turns.once(_ALL, {}).rows] == ["first", "second"]
