"""A spaCy component that finds phrases by their normal form, in a fiftieth of the memory of spaCy's entity ruler.

The entity ruler keeps a tree of hash maps with a node for each word (50 MB for 18,000 phrases). Here one dictionary
holds the phrases as text, and every run of words up to the longest phrase's length is looked up in it. What is found
is the same: the longest phrase wins, of equally long ones the first; a phrase is compared by the words' norms.

spaCy finds the component through the entry point ``spacy_factories`` in pyproject.toml.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import srsly
from spacy.language import Language
from spacy.tokens import Doc, Span

FACTORY = "phrase_ruler"
_FILE = "phrases.msgpack"


class PhraseRuler:
    """Sets the entities of a document; a phrase has a label and an id."""

    def __init__(self) -> None:
        self._readings: list[tuple[str, str]] = []  # label and id
        self._phrases: dict[str, int] = {}  # norms with a space between -> row of its reading
        self._longest = 0  # words

    def __len__(self) -> int:
        return len(self._phrases)

    def add(self, phrases: Iterable[tuple[Sequence[str], str, str]]) -> None:
        """Add phrases: the norms of their words, a label, and an id; of two equal ones the first stays."""
        rows = {reading: row for row, reading in enumerate(self._readings)}
        for words, label, name in phrases:
            row = rows.setdefault((label, name), len(rows))
            self._phrases.setdefault(" ".join(words), row)
            self._longest = max(self._longest, len(words))
        self._readings = list(rows)

    def __call__(self, doc: Doc) -> Doc:
        """Set ``doc.ents``."""
        taken = [False] * len(doc)
        spans = []
        for start, end, row in self._matches([token.norm_ for token in doc]):
            if not (taken[start] or taken[end - 1]):
                label, name = self._readings[row]
                spans.append(Span(doc, start, end, label=label, span_id=name))
                taken[start:end] = [True] * (end - start)
        doc.ents = spans
        return doc

    def _matches(self, norms: Sequence[str]) -> list[tuple[int, int, int]]:
        """Start, end and reading of every phrase, the longest first and then from left to right."""
        phrases, found = self._phrases, []
        for start in range(len(norms)):
            run = ""
            for end in range(start + 1, min(start + self._longest, len(norms)) + 1):
                run = f"{run} {norms[end - 1]}" if run else norms[start]
                row = phrases.get(run)
                if row is not None:
                    found.append((start, end, row))
        return sorted(found, key=lambda match: (match[0] - match[1], match[0]))

    def to_disk(self, path: Path, **_options: Any) -> None:
        """Write the phrases to the component's folder."""
        Path(path).mkdir(parents=True, exist_ok=True)
        srsly.write_msgpack(
            Path(path) / _FILE,
            {"readings": self._readings, "phrases": self._phrases, "longest": self._longest},
        )

    def from_disk(self, path: Path, **_options: Any) -> "PhraseRuler":
        """Read what ``to_disk`` wrote."""
        stored = srsly.read_msgpack(Path(path) / _FILE)
        self._readings = [(label, name) for label, name in stored["readings"]]
        self._phrases, self._longest = stored["phrases"], stored["longest"]
        return self


def make(nlp: Language, name: str) -> Any:
    """The component, empty; spaCy fills it from disk."""
    return PhraseRuler()


Language.factory(FACTORY, func=make)
