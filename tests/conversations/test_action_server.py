"""The actions behind Rasa's action server, as the stock assistant of the benchmark calls them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.servers import ROOT, free_port
from bot.runtime.assistant import Assistant

_PATIENCE = 60  # seconds


@pytest.fixture
def address(assistant: Assistant) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.action_server", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            urllib.request.urlopen(address).close()
        except OSError:
            assert server.poll() is None and time.monotonic() < end
            time.sleep(0.1)
        else:
            return


def call(address: str, tracker: dict[str, Any]) -> dict[str, Any]:
    body = {"next_action": "action_answer", "sender_id": "anyone", "version": "3.6.21", "tracker": tracker}
    request = urllib.request.Request(
        f"{address}/webhook", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        said: dict[str, Any] = json.load(answer)
    return said


def test_the_answer_over_http_is_the_one_in_the_process(address: str, assistant: Assistant) -> None:
    question = "When do I have to pay?"
    message = {"text": question, "intent": {"name": "payment_time", "confidence": 0.9}, "entities": []}
    tracker = {"sender_id": "anyone", "slots": {}, "latest_message": message, "events": [], "active_loop": {}}
    said = call(address, tracker)
    here = assistant.answer("of the same question", question)
    assert [response["custom"]["text"] for response in said["responses"]] == [reply["text"] for reply in here]
    assert said["responses"][0]["custom"]["citations"]
    assert {event["name"]: event["value"] for event in said["events"]}["topic"] == "payment_time"
