"""The two projects that are compared, made side by side from the same training data.

``yibao`` is a copy of this one. ``stock`` is what a user of Rasa would write: the same examples, domain, rules and
actions, under the pipeline and the policies that Rasa comes with, the actions on Rasa's action server
(``benchmarks.action_server``), and what Rasa has beyond that: small talk by ResponseSelector from the variants of each
answer, and stories of three questions each, since TED learns from stories alone. Stock is spared what it has no part
for: to read facts from a message, to redact it, to know one sent twice, Chinese.
"""

from __future__ import annotations

import copy
import random
import shutil
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from benchmarks.examples import read_examples
from knowledge.compose import Composer
from knowledge.content import load_content

ROOT = Path(__file__).resolve().parents[1]
STOCK = ROOT / "benchmarks" / "stock"
_SEED = 7
_STORIES = 50
_QUESTIONS_A_STORY = 3
_RETRIEVED = "smalltalk"  # the intent that ResponseSelector answers
_UNCLEAR, _NOT_UNDERSTOOD = "unclear", "nlu_fallback"  # yibao's intent and stock's for the same
_VERSION = {"version": "3.1"}


def make_yibao(folder: Path, examples: int) -> None:
    """A copy of this project with at most so many examples an intent (0: all of them)."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("bot", "knowledge", "actions", "data", "build"):  # the environment stays
        shutil.rmtree(folder / name, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in ("bot", "knowledge", "actions", "data"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for path in [ROOT / "pyproject.toml", ROOT / "README.md", *ROOT.glob("requirements*.lock")]:
        shutil.copy(path, folder)
    nlu = folder / "data" / "nlu"
    chosen = _choose(read_examples(nlu), examples)
    shutil.rmtree(nlu)
    _write(nlu / "examples.yml", {"nlu": [_group(intent, texts) for intent, texts in chosen.items()]})


def make_stock(folder: Path, examples: int) -> None:
    """The stock assistant with the same examples, domain and rules."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(STOCK, folder)
    content = load_content()
    chosen = _choose(read_examples(ROOT / "data" / "nlu"), examples)
    small_talk = {
        f"{_RETRIEVED}/{answer.id.replace('.', '_')}": answer
        for answer in content.answers.values()
        if answer.topic == _RETRIEVED
    }
    groups = [_group(intent, texts) for intent, texts in chosen.items() if intent != _RETRIEVED]
    groups += [_group(name, answer.questions.by_language["en"]) for name, answer in small_talk.items()]
    # The examples of small talk belong to no single answer: they go with the greeting, the first one.
    groups.append(_group(next(iter(small_talk)), chosen[_RETRIEVED]))
    _write(folder / "data" / "nlu.yml", {"nlu": groups})
    rules = list(_rules())
    _write(folder / "data" / "rules.yml", {"rules": rules})
    _write(folder / "data" / "stories.yml", {"stories": list(_stories(rules))})
    composer = Composer(content, date.today())
    domain = _merged(ROOT / "bot" / "domain")
    domain["responses"] = {
        f"utter_{name}": [{"text": "", "custom": composer.answer(answer).to_json()}]
        for name, answer in small_talk.items()
    }
    _write(folder / "domain.yml", domain)


def _merged(folder: Path) -> dict[str, Any]:
    """The files of a folder as one: lists and mappings of the same name joined."""
    merged: dict[str, Any] = {}
    for path in sorted(folder.glob("*.yml")):
        for name, value in YAML(typ="safe").load(path).items():
            if isinstance(value, list):
                merged.setdefault(name, []).extend(value)
            elif isinstance(value, dict):
                merged.setdefault(name, {}).update(value)
    return merged


def _rules() -> Iterator[dict[str, Any]]:
    """Yibao's rules; small talk is left to ResponseSelector, and what stock does not understand is unclear."""
    for rule in _merged(ROOT / "data" / "stories")["rules"]:
        intent = rule["steps"][0].get("intent")
        if intent == _RETRIEVED:
            rule["steps"][1] = {"action": f"utter_{_RETRIEVED}"}
        yield rule
        if intent == _UNCLEAR:
            same = copy.deepcopy(rule)  # Rasa reads no YAML anchors
            same["rule"], same["steps"][0]["intent"] = f"{rule['rule']} (not understood)", _NOT_UNDERSTOOD
            yield same


def _choose(by_intent: dict[str, list[str]], count: int) -> dict[str, list[str]]:
    dice = random.Random(_SEED)
    return {
        intent: dice.sample(texts, count) if 0 < count < len(texts) else texts for intent, texts in by_intent.items()
    }


def _stories(rules: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Stories of questions whose rule is one answer, whatever went before."""
    plain = [rule["steps"] for rule in rules if "condition" not in rule and len(rule["steps"]) == 2]
    dice = random.Random(_SEED)
    for number in range(_STORIES):
        steps = [{**step} for question in dice.sample(plain, _QUESTIONS_A_STORY) for step in question]
        yield {"story": f"story {number}", "steps": steps}


def _group(intent: str, texts: Any) -> dict[str, Any]:
    return {"intent": intent, "examples": LiteralScalarString("".join(f"- {text}\n" for text in texts))}


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    yaml = YAML()
    yaml.width = 1000
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(_VERSION | content, file)
