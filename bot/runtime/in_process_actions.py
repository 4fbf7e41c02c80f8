"""Custom actions within Rasa's process: the same executor as the action server's, without HTTP between."""

from __future__ import annotations

import json
from typing import Any

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
