"""Places where Rasa does the same work for every turn; what comes out is the same.

Each function replaces one method of Rasa's for this process; the README's section on performance has the gains.
"""

from __future__ import annotations

import copy
import json
import logging
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator


def install() -> None:
    """Tune the Rasa of this process; calling it again changes nothing."""
    _compile_result_schema()
    _look_up_event_classes()
    _plan_the_graph_once()
    _read_language_meta()
    _copy_slots_plainly()
    _copy_for_the_log_only_when_logged()


def _compile_result_schema() -> None:
    """Check an action's result with compiled schemas, one for each kind of event, instead of trying all kinds.

    Every kind's schema names its kind as a constant, so that no event can fit two of them.
    """
    from rasa.core.actions.action import RemoteAction
    from rasa.shared.utils.schemas.events import EVENT_SCHEMA

    if getattr(RemoteAction._validate_action_result, "tuned", False):
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

    validate.tuned = True  # type: ignore[attr-defined]
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

    if "tuned" in vars(spacy.info):
        return
    look_up = spacy.info

    def info(model: str | None = None, **options: Any) -> Any:
        meta = Path(model or "", "meta.json")
        if model and not options and meta.exists():
            return json.loads(meta.read_text(encoding="utf-8"))
        return look_up(model, **options)

    info.tuned = True  # type: ignore[attr-defined]
    spacy.info = info


def _copy_slots_plainly() -> None:
    """Copy a slot's attributes directly: every tracker copies all slots, and a turn makes ten trackers."""
    from rasa.shared.core.slots import Slot

    def copy_slot(self: Slot) -> Slot:
        other = type(self).__new__(type(self))
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
