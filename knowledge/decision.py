"""The one place where it is decided whether to answer, to ask back, or to refuse.

A label's score is the linear head's probability times the similarity of its nearest stored question; thresholds
are fitted on held-out questions by ``yibao evaluate --fit`` and stand in ``thresholds.json`` beside this file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path

THRESHOLDS_PATH = Path(__file__).parent / "thresholds.json"
OUT_OF_SCOPE = "out_of_scope"
VAGUE = "unclear"  # learnt from examples: "it's about my insurance"
STATE_CHANGING = frozenset({"restart", "stop", "human"})


class Outcome(Enum):
    """What to do with a message."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Scored:
    """A label and its score from 0 to 1."""

    label: str
    score: float


@dataclass(frozen=True)
class Thresholds:
    """Lowest scores: to answer, to ask back, and to do something that changes the conversation.

    ``calibration`` turns a score into a probability.
    """

    answer: float
    clarify: float
    state_changing: float
    calibration: float = 1.0

    def confidence(self, score: float) -> float:
        """The score as a probability of being right: raised to the fitted power (one-parameter calibration)."""
        return float(min(max(score, 0.0), 1.0) ** self.calibration)

    @classmethod
    def load(cls, path: Path = THRESHOLDS_PATH) -> Thresholds:
        """The fitted thresholds."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def save(self, path: Path = THRESHOLDS_PATH) -> None:
        """Store the thresholds."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Decision:
    """The outcome; ``label`` is what the message is about, ``candidates`` what to offer when asking back."""

    outcome: Outcome
    label: str
    score: float
    candidates: tuple[str, ...] = ()


def decide(ranking: Sequence[Scored], thresholds: Thresholds) -> Decision:
    """Decide from the labels' scores, best first."""
    best = ranking[0]
    candidates = tuple(entry.label for entry in ranking if entry.label not in (OUT_OF_SCOPE, VAGUE))[:3]
    if best.label == OUT_OF_SCOPE:
        return Decision(Outcome.REFUSE, OUT_OF_SCOPE, best.score)
    if best.label == VAGUE and best.score >= thresholds.clarify:
        return Decision(Outcome.CLARIFY, VAGUE, best.score, candidates)
    needed = thresholds.state_changing if best.label in STATE_CHANGING else thresholds.answer
    if best.score >= needed:
        return Decision(Outcome.ANSWER, best.label, best.score)
    in_scope = sum(entry.score for entry in ranking if entry.label != OUT_OF_SCOPE)
    if best.score >= thresholds.clarify or in_scope >= thresholds.answer:  # surely one of several
        return Decision(Outcome.CLARIFY, best.label, best.score, candidates)
    return Decision(Outcome.REFUSE, OUT_OF_SCOPE, best.score)


def offers(ranking: Sequence[Scored], thresholds: Thresholds, *, at_most: int = 3) -> tuple[Scored, ...]:
    """What to lay before a reader who chooses: every label that could be asked back for, best first.

    Scores are probabilities that the label is meant: that of the best, shared out among those offered. None where
    the message is refused.
    """
    if decide(ranking, thresholds).outcome is Outcome.REFUSE:
        return ()
    reaching = [
        entry for entry in ranking if entry.label not in (OUT_OF_SCOPE, VAGUE) and entry.score >= thresholds.clarify
    ]
    whole = sum(entry.score for entry in reaching[:at_most])
    best = thresholds.confidence(ranking[0].score)
    return tuple(Scored(entry.label, best * entry.score / whole) for entry in reaching[:at_most])
