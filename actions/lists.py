"""What the checklist actions share: the list for the person spoken of, with what has changed since it was shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from actions.turn import Turn
from knowledge.checklist import ChecklistResult, asked_item
from knowledge.chinese import settle
from knowledge.compose import Composer, changed_items
from knowledge.conditions import FactValue
from knowledge.library import Library
from knowledge.models import Fact
from knowledge.reply import Reply, Suggestion

_SHORT = 12  # words of a question about one paper


def start_list(checklist: str) -> dict[str, Any]:
    """What to remember when a checklist begins: nothing asked, nothing shown, and the form is to run."""
    return {
        "checklist": checklist,
        "list_due": True,
        "list_shown": False,
        "asked": [],
        "misunderstood": 0,
        "requested_slot": None,
    }


def current_list(turn: Turn, library: Library) -> ChecklistResult | None:
    """The checklist that the conversation is about, for the person it is about."""
    checklist = turn.slots.get("checklist")
    return library.checklist(checklist, turn.facts) if checklist else None


def list_reply(
    turn: Turn,
    library: Library,
    result: ChecklistResult,
    *,
    question: str = "",
    asks: str | None = None,
    suggestions: Sequence[Suggestion] = (),
) -> tuple[Reply, dict[str, Any]]:
    """The list as a reply, and what to remember of it."""
    composer = library.composer(turn.language)
    shown = turn.slots.get("list_facts") or {}
    changes = None
    if shown.get("checklist") == result.checklist.id and shown.get("person") == turn.person:
        changes = changed_items(library.checklist(result.checklist.id, shown["facts"]), result)
    reply = composer.checklist(
        result,
        person=person_label(composer, turn.person),
        lead=noted(turn, library, composer),
        question=question,
        asks=asks,
        suggestions=suggestions,
        changes=changes if shown.get("facts") != turn.facts else None,
    )
    seen = {"checklist": result.checklist.id, "person": turn.person, "facts": dict(turn.facts)}
    return reply, {"list_shown": True, "list_facts": seen, "clarified": 0}


def paper_asked_about(turn: Turn, library: Library) -> Reply | None:
    """Whether this person needs the one paper of the list shown last that a short question asks about, and why."""
    shown = turn.slots.get("list_facts") or {}
    result = current_list(turn, library)
    asked_of_list = result is not None and shown.get("checklist") == result.checklist.id
    if result is None or not asked_of_list or turn.is_button or turn.slots.get("told") or turn.words > _SHORT:
        return None
    item = asked_item(result, settle(turn.text), library.content.item_question)
    if item is None or turn.mentioned("insured") is not None:
        return None
    composer = library.composer(turn.language)
    return composer.item(result, item, person=person_label(composer, turn.person))


def person_label(composer: Composer, person: str | None) -> str:
    """The person in words: "your daughter", "the insured person"."""
    name = f"person_{person}"
    return composer.phrase(name if name in composer.content.phrases else "person_someone")


def noted(turn: Turn, library: Library, composer: Composer) -> str:
    """What was understood from this message, said back: "Noted: 4 years old, rural hukou."."""
    words = [
        fact_in_words(library.content.facts[fact], turn.facts[fact], composer.language)
        for fact in turn.slots.get("told") or ()
        if fact in turn.facts
    ]
    return composer.phrase("known", facts=composer.marks.words(words)) if words else ""


def fact_in_words(fact: Fact, value: FactValue, language: str) -> str:
    """A fact said back: "rural hukou", "63 years old"."""
    summary = fact.summary.get(language) or fact.summary["en"]
    if isinstance(summary, Mapping):
        return str(summary.get(value, summary.get("other", value))).format(value=value)
    return summary.format(value=value)
