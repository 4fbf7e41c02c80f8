"""The checklist for this caller: which facts matter, which are known and from whom, and what to ask next."""

from __future__ import annotations

from typing import Any

from actions.lists import fact_in_words, person_label
from actions.remember import SELF
from bot.assist.listening import CallState, list_of_call
from knowledge.checklist import ChecklistResult, derive
from knowledge.compose import Composer
from knowledge.library import Library
from knowledge.models import Fact

Json = dict[str, Any]


def panel(state: CallState, library: Library) -> Json:
    """The facts with their values and sources, and the papers for this person where the call is about papers.

    Where the list is not for this person, what goes instead is told and no paper is named, as everywhere.
    """
    composer = library.composer(state.language)
    result = _list(state, library)
    profile = derive(state.facts, library.content.derivations)
    rows = [
        _row(library.content.facts[fact], profile.get(fact), state, composer)
        for fact in dict.fromkeys([*_relevant(state, library), *state.facts])
    ]
    return {
        "person": person_label(composer, state.slots.get("person")),
        "title": result.checklist.title.get(state.language) if result else None,
        "known": sum(row["value"] is not None for row in rows),
        "facts": rows,
        "instead": [case.statement.text.get(state.language) for case in result.instead] if result else [],
        "items": _items(result, composer) if result and result.applies else [],
    }


def ask(state: CallState, library: Library) -> Json | None:
    """The next fact to ask for, as a sentence that the agent can say; none where nothing is missing."""
    missing = _missing(state, library)
    fresh = [fact for fact in missing if fact not in state.asked_before]
    fact = next(iter([*fresh, *missing]), None)
    if fact is None:
        return None
    composer = library.composer(state.language)
    definition = library.content.facts[fact]
    you = state.slots.get("person") == SELF
    person = person_label(composer, state.slots.get("person"))
    question = (definition.question_you if you else definition.question).get(state.language).format(person=person)
    question = question[0].upper() + question[1:]
    return {"fact": fact, "text": question, "why": definition.reason.get(state.language)}


def _list(state: CallState, library: Library) -> ChecklistResult | None:
    checklist = list_of_call(state, library)
    return library.checklist(checklist.id, state.facts) if checklist else None


def _relevant(state: CallState, library: Library) -> list[str]:
    """The facts on which the list, or the answer, depends, in the order of ``facts.yml``."""
    checklist = list_of_call(state, library)
    if checklist is not None:
        conditions = [*(item.when for item in checklist.items), *(case.when for case in checklist.instead)]
    else:
        answer = library.content.answers.get(state.slots.get("answer") or "")
        conditions = [block.when for block in answer.blocks] if answer else []
    named = {fact for condition in conditions for fact in condition.facts()}
    return [fact for fact in library.content.facts if fact in named]


def _missing(state: CallState, library: Library) -> tuple[str, ...]:
    result = _list(state, library)
    if result is not None:
        return result.missing
    known = derive(state.facts, library.content.derivations).facts
    facts = library.content.facts
    return tuple(fact for fact in _relevant(state, library) if fact not in known and not facts[fact].sensitive)


def _row(fact: Fact, value: object, state: CallState, composer: Composer) -> Json:
    source = state.told.get(fact.id)
    choices = [{"value": choice.value, "title": choice.title.get(composer.language)} for choice in fact.choices]
    return {
        "id": fact.id,
        "label": fact.label.get(composer.language),
        "value": value,
        "text": fact_in_words(fact, value, composer.language) if value is not None else None,  # type: ignore[arg-type]
        "by": source.by if source else "conclusion" if value is not None else None,
        "turn": source.turn if source else None,
        "choices": choices,
        "range": [fact.minimum, fact.maximum] if fact.type == "number" and not choices else None,
    }


def _items(result: ChecklistResult, composer: Composer) -> list[Json]:
    checklist = composer.checklist(result, person="").checklist
    return [
        {"id": item.id, "text": item.text, "needed": item.needed, "why": item.why}
        for item in (checklist.items if checklist else ())
    ]
