"""Custom actions within Rasa's process: the same executor as the action server's, without HTTP between.

Rasa writes a conversation's events out for every action that it calls; these actions look at the last few of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, MutableSequence
from typing import Any, overload

import rasa
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException


class InProcessActions(EndpointConfig):
    """An action endpoint that runs the given actions itself; its errors are those of the action server."""

    def __init__(self, actions: tuple[Action, ...]) -> None:
        super().__init__(url="in-process://actions")
        self._executor = ActionExecutor()
        for action in actions:
            self._executor.register_action(action)

    async def request(
        self,
        method: str = "post",
        subpath: str | None = None,
        content_type: str | None = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Run the action that Rasa asks for and return its events and responses."""
        call = kwargs.get("json") or {}
        try:
            result: dict[str, Any] = await self._executor.run(call)
        except ActionExecutionRejection as error:
            body = {"error": error.message, "action_name": error.action_name}
            raise ClientResponseError(400, error.message, json.dumps(body)) from error
        except ActionNotFoundException as error:
            body = {"error": error.message, "action_name": error.action_name}
            raise ClientResponseError(404, error.message, json.dumps(body)) from error
        return result


class WrittenEvents(MutableSequence[dict[str, Any]]):
    """Events as an action is given them, each written out when it is first looked at."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._events: list[Event | dict[str, Any]] = list(events)

    def __len__(self) -> int:
        return len(self._events)

    @overload
    def __getitem__(self, place: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, place: slice) -> list[dict[str, Any]]: ...

    def __getitem__(self, place: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(place, slice):
            return [self[one] for one in range(len(self._events))[place]]
        event = self._events[place]
        if isinstance(event, Event):
            event = self._events[place] = event.as_dict()
        return event

    def __setitem__(self, place: Any, event: Any) -> None:
        self._events[place] = event

    def __delitem__(self, place: int | slice) -> None:
        del self._events[place]

    def insert(self, place: int, event: dict[str, Any]) -> None:
        """Put an event before another."""
        self._events.insert(place, event)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MutableSequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


def install() -> None:
    """Let actions in the process write out the events that they look at; calling it again changes nothing."""
    if hasattr(RemoteAction._action_call_format, "stock"):
        return
    stock = RemoteAction._action_call_format

    def call_format(self: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
        if not isinstance(self.action_endpoint, InProcessActions):
            call: dict[str, Any] = stock(self, tracker, domain)
            return call
        call = {
            "next_action": self.name(),
            "sender_id": tracker.sender_id,
            "tracker": {**tracker.current_state(), "events": WrittenEvents(tracker.events)},
            "version": rasa.__version__,
        }
        if not self._is_selective_domain_enabled() or domain.does_custom_action_explicitly_need_domain(self.name()):
            call["domain"] = domain.as_dict()
        return call

    call_format.stock = stock  # type: ignore[attr-defined]
    RemoteAction._action_call_format = call_format
