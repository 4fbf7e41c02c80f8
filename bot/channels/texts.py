"""Sentences of the gateway, per language, from ``texts.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import yaml

from knowledge.models import LANGUAGES, Language

Sentences = Mapping[str, Mapping[str, str]]
_SENTENCES = Path(__file__).with_suffix(".yml")


@lru_cache(maxsize=8)
def sentences(path: Path = _SENTENCES) -> Sentences:
    """All sentences of a file: ``name: {en: …, zh: …}``."""
    loaded: Sentences = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return loaded


def say(name: str, language: str, **values: object) -> str:
    """One sentence with its names filled in."""
    return sentences()[name][language].format(**values)


def language_or(default: Language, wanted: object) -> Language:
    """The language wanted, if we have it."""
    return next((language for language in LANGUAGES if language == wanted), default)
