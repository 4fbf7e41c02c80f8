"""The tuned places of Rasa do what stock Rasa does."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import ValidationError

from bot.runtime import quiet, tuning

quiet.prepare()
import spacy  # noqa: E402
from rasa.core.actions.action import RemoteAction  # noqa: E402
from rasa.core.policies.memoization import MemoizationPolicy  # noqa: E402
from rasa.core.policies.rule_policy import RulePolicy  # noqa: E402
from rasa.nlu.model import InvalidModelError  # noqa: E402
from rasa.nlu.utils.spacy_utils import SpacyNLP  # noqa: E402
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered  # noqa: E402
from rasa.shared.core.slots import AnySlot  # noqa: E402
from rasa.shared.utils.schemas.events import EVENT_SCHEMA  # noqa: E402

from bot.runtime.assistant import Assistant  # noqa: E402

VALID: list[dict[str, Any]] = [
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "age", "value": 4, "timestamp": None}], "responses": [{"text": "Hello"}]},
]
INVALID: list[dict[str, Any]] = [
    {"events": [{"event": "slot", "value": 4}], "responses": []},
    {"events": [{"event": "nosuch"}], "responses": []},
    {"events": [], "responses": "Hello"},
]


@pytest.fixture(autouse=True)
def tuned() -> None:
    tuning.install()
    tuning.install()


@pytest.mark.parametrize("result", VALID)
def test_a_valid_result_passes(result: dict[str, Any]) -> None:
    assert RemoteAction("action_answer", None)._validate_action_result(result)


@pytest.mark.parametrize("result", INVALID)
def test_an_invalid_result_fails_in_rasas_words(result: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="Failed to validate Action server response"):
        RemoteAction("action_answer", None)._validate_action_result(result)


@pytest.mark.parametrize("event", [SlotSet("age", 4), ActionExecuted("action_listen"), UserUttered("hello")])
def test_events_find_their_class(event: Event) -> None:
    assert Event.resolve_by_type(event.type_name) is type(event)


def test_an_unknown_event_is_refused_in_rasas_words() -> None:
    with pytest.raises(ValueError, match="Unknown event name 'nosuch'"):
        Event.resolve_by_type("nosuch")


KINDS = [kind["properties"]["event"]["const"] for kind in EVENT_SCHEMA["oneOf"]]
ODD: list[dict[str, Any]] = [
    {},
    {"timestamp": "late"},
    {"metadata": []},
    {"name": 7},
    {"name": None, "hide_rule_turn": "yes"},
    {"text": "hello", "parse_data": {"intent": {"name": 3}}},
    {"entities": [{"entity": "age"}]},
    {"entities": [{"entity": "age", "value": 4}], "name": "age", "value": None},
]


def verdict(check: Any, result: dict[str, Any]) -> str | bool:
    try:
        return bool(check(RemoteAction("action_answer", None), result))
    except ValidationError as error:
        return str(error.message)


@pytest.mark.parametrize("kind", [*KINDS, "topic", "", None])
def test_every_kind_of_event_is_judged_as_by_rasa(kind: str | None) -> None:
    tuned_check = RemoteAction._validate_action_result
    for more in ODD:
        result = {"events": [{"event": kind, **more}], "responses": []}
        assert verdict(tuned_check, result) == verdict(tuned_check.stock, result), result


def test_a_copied_slot_is_a_slot_of_its_own() -> None:
    slot = AnySlot("age", [{"type": "custom"}], influence_conversation=False)
    slot.value = 4
    other = copy.copy(slot)
    assert (type(other), vars(other)) == (AnySlot, vars(slot))
    other.value = 5
    assert slot.value == 4


def test_rules_apply_and_memories_are_recalled_as_in_rasa(assistant: Assistant) -> None:
    processor = assistant.agent.processor
    nodes = {name: node._component for name, node in processor.graph_runner._instantiated_nodes.items()}
    rules = next(part for part in nodes.values() if isinstance(part, RulePolicy))
    memory = next(part for part in nodes.values() if type(part) is MemoizationPolicy)
    for text in ("which papers do i need", "my son is 4", "why do you ask?", "which law says so", "stop", "/restart"):
        assistant.answer("tuning", text)
        tracker = assistant.wait(assistant.agent.tracker_store.retrieve("tuning"))
        for before, _ in tracker.generate_all_prior_trackers():
            states = rules._prediction_states(before, processor.domain)
            for lookup in rules.lookup.values():
                if isinstance(lookup, dict):
                    stock = RulePolicy._get_possible_keys.stock(rules, lookup, states)
                    assert rules._get_possible_keys(lookup, states) == stock
            predicted = memory.predict_action_probabilities(before, processor.domain)
            stock = MemoizationPolicy.predict_action_probabilities.stock(memory, before, processor.domain)
            assert (predicted.probabilities, predicted.events) == (stock.probabilities, stock.events)


def test_a_language_folder_is_loaded_once_until_it_is_built_anew(tmp_path: Path) -> None:
    folder = tmp_path / "en"
    spacy.blank("en").to_disk(folder)
    first = SpacyNLP.load_model(str(folder))
    assert SpacyNLP.load_model(str(folder)) is first
    os.utime(folder / "meta.json", ns=(1, 1))
    again = SpacyNLP.load_model(str(folder))
    assert again is not first
    assert [token.text for token in again.model("how do I pay?")] == ["how", "do", "I", "pay", "?"]
    with pytest.raises(InvalidModelError, match="available spaCy model"):
        SpacyNLP.load_model(str(tmp_path / "nosuch"))


def test_a_turn_executes_no_postponed_module(assistant: Assistant) -> None:
    turn = (
        "from bot.runtime.assistant import Assistant; from bot.runtime import postponed; import sys\n"
        "assistant = Assistant.load()\n"
        "for text in ('when do i have to pay', 'papers for my mother, she is 60', 'article 58', 'stop'):\n"
        "    assert assistant.answer('c1', text)[0]['type'] != 'error'\n"
        "print([name for name in postponed._LIBRARY_OF if name in sys.modules and not postponed.is_waiting(name)])"
    )
    ran = subprocess.run([sys.executable, "-c", turn], capture_output=True, text=True, timeout=120)
    assert ran.stdout.strip() == "[]", ran.stderr[-1000:]
