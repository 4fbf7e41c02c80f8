"""The intent of a message, and the decision to answer, ask back or refuse."""

from __future__ import annotations

import re
from typing import Any, List, Optional  # Rasa reads these annotations and knows no other form

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.intent_model import IntentModel
from bot.components.stored_questions import questions_fingerprint, stored_questions
from bot.runtime.shared import encoder
from knowledge.chinese import is_question, word_count
from knowledge.decision import OUT_OF_SCOPE, VAGUE, Decision, Outcome, Scored, Thresholds, decide
from knowledge.encoder import Vectors
from knowledge.search import normalise

UNCLEAR = VAGUE
# What a conversation may begin with: "my mother is 70 and lives in the village".
FACTS = frozenset(
    {
        "household",
        "age",
        "birth_year",
        "birth_date",
        "preschool",
        "student",
        "migrant_workers_child",
        "minimum_living_guarantee",
    }
    | {"disability_level", "low_income", "employment", "location"}
)
# Intents that refer to what has been said before.
NEEDS_CONTEXT = frozenset({"follow_up", "affirm", "deny", "skip", "show_list", "inform"})
# Below this score, words that tell a fact and ask nothing are taken for what they tell, not for a topic.
_SURELY_ASKED = 0.5
_UNSURE = 0.23  # below it a fact that is told counts for more than the topic that the words resemble
_SURELY_ASKED_ANEW = 0.75  # the same, where the words also take back what was told
_SURELY_STRANGE = 0.7  # out-of-scope score from which even a fact told of a person is nothing to note
_ASKS_FOR_PAPERS = re.compile(
    r"\b(?:which|what) (?:papers|documents|docs)\b|^\W*(?:papers|documents|docs) (?:for|to)\b"
    r"|(?:什么|哪些|啥)(?:材料|证件|资料)"
)
_WHICH_ARTICLE = re.compile(r"哪一?条(?![路街线信短消])|第几条|\b(?:which|what) article\b")
_BARE = 4  # words of a message that is a follow-up question and nothing else: "why though?"
_SHORT = 8  # words of "and my wife, who keeps the house?"
_MODEL_FILE = "intents.npz"
_RANKING = 6  # labels reported; three are offered when asking back


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(IntentClassifier, GraphComponent):
    """Sets ``intent`` to a topic, to ``unclear`` or to ``out_of_scope``; ``intent_ranking`` keeps the scores.

    A law named by article number decides the topic by itself (entity ``article``).
    """

    @classmethod
    def required_components(cls) -> list[type[Any]]:
        """A featurizer: sentence vectors."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Nothing to configure."""
        return {}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TopicClassifier:
        """An untrained component."""
        return cls(model_storage, resource)

    def __init__(
        self,
        model_storage: ModelStorage,
        resource: Resource,
        model: IntentModel | None = None,
        thresholds: Thresholds | None = None,
    ) -> None:
        self._model_storage = model_storage
        self._resource = resource
        self._model = model
        self._thresholds = thresholds

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """The encoder's fingerprint and the code of the intent model."""
        from inspect import getsource

        from bot.components import examples, intent_model, ngrams

        return (
            encoder().fingerprint + questions_fingerprint() + "".join(map(getsource, (intent_model, examples, ngrams)))
        )

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the intent model on the examples, and on the questions that the answers are found by; store it."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        questions = stored_questions()
        texts = [*(normalise(example.get(TEXT)) for example in examples), *(question.text for question in questions)]
        labels = [*(example.get(INTENT) for example in examples), *(question.topic for question in questions)]
        vectors = np.stack([*map(_vector, examples), *(question.vector for question in questions)])
        answers = [*("" for _ in examples), *(question.answer for question in questions)]
        self._model = IntentModel.fit(texts, vectors, labels, answers)
        with self._model_storage.write_to(self._resource) as directory:
            self._model.save(directory / _MODEL_FILE)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TopicClassifier:
        """The trained component; a model that cannot be read is an error, never an untrained classifier."""
        with model_storage.read_from(resource) as directory:
            model = IntentModel.load(directory / _MODEL_FILE)
        return cls(model_storage, resource, model, Thresholds.load())

    def process(self, messages: List[Message], tracker: Optional[DialogueStateTracker]) -> List[Message]:
        """Classify each message that has text and no intent yet.

        Intents that only make sense after something ("why?", "yes", "she is 4") are left out of account at the
        beginning of a conversation.
        """
        begun = tracker is None or _has_begun(tracker)
        for message in messages:
            text = normalise(message.get(TEXT) or "")
            if not text or self._model is None or self._thresholds is None or message.get(INTENT):
                continue
            ranking = self._model.rank(text, _vector(message))
            ranking = ranking if begun else _first_words(ranking, message)
            ranking = _law_by_number(ranking, message, after_law=_is_after_law(tracker))
            ranking = _law_by_content(ranking, text)
            decision = decide(ranking, self._thresholds)
            intent = UNCLEAR if decision.outcome is Outcome.CLARIFY else decision.label
            answered = tracker is None or tracker.get_slot("topic") is not None
            if _tells(message, decision, answered=answered):
                intent = "inform"
            elif not begun and intent == "inform":
                intent = _asked_besides(ranking, self._thresholds) or intent
            confidence = self._thresholds.confidence(decision.score)
            message.set(INTENT, {"name": intent, "confidence": confidence}, add_to_output=True)
            message.set(
                "intent_ranking",
                [{"name": entry.label, "confidence": entry.score} for entry in ranking[:_RANKING]],
                add_to_output=True,
            )
        return messages


def _vector(message: Message) -> Vectors:
    """The sentence vector that the featurizer has left on the message, shape (384,)."""
    _, sentence = message.get_dense_features(TEXT, [])
    vector: Vectors = sentence.features[0]
    return vector


def _has_begun(tracker: DialogueStateTracker) -> bool:
    """Whether anything has been answered, or asked back, that a "no" or a "why?" can refer to."""
    return tracker.active_loop_name is not None or any(
        tracker.get_slot(slot) is not None for slot in ("topic", "offered")
    )


def _told(message: Message) -> bool:
    """Whether the message states a fact about a person."""
    return bool(_said(message) & FACTS)


def _said(message: Message) -> set[str]:
    return {entity["entity"] for entity in message.get("entities") or ()}


def _asked_besides(ranking: list[Scored], thresholds: Thresholds) -> str | None:
    """The topic that the first words of a conversation ask about while they tell of somebody; None if they do not."""
    other = next(entry for entry in ranking if entry.label != "inform")
    asks = other.label not in NEEDS_CONTEXT | {OUT_OF_SCOPE, VAGUE} and other.score >= thresholds.clarify
    return other.label if asks else None


def _tells(message: Message, decision: Decision, *, answered: bool) -> bool:
    """Whether words that resemble no question say something of the person: "they have just regraded him to level 1"."""
    said, text = _said(message), normalise(message.get(TEXT))
    if decision.outcome is Outcome.ANSWER and _ASKS_FOR_PAPERS.search(text.lower()):
        return False  # "which papers for my wife then? 28, not working"
    unsure = decision.outcome is not Outcome.ANSWER or decision.score < _UNSURE
    asks = is_question(text) and word_count(text) > _BARE  # but "for freelancers too?"
    if not answered:
        strange = decision.label == OUT_OF_SCOPE and (
            decision.score >= _SURELY_STRANGE or word_count(text) > _BARE
        )  # "i got fired yesterday" is worth noting; "driving licence renewal at age 70" is not
        return bool(said & FACTS) and not is_question(text) and unsure and not strange
    if said & FACTS and asks and decision.label == OUT_OF_SCOPE:
        return False  # "how much pension will I get"
    if said & FACTS:
        # "correction: my hukou was changed to city"
        mended = "correction" in said and not asks and decision.score < _SURELY_ASKED_ANEW
        return unsure or mended or (not asks and decision.label not in NEEDS_CONTEXT and decision.score < _SURELY_ASKED)
    mended = "correction" in said and "number" in said  # "I wrote 61, it should be 51"
    turned_to = _somebody_else(message) and word_count(text) <= _SHORT  # "and my wife?", "for a baby?"
    strange = decision.label == OUT_OF_SCOPE and (decision.score >= _SURELY_ASKED or word_count(text) > _BARE)
    return unsure and (mended or (turned_to and not strange))


def _somebody_else(message: Message) -> bool:
    entities = message.get("entities") or ()
    return any(entity["entity"] == "insured" and entity["value"] not in ("self", "someone") for entity in entities)


def _first_words(ranking: list[Scored], message: Message) -> list[Scored]:
    """The ranking among the intents that can stand first, with the others' probability shared out."""
    impossible = NEEDS_CONTEXT - {"inform"} if _told(message) else NEEDS_CONTEXT
    if ranking[0].label == "follow_up" and word_count(normalise(message.get(TEXT))) <= _BARE:
        return ranking  # "why though?": what it refers to is asked back
    possible = [entry for entry in ranking if entry.label not in impossible]
    left, whole = sum(entry.score for entry in possible), sum(entry.score for entry in ranking)
    return [Scored(entry.label, entry.score * whole / left) for entry in possible] if left else ranking


def _is_after_law(tracker: DialogueStateTracker | None) -> bool:
    return tracker is not None and tracker.active_loop_name is None and tracker.get_slot("topic") == "law_article"


def _law_by_content(ranking: list[Scored], text: str) -> list[Scored]:
    """Who asks which article it is wants the law, whatever it is about: "thirty days to register, which article?"."""
    if not _WHICH_ARTICLE.search(text.lower()):
        return ranking
    return [Scored("law_article", 1.0), *(entry for entry in ranking if entry.label != "law_article")]


def _law_by_number(ranking: list[Scored], message: Message, *, after_law: bool) -> list[Scored]:
    said = _said(message)
    bare = after_law and said & {"number", "ordinal"} and word_count(normalise(message.get(TEXT))) <= _BARE
    if "article" not in said and not bare:  # "and the seventh?", "29 too"
        return ranking
    return [Scored("law_article", 1.0), *(entry for entry in ranking if entry.label != "law_article")]
