"""The training example nearest to a message: the first thing to look at when a message went wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from bot.encoder.data import Example, load
from bot.runtime import paths
from knowledge.encoder import TextEncoder, Vectors
from knowledge.search import normalise

Progress = Callable[[int, int], None]
_CHUNK = 256  # texts between two reports of progress


@dataclass(frozen=True)
class Near:
    """A training example and its cosine similarity to the message."""

    text: str
    label: str
    similarity: float


class Examples:
    """All training examples and question variants with their vectors of shape (n, 384)."""

    def __init__(self, examples: Sequence[Example], vectors: Vectors) -> None:
        self._examples = examples
        self._vectors = vectors

    @classmethod
    def read(
        cls, encoder: TextEncoder, *, store: Path, root: Path = paths.ROOT, progress: Progress | None = None
    ) -> Examples:
        """Encode what ``store``, the file of an earlier evaluation, does not hold yet; then renew it."""
        examples = load(root, chinese=True).examples
        texts = [normalise(example.text) for example in examples]
        known = _known(store, encoder.fingerprint)
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
        for start in range(0, len(fresh), _CHUNK):
            chunk = fresh[start : start + _CHUNK]
            known.update(zip(chunk, encoder.encode(chunk), strict=True))
            if progress:
                progress(min(start + _CHUNK, len(fresh)), len(fresh))
        vectors = np.stack([known[text] for text in texts])
        if fresh:
            store.parent.mkdir(parents=True, exist_ok=True)
            np.savez(
                store,
                texts=np.array(texts),
                vectors=vectors.astype(np.float16),
                encoder=np.array(encoder.fingerprint),
            )
        return cls(examples, vectors)

    def nearest(self, vector: Vectors) -> Near:
        """The example nearest to a vector of shape (384,)."""
        similarities = self._vectors @ vector
        row = int(np.argmax(similarities))
        return Near(self._examples[row].text, self._examples[row].label, float(similarities[row]))


def _known(store: Path, fingerprint: str) -> dict[str, Vectors]:
    """Vectors by text, of this encoder; an unreadable file holds none."""
    try:
        with np.load(store, allow_pickle=False) as stored:
            if str(stored["encoder"]) != fingerprint:
                return {}
            return dict(zip(stored["texts"].tolist(), stored["vectors"].astype(np.float32), strict=True))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return {}
