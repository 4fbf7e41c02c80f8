"""The reply follows the language of the message; a switch keeps topic, person and facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.runtime.assistant import Assistant
from tests.conversations.conftest import TODAY, Calendar

Json = Mapping[str, Any]


@pytest.fixture(autouse=True)
def today(calendar: Calendar) -> None:
    calendar.today = TODAY


def needs(reply: Json) -> dict[str, str]:
    return {item["id"]: item["needed"] for item in reply["checklist"]["items"]}


def test_a_checklist_is_drawn_up_in_chinese(assistant: Assistant) -> None:
    first = assistant.answer("zh-list", "参保要带哪些材料？我女儿4岁，上幼儿园")[-1]
    assert (first["language"], first["checklist"]["person"]) == ("zh", "您女儿")
    assert needs(first)["photos_with_parent"] == "yes"
    second = assistant.answer("zh-list", "农村户口，爸妈都在外地打工")[-1]
    assert needs(second)["migrant_parents_papers"] == "yes"
    assert "农村户口" in second["text"]


def test_the_last_language_stays_for_a_number_and_a_button(assistant: Assistant) -> None:
    assistant.answer("zh-number", "给我妈办参保要什么材料？她有残疾证")
    for text in ("63", "/payment_time", "ok"):
        assert {reply["language"] for reply in assistant.answer("zh-number", text)} == {"zh"}


def test_a_switch_keeps_person_and_facts(assistant: Assistant) -> None:
    chinese = assistant.answer("zh-switch", "给我妈办参保，63岁，低收入，城镇户口，要什么材料？")[-1]
    english = assistant.answer("zh-switch", "she has no disability certificate")[-1]
    assert (chinese["language"], english["language"]) == ("zh", "en")
    assert english["checklist"]["person"] == "your mother"
    assert needs(english)["low_income_elderly_certificate"] == "yes"
    assert needs(english)["disability_certificate"] == "no"


@pytest.mark.parametrize("text", ["社保法58条", "社會保險法第五十八條", "第５８条说什么"])
def test_an_article_is_found_by_its_number(assistant: Assistant, text: str) -> None:
    (reply,) = assistant.answer(f"zh-article-{text}", text)
    assert "sil:58" in {citation["id"] for citation in reply["citations"]}
    assert reply["text"].startswith("《社会保险法》第58条")


def test_what_is_not_its_business_is_refused_in_chinese(assistant: Assistant) -> None:
    (reply,) = assistant.answer("zh-car", "车险怎么买")
    assert (reply["type"], reply["language"]) == ("refusal", "zh")


def test_other_scripts_are_told_in_both_languages(assistant: Assistant) -> None:
    (reply,) = assistant.answer("ja", "これは何ですか")
    assert "Chinese and English" in reply["text"]
    assert "中文和英文" in reply["text"]
