"""The FAISS index over question variants, source passages and law articles.

One file holds vectors, entries and a manifest; it is written aside and then put in place in one step, and is
used only if its revision, its encoder and its checksums are the expected ones.

How the vectors are kept follows from their number, see ``SHAPES``.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import faiss
import numpy as np
import numpy.typing as npt

from knowledge.content import Content
from knowledge.encoder import DIMENSION, TextEncoder, Vectors
from knowledge.errors import IndexUnusable

Kind = Literal["question", "passage", "law", "law_question", "follow_up"]
FORMAT = 1
_CHUNK = 64  # texts between two reports of progress
Progress = Callable[[int, int], None]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Shape:
    """How vectors are kept from ``entries`` entries on.

    ``factory`` is FAISS's name of the index type; of its lists, ``probes`` are looked through for a query, all where
    it is 0.
    """

    entries: int
    factory: str
    probes: int
    reason: str


# Measured by `python -m benchmarks.scale`.
SHAPES = (
    Shape(0, "Flat", 0, "exact, and still a few milliseconds; nothing to train"),
    Shape(20_000, "IVF256,SQ8", 32, "an eighth of the lists; one byte a dimension is exact enough to rank"),
    Shape(100_000, "IVF1024,SQ8", 48, "smaller lists keep a query at a millisecond"),
    Shape(500_000, "IVF4096,SQ8", 36, "a quarter of the memory; short lists keep a query at one or two milliseconds"),
)
_TRAINING_ROUNDS = 10
_TRAINING_A_LIST = 40  # vectors that k-means sees for each list: FAISS's lowest recommendation is 39


@dataclass(frozen=True)
class Entry:
    """One indexed text: ``target`` is the answer, passage or article that it leads to."""

    kind: Kind
    target: str
    text: str
    language: str


class Hit(NamedTuple):  # hundreds a turn
    """An entry and its cosine similarity to the query."""

    entry: Entry
    score: float


class Among(NamedTuple):
    """Rows to search among, made ready for FAISS once: for thousands that takes a third of a search."""

    size: int
    parameters: faiss.SearchParameters


class Index:
    """Inner-product search over unit vectors."""

    def __init__(self, entries: Sequence[Entry], vectors: faiss.Index, manifest: dict[str, Any]) -> None:
        self.entries = tuple(entries)
        self.manifest = manifest
        self._faiss = vectors
        if isinstance(vectors, faiss.IndexIVF):
            vectors.make_direct_map()  # where each row lies, to read it back

    def rows(self, wanted: Callable[[Entry], bool]) -> Rows:
        """The rows of all entries that are wanted."""
        return np.array([row for row, entry in enumerate(self.entries) if wanted(entry)], dtype=np.int64)

    def among(self, rows: Rows) -> Among:
        """These rows, to search among them alone."""
        selector = faiss.IDSelectorBatch(rows)
        if isinstance(self._faiss, faiss.IndexIVF):
            return Among(len(rows), faiss.SearchParametersIVF(sel=selector, nprobe=self._faiss.nlist))
        return Among(len(rows), faiss.SearchParameters(sel=selector))

    def vectors(self, rows: Rows) -> Vectors:
        """The stored vectors of these rows, of shape (n, 384)."""
        return np.vstack([self._faiss.reconstruct(int(row)) for row in rows])

    def shared_vectors(self, rows: Rows) -> Vectors:
        """The same without a copy where the rows lie side by side; whoever has them must hold the index, too."""
        if not isinstance(self._faiss, faiss.IndexFlat) or (np.diff(rows) != 1).any():
            return self.vectors(rows)
        everything = faiss.rev_swig_ptr(self._faiss.get_xb(), self._faiss.ntotal * DIMENSION).reshape(-1, DIMENSION)
        shared: Vectors = everything[rows[0] : rows[0] + len(rows)]
        shared.flags.writeable = False
        return shared

    def search(self, vector: Vectors, *, limit: int, among: Among | None = None) -> list[Hit]:
        """The nearest entries of one vector of shape (384,), best first; ``limit`` entries at most.

        ``among`` chosen rows all are compared; they are few.
        """
        limit = min(limit, len(self.entries) if among is None else among.size)
        if limit == 0:
            return []
        parameters = None if among is None else among.parameters
        scores, found = self._faiss.search(vector.reshape(1, DIMENSION), limit, params=parameters)
        return [
            Hit(self.entries[row], float(score))
            for row, score in zip(found[0].tolist(), scores[0].tolist(), strict=True)
            if row >= 0
        ]


def shape_for(entries: int) -> Shape:
    """The index type for so many entries."""
    return next(shape for shape in reversed(SHAPES) if entries >= shape.entries)


def new_vectors(sample: Vectors, entries: int) -> faiss.Index:
    """An empty index for so many entries, trained on a sample of them where its type learns from them."""
    shape = shape_for(entries)
    index = faiss.index_factory(DIMENSION, shape.factory, faiss.METRIC_INNER_PRODUCT)
    if shape.probes:
        index.nprobe = shape.probes
        index.cp.niter = _TRAINING_ROUNDS
        index.cp.max_points_per_centroid = _TRAINING_A_LIST
        index.train(sample)
    return index


def content_entries(content: Content) -> Iterator[Entry]:
    """All texts to index, in a stable order."""
    for answer in content.answers.values():
        for language, questions in answer.questions.by_language.items():
            for question in questions:
                yield Entry("question", answer.id, question, language)
    for follow_up in content.follow_ups.values():
        for language, questions in follow_up.questions.by_language.items():
            for question in questions:
                yield Entry("follow_up", follow_up.id, question, language)
    for passage in content.passages.values():
        for language, text in passage.reading.by_language.items():
            yield Entry("passage", passage.id, text, language)
    for article in content.articles.values():
        for language, text in article.summary.by_language.items():
            title = article.title.by_language.get(language, "")
            yield Entry("law", article.id, f"{title}: {text}", language)
        for language, questions in article.questions.by_language.items():
            for question in questions:
                yield Entry("law_question", article.id, question, language)


def build_index(content: Content, encoder: TextEncoder, *, progress: Progress | None = None) -> Index:
    """Encode the content; ``progress(done, total)`` is called now and then."""
    entries = tuple(content_entries(content))
    encoded = np.empty((len(entries), DIMENSION), dtype=np.float32)
    for start in range(0, len(entries), _CHUNK):
        stop = min(start + _CHUNK, len(entries))
        encoded[start:stop] = encoder.encode([entry.text for entry in entries[start:stop]])
        if progress:
            progress(stop, len(entries))
    vectors = new_vectors(encoded, len(entries))
    vectors.add(encoded)
    return Index(entries, vectors, expected_manifest(content, encoder))


def expected_manifest(content: Content, encoder: TextEncoder) -> dict[str, Any]:
    """What the manifest of an up-to-date index says."""
    return {"format": FORMAT, "knowledge_revision": content.revision, "encoder": encoder.fingerprint}


def save_index(index: Index, path: Path) -> None:
    """Write the index atomically: after a crash there is the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(aside, "w") as archive:
            archive.writestr("manifest.json", json.dumps(index.manifest))
            archive.writestr("entries.json", json.dumps([asdict(entry) for entry in index.entries], ensure_ascii=False))
            archive.writestr("vectors.faiss", faiss.serialize_index(index._faiss).tobytes())
        with aside.open("rb") as written:
            os.fsync(written.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def load_index(path: Path, expected: dict[str, Any]) -> Index:
    """Load an index that belongs to this content and encoder.

    Raises:
        IndexUnusable: missing, truncated, foreign or stale; the text says which.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
            manifest = json.loads(archive.read("manifest.json"))
            entries = [Entry(**raw) for raw in json.loads(archive.read("entries.json"))]
            serialised = archive.read("vectors.faiss")
    except FileNotFoundError as error:
        raise IndexUnusable("there is no index yet") from error
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, EOFError) as error:
        raise IndexUnusable(f"the stored index is damaged ({error})") from error
    if damaged:
        raise IndexUnusable(f"the stored index is damaged ({damaged})")
    if manifest != expected:
        wrong = ", ".join(key for key in expected if manifest.get(key) != expected[key]) or "its manifest"
        raise IndexUnusable(f"the stored index is stale or foreign (differs in {wrong})")
    vectors = faiss.deserialize_index(np.frombuffer(serialised, dtype=np.uint8))
    if vectors.ntotal != len(entries):
        raise IndexUnusable(f"the stored index is damaged ({vectors.ntotal} vectors for {len(entries)} entries)")
    return Index(entries, vectors, manifest)


def indexed_revision(path: Path) -> str | None:
    """The revision of the content that an index was made of; None where there is no index that can be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            revision: str = json.loads(archive.read("manifest.json"))["knowledge_revision"]
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, EOFError):
        return None
    return revision


def open_index(
    path: Path,
    content: Content,
    encoder: TextEncoder,
    *,
    progress: Progress | None = None,
    report: Callable[[str], None] | None = None,
) -> Index:
    """The index of this content: loaded if it fits, rebuilt (with a message) if it does not."""
    try:
        return load_index(path, expected_manifest(content, encoder))
    except IndexUnusable as reason:
        if report:
            report(f"Building the index: {reason}.")
    index = build_index(content, encoder, progress=progress)
    try:
        save_index(index, path)
    except OSError as error:
        if report:
            report(f"{path}: the index could not be stored ({error}); it is used from memory. Free some disk space.")
    return index
