"""Places where Rasa does the same work for every turn; what comes out is the same.

Each function replaces one method of Rasa's for this process (and keeps the stock one as its attribute ``stock``); the
README's section on performance has the gains.
"""

from __future__ import annotations

import copy
import json
import logging
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

_STATES_KEPT = 2000  # a kilobyte each


def install() -> None:
    """Tune the Rasa of this process; calling it again changes nothing."""
    _compile_result_schema()
    _look_up_event_classes()
    _plan_the_graph_once()
    _read_language_meta()
    _load_language_once()
    _copy_slots_plainly()
    _copy_for_the_log_only_when_logged()
    _recall_nothing_from_nothing()
    _remember_which_rules_apply()


def _compile_result_schema() -> None:
    """Check an action's result with compiled schemas, one for each kind of event, instead of trying all kinds.

    Every kind's schema names its kind as a constant, so that no event can fit two of them.
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
                and isinstance(event.get("event"), str)
                and event["event"] in kinds
                and kinds[event["event"]].is_valid(event)
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


def _copy_slots_plainly() -> None:
    """Copy a slot's attributes directly: every tracker copies all slots, and a turn makes ten trackers."""
    from rasa.shared.core.slots import Slot

    def copy_slot(self: Slot) -> Slot:
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other

    Slot.__copy__ = copy_slot


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
    """Which rules fit a state so many turns ago depends on nothing else, and conversations resemble each other.

    A rule looks back no further than it is long.
    """
    from rasa.core.policies.rule_policy import RulePolicy
    from rasa.shared.core.trackers import DialogueStateTracker

    if hasattr(RulePolicy._get_possible_keys, "stock"):
        return
    freeze = DialogueStateTracker.freeze_current_state

    def get_possible_keys(self: RulePolicy, lookup: dict[str, str], states: list[Any]) -> set[str]:
        tables: dict[int, _Fitting] = self.__dict__.setdefault("fitting_rules", {})
        table = tables.get(id(lookup))
        if table is None or table.rules != len(lookup):  # new, or trained further
            table = tables[id(lookup)] = _Fitting(lookup)
        keys = set(lookup)
        for ago, state in enumerate(reversed(states[-table.longest :])):
            frozen = (ago, freeze(state))
            fitting = table.found.get(frozen)
            if fitting is None:
                if len(table.found) >= _STATES_KEPT:
                    table.found.clear()
                fitting = frozenset(rule for rule in lookup if self._is_rule_applicable(rule, ago, state))
                table.found[frozen] = fitting
            keys &= fitting
        return keys

    get_possible_keys.stock = RulePolicy._get_possible_keys  # type: ignore[attr-defined]
    RulePolicy._get_possible_keys = get_possible_keys


class _Fitting:
    """What was found in one table of rules: turns ago and state to the rules that fit."""

    def __init__(self, lookup: dict[str, str]) -> None:
        self.lookup = lookup  # held, so that its id is not given to another
        self.rules = len(lookup)
        self.longest = max((len(json.loads(rule)) for rule in lookup), default=1)
        self.found: dict[Any, frozenset[str]] = {}
