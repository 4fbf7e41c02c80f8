"""Places where Rasa does the same work for every turn; what comes out is the same.

Each function replaces one method of Rasa's for this process (and keeps the stock one as its attribute ``stock``); the
README's section on performance has the gains.
"""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Iterator
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

_STATES_KEPT = 2000  # a kilobyte each
_NOTHING: dict[str, Any] = {}


def install() -> None:
    """Tune the Rasa of this process; calling it again changes nothing."""
    from bot.runtime import trackers

    trackers.install()
    _compile_result_schema()
    _look_up_event_classes()
    _compare_with_one_empty_domain()
    _pass_over_slots_that_nothing_fills()
    _plan_the_graph_once()
    _read_language_meta()
    _load_language_once()
    _copy_for_the_log_only_when_logged()
    _recall_nothing_from_nothing()
    _remember_which_rules_apply()
    _ask_rules_for_words_only_where_they_have_any()


def _compile_result_schema() -> None:
    """Check an action's result with compiled schemas, one for each kind of event, instead of trying all kinds.

    Every kind's schema names its kind as a constant, so that no event can fit two of them. A slot as the SDK writes it
    needs no schema to be seen to fit.
    """
    from rasa.core.actions.action import RemoteAction
    from rasa.shared.utils.schemas.events import EVENT_SCHEMA

    if hasattr(RemoteAction._validate_action_result, "stock"):
        return
    validate_slowly = RemoteAction._validate_action_result
    common = {key: value for key, value in EVENT_SCHEMA.items() if key != "oneOf"}
    kinds = {
        kind["properties"]["event"]["const"]: Draft202012Validator({**common, "allOf": [kind]})
        for kind in EVENT_SCHEMA["oneOf"]
    }

    plain_slot = {"event", "timestamp", "name", "value"}

    def is_plain_slot(event: dict[str, Any]) -> bool:
        return (
            event.keys() == plain_slot
            and event["event"] == "slot"
            and type(event["name"]) is str
            and event["timestamp"] is None
        )

    def is_valid(result: Any) -> bool:
        if not isinstance(result, dict):
            return False
        events, responses = result.get("events", []), result.get("responses", [])
        return (
            isinstance(events, list)
            and isinstance(responses, list)
            and all(isinstance(response, dict) for response in responses)
            and all(
                isinstance(event, dict)
                and (
                    is_plain_slot(event)
                    or (
                        isinstance(event.get("event"), str)
                        and event["event"] in kinds
                        and kinds[event["event"]].is_valid(event)
                    )
                )
                for event in events
            )
        )

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        # The slow check words the error.
        return is_valid(result) or validate_slowly(self, result)

    validate.stock = validate_slowly  # type: ignore[attr-defined]
    RemoteAction._validate_action_result = validate


def _look_up_event_classes() -> None:
    """Look an event's class up by its name, instead of walking over all subclasses for every stored event."""
    from rasa.shared.core.events import Event

    if hasattr(Event.resolve_by_type, "cache_info"):
        return
    Event.resolve_by_type = staticmethod(lru_cache(maxsize=256)(Event.resolve_by_type))


def _compare_with_one_empty_domain() -> None:
    """Rasa asks at every message whether the domain is empty, and makes an empty one to compare."""
    from rasa.shared.core.domain import Domain

    if hasattr(Domain.is_empty, "stock"):
        return
    nothing = copy.deepcopy(Domain.empty().as_dict())

    def is_empty(self: Domain) -> bool:
        return bool(self.as_dict() == nothing)

    is_empty.stock = Domain.is_empty  # type: ignore[attr-defined]
    Domain.is_empty = is_empty


def _pass_over_slots_that_nothing_fills() -> None:
    """A custom mapping that names no action fills nothing, whatever was said; so its conditions need no look."""
    from rasa.shared.core.slot_mappings import SlotMapping, SlotMappingType

    if hasattr(SlotMapping.check_mapping_validity, "stock"):
        return
    check = SlotMapping.check_mapping_validity

    def check_mapping_validity(
        slot_name: str, mapping_type: SlotMappingType, mapping: dict[str, Any], domain: Any
    ) -> bool:
        if mapping_type is SlotMappingType.CUSTOM and not mapping.get("action"):
            return False
        return bool(check(slot_name, mapping_type, mapping, domain))

    check_mapping_validity.stock = check  # type: ignore[attr-defined]
    SlotMapping.check_mapping_validity = staticmethod(check_mapping_validity)


def _plan_the_graph_once() -> None:
    from rasa.engine.runner.dask import DaskGraphRunner

    from bot.runtime import graph

    DaskGraphRunner.run = graph.run


def _read_language_meta() -> None:
    """Give Rasa the version in a spaCy folder's meta.json without spaCy's command line and all that it imports."""
    import spacy

    if "stock" in vars(spacy.info):
        return
    look_up = spacy.info

    def info(model: str | None = None, **options: Any) -> Any:
        meta = Path(model or "", "meta.json")
        if model and not options and meta.exists():
            return json.loads(meta.read_text(encoding="utf-8"))
        return look_up(model, **options)

    info.stock = look_up  # type: ignore[attr-defined]
    spacy.info = info


def _load_language_once() -> None:
    """Load a spaCy folder once: Rasa's graph has two nodes that do, and uses the pipeline of one."""
    from rasa.nlu.utils.spacy_utils import SpacyNLP

    if hasattr(SpacyNLP.load_model, "stock"):
        return
    stock = SpacyNLP.load_model
    latest: tuple[tuple[str, int], Any] | None = None

    def load_model(name: str) -> Any:
        nonlocal latest
        meta = Path(name or "", "meta.json")
        if not name or not meta.exists():
            return stock(name)
        version = str(meta.resolve()), meta.stat().st_mtime_ns  # written anew when the folder is built anew
        if latest is None or latest[0] != version:
            latest = version, stock(name)
        return latest[1]

    load_model.stock = stock  # type: ignore[attr-defined]
    SpacyNLP.load_model = staticmethod(load_model)


def _copy_for_the_log_only_when_logged() -> None:
    """Rasa's processor copies events and messages deeply for debugging messages that nobody reads."""
    from rasa.core import processor

    class Copies:
        copy = staticmethod(copy.copy)

        @staticmethod
        def deepcopy(value: Any) -> Any:
            return copy.deepcopy(value) if processor.logger.isEnabledFor(logging.DEBUG) else value

    processor.copy = Copies


def _recall_nothing_from_nothing() -> None:
    """A memoization policy that learnt from no story recalls nothing: the states need not be worked out for that."""
    from rasa.core.policies.memoization import MemoizationPolicy

    if hasattr(MemoizationPolicy.predict_action_probabilities, "stock"):
        return
    predict = MemoizationPolicy.predict_action_probabilities

    @wraps(predict)  # Rasa reads the annotations when it trains
    def predict_action_probabilities(
        self: MemoizationPolicy, tracker: Any, domain: Any, rule_only_data: Any = None, **more: Any
    ) -> Any:
        if not self.lookup:
            return self._prediction(self._default_predictions(domain))
        return predict(self, tracker, domain, rule_only_data=rule_only_data, **more)

    predict_action_probabilities.stock = predict  # type: ignore[attr-defined]
    MemoizationPolicy.predict_action_probabilities = predict_action_probabilities


def _remember_which_rules_apply() -> None:
    """Which rules fit a state so many turns ago depends on what rules look at in it, and conversations resemble others.

    A rule looks back no further than it is long.
    """
    from rasa.core.policies.rule_policy import RulePolicy

    if hasattr(RulePolicy._get_possible_keys, "stock"):
        return

    def get_possible_keys(self: RulePolicy, lookup: dict[str, str], states: list[Any]) -> set[str]:
        tables: dict[int, _Fitting] = self.__dict__.setdefault("fitting_rules", {})
        table = tables.get(id(lookup))
        if table is None or table.rules != len(lookup):  # new, or trained further
            table = tables[id(lookup)] = _Fitting(lookup)
        keys: set[str] | frozenset[str] = table.all
        for ago, state in enumerate(reversed(states[-table.longest :])):
            if not keys:
                break
            seen = (ago, *table.look_at(state))
            fitting = table.found.get(seen)
            if fitting is None:
                if len(table.found) >= _STATES_KEPT:
                    table.found.clear()
                fitting = frozenset(rule for rule in lookup if self._is_rule_applicable(rule, ago, state))
                table.found[seen] = fitting
            keys = keys & fitting
        return set(keys)

    get_possible_keys.stock = RulePolicy._get_possible_keys  # type: ignore[attr-defined]
    RulePolicy._get_possible_keys = get_possible_keys


class _Fitting:
    """What was found in one table of rules: turns ago and what was seen of a state, to the rules that fit."""

    def __init__(self, lookup: dict[str, str]) -> None:
        self.lookup = lookup  # held, so that its id is not given to another
        self.rules = len(lookup)
        self.all = frozenset(lookup)
        states = [json.loads(rule) for rule in lookup]
        self.longest = max(map(len, states), default=1)
        parts = {(part, key) for rule in states for state in rule for part, values in state.items() for key in values}
        self._parts = sorted(parts)
        self.found: dict[Any, frozenset[str]] = {}

    def look_at(self, state: dict[str, dict[str, Any]]) -> Iterator[Any]:
        """All of a state that decides whether a rule fits: whether anything was done before, and what rules name."""
        yield bool(state.get("prev_action"))
        for part, key in self._parts:
            yield state.get(part, _NOTHING).get(key)


def _ask_rules_for_words_only_where_they_have_any() -> None:
    """Rasa tries all rules on a message's words, then on its intent; where each rule names an intent, no words fit.

    A rule fits the words of a message that has just come only if its last state is after a listening and asks for no
    intent.
    """
    from rasa.core.policies import rule_policy
    from rasa.core.policies.rule_policy import RulePolicy

    if hasattr(RulePolicy._find_action_from_rules, "stock"):
        return
    find = RulePolicy._find_action_from_rules

    def wants_an_intent(rule: str) -> bool:
        last = json.loads(rule)[-1]
        before = last.get("prev_action", {}).get("action_name")
        intent = last.get("user", {}).get("intent")
        return before not in (None, rule_policy.ACTION_LISTEN_NAME) or bool(
            intent and intent != rule_policy.SHOULD_NOT_BE_SET
        )

    def find_action_from_rules(
        self: RulePolicy, tracker: Any, domain: Any, use_text_for_last_user_input: bool
    ) -> tuple[str | None, str | None, bool]:
        if use_text_for_last_user_input:
            lookups = [self.lookup[rule_policy.RULES], self.lookup[rule_policy.RULES_FOR_LOOP_UNHAPPY_PATH]]
            known = self.__dict__.get("wordless")
            if known is None or known[0] != [*map(len, lookups)]:  # new, or trained further
                known = ([*map(len, lookups)], all(wants_an_intent(rule) for lookup in lookups for rule in lookup))
                self.__dict__["wordless"] = known
            if known[1]:
                return None, None, False
        found: tuple[str | None, str | None, bool] = find(self, tracker, domain, use_text_for_last_user_input)
        return found

    find_action_from_rules.stock = find  # type: ignore[attr-defined]
    RulePolicy._find_action_from_rules = find_action_from_rules
