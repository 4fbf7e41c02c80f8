"""What Rasa does in every training for the sake of the next one, left out: ours trains whole or not at all.

`yibao train` knows by itself whether anything has changed (``training.is_trained``). Rasa's own way is a fingerprint of
all examples before and after each component, and a cache of what each gave; with 27,000 examples that is half the time
of a training. It also reads the files once for each way of asking for them, copies all examples whenever two sets are
joined, fingerprints each to find doubles, and looks for words and facts in texts that are trained on whole. The model
that comes out is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from itertools import chain
from typing import Any


def install() -> None:
    """Make the training of this process lean; calling it again changes nothing."""
    _keep_no_cache()
    _join_without_copying()
    _read_the_examples_once()
    _tell_examples_apart_by_their_words()
    _leave_examples_whole()


def _keep_no_cache() -> None:
    """Run the components without taking fingerprints of what goes in and comes out."""
    from rasa.engine.training import graph_trainer
    from rasa.engine.training.hooks import TrainingHook

    class NoCache(TrainingHook):
        """Neither looks a result up nor stores it."""

        def on_before_node(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
            return {}

        def on_after_node(self, *args: Any, **kwargs: Any) -> None:
            return None

    graph_trainer.TrainingHook = NoCache


def _join_without_copying() -> None:
    """Join sets of examples by reference; the sets they came from are not used again."""
    from rasa.shared.nlu.training_data.training_data import TrainingData
    from rasa.shared.nlu.training_data.util import check_duplicate_synonym

    def merge(self: TrainingData, *others: TrainingData | None) -> TrainingData:
        parts = [self, *filter(None, others)]
        joined = TrainingData(
            regex_features=list(chain.from_iterable(part.regex_features for part in parts)),
            lookup_tables=list(chain.from_iterable(part.lookup_tables for part in parts)),
            responses={name: said for part in parts for name, said in part.responses.items()},
        )
        for part in parts:
            for text, synonym in part.entity_synonyms.items():
                check_duplicate_synonym(joined.entity_synonyms, text, synonym, "merging training data")
            joined.entity_synonyms.update(part.entity_synonyms)
        filled = [part.training_examples for part in parts if part.training_examples]
        examples = list(chain.from_iterable(filled))
        # Each set is free of doubles by itself.
        joined.training_examples = TrainingData.sanitize_examples(examples) if len(filled) > 1 else examples
        return joined

    TrainingData.merge = merge


def _read_the_examples_once() -> None:
    """Give one answer to ``get_nlu_data()``, ``get_nlu_data("en")`` and ``get_nlu_data(language="en")``."""
    from rasa.shared.importers.importer import CombinedDataImporter, E2EImporter, ResponsesSyncImporter

    for importer in (CombinedDataImporter, ResponsesSyncImporter, E2EImporter):
        if not hasattr(importer.get_nlu_data, "stock"):
            importer.get_nlu_data = _with_language_named(importer.get_nlu_data)


def _with_language_named(stock: Callable[..., Any]) -> Callable[..., Any]:
    def get_nlu_data(self: Any, language: str | None = "en") -> Any:
        return stock(self, language)

    get_nlu_data.stock = stock  # type: ignore[attr-defined]
    return get_nlu_data


def _tell_examples_apart_by_their_words() -> None:
    """Look for doubles by words and intent first; everything else is compared only where these are the same."""
    from rasa.shared.nlu.training_data.message import Message

    def words(self: Message) -> int:
        return hash((self.get("text"), self.get("intent")))

    Message.__hash__ = words


def _leave_examples_whole() -> None:
    """Split no example into words and look for no facts in it: the components that are trained read its text."""
    from rasa.nlu.tokenizers.spacy_tokenizer import SpacyTokenizer
    from rasa.nlu.utils.spacy_utils import SpacyNLP

    for component in (SpacyNLP, SpacyTokenizer):
        component.process_training_data = _returning_its_examples(component.process_training_data)


def _returning_its_examples(stock: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(stock)  # Rasa reads the types of its arguments
    def process_training_data(self: Any, training_data: Any, *others: Any, **named: Any) -> Any:
        return training_data

    return process_training_data
