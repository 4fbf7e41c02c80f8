"""Checking the content as a whole: references, citations, languages, ids, conditions, dates, questions.

The loader checks the shape of each file; what takes more than one place to see is checked here. Each finding
is one small function over the ``Material``; ``FINDINGS`` lists them all. A problem names file, line and mend.
"""

from __future__ import annotations

import difflib
import re
import string
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, product
from pathlib import Path
from typing import Any

from knowledge.checklist import derive
from knowledge.conditions import AGE_LIMIT, Condition, FactValue, Profile, Truth, parse_condition
from knowledge.content import CONTENT_ROOT, Content, Documents, load_with_documents
from knowledge.encoder import TextEncoder
from knowledge.errors import ContentError, Problem
from knowledge.figures import differing
from knowledge.models import LANGUAGES, Fact, Language
from knowledge.yaml_lines import Document, Location

# Cosine from which two questions of different topics are taken for one. Pairs of the shipped content that
# differ in what decides ("can I pay medical insurance [in person | on my own]") go up to 0.88.
OVERLAP = 0.9
# Answers that the program gives by their id.
NEEDED_ANSWERS = ("human", "law_article", "out_of_scope", "out_of_scope.emergency", "smalltalk")
_CITING = ("answer", "checklist")  # types of answers that state something; the others only if they name a law
_NAMES_LAW = re.compile(r"\bArticles? \d|\bLaws?\b|\bRegulations?\b|《|条例|第[一二三四五六七八九十百零〇\d]+条")
_TEXT_KINDS, _LIST_KINDS = ("paragraph", "notice"), ("steps", "documents")
_FIRST_DAY, _LAST_DAY = date(1949, 10, 1), date(2099, 12, 31)  # of anything the PRC has enacted or announced
_ROWS = 256  # vectors compared at a time


@dataclass(frozen=True)
class Place:
    """A value in a content file, and where it stands."""

    document: Document
    at: Location
    value: Any

    def __getitem__(self, key: str | int) -> Place:
        return Place(self.document, (*self.at, key), self.value[key])

    def __contains__(self, key: str) -> bool:
        return key in self.value

    @property
    def key(self) -> str | int:
        """The last step of the way to this place."""
        return self.at[-1]

    @property
    def name(self) -> str:
        """File and line."""
        return f"{self.document.name}:{self.document.line(*self.at)}"

    def children(self) -> Iterator[Place]:
        """The places right below, of a mapping or a list."""
        if isinstance(self.value, dict | list):
            keys: Iterable[Any] = self.value if isinstance(self.value, dict) else range(len(self.value))
            yield from (self[key] for key in keys)

    def each(self, *keys: str) -> Iterator[Place]:
        """The places below the values of these keys, as far as they are there."""
        return chain.from_iterable(self[key].children() for key in keys if key in self)

    def problem(self, what: str, mend: str) -> Problem:
        """A problem of this value."""
        return self.document.problem(self.at, what, mend)


@dataclass(frozen=True)
class Material:
    """What is checked: the typed content, the documents it came from, and what is demanded of them."""

    root: Path
    content: Content
    documents: Documents
    languages: tuple[Language, ...]
    encoder: TextEncoder | None

    def files(self, kind: str) -> Iterator[Place]:
        """The documents of a kind (a key of ``files`` in schema.yml)."""
        return (Place(document, (), document.value) for document in self.documents.get(kind, ()))

    def entries(self, kind: str, *keys: str) -> Iterator[Place]:
        """The places below these keys in all documents of a kind."""
        return chain.from_iterable(file.each(*keys) for file in self.files(kind))

    def answers(self) -> Iterator[Place]:
        """All answers."""
        return self.entries("answers", "answers")

    def articles(self) -> Iterator[tuple[str, Place]]:
        """All articles with their ids."""
        for file in self.files("law"):
            for article in file.each("articles"):
                yield f"{file.value['law']}:{article.value['number']}", article


Finding = Callable[[Material], Iterator[Problem]]


def check_content(
    root: Path = CONTENT_ROOT,
    *,
    encoder: TextEncoder | None = None,
    languages: tuple[Language, ...] = ("en",),
) -> list[Problem]:
    """Every problem of the content below ``root``, by file and line; an empty list if there is none.

    While a file is broken in shape, only that is reported: its references cannot be told yet. ``languages``
    are those in which every text must be written. With an ``encoder``, questions of two topics that mean the
    same are found too (some seconds).
    """
    try:
        content, documents = load_with_documents(root)
    except ContentError as error:
        return _in_order(error.problems)
    material = Material(root, content, documents, languages, encoder)
    return _in_order(chain.from_iterable(finding(material) for finding in FINDINGS))


def _in_order(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.line, problem.what))


# References -----------------------------------------------------------------------------------------------


def _statements(material: Material) -> Iterator[Place]:
    """Every place that says something and may carry ``sources`` and ``law``."""
    for answer in material.answers():
        yield answer["short"]
        yield from answer.each("blocks", "changed", "follow_ups")
    for checklist in material.files("checklist"):
        yield checklist["caution"]
        yield from checklist.each("instead", "items")
    yield from (kind["fallback"] for kind in material.entries("follow_ups", "follow_ups"))


def unknown_passages(material: Material) -> Iterator[Problem]:
    """References to passages that no source page has."""
    wordings = (article["wording"] for _, article in material.articles() if "wording" in article)
    for place in chain(_statements(material), wordings):
        yield from _unknown(place.each("sources"), material.content.passages, "passage", "knowledge/sources")


def unknown_articles(material: Material) -> Iterator[Problem]:
    """References to articles that no file of law has."""
    known = material.content.articles
    for place in _statements(material):
        yield from _unknown(place.each("law"), known, "article", "knowledge/law")
    for _, article in material.articles():
        yield from _unknown(article.each("supersedes", "practice_law"), known, "article", "knowledge/law")


def unknown_topics(material: Material) -> Iterator[Problem]:
    """Topics that no answer file has."""
    related = chain.from_iterable(answer.each("related") for answer in material.answers())
    listed = (checklist["topic"] for checklist in material.files("checklist"))
    follow_ups = chain.from_iterable(answer.each("follow_ups") for answer in material.answers())
    elsewhere = (place["topic"] for place in follow_ups if "topic" in place)
    yield from _unknown(chain(related, listed, elsewhere), material.content.topics, "topic", "knowledge/answers")


def unknown_checklists(material: Material) -> Iterator[Problem]:
    """Answers that name no checklist, or one that there is not."""
    for answer in material.answers():
        if "checklist" in answer:
            known = material.content.checklists
            yield from _unknown([answer["checklist"]], known, "checklist", "knowledge/checklists")
        elif answer.value.get("type") == "checklist":
            yield answer["type"].problem(
                "This answer is a checklist but names none.",
                "Add `checklist:` with an id of knowledge/checklists, or make it an answer.",
            )


def unknown_follow_ups(material: Material) -> Iterator[Problem]:
    """Follow-ups of a kind that no question leads to."""
    for answer in material.answers():
        for follow_up in answer.each("follow_ups"):
            if follow_up.key not in material.content.follow_ups:
                yield follow_up.problem(
                    f"There is no follow-up {follow_up.key!r}.",
                    "Use a kind of knowledge/follow_ups.yml, or describe the new kind there.",
                )


def _unknown(places: Iterable[Place], known: Collection[str], kind: str, home: str) -> Iterator[Problem]:
    for place in places:
        if place.value not in known:
            near = difflib.get_close_matches(place.value, known, n=3, cutoff=0.5)
            mend = f"Name one of {home}" + (f", for example {' or '.join(near)}." if near else ".")
            yield place.problem(f"There is no {kind} {place.value!r}.", mend)


# Citations ------------------------------------------------------------------------------------------------


def missing_citations(material: Material) -> Iterator[Problem]:
    """Statements without a source; what only greets, refuses or hands over needs one if it names a law."""
    for place in _statements(material):
        if place.value.get("sources") or place.value.get("law"):
            continue
        if _is_exempt(place) and not _NAMES_LAW.search(_words(place)):
            continue
        spoken = next(place[key] for key in ("text", "items", "kind") if key in place)
        yield spoken.problem(
            "This statement cites nothing.",
            "Add the passage (`sources:`) or the article (`law:`) that supports it, or take it out.",
        )


def uncited_practice(material: Material) -> Iterator[Problem]:
    """Remarks on how an article is carried out that cite nothing."""
    for _, article in material.articles():
        if "practice" in article and not article.value.get("practice_law"):
            yield article["practice"].problem(
                "This remark on practice cites nothing.",
                "Add the articles that support it as `practice_law:`.",
            )


def _is_exempt(place: Place) -> bool:
    if place.at[:1] != ("answers",):
        return False
    answer = place.document.value["answers"][place.at[1]]
    return answer.get("type", "answer") not in _CITING


def _words(place: Place) -> str:
    texts = (spoken.value for spoken in place.each("text", "items"))
    return " ".join(text if isinstance(text, str) else " ".join(text) for text in texts)


# Languages ------------------------------------------------------------------------------------------------


def missing_languages(material: Material) -> Iterator[Problem]:
    """Texts that are not written, or blank, in a language that is demanded."""
    for place in _texts(material):
        for language in material.languages:
            if language not in place:
                what = f"This text is missing in {language!r}."
                yield place.problem(what, f"Add `{language}:` beside {', '.join(place.value)}.")
        for spoken in place.children():
            yield from (
                line.problem(f"This text is blank in {spoken.key!r}.", "Write it, or delete the line.")
                for line in (spoken, *spoken.children())
                if isinstance(line.value, str) and not line.value.strip()
            )


def differing_figures(material: Material) -> Iterator[Problem]:
    """Numbers, deadlines and articles that one language has and the other lacks."""
    for place in _texts(material):
        if place.key == "questions" or place.key == "words" or not {"en", "zh"}.issubset(place.value):
            continue
        for english, chinese in _aligned(place):
            only_english, only_chinese = differing({"en": english.value, "zh": chinese.value})
            if only_english or only_chinese:
                here, there = ", ".join(only_chinese) or "none", ", ".join(only_english) or "none"
                what = f"The figures differ: only here {here}, only in 'en' {there}."
                yield chinese.problem(what, "Correct the text that is wrong, so that both say the same.")


def _aligned(place: Place) -> Iterator[tuple[Place, Place]]:
    """The texts of both languages that belong together."""
    english, chinese = place["en"], place["zh"]
    if isinstance(english.value, str) and isinstance(chinese.value, str):
        yield english, chinese
    elif isinstance(english.value, list) and isinstance(chinese.value, list):
        yield from (
            (one, other)
            for one, other in zip(english.children(), chinese.children(), strict=False)
            if isinstance(one.value, str) and isinstance(other.value, str)
        )


def missing_readings(material: Material) -> Iterator[Problem]:
    """Passages that cannot be shown in a language that is demanded, for want of a reading."""
    for path in sorted((material.root / "sources").glob("*.md")):
        lines = path.read_text(encoding="utf-8").split("\n")
        name = path.relative_to(material.root).as_posix()
        for passage in material.content.passages.values():
            if passage.verdict == "faithful" and passage.page == path.stem:
                for language in sorted({*material.languages} - {*passage.reading.by_language}):
                    yield Problem(
                        name,
                        lines.index(passage.verbatim) + 1,
                        f"The passage {passage.id} cannot be shown in {language!r}.",
                        f"Add a reading of it with `{language}:` to sources/readings.yml.",
                    )


def uneven_lists(material: Material) -> Iterator[Problem]:
    """Steps and documents that are not the same in number in every language."""
    for place in _texts(material):
        spoken = [text for text in place.children() if place.key == "items"]
        for other in spoken[1:]:
            if len(other.value) != len(spoken[0].value):
                yield other.problem(
                    f"Here are {len(other.value)} items, but {len(spoken[0].value)} in {spoken[0].key!r}.",
                    "Give every item in each language, in the same order.",
                )


def _texts(material: Material) -> Iterator[Place]:
    for kind in material.documents:
        for file in material.files(kind):
            yield from _texts_below(file)


def _texts_below(place: Place) -> Iterator[Place]:
    if isinstance(place.value, dict) and place.value and set(place.value).issubset(LANGUAGES):
        yield place
        return
    for child in place.children():
        yield from _texts_below(child)


# Ids ------------------------------------------------------------------------------------------------------


def duplicate_ids(material: Material) -> Iterator[Problem]:
    """Ids used twice."""
    files = material.files
    yield from _twice("topic", ((file.value["topic"], file["topic"]) for file in files("answers")))
    yield from _twice("answer", ((answer.value["id"], answer["id"]) for answer in material.answers()))
    yield from _twice("law", ((file.value["law"], file["law"]) for file in files("law")))
    yield from _twice("article", ((law_id, place["number"]) for law_id, place in material.articles()))
    yield from _twice("checklist", ((file.value["checklist"], file["checklist"]) for file in files("checklist")))
    for file in files("checklist"):
        yield from _twice("item", ((item.value["id"], item["id"]) for item in file.each("items")))
    for kind in ("facts", "follow_ups"):
        yield from _twice(kind.rstrip("s"), ((one.value["id"], one["id"]) for one in material.entries(kind, kind)))
    readings = material.entries("readings", "readings")
    yield from _twice("reading", ((one.value["passage"], one["passage"]) for one in readings))


def misnamed(material: Material) -> Iterator[Problem]:
    """Answers outside their topic, and files not called after what they hold."""
    for kind, field in (("answers", "topic"), ("checklist", "checklist")):
        for file in material.files(kind):
            if file.document.path.stem != file.value[field]:
                what = f"The file of {file.value[field]!r} is called {file.document.path.name}."
                yield file[field].problem(what, f"Call it {file.value[field]}.yml, or correct the id.")
    for file in material.files("answers"):
        for answer in file.each("answers"):
            if answer.value["id"].split(".")[0] != file.value["topic"]:
                what = f"The answer {answer.value['id']!r} stands in the topic {file.value['topic']!r}."
                mend = f"Call it {file.value['topic']}.NAME, or move it to its own topic."
                yield answer["id"].problem(what, mend)


def _twice(kind: str, ids: Iterable[tuple[str, Place]]) -> Iterator[Problem]:
    first: dict[str, Place] = {}
    for one, place in ids:
        if one in first:
            what = f"The {kind} id {one!r} is used twice, first at {first[one].name}."
            yield place.problem(what, "Give one of them another id, or delete it.")
        first.setdefault(one, place)


# Reachability ---------------------------------------------------------------------------------------------


def missing_general_answers(material: Material) -> Iterator[Problem]:
    """Topics whose general answer is missing or does not come first."""
    for file in material.files("answers"):
        ids = [answer.value["id"] for answer in file.each("answers")]
        topic = file.value["topic"]
        if topic not in ids:
            what = f"The topic {topic!r} has no general answer."
            yield file["topic"].problem(what, f"Make the first answer the general one, with the id {topic}.")
        elif ids[0] != topic:
            place = file["answers"][ids.index(topic)]["id"]
            yield place.problem(f"The general answer {topic!r} does not come first.", "Move it to the top.")


def missing_answers(material: Material) -> Iterator[Problem]:
    """Answers that the program gives by their id, but that are not there."""
    for answer_id in NEEDED_ANSWERS:
        if answer_id not in material.content.answers:
            name = f"answers/{answer_id.split('.')[0]}.yml"
            yield Problem(name, 1, f"The program needs the answer {answer_id!r}.", "Write it in this file.")


def answers_without_questions(material: Material) -> Iterator[Problem]:
    """Answers and follow-ups that nobody can reach for want of a question."""
    for place in chain(material.answers(), material.entries("follow_ups", "follow_ups")):
        for language in material.languages:
            if not place["questions"].value.get(language, True):
                what = f"Nobody can reach {place.value['id']!r}: it has no question in {language!r}."
                yield place["questions"].problem(what, "Write the questions that it answers, or delete it.")


def unused_checklists(material: Material) -> Iterator[Problem]:
    """Checklists that no answer of their topic names."""
    named = {(answer.topic, answer.checklist) for answer in material.content.answers.values()}
    for file in material.files("checklist"):
        topic, checklist = file.value["topic"], file.value["checklist"]
        if topic in material.content.topics and (topic, checklist) not in named:
            what = f"Nobody can reach the checklist {checklist!r}: no answer of {topic!r} names it."
            yield file["checklist"].problem(what, f"Add `checklist: {checklist}` to an answer of that topic.")


# Conditions -----------------------------------------------------------------------------------------------


def unknown_facts(material: Material) -> Iterator[Problem]:
    """Conditions and consequences that name no profile fact."""
    for used in _facts_used(material):
        if used.key not in material.content.facts:
            yield used.problem(
                f"There is no profile fact {used.key!r}.",
                f"Use one of knowledge/checklists/facts.yml: {', '.join(material.content.facts)}.",
            )


def impossible_values(material: Material) -> Iterator[Problem]:
    """Conditions and consequences with a value that the fact never has."""
    for used in _facts_used(material):
        fact = material.content.facts.get(str(used.key))
        wrong = [value for value in _values(used) if fact and not _accepts(fact, value)]
        if fact and wrong:
            what = f"The fact {fact.id!r} is never {wrong[0]!r}."
            yield used.problem(what, f"Use {_possible_values(fact)}.")


def impossible_conditions(material: Material) -> Iterator[Problem]:
    """Conditions that hold for nobody, so that the item, block or rule behind them is never reached."""
    for when in _conditions(material):
        if all(_is_sound(part, material.content) for part in _parts(when)):
            condition = parse_condition(when.value)
            if not any(condition.evaluate(person) is not Truth.NO for person in _people(condition, material)):
                yield when.problem(
                    "This condition holds for nobody.",
                    "Correct it, or delete what stands behind it; "
                    "what follows from a fact is in knowledge/checklists/derived.yml.",
                )


def unexplained_items(material: Material) -> Iterator[Problem]:
    """Items for some people only that do not say for whom, or why they are not needed."""
    for item in material.entries("checklist", "items"):
        demanded = ("if_applicable", "why_not") if "when" in item else ()
        for field in demanded:
            if field not in item:
                what = f"The item {item.value['id']!r} has a condition but no `{field}`."
                yield item["when"].problem(what, f"Add `{field}:`, the words for those who do not need it.")


def _conditions(material: Material) -> Iterator[Place]:
    blocks = chain.from_iterable(answer.each("blocks") for answer in material.answers())
    listed = material.entries("checklist", "instead", "items")
    derived = material.entries("derived", "derived")
    return (place["when"] for place in chain(blocks, listed, derived) if "when" in place)


def _facts_used(material: Material) -> Iterator[Place]:
    yield from chain.from_iterable(_parts(when) for when in _conditions(material))
    yield from chain.from_iterable(rule.each("then") for rule in material.entries("derived", "derived"))


def _parts(when: Place) -> Iterator[Place]:
    """The facts that a condition names, wherever in it."""
    for part in when.children():
        if part.key == "any":
            yield from chain.from_iterable(_parts(one) for one in part.children())
        elif part.key == "not":
            yield from _parts(part)
        else:
            yield part


def _values(used: Place) -> list[Any]:
    if isinstance(used.value, dict):
        return [bound - 1 if key == "below" else bound for key, bound in used.value.items()]
    return used.value if isinstance(used.value, list) else [used.value]


def _accepts(fact: Fact, value: Any) -> bool:
    return isinstance(value, bool) == (fact.type == "boolean") and fact.accepts(value)


def _possible_values(fact: Fact) -> str:
    if fact.type == "number":
        return f"a number from {fact.minimum} to {fact.maximum}"
    return ", ".join(map(str, fact.values)) if fact.type == "choice" else "true or false"


def _is_sound(part: Place, content: Content) -> bool:
    fact = content.facts.get(str(part.key))
    return fact is not None and all(_accepts(fact, value) for value in _values(part))


def _people(condition: Condition, material: Material) -> Iterator[Profile]:
    """Everybody who can exist, told apart by the facts that the condition looks at."""
    facts = sorted(condition.facts())
    for values in product(*(_all_values(material.content.facts[fact]) for fact in facts)):
        person = derive(dict(zip(facts, values, strict=True)), material.content.derivations)
        if _can_exist(person, material.content):
            yield person


def _all_values(fact: Fact) -> Sequence[FactValue]:
    if fact.type == "number":
        return range(fact.minimum, fact.maximum + 1)
    return fact.values if fact.type == "choice" else (True, False)


def _can_exist(person: Profile, content: Content) -> bool:
    youngest, oldest = person.age_range
    for rule in content.derivations:
        if rule.when.evaluate(person) is Truth.YES:
            low, high = rule.age_bounds or (0, AGE_LIMIT)
            if oldest < low or high < youngest:
                return False
            if any(person.get(fact) != value for fact, value in rule.facts.items()):
                return False
    return True


# Dates ----------------------------------------------------------------------------------------------------


def broken_successions(material: Material) -> Iterator[Problem]:
    """Articles that do not take over on the day after the old one ends."""
    articles = material.content.articles
    for law_id, place in material.articles():
        eve = articles[law_id].valid_from - timedelta(days=1)
        for superseded in place.each("supersedes"):
            old = articles.get(superseded.value)
            if old is not None and old.valid_to != eve:
                ends = f"ends on {old.valid_to}" if old.valid_to else "has no end"
                what = f"{law_id} takes over from {old.id} on {articles[law_id].valid_from}, but that {ends}."
                yield superseded.problem(what, f"Give {old.id} `valid_to: {eve}`, or correct `supersedes`.")


def ends_without_successor(material: Material) -> Iterator[Problem]:
    """Articles that end while nothing takes over: a citation of them would vanish."""
    for law_id, place in material.articles():
        if "valid_to" in place and law_id not in material.content.successors:
            yield place["valid_to"].problem(
                f"{law_id} ends, but no article takes over from it.",
                f"Add {law_id} to `supersedes` of its successor, or take `valid_to` out.",
            )


def reversed_windows(material: Material) -> Iterator[Problem]:
    """Articles and blocks that end before they begin."""
    blocks = chain.from_iterable(answer.each("blocks") for answer in material.answers())
    windows = chain(
        ((block, "from", "until") for block in blocks),
        ((article, "valid_from", "valid_to") for _, article in material.articles()),
    )
    for place, first, last in windows:
        if first in place and last in place and place.value[last] < place.value[first]:
            what = f"This ends on {place.value[last]}, before it begins on {place.value[first]}."
            yield place[last].problem(what, f"Correct `{first}` or `{last}`.")


def impossible_days(material: Material) -> Iterator[Problem]:
    """Days that are in no calendar, or in none that can be meant."""
    changes = chain.from_iterable(answer.each("changed") for answer in material.answers())
    blocks = chain.from_iterable(answer.each("blocks") for answer in material.answers())
    articles = (article for _, article in material.articles())
    for place in chain(changes, blocks, articles):
        for field in ("date", "from", "until", "valid_from", "valid_to"):
            if field in place and not _is_likely(place.value[field]):
                yield place[field].problem(
                    f"{place.value[field]} cannot be the day that is meant.",
                    f"Write an existing day from {_FIRST_DAY} to {_LAST_DAY}, year first.",
                )


def _is_likely(day: str) -> bool:
    try:
        return _FIRST_DAY <= date.fromisoformat(day) <= _LAST_DAY
    except ValueError:
        return False


# Parts that belong together -------------------------------------------------------------------------------


def unfit_blocks(material: Material) -> Iterator[Problem]:
    """Blocks without what their kind shows, or with items that it does not show."""
    for answer in material.answers():
        for block in answer.each("blocks"):
            kind = block.value["kind"]
            if kind in _TEXT_KINDS and "text" not in block:
                yield block["kind"].problem(f"This {kind} has no text.", "Add `text:`, or delete the block.")
            if kind in _TEXT_KINDS and "items" in block:
                what, mend = f"A {kind} has no items.", "Make it steps or documents, or write one text."
                yield block["items"].problem(what, mend)
            if kind in _LIST_KINDS and not any(block.value.get("items", {}).values()):
                what, mend = f"This block of {kind} has no items.", "Add `items:`, or make it a paragraph."
                yield block["kind"].problem(what, mend)


def unfit_facts(material: Material) -> Iterator[Problem]:
    """Facts whose values, buttons and words do not go together."""
    for place in material.entries("facts", "facts"):
        fact = material.content.facts[place.value["id"]]
        if not _all_values(fact):
            yield place["id"].problem(f"The fact {fact.id!r} has no values.", "Give its values, or its range.")
        for choice in place.each("choices"):
            if not _accepts(fact, choice.value["value"]):
                what = f"The fact {fact.id!r} is never {choice.value['value']!r}."
                yield choice["value"].problem(what, f"Use {_possible_values(fact)}.")
        for words in place["summary"].children():
            unnamed = [value for value in _all_values(fact) if not _says(words.value, value)]
            if unnamed:
                what = f"The summary of {fact.id!r} has no words for {unnamed[0]!r}."
                yield words.problem(what, "Add them, or write one text with {value} in it.")


def misread_phrase_names(material: Material) -> Iterator[Problem]:
    """Names of phrases that YAML does not read as words (yes, no, on, off, numbers)."""
    for phrase in material.entries("phrases", "phrases"):
        if not isinstance(phrase.key, str) or isinstance(phrase.key, bool):
            what = f"YAML reads the name of this phrase as {phrase.key!r}, so it is never found."
            yield phrase.problem(what, "Put the name in quotes.")


def uneven_placeholders(material: Material) -> Iterator[Problem]:
    """Placeholders that are broken, or differ between the languages."""
    for kind in ("phrases", "facts"):
        for text in chain.from_iterable(_texts_below(file) for file in material.files(kind)):
            spoken = [place for place in text.children() if isinstance(place.value, str)]
            names = [_placeholders(place.value) for place in spoken]
            for place, found in zip(spoken, names, strict=True):
                if found is None:
                    mend = "Write {name}; a brace that is meant as such is doubled: {{."
                    yield place.problem("The braces of this text are no placeholders.", mend)
                elif names[0] is not None and found != names[0]:
                    here, there = _listed(found), _listed(names[0])
                    what = f"The placeholders here are {here}, but {there} in {spoken[0].key!r}."
                    yield place.problem(what, "Use the same placeholders in every language.")


def _says(words: Any, value: FactValue) -> bool:
    if isinstance(words, str):
        return "{value}" in words
    return bool(words.get(value)) or "{value}" in words.get("other", "")


def _placeholders(text: str) -> frozenset[str] | None:
    """The names in braces; None if the braces are broken or have no name in them."""
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError:
        return None
    return frozenset(names) if all(name.isidentifier() for name in names) else None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(f"{{{name}}}" for name in names)) or "none"


# Questions ------------------------------------------------------------------------------------------------


def same_questions(material: Material) -> Iterator[Problem]:
    """Questions that stand twice, letter case and marks aside: nobody could tell which one is meant."""
    law = (article for _, article in material.articles())
    for owners in (material.answers(), law, material.entries("follow_ups", "follow_ups")):
        first: dict[str, Place] = {}
        for question in chain.from_iterable(_questions(owner) for owner in owners):
            seen = first.setdefault(_bare(question.value), question)
            if seen is not question and not _is_counterpart(seen, question):
                yield question.problem(
                    f"The question {question.value!r} stands at {seen.name} as well.",
                    "Keep it where it is answered best, and delete the other one.",
                )


def _is_counterpart(one: Place, other: Place) -> bool:
    """Whether two questions are one in two languages: "123456"."""
    return one.document is other.document and one.at[:-2] == other.at[:-2] and one.at[-2] != other.at[-2]


def overlapping_questions(material: Material) -> Iterator[Problem]:
    """Questions of two topics that the encoder takes for one; needs an encoder.

    Refusals and small talk among themselves are not compared: they lead to one kind of reply, and very short
    texts come near to each other without meaning the same.
    """
    if material.encoder is None:
        return
    asked = [(answer, question) for answer in material.answers() for question in _questions(answer)]
    vectors = material.encoder.encode([question.value for _, question in asked])
    for start in range(0, len(asked), _ROWS):
        scores = vectors[start : start + _ROWS] @ vectors.T
        for row, column in zip(*(scores >= OVERLAP).nonzero(), strict=True):
            (one, first), (other, second) = asked[start + row], asked[column]
            if start + row < column and _compete(one, other) and _bare(first.value) != _bare(second.value):
                what = f"The question {second.value!r} means the same as {first.value!r} at {first.name}"
                yield second.problem(
                    f"{what} (similarity {scores[row, column]:.2f}), but belongs to another topic.",
                    "Delete the one that is answered worse, or say in it what makes the difference.",
                )


def _compete(one: Place, other: Place) -> bool:
    topics = {place.document.value["topic"] for place in (one, other)}
    return len(topics) > 1 and any(place.value.get("type", "answer") in _CITING for place in (one, other))


def _questions(owner: Place) -> Iterator[Place]:
    if "questions" in owner:
        for language in owner["questions"].children():
            yield from language.children()


def _bare(question: str) -> str:
    """The question without letter case and marks; as it is where it consists of marks."""
    return " ".join(re.sub(r"[^\w\s]", " ", question.casefold()).split()) or question.strip()


FINDINGS: tuple[Finding, ...] = (
    unknown_passages,
    unknown_articles,
    unknown_topics,
    unknown_checklists,
    unknown_follow_ups,
    missing_citations,
    uncited_practice,
    missing_languages,
    differing_figures,
    missing_readings,
    uneven_lists,
    duplicate_ids,
    misnamed,
    missing_general_answers,
    missing_answers,
    answers_without_questions,
    unused_checklists,
    unknown_facts,
    impossible_values,
    impossible_conditions,
    unexplained_items,
    broken_successions,
    ends_without_successor,
    reversed_windows,
    impossible_days,
    unfit_blocks,
    unfit_facts,
    misread_phrase_names,
    uneven_placeholders,
    same_questions,
    overlapping_questions,
)
