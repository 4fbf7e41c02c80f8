"""Conversations in SQLite: the trackers are those of Rasa's store, and what was saved stays, whatever happens."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.runtime import quiet

quiet.prepare()
from rasa.core.tracker_store import SQLTrackerStore  # noqa: E402
from rasa.shared.core.domain import Domain  # noqa: E402
from rasa.shared.core.events import (  # noqa: E402
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)

from bot.runtime import tracker_store  # noqa: E402
from bot.runtime.tracker_store import LeanTrackerStore  # noqa: E402

DOMAIN = Domain.from_dict(
    {
        "intents": ["pay", "inform"],
        "entities": ["age"],
        "slots": {
            "age": {"type": "any", "influence_conversation": False, "mappings": [{"type": "custom"}]},
            "topic": {"type": "text", "mappings": [{"type": "custom"}]},
        },
        "actions": ["action_answer"],
        "forms": {"checklist_form": {"required_slots": ["age"]}},
    }
)


def said(text: str, at: float, **parse: Any) -> UserUttered:
    data = {"text": text, "intent": {"name": "pay", "confidence": 0.9}, "entities": [], **parse}
    return UserUttered(text, data["intent"], data["entities"], data, timestamp=at)


TURNS: list[list[Event]] = [
    [
        ActionExecuted("action_session_start", timestamp=1.0),
        SessionStarted(timestamp=1.1),
        ActionExecuted("action_listen", timestamp=1.2),
        said("how do i pay", 1.3),
        SlotSet("topic", "how_to_pay", timestamp=1.4),
        ActionExecuted("action_answer", timestamp=1.5),
        BotUttered("At the counter.", {"custom": {"type": "answer"}}, timestamp=1.6),
        ActionExecuted("action_listen", timestamp=1.7),
    ],
    [
        said("papers, he is 4", 2.0, entities=[{"entity": "age", "value": 4, "role": "son", "start": 13, "end": 14}]),
        ActiveLoop("checklist_form", timestamp=2.1),
        SlotSet("age", {"son": [4, None]}, timestamp=2.2),
        ActionExecuted("checklist_form", timestamp=2.3),
        ActionExecuted("action_listen", timestamp=2.4),
    ],
    [said("no", 3.0), UserUtteranceReverted(timestamp=3.1), ActionExecuted("action_listen", timestamp=3.2)],
    [
        said("/restart", 4.0),
        ActionExecuted("action_restart", timestamp=4.1),
        Restarted(timestamp=4.2),
        ActionExecuted("action_listen", timestamp=4.3),
    ],
    [  # an hour later: a new session
        ActionExecuted("action_session_start", timestamp=4000.0),
        SessionStarted(timestamp=4000.1),
        ActionExecuted("action_listen", timestamp=4000.2),
        said("and now", 4000.3),
        ActionExecuted("action_answer", timestamp=4000.4),
        ActionExecuted("action_listen", timestamp=4000.5),
    ],
    [said("thanks", 4001.0), ActionExecuted("action_listen", timestamp=4001.1)],
]


async def play(store: SQLTrackerStore, sender: str = "c1") -> list[dict[str, Any]]:
    """The state at the beginning of each turn, and at the end."""
    states = []
    for turn in TURNS:
        tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
        states.append(state(tracker))
        for event in json.loads(json.dumps([event.as_dict() for event in turn])):
            tracker.update(Event.from_parameters(event), DOMAIN)
        await store.save(tracker)
    states.append(state(await store.retrieve(sender)))
    return states


def state(tracker: Any) -> dict[str, Any]:
    from rasa.shared.core.trackers import EventVerbosity

    found = tracker.current_state(EventVerbosity.ALL)
    found["states"] = tracker.past_states(DOMAIN)
    found["slots set"] = {name: slot.has_been_set for name, slot in tracker.slots.items()}
    return found  # type: ignore[no-any-return]


def events(path: Path) -> list[Any]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT sender_id, type_name, timestamp, intent_name, action_name, data FROM events ORDER BY id"
        )
        return [(*row[:-1], json.loads(row[-1])) for row in rows]


Make = Callable[[], LeanTrackerStore]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    return lambda: LeanTrackerStore(f"sqlite:///{tmp_path}/conversations.db", DOMAIN)


def test_trackers_and_rows_are_those_of_rasas_store(make: Make, tmp_path: Path) -> None:
    stock = SQLTrackerStore(DOMAIN, dialect="sqlite", db=str(tmp_path / "stock.db"))
    assert asyncio.run(play(make())) == asyncio.run(play(stock))
    assert events(tmp_path / "conversations.db") == events(tmp_path / "stock.db")


def test_trackers_read_from_the_file_are_those_that_were_kept(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = asyncio.run(play(make(), "kept"))
    monkeypatch.setattr(tracker_store, "_KEPT", 0)
    read = asyncio.run(play(make(), "read"))
    assert [{**each, "sender_id": ""} for each in kept] == [{**each, "sender_id": ""} for each in read]


def test_two_processes_see_each_others_turns(make: Make) -> None:
    async def alternate() -> list[str]:
        one, other = make(), make()
        for number in range(6):
            store = (one, other)[number % 2]
            tracker = await store.get_or_create_tracker("c1", append_action_listen=False)
            tracker.update(said(f"message {number}", number), DOMAIN)
            await store.save(tracker)
        tracker = await one.retrieve("c1")
        assert tracker is not None
        return [event.text for event in tracker.events]

    assert asyncio.run(alternate()) == [f"message {number}" for number in range(6)]


def test_a_failed_turn_leaves_nothing_behind(make: Make) -> None:
    async def fail() -> int:
        store = make()
        tracker = await store.get_or_create_tracker("c1", append_action_listen=False)
        tracker.update(said("first", 1.0), DOMAIN)
        await store.save(tracker)
        tracker = await store.retrieve("c1")
        tracker.update(said("never saved", 2.0), DOMAIN)  # type: ignore[union-attr]
        return len((await store.retrieve("c1")).events)  # type: ignore[union-attr]

    assert asyncio.run(fail()) == 1


def test_a_conversation_can_be_forgotten(make: Make, tmp_path: Path) -> None:
    async def forget() -> object:
        store = make()
        await play(store, "c1 of somebody")
        await play(store, "c2")
        await store.forget("c1 of somebody")
        return await store.retrieve("c1 of somebody")

    assert asyncio.run(forget()) is None
    assert {row[0] for row in events(tmp_path / "conversations.db")} == {"c2"}
    assert not any(b"c1 of somebody" in file.read_bytes() for file in tmp_path.iterdir())


def test_what_cannot_be_written_is_an_error_and_no_turn(make: Make, tmp_path: Path) -> None:
    async def save() -> None:
        store = make()
        tracker = await store.get_or_create_tracker("c1", append_action_listen=False)
        tracker.update(said("first", 1.0), DOMAIN)
        with sqlite3.connect(tmp_path / "conversations.db") as connection:
            connection.execute("DROP TABLE events")
        await store.save(tracker)

    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        asyncio.run(save())


_ENDLESS = """
import asyncio, sys
from tests.unit.test_tracker_store import DOMAIN, said
from bot.runtime.tracker_store import LeanTrackerStore
async def talk(store, sender):
    for number in range(100000):
        tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
        tracker.update(said(f"message {number}", number), DOMAIN)
        await store.save(tracker)
        print(sender, number, flush=True)
async def main():
    store = LeanTrackerStore(sys.argv[1], DOMAIN)
    await asyncio.gather(*(talk(store, f"c{number}") for number in range(8)))
asyncio.run(main())
"""


def test_a_turn_that_was_answered_survives_a_sudden_end(make: Make, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _ENDLESS, f"sqlite:///{tmp_path}/conversations.db"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        answered = [process.stdout.readline().split() for _ in range(400)]
        process.send_signal(signal.SIGKILL)
        answered += [line.split() for line in process.stdout if len(line.split()) == 2 and line.endswith("\n")]
    stored = {(row[0], row[-1]["text"]) for row in events(tmp_path / "conversations.db")}
    assert {(sender, f"message {number}") for sender, number in answered} <= stored
