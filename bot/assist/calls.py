"""Calls in the database: turns, cards, what agents did with them, and the events that consoles follow."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select, true, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from bot.assist import tables
from bot.assist.accounts import Account
from bot.assist.cards import Card
from bot.assist.listening import CallState, Heard, Role
from knowledge.conditions import FactValue

Json = dict[str, Any]
VOTES = ("relevant", "correct", "useful")  # what agents think of a card
USED = ("inserted", "copied")  # what they did with it
MARKS = (*VOTES, *USED, "opened")


class Overtaken(Exception):
    """Another turn of the call was stored meanwhile: work the turn out again from the state now."""


@dataclass(frozen=True)
class Call:
    """A call as far as it has been heard; ``version`` counts the changes of its state."""

    id: str
    agent: str | None
    language: str
    opened: float
    ended: float | None
    state: CallState
    version: int
    wrap_up: str | None


@dataclass(frozen=True)
class Turn:
    """One turn as stored: redacted; ``silence`` is why a caller's final turn has no card."""

    id: str
    role: Role
    text: str
    final: bool
    time: float
    silence: str | None = None

    def to_json(self) -> Json:
        """Plain values of the contract."""
        return {"turn": self.id, "role": self.role, "text": self.text, "final": self.final, "time": self.time}


class Calls:
    """Stores calls; what is stored once under a turn's id is never stored twice."""

    def __init__(self, engine: Engine, *, keep_days: int = 30, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._kept = keep_days * 24 * 60 * 60
        self._clock = clock

    # Calls --------------------------------------------------------------------------------------------

    def open(self, language: str, *, source: str, agent: str | None) -> str:
        """A new call opened by an account, for an agent or for whoever takes it.

        What was said in calls that are long over is deleted on the way.
        """
        call, now = secrets.token_urlsafe(12), self._clock()
        row = {
            "id": call,
            "agent": agent,
            "source": source,
            "language": language,
            "opened": now,
            "state": CallState(language).to_json(),
            "version": 0,
        }
        self.forget(before=now - self._kept)
        with self._engine.begin() as connection:
            connection.execute(insert(tables.calls).values(row))
        return call

    def get(self, call: str, account: Account) -> Call | None:
        """A call that the account may see: an agent its own and those that nobody has taken yet, a telephone
        system those that it opened, a supervisor any."""
        with self._engine.connect() as connection:
            row = connection.execute(select(tables.calls).where(and_(tables.calls.c.id == call, _of(account)))).first()
        if row is None:
            return None
        state = CallState.from_json(row.state) if row.state else CallState(row.language)
        return Call(row.id, row.agent, row.language, row.opened, row.ended, state, row.version, row.wrap_up)

    def running(self, account: Account) -> list[Json]:
        """The calls that have not ended and that the account may see, latest first."""
        table = tables.calls
        query = (
            select(table.c.id, table.c.agent, table.c.opened, table.c.language)
            .where(and_(table.c.ended.is_(None), table.c.opened > self._clock() - self._kept, _of(account)))
            .order_by(table.c.opened.desc())
            .limit(50)
        )
        with self._engine.connect() as connection:
            return [
                {"call": row.id, "agent": row.agent, "opened": row.opened, "language": row.language}
                for row in connection.execute(query)
            ]

    def take(self, call: str, agent: str) -> bool:
        """Make a waiting call an agent's own; False where another was quicker."""
        table = tables.calls
        with self._engine.begin() as connection:
            taken = update(table).where(and_(table.c.id == call, or_(table.c.agent.is_(None), table.c.agent == agent)))
            return bool(connection.execute(taken.values(agent=agent)).rowcount)

    def end(self, call: str, wrap_up: str) -> None:
        """Store the wrap-up, and end the call if it has not ended."""
        table = tables.calls
        with self._engine.begin() as connection:
            connection.execute(update(table).where(table.c.id == call).values(wrap_up=wrap_up))
            ended = update(table).where(and_(table.c.id == call, table.c.ended.is_(None))).values(ended=self._clock())
            if connection.execute(ended).rowcount:
                self._tell(connection, call, "ended", {})

    def forget(self, *, before: float) -> None:
        """Delete what was said in calls opened before; how many cards there were, and their marks, stay."""
        old = select(tables.calls.c.id).where(and_(tables.calls.c.opened < before, tables.calls.c.version >= 0))
        with self._engine.begin() as connection:
            calls = connection.execute(old).scalars().all()
            if not calls:
                return
            connection.execute(update(tables.turns).where(tables.turns.c.call.in_(calls)).values(text=""))
            connection.execute(update(tables.cards).where(tables.cards.c.call.in_(calls)).values(body={}))
            connection.execute(delete(tables.events).where(tables.events.c.call.in_(calls)))
            connection.execute(
                update(tables.calls)
                .where(tables.calls.c.id.in_(calls))
                .values(state={}, version=-1, wrap_up=None, ended=func.coalesce(tables.calls.c.ended, self._clock()))
            )

    # Turns --------------------------------------------------------------------------------------------

    def turn(self, call: str, turn: str) -> Turn | None:
        """A turn by its id."""
        query = select(tables.turns).where(and_(tables.turns.c.call == call, tables.turns.c.id == turn))
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return _turn(row) if row else None

    def turns(self, call: str) -> list[Turn]:
        """The turns in the order in which they began."""
        query = select(tables.turns).where(tables.turns.c.call == call).order_by(tables.turns.c.number)
        with self._engine.connect() as connection:
            return [_turn(row) for row in connection.execute(query)]

    def cards(self, call: str, turn: str | None = None) -> list[Json]:
        """The cards of a call, or of a turn, in their order."""
        table = tables.cards
        wanted = table.c.call == call if turn is None else and_(table.c.call == call, table.c.turn == turn)
        query = select(table).where(wanted).order_by(table.c.time, table.c.position)
        with self._engine.connect() as connection:
            return [row.body for row in connection.execute(query)]

    def keep_interim(self, call: str, turn: Turn) -> bool:
        """Show words that may still change; False where the turn is final already, and they come too late."""
        mine = and_(tables.turns.c.call == call, tables.turns.c.id == turn.id)
        with self._engine.begin() as connection:
            row = connection.execute(select(tables.turns.c.final).where(mine)).first()
            if row is not None and row.final:
                return False
            if row is None:
                connection.execute(insert(tables.turns).values(self._row(connection, call, turn)))
            else:
                connection.execute(update(tables.turns).where(mine).values(text=turn.text))
            self._tell(connection, call, "turn", {"turn": turn.to_json()})
        return True

    def keep(self, call: Call, turn: Turn, heard: Heard, result: Json, *, milliseconds: float | None) -> None:
        """Store a final turn with all that it led to, or nothing of it.

        Raises:
            Overtaken: the call has changed since ``call`` was read, or the turn is stored already.
        """
        turn = replace(turn, silence=heard.silence)
        mine = and_(tables.turns.c.call == call.id, tables.turns.c.id == turn.id)
        try:
            with self._engine.begin() as connection:
                self._advance(connection, call, heard.state)
                row = self._row(connection, call.id, turn) | {"milliseconds": milliseconds}
                stored = connection.execute(select(tables.turns.c.number, tables.turns.c.final).where(mine)).first()
                if stored is None:
                    connection.execute(insert(tables.turns).values(row))
                elif stored.final:
                    raise Overtaken
                else:
                    connection.execute(update(tables.turns).where(mine).values(row | {"number": stored.number}))
                self._keep_cards(connection, call.id, heard.cards)
                self._tell(connection, call.id, "turn", result)
        except IntegrityError as error:
            raise Overtaken from error

    def set_fact(self, call: Call, fact: str, value: FactValue | None, show: Callable[[CallState], Json]) -> Json:
        """A fact set or cleared by hand; returns what ``show`` makes of the new state.

        Raises:
            Overtaken: the call has changed since ``call`` was read.
        """
        state = call.state.by_hand(fact, value)
        result = show(state)
        with self._engine.begin() as connection:
            self._advance(connection, call, state)
            self._tell(connection, call.id, "panel", result)
        return result

    def _advance(self, connection: Any, call: Call, state: CallState) -> None:
        table = tables.calls
        unchanged = and_(table.c.id == call.id, table.c.version == call.version)
        changed = update(table).where(unchanged).values(state=state.to_json(), version=call.version + 1)
        if not connection.execute(changed).rowcount:
            raise Overtaken

    def _keep_cards(self, connection: Any, call: str, cards: Sequence[Card]) -> None:
        for position, card in enumerate(cards):
            row = {
                "id": card.id,
                "call": call,
                "turn": card.turn,
                "position": position,
                "topic": card.reply.topic,
                "answer": card.answer,
                "body": card.to_json(),
                "time": self._clock(),
            }
            connection.execute(insert(tables.cards).values(row))

    def _row(self, connection: Any, call: str, turn: Turn) -> Json:
        count = select(func.count()).where(tables.turns.c.call == call)
        return {
            "call": call,
            "id": turn.id,
            "number": connection.execute(count).scalar(),
            "role": turn.role,
            "text": turn.text,
            "final": turn.final,
            "time": turn.time,
            "silence": turn.silence,
        }

    # Marks --------------------------------------------------------------------------------------------

    def card_call(self, card: str) -> str | None:
        """The call that a card belongs to."""
        with self._engine.connect() as connection:
            found: str | None = connection.execute(
                select(tables.cards.c.call).where(tables.cards.c.id == card)
            ).scalar()
        return found

    def mark(self, card: str, account: str, kind: str, value: bool | None) -> None:
        """What an agent did with a card or thinks of it; None takes it back."""
        table = tables.marks
        mine = and_(table.c.card == card, table.c.account == account, table.c.kind == kind)
        with self._engine.begin() as connection:
            connection.execute(delete(table).where(mine))
            if value is not None:
                row = {"card": card, "account": account, "kind": kind, "value": value, "time": self._clock()}
                connection.execute(insert(table).values(row))

    def marks(self, call: str) -> dict[str, dict[str, bool]]:
        """What was marked on the cards of a call: card, then kind, to value."""
        query = (
            select(tables.marks.c.card, tables.marks.c.kind, tables.marks.c.value)
            .join(tables.cards, tables.cards.c.id == tables.marks.c.card)
            .where(tables.cards.c.call == call)
        )
        found: dict[str, dict[str, bool]] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(query):
                found.setdefault(row.card, {})[row.kind] = row.value
        return found

    # Events -------------------------------------------------------------------------------------------

    def events(self, call: str, after: int) -> list[tuple[int, str, Mapping[str, Any]]]:
        """Number, kind and body of the call's events after a number, in order."""
        table = tables.events
        query = select(table).where(and_(table.c.call == call, table.c.id > after)).order_by(table.c.id).limit(200)
        with self._engine.connect() as connection:
            return [(row.id, row.kind, row.body) for row in connection.execute(query)]

    def last_event(self, call: str) -> int:
        """The number of the call's latest event, 0 where there is none."""
        query = select(func.max(tables.events.c.id)).where(tables.events.c.call == call)
        with self._engine.connect() as connection:
            return int(connection.execute(query).scalar() or 0)

    def _tell(self, connection: Any, call: str, kind: str, body: Mapping[str, Any]) -> None:
        connection.execute(insert(tables.events).values(call=call, kind=kind, body=dict(body)))


def _of(account: Account) -> Any:
    table = tables.calls
    if account.role == "agent":
        return or_(table.c.agent == account.name, table.c.agent.is_(None))
    if account.role == "telephone":
        return table.c.source == account.name
    return true()


def _turn(row: Any) -> Turn:
    return Turn(row.id, row.role, row.text, row.final, row.time, row.silence)
