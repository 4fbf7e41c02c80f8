"""Everything a message says about persons and laws, as typed mentions.

The passes, in order: spans and numbers; persons; what the numbers mean; what the spans say; how it is meant, and of
whom. Each is a module of this package; all words they know stand in ``patterns``.
"""

from __future__ import annotations

from dataclasses import dataclass

from spacy.tokens import Doc

from bot.language.ages import read_ages, select_age
from bot.language.births import read_births
from bot.language.comparisons import read_comparisons
from bot.language.conclusions import conclude
from bot.language.corrections import adopt_numbers, take_back
from bot.language.facts import Fact, Value
from bot.language.grades import read_grades
from bot.language.laws import read_laws
from bot.language.numerals import read_numbers
from bot.language.persons import find_persons
from bot.language.places import read_places
from bot.language.statements import read_statements
from bot.language.text import Text
from bot.language.zh.reading import read_facts
from knowledge.chinese import language_of


@dataclass(frozen=True)
class Mention:
    """Something said, at characters ``start`` to ``end``.

    ``person`` is of whom: a key such as ``self`` or ``mother``; None where nobody was named or it holds for the family.
    Besides the profile facts, ``entity`` is ``birth_year``, ``birth_date`` (``1961-03`` or ``1961-03-04``),
    ``school_grade`` (year of school, counted on from primary school), ``disabled`` (no grade told), ``person``, ``insured`` (who is to be insured), ``article``, ``law`` or ``number``.
    """

    entity: str
    value: Value
    start: int
    end: int
    person: str | None
    hedged: bool = False


def read_mentions(doc: Doc) -> list[Mention]:
    """The mentions of a message in the order of the text; of contradicting ones only the last valid.

    >>> from bot.language.pipeline import load
    >>> doc = load("build/language/en")("i'm 35, it's for my mum who is 66")
    >>> [(mention.value, mention.person) for mention in read_mentions(doc) if mention.entity == "age"]
    [(35, 'self'), (66, 'mother')]
    """
    text = Text(doc)
    facts = read_facts(text) if language_of(doc.text) == "zh" else _read_english(text)
    return [
        Mention(fact.entity, fact.value, text.starts[fact.start], text.ends[fact.end - 1], fact.person, fact.hedged)
        for fact in facts
    ]


def _read_english(text: Text) -> list[Fact]:
    numbers = read_numbers(text)
    persons = find_persons(text, numbers)
    laws = list(read_laws(text, numbers))
    grades = [*read_grades(text, numbers, persons), *adopt_numbers(text, numbers, persons)]
    births = list(read_births(text, numbers))
    ages = [*select_age(text, list(read_ages(text, numbers))), *adopt_numbers(text, numbers, persons)]
    take_back(text, ages)
    facts = [
        *laws,
        *grades,
        *births,
        *ages,
        *read_comparisons(text, numbers, persons, ages),
        *read_statements(text),
        *read_places(text, persons),
    ]
    return conclude(text, numbers, persons, facts)
