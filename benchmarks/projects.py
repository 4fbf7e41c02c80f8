"""The two projects that are compared, made side by side from the same training data.

``yibao`` is a copy of this one. ``stock`` is what a user of Rasa would write: the pipeline and the policies that Rasa
comes with, the same examples under the same intents, one rule an intent, stories of three questions each (TED learns
from stories alone), small talk by ResponseSelector from the variants of each answer, and one custom action on Rasa's
action server that says yibao's own reply to the topic, word for word with citations. What yibao does beyond that (to
choose the answer within a topic, to ask for facts and draw up a checklist, to redact, to find articles of the law)
stock is spared.
"""

from __future__ import annotations

import json
import random
import shutil
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from benchmarks.examples import read_examples
from knowledge.compose import Composer
from knowledge.content import Content, load_content

ROOT = Path(__file__).resolve().parents[1]
STOCK = ROOT / "benchmarks" / "stock"
_SEED = 7
_STORIES = 50
_QUESTIONS_A_STORY = 3
_RETRIEVED = "smalltalk"  # the intent that ResponseSelector answers
_RASAS_OWN = "restart"  # the intent for which Rasa has a rule and an action built in
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
    """The stock assistant with the same examples."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(STOCK, folder, ignore=shutil.ignore_patterns("__pycache__"))
    content = load_content()
    chosen = _choose(read_examples(ROOT / "data" / "nlu"), examples)
    small_talk = [answer for answer in content.answers.values() if answer.topic == _RETRIEVED]
    groups = [_group(intent, texts) for intent, texts in chosen.items() if intent != _RETRIEVED]
    groups += [
        _group(f"{_RETRIEVED}/{answer.id.replace('.', '_')}", answer.questions.by_language["en"])
        for answer in small_talk
    ]
    # The examples of small talk belong to no single answer: they go with the greeting, the first one.
    groups.append(_group(f"{_RETRIEVED}/{small_talk[0].id.replace('.', '_')}", chosen[_RETRIEVED]))
    _write(folder / "data" / "nlu.yml", {"nlu": groups})
    intents = [intent for intent in [*chosen, "nlu_fallback"] if intent != _RASAS_OWN]
    says = {intent: f"utter_{_RETRIEVED}" if intent == _RETRIEVED else "action_answer" for intent in intents}
    rules = [{"rule": intent, "steps": [{"intent": intent}, {"action": action}]} for intent, action in says.items()]
    _write(folder / "data" / "rules.yml", {"rules": rules})
    _write(folder / "data" / "stories.yml", {"stories": list(_stories(sorted(set(chosen) & set(says)), says))})
    composer = Composer(content, date.today())
    domain = {
        "intents": list(chosen),
        "actions": ["action_answer"],
        "responses": {
            f"utter_{_RETRIEVED}/{answer.id.replace('.', '_')}": [
                {"text": "", "custom": composer.answer(answer).to_json()}
            ]
            for answer in small_talk
        },
        "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": False},
    }
    _write(folder / "domain.yml", domain)
    replies = {intent: _reply(content, composer, intent) for intent in intents}
    (folder / "replies.json").write_text(json.dumps(replies, ensure_ascii=False), encoding="utf-8")


def _reply(content: Content, composer: Composer, intent: str) -> dict[str, Any]:
    if intent in content.answers:
        return composer.answer(content.general(intent)).to_json()
    return composer.simple("clarify", "out_of_scope", "clarify_plain").to_json()


def _choose(by_intent: dict[str, list[str]], count: int) -> dict[str, list[str]]:
    dice = random.Random(_SEED)
    return {
        intent: dice.sample(texts, count) if 0 < count < len(texts) else texts for intent, texts in by_intent.items()
    }


def _stories(intents: list[str], says: dict[str, str]) -> Any:
    dice = random.Random(_SEED)
    for number in range(_STORIES):
        steps: list[dict[str, str]] = []
        for intent in dice.sample(intents, _QUESTIONS_A_STORY):
            steps += [{"intent": intent}, {"action": says[intent]}]
        yield {"story": f"story {number}", "steps": steps}


def _group(intent: str, texts: Any) -> dict[str, Any]:
    return {"intent": intent, "examples": LiteralScalarString("".join(f"- {text}\n" for text in texts))}


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    yaml = YAML()
    yaml.width = 1000
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(_VERSION | content, file)
