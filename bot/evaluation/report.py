"""Writes the report: report.md, errors.md, metrics.json and the plots, into one folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

from bot.evaluation import plots
from bot.evaluation.measure import Measured, Verdict
from bot.evaluation.metrics import wilson_interval
from bot.evaluation.nearest import Near
from bot.evaluation.summary import METRICS, Metric, Row, by_style, by_topic, confusions, summarise
from knowledge.decision import Thresholds

_PLOTS = (
    ("confusion", "Confusion matrix: expected topics in rows, the bot's replies in columns."),
    (
        "scores",
        "Scores in scope and out of scope, with the thresholds. A message whose best label is "
        "out_of_scope is refused at any score.",
    ),
    ("reliability", "Reliability: how often answers of each confidence are right."),
)


@dataclass(frozen=True)
class Evaluation:
    """Everything that was measured: by split (``dev``, ``test``, ``test.zh``, …), and under what conditions."""

    splits: Mapping[str, Sequence[Measured]]
    thresholds: Thresholds
    knowledge_revision: str
    encoder: str
    remarks: tuple[str, ...] = ()

    def values(self) -> dict[str, dict[str, float]]:
        """For each split the value of every metric, by its key."""
        return {split: summarise(measured) for split, measured in self.splits.items()}


def in_order(splits: Iterable[str]) -> list[str]:
    """Test first, as it is what counts; each language beside the other."""
    return sorted(splits, key=lambda split: (not split.startswith("test"), split))


def write_report(evaluation: Evaluation, folder: Path, *, nearest: Callable[[str], Near]) -> None:
    """Write all files of the report; ``nearest`` finds the training example nearest to a text."""
    folder.mkdir(parents=True, exist_ok=True)
    values = evaluation.values()
    for split, measured in evaluation.splits.items():
        size = f"{split}, {len(measured)} messages"
        plots.draw_confusion_matrix(measured, folder / f"confusion_{split}.png", title=f"Confusion matrix ({size})")
        plots.draw_scores(
            measured,
            evaluation.thresholds,
            folder / f"scores_{split}.png",
            title=f"In scope, out of scope ({size})",
        )
        plots.draw_reliability(measured, folder / f"reliability_{split}.png", title=f"Reliability ({split})")
    _write(folder / "metrics.json", json.dumps(_json(evaluation, values), indent=2))
    _write(folder / "errors.md", "\n".join(_errors(evaluation, nearest)))
    _write(folder / "report.md", "\n".join(_report(evaluation, values)))


def _json(evaluation: Evaluation, values: Mapping[str, Mapping[str, float]]) -> dict[str, object]:
    return {
        "knowledge_revision": evaluation.knowledge_revision,
        "encoder": evaluation.encoder,
        "thresholds": asdict(evaluation.thresholds),
        "remarks": evaluation.remarks,
        "targets": {metric.key: metric.target for metric in METRICS if metric.target},
        "splits": {
            split: {
                "messages": len(evaluation.splits[split]),
                "metrics": {key: round(value, 4) for key, value in found.items()},
                "passed": {
                    metric.key: metric.of(split).passes(found[metric.key]) for metric in METRICS if metric.target
                },
                "topics": [asdict(row) for row in by_topic(evaluation.splits[split])],
                "styles": [asdict(row) for row in by_style(evaluation.splits[split])],
            }
            for split, found in values.items()
        },
    }


def _report(evaluation: Evaluation, values: Mapping[str, Mapping[str, float]]) -> Iterable[str]:
    limits = ", ".join(f"{name} {value:g}" for name, value in asdict(evaluation.thresholds).items())
    yield "# Evaluation\n"
    yield f"Knowledge revision `{evaluation.knowledge_revision}`, encoder `{evaluation.encoder}`."
    yield f"Thresholds: {limits}.\n"
    yield "Every message was the first of a conversation of its own with the trained bot. Thresholds are"
    yield "fitted on dev; test is there to judge by, so improve the bot from the errors of dev.\n"
    yield from (f"**{remark}**\n" for remark in evaluation.remarks)
    order = in_order(values)
    yield _table(
        [
            "metric",
            "target",
            *(heading for split in order for heading in (split, "95 % interval", "")),
            "explained",
        ],
        (
            [
                metric.name,
                metric.target,
                *(
                    cell
                    for split in order
                    for cell in _cells(metric.of(split), values[split], evaluation.splits[split])
                ),
                metric.explained,
            ]
            for metric in METRICS
        ),
    )
    for split in order:
        measured = evaluation.splits[split]
        yield f"\n## {split} ({len(measured)} messages)\n"
        yield "\n\n".join(f"![{text}]({name}_{split}.png)\n\n{text}" for name, text in _PLOTS)
        yield f"\n### {split} by topic\n"
        yield _table(
            [*_HEADINGS, "precision", "F1"],
            (_row(row) + _numbers(row.precision, row.f1) for row in by_topic(measured)),
        )
        yield f"\n### {split} by style\n"
        yield _table(_HEADINGS, map(_row, by_style(measured)))
        yield f"\n### {split}: most frequent mistakes\n"
        yield _table(
            ["expected", "got", "times"],
            ([want, got, str(count)] for want, got, count in confusions(measured)),
        )
    yield "\nEvery wrong message: [errors.md](errors.md); every figure: [metrics.json](metrics.json)."


_HEADINGS = ["", "messages", "right", "clarified", "wrongly refused", "rightly refused"]


def _row(row: Row) -> list[str]:
    return [
        row.name,
        str(row.count),
        *_numbers(row.right, row.clarified, row.refused, row.out_of_scope_refused),
    ]


def _numbers(*values: float | None) -> list[str]:
    return ["" if value is None else f"{value:.3f}" for value in values]


def _cells(metric: Metric, values: Mapping[str, float], measured: Sequence[Measured]) -> list[str]:
    value = values[metric.key]
    passed = metric.passes(value)
    verdict = "" if passed is None else "**pass**" if passed else "**FAIL**"
    return [metric.show(value), _interval(metric, value, measured), verdict]


def _interval(metric: Metric, value: float, measured: Sequence[Measured]) -> str:
    """The interval of a share with a target; the others need none to be read."""
    if metric.kind != "share" or not metric.target:
        return ""
    outside = metric.key == "out_of_scope_recall"
    low, high = wilson_interval(value, sum(entry.question.in_scope is not outside for entry in measured))
    return f"{low:.3f}-{high:.3f}"


def _errors(evaluation: Evaluation, nearest: Callable[[str], Near]) -> Iterable[str]:
    yield "# Wrong messages\n"
    yield "With what was expected, what the bot made of it, the scores, and the nearest training example or"
    yield "question variant. Improve the bot from dev: examples written for test make its figures worthless."
    for split, measured in evaluation.splits.items():
        wrong = sorted((entry for entry in measured if not entry.right or entry.uncited), key=_expected)
        yield f"\n## {split}: {len(wrong)} of {len(measured)}"
        for topic, group in groupby(wrong, key=_expected):
            yield f"\n### expected {topic}\n"
            for entry in group:
                yield from _error(entry, nearest(entry.question.text))


def _expected(entry: Measured) -> str:
    return entry.question.topic


def _error(entry: Measured, near: Near) -> Iterable[str]:
    got = entry.predicted
    if entry.verdict is Verdict.CLARIFIED and entry.offered:
        got += f" ({', '.join(entry.offered)})"
    uncited = ", **uncited**" if entry.uncited else ""
    scores = ", ".join(f"{scored.label} {scored.score:.3f}" for scored in entry.ranking[:4]) or "none: never classified"
    yield f"- `{entry.question.id}` {entry.question.style}: {_literal(entry.question.text)}"
    yield f"  - got **{got}** with {entry.score:.3f}{uncited}"
    yield f"  - scores: {scores}"
    yield f"  - nearest: {_literal(near.text)} (`{near.label}`, {near.similarity:.3f})"


def _literal(text: str) -> str:
    """A text in Markdown as it was written."""
    return f"`` {' '.join(text.split())} ``"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [list(headings), ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _write(path: Path, text: str) -> None:
    path.write_text(text + "\n", encoding="utf-8")
