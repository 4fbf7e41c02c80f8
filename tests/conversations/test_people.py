"""Persons described in free words get exactly their list, with few questions left to ask.

Those of ``unmet.people.jsonl`` do not yet; ``pytest tests/conversations --unmet`` plays them instead.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.runtime.assistant import Assistant
from tests.conversations.conftest import TODAY, Calendar

EVAL = Path(__file__).parents[1] / "eval"
UNMET = EVAL / "unmet.people.jsonl"
LEAST = {"people": 0.95, "people.zh": 0.90, "unmet.people": 1.0}  # share of lists that must be exactly right
_ENGLISH = {
    "enrolment": "Which papers are needed for the enrolment?",
    "make_up": "Which papers do I need to make up a missed payment?",
    "card": "Which papers do I need to apply for the card?",
}
_CHINESE = {"enrolment": "参保登记要带哪些材料？", "make_up": "补缴要带哪些材料？", "card": "办医保卡要带哪些材料？"}
ASKING = dict.fromkeys(LEAST, _ENGLISH) | {"people.zh": _CHINESE}
_KEYS = {"needed": "yes", "not_needed": "no", "if_applicable": "if_applicable"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "file" in metafunc.fixturenames:
        files = [UNMET] if metafunc.config.getoption("--unmet") else sorted(EVAL.glob("people*.jsonl"))
        metafunc.parametrize("file", files, ids=[file.stem for file in files])


def test_lists_are_exactly_right(file: Path, assistant: Assistant, calendar: Calendar) -> None:
    people = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    calendar.today = TODAY
    wrong: list[str] = []
    questions = 0
    for person in people:
        conversation = f"{file.stem}-{person['id']}"
        replies = assistant.answer(conversation, person["text"])
        wanted = person.get("checklist", "enrolment")
        if not any(reply["checklist"] for reply in replies):  # the description asks for nothing yet
            replies = assistant.answer(conversation, ASKING[file.stem][wanted])
        lists = [reply["checklist"] for reply in replies if reply["checklist"]]
        checklist: dict[str, Any] = next((one for one in lists if one["id"] == wanted), {"items": ()})
        needs = {item["id"]: item["needed"] for item in checklist["items"]}
        expected = {item: need for key, need in _KEYS.items() for item in person[key]}
        differing = {item: needs.get(item) for item, need in expected.items() if needs.get(item) != need}
        if differing:
            wrong.append(f"{person['id']} {differing} {person['text']}")
        questions += min(4, len(checklist.get("missing", ())))
    right = 1 - len(wrong) / len(people)
    assert right >= LEAST[file.stem], f"{right:.1%} exactly right\n" + "\n".join(wrong)
    assert questions / len(people) <= 3
