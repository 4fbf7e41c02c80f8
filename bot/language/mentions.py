"""Everything a message says about persons and laws, in typed mentions.

The passes, in order: spans and numbers; persons; what the numbers mean; what the spans say; how it is meant; what
follows for whom.

    >>> from bot.language.pipeline import load
    >>> nlp = load("build/language/en")
    >>> [(m.entity, m.value, m.person) for m in read_mentions(nlp("i'm 35, it's for my mum who is 66"))]
    [('person', 'self', 'self'), ('age', 35, 'self'), ('person', 'mother', 'mother'), ('age', 66, 'mother')]
"""

from __future__ import annotations

from dataclasses import dataclass

from spacy.tokens import Doc

from bot.language.ages import read_ages, select_age
from bot.language.conclusions import conclude
from bot.language.corrections import adopt_numbers
from bot.language.facts import Value
from bot.language.grades import read_grades
from bot.language.laws import read_laws
from bot.language.numerals import read_numbers
from bot.language.persons import find_persons
from bot.language.pipeline import COMPOSITIONS
from bot.language.places import read_places
from bot.language.statements import read_statements
from bot.language.text import Text


@dataclass(frozen=True)
class Mention:
    """Something said, at characters ``start`` to ``end``.

    ``person`` is whom it is said of: a key such as ``self`` or ``mother``, None where nobody was named or where it
    holds for the family.
    """

    entity: str
    value: Value
    start: int
    end: int
    person: str | None
    hedged: bool = False


def read_mentions(doc: Doc) -> list[Mention]:
    """The mentions of a message in the order of the text; of contradicting ones only the last valid."""
    text = Text(doc)
    numbers = read_numbers(text)
    persons = find_persons(text, numbers)
    facts = list(read_laws(text, numbers))
    facts += read_grades(text, numbers, persons)
    facts += adopt_numbers(text, numbers, persons)
    facts += select_age(text, list(read_ages(text, numbers)))
    facts += adopt_numbers(text, numbers, persons)
    facts += read_statements(text, doc.vocab.lookups.get_table(COMPOSITIONS)["all"])
    facts += read_places(text, persons)
    return [
        Mention(fact.entity, fact.value, text.starts[fact.start], text.ends[fact.end - 1], fact.person, fact.hedged)
        for fact in conclude(text, numbers, persons, facts)
    ]
