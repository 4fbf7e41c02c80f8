"""Reading the evaluation questions of ``tests/eval``: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.runtime import paths
from knowledge.decision import OUT_OF_SCOPE
from knowledge.errors import KnowledgeError

FOLDER = paths.ROOT / "tests" / "eval"
SPLITS = ("dev", "test")  # to fit on, to judge by
CHINESE = ".zh"  # of the name of a split in Chinese
STYLES = (
    "plain",
    "curt",
    "rambling",
    "misspelt",
    "non_native",
    "pinyin",
    "caps",
    "irrelevant_detail",
    "polite",
    "call_centre",
)
# Of Chinese: slips of the input method, other characters, dictated, spoken, English words within.
CHINESE_STYLES = ("homophone", "traditional", "full_width", "voice", "dialect", "mixed")
_FIELDS = ("id", "text", "topic", "style")


class QuestionsError(KnowledgeError):
    """Evaluation questions that cannot be read; one line per finding, each with file, line and mend."""


@dataclass(frozen=True)
class Question:
    """The first message of a conversation, and the topic it should lead to."""

    id: str
    text: str
    topic: str
    style: str

    @property
    def in_scope(self) -> bool:
        """Whether it should be answered; small talk and the wish for a person count as in scope."""
        return self.topic != OUT_OF_SCOPE


def splits(folder: Path = FOLDER) -> tuple[str, ...]:
    """The splits there are, each language beside the other: dev, dev.zh, test, test.zh."""
    names = (split + ending for split in SPLITS for ending in ("", CHINESE))
    return tuple(name for name in names if name in SPLITS or (folder / f"{name}.jsonl").exists())


def read_split(split: str, *, topics: Collection[str], folder: Path = FOLDER) -> tuple[Question, ...]:
    """The questions of one split: ``dev`` (to fit on) or ``test`` (to judge by), with ``.zh`` those in Chinese.

    Raises:
        QuestionsError: lines that are no question, unknown topics or styles, an id used twice; or no file.
    """
    path = folder / f"{split}.jsonl"
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionsError(f"{path}: cannot be read ({error}). Restore it from git.") from error
    questions: dict[str, Question] = {}
    problems: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            question = _question(line, topics)
            if question.id in questions:
                raise ValueError(f'id "{question.id}" is used twice. Give it an id of its own.')
        except ValueError as error:
            problems.append(f"{path}:{number}: {error}")
        else:
            questions[question.id] = question
    if not questions and not problems:
        problems.append(f"{path}:1: no questions. Restore the file from git.")
    if problems:
        raise QuestionsError("\n".join(problems))
    return tuple(questions.values())


def _question(line: str, topics: Collection[str]) -> Question:
    try:
        raw: Any = json.loads(line)
    except ValueError as error:
        raise ValueError(f"not JSON ({error}). Write one object a line.") from error
    if not isinstance(raw, dict) or set(raw) != set(_FIELDS):
        raise ValueError(f"not an object with the fields {', '.join(_FIELDS)}. Write exactly these.")
    for field in _FIELDS:
        if not isinstance(raw[field], str) or not raw[field].strip():
            raise ValueError(f'"{field}" is not a text. Write a string that is not empty.')
    if raw["topic"] not in topics:
        raise ValueError(f'unknown topic "{raw["topic"]}". Take one of {", ".join(sorted(topics))}.')
    if raw["style"] not in (*STYLES, *CHINESE_STYLES):
        raise ValueError(f'unknown style "{raw["style"]}". Take one of {", ".join((*STYLES, *CHINESE_STYLES))}.')
    return Question(**raw)
