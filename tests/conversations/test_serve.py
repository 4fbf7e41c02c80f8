"""``yibao serve`` as a real server: a conversation over HTTP, and what is no request."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.runtime.assistant import Assistant


@pytest.fixture(scope="module")
def address(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:  # the bot is trained
    with server(tmp_path_factory.mktemp("one") / "conversations.db") as (found, _):
        yield found


@contextmanager
def server(conversations: Path, *options: str) -> Iterator[tuple[str, int]]:
    """The address of a real server, and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "from bot.cli import main; main()", "serve", "--port", str(port), *options]
    environment = {**os.environ, "YIBAO_CONVERSATIONS": str(conversations)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = f"http://127.0.0.1:{port}"
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{found}/healthz", timeout=1)
            break
        except OSError:
            time.sleep(0.5)
    try:
        yield found, process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


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


def workers_of(pid: int) -> set[int]:
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def test_workers_share_conversations_and_a_killed_one_costs_no_answered_turn(
    assistant: Assistant, tmp_path: Path
) -> None:
    with server(tmp_path / "conversations.db", "--workers", "2") as (address, pid):
        first = workers_of(pid)
        assert len(first) == 2
        answers: dict[int, list[str]] = {}

        def talk(number: int) -> None:
            token, said = None, answers.setdefault(number, [])
            for text in ("papers to enrol my son", f"he is {number + 1} years old", "no dibao") * 2:
                for _ in range(20):
                    try:
                        answer = ask(address, text, token)
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
        for _ in range(100):
            if len(workers_of(pid) - {min(first)}) == 2:
                break
            time.sleep(0.1)
        assert len(workers_of(pid) - {min(first)}) == 2
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
