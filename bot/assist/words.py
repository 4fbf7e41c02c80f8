"""What agent assist says of itself, and the words by which it follows a call: content, one file per language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.models import LANGUAGES

_TEXTS = Path(__file__).parent / "texts"
_SENTENCE = re.compile(r"[^.!?。！？;；\n]+[.!?。！？;；]*")


@dataclass(frozen=True)
class Words:
    """The texts of one language."""

    language: str
    texts: Mapping[str, Mapping[str, Any]]

    def say(self, group: str, name: str, **values: object) -> str:
        """A sentence with its names filled in."""
        return str(self.texts[group][name]).format(**values)

    def list(self, name: str) -> Sequence[str]:
        """A list of words by which an agent's sentence is understood."""
        return tuple(self.texts["listening"][name])

    def is_question(self, sentence: str) -> bool:
        """Whether an agent's sentence asks something; transcripts of speech may lack the question mark."""
        spoken = sentence.strip().lower()
        bare = spoken.rstrip(" .!。！")
        return bare.endswith(tuple(self.list("question_ends"))) or self._begins(bare, self.list("question_begins"))

    def is_tag_question(self, sentence: str) -> bool:
        """Whether it states something and asks to have it confirmed ("she is 63, right?")."""
        bare = sentence.strip().lower().rstrip(" ?.!？。！")
        return bare.endswith(tuple(self.list("tags"))) and not self._begins(bare, self.list("question_begins"))

    def offers_alternatives(self, sentence: str) -> bool:
        """Whether it gives a choice, which a yes does not decide."""
        return self._names(sentence, self.list("alternatives"))

    def is_conditional(self, sentence: str) -> bool:
        """Whether it speaks of a case that may not be the caller's ("if she is 60 or above …")."""
        return self._names(sentence, self.list("conditions"))

    def is_about_the_caller(self, sentence: str) -> bool:
        """Whether somebody of this call is spoken of, not people in general."""
        return self._names(sentence, self.list("caller_words"))

    def asked_for(self, question: str) -> str | None:
        """The profile fact that a question asks for by one of its words; of several the longest."""
        spoken = question.lower()
        found = [
            (len(word), fact)
            for fact, known in self.texts["listening"]["asks"].items()
            for word in known
            if (re.search(rf"\b{re.escape(word)}\b", spoken) if self.language == "en" else word in spoken)
        ]
        return max(found)[1] if found else None

    def turned_round(self, sentence: str) -> str:
        """An agent's sentence as the caller would say it: "you have" becomes "I have"."""
        table = self.texts["listening"]["turned_round"]
        words = sorted(table, key=len, reverse=True)
        edge = r"\b" if self.language == "en" else ""
        pattern = re.compile(f"{edge}({'|'.join(map(re.escape, words))}){edge}", re.IGNORECASE)
        return pattern.sub(lambda found: table[found.group(1).lower()], sentence)

    def _names(self, sentence: str, words: Sequence[str]) -> bool:
        if self.language == "en":
            return not set(words).isdisjoint(re.findall(r"[\w']+", sentence.lower()))
        return any(word in sentence for word in words)

    def _begins(self, sentence: str, words: Sequence[str]) -> bool:
        if self.language != "en":
            return any(word in sentence for word in words)
        first = re.findall(r"[\w']+", sentence)
        if len(first) > 1 and first[0] in self.list("openers"):
            first = first[1:]
        return bool(first) and first[0] in words


def sentences(text: str) -> list[str]:
    """The sentences of a turn, with the marks that end them."""
    return [found.group().strip() for found in _SENTENCE.finditer(text) if found.group().strip(" .!?。！？;；")]


@lru_cache(maxsize=len(LANGUAGES))
def words(language: str) -> Words:
    """The texts of a language, English where there is no such language."""
    language = language if language in LANGUAGES else "en"
    with (_TEXTS / f"{language}.yml").open(encoding="utf-8") as file:
        return Words(language, yaml.load(file, yaml.CSafeLoader))
