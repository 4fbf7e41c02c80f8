"""Persons described in free words get exactly their list, with few questions left to ask."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.runtime.assistant import Assistant
from tests.conversations.conftest import TODAY, Calendar

PEOPLE = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "eval" / "people.jsonl").read_text(encoding="utf-8").splitlines()
]
_KEYS = {"needed": "yes", "not_needed": "no", "if_applicable": "if_applicable"}


def test_lists_are_exactly_right(assistant: Assistant, calendar: Calendar) -> None:
    calendar.today = TODAY
    wrong: list[str] = []
    questions = 0
    for person in PEOPLE:
        conversation = f"person-{person['id']}"
        replies = assistant.answer(conversation, person["text"])
        if not any(reply["checklist"] for reply in replies):  # the description asks for nothing yet
            replies = assistant.answer(conversation, "Which papers are needed for the enrolment?")
        checklist: dict[str, Any] = next((one["checklist"] for one in replies if one["checklist"]), {"items": ()})
        needs = {item["id"]: item["needed"] for item in checklist["items"]}
        expected = {item: need for key, need in _KEYS.items() for item in person[key]}
        differing = {item: needs.get(item) for item, need in expected.items() if needs.get(item) != need}
        if differing:
            wrong.append(f"{person['id']} {differing} {person['text']}")
        questions += min(4, len(checklist.get("missing", ())))
    right = 1 - len(wrong) / len(PEOPLE)
    assert right >= 0.95, f"{right:.1%} exactly right\n" + "\n".join(wrong)
    assert questions / len(PEOPLE) <= 3
