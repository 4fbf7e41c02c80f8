"""What a message says about persons and laws, as Rasa entities."""

from __future__ import annotations

import logging
from typing import Any, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import SPACY_DOCS
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from spacy.tokens import Doc, Token

from bot.language.mentions import Mention, read_mentions
from bot.language.zh.reading import yes_or_no as chinese_answers
from knowledge.chinese import language_of

_LITTLE = frozenset({"break", "filler", "correction", "hedge", "joint", "interjection"})

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class FactExtractor(GraphComponent, EntityExtractorMixin):
    """Adds an entity for each mention; its role is the person of whom it was said."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> FactExtractor:
        """Nothing to configure."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Read the spaCy document that the language model has left on each message."""
        for message in messages:
            document = message.get(SPACY_DOCS[TEXT])
            if document is None:
                continue
            found = [
                {
                    "entity": mention.entity,
                    "value": mention.value,
                    "start": mention.start,
                    "end": mention.end,
                    "role": mention.person,
                }
                for mention in _mentions(document)
            ]
            found += _yes_or_no(document)
            found += [
                {"entity": span.label_, "value": True, "start": span.start_char, "end": span.end_char}
                for span in document.ents
                if span.label_ == "correction"
            ]
            entities = self.add_extractor_name(found)
            message.set(ENTITIES, [*message.get(ENTITIES, []), *entities], add_to_output=True)
        return messages


def _mentions(document: Doc) -> list[Mention]:
    try:
        return read_mentions(document)
    except Exception:  # an unforeseen turn of phrase costs its facts, not the answer
        logger.exception("no facts could be read")
        return []


def _is_little(token: Token) -> bool:
    """Whether a word may stand before a yes or no: "then yes", "well, no"."""
    return token.ent_type_ in _LITTLE or token.is_punct


def _yes_or_no(document: Doc) -> list[dict[str, Any]]:
    """A yes or a no at the beginning or the end of a message: "no certificate", "her parents are, yes", 没有."""
    if language_of(document.text) == "zh":
        return [
            {"entity": "yes_or_no", "value": value, "start": start, "end": end}
            for value, start, end in chinese_answers(document)
        ]
    answers = {"affirmation": True, "negation": False}
    said = [span for span in document.ents if span.label_ in answers]
    edges = [
        span for span in said if span.end == len(document) or all(_is_little(token) for token in document[: span.start])
    ]
    mended = len(edges) > 1 and any(
        span.label_ == "correction" and edges[0].end <= span.start < edges[-1].end for span in document.ents
    )  # "yes. i mean no"
    return [
        {"entity": "yes_or_no", "value": answers[span.label_], "start": span.start_char, "end": span.end_char}
        for span in (edges[-1:] if mended else edges[:1])
    ]
