"""The stored questions' vectors, and how similar the nearest one of each label is.

Held as half-precision codes in one FAISS index a label: half the memory of float32 and half the time, since a turn
reads all of them; FAISS widens each number as it goes, so the similarities are those of the widened arrays.
"""

from __future__ import annotations

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

    def similarities(self, vectors: Vectors) -> Floats:
        """Inner products with the nearest example of each label, shape (n, labels); 0 where a label has none."""
        queries = np.ascontiguousarray(vectors, dtype=np.float32)
        nothing = np.zeros((len(queries), 1), dtype=np.float32)
        return np.hstack([index.search(queries, 1)[0] if index.ntotal else nothing for index in self._indexes])

    def codes(self) -> Halves:
        """The vectors again, in the order of the labels, to store them."""
        parts = [faiss.vector_to_array(index.codes).view(np.float16) for index in self._indexes]
        return np.concatenate([part.reshape(-1, index.d) for part, index in zip(parts, self._indexes, strict=True)])
