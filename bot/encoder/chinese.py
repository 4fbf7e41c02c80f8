"""Makes the map of Chinese beside the encoder: ``python -m bot.encoder.chinese`` (or ``make chinese-map``).

A ridge regression from the TF-IDF weights of a Chinese question's n-grams to the encoder's vector of the same
question in English. It needs the running assistant's environment only; about two minutes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.encoder.errors import EncoderBuildError
from bot.encoder.pairs import Pair, digest, load_pairs
from knowledge.chinese import settle
from knowledge.chinese_map import TABLE_FILE, VECTORS_FILE, ChineseMap, features
from knowledge.encoder import ENCODER_PATH, Encoder
from knowledge.errors import EncoderError

Floats = npt.NDArray[np.float32]
PROJECT = Path(__file__).parents[2]
LIMIT = 15_000_000  # bytes of both files
_ROWS = 37_000  # n-grams kept at most: 384 bytes each, and their keys
_FEWEST = 100  # pairs; fewer teach nothing


@dataclass(frozen=True)
class Settings:
    """``alpha`` is the strength of the regularisation; an n-gram of fewer than ``rarest`` questions is left out."""

    alpha: float = 0.3
    rarest: int = 2
    held_out: float = 0.1
    seed: int = 7


@dataclass(frozen=True)
class Scores:
    """How often the English twin of a held-out Chinese question is the nearest, or among five, of all held out."""

    pairs: int
    recall_at_1: float
    recall_at_5: float
    mean_cosine: float


def fit(chinese: Sequence[str], vectors: Floats, settings: Settings) -> ChineseMap:
    """Learn the map from Chinese questions and the vectors (n, 384) of the same questions in English."""
    from sklearn.linear_model import Ridge

    found = [features(text) for text in chinese]
    weights = _weights(found, settings.rarest)
    model = Ridge(alpha=settings.alpha, solver="sparse_cg", fit_intercept=True, tol=1e-3)
    model.fit(_matrix(found, weights), vectors)
    return ChineseMap.of(weights, np.ascontiguousarray(model.coef_.T, dtype=np.float32), model.intercept_)


def measure(made: ChineseMap, chinese: Sequence[str], vectors: Floats) -> Scores:
    """Find the English twin of each Chinese question among all of them."""
    similarities = made.encode(chinese) @ vectors.T
    own = np.diag(similarities)
    ranks = (similarities > own[:, None]).sum(axis=1)
    return Scores(
        len(chinese),
        round(float((ranks < 1).mean()), 4),
        round(float((ranks < 5).mean()), 4),
        round(float(own.mean()), 4),
    )


def make(root: Path, folder: Path, settings: Settings = Settings()) -> Scores:
    """Learn, measure and write the map into ``folder``, the encoder's; its manifest is brought up to date.

    Raises:
        EncoderBuildError: there are too few pairs, or the map is too large.
        EncoderError: the encoder cannot be read.
    """
    pairs = load_pairs(root)
    if len(pairs) < _FEWEST:
        raise EncoderBuildError(f"{root}: {len(pairs)} question pairs are too few. Write zh: beside en:.")
    encoder = Encoder.load(folder, chinese=False)
    english = encoder.encode([settle(pair.english) for pair in pairs])
    chinese = [pair.chinese for pair in pairs]
    train, test = _split(pairs, settings)
    trial = fit([chinese[row] for row in train], english[train], settings)
    scores = measure(trial, [chinese[row] for row in test], english[test])
    made = fit(chinese, english, settings)
    with tempfile.TemporaryDirectory(prefix="chinese-") as scratch:
        made.save(Path(scratch))
        files = [Path(scratch) / name for name in (VECTORS_FILE, TABLE_FILE)]
        size = sum(file.stat().st_size for file in files)
        if size > LIMIT:
            raise EncoderBuildError(
                f"The map takes {size / 1e6:.1f} MB, more than {LIMIT / 1e6:g}. Keep fewer n-grams."
            )
        for file in files:
            shutil.copy(file, folder / file.name)
    _state(folder, pairs, made, settings, scores)
    return scores


def is_stale(root: Path, folder: Path = ENCODER_PATH) -> bool:
    """Whether the question pairs are others than those the map was learnt from.

    Raises:
        EncoderBuildError: the pairs cannot be read.
    """
    made = json.loads((folder / "manifest.json").read_text(encoding="utf-8")).get("chinese")
    pairs = load_pairs(root)
    return (made or {}).get("pairs_sha256", digest(())) != digest(pairs)


def _weights(found: Sequence[Mapping[str, float]], rarest: int) -> dict[str, float]:
    """Square roots of inverse document frequencies, which measured better than these; the most frequent n-grams."""
    counts = Counter(ngram for one in found for ngram in one)
    kept = [ngram for ngram, count in counts.most_common(_ROWS) if count >= rarest or len(ngram) == 1]
    return {ngram: float(np.sqrt(np.log((1 + len(found)) / (1 + counts[ngram])) + 1)) for ngram in kept}


def _matrix(found: Sequence[Mapping[str, float]], weights: Mapping[str, float]) -> Any:
    from scipy.sparse import csr_matrix

    places = {ngram: place for place, ngram in enumerate(weights)}
    values: list[float] = []
    columns: list[int] = []
    starts = [0]
    for one in found:
        row = {places[ngram]: count * weights[ngram] for ngram, count in one.items() if ngram in places}
        length = float(np.sqrt(sum(value * value for value in row.values()))) or 1.0
        columns.extend(row)
        values.extend(value / length for value in row.values())
        starts.append(len(columns))
    return csr_matrix((values, columns, starts), shape=(len(found), len(weights)), dtype=np.float32)


def _split(pairs: Sequence[Pair], settings: Settings) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows to learn from and to measure on; an English question with two renderings stays on one side."""
    shuffled = np.random.default_rng(settings.seed).permutation(len(pairs))
    chosen = {pairs[row].english.lower() for row in shuffled[: int(len(pairs) * settings.held_out)]}
    held = np.array([pair.english.lower() in chosen for pair in pairs])
    _, first = np.unique([pair.english.lower() for pair in pairs], return_index=True)
    test = np.intersect1d(np.flatnonzero(held), first)
    return np.flatnonzero(~held), test


def _state(folder: Path, pairs: Sequence[Pair], made: ChineseMap, settings: Settings, scores: Scores) -> None:
    """Say in the encoder's manifest what the map is, what it was made of, and how good it is."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    for name in (VECTORS_FILE, TABLE_FILE):
        manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    manifest["chinese"] = {
        "date": date.today().isoformat(),
        "model": manifest["files"]["model.onnx"],
        "pairs": len(pairs),
        "pairs_sha256": digest(pairs),
        "ngrams": len(made.keys),
        "settings": vars(settings),
        "held_out": vars(scores),
    }
    aside = path.with_suffix(".tmp")
    aside.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    aside.replace(path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bot.encoder.chinese", description="Learn the map of Chinese.")
    parser.add_argument("--root", type=Path, default=PROJECT, metavar="FOLDER", help="the project (default: this one)")
    parser.add_argument("--alpha", type=float, default=Settings.alpha, help="strength of the regularisation")
    given = parser.parse_args(arguments)
    try:
        scores = make(given.root, given.root / "knowledge" / "minilm", Settings(alpha=given.alpha))
    except (EncoderBuildError, EncoderError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    sys.stderr.write(
        f"Learnt the map of Chinese. Held out, {scores.pairs} pairs: R@1 {scores.recall_at_1}, "
        f"R@5 {scores.recall_at_5}, mean cosine {scores.mean_cosine}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
