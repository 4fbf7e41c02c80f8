"""What a message that is not clear by itself means at this place of the conversation."""

from __future__ import annotations

from actions.turn import Turn
from knowledge.decision import OUT_OF_SCOPE, VAGUE
from knowledge.library import Continuation, Library
from knowledge.models import Answer

# Lowest similarity and evidence with which a message goes on with the last answer, the surer it seems out of scope the
# higher: of the out-of-scope questions of the dev split 9, 6 and 3 % pass for any one topic.
_UNCLEAR = (0.35, 0.45)
_HARDLY_REFUSED = (0.4, 0.45)
_REFUSED = (0.5, 0.0)
_HARDLY = 0.3  # score below which a refusal is doubtful
# The same for a few words that resemble another topic, if not too surely.
_STAYS = (0.4, 0.65)
_FEW, _SURE_TOPIC = 4, 0.75  # words; score
# Similarity from which a message that is hard to classify means one of the likeliest topics.
_OTHER_TOPIC = 0.55
_OFFERED = 3  # topics
# Topics that leave the subject of the conversation what it was.
BESIDE = frozenset({"smalltalk", "human", OUT_OF_SCOPE})


def goes_on(turn: Turn, library: Library) -> Continuation | None:
    """How the message goes on with the last answer; None where it hardly does.

    A running checklist is not begun anew by a message that is not clear.
    """
    found = library.continuation(turn.text, turn.slots.get("answer"))
    if found is None or (found.aspect is None and found.answer.checklist and turn.active_form):
        return None
    similarity, evidence = _UNCLEAR
    if turn.intent == OUT_OF_SCOPE:
        similarity, evidence = _HARDLY_REFUSED if turn.score_of(OUT_OF_SCOPE) < _HARDLY else _REFUSED
    return found if found.similarity >= similarity and found.evidence >= evidence else None


def stays(turn: Turn, library: Library) -> Continuation | None:
    """The specific answer of the last topic that a few words mean, resembling another: "without it?"."""
    same = turn.intent == turn.slots.get("topic")
    if same or turn.active_form or turn.words > _FEW or turn.score_of(turn.intent) >= _SURE_TOPIC:
        return None
    found = library.continuation(turn.text, turn.slots.get("answer"))
    if found is None or found.aspect is not None or found.answer.is_general:
        return None
    similarity, evidence = _STAYS
    return found if found.similarity >= similarity and found.evidence >= evidence else None


def of_likely_topics(turn: Turn, library: Library) -> tuple[Answer, float] | None:
    """The answer of the likeliest topics that the message comes near to, and how near."""
    meant = library.nearest_of(turn.text, likely_topics(turn, library), at_least=_OTHER_TOPIC)
    return None if meant and meant[0].checklist and turn.active_form else meant


def likely_topics(turn: Turn, library: Library) -> list[str]:
    """The topics that the message may be about, likeliest first; three at most."""
    topics = library.content.topics
    return [label for label in turn.ranking if label in topics and label not in BESIDE][:_OFFERED]


def is_vague(turn: Turn) -> bool:
    """Whether the words themselves are vague: "it's about my insurance"."""
    return next(iter(turn.ranking), None) == VAGUE
