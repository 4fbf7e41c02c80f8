"""The spaCy pipeline: a blank tokenizer and one ruler of phrases, built from the patterns and saved to a folder.

The folder loads with ``spacy.load`` alone.

A pattern is a phrase in a small notation: slots are separated by spaces, ``a|b`` are alternatives, a slot ending in
``?`` may be left out, ``_`` stands for a space within an alternative, ``<name>`` for a list in ``words``.

    >>> sorted(expand("no|without any? job", {}))
    ['no any job', 'no job', 'without any job', 'without job']
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import spacy
from ruamel.yaml import YAML
from spacy.language import Language
from spacy.symbols import NORM
from spacy.util import add_lookups, compile_infix_regex

from bot.language.ruler import FACTORY

TABLES = "yibao"  # the table of the vocabulary with what is no phrase: kin, groups of labels, compositions
PATTERNS = Path(__file__).parent / "patterns"
LAWS = Path(__file__).resolve().parents[2] / "knowledge" / "law"
_IDEOGRAPH = "[\u4e00-\u9fff]"
# Words are split wherever a number or a fact may hide: "4-year-old", "lvl2", "hukou:rural", "第58条".
_INFIXES = (
    r"[\-–—/:;()!?\[\]=~+<>&]",
    r"\.\.+|…",
    r"(?<=[0-9])(?=[^\W\d_])|(?<=[^\W\d_])(?=[0-9])|(?<=[0-9])(?=½)",
    r"(?<![0-9]),|,(?![0-9]{3})",
    r"(?<=[^\W\d_])\.(?=\w)|(?<=[0-9])\.(?=[^\W\d_])|(?<=[0-9])\.(?=[0-9]+\.)|(?<=\.[0-9])\.|(?<=\.[0-9]{2})\.",
    rf"(?={_IDEOGRAPH})|(?<={_IDEOGRAPH})|[、。，；：？！（）《》“”]",
)
_NOT_SPECIAL = frozenset({"no.", "id", "ill", "its"})  # "disability: no." ends a sentence
_VOWELS = "aeiou"


class PatternError(ValueError):
    """A phrase cannot mean both; the text names it and where it stands."""


def build(path: Path, language: str = "en") -> None:
    """Write the pipeline of a language to ``path``.

    Raises:
        PatternError: one phrase stands under two ids of one label.
    """
    data = _read(PATTERNS / f"{language}.yml")
    nlp = spacy.blank(language)
    nlp.tokenizer.url_match = None  # "kindergarten.she" is no address
    nlp.tokenizer.rules = {word: rule for word, rule in nlp.tokenizer.rules.items() if word.lower() not in _NOT_SPECIAL}
    nlp.tokenizer.infix_finditer = compile_infix_regex(_INFIXES).finditer
    _teach_spelling(nlp, data)
    ruler = nlp.add_pipe(FACTORY)
    ruler.add(
        ([token.norm_ for token in nlp.make_doc(phrase)], readings[0][0], " ".join(map("=".join, readings)))
        for phrase, readings in {**_chinese(_read(PATTERNS / "zh.yml")), **_phrases(data)}.items()
    )
    nlp.vocab.lookups.add_table(TABLES, _tables(data))
    nlp.to_disk(path)


def load(path: Path) -> Language:
    """The pipeline that ``build`` wrote."""
    return spacy.load(path)


def expand(pattern: str, words: Mapping[str, str], *, space: str = " ") -> Iterator[str]:
    """Every phrase that a pattern stands for; ``space`` joins its slots."""
    slots = []
    for slot in re.sub(r"<(\w+)>", lambda match: words[match[1]], pattern).split():
        optional = slot.endswith("?") and slot != "?"
        slot = slot.removesuffix("?") if optional else slot
        choices = [choice.replace("_", " ") for choice in slot.split("|")]
        slots.append(["", *choices] if optional else choices)
    for choice in product(*slots):
        yield space.join(part for part in choice if part)


def _phrases(data: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """Phrase -> its readings, each a label and an id."""
    places = {place: place.replace(" ", "_") for place in data["places"]}
    return _readings({**data["labels"], "place": places, "law": _law_names()}, data["words"], space=" ")


def _chinese(data: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """The same for Chinese, which has no spaces; a place is known with and without what kind of place it is."""
    places = {place: f"{place} 市|省?" for place in data["places"]}
    return _readings({**data["labels"], "place": places}, data["words"], space="")


def _readings(
    labels: Mapping[str, Mapping[Any, Any]], words: Mapping[str, str], *, space: str
) -> dict[str, list[tuple[str, str]]]:
    phrases: dict[str, list[tuple[str, str]]] = {}
    for label, ids in labels.items():
        for name, patterns in ids.items():
            for pattern in re.split(r"[;\n]", str(patterns).strip()):
                for phrase in expand(pattern, words, space=space):
                    readings = phrases.setdefault(phrase, [])
                    if label not in dict(readings):
                        readings.append((label, str(name).replace(" ", "_")))
                    elif (label, str(name).replace(" ", "_")) not in readings:
                        raise PatternError(f"{phrase!r} stands under {dict(readings)[label]} and {name} of {label}")
    return phrases


def _tables(data: Mapping[str, Any]) -> dict[str, Any]:
    """What the passes look up besides phrases; a group named within a group stands for its labels."""
    groups: dict[str, list[str]] = {}
    for name, labels in data["groups"].items():
        groups[name] = [label for part in labels for label in groups.get(part, [part])]
    return {"groups": groups, "kin": data["kin"], "compositions": data["compositions"]}


def _law_names() -> dict[str, str]:
    """Law id -> patterns of its names, as the knowledge has them."""
    laws = (_read(file) for file in sorted(LAWS.glob("*.yml")))
    return {law["law"]: ";".join("_".join(alias.lower().split()) for alias in law["aliases"]) for law in laws}


def _teach_spelling(nlp: Language, data: Mapping[str, Any]) -> None:
    """Give slips of the pen the norm of the word that was meant; the ruler compares norms."""
    known = {word for phrase in _phrases(data) for word in phrase.split()} | set(data["real_words"])
    slips = {slip: word for word in data["often_misspelt"] for slip in _slips(word)}
    slips = {slip: word for slip, word in slips.items() if slip not in known}
    for word, listed in data["spelling"].items():
        slips.update({str(slip): word for slip in listed})
    table = nlp.vocab.lookups.add_table("lexeme_norm")
    for slip, word in slips.items():
        for written in (slip, slip.capitalize(), slip.upper()):
            table[written] = word
    nlp.vocab.lex_attr_getters[NORM] = add_lookups(nlp.vocab.lex_attr_getters[NORM], table)


def _slips(word: str) -> set[str]:
    """A letter dropped, doubled or swapped with its neighbour, or a wrong vowel; the first letter stays."""
    cuts = [(word[:place], word[place:]) for place in range(1, len(word))]
    dropped = {head + tail[1:] for head, tail in cuts}
    doubled = {head + tail[0] + tail for head, tail in cuts}
    swapped = {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    vowels = {head + vowel + tail[1:] for head, tail in cuts if tail[0] in _VOWELS for vowel in _VOWELS}
    return (dropped | doubled | swapped | vowels) - {word}


def _read(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))
