"""``yibao evaluate``: how well the trained bot does on the questions of tests/eval."""

from __future__ import annotations

from pathlib import Path

from rich.markup import escape
from rich.table import Table

from bot.commands.chat import load
from bot.commands.console import console, messages, progress_bar, working
from bot.evaluation import thresholds
from bot.evaluation.measure import Measured, measure
from bot.evaluation.nearest import Examples, Near
from bot.evaluation.questions import read_split, splits
from bot.evaluation.report import Evaluation, in_order, write_report
from bot.evaluation.summary import METRICS, Metric
from bot.runtime import paths, training
from bot.runtime.assistant import Assistant
from bot.runtime.shared import encoder
from knowledge.decision import Thresholds
from knowledge.search import normalise

_STALE = "The trained bot is older than its content, examples or code: run `yibao train`, then evaluate again."


def evaluate(*, fit: bool, report: Path) -> None:
    """Measure both splits, print the metrics, write the report; ``fit``: fit the thresholds on dev first.

    Raises:
        NotTrained: there is no trained bot.
        QuestionsError: the questions cannot be read.
    """
    folder = report.resolve()  # before Rasa changes the working directory
    remarks = [] if training.is_trained() else [_STALE]
    if fit:
        remarks += _fit()
    for remark in remarks:
        messages.print(f"[yellow]![/] {escape(remark)}")
    assistant = load()
    evaluation = Evaluation(
        {split: _ask(assistant, split) for split in splits()},
        Thresholds.load(),
        assistant.library.content.revision,
        encoder().fingerprint,
        tuple(remarks),
    )
    with progress_bar("Reading the training examples") as progress:
        examples = Examples.read(encoder(), store=paths.BUILD / "examples.npz", progress=progress)
    with working("Writing the report …"):
        write_report(evaluation, folder, nearest=lambda text: _nearest(examples, text))
    console.print(_table(evaluation))
    messages.print(f"Report: {escape(str(folder / 'report.md'))}", soft_wrap=True)


def _fit() -> list[str]:
    """Fit and store the thresholds, one set for both languages; what there is to remark about it."""
    assistant = load()
    dev = [split for split in splits() if split.startswith("dev")]
    found = thresholds.fit([entry for split in dev for entry in _ask(assistant, split)])
    found.thresholds.save()
    messages.print(
        f"[green]✓[/] Thresholds fitted on dev and stored: answer {found.thresholds.answer:g}, "
        f"clarify {found.thresholds.clarify:g}, state-changing {found.thresholds.state_changing:g}."
    )
    if found.keeps_limit:
        return []
    return [
        f"No thresholds refuse at most {thresholds.REFUSED_AT_MOST:.0%} of the in-scope messages of dev "
        f"(these: {found.wrongly_refused:.1%}); the intent model takes too many of them for out_of_scope. "
        "See errors.md, mend the examples, train, and fit again."
    ]


def _ask(assistant: Assistant, split: str) -> list[Measured]:
    questions = read_split(split, topics=assistant.library.content.topics)
    with progress_bar(f"Asking the questions of {split}") as progress:
        return measure(assistant, questions, progress=progress)


def _nearest(examples: Examples, text: str) -> Near:
    return examples.nearest(encoder().encode([normalise(text)])[0])


def _table(evaluation: Evaluation) -> Table:
    values = evaluation.values()
    order = in_order(values)
    table = Table("metric", "target", *(f"{split} ({len(evaluation.splits[split])})" for split in order))
    for metric in METRICS:
        table.add_row(
            metric.name, metric.target, *(_cell(metric.of(split), values[split][metric.key]) for split in order)
        )
    return table


def _cell(metric: Metric, value: float) -> str:
    passed = metric.passes(value)
    verdict = "" if passed is None else " [bold green]pass[/]" if passed else " [bold red]FAIL[/]"
    return metric.show(value) + verdict
