"""``yibao chat --json`` as a program: any line gets its answer, the process lives on, and nothing calls out."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from bot.runtime.assistant import Assistant

# Runs the command with every socket to another machine denied and noted.
_CLOSED_NETWORK = """
import socket, sys
allowed = ("127.0.0.1", "::1", "localhost")
def guard(name):
    original = getattr(socket.socket, name)
    def call(self, address, *rest):
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in allowed:
            print("CALLED OUT", address, file=sys.stderr)
            raise OSError("closed")
        return original(self, address, *rest)
    setattr(socket.socket, name, call)
for name in ("connect", "connect_ex", "sendto"):
    guard(name)
resolve = socket.getaddrinfo
def getaddrinfo(host, *rest, **more):
    if host not in (None, *allowed):
        print("LOOKED UP", host, file=sys.stderr)
        raise OSError("closed")
    return resolve(host, *rest, **more)
socket.getaddrinfo = getaddrinfo
sys.argv = ["yibao", "chat", "--json"]
from bot.cli import main
main()
"""
_LINES: list[object] = [
    {"conversation": "c1", "text": "when do i have to pay"},
    {"conversation": "c2", "text": ""},
    {"conversation": "c2", "text": "   \t "},
    {"conversation": "c2", "text": "a" * 100_000},
    {"conversation": "c2", "text": "\u0000\u0007\u001b[31m"},
    {"conversation": "c2", "text": "😀😀😀"},
    {"conversation": "c2", "text": "/restart"},
    {"conversation": "c2", "text": '/intent{"x":1}'},
    {"conversation": "c2", "text": "Когда мне платить?"},
    "{broken",
    "[1, 2]",
    {"conversation": 7, "text": "hello"},
    {"conversation": "c3"},
    {"conversation": "c1", "reset": True},
    {"conversation": "c1", "text": "which law says so?"},
    {"conversation": "c4", "text": "what does article 58 say"},
    {"conversation": "c5", "text": "医保怎么交"},
]


@pytest.fixture(scope="module")
def answers(assistant: Assistant) -> tuple[list[dict[str, Any]], str]:
    lines = [line if isinstance(line, str) else json.dumps(line) for line in _LINES]
    ran = subprocess.run(
        [sys.executable, "-c", _CLOSED_NETWORK],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return [json.loads(line) for line in ran.stdout.splitlines()], ran.stderr


def test_every_line_gets_one_answer(answers: tuple[list[dict[str, Any]], str]) -> None:
    assert len(answers[0]) == len(_LINES)


def test_nothing_called_out(answers: tuple[list[dict[str, Any]], str]) -> None:
    assert "CALLED OUT" not in answers[1]
    assert "LOOKED UP" not in answers[1]


def test_odd_input_gets_one_fitting_reply(answers: tuple[list[dict[str, Any]], str]) -> None:
    for line, answer in zip(_LINES[1:9], answers[0][1:9], strict=True):
        assert len(answer["replies"]) == 1, line
        assert answer["replies"][0]["type"] in ("clarify", "smalltalk"), line
        assert answer["replies"][0]["text"]


def test_what_is_no_request_gets_an_error_object(answers: tuple[list[dict[str, Any]], str]) -> None:
    for answer in answers[0][9:13]:
        assert answer["error"]
        assert "replies" not in answer


def test_a_reset_forgets(answers: tuple[list[dict[str, Any]], str]) -> None:
    assert answers[0][13] == {"conversation": "c1", "replies": []}
    assert answers[0][14]["replies"][0]["topic"] != "payment_time"


def test_the_process_lives_on(answers: tuple[list[dict[str, Any]], str]) -> None:
    last = answers[0][15]["replies"][0]
    assert last["topic"] == "law_article"
    assert "sil:58" in {citation["id"] for citation in last["citations"]}


def test_chinese_is_answered_in_chinese(answers: tuple[list[dict[str, Any]], str]) -> None:
    reply = answers[0][16]["replies"][0]
    assert (reply["language"], reply["topic"], reply["type"]) == ("zh", "how_to_pay", "answer")
    assert "税务" in reply["text"] and reply["citations"]
