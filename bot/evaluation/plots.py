"""The pictures of the report, drawn without a display and without global state."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from sklearn.metrics import confusion_matrix

from bot.evaluation.measure import Measured, Verdict
from bot.evaluation.metrics import CLARIFIED, calibration_bins
from bot.evaluation.summary import answered_messages
from knowledge.decision import OUT_OF_SCOPE, Thresholds

_BLUE, _ORANGE, _GREY = "#1f6feb", "#d9730d", "#57606a"
_BINS = 10


def draw_confusion_matrix(measured: Sequence[Measured], path: Path, *, title: str) -> None:
    """Expected topics in rows, what the bot made of them in columns; counts, shaded by share of the row."""
    expected = [entry.question.topic for entry in measured]
    predicted = [entry.predicted for entry in measured]
    topics = [topic for topic in sorted(set(expected)) if topic != OUT_OF_SCOPE] + [OUT_OF_SCOPE]
    others = [name for name in (CLARIFIED, Verdict.FAILED.value, *sorted(set(predicted))) if name in predicted]
    columns = list(dict.fromkeys([*topics, *others]))
    counts = confusion_matrix(expected, predicted, labels=columns)[: len(topics)]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = _figure(11, 9.5, title)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(columns)), columns, rotation=60, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(topics)), topics)
    for row, column in zip(*np.nonzero(counts), strict=True):
        colour = "white" if shares[row, column] > 0.6 else _ORANGE if row != column else "black"
        axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=colour, fontsize=9)
    axes.set_xlabel("the bot's reply")
    axes.set_ylabel("expected")
    figure.savefig(path, dpi=110)


def draw_scores(measured: Sequence[Measured], thresholds: Thresholds, path: Path, *, title: str) -> None:
    """The score of the best in-scope label, in scope and out of scope, with the thresholds."""
    edges = np.linspace(0, 1, 41)
    figure, axes = _figure(9, 5, title)
    for in_scope, name, colour in ((True, "in scope", _BLUE), (False, "out of scope", _ORANGE)):
        scores = [entry.in_scope_score for entry in measured if entry.question.in_scope is in_scope]
        weights = np.full(len(scores), 1 / max(len(scores), 1))
        label = f"{name} ({len(scores)})"
        axes.hist(scores, edges, weights=weights, histtype="stepfilled", alpha=0.45, color=colour, label=label)
    for value, name, style in (
        (thresholds.clarify, "ask back", ":"),
        (thresholds.answer, "answer", "-"),
        (thresholds.state_changing, "restart, stop, person", "--"),
    ):
        axes.axvline(value, color=_GREY, linestyle=style, label=f"from {value:.2f}: {name}")
    axes.set_xlim(0, 1)
    axes.set_xlabel("score of the best in-scope label")
    axes.set_ylabel("share of messages")
    axes.legend(frameon=False)
    figure.savefig(path, dpi=110)


def draw_reliability(measured: Sequence[Measured], path: Path, *, title: str) -> None:
    """How often answers of each confidence are right; on the diagonal, confidence means what it says."""
    answered = answered_messages(measured)
    scores, right = [entry.score for entry in answered], [entry.right for entry in answered]
    figure, axes = _figure(6.5, 6, title)
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle=":", label="perfectly calibrated")
    for place, found in enumerate(calibration_bins(scores, right, bins=_BINS)):
        if found.count:
            middle = (place + 0.5) / _BINS
            axes.bar(middle, found.accuracy, width=0.9 / _BINS, color=_BLUE, alpha=0.6)
            axes.plot(found.confidence, found.accuracy, "o", color="black", markersize=4)
            axes.text(middle, 0.02, str(found.count), ha="center", color="white", fontsize=9)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("confidence of the answer (number: messages; dot: mean confidence)")
    axes.set_ylabel("share with the right topic")
    axes.legend(frameon=False, loc="upper left")
    figure.savefig(path, dpi=110)


def _figure(width: float, height: float, title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), constrained_layout=True)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_title(title, loc="left")
    axes.spines["top"].set_visible(False)
    axes.spines["right"].set_visible(False)
    return figure, axes
