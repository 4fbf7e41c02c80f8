"""What a Chinese message says about somebody: the facts, of whom, and what is denied, corrected or left open."""

from __future__ import annotations

from pathlib import Path

import pytest
from spacy.language import Language

from bot.language.mentions import Mention, read_mentions
from bot.language.pipeline import build, load
from bot.language.zh.reading import yes_or_no
from bot.runtime.front_door import admit


@pytest.fixture(scope="module")
def nlp(tmp_path_factory: pytest.TempPathFactory) -> Language:
    folder = Path(tmp_path_factory.mktemp("language") / "en")
    build(folder)
    return load(folder)


def mentions(nlp: Language, text: str) -> list[Mention]:
    return read_mentions(nlp(admit(text, topics=())))


def facts(nlp: Language, text: str) -> dict[str, object]:
    return {mention.entity: mention.value for mention in mentions(nlp, text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4岁", {"age": 4}),
        ("四岁", {"age": 4}),
        ("她三岁半", {"age": 3}),
        ("我妈今年六十三", {"age": 63}),
        ("岳母72，农村户口", {"age": 72, "household": "agricultural"}),
        ("我快60了", {"age": 59}),
        ("孩子刚出生", {"age": 0}),
        ("宝宝8个月", {"age": 0}),
        ("九八年的", {"birth_year": 1998}),
        ("婆婆1955年6月出生", {"birth_year": 1955, "birth_date": "1955-06"}),
        ("上幼儿园", {"preschool": True}),
        ("读大班", {"preschool": True}),
        ("还没上小学", {"preschool": True}),
        ("三年级", {"student": True, "preschool": False}),
        ("农村户口", {"household": "agricultural"}),
        ("城镇户口", {"household": "urban"}),
        ("不是农村户口", {"household": "urban"}),
        ("吃低保", {"minimum_living_guarantee": True}),
        ("不是低收入", {"low_income": False}),
        ("没有低保和残疾", {"minimum_living_guarantee": False, "disability_level": 0}),
        (
            "低保没有，残疾没有，低收入也不是",
            {"minimum_living_guarantee": False, "disability_level": 0, "low_income": False},
        ),
        ("以前有低保，现在取消了", {"minimum_living_guarantee": False}),
        ("二级残疾", {"disability_level": 2}),
        ("残疾证是2级的", {"disability_level": 2}),
        ("没办残疾证", {"disability_level": 0}),
        ("户口都在广西农村", {"household": "agricultural"}),
        ("外地农村户口", {"household": "agricultural", "location": "elsewhere"}),
        ("外地务工", {"location": "elsewhere"}),
        ("老家湖南，在广州上班", {"location": "elsewhere", "employment": "employee"}),
        ("深圳户口，现在住在深圳", {"location": "local"}),
        ("送外卖的", {"employment": "flexible"}),
        ("开了家小店，没有雇人", {"employment": "self_employed"}),
        ("下岗了", {"employment": "unemployed"}),
        ("有交社保的单位", {"employment": "employee"}),
        ("退休", {"employment": "retired"}),
        ("第五十八条", {"article": 58}),
        ("58条说什么", {"article": 58}),
        ("社保法58条", {"law": "sil", "article": 58}),
        ("劳动合同法第三十九条", {"law": "other:劳动合同法", "article": 39}),
        ("不对，是51", {"number": 51}),
        ("59，不对，60岁", {"age": 60}),
        ("不是69，59", {"number": 59}),
        ("我妈66——不对打错了，56", {"age": 56}),
        ("等他满了六十呢", {"age": 60}),
        ("低保我家没有", {"minimum_living_guarantee": False}),
        ("我妈七十二，低收入嘛也够不上", {"low_income": False}),
        ("我奶奶75 not low income", {"low_income": False}),
        ("高三，17，爸妈农民工，残疾没有", {"disability_level": 0, "migrant_workers_child": True}),
        ("我外甥女11岁，她妈是农民工她爸也是，不过没低保", {"minimum_living_guarantee": False}),
    ],
)
def test_facts_are_read(nlp: Language, text: str, expected: dict[str, object]) -> None:
    found = facts(nlp, text)
    assert {entity: found.get(entity) for entity in expected} == expected


@pytest.mark.parametrize(
    "text", ["2张照片", "拨打12393", "15年工龄", "2019年的医保怎么补", "三级医院报销多少", "三口之家", "断缴两个月"]
)
def test_other_numbers_are_neither_ages_nor_grades(nlp: Language, text: str) -> None:
    assert not {"age", "birth_year", "disability_level"} & set(facts(nlp, text))


@pytest.mark.parametrize(
    "text", ["不知道是不是低收入", "他算低收入吗", "要残疾证吗", "如果是低保怎么办", "低保这种事我不想讲"]
)
def test_what_is_asked_or_unknown_stays_open(nlp: Language, text: str) -> None:
    assert not {"low_income", "disability_level", "disabled", "minimum_living_guarantee"} & set(facts(nlp, text))


def test_speaker_and_insured_person_are_kept_apart(nlp: Language) -> None:
    found = [(one.entity, one.value, one.person) for one in mentions(nlp, "我35，给我妈办医保，她66，城镇户口")]
    assert ("age", 35, "self") in found
    assert ("age", 66, "mother") in found
    assert ("household", "urban", "mother") in found
    assert ("insured", "mother", "mother") in found


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("我女儿4岁", "daughter"),
        ("我朋友的妈妈70岁了想参保", "mother"),
        ("说错了，是我儿子", "son"),
        ("不是我女儿，是我儿子要办", "son"),
        ("我外孙5岁，他爸妈是农民工", "grandson"),
        ("帮朋友问的，他儿子2岁，还没上幼儿园", "son"),
        ("我老公让我问，孩子三岁半", "child"),
        ("我今年51，下岗了", "self"),
        ("我爸有残疾，不过今天只办我自己的", "self"),
        ("他的医保好好的，断的是我的", "self"),
        ("我不是给自己问的，是给我妈问，她69", "mother"),
        ("我妈说她不吃低保，给她参保要啥", "mother"),
    ],
)
def test_the_insured_person_is_found(nlp: Language, text: str, person: str) -> None:
    assert facts(nlp, text)["insured"] == person


def test_one_sentence_fills_all_at_once(nlp: Language) -> None:
    found = facts(nlp, "我女儿4岁，上幼儿园，农村户口，我们在苏州打工，户口在河南")
    expected = {"age": 4, "preschool": True, "household": "agricultural", "migrant_workers_child": True}
    assert {entity: found.get(entity) for entity in expected} == expected
    assert found["location"] == "elsewhere"


def test_words_without_marks_between_them_are_read_as_well(nlp: Language) -> None:
    found = facts(nlp, "我妈63岁低收入城镇户口要办居民医保需要啥")
    assert (found["age"], found["low_income"], found["household"]) == (63, True, "urban")


@pytest.mark.parametrize(
    ("text", "said"),
    [("是的", True), ("有", True), ("没有", False), ("没有，我家条件还行", False), ("没有残疾证", None)],
)
def test_a_yes_or_a_no_is_a_statement_of_its_own(nlp: Language, text: str, said: bool | None) -> None:
    assert next((value for value, _, _ in yes_or_no(nlp(admit(text, topics=())))), None) is said
