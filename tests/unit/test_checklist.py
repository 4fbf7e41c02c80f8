"""Checklists: the right papers for this person, and only questions that can change the list.

The table of people is that of the papers for enrolment in our source (passages 000#p8 to 000#p15).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.checklist import MAXIMUM_QUESTIONS, ChecklistResult, asked_item, derive, evaluate, next_question
from knowledge.conditions import FactValue
from knowledge.content import Content, load_content

Facts = Mapping[str, FactValue]

PLAIN: Facts = {"minimum_living_guarantee": False, "disability_level": 0, "low_income": False}
ALWAYS = {"id_card", "household_book"}
ADULT = {*ALWAYS, "photos"}
CHILD = {*ALWAYS, "photos_with_parent"}
OPEN = {"family_certificates"}  # nobody is asked who else stands in the hukou book
DIBAO, DISABLED, ELDERLY = (
    "minimum_living_certificate",
    "disability_certificate",
    "low_income_elderly_certificate",
)
MIGRANT = "migrant_parents_papers"
CHECKLISTS = ("enrolment", "make_up", "card")


@lru_cache(maxsize=1)
def content() -> Content:
    return load_content()


def checklist(name: str, facts: Facts) -> ChecklistResult:
    return evaluate(content().checklists[name], facts, definitions=content().facts, derivations=content().derivations)


def items(name: str, needed: str, facts: Facts) -> set[str]:
    return {item.item.id for item in checklist(name, facts).items if item.needed == needed}


# The table ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "needed"),
    [
        pytest.param({"age": 40}, ADULT, id="adult, nothing special"),
        pytest.param({"age": 40, "minimum_living_guarantee": True}, ADULT | {DIBAO}, id="adult, dibao"),
        pytest.param({"age": 40, "disability_level": 1}, ADULT | {DISABLED}, id="adult, disability 1"),
        pytest.param({"age": 40, "disability_level": 2}, ADULT | {DISABLED}, id="adult, disability 2"),
        pytest.param({"age": 40, "disability_level": 3}, ADULT, id="adult, disability 3"),
        pytest.param({"age": 40, "disability_level": 4}, ADULT, id="adult, disability 4"),
        pytest.param(
            {"age": 40, "minimum_living_guarantee": True, "disability_level": 1},
            ADULT | {DIBAO, DISABLED},
            id="adult, dibao and disability",
        ),
        pytest.param({"age": 70, "low_income": True}, ADULT | {ELDERLY}, id="over 60, low income"),
        pytest.param({"age": 70}, ADULT, id="over 60, not low income"),
        pytest.param({"age": 59, "low_income": True}, ADULT, id="59, low income"),
        pytest.param({"age": 60, "low_income": True}, ADULT | {ELDERLY}, id="exactly 60, low income"),
        pytest.param({"age": 60}, ADULT, id="exactly 60, not low income"),
        pytest.param({"age": 70, "minimum_living_guarantee": True}, ADULT | {DIBAO}, id="over 60, dibao"),
        pytest.param(
            {"age": 70, "low_income": True, "disability_level": 2},
            ADULT | {DISABLED, ELDERLY},
            id="over 60, low income, disability",
        ),
        pytest.param(
            {"age": 70, "low_income": True, "minimum_living_guarantee": True, "disability_level": 1},
            ADULT | {DIBAO, DISABLED, ELDERLY},
            id="over 60, everything",
        ),
        pytest.param({"age": 4, "migrant_workers_child": False}, CHILD, id="pre-school child"),
        pytest.param(
            {"age": 4, "migrant_workers_child": True},
            CHILD | {MIGRANT},
            id="pre-school child of migrant workers",
        ),
        pytest.param(
            {"age": 10, "migrant_workers_child": True},
            ADULT | {MIGRANT},
            id="school child of migrant workers",
        ),
        pytest.param(
            {"age": 4, "migrant_workers_child": False, "minimum_living_guarantee": True},
            CHILD | {DIBAO},
            id="pre-school child, dibao",
        ),
        pytest.param(
            {"age": 10, "migrant_workers_child": False, "disability_level": 2},
            ADULT | {DISABLED},
            id="school child, disability",
        ),
        pytest.param(
            {
                "age": 4,
                "migrant_workers_child": True,
                "minimum_living_guarantee": True,
                "disability_level": 1,
            },
            CHILD | {MIGRANT, DIBAO, DISABLED},
            id="child of migrant workers, dibao, disability",
        ),
        pytest.param({"age": 10, "low_income": True, "migrant_workers_child": False}, ADULT, id="child, low income"),
        pytest.param({"age": 30, "location": "elsewhere"}, ADULT, id="adult migrant worker"),
    ],
)
def test_the_papers_for_enrolment(facts: Facts, needed: set[str]) -> None:
    known = {**PLAIN, **facts}
    assert items("enrolment", "yes", known) == needed
    assert items("enrolment", "if_applicable", known) == OPEN


@pytest.mark.parametrize(
    ("facts", "photo"),
    [
        ({"preschool": True}, "photos_with_parent"),
        ({"preschool": False}, "photos"),
        ({"age": 5}, "photos_with_parent"),
        ({"age": 7}, "photos"),
        ({"age": 6, "preschool": True}, "photos_with_parent"),
        ({"age": 6, "student": True}, "photos"),
        ({"student": True}, "photos"),
        ({"employment": "retired"}, "photos"),
    ],
)
def test_a_pre_school_child_is_photographed_with_a_parent_and_everyone_else_alone(facts: Facts, photo: str) -> None:
    both = {"photos", "photos_with_parent"}
    assert items("enrolment", "yes", facts) & both == {photo}
    assert items("enrolment", "no", facts) & both == both - {photo}


def test_a_six_year_old_may_or_may_not_be_at_school() -> None:
    assert {"photos", "photos_with_parent"} <= items("enrolment", "if_applicable", {"age": 6})


@pytest.mark.parametrize("low_income", [True, False])
def test_below_60_the_income_does_not_matter(low_income: bool) -> None:
    assert ELDERLY in items("enrolment", "no", {"age": 59, "low_income": low_income})
    assert ELDERLY in items("enrolment", "no", {"age": 59})
    assert "low_income" not in checklist("enrolment", {"age": 59}).missing


def test_low_income_alone_does_not_decide() -> None:
    assert ELDERLY in items("enrolment", "if_applicable", {"low_income": True})
    assert ELDERLY in items("enrolment", "no", {"low_income": False})


@pytest.mark.parametrize(
    ("household", "needed"),
    [
        (
            "urban",
            {"id_card", "household_book", "unemployment_certificate", "photo_receipt", "bank_passbook"},
        ),
        ("agricultural", {"village_committee"}),
    ],
)
def test_the_papers_for_payment_after_a_gap(household: str, needed: set[str]) -> None:
    assert items("make_up", "yes", {"household": household}) == needed
    assert items("make_up", "if_applicable", {"household": household}) == set()


@pytest.mark.parametrize(
    ("employment", "needed"),
    [
        ("unemployed", "yes"),
        ("flexible", "yes"),
        ("employee", "no"),
        ("self_employed", "no"),
        ("retired", "no"),
    ],
)
def test_proof_that_a_job_has_ended_is_for_those_who_left_one(employment: str, needed: str) -> None:
    assert "resignation_papers" in items("card", needed, {"employment": employment})


@pytest.mark.parametrize(
    ("name", "facts", "law"),
    [
        ("enrolment", {"employment": "employee"}, "sil:58"),
        ("enrolment", {"age": 0}, "agr:31"),
        ("enrolment", {"location": "elsewhere"}, "rpr:12"),
        ("make_up", {"employment": "employee"}, "sil:63"),
    ],
)
def test_where_the_list_does_not_apply_the_other_way_comes_first(name: str, facts: Facts, law: str) -> None:
    [case] = checklist(name, facts).instead
    assert law in case.statement.references.law


@pytest.mark.parametrize("name", CHECKLISTS)
def test_without_any_fact_no_other_way_is_claimed(name: str) -> None:
    assert checklist(name, {}).instead == ()


# Every item -----------------------------------------------------------------------------------------------

EXTREMES: tuple[Facts, ...] = (
    {"age": 4, "migrant_workers_child": True, "minimum_living_guarantee": True, "disability_level": 1},
    {"age": 60, "low_income": True, "household": "urban", "employment": "unemployed"},
    {"age": 30, **PLAIN, "household": "agricultural", "employment": "employee"},
)
ITEMS = [(name, item.id) for name in CHECKLISTS for item in content().checklists[name].items]


@pytest.mark.parametrize(("name", "item"), ITEMS)
def test_every_item_is_needed_by_somebody_or_stays_open(name: str, item: str) -> None:
    needed = set().union(*(items(name, "yes", facts) | items(name, "if_applicable", facts) for facts in EXTREMES))
    assert item in needed


@pytest.mark.parametrize("name", CHECKLISTS)
def test_with_nothing_known_no_conditional_item_is_plainly_needed(name: str) -> None:
    for result in checklist(name, {}).items:
        conditional = bool(result.item.if_applicable)
        assert result.needed == ("if_applicable" if conditional else "yes"), result.item.id


@pytest.mark.parametrize("name", CHECKLISTS)
def test_every_item_says_why(name: str) -> None:
    for item in content().checklists[name].items:
        assert item.why.get("en")
        assert item.references
        assert bool(item.if_applicable) == bool(item.why_not)


# Questions ------------------------------------------------------------------------------------------------


def conversation(name: str, answers: Facts, start: Facts = MappingProxyType({})) -> list[str]:
    """What is asked of a person who answers with ``answers`` and skips the rest."""
    known, asked = dict(start), list[str]()
    while (fact := next_question(checklist(name, known), asked=asked)) is not None:
        asked.append(fact)
        if fact in answers:
            known[fact] = answers[fact]
    return asked


def test_an_adult_is_asked_neither_about_school_nor_about_migrant_parents() -> None:
    assert conversation("enrolment", {**PLAIN, "age": 35}) == [
        "age",
        "minimum_living_guarantee",
        "disability_level",
    ]


def test_an_elderly_person_is_asked_about_income() -> None:
    asked = conversation("enrolment", {**PLAIN, "age": 60})
    assert asked == ["age", "minimum_living_guarantee", "disability_level", "low_income"]


def test_a_six_year_old_is_asked_about_school_before_sensitive_things() -> None:
    asked = conversation("enrolment", {**PLAIN, "age": 6, "preschool": False, "migrant_workers_child": False})
    assert asked[:3] == ["age", "preschool", "migrant_workers_child"]


def test_what_was_told_is_not_asked() -> None:
    assert "age" not in conversation("enrolment", PLAIN, start={"age": 70})


@pytest.mark.parametrize(("name", "asked"), [("make_up", ["household"]), ("card", ["employment"])])
def test_short_lists_take_one_question(name: str, asked: list[str]) -> None:
    assert conversation(name, {}) == asked


def test_nobody_is_asked_for_the_work_of_a_child() -> None:
    assert conversation("card", {}, start={"age": 3}) == []
    assert conversation("card", {}, start={"age": 16}) == ["employment"]
    assert "resignation_papers" in items("card", "no", {"age": 3})
    assert "resignation_papers" in items("card", "if_applicable", {"age": 16})


def test_the_most_decisive_fact_comes_first_and_sensitive_ones_last() -> None:
    missing = checklist("enrolment", {}).missing
    sensitive = [content().facts[fact].sensitive for fact in missing]
    assert missing[0] == "age"
    assert sensitive == sorted(sensitive)
    assert sum(sensitive) == 3


def test_nothing_is_missing_once_all_is_decided() -> None:
    facts = {**PLAIN, "age": 35}
    assert checklist("enrolment", facts).missing == ()
    assert next_question(checklist("enrolment", facts), asked=[]) is None


# For everybody --------------------------------------------------------------------------------------------


@st.composite
def people(draw: st.DrawFn) -> dict[str, FactValue]:
    """Somebody who can exist: all facts, none against another."""
    age = draw(st.integers(0, 120))
    preschool = age < 6 or (age == 6 and draw(st.booleans()))
    student = not preschool and draw(st.booleans())
    works = age >= 16 and draw(st.booleans())
    person: dict[str, FactValue] = {
        "age": age,
        "preschool": preschool,
        "student": student,
        "migrant_workers_child": age < 18 and not works and draw(st.booleans()),
        "household": draw(st.sampled_from(["urban", "agricultural"])),
        "minimum_living_guarantee": draw(st.booleans()),
        "disability_level": draw(st.integers(0, 4)),
        "low_income": draw(st.booleans()),
        "location": draw(st.sampled_from(["local", "elsewhere"])),
    }
    if works:
        retired = ["retired"] if age >= 40 and not student else []
        work = ["employee", "flexible", "self_employed", "unemployed", *retired]
        person["employment"] = draw(st.sampled_from(work))
    return person


def part(person: Facts, told: set[Any]) -> dict[str, FactValue]:
    return {fact: value for fact, value in person.items() if fact in told}


facts_told = st.sets(st.sampled_from(sorted(content().facts)))


@pytest.mark.parametrize("name", CHECKLISTS)
@settings(deadline=None)
@given(person=people(), told=facts_told, more=facts_told)
def test_learning_a_fact_never_turns_a_decided_item_round(
    name: str, person: dict[str, FactValue], told: set[str], more: set[str]
) -> None:
    before = checklist(name, part(person, told))
    after = checklist(name, part(person, told | more))
    for old, new in zip(before.items, after.items, strict=True):
        assert old.needed in ("if_applicable", new.needed), old.item.id


@settings(deadline=None)
@given(person=people(), told=facts_told)
def test_what_follows_from_facts_is_true(person: dict[str, FactValue], told: set[str]) -> None:
    profile = derive(part(person, told), content().derivations)
    assert all(person.get(fact, value) == value for fact, value in profile.facts.items())
    youngest, oldest = profile.age_range
    assert youngest <= int(person["age"]) <= oldest


@settings(deadline=None)
@given(person=people(), told=facts_told)
def test_a_given_fact_is_never_overruled(person: dict[str, FactValue], told: set[str]) -> None:
    contradictory = {**part(person, told), "age": 3, "preschool": False}
    assert contradictory.items() <= derive(contradictory, content().derivations).facts.items()


@pytest.mark.parametrize("name", CHECKLISTS)
@settings(deadline=None)
@given(person=people(), start=facts_told, answered=facts_told)
def test_at_most_four_questions_none_twice_none_idle(
    name: str, person: dict[str, FactValue], start: set[str], answered: set[str]
) -> None:
    asked = conversation(name, part(person, answered), part(person, start))
    assert len(asked) <= MAXIMUM_QUESTIONS
    assert len(set(asked)) == len(asked)
    looked_at = set().union(*(item.when.facts() for item in content().checklists[name].items))
    assert set(asked) <= looked_at - set(part(person, start))


@pytest.mark.parametrize(
    ("question", "item"),
    [
        ("do I need the low-income certificate?", "low_income_elderly_certificate"),
        ("why the dibao certificates", "minimum_living_certificate"),
        ("要不要残疾证", "disability_certificate"),
        ("为什么要户口本", "household_book"),
        ("where do I get the dibao certificate?", None),
        ("残疾证怎么办理", None),
        ("do I need the hukou book and the ID card?", None),
        ("do I need to come myself?", None),
    ],
)
def test_a_question_about_one_paper_is_told_from_others(question: str, item: str | None) -> None:
    found = asked_item(checklist("enrolment", {}), question, content().item_question)
    assert (found.item.id if found else None) == item
