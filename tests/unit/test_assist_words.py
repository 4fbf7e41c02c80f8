"""How an agent's sentences are told apart, and that every text of agent assist is there in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.assist.listening import Heard
from bot.assist.words import sentences, words

ROOT = Path(__file__).resolve().parents[2]
EN, ZH = words("en"), words("zh")


@pytest.mark.parametrize(
    "sentence",
    ["Does she have an urban hukou?", "does she have an urban hukou", "And how old is she", "She is 63, isn't she?"],
)
def test_questions_with_and_without_their_mark(sentence: str) -> None:
    assert EN.is_question(sentence)


@pytest.mark.parametrize("sentence", ["您母亲多大年纪？", "她是城镇户口吗", "有没有残疾证"])
def test_questions_in_chinese(sentence: str) -> None:
    assert ZH.is_question(sentence)


@pytest.mark.parametrize("sentence", ["So she is 63.", "I see, an urban hukou.", "Then I will look that up."])
def test_statements(sentence: str) -> None:
    assert not EN.is_question(sentence)


def test_a_statement_that_asks_to_be_confirmed() -> None:
    assert EN.is_tag_question("So she is 63 with low income, right?")
    assert not EN.is_tag_question("Does she live on the right?")


def test_what_is_said_of_a_case_or_of_people_in_general_is_not_of_the_caller() -> None:
    assert EN.is_conditional("If she is 60 or above, she needs a certificate.")
    assert not EN.is_about_the_caller("Retired workers pay nothing.")
    assert EN.is_about_the_caller("Your mother is retired.")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("You are a freelancer then.", "I am a freelancer then."),
        ("Do you have an urban hukou?", "Do I have an urban hukou?"),
        ("Your mother is 63.", "my mother is 63."),
    ],
)
def test_an_agents_you_is_the_callers_i(said: str, meant: str) -> None:
    assert EN.turned_round(said) == meant


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("How old is she?", "age"),
        ("Is that an urban or rural hukou?", "household"),
        ("Does she have a Disabled Person's Certificate?", "disability_level"),
        ("May I have your name?", None),
        ("How can I help you?", None),
    ],
)
def test_what_a_question_asks_for(question: str, fact: str | None) -> None:
    assert EN.asked_for(question) == fact


def test_sentences_of_both_languages() -> None:
    assert sentences("Hello. Is she 63? Yes…") == ["Hello.", "Is she 63?", "Yes…"]
    assert sentences("您好。她多大？") == ["您好。", "她多大？"]


def shape(texts: Any) -> Any:
    """The keys of texts, and the names that are filled into them; word lists may differ in length."""
    if isinstance(texts, Mapping):
        return {key: shape(value) for key, value in texts.items()}
    return sorted(re.findall(r"\{(\w+)\}", texts)) if isinstance(texts, str) else type(texts).__name__


def test_both_languages_have_the_same_texts() -> None:
    for group in ("why", "none", "spoken"):
        assert shape(EN.texts[group]) == shape(ZH.texts[group]), group
    assert set(EN.texts["listening"]) == set(ZH.texts["listening"])
    assert set(EN.texts["listening"]["asks"]) == set(ZH.texts["listening"]["asks"])


def test_the_page_has_the_same_texts_in_both_languages_and_all_that_it_asks_for() -> None:
    folder = ROOT / "bot" / "web" / "assist"
    en, zh = (json.loads((folder / "locales" / f"{one}.json").read_text(encoding="utf-8")) for one in ("en", "zh"))
    assert shape(en) == shape(zh)
    code = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.ts"))
    asked = set(re.findall(r'say\("([a-z_0-9]+)"', code))
    assert asked <= set(en), asked - set(en)
    for key in en:
        stems = [key[:place] for place, letter in enumerate(key) if letter == "_"]
        assert key in code or any(f"{stem}_${{" in code for stem in stems), f"{key} is never shown"


def test_every_reason_for_silence_has_its_words() -> None:
    source = (ROOT / "bot" / "assist" / "listening.py").read_text(encoding="utf-8")
    named = set(re.findall(r'silence="(\w+)"', source)) | {"smalltalk", "human", "unclear", "out_of_scope"}
    assert named == set(EN.texts["none"])
    assert Heard.__dataclass_fields__["silence"].default is None
