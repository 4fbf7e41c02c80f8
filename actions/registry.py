"""All actions, built with their library."""

from __future__ import annotations

from rasa_sdk import Action

from actions.answer import ActionAnswer
from actions.ask_fact import ActionAskFact
from actions.clarify import ActionClarify
from actions.emergency import ActionEmergency
from actions.follow_up import ActionFollowUp
from actions.inform import ActionInform
from actions.law import ActionLaw
from actions.remember import ActionRemember
from actions.restart import ActionRestart
from actions.show_checklist import ActionChecklist
from actions.stop import ActionStop
from actions.turn import FACTS
from actions.unreadable import ActionUnreadable
from actions.validate_checklist import ValidateChecklistForm
from knowledge.library import Library

_ACTIONS = (
    ActionRemember,
    ActionAnswer,
    ActionLaw,
    ActionFollowUp,
    ActionInform,
    ActionClarify,
    ActionEmergency,
    ActionUnreadable,
    ActionStop,
    ActionRestart,
    ActionChecklist,
    ValidateChecklistForm,
)


def all_actions(library: Library) -> tuple[Action, ...]:
    """One instance of every custom action of the domain."""
    return (*(action(library) for action in _ACTIONS), *(ActionAskFact(library, fact) for fact in FACTS))
