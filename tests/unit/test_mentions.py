"""What a message says about somebody: the facts, of whom, and what is denied or corrected."""

from __future__ import annotations

from pathlib import Path

import pytest
from spacy.language import Language

from bot.language.mentions import read_mentions
from bot.language.pipeline import build, load


@pytest.fixture(scope="module")
def nlp(tmp_path_factory: pytest.TempPathFactory) -> Language:
    folder = tmp_path_factory.mktemp("language") / "en"
    build(Path(folder))
    return load(Path(folder))


def facts(nlp: Language, text: str) -> dict[str, object]:
    return {mention.entity: mention.value for mention in read_mentions(nlp(text))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("she is 4", {"age": 4}),
        ("sixty three years old", {"age": 63}),
        ("59, no wait, 60", {"number": 60}),
        ("not 69, 59", {"number": 59}),
        ("my uncle turns 60 today", {"age": 60}),
        ("my uncle turns 60 next week", {"age": 59}),
        ("sorry, 22 November 1966", {"birth_date": "1966-11-22"}),
        ("dibao: he used to get it but not any more", {"minimum_living_guarantee": False}),
        ("no disability", {"disability_level": 0}),
        ("I think he's level two disabled", {"disability_level": 2}),
        ("doesn't get dibao", {"minimum_living_guarantee": False}),
        ("not low-income by any means", {"low_income": False}),
        ("village hukou", {"household": "agricultural"}),
        ("he goes to kindergarten", {"preschool": True}),
        ("second grade of primary school", {"student": True}),
        ("I'm a freelancer", {"employment": "flexible"}),
        ("he retired last year", {"employment": "retired"}),
        ("what does article 58 say", {"article": 58}),
        ("Art. fifty-eight", {"article": 58}),
        ("the 58th article", {"article": 58}),
        ("第五十八条", {"article": 58}),
        ("article 39 of the labour contract law", {"article": 39, "law": "other:labour contract law"}),
        ("art. 4 of that law?", {"article": 4, "law": "same"}),
        ("not low income only, he gets dibao on top", {"low_income": True, "minimum_living_guarantee": True}),
        ("I wrote 61, it should be 51.", {"number": 51}),
        ("hold on: 60 it is", {"number": 60}),
        ("the second one please", {"ordinal": 2}),
        ("he has some card but no clue which grade", {"unknown": True}),
        ("and next year when he is 60?", {"age": 60}),
    ],
)
def test_facts_are_read(nlp: Language, text: str, expected: dict[str, object]) -> None:
    found = facts(nlp, text)
    assert {entity: found.get(entity) for entity in expected} == expected


@pytest.mark.parametrize("text", ["2 photos", "call 12393", "from 2027 on", "item 5", "15 years of work"])
def test_other_numbers_are_no_ages(nlp: Language, text: str) -> None:
    assert "age" not in facts(nlp, text)


def test_speaker_and_insured_person_are_kept_apart(nlp: Language) -> None:
    found = [(m.entity, m.value, m.person) for m in read_mentions(nlp("i'm 35, it's for my mum who is 66"))]
    assert ("age", 35, "self") in found
    assert ("age", 66, "mother") in found
    assert ("insured", "mother", "mother") in found


def test_one_sentence_fills_all_at_once(nlp: Language) -> None:
    text = "my daughter is 4, in kindergarten, we are village hukou people in Henan but work in Shenzhen"
    expected = {"age": 4, "preschool": True, "household": "agricultural", "migrant_workers_child": True}
    found = facts(nlp, text)
    assert {entity: found.get(entity) for entity in expected} == expected
    assert found["location"] == "elsewhere"


@pytest.mark.parametrize(
    "text",
    [
        "she is 4 and 70 years old",
        "could he lose his job because of it?",
        "with local hukou or not, does it matter",
        "what's dibao",
    ],
)
def test_what_contradicts_itself_or_is_only_asked_tells_nothing(nlp: Language, text: str) -> None:
    assert not {"age", "employment", "location", "minimum_living_guarantee"} & set(facts(nlp, text))


@pytest.mark.parametrize(
    ("text", "insured"),
    [
        ("documents to enrol a five year old boy, my nephew", "nephew"),
        ("my daughter has hers; now the same list for me", "self"),
        ("a girl of 11? She is my granddaughter", "granddaughter"),
        ("a boy of 4? He's not my son, he is my nephew.", "nephew"),
    ],
)
def test_a_child_gets_the_name_it_is_given_later(nlp: Language, text: str, insured: str) -> None:
    assert facts(nlp, text)["insured"] == insured


def test_a_colleague_of_the_assistant_is_nobody(nlp: Language) -> None:
    assert "person" not in facts(nlp, "isn't there a colleague of yours I can ring instead?")
