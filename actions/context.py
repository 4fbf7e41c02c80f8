"""What a message that is not clear by itself means at this place of the conversation."""

from __future__ import annotations

from actions.turn import Turn
from knowledge.decision import OUT_OF_SCOPE
from knowledge.library import Library
from knowledge.models import Answer

# Similarity from which a message goes on with the topic just answered; of the out-of-scope questions of the dev split
# 2 % come so near to any one topic.
_SAME_TOPIC = 0.5
# Similarity from which a message that is hard to classify means one of the likeliest topics.
_OTHER_TOPIC = 0.6
_OFFERED = 3  # topics


def in_context(turn: Turn, library: Library) -> tuple[Answer, float] | None:
    """The answer of the last topic that the message comes near to, and how near.

    A running checklist is not begun anew by a message that is not clear.
    """
    last = turn.slots.get("topic")
    meant = library.nearest_of(turn.text, [last], at_least=_SAME_TOPIC) if last else None
    return None if meant and meant[0].checklist and turn.active_form else meant


def of_likely_topics(turn: Turn, library: Library) -> tuple[Answer, float] | None:
    """The answer of the likeliest topics that the message comes near to, and how near."""
    meant = library.nearest_of(turn.text, likely_topics(turn, library), at_least=_OTHER_TOPIC)
    return None if meant and meant[0].checklist and turn.active_form else meant


def likely_topics(turn: Turn, library: Library) -> list[str]:
    """The topics that the message may be about, likeliest first; three at most."""
    topics = library.content.topics
    return [label for label in turn.ranking if label in topics and label != OUT_OF_SCOPE][:_OFFERED]
