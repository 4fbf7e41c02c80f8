"""Several machines: two real servers that share PostgreSQL and Redis, and what happens when one of them fails."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from rasa.core.tracker_store import SQLTrackerStore

from bot.channels.line import Line, RedisLine
from bot.channels.store import Place, Store
from bot.channels.tokens import Tokens
from bot.runtime import tracker_store
from bot.runtime.assistant import Assistant
from bot.runtime.tracker_store import LeanTrackerStore
from tests.servers import PATIENCE, Postgres, Redis, Yibao, folder_of_nobody, free_port, wait_until
from tests.unit.test_tracker_store import DOMAIN, events, play, said

SECRET = "known to both machines, and to nobody else"


class City:
    """Two machines, the database and Redis."""

    def __init__(self, postgres: Postgres, redis: Redis, machines: tuple[Yibao, Yibao]) -> None:
        self.postgres, self.redis, self.machines = postgres, redis, machines

    def begin(self) -> str:
        status, answer = self.machines[0].ask("POST", "/chat/session", body={"consent": True, "consent_version": "1"})
        assert status == 200, answer
        return str(answer["token"])

    def say(self, machine: int, token: str, text: str, message: str = "") -> dict[str, Any]:
        body = {"id": message or str(uuid.uuid4()), "text": text}
        status, answer = self.machines[machine].ask("POST", "/chat/messages", token, body)
        assert status == 200, answer
        return answer

    def said(self, token: str) -> list[str]:
        """What the person said, as the machines show it."""
        status, answer = self.machines[1].ask("GET", "/chat/history", token)
        assert status == 200, answer
        return [message["text"] for message in answer["messages"] if message["from"] == "person"]

    def heard(self, token: str) -> list[str]:
        """What the assistant has stored, in its order."""
        rows = self.postgres.rows(
            "SELECT data::json->>'text' FROM events "
            f"WHERE type_name = 'user' AND sender_id = '{name_of(token)}' ORDER BY id"
        )
        return [text for (text,) in rows]


def name_of(token: str) -> str:
    return Tokens(SECRET.encode(), audience="chat").open(token)[0]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with folder_of_nobody() as folder:
        server = Postgres(folder)
        server.prepare()
        server.start()
        yield server
        server.stop()


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with folder_of_nobody() as folder:
        server = Redis(folder)
        server.start()
        yield server
        server.stop()


@pytest.fixture(scope="module")
def city(
    assistant: Assistant, postgres: Postgres, redis: Redis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[City]:  # the bot is trained
    settings = {"YIBAO_DATABASE": postgres.address, "YIBAO_REDIS": redis.address, "YIBAO_SECRET": SECRET}
    one = Yibao(tmp_path_factory.mktemp("one"), settings, workers=2)
    other = Yibao(tmp_path_factory.mktemp("other"), settings)
    with ExitStack() as running:
        for machine in (one, other):  # at once: both find an empty database
            machine.start()
            running.callback(machine.stop)
        for machine in (one, other):
            machine.wait()
        yield City(postgres, redis, (one, other))


def test_a_conversation_that_alternates_between_machines_keeps_its_facts(city: City) -> None:
    token = city.begin()
    city.say(0, token, "What papers do I need to enrol my daughter?")
    city.say(1, token, "she is 4 years old and in kindergarten")
    city.say(0, token, "we have a village hukou")
    answer = city.say(1, token, "no dibao")
    checklist = answer["replies"][-1]["reply"]["checklist"]
    needed = {item["id"]: item["needed"] for item in checklist["items"]}
    assert needed["minimum_living_certificate"] == "no"
    assert needed["photos_with_parent"] == "yes"
    assert city.said(token) == city.heard(token)


def test_messages_that_came_to_two_machines_are_answered_in_the_order_in_which_they_came(city: City) -> None:
    token = city.begin()
    line = RedisLine(city.redis.address, Store(city.postgres.address))
    before = Place(name_of(token))
    assert line.take(before)  # a long turn on a third machine
    texts = [f"is {number} months too late to pay" for number in range(2, 8)]
    waiting: list[threading.Thread] = []

    def has_come() -> bool:
        line.keep(before)
        return city.redis.length(f"yibao:{{{name_of(token)}}}:waiting") == len(waiting)

    for number, text in enumerate(texts):
        waiting.append(threading.Thread(target=city.say, args=(number % 2, token, text)))
        waiting[-1].start()
        wait_until(has_come, "the message is in line")
    line.leave(before)
    for thread in waiting:
        thread.join()
    assert city.heard(token) == texts
    assert city.said(token) == texts


@pytest.mark.parametrize("kind", ["redis", "database"])
def test_the_line_before_a_conversation_is_kept_for_all_machines(kind: str, postgres: Postgres, redis: Redis) -> None:
    store, other = Store(postgres.address), Store(postgres.address)
    name = uuid.uuid4().hex
    store.begin(name, channel="chat", language=None, consent_version="1")
    lines: list[Line] = [store, other]
    if kind == "redis":
        lines = [RedisLine(redis.address, store), RedisLine(redis.address, other)]
    now, first, second = Place(name), Place(name), Place(name)
    assert lines[0].take(now)
    assert not lines[1].take(first)
    assert not lines[0].take(second)
    lines[0].keep(now)
    lines[0].leave(now)
    assert not lines[0].take(second)
    assert not lines[0].take(Place(name))
    assert lines[1].take(first)
    lines[1].leave(first)
    assert lines[0].take(second)


def test_trackers_in_postgresql_are_those_of_rasas_store(postgres: Postgres, tmp_path: Path) -> None:
    stock = SQLTrackerStore(DOMAIN, dialect="sqlite", db=str(tmp_path / "stock.db"))
    expected = asyncio.run(play(stock, "stock"))
    for kept in (100, 0):  # trackers kept in memory, and read from the table
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tracker_store, "_KEPT", kept)
            name = f"kept {kept}"
            found = asyncio.run(play(LeanTrackerStore(postgres.address, DOMAIN), name))
            assert [{**each, "sender_id": "stock"} for each in found] == expected
    columns = "type_name, timestamp, intent_name, action_name, data"
    rows = postgres.rows(f"SELECT {columns} FROM events WHERE sender_id = 'kept 100' ORDER BY id")
    assert [(*row[:-1], json.loads(row[-1])) for row in rows] == [row[1:] for row in events(tmp_path / "stock.db")]


def test_others_are_served_while_the_database_is_slow(postgres: Postgres) -> None:
    async def serve() -> int:
        store, served = LeanTrackerStore(postgres.address, DOMAIN), 0
        tracker = await store.get_or_create_tracker("slow", append_action_listen=False)
        tracker.update(said("first", 1.0), DOMAIN)
        with closing(psycopg2.connect(postgres.address)) as other, other.cursor() as cursor:
            cursor.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
            saving = asyncio.ensure_future(store.save(tracker))
            while served < 100:
                await asyncio.sleep(0.001)
                served += 1
            assert not saving.done()  # nobody is told that it was stored before it was
            other.rollback()
        await saving
        return len(postgres.rows("SELECT 1 FROM events WHERE sender_id = 'slow'"))

    assert asyncio.run(serve()) == 1


def test_a_killed_worker_costs_no_answered_turn(city: City) -> None:
    texts = ("papers to enrol my son", "he is 6 years old", "no dibao", "when do I have to pay", "which law says so")
    tokens = [city.begin() for _ in range(6)]
    failed: list[str] = []

    def talk(number: int, token: str) -> None:
        for place, text in enumerate(texts * 2):
            message = str(uuid.uuid4())  # the same when it is sent again
            for _ in range(200):
                try:
                    city.say((number + place) % 2, token, text, message)
                    break
                except (OSError, http.client.HTTPException):
                    time.sleep(0.1)
            else:
                failed.append(text)

    first = city.machines[0].workers_alive()
    threads = [threading.Thread(target=talk, args=each) for each in enumerate(tokens)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    os.kill(min(first), signal.SIGKILL)
    for thread in threads:
        thread.join()
    assert not failed
    wait_until(lambda: len(city.machines[0].workers_alive() - {min(first)}) == 2, "a new worker")
    for token in tokens:
        assert city.said(token) == list(texts * 2)
        heard = city.heard(token)
        # A turn whose answer was lost with the worker was taken again.
        assert [text for place, text in enumerate(heard) if heard[place - 1] != text or not place] == list(texts * 2)


def test_a_deleted_conversation_is_nowhere_in_the_database(city: City) -> None:
    token = city.begin()
    city.say(0, token, "When do I have to pay?")
    name = name_of(token)
    tables = [table for (table,) in city.postgres.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]

    def found() -> set[str]:
        return {
            table
            for table in tables
            if city.postgres.rows(f"""SELECT 1 FROM "{table}" AS one WHERE one::text LIKE '%{name}%' LIMIT 1""")
        }

    assert found() == {"conversations", "messages", "events"}
    assert city.machines[1].ask("DELETE", "/chat/", token)[0] == 200
    assert found() == set()


@pytest.mark.parametrize("what", ["postgres", "redis"])
def test_while_a_server_is_away_people_are_told_and_afterwards_all_goes_on(city: City, what: str) -> None:
    server = getattr(city, what)
    token = city.begin()
    city.say(0, token, "What papers do I need? My daughter is 4, in kindergarten, village hukou.")
    server.stop()
    try:
        for machine in city.machines:
            assert machine.ask("GET", "/readyz")[0] == 503
            assert machine.ask("GET", "/healthz")[0] == 200
            message = {"id": str(uuid.uuid4()), "text": "no dibao"}
            status, answer = machine.ask("POST", "/chat/messages", token, message)
            assert (status, answer["code"]) == (503, "unavailable")
            assert "Try again" in answer["error"]
    finally:
        server.start()
    for machine in city.machines:
        wait_until(lambda machine=machine: machine.status("/readyz") == 200, "ready again")  # type: ignore[misc]
    answer = city.say(1, token, "no dibao")
    assert answer["replies"][-1]["reply"]["checklist"]["id"] == "enrolment"


@pytest.mark.parametrize(
    ("setting", "address", "named"),
    [
        ("YIBAO_DATABASE", "postgresql://yibao:hidden@127.0.0.1:{port}/yibao", "Start the database"),
        ("YIBAO_DATABASE", "mysql://127.0.0.1/yibao", "postgresql://"),
        ("YIBAO_REDIS", "redis://127.0.0.1:{port}", "Start Redis"),
    ],
)
def test_a_server_that_is_away_at_the_start_is_one_line(
    assistant: Assistant, tmp_path: Path, setting: str, address: str, named: str
) -> None:
    machine = Yibao(tmp_path, {setting: address.format(port=free_port())})
    machine.start()
    try:
        machine.process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        machine.stop()
        raise
    said = machine.log.read_text()
    lines = [line for line in said.splitlines() if line.strip() and "Starting" not in line]
    assert machine.process.returncode == 1
    assert len(lines) == 1, said
    assert setting in lines[0]
    assert named in lines[0]
    assert "hidden" not in lines[0]
