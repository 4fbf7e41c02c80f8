"""What a supervisor sees: how often a card was there, what became of the cards, what was left open, how fast.

And of the chat, the help box and programs: what they could not answer, and which answers people voted on.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.engine import Engine

from bot.assist import tables
from bot.assist.calls import USED, VOTES
from bot.assist.listening import OPEN
from bot.channels.store import Store

Json = dict[str, Any]
_UNANSWERED = 50  # questions listed


def report(engine: Engine, *, since: float) -> Json:
    """Counts since a time (seconds since 1970); shares from 0 to 1, None where there is nothing to divide."""
    turns, cards, marks, calls = tables.turns, tables.cards, tables.marks, tables.calls
    heard = and_(turns.c.role == "customer", turns.c.final, turns.c.time >= since)
    with engine.connect() as connection:

        def count(what: Any, where: Any) -> int:
            return int(connection.execute(select(func.count()).select_from(what).where(where)).scalar() or 0)

        total = count(turns, heard)
        with_card = count(turns, and_(heard, turns.c.silence.is_(None)))
        asking = with_card + count(turns, and_(heard, turns.c.silence.in_(OPEN)))
        marked = connection.execute(
            select(marks.c.kind, marks.c.value, func.count(func.distinct(marks.c.card)))
            .where(marks.c.time >= since)
            .group_by(marks.c.kind, marks.c.value)
        ).all()
        shown = connection.execute(
            select(cards.c.topic, func.count()).where(cards.c.time >= since).group_by(cards.c.topic)
        ).all()
        by_topic = connection.execute(
            select(cards.c.topic, marks.c.kind, marks.c.value, func.count(func.distinct(marks.c.card)))
            .join(cards, cards.c.id == marks.c.card)
            .where(marks.c.time >= since)
            .group_by(cards.c.topic, marks.c.kind, marks.c.value)
        ).all()
        open_turns = connection.execute(
            select(turns.c.text, turns.c.silence, func.count().label("times"), func.max(turns.c.time).label("last"))
            .where(and_(heard, turns.c.silence.in_(OPEN), turns.c.text != ""))
            .group_by(turns.c.text, turns.c.silence)
            .order_by(func.count().desc(), func.max(turns.c.time).desc())
            .limit(_UNANSWERED)
        ).all()
        taken = connection.execute(
            select(turns.c.milliseconds).where(and_(heard, turns.c.milliseconds.is_not(None)))
        ).scalars()
        milliseconds = sorted(taken)
        number_of_calls = count(calls, calls.c.opened >= since)
    did = {(kind, value): number for kind, value, number in marked}
    topics = {topic: {"topic": topic, "shown": number, "inserted": 0, "down": 0} for topic, number in shown}
    for topic, kind, value, number in by_topic:
        if topic in topics and kind == "inserted" and value:
            topics[topic]["inserted"] += number
        elif topic in topics and not value:
            topics[topic]["down"] += number
    return {
        "calls": number_of_calls,
        "turns": total,
        "questions": asking,
        "turns_with_card": with_card,
        "share_with_card": with_card / asking if asking else None,
        "cards": sum(number for _, number in shown),
        **{kind: did.get((kind, True), 0) for kind in (*USED, "opened")},
        "votes": {kind: {"up": did.get((kind, True), 0), "down": did.get((kind, False), 0)} for kind in VOTES},
        "topics": sorted(topics.values(), key=lambda topic: -int(topic["shown"])),
        "unanswered": [
            {"text": row.text, "why": row.silence, "times": row.times, "last": row.last} for row in open_turns
        ],
        "milliseconds": {"p50": _percentile(milliseconds, 0.5), "p95": _percentile(milliseconds, 0.95)},
    }


def of_surfaces(store: Store, *, since: float) -> Json:
    """Open questions and votes of the other surfaces since a time; the answer most voted down comes first."""
    votes: dict[tuple[str, str], Json] = {}
    for row in store.feedback_counts(since=since):
        answer, channel = row["answer"] or "", row["channel"]
        counted = votes.setdefault(
            (answer, channel), {"answer": answer, "channel": channel, "up": 0, "down": 0, "reasons": {}}
        )
        counted[row["verdict"]] += row["times"]
        if row["reason"]:
            counted["reasons"][row["reason"]] = counted["reasons"].get(row["reason"], 0) + row["times"]
    return {
        "unanswered": [
            {"text": row["question"], "channel": row["channel"], "times": row["times"], "last": row["last"]}
            for row in store.unanswered(since=since, limit=_UNANSWERED)
        ],
        "votes": sorted(votes.values(), key=lambda counted: (-counted["down"], -counted["up"])),
    }


def _percentile(ordered: list[float], share: float) -> float | None:
    """The nearest-rank percentile."""
    if not ordered:
        return None
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)
