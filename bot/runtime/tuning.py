"""Places where Rasa does the same work for every turn, or keeps what it never reads again; what comes out is the same.

Every action's result is checked against a JSON schema that Rasa builds and checks anew each time (69 % of a turn),
and every stored event looks for its class among all classes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator


def install() -> None:
    """Tune the Rasa of this process; calling it again changes nothing."""
    _compile_result_schema()
    _look_up_event_classes()


def _compile_result_schema() -> None:
    from rasa.core.actions.action import RemoteAction

    if getattr(RemoteAction._validate_action_result, "tuned", False):
        return
    validate_slowly = RemoteAction._validate_action_result

    @lru_cache(maxsize=1)
    def validator() -> Draft202012Validator:
        return Draft202012Validator(RemoteAction.action_response_format_spec())

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        # The slow check words the error.
        return validator().is_valid(result) or validate_slowly(self, result)

    validate.tuned = True  # type: ignore[attr-defined]
    RemoteAction._validate_action_result = validate


def _look_up_event_classes() -> None:
    from rasa.shared.core.events import Event

    if hasattr(Event.resolve_by_type, "cache_info"):
        return
    Event.resolve_by_type = staticmethod(lru_cache(maxsize=256)(Event.resolve_by_type))
