"""``yibao serve`` as a real server: a conversation over HTTP, and what is no request."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.runtime.assistant import Assistant
from tests.servers import Yibao, wait_until


@pytest.fixture(scope="module")
def address(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:  # the bot is trained
    with Yibao(tmp_path_factory.mktemp("one")).running() as server:
        yield server.address


def post(address: str, body: bytes, kind: str = "application/json") -> tuple[int, dict[str, Any]]:
    request = urllib.request.Request(f"{address}/messages", body, {"Content-Type": kind})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_conversation_goes_on_with_its_token(address: str) -> None:
    status, first = post(address, json.dumps({"text": "When do I have to pay?"}).encode())
    assert status == 200
    assert first["replies"][0]["topic"] == "payment_time"
    _, second = post(
        address, json.dumps({"text": "which law says so?", "conversation": first["conversation"]}).encode()
    )
    assert second["replies"][0]["topic"] == "payment_time"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{broken", "application/json", 400),
        (b'{"text": 7}', "application/json", 400),
        (b'{"text": "hello"}', "text/plain", 415),
        (b'{"text": "hello", "conversation": "forged"}', "application/json", 401),
        (b'{"text": "' + b"a" * 20_000 + b'"}', "application/json", 413),
    ],
)
def test_what_is_no_request_is_refused_in_one_line(address: str, body: bytes, kind: str, status: int) -> None:
    got, answer = post(address, body, kind)
    assert got == status
    assert "\n" not in answer["error"]


def ask(address: str, text: str, conversation: str | None = None) -> dict[str, Any]:
    body = {"text": text} if conversation is None else {"text": text, "conversation": conversation}
    status, answer = post(address, json.dumps(body).encode())
    assert status == 200, answer
    return answer


def test_workers_share_conversations_and_a_killed_one_costs_no_answered_turn(
    assistant: Assistant, tmp_path: Path
) -> None:
    with Yibao(tmp_path, workers=2).running() as server:
        first = server.workers_alive()
        assert len(first) == 2
        answers: dict[int, list[str]] = {}

        def talk(number: int) -> None:
            token, said = None, answers.setdefault(number, [])
            for text in ("papers to enrol my son", f"he is {number + 1} years old", "no dibao") * 2:
                for _ in range(20):
                    try:
                        answer = ask(server.address, text, token)
                        break
                    except OSError:  # the worker was killed in the middle of this one: it was not answered
                        time.sleep(0.1)
                token = answer["conversation"]
                said.append(text)

        threads = [threading.Thread(target=talk, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        os.kill(min(first), signal.SIGKILL)
        for thread in threads:
            thread.join()
        wait_until(lambda: len(server.workers_alive() - {min(first)}) == 2, "a new worker")
    with sqlite3.connect(tmp_path / "conversations.db") as connection:
        rows = connection.execute("SELECT sender_id, data FROM events WHERE type_name = 'user' ORDER BY id").fetchall()
    stored: dict[str, list[str]] = {}
    for sender, data in rows:
        stored.setdefault(sender, []).append(json.loads(data)["text"])
    for said in answers.values():
        # A turn that was stored but whose answer was lost with the worker was said again.
        assert any(without_repetition(texts) == said for texts in stored.values()), said


def without_repetition(texts: list[str]) -> list[str]:
    return [text for place, text in enumerate(texts) if place == 0 or texts[place - 1] != text]
