"""Trains the assistant's intent component on any intent set, beside Rasa's LogisticRegressionClassifier.

    .venv/bin/python -m benchmarks.intents --data DIR
    .venv/bin/python -m benchmarks.intents --data DIR --no-finetune
    .venv/bin/python -m benchmarks.intents --data DIR OTHER_DIR --shots 5 10 --seeds 1 2 3

A folder holds train.jsonl and test.jsonl, one {"text": "...", "label": "..."} a line, label "oos" for what is out of
scope; dev.jsonl, if there is one, is measured like the test and never trained on. Both classifiers get the same
features: the sentence vector (of an encoder fine-tuned on the training part, unless --no-finetune) and character and
word n-grams. Below a threshold a message counts as out of scope; the threshold comes from the training part alone: in
each fold a quarter of the intents is left out whole and plays out of scope (with the rows labelled "oos", if any), and
a quarter of the others' rows plays the traffic in scope (see `best_threshold`). A test without any row out of scope is
a closed set: nothing is refused there.

Fine-tuning needs the encoder's environment (`make .venv-encoder/installed`); encoders are kept below build/intents
and made again only for other rows or other options.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from statistics import mean, stdev
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from rich.console import Console
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef, roc_auc_score

from bot.components.intent_model import IntentModel
from bot.components.ngrams import NgramFeatures
from bot.runtime import tensorflow_stand_in
from knowledge.decision import OUT_OF_SCOPE, Outcome, Scored, Thresholds, decide
from knowledge.encoder import Encoder, TextEncoder, Vectors
from knowledge.errors import EncoderError
from knowledge.search import normalise

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "intents.md"
ENCODERS = ROOT / "build" / "intents"
ENCODER_PYTHON = ROOT / ".venv-encoder" / "bin" / "python"
OOS = "oos"
HELD_OUT = 0.25  # share of the intents, and of the other intents' rows, that a fold keeps from training
FOLD_STEPS = 0.5  # a fold's encoder has this share of the steps: fewer rows, and only a threshold hangs on it
# How a threshold is estimated; see `best_threshold`.
FAR = 0.3
TYPICAL = 0.2
LOWEST = 0.02

console = Console(stderr=True)
Ranking = Sequence[Scored]


class DataError(Exception):
    """The data cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Row:
    """A message and its intent; `OUT_OF_SCOPE` for none."""

    text: str
    label: str

    @property
    def in_scope(self) -> bool:
        """Whether it has an intent."""
        return self.label != OUT_OF_SCOPE


@dataclass(frozen=True)
class Figures:
    """What a classifier did on one split; shares from 0 to 1, None where the split has no such rows.

    ``closest`` is the accuracy in scope with nothing refused, ``in_scope`` with the threshold applied.
    """

    accuracy: float
    macro_f1: float
    in_scope: float
    closest: float
    oos_recall: float | None
    mcc: float
    auroc: float | None
    threshold: float


class Classifier(Protocol):
    """Learns rows with vectors and ranks the labels of others, best first."""

    name: str

    def fit(self, rows: Sequence[Row], vectors: Vectors) -> None:
        """Train."""

    def rank(self, rows: Sequence[Row], vectors: Vectors) -> list[Ranking]:
        """All labels with scores from 0 to 1 for each row."""


class Component:
    """The assistant's own component, as `bot/components/topic_classifier.py` trains and asks it."""

    name = "yibao"

    def fit(self, rows: Sequence[Row], vectors: Vectors) -> None:
        """Train."""
        self._model = IntentModel.fit([row.text for row in rows], vectors, [row.label for row in rows])

    def rank(self, rows: Sequence[Row], vectors: Vectors) -> list[Ranking]:
        """All labels with scores from 0 to 1 for each row."""
        return [self._model.rank(row.text, vector) for row, vector in zip(rows, vectors, strict=True)]


class RasaLogisticRegression:
    """Rasa's LogisticRegressionClassifier with its defaults, on messages that carry the same features."""

    name = "Rasa LogisticRegressionClassifier"

    def fit(self, rows: Sequence[Row], vectors: Vectors) -> None:
        """Train."""
        tensorflow_stand_in.install()
        from rasa.engine.storage.local_model_storage import LocalModelStorage
        from rasa.engine.storage.resource import Resource
        from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
        from rasa.shared.nlu.training_data.training_data import TrainingData

        self._ngrams, sparse = NgramFeatures.fit([row.text for row in rows])
        self._width = sparse.shape[1]
        with tempfile.TemporaryDirectory() as folder:
            config = LogisticRegressionClassifier.get_default_config()
            storage = LocalModelStorage(Path(folder))
            self._model = LogisticRegressionClassifier(config, "logistic", storage, Resource("logistic"))
            self._model.train(TrainingData(self._messages(rows, vectors)))

    def rank(self, rows: Sequence[Row], vectors: Vectors) -> list[Ranking]:
        """The ten best labels with their probabilities for each row."""
        messages = self._model.process(self._messages(rows, vectors))
        return [
            [Scored(entry["name"], float(entry["confidence"])) for entry in message.get("intent_ranking")]
            for message in messages
        ]

    def _messages(self, rows: Sequence[Row], vectors: Vectors) -> list[Any]:
        from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, TEXT
        from rasa.shared.nlu.training_data.features import Features
        from rasa.shared.nlu.training_data.message import Message
        from scipy.sparse import csr_matrix

        found = self._ngrams.transform([row.text for row in rows])
        messages = []
        for row, vector, columns, values in zip(rows, vectors, found.columns, found.values, strict=True):
            message = Message({TEXT: row.text, INTENT: row.label})
            sparse = csr_matrix((values, (np.zeros_like(columns), columns)), shape=(1, self._width))
            for features in (sparse, vector.reshape(1, -1)):
                message.add_features(Features(features, FEATURE_TYPE_SENTENCE, TEXT, "same"))
            messages.append(message)
        return messages


class MakesEncoders(Protocol):
    """What `run` needs."""

    def encoder(self, rows: Sequence[Row], what: str, *, share: float = 1.0) -> TextEncoder:
        """An encoder for these training rows, trained with a share of the steps."""


@dataclass(frozen=True)
class Encoders:
    """Makes encoders, each once: the original one, or one fine-tuned on rows."""

    finetune: bool
    epochs: int
    max_steps: int

    def encoder(self, rows: Sequence[Row], what: str, *, share: float = 1.0) -> Encoder:
        """An encoder for these training rows.

        Raises:
            DataError: the encoder's environment is missing, or the training failed.
        """
        lines = "".join(
            json.dumps({"text": row.text, "label": row.label if row.in_scope else OOS}) + "\n" for row in rows
        )
        options = self._options(share)
        key = hashlib.sha256("\n".join([*options, *_sources(), lines if self.finetune else ""]).encode()).hexdigest()
        folder = ENCODERS / key[:16]
        if not (folder / "manifest.json").exists():
            console.print(f"{what}: " + ("fine-tuning the encoder" if self.finetune else "exporting the encoder"))
            self._make(lines, options, folder)
        return _load(folder)

    def _options(self, share: float) -> list[str]:
        if not self.finetune:
            return ["--no-finetune"]
        steps = max(1, round(self.max_steps * share))
        return ["--epochs", str(self.epochs), "--max-steps", str(steps)]

    @staticmethod
    def _make(lines: str, options: Sequence[str], folder: Path) -> None:
        if not ENCODER_PYTHON.exists():
            raise DataError(f"{ENCODER_PYTHON} is missing: run `make .venv-encoder/installed` first.")
        with tempfile.TemporaryDirectory() as scratch:
            examples = Path(scratch) / "train.jsonl"
            examples.write_text(lines, encoding="utf-8")
            command = [str(ENCODER_PYTHON), "-m", "bot.encoder", "--examples", str(examples)]
            folder.parent.mkdir(parents=True, exist_ok=True)
            # waiting threads that spin cost ten times the time where others use the cores, too
            environment = {"OMP_WAIT_POLICY": "passive", **os.environ}
            done = subprocess.run([*command, "--output", str(folder), *options], cwd=ROOT, env=environment, check=False)
        if done.returncode:
            raise DataError("the encoder could not be made; the line above says why.")


@lru_cache(maxsize=1)  # the original encoder serves every fold, and remembers what it has encoded
def _load(folder: Path) -> Encoder:
    return Encoder.load(folder)


def _sources() -> list[str]:
    return [(ROOT / "bot" / "encoder" / name).read_text(encoding="utf-8") for name in ("finetune.py", "export.py")]


def read(path: Path) -> list[Row]:
    """The rows of a file, texts as the assistant cleans them.

    Raises:
        DataError: a line is not `{"text", "label"}`, or there is none.
    """
    rows = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({error}).") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            text, label = row["text"], row["label"]
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f'{path}:{number}: not {{"text": "...", "label": "..."}}. Mend the line.') from error
        if not isinstance(text, str) or not isinstance(label, str):
            raise DataError(f"{path}:{number}: text and label must be strings. Mend the line.")
        rows.append(Row(normalise(text), OUT_OF_SCOPE if label == OOS else label))
    if not rows:
        raise DataError(f"{path}: no rows.")
    return rows


def few(rows: Sequence[Row], shots: int | None, seed: int) -> list[Row]:
    """At most so many rows of each intent, drawn at random; all of them without a number."""
    if shots is None:
        return list(rows)
    drawn = random.Random(seed)
    return [row for _, own in sorted(_by_label(rows).items()) for row in drawn.sample(own, min(shots, len(own)))]


def _by_label(rows: Sequence[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.label].append(row)
    return groups


def fold(rows: Sequence[Row], seed: int) -> tuple[list[Row], list[Row]]:
    """Training rows and held-out ones, in which the intents left out are out of scope."""
    drawn = random.Random(seed)
    groups = _by_label(rows)
    intents = sorted(label for label in groups if label != OUT_OF_SCOPE)
    left_out = set(drawn.sample(intents, round(len(intents) * HELD_OUT))) if len(intents) > 3 else set()
    train, held_out = [], []
    for label, own in sorted(groups.items()):
        if label in left_out:
            held_out += [Row(row.text, OUT_OF_SCOPE) for row in own]
            continue
        chosen = drawn.sample(own, len(own))
        cut = round(len(own) * HELD_OUT)
        held_out += chosen[:cut]
        train += chosen[cut:]
    return train, held_out


def best_threshold(rows: Sequence[Row], rankings: Sequence[Ranking]) -> float:
    """The threshold for traffic of which half is out of scope, from held-out rows and their rankings.

    It has the highest Matthews correlation, with two corrections for what a few hundred held-out rows cannot tell.
    The intents left out are the hardest strangers there are; in live traffic many messages resemble nothing at all,
    so a share `FAR` of what is out of scope counts as refused by any threshold. And the estimate is drawn halfway (in
    the geometric mean) to what is typical of such sets.
    """
    expected = [row.label for row in rows]
    in_scope = np.array([row.in_scope for row in rows])
    if in_scope.all() or not in_scope.any():
        return TYPICAL
    weights = np.where(in_scope, 1 / in_scope.sum(), (1 - FAR) / (~in_scope).sum())
    grid = np.round(np.arange(0.0, 1.0, 0.01), 2)
    values = np.array(
        [
            matthews_corrcoef(
                [*expected, OUT_OF_SCOPE],
                [*predict(rankings, float(threshold)), OUT_OF_SCOPE],
                sample_weight=[*weights, FAR],
            )
            for threshold in grid
        ]
    )
    # the curve is jagged: its running mean finds the middle of the hill
    smooth = np.convolve(np.pad(values, 3, mode="edge"), np.ones(7) / 7, mode="valid")
    found = max(float(grid[smooth.argmax()]), LOWEST)
    return math.sqrt(found * TYPICAL)


def predict(rankings: Sequence[Ranking], threshold: float) -> list[str]:
    """The labels that the assistant's own decision makes of the rankings."""
    thresholds = Thresholds(threshold, threshold, threshold)
    decisions = [decide(ranking, thresholds) for ranking in rankings]
    return [each.label if each.outcome is Outcome.ANSWER else OUT_OF_SCOPE for each in decisions]


def measure(rows: Sequence[Row], rankings: Sequence[Ranking], threshold: float) -> Figures:
    """How near the decisions come to the labels."""
    expected = np.array([row.label for row in rows])
    in_scope = expected != OUT_OF_SCOPE
    predicted = np.array(predict(rankings, 0.0 if in_scope.all() else threshold))
    nearest = [next((entry for entry in ranking if entry.label != OUT_OF_SCOPE), ranking[0]) for ranking in rankings]
    closest = np.array([entry.label for entry in nearest])
    mixed = in_scope.any() and not in_scope.all()
    return Figures(
        accuracy=float(accuracy_score(expected, predicted)),
        macro_f1=float(f1_score(expected, predicted, labels=sorted(set(expected)), average="macro", zero_division=0)),
        in_scope=_share(predicted[in_scope] == expected[in_scope]),
        closest=_share(closest[in_scope] == expected[in_scope]),
        oos_recall=_share(predicted[~in_scope] == OUT_OF_SCOPE) if not in_scope.all() else None,
        mcc=float(matthews_corrcoef(expected, predicted)),
        auroc=float(roc_auc_score(in_scope, [entry.score for entry in nearest])) if mixed else None,
        threshold=0.0 if in_scope.all() else threshold,
    )


def _share(hits: npt.NDArray[np.bool_]) -> float:
    return float(hits.mean()) if len(hits) else 0.0


Result = dict[tuple[str, str], Figures]
"""Figures by split and classifier."""


def run(
    train: Sequence[Row], splits: dict[str, list[Row]], encoders: MakesEncoders, *, folds: int, seed: int
) -> Result:
    """Train on rows, with a threshold found in folds of them, and measure on the splits."""
    makers: Sequence[Callable[[], Classifier]] = (Component, RasaLogisticRegression)
    held_out: list[Row] = []
    rankings: dict[str, list[Ranking]] = defaultdict(list)
    refuses = any(not row.in_scope for rows in splits.values() for row in rows)
    for number in range(folds if refuses else 0):
        kept, left = fold(train, seed * 1000 + number)
        encoder = encoders.encoder(kept, f"fold {number + 1} of {folds}", share=FOLD_STEPS)
        for classifier in _fitted(makers, kept, encoder):
            rankings[classifier.name] += classifier.rank(left, _encode(encoder, left))
        held_out += left
    encoder = encoders.encoder(train, "all rows")
    result: Result = {}
    for classifier in _fitted(makers, train, encoder):
        threshold = best_threshold(held_out, rankings[classifier.name]) if held_out else 0.0
        for split, rows in splits.items():
            result[split, classifier.name] = measure(rows, classifier.rank(rows, _encode(encoder, rows)), threshold)
    return result


def _fitted(makers: Sequence[Callable[[], Classifier]], rows: Sequence[Row], encoder: TextEncoder) -> list[Classifier]:
    vectors = _encode(encoder, rows)
    classifiers = [make() for make in makers]
    for classifier in classifiers:
        classifier.fit(rows, vectors)
    return classifiers


def _encode(encoder: TextEncoder, rows: Sequence[Row]) -> Vectors:
    return encoder.encode([row.text for row in rows])


COLUMNS = {
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "in_scope": "in-scope accuracy",
    "closest": "the same, nothing refused",
    "oos_recall": "out-of-scope recall",
    "mcc": "Matthews correlation",
    "auroc": "AUROC",
    "threshold": "threshold",
}


def table(results: dict[str, list[Result]]) -> str:
    """All figures in percent as Markdown, mean and standard deviation where there are several seeds."""
    head = ["set", "split", "classifier", *COLUMNS.values()]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for name, runs in results.items():
        for split, classifier in runs[0]:
            cells = [_cell([getattr(each[split, classifier], column) for each in runs]) for column in COLUMNS]
            lines.append(f"| {' | '.join([name, split, classifier, *cells])} |")
    return "\n".join(lines) + "\n"


def _cell(values: Sequence[float | None]) -> str:
    known = [100 * value for value in values if value is not None]
    if not known:
        return "-"
    return f"{mean(known):.1f} ± {stdev(known):.1f}" if len(known) > 1 else f"{known[0]:.1f}"


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    data: list[Path]
    finetune: bool
    shots: list[int]
    seeds: list[int]
    folds: int
    epochs: int
    max_steps: int
    results: Path


def _parse(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="DIR", help="folders of intent sets")
    parser.add_argument("--no-finetune", dest="finetune", action="store_false", help="the original encoder as it is")
    parser.add_argument("--shots", type=int, nargs="+", default=[], metavar="N", help="rows of each intent to train on")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1], metavar="N", help="draws of rows and folds")
    parser.add_argument(
        "--folds", type=int, metavar="N", help="folds to find the threshold in (default 1, or 4 with --no-finetune)"
    )
    parser.add_argument("--epochs", type=int, default=10, metavar="N", help="passes over the rows (default 10)")
    parser.add_argument("--max-steps", type=int, default=400, metavar="N", help="batches at most (default 400)")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FILE", help=f"default {RESULTS.name}")
    given = vars(parser.parse_args(arguments))
    given["folds"] = given["folds"] or (1 if given["finetune"] else 4)
    options = Options(**given)
    if min([*options.shots, *options.seeds, options.folds, options.max_steps, options.epochs]) < 1:
        parser.error("numbers begin at 1")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every set, print the table, write it; returns the exit code."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    options = _parse(arguments)
    encoders = Encoders(options.finetune, options.epochs, options.max_steps)
    results: dict[str, list[Result]] = {}
    try:
        for folder in options.data:
            rows = read(folder / "train.jsonl")
            splits = {
                name: read(folder / f"{name}.jsonl")
                for name in ("dev", "test")
                if name == "test" or (folder / "dev.jsonl").exists()
            }
            counts: list[int | None] = [*options.shots] or [None]
            for shots in counts:
                name = folder.resolve().name + (f", {shots} shots" if shots else "")
                for seed in options.seeds:
                    started = time.perf_counter()
                    train = few(rows, shots, seed)
                    if len({row.label for row in train if row.in_scope}) < 2:
                        raise DataError(f"{folder / 'train.jsonl'}: fewer than two intents. Add rows.")
                    done = run(train, splits, encoders, folds=options.folds, seed=seed)
                    results.setdefault(name, []).append(done)
                    seconds = time.perf_counter() - started
                    figures = done["test", Component.name]
                    console.print(
                        f"{name}, seed {seed}: {len(train)} rows, {seconds:.0f} s, accuracy {figures.accuracy:.1%}, "
                        f"Matthews correlation {figures.mcc:.3f}"
                    )
    except (DataError, EncoderError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted. The encoders made so far are kept.\n")
        return 1
    text = table(results)
    kind = "fine-tuned on the training part" if options.finetune else "the original, as it is"
    options.results.parent.mkdir(parents=True, exist_ok=True)
    options.results.write_text(_report(text, kind, options), encoding="utf-8")
    print(text)
    return 0


def _report(text: str, kind: str, options: Options) -> str:
    return (
        "# Intent sets\n\n"
        f"Written by `benchmarks/intents.py`; in percent, mean ± standard deviation over {len(options.seeds)} seed(s). "
        f"Encoder: {kind}. Threshold: {options.folds} folds of the training part.\n\n{text}"
    )


if __name__ == "__main__":
    sys.exit(main())
