"""What the map of Chinese is learnt from: each question in both languages, side by side.

Question variants stand beside each other in ``knowledge`` (``en:`` and ``zh:`` in the same order); the training
examples of ``data/nlu/FILE.yml`` have theirs in ``data/nlu/zh/FILE.yml``, intent by intent in the same order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.encoder.data import examples_by_intent
from bot.encoder.errors import EncoderBuildError

CHINESE = "zh"
_ANSWERS, _LAW, _FOLLOW_UPS = "knowledge/answers", "knowledge/law", "knowledge/follow_ups.yml"


@dataclass(frozen=True)
class Pair:
    """A question in both languages."""

    english: str
    chinese: str


def load_pairs(root: Path) -> tuple[Pair, ...]:
    """All pairs of the project at ``root``, each once, in a stable order.

    Raises:
        EncoderBuildError: a file cannot be read, or the two sides of a list differ in number.
    """
    found: dict[Pair, None] = {}
    for path in sorted((root / "data" / "nlu").glob("*.yml")):
        other = path.parent / CHINESE / path.name
        if other.exists():
            found.update(dict.fromkeys(_examples(path, other, root)))
    for folder, key in ((_ANSWERS, "answers"), (_LAW, "articles")):
        for path in sorted((root / folder).glob("*.yml")):
            found.update(dict.fromkeys(_variants(path, key, root)))
    follow_ups = root / _FOLLOW_UPS
    if follow_ups.exists():
        found.update(dict.fromkeys(_variants(follow_ups, "follow_ups", root)))
    return tuple(found)


def digest(pairs: Sequence[Pair]) -> str:
    """Changes whenever a pair does, in whatever file it stands."""
    lines = sorted(f"{pair.english}\t{pair.chinese}\n" for pair in pairs)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _examples(path: Path, other: Path, root: Path) -> Iterator[Pair]:
    english, chinese = (examples_by_intent(_read(one, root)) for one in (path, other))
    for intent in dict.fromkeys([*english, *chinese]):
        here, there = english.get(intent, []), chinese.get(intent, [])
        yield from _zip(here, there, f"{other.relative_to(root)}: the intent {intent!r}")


def _variants(path: Path, key: str, root: Path) -> Iterator[Pair]:
    for number, entry in enumerate(_read(path, root)[key]):
        questions = entry.get("questions") or {}
        if CHINESE in questions:
            where = f"{path.relative_to(root)}: {entry.get('id') or entry.get('number') or number}"
            yield from _zip(questions.get("en") or [], questions[CHINESE], where)


def _zip(english: Sequence[str], chinese: Sequence[str], where: str) -> Iterator[Pair]:
    if len(english) != len(chinese):
        what = f"{where} has {len(english)} English and {len(chinese)} Chinese questions"
        raise EncoderBuildError(f"{what}. Give each its counterpart, in the same order.")
    for one, other in zip(english, chinese, strict=True):
        yield Pair(" ".join(str(one).split()), " ".join(str(other).split()))


def _read(path: Path, root: Path) -> Any:
    try:
        return yaml.load(path.read_bytes(), yaml.CBaseLoader)
    except (OSError, yaml.YAMLError) as error:
        what = " ".join(str(error).split())
        raise EncoderBuildError(f"{path.relative_to(root)}: cannot be read ({what}). Mend the file.") from error
