"""Reads every English question the project knows, with the label of what it asks for."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from bot.encoder.errors import EncoderBuildError

MIXED_INTENTS = frozenset({"out_of_scope", "smalltalk"})
"""Intents whose answers have nothing in common: only texts of one answer of theirs are alike."""
OUT_OF_SCOPE = "out_of_scope"
LAW_ARTICLE = "law_article"

_ENTITY = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
_CJK = re.compile(r"[\u3400-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Example:
    """A question and what it asks for.

    Attributes:
        text: the question as a person types it.
        label: the most specific thing known about it: an answer (`payment_time.missed`), an article
            (`law_article.sil:58`) or only an intent (`payment_time`).
        specific: the label names one answer; otherwise the text may belong to any answer of the intent.
    """

    text: str
    label: str
    specific: bool

    @property
    def intent(self) -> str:
        """The intent that the assistant's classifier has to find."""
        return self.label.partition(".")[0]

    @property
    def group(self) -> str:
        """What counts as alike in training: the intent, or the single answer where an intent is a mixture."""
        return self.label if self.intent in MIXED_INTENTS else self.intent

    @property
    def pairable(self) -> bool:
        """Whether other texts of its group mean something similar. Unsorted out-of-scope texts do not."""
        return self.group not in MIXED_INTENTS


@dataclass(frozen=True)
class TrainingData:
    """All examples, sorted by label and text, and the digests of the files they come from."""

    examples: tuple[Example, ...]
    files: dict[str, str]
    ambiguous: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """Digest of texts and labels: the same content gives the same value, whatever file it stands in."""
        lines = (f"{example.label}\t{example.text}\n" for example in self.examples)
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def load(root: Path, *, chinese: bool = False) -> TrainingData:
    """The training questions of the project at `root`; those in Chinese, which the model cannot learn, if asked for.

    Raises:
        EncoderBuildError: a file cannot be read, or there is nothing to learn from.
    """
    readers = (
        ("data/nlu", _from_nlu),
        ("knowledge/answers", _from_answers),
        ("knowledge/law", _from_law),
    )
    found: list[Example] = []
    files: dict[str, str] = {}
    for folder, read in readers:
        for path in sorted((root / folder).rglob("*.yml")):
            name = path.relative_to(root).as_posix()
            content = path.read_bytes()
            examples = _read(name, content, read)
            found.extend(example for example in examples if chinese or _is_english(example.text))
            files[name] = hashlib.sha256(content).hexdigest()
    if not found:
        folders = ", ".join(folder for folder, _ in readers)
        raise EncoderBuildError(f"{root}: no questions under {folders}. Name the project with --root.")
    examples, ambiguous = _without_repetitions(found)
    return TrainingData(tuple(examples), files, tuple(ambiguous))


def load_examples(path: Path) -> TrainingData:
    """Questions of another bot: one `{"text", "label"}` a line, label `oos` for what is out of its scope.

    The labels become numbers: whatever a bot calls its intents, only equality counts.

    Raises:
        EncoderBuildError: the file cannot be read as such lines.
    """
    try:
        content = path.read_bytes()
        rows = [json.loads(line) for line in content.decode("utf-8").splitlines() if line.strip()]
        pairs = [(str(row["text"]).strip(), str(row["label"])) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"{type(error).__name__}: {_one_line(error)}"
        raise EncoderBuildError(f'{path}: cannot be read as lines of {{"text", "label"}} ({what}).') from error
    numbers = {label: f"intent {number}" for number, label in enumerate(sorted({label for _, label in pairs}))}
    numbers["oos"] = OUT_OF_SCOPE
    found = [Example(text, numbers[label], specific=False) for text, label in pairs if text]
    examples, ambiguous = _without_repetitions(found)
    return TrainingData(tuple(examples), {path.name: hashlib.sha256(content).hexdigest()}, tuple(ambiguous))


def _read(name: str, content: bytes, read: Callable[[Any], Iterator[Example]]) -> list[Example]:
    try:
        # CBaseLoader leaves every scalar a string: the answer "no" is a text here, not False
        return list(read(yaml.load(content, yaml.CBaseLoader)))
    except yaml.YAMLError as error:
        raise EncoderBuildError(f"{name}: not valid YAML ({_one_line(error)}). Mend the file.") from error
    except (KeyError, TypeError, AttributeError) as error:
        what = f"{type(error).__name__}: {error}"
        raise EncoderBuildError(f"{name}: unexpected structure ({what}). Run `yibao knowledge check`.") from error


def examples_by_intent(content: Any) -> dict[str, list[str]]:
    """The examples of a file of Rasa's training data in their order, without the marks of entities."""
    examples: dict[str, list[str]] = {}
    for entry in content.get("nlu") or []:
        if "intent" not in entry:
            continue  # synonyms, lookups and regexes hold no questions
        texts = (_ENTITY.sub(r"\1", line.strip().removeprefix("-")).strip() for line in entry["examples"].splitlines())
        examples.setdefault(entry["intent"], []).extend(filter(None, texts))
    return examples


def _from_nlu(content: Any) -> Iterator[Example]:
    for intent, texts in examples_by_intent(content).items():
        yield from (Example(text, intent.replace("/", "."), specific=False) for text in texts)


def _from_answers(content: Any) -> Iterator[Example]:
    for answer in content["answers"]:
        for text in chain.from_iterable(answer["questions"].values()):
            yield Example(str(text).strip(), answer["id"], specific=True)


def _from_law(content: Any) -> Iterator[Example]:
    for article in content["articles"]:
        for text in chain.from_iterable((article.get("questions") or {}).values()):
            yield Example(str(text).strip(), f"{LAW_ARTICLE}.{content['law']}:{article['number']}", specific=True)


def _is_english(text: str) -> bool:
    """False for Chinese, which this encoder's vocabulary does not hold (facts/retrieval.md)."""
    return len(_CJK.findall(text)) * 2 < max(1, len(_LETTER.findall(text)))


def _without_repetitions(found: Sequence[Example]) -> tuple[list[Example], list[str]]:
    """Each text once, with its most specific label; texts claimed by two groups are left out and named."""
    by_text: dict[str, Example] = {}
    ambiguous: set[str] = set()
    for example in found:
        key = " ".join(example.text.lower().split())
        known = by_text.setdefault(key, example)
        if known.intent != example.intent:
            ambiguous.add(key)
        elif example.specific and not known.specific:
            by_text[key] = example
    kept = (example for key, example in by_text.items() if key not in ambiguous)
    return sorted(kept, key=lambda example: (example.label, example.text)), sorted(ambiguous)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
