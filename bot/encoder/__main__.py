"""Makes the encoder artefact: `python -m bot.encoder`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.encoder import data
from bot.encoder.errors import EncoderBuildError

if TYPE_CHECKING:  # torch and its company load in seconds: `--help` and mistakes need none of them
    from rich.console import Console
    from sentence_transformers import SentenceTransformer

    from bot.encoder.evaluate import Scores, Split
    from bot.encoder.finetune import Settings

PROJECT = Path(__file__).parents[2]
EXAMPLES = """\
examples:
  python -m bot.encoder                                  fine-tune, measure, write knowledge/minilm
  python -m bot.encoder --dry-run                        say what would be done; write nothing
  python -m bot.encoder --no-finetune                    export the original all-MiniLM-L6-v2
  python -m bot.encoder --epochs 1 --output /tmp/minilm  a quick trial beside the shipped artefact
  python -m bot.encoder --interpolate 0.5                half original, half fine-tuned weights
  python -m bot.encoder --examples train.jsonl --output /tmp/minilm  an encoder for another bot's questions
"""


@dataclass(frozen=True)
class Options:
    """What the command line asks for; None means the default of `Settings`."""

    epochs: int | None
    seed: int | None
    interpolate: float | None
    threads: int | None
    examples: Path | None
    max_steps: int | None
    output: Path
    root: Path
    finetune: bool
    dry_run: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    options = _parse(arguments)
    try:
        questions = data.load_examples(options.examples) if options.examples else data.load(options.root)
        if options.dry_run:
            sys.stdout.write(_plan(options, questions))
        else:
            _make(options, questions)
    except EncoderBuildError as error:
        return _fail(str(error))
    except ModuleNotFoundError as error:
        return _fail(f"{error.name} is not installed here. Run `make encoder`, which has an environment of its own.")
    except OSError as error:
        return _fail(f"{error.filename or options.output}: {error.strerror or error}. The old encoder stays.")
    except KeyboardInterrupt:
        return _fail("interrupted. The old encoder stays.")
    return 0


def _fail(message: str) -> int:
    sys.stderr.write(f"error: {message}\n")
    return 1


def _parse(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(
        prog="python -m bot.encoder",
        description="Fine-tune all-MiniLM-L6-v2 on the project's questions, measure it, export it to ONNX.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--epochs", type=_positive, metavar="N", help="passes over the training questions")
    parser.add_argument("--seed", type=int, metavar="N", help="fixes split, pairs, order and dropout")
    parser.add_argument("--interpolate", type=_share, metavar="SHARE", help="share of the original weights, 0 to 1")
    parser.add_argument("--threads", type=_positive, metavar="N", help="cores to use")
    parser.add_argument(
        "--max-steps", type=_positive, metavar="N", help="batches after which training ends at the latest"
    )
    parser.add_argument(
        "--examples",
        type=Path,
        metavar="FILE",
        help='train on all lines of {"text", "label"} of this file instead of the project\'s questions; needs --output',
    )
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="where to write (default: knowledge/minilm)")
    parser.add_argument("--root", type=Path, default=PROJECT, metavar="FOLDER", help="the project (default: this one)")
    parser.add_argument("--no-finetune", dest="finetune", action="store_false", help="export the original model")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done; train and write nothing")
    given = vars(parser.parse_args(arguments))
    if given["examples"] and not given["output"]:
        parser.error("--examples needs --output: the encoder of another bot must not replace the shipped one")
    given["output"] = given["output"] or given["root"] / "knowledge" / "minilm"
    return Options(**given)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _share(text: str) -> float:
    number = float(text)
    if not 0.0 <= number <= 1.0:
        raise argparse.ArgumentTypeError("must be between 0 and 1")
    return number


def _plan(options: Options, questions: data.TrainingData) -> str:
    labels = {example.label for example in questions.examples}
    training = "would fine-tune on nine tenths of the questions and measure on the rest"
    lines = [
        f"{len(questions.examples)} questions with {len(labels)} labels in {len(questions.files)} files",
        f"digest of the questions: {questions.sha256}",
        *(f"left out, because two intents claim it: {text}" for text in questions.ambiguous),
        training if options.finetune else "would export the original model and measure it",
        f"would write {options.output}",
    ]
    return "\n".join(lines) + "\n"


def _make(options: Options, questions: data.TrainingData) -> None:
    os.environ["HF_HUB_OFFLINE"] = "1"  # the weights come from an installed package
    from rich.console import Console

    from bot.encoder import artefact, evaluate

    _refuse_foreign_files(options.output, artefact.FILES)
    console = Console(stderr=True)
    settings = _settings(options)
    # Another bot's questions are measured where they are used; all of them are for training.
    parts = None if options.examples else evaluate.split(questions.examples, seed=settings.seed)
    train = parts.train if parts else questions.examples
    with tempfile.TemporaryDirectory(prefix="encoder-") as scratch:
        work = Path(scratch)
        model = _trained(train, settings, "Training", console) if options.finetune else _original()
        scores = _measure(parts, model, finetune=options.finetune, work=work, console=console) if parts else {}
        made = artefact.assemble(model, work)
        artefact.write_manifest(made, questions, settings, scores, fine_tuned=options.finetune)
        artefact.replace_folder(made.folder, options.output)
    size = sum(file.stat().st_size for file in options.output.iterdir()) / 1e6
    console.print(f"Wrote {options.output}: {size:.1f} MB, lowest cosine int8 to reference {made.lowest_cosine:.4f}")


def _refuse_foreign_files(folder: Path, own: frozenset[str]) -> None:
    """The whole folder is replaced: do not begin if that would take something else with it."""
    foreign = sorted(file.name for file in folder.iterdir() if file.name not in own) if folder.exists() else []
    if foreign:
        raise EncoderBuildError(
            f"{folder}: holds {foreign[0]}, which is not the encoder's. Move it, or choose another --output."
        )


def _settings(options: Options) -> Settings:
    from bot.encoder.finetune import Settings

    given: dict[str, Any] = {
        "epochs": options.epochs,
        "seed": options.seed,
        "original_share": options.interpolate,
        "threads": options.threads,
    }
    given["max_steps"] = options.max_steps
    return replace(Settings(), **{name: value for name, value in given.items() if value is not None})


def _original() -> SentenceTransformer:
    from bot.encoder import export, finetune

    return finetune.original_model(max_length=export.MAX_TOKENS)


def _trained(examples: Sequence[data.Example], settings: Settings, what: str, console: Console) -> SentenceTransformer:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from bot.encoder import export, finetune

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(what, total=None)
        model = finetune.finetune(
            examples, settings, report=lambda done, total: progress.update(task, completed=done, total=total)
        )
    model.max_seq_length = export.MAX_TOKENS
    return model


def _measure(
    parts: Split, model: SentenceTransformer, *, finetune: bool, work: Path, console: Console
) -> dict[str, Any]:
    """Scores on the questions held out from training, of the original and of the model that is shipped."""
    scores = {"before": _scores(_original(), parts, work)}
    _show(console, "original", scores["before"])
    if finetune:
        scores["after"] = _scores(model, parts, work)
        _show(console, "fine-tuned", scores["after"])
    return {
        "held_out": {
            "train": len(parts.train),
            "test": len(parts.test),
            "unseen_out_of_scope": len(parts.unseen),
        },
        **{stage: {kind: score.rounded() for kind, score in kinds.items()} for stage, kinds in scores.items()},
    }


def _scores(model: SentenceTransformer, parts: Split, work: Path) -> dict[str, Scores]:
    from bot.encoder import artefact, evaluate, export, finetune

    served = export.OnnxEncoder(*artefact.export_model(model, work))
    return {
        "fp32": evaluate.evaluate(partial(finetune.encode, model), parts),
        "int8": evaluate.evaluate(served.encode, parts),
    }


def _show(console: Console, name: str, scores: dict[str, Scores]) -> None:
    for kind, score in scores.items():
        console.print(f"{name} {kind}:", *(f"{metric} {value}" for metric, value in score.rounded().items()))


if __name__ == "__main__":
    sys.exit(main())
