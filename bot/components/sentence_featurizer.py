"""Sentence vectors of the shipped encoder as dense features of a message."""

from __future__ import annotations

from typing import Any  # Rasa reads these annotations at run time

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.runtime.shared import encoder
from knowledge.encoder import TextEncoder
from knowledge.search import normalise


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceFeaturizer(DenseFeaturizer, GraphComponent):
    """Adds one sentence vector, shape (1, 384), float32, unit length, to each message with text."""

    @classmethod
    def required_components(cls) -> list[type[Any]]:
        """A tokenizer, as Rasa expects of any featurizer."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Rasa's defaults for dense featurizers."""
        return DenseFeaturizer.get_default_config()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceFeaturizer:
        """Build the component with the process's one encoder."""
        return cls(execution_context.node_name, config, encoder())

    def __init__(self, name: str, config: dict[str, Any], text_encoder: TextEncoder) -> None:
        super().__init__(name, config)
        self._encoder = text_encoder

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to configure."""

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """The encoder's fingerprint, so that a new model is never mixed with cached features."""
        return encoder().fingerprint

    def process(self, messages: list[Message]) -> list[Message]:
        """Encode all texts in one batch."""
        with_text = [message for message in messages if (message.get(TEXT) or "").strip()]
        vectors = self._encoder.encode([normalise(message.get(TEXT)) for message in with_text])
        for message, vector in zip(with_text, vectors, strict=True):
            self.add_features_to_message(sequence=None, sentence=vector[None, :], attribute=TEXT, message=message)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Encode the training examples."""
        self.process(training_data.training_examples)
        return training_data
