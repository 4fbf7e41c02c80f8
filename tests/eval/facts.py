"""How well facts are read from free words: described persons with the facts and the papers that are right for them.

PYTHONPATH=. .venv/bin/python tests/eval/facts.py tests/eval/people.jsonl [--verbose]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.language.mentions import Mention, read_mentions
from bot.language.pipeline import build, load
from knowledge.checklist import derive, evaluate
from knowledge.content import load_content

TODAY = date(2026, 11, 22)


def facts_of_insured(mentions: Iterable[Mention], today: date = TODAY) -> dict[str, Any]:
    """The profile that a message alone gives: what was said of the insured person, or of nobody in particular."""
    mentions = list(mentions)
    insured = next((mention.value for mention in mentions if mention.entity == "insured"), None)
    said = {mention.entity: mention for mention in mentions if mention.person in (None, insured)}
    facts = {entity: mention.value for entity, mention in said.items()}
    if "birth_year" in facts:
        year, month, day = (*map(int, str(facts.get("birth_date") or facts["birth_year"]).split("-")), 0, 0)[:3]
        facts.setdefault("age", today.year - year - ((today.month, today.day) < (month, day)))
    return facts


def main(path: Path, *, verbose: bool) -> None:
    """Print the share of persons whose facts and whose list are exactly right."""
    content = load_content()
    with TemporaryDirectory() as folder:
        build(Path(folder))
        nlp = load(Path(folder))
    people = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    right = listed = 0
    for person in people:
        mentions = read_mentions(nlp(person["text"]))
        found = {name: value for name, value in facts_of_insured(mentions).items() if name in content.facts}
        expected = dict(person["facts"])
        if "age" not in expected and any(mention.entity == "age" and mention.hedged for mention in mentions):
            expected["age"] = found.get("age", 0)  # "over sixty": no age is told, but a bound
        wrong = _differences(
            dict(derive(expected, content.derivations).facts), dict(derive(found, content.derivations).facts)
        )
        result = evaluate(
            content.checklists["enrolment"], found, definitions=content.facts, derivations=content.derivations
        )
        needed = {
            name: [item.item.id for item in result.items if item.needed == name]
            for name in ("yes", "no", "if_applicable")
        }
        same_list = all(
            set(person[name]) <= set(needed[key])
            for key, name in (("yes", "needed"), ("no", "not_needed"), ("if_applicable", "if_applicable"))
        )
        right += not wrong
        listed += same_list
        if verbose and (wrong or not same_list):
            print(f"{person['id']} {'' if same_list else 'LIST '}{wrong}\n    {person['text']}")
    print(
        f"facts exactly right {right}/{len(people)} = {right / len(people):.1%}; list exactly right {listed}/{len(people)} = {listed / len(people):.1%}"
    )


def _differences(expected: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """Fact -> (expected, found), both with everything that follows from them."""
    return {
        name: (expected.get(name), found.get(name))
        for name in sorted({*expected, *found})
        if expected.get(name) != found.get(name)
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), verbose="--verbose" in sys.argv)
