"""What the gateway remembers: conversations, their messages, feedback, and questions left unanswered.

Everything that processes must agree on stands here: SQLite by default, any database by its address. Whatever
comes in has been redacted before. The statements of a turn are written once, and run without more ado
(``bot/runtime/transactions.py``): SQLAlchemy takes longer to build one, or to attend to it, than SQLite to run it.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Literal

import sqlalchemy as sql

from bot.channels.errors import Refused
from bot.runtime.database import make_tables, open_engine
from bot.runtime.transactions import Run, transactions

Sender = Literal["person", "assistant"]
Json = dict[str, Any]
LEASE = 8.0  # seconds after which the turn of a process that died gives way
LOOKED = 3.0  # seconds after which one who waited, and looks no more, is waited for no longer
_LAST_TICKET = 2**62

_metadata = sql.MetaData()
_conversations = sql.Table(
    "conversations",
    _metadata,
    sql.Column("id", sql.String(64), primary_key=True),
    sql.Column("channel", sql.String(16), nullable=False),
    sql.Column("language", sql.String(8)),
    sql.Column("consent_version", sql.String(8)),
    sql.Column("begun", sql.Float, nullable=False),
    sql.Column("used", sql.Float, nullable=False, index=True),
    sql.Column("last_seq", sql.Integer, nullable=False),
    sql.Column("leased_until", sql.Float, nullable=False),
)
_waiting = sql.Table(
    "waiting",  # for a conversation that another process has, in the order of arrival
    _metadata,
    sql.Column("ticket", sql.Integer, primary_key=True),
    sql.Column("conversation", sql.String(64), nullable=False, index=True),
    sql.Column("until", sql.Float, nullable=False),
)
_messages = sql.Table(
    "messages",
    _metadata,
    sql.Column("conversation", sql.String(64), primary_key=True),
    sql.Column("seq", sql.Integer, primary_key=True, autoincrement=False),
    sql.Column("id", sql.String(64), nullable=False),
    sql.Column("sender", sql.String(16), nullable=False),
    sql.Column("time", sql.Float, nullable=False),
    sql.Column("text", sql.Text, nullable=False),
    sql.Column("reply", sql.JSON),
    sql.Column("turn", sql.Integer, nullable=False),  # seq of the person's message that began the turn
    sql.Column("answered", sql.Boolean, nullable=False),
    sql.UniqueConstraint("conversation", "id"),
)
_feedback = sql.Table(
    "feedback",
    _metadata,
    sql.Column("id", sql.Integer, primary_key=True),
    sql.Column("time", sql.Float, nullable=False, index=True),
    sql.Column("channel", sql.String(16), nullable=False),
    sql.Column("conversation", sql.String(64), index=True),
    sql.Column("message", sql.String(64)),
    sql.Column("answer", sql.String(64)),  # id of the answer, or topic of the reply
    sql.Column("query", sql.Text),
    sql.Column("verdict", sql.String(8), nullable=False),
    sql.Column("reason", sql.String(16)),
    sql.Column("comment", sql.Text),
    sql.Column("knowledge_revision", sql.String(64)),
)
_unanswered = sql.Table(
    "unanswered",
    _metadata,
    sql.Column("question", sql.String(500), primary_key=True),
    sql.Column("channel", sql.String(16), primary_key=True),
    sql.Column("times", sql.Integer, nullable=False),
    sql.Column("first", sql.Float, nullable=False),
    sql.Column("last", sql.Float, nullable=False, index=True),
)

_given = sql.bindparam
_THIS = _conversations.c.id == _given("this")
_AHEAD = sql.select(_waiting.c.ticket).where(
    _waiting.c.conversation == _given("this"),
    _waiting.c.until >= _given("now"),
    _waiting.c.ticket < _given("mine"),
)
_TAKE = (
    _conversations.update()
    .where(_THIS, _conversations.c.leased_until < _given("now"), ~_AHEAD.exists())
    .values(leased_until=_given("until"))
)
_HOLD = (
    _conversations.update()
    .where(_THIS, _conversations.c.leased_until == _given("held"))
    .values(leased_until=_given("until"))
)
_MINE = _waiting.c.ticket == _given("mine")
_WAIT, _GO = _waiting.insert(), _waiting.delete().where(_MINE)
_WAIT_ON = _waiting.update().where(_MINE).values(until=_given("now") + LOOKED)
_PASS = _waiting.delete().where(_waiting.c.conversation == _given("this"), _waiting.c.ticket <= _given("mine"))
_NUMBER = (
    _conversations.update()
    .where(_THIS)
    .values(last_seq=_conversations.c.last_seq + _given("count"), used=_given("now"))
)
_LAST = sql.select(_conversations.c.last_seq).where(_THIS)
_BEGIN, _WRITE = _conversations.insert(), _messages.insert()
_HEARD = sql.select(_messages).where(
    _messages.c.conversation == _given("this"), _messages.c.id == _given("message"), _messages.c.sender == "person"
)
_REPLIES = (
    sql.select(_messages)
    .where(
        _messages.c.conversation == _given("this"),
        _messages.c.turn == _given("begun"),
        _messages.c.sender == "assistant",
    )
    .order_by(_messages.c.seq)
)
_ANSWERED = (
    _messages.update()
    .where(_messages.c.conversation == _given("this"), _messages.c.seq == _given("asked"))
    .values(answered=True)
)
_ASKED_AGAIN = (
    _unanswered.update()
    .where(_unanswered.c.question == _given("asked"), _unanswered.c.channel == _given("on"))
    .values(times=_unanswered.c.times + 1, last=_given("now"))
)
_ASKED_FIRST = _unanswered.insert()
_CLOCK = sql.select(sql.extract("epoch", sql.func.clock_timestamp()))


@dataclass(frozen=True)
class Message:
    """One message of a conversation, as stored: redacted."""

    seq: int
    id: str
    sender: Sender
    time: float
    text: str
    reply: Json | None
    answered: bool

    def to_json(self) -> Json:
        """As the contract of the surfaces has it."""
        return {
            "seq": self.seq,
            "id": self.id,
            "from": self.sender,
            "time": iso(self.time),
            "text": self.text,
            "reply": self.reply,
        }


@dataclass(frozen=True)
class Conversation:
    """One conversation; times in seconds since 1970."""

    id: str
    channel: str
    language: str | None
    consent_version: str | None
    begun: float


@dataclass(frozen=True)
class Feedback:
    """What a person thought of an answer."""

    channel: str
    verdict: str
    reason: str | None
    comment: str | None = None
    conversation: str | None = None
    message: str | None = None
    answer: str | None = None
    query: str | None = None
    knowledge_revision: str | None = None


_KNOWN = sql.select(*(_conversations.c[name] for name in Conversation.__dataclass_fields__)).where(_THIS)


@dataclass
class Place:
    """One turn's place before a conversation: waiting in line, or having it."""

    conversation: str
    ticket: int | None = None
    looked: float = 0.0
    until: float = 0.0  # when it is given up without a word; 0 while it waits
    who: str = ""


class Store:
    """The database of the gateway."""

    def __init__(self, address: str, *, clock: Callable[[], float] = time.time) -> None:
        """Open the database and make its tables where they are missing.

        Raises:
            DatabaseError: the database cannot be used.
        """
        self._clock = clock
        self._engine = open_engine(address)
        self.is_remote = self._engine.dialect.name != "sqlite"
        make_tables(self._engine, _metadata)
        self._turns = transactions(self._engine)

    def is_usable(self) -> bool:
        """Whether the database answers."""
        try:
            with self._engine.connect() as connection:
                connection.execute(sql.select(_conversations.c.id).limit(1))
        except sql.exc.SQLAlchemyError:
            return False
        return True

    # Conversations ------------------------------------------------------------------------------------

    def begin(self, conversation: str, *, channel: str, language: str | None, consent_version: str | None) -> None:
        """A new conversation."""
        now = self._clock()
        row = {"id": conversation, "channel": channel, "language": language, "consent_version": consent_version}
        self._turns.once(_BEGIN, {**row, "begun": now, "used": now, "last_seq": 0, "leased_until": 0.0})

    def conversation(self, conversation: str) -> Conversation:
        """What is known of a conversation.

        Raises:
            Refused: it has been deleted.
        """
        rows = self._turns.once(_KNOWN, {"this": conversation}).rows
        if not rows:
            raise Refused(401, "expired")
        return Conversation(*rows[0])

    def take(self, place: Place) -> bool:
        """Take the conversation for one turn; False while others have it or came before.

        Raises:
            Refused: it has been deleted.
        """
        with self._turns.begin() as run:
            now = self._now(run)
            mine = _LAST_TICKET if place.ticket is None else place.ticket
            given = {"this": place.conversation, "mine": mine, "now": now, "until": now + LEASE}
            taken = run(_TAKE, given).changed
            if taken:
                place.until = now + LEASE
                if place.ticket is not None:
                    run(_PASS, given)
            elif place.ticket is None:
                place.ticket = run(_WAIT, {"conversation": place.conversation, "until": now + LOOKED}).key
                place.looked = now
            elif now - place.looked > LOOKED / 3:
                run(_WAIT_ON, given)
                place.looked = now
        if not taken:
            self.conversation(place.conversation)
        return bool(taken)

    def keep(self, place: Place) -> None:
        """Go on having the conversation; to be said more often than every ``LEASE`` seconds."""
        with self._turns.begin() as run:
            until = self._now(run) + LEASE
            if run(_HOLD, _held(place, until)).changed:
                place.until = until

    def leave(self, place: Place) -> None:
        """Give the conversation back, or no longer wait for it."""
        if place.until:
            self._turns.once(_HOLD, _held(place, 0.0))
        elif place.ticket is not None:
            self._turns.once(_GO, {"mine": place.ticket})

    def expired(self, days: int) -> list[str]:
        """Conversations not used for so many days."""
        limit = self._clock() - days * 24 * 60 * 60
        with self._engine.connect() as connection:
            found = connection.execute(sql.select(_conversations.c.id).where(_conversations.c.used < limit))
            return [row.id for row in found]

    def delete(self, conversation: str) -> None:
        """Delete a conversation with all its messages and feedback."""
        with self._engine.begin() as connection:
            for table in (_messages, _feedback, _waiting):
                connection.execute(table.delete().where(table.c.conversation == conversation))
            connection.execute(_conversations.delete().where(_conversations.c.id == conversation))
        self._wipe()

    # Messages -----------------------------------------------------------------------------------------

    def turn(self, conversation: str, message_id: str) -> tuple[Message, list[Message]]:
        """The person's message with this id and the replies to it.

        Raises:
            Refused: no person has sent it; the id may be that of a reply.
        """
        with self._engine.connect() as connection:
            row = connection.execute(_HEARD, {"this": conversation, "message": message_id}).first()
            if row is None:
                raise Refused(400, "bad_request")
            replies = connection.execute(_REPLIES, {"this": conversation, "begun": row.seq}).all()
        return _message(row), [_message(one) for one in replies]

    def hear(self, conversation: str, message_id: str, text: str) -> Message | None:
        """Store what a person said; None where a message with this id has come in before."""
        try:
            with self._numbered(conversation, 1) as (run, seq):
                return self._write(run, conversation, seq, message_id, "person", text, None, turn=seq)
        except sql.exc.IntegrityError:
            return None

    def answer(self, conversation: str, question: Message, replies: Sequence[Json]) -> list[Message]:
        """Store the replies to a message; from now on it counts as answered."""
        with self._numbered(conversation, len(replies)) as (run, first):
            run(_ANSWERED, {"this": conversation, "asked": question.seq})
            return [
                self._write(
                    run,
                    conversation,
                    seq,
                    secrets.token_hex(16),
                    "assistant",
                    str(reply.get("text", "")),
                    reply,
                    turn=question.seq,
                )
                for seq, reply in enumerate(replies, first)
            ]

    def history(self, conversation: str, *, after: int = 0) -> list[Message]:
        """The messages after one, in order."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                sql.select(_messages)
                .where(_messages.c.conversation == conversation, _messages.c.seq > after)
                .order_by(_messages.c.seq)
            ).all()
        return [_message(row) for row in rows]

    def message(self, conversation: str, message_id: str) -> Message | None:
        """One message of a conversation."""
        with self._engine.connect() as connection:
            row = connection.execute(
                sql.select(_messages).where(_messages.c.conversation == conversation, _messages.c.id == message_id)
            ).first()
        return _message(row) if row else None

    # What is to be learnt -----------------------------------------------------------------------------

    def rate(self, feedback: Feedback) -> None:
        """Store what a person thought of an answer; a second opinion on one message replaces the first."""
        with self._engine.begin() as connection:
            if feedback.message is not None:
                connection.execute(
                    _feedback.delete().where(
                        _feedback.c.conversation == feedback.conversation, _feedback.c.message == feedback.message
                    )
                )
            connection.execute(_feedback.insert().values(time=self._clock(), **vars(feedback)))

    def feedback(self, conversation: str) -> list[Json]:
        """What a person thought of the answers in one conversation."""
        wanted = (_feedback.c.message, _feedback.c.verdict, _feedback.c.reason, _feedback.c.comment)
        with self._engine.connect() as connection:
            rows = connection.execute(
                sql.select(*wanted).where(_feedback.c.conversation == conversation).order_by(_feedback.c.id)
            )
            return [dict(row._mapping) for row in rows]

    def feedback_counts(self, *, since: float = 0.0) -> list[Json]:
        """How often each answer was voted up and down since then, and why."""
        by = (_feedback.c.channel, _feedback.c.answer, _feedback.c.verdict, _feedback.c.reason)
        counted = sql.select(*by, sql.func.count().label("times")).where(_feedback.c.time >= since).group_by(*by)
        with self._engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(counted)]

    def leave_unanswered(self, question: str, channel: str) -> None:
        """Remember a question that had no answer, without whose it was."""
        question, now = question[:500], self._clock()
        for _ in range(2):  # another process may insert the same question in between
            try:
                with self._turns.begin() as run:
                    if not run(_ASKED_AGAIN, {"asked": question, "on": channel, "now": now}).changed:
                        new = {"question": question, "channel": channel, "times": 1, "first": now, "last": now}
                        run(_ASKED_FIRST, new)
                return
            except sql.exc.IntegrityError:
                continue

    def unanswered(self, *, since: float = 0.0, limit: int = 100) -> list[Json]:
        """The questions without an answer that were asked since then, the most frequent first."""
        order = (_unanswered.c.times.desc(), _unanswered.c.last.desc())
        asked = sql.select(_unanswered).where(_unanswered.c.last >= since).order_by(*order).limit(limit)
        with self._engine.connect() as connection:
            rows = connection.execute(asked)
            return [{**row._mapping, "first": iso(row.first), "last": iso(row.last)} for row in rows]

    def forget_older(self, days: int) -> None:
        """Delete feedback and unanswered questions older than so many days."""
        limit = self._clock() - days * 24 * 60 * 60
        with self._engine.begin() as connection:
            connection.execute(_feedback.delete().where(_feedback.c.time < limit))
            connection.execute(_unanswered.delete().where(_unanswered.c.last < limit))

    # Parts --------------------------------------------------------------------------------------------

    def _now(self, run: Run) -> float:
        """The time that all who share the database agree on: its own where it is another machine's."""
        if not self.is_remote:
            return self._clock()
        return float(run(_CLOCK, {}).rows[0][0])

    @contextmanager
    def _numbered(self, conversation: str, count: int) -> Iterator[tuple[Run, int]]:
        """A transaction with ``count`` numbers of its own, the first of which is given."""
        with self._turns.begin() as run:
            run(_NUMBER, {"this": conversation, "count": count, "now": self._clock()})
            ((last,),) = run(_LAST, {"this": conversation}).rows
            yield run, last - count + 1

    def _write(
        self,
        run: Run,
        conversation: str,
        seq: int,
        message_id: str,
        sender: Sender,
        text: str,
        reply: Json | None,
        *,
        turn: int,
    ) -> Message:
        message = Message(seq, message_id, sender, self._clock(), text, reply, answered=sender == "assistant")
        run(_WRITE, {"conversation": conversation, "turn": turn, **vars(message)})
        return message

    def _wipe(self) -> None:
        """Let nothing deleted linger in SQLite's journal; elsewhere the database looks after that."""
        if self._engine.dialect.name == "sqlite":
            with self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def iso(moment: float) -> str:
    """A moment as ISO 8601 in UTC."""
    return datetime.fromtimestamp(moment, timezone.utc).isoformat(timespec="milliseconds")


def _held(place: Place, until: float) -> Json:
    return {"this": place.conversation, "held": place.until, "until": until}


def _message(row: Any) -> Message:
    return Message(**{name: row._mapping[name] for name in Message.__dataclass_fields__})
