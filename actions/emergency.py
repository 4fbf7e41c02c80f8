"""Danger to life: 120 first, insurance afterwards."""

from __future__ import annotations

from actions.speaker import Said, Speaker, confidence_of
from actions.turn import Turn

DEFAULT = "out_of_scope.emergency"
POSSIBLE = (DEFAULT, "out_of_scope.self_harm")


class ActionEmergency(Speaker):
    """Names 120 before anything else."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_emergency"

    def say(self, turn: Turn) -> Said:
        """One reply."""
        nearest, _ = self.library.answer(turn.text, "out_of_scope")
        answer = nearest if nearest.id in POSSIBLE else self.library.content.answers[DEFAULT]
        return Said(
            (self.library.composer(turn.language).answer(answer, confidence=confidence_of(turn)),), {"clarified": 0}
        )
