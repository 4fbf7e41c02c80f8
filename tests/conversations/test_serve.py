"""``yibao serve`` as a real server: a conversation over HTTP, and what is no request."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from bot.runtime.assistant import Assistant


@pytest.fixture(scope="module")
def address(assistant: Assistant) -> Iterator[str]:  # the bot is trained
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "from bot.cli import main; main()", "serve", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = f"http://127.0.0.1:{port}"
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{found}/healthz", timeout=1)
            break
        except OSError:
            time.sleep(0.5)
    yield found
    server.terminate()
    server.wait(timeout=30)


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
