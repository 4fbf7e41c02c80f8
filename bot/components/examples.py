"""The stored questions' vectors, and how similar the nearest one of each label is.

Held as half-precision codes in one FAISS index a label: half the memory of float32 and half the time, since a search
reads all of its index; FAISS widens each number as it goes, so the similarities are those of the widened arrays.
"""

from __future__ import annotations

from collections.abc import Iterable

import faiss
import numpy as np
import numpy.typing as npt

from knowledge.encoder import Vectors

Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]


class Examples:
    """Vectors of shape (n, dimension), grouped by label."""

    def __init__(self, vectors: Halves, owners: npt.NDArray[np.int32], labels: int) -> None:
        self.owners = owners
        self._indexes = [self._index(vectors[owners == label]) for label in range(labels)]

    @staticmethod
    def _index(vectors: Halves) -> faiss.Index:
        quantizer = faiss.ScalarQuantizer.QT_fp16
        index = faiss.IndexScalarQuantizer(vectors.shape[1], quantizer, faiss.METRIC_INNER_PRODUCT)
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return index

    def similarities(self, vector: Vectors, labels: Iterable[int]) -> list[float]:
        """Inner products of a vector (384,) with the nearest example of each label asked for; 0 where it has none."""
        query = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1)
        indexes = [self._indexes[label] for label in labels]
        return [float(index.search(query, 1)[0][0, 0]) if index.ntotal else 0.0 for index in indexes]

    def codes(self) -> Halves:
        """The vectors again, in the order of the labels, to store them."""
        parts = [faiss.vector_to_array(index.codes).view(np.float16) for index in self._indexes]
        return np.concatenate([part.reshape(-1, index.d) for part, index in zip(parts, self._indexes, strict=True)])
