"""The one custom action of the stock assistant: says the reply that belongs to the intent."""

import json
from pathlib import Path
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

REPLIES = json.loads((Path(__file__).parents[1] / "replies.json").read_text(encoding="utf-8"))


class ActionAnswer(Action):
    """Looks the reply up; yibao's replies, made beforehand."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> list[dict[str, Any]]:  # noqa: ARG002
        """One reply."""
        intent = tracker.get_intent_of_latest_message(skip_fallback_intent=False)
        dispatcher.utter_message(json_message=REPLIES.get(intent, REPLIES["nlu_fallback"]))
        return []
