"""The tuned places of Rasa do what stock Rasa does."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import ValidationError

from bot.runtime import quiet, tuning

quiet.prepare()
from rasa.core.actions.action import RemoteAction  # noqa: E402
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered  # noqa: E402

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
