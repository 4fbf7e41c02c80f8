"""Plays every conversation of the folders beside this file, which are named after what the user does.

The conversations of ``tests/eval/conversations`` are those in which some turn is not yet right; ``pytest
tests/conversations --unmet`` plays them instead.

A conversation is a YAML file: an optional ``today``, and ``turns``, each with what the ``user`` says and what must
be true of the replies (all keys optional):

    - user: my daughter is 4
      type: question            # of the last reply
      topic: what_documents
      asks: minimum_living_guarantee    # null: asks nothing
      says: [Noted]             # all stand in the replies' texts, whatever the case
      never: [Jinling]          # none stands there
      cites: [sil:58]           # all are cited
      person: your daughter     # of the last checklist
      needed: [photos_with_parent]      # items that are surely needed, among others
      not_needed: [photos]
      if_applicable: [family_certificates]
      replies: 2                # how many replies
      offers: [pay_online]      # payloads of buttons, without the slash
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.runtime.assistant import Assistant
from tests.conversations.conftest import TODAY, Calendar

HERE = Path(__file__).parent
UNMET = HERE.parent / "eval" / "conversations"
_KEYS = {
    "user", "type", "topic", "asks", "says", "never", "cites", "person", "needed", "not_needed", "if_applicable",
    "replies", "offers",
}  # fmt: skip
_NEEDED = {"needed": "yes", "not_needed": "no", "if_applicable": "if_applicable"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "path" in metafunc.fixturenames:
        files = sorted((UNMET if metafunc.config.getoption("--unmet") else HERE).glob("*/*.yml"))
        metafunc.parametrize("path", files, ids=[f"{path.parent.name}/{path.stem}" for path in files])


def test_conversation(path: Path, assistant: Assistant, calendar: Calendar) -> None:
    script = yaml.safe_load(path.read_text(encoding="utf-8"))
    calendar.today = script.get("today", TODAY)
    assert isinstance(calendar.today, date)
    for number, turn in enumerate(script["turns"], 1):
        replies = assistant.answer(f"{path.parent.name}/{path.stem}", str(turn["user"]))
        wrong = list(differences(turn, replies))
        said = "\n".join(f"   [{reply['type']} {reply['topic']}] {reply['text']}" for reply in replies)
        assert not wrong, f"turn {number}, {turn['user']!r}: {'; '.join(wrong)}\n{said}"


def differences(turn: Mapping[str, Any], replies: list[Mapping[str, Any]]) -> Any:
    unknown = set(turn) - _KEYS
    if unknown:
        yield f"the script has unknown keys {unknown}"
    if not replies:
        yield "no reply"
        return
    last = replies[-1]
    text = "\n".join(reply["text"] for reply in replies).lower()
    for key in ("type", "topic", "asks"):
        if key in turn and last[key] != turn[key]:
            yield f"{key} is {last[key]!r}, not {turn[key]!r}"
    if "replies" in turn and len(replies) != turn["replies"]:
        yield f"{len(replies)} replies, not {turn['replies']}"
    for words in turn.get("says", ()):
        if str(words).lower() not in text:
            yield f"{words!r} is not said"
    for words in turn.get("never", ()):
        if str(words).lower() in text:
            yield f"{words!r} is said"
    cited = {citation["id"] for reply in replies for citation in reply["citations"]}
    for citation in turn.get("cites", ()):
        if citation not in cited:
            yield f"{citation} is not cited"
    offered = {button["payload"].removeprefix("/") for reply in replies for button in reply["suggestions"]}
    for payload in turn.get("offers", ()):
        if payload not in offered:
            yield f"{payload} is not offered"
    yield from checklist_differences(turn, replies)


def checklist_differences(turn: Mapping[str, Any], replies: list[Mapping[str, Any]]) -> Any:
    wanted = {item: need for key, need in _NEEDED.items() for item in turn.get(key, ())}
    if not wanted and "person" not in turn:
        return
    checklist = next((reply["checklist"] for reply in reversed(replies) if reply["checklist"]), None)
    if checklist is None:
        yield "there is no checklist"
        return
    if "person" in turn and checklist["person"] != turn["person"]:
        yield f"the list is for {checklist['person']!r}"
    needs = {item["id"]: item["needed"] for item in checklist["items"]}
    for item, need in wanted.items():
        if needs.get(item) != need:
            yield f"{item} is {needs.get(item)!r}, not {need!r}"
