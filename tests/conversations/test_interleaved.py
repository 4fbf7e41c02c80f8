"""Fifty conversations turn by turn among each other: nobody's facts are seen in another's."""

from __future__ import annotations

from bot.runtime.assistant import Assistant

AGES = [3, 9, 30, 59, 60, 75]
HOW_MANY = 50


def expected(age: int, dibao: bool, grade: int) -> dict[str, str]:
    return {
        "photos_with_parent": "yes" if age < 6 else "no",
        "photos": "no" if age < 6 else "yes",
        "minimum_living_certificate": "yes" if dibao else "no",
        "disability_certificate": "yes" if grade in (1, 2) else "no",
    }


def test_fifty_interleaved_conversations_never_see_each_other(assistant: Assistant) -> None:
    persons = [(AGES[number % len(AGES)], number % 2 == 0, number % 5) for number in range(HOW_MANY)]
    turns = [
        lambda age, dibao, grade: "Which papers do I need for enrolment?",
        lambda age, dibao, grade: f"The person is {age} years old",
        lambda age, dibao, grade: "gets dibao" if dibao else "does not get dibao",
        lambda age, dibao, grade: f"disability grade {grade}" if grade else "no disability",
        lambda age, dibao, grade: "show me the whole list",
    ]
    last = {}
    for turn in turns:
        for number, person in enumerate(persons):
            last[number] = assistant.answer(f"interleaved-{number}", turn(*person))
    for number, person in enumerate(persons):
        checklist = last[number][-1]["checklist"]
        needs = {item["id"]: item["needed"] for item in checklist["items"]}
        assert {item: needs[item] for item in expected(*person)} == expected(*person), person


def test_a_new_conversation_knows_nothing(assistant: Assistant) -> None:
    assistant.answer("first-person", "papers to enrol my son, 4 years old, dibao")
    replies = assistant.answer("second-person", "which papers do I need for enrolment")
    needs = {item["id"]: item["needed"] for item in replies[-1]["checklist"]["items"]}
    assert needs["minimum_living_certificate"] == "if_applicable"
    assert replies[-1]["asks"] == "age"


def test_a_restart_forgets_the_facts(assistant: Assistant) -> None:
    assistant.answer("restarter", "papers to enrol my son, 4 years old, dibao")
    assistant.answer("restarter", "/restart")
    replies = assistant.answer("restarter", "which papers do I need for enrolment")
    needs = {item["id"]: item["needed"] for item in replies[-1]["checklist"]["items"]}
    assert needs["minimum_living_certificate"] == "if_applicable"
