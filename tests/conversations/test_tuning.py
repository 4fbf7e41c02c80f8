"""The tuned places of Rasa do what stock Rasa does."""

from __future__ import annotations

import copy
import json
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
from rasa.shared.core.domain import Domain  # noqa: E402
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered  # noqa: E402
from rasa.shared.core.slot_mappings import SlotMapping, SlotMappingType  # noqa: E402
from rasa.shared.core.slots import AnySlot  # noqa: E402
from rasa.shared.core.trackers import DialogueStateTracker  # noqa: E402
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
    {"timestamp": None, "name": "age", "value": 4},
    {"timestamp": None, "name": 4, "value": 4},
    {"timestamp": True, "name": "age", "value": 4},
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
            for by_words in (True, False):
                found = rules._find_action_from_rules(before, processor.domain, by_words)
                stock = RulePolicy._find_action_from_rules.stock(rules, before, processor.domain, by_words)
                assert (found[0], found[2]) == (stock[0], stock[2])
            predicted = memory.predict_action_probabilities(before, processor.domain)
            stock = MemoizationPolicy.predict_action_probabilities.stock(memory, before, processor.domain)
            assert (predicted.probabilities, predicted.events) == (stock.probabilities, stock.events)


def test_a_rule_that_asks_for_no_intent_is_tried_on_the_words(assistant: Assistant) -> None:
    processor = assistant.agent.processor
    nodes = (node._component for node in processor.graph_runner._instantiated_nodes.values())
    rules = copy.copy(next(part for part in nodes if isinstance(part, RulePolicy)))
    said = UserUttered("hello", {"name": "smalltalk"})
    tracker = DialogueStateTracker.from_events(
        "words", [ActionExecuted("action_listen"), said], slots=processor.domain.slots
    )
    assert rules._find_action_from_rules(tracker, processor.domain, True) == (None, None, False)
    wordless = json.dumps([{"prev_action": {"action_name": "action_listen"}, "user": {"text": "hello"}}])
    rules.lookup = {**rules.lookup, "rules": {**rules.lookup["rules"], wordless: "action_stop"}}
    assert rules._find_action_from_rules(tracker, processor.domain, True)[0] == "action_stop"


def test_only_slots_that_nothing_fills_are_passed_over() -> None:
    domain = Domain.from_dict({"entities": ["age"], "intents": ["pay"]})
    check = SlotMapping.check_mapping_validity
    assert not check("age", SlotMappingType.CUSTOM, {"type": "custom"}, domain)
    for mapping in (
        {"type": "custom", "action": "action_fill"},
        {"type": "from_text"},
        {"type": "from_entity", "entity": "age"},
        {"type": "from_entity", "entity": "nosuch"},
        {"type": "from_intent", "intent": "pay", "value": 4},
        {"type": "from_intent", "intent": "nosuch", "value": 4},
    ):
        given = ("age", SlotMappingType(mapping["type"]), mapping, domain)
        assert check(*given) == check.stock(*given), mapping


def test_a_domain_is_empty_as_in_rasa(assistant: Assistant) -> None:
    for domain in (Domain.empty(), Domain.from_dict({"intents": ["pay"]}), assistant.agent.domain):
        assert domain.is_empty() == Domain.is_empty.stock(domain)


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
