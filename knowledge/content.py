"""Loading the content: sources, law, answers, checklists, phrases, as typed models.

Shape is checked on every load (``schema.yml``), so that broken content can never be half served; references
between files are checked by ``knowledge.check``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError

from knowledge.conditions import AGE_LIMIT, Condition, FactValue, parse_condition
from knowledge.errors import ContentError, Problem
from knowledge.models import (
    Answer,
    Article,
    Block,
    Change,
    Checklist,
    Choice,
    Derivation,
    Fact,
    FollowUp,
    Instead,
    Item,
    ItemQuestion,
    Law,
    Passage,
    References,
    Statement,
    Text,
    TextList,
)
from knowledge.yaml_lines import Document, Location, read_yaml

CONTENT_ROOT = Path(__file__).parent
_PAGE_FIELDS = {"id", "title", "origin", "sha256"}
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)


@dataclass(frozen=True)
class Content:
    """Everything the assistant knows, and the revision (hash) of the files it came from."""

    passages: Mapping[str, Passage]
    laws: Mapping[str, Law]
    answers: Mapping[str, Answer]
    checklists: Mapping[str, Checklist]
    facts: Mapping[str, Fact]
    derivations: tuple[Derivation, ...]
    known_of: Mapping[str, Mapping[str, FactValue]]  # relative of the speaker to what goes without saying
    follow_ups: Mapping[str, FollowUp]
    item_question: ItemQuestion
    phrases: Mapping[str, Text]
    topic_titles: Mapping[str, Text]
    revision: str

    @cached_property
    def articles(self) -> Mapping[str, Article]:
        """All articles by id."""
        return {article.id: article for law in self.laws.values() for article in law.articles}

    @cached_property
    def successors(self) -> Mapping[str, tuple[str, ...]]:
        """For each superseded article, the articles that take over."""
        found: dict[str, list[str]] = {}
        for article in self.articles.values():
            for old in article.supersedes:
                found.setdefault(old, []).append(article.id)
        return {old: tuple(new) for old, new in found.items()}

    @property
    def topics(self) -> tuple[str, ...]:
        """Ids of all topics that have answers."""
        return tuple(self.topic_titles)

    def general(self, topic: str) -> Answer:
        """The general answer of a topic."""
        return self.answers[topic]

    def next_words(self, answer: Answer, aspect: str) -> Statement | None:
        """What an answer, or its topic's general one, says by itself when an aspect of it is asked about next."""
        return answer.follow_ups.get(aspect) or self.general(answer.topic).follow_ups.get(aspect)

    @cached_property
    def predecessors(self) -> Mapping[str, tuple[str, ...]]:
        """Article to the articles that it takes over from."""
        found: dict[str, tuple[str, ...]] = {}
        for old, news in self.successors.items():
            for new in news:
                found[new] = (*found.get(new, ()), old)
        return found

    def law_in_force(self, law_ids: tuple[str, ...], on: date, *, said_from: date | None = None) -> tuple[str, ...]:
        """The articles to cite on a day: superseded give way to successors, future ones drop out.

        What is ``said_from`` a day after an article gave way names it on purpose, for what goes on of it; it stays.
        """
        cited: list[str] = []
        for law_id in law_ids:
            article = self.articles[law_id]
            if article.in_force(on):
                cited.append(law_id)
            elif article.valid_to is not None and on > article.valid_to:
                if said_from is not None and said_from > article.valid_to:
                    cited.append(law_id)
                    continue
                cited.extend(new for new in self.successors.get(law_id, ()) if self.articles[new].in_force(on))
        return tuple(dict.fromkeys(cited))


Documents = Mapping[str, tuple[Document, ...]]


def load_content(root: Path = CONTENT_ROOT, *, checked: str | None = None) -> Content:
    """Read all content files below ``root``.

    Content of the revision ``checked`` is known to have the shape that schema.yml wants: that is not looked at again.

    Raises:
        ContentError: with every broken file found, each with line and mend.
    """
    return load_with_documents(root, checked=checked)[0]


def load_with_documents(root: Path = CONTENT_ROOT, *, checked: str | None = None) -> tuple[Content, Documents]:
    """The content, and by kind (a key of ``files`` in schema.yml) the documents it came from, with lines.

    Raises:
        ContentError: with every broken file found, each with line and mend.
    """
    revision = content_revision(root)
    reader = _Reader(root, has_shape=revision == checked)
    passages = reader.passages()
    laws = {law.id: law for law in reader.laws()}
    answers: dict[str, Answer] = {}
    titles: dict[str, Text] = {}
    for document in reader.documents("answers", "answers"):
        answers.update((answer.id, answer) for answer in reader.answers(document))
        titles[document.value["topic"]] = _text(document.value["title"])
    checklists = {item.id: item for item in reader.checklists()}
    facts, derivations = reader.facts(), reader.derivations()
    follow_ups = {item.id: item for item in reader.follow_ups()}
    phrases = reader.phrases()
    if reader.problems:
        raise ContentError(reader.problems)
    content = Content(
        passages=passages,
        laws=laws,
        answers=answers,
        checklists=checklists,
        facts=facts,
        derivations=derivations,
        known_of=reader.known_of(),
        follow_ups=follow_ups,
        item_question=reader.item_question(),
        phrases=phrases,
        topic_titles=titles,
        revision=revision,
    )
    return content, {kind: tuple(documents) for kind, documents in reader.read.items()}


def content_files(root: Path = CONTENT_ROOT) -> tuple[Path, ...]:
    """Every file that holds content, in a stable order."""
    return tuple(
        sorted(
            [*root.glob("sources/*"), *root.glob("law/*.yml"), *root.glob("answers/*.yml"),
             *root.glob("checklists/*.yml"), root / "follow_ups.yml", root / "phrases.yml"]
        )
    )  # fmt: skip


def content_revision(root: Path = CONTENT_ROOT) -> str:
    """Hash of the content, 12 hexadecimal digits."""
    digest = hashlib.sha256()
    for path in content_files(root):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()[:12]


@lru_cache(maxsize=1)
def _validators() -> dict[str, Draft202012Validator]:
    schema = yaml.load((CONTENT_ROOT / "schema.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    definitions = {"$defs": schema["$defs"]}
    return {kind: Draft202012Validator({**definitions, **shape}) for kind, shape in schema["files"].items()}


class _Reader:
    """Reads one content tree and gathers its problems."""

    def __init__(self, root: Path, *, has_shape: bool) -> None:
        self._root = root
        self._has_shape = has_shape
        self.problems: list[Problem] = []
        self.read: dict[str, list[Document]] = {}

    def document(self, path: Path, kind: str) -> Document | None:
        try:
            document = read_yaml(path, root=self._root)
        except ContentError as error:
            self.problems.extend(error.problems)
            return None
        faults = [] if self._has_shape else list(_validators()[kind].iter_errors(document.value))
        for fault in faults:
            at = _location(fault)
            what = f"{'/'.join(map(str, at)) or 'the file'}: {_shorten(fault.message)}."
            self.problems.append(document.problem(at, what, f"See {kind} in knowledge/schema.yml."))
        if faults:
            return None
        self.read.setdefault(kind, []).append(document)
        return document

    def documents(self, folder: str, kind: str) -> Iterator[Document]:
        for path in sorted((self._root / folder).glob("*.yml")):
            document = self.document(path, kind)
            if document is not None:
                yield document

    def condition(self, document: Document, raw: Any, at: Location) -> Condition:
        try:
            return parse_condition(raw)
        except (ValueError, TypeError) as error:
            what = f"This is no condition: {error}."
            self.problems.append(document.problem(at, what, "See knowledge/conditions.py for the forms."))
            return parse_condition(None)

    def day(self, document: Document, raw: str | None, at: Location) -> date | None:
        try:
            return date.fromisoformat(raw) if raw else None
        except ValueError:
            what = f"{raw} is no day of the calendar."
            self.problems.append(document.problem(at, what, "Write an existing day, year first: 2027-01-01."))
            return None

    def passages(self) -> dict[str, Passage]:
        readings: dict[str, dict[str, Any]] = {}
        document = self.document(self._root / "sources" / "readings.yml", "readings")
        at: dict[str, Location] = {}
        for index, raw in enumerate(document.value["readings"] if document else ()):
            readings[raw["passage"]] = raw
            at[raw["passage"]] = ("readings", index, "passage")
        passages: dict[str, Passage] = {}
        for path in sorted((self._root / "sources").glob("*.md")):
            name = path.relative_to(self._root).as_posix()
            try:
                text = path.read_text(encoding="utf-8")
                front = _FRONT_MATTER.match(text)
                meta = yaml.load(front.group(1), yaml.CSafeLoader) if front else None
            except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
                self.problems.append(Problem(name, 1, f"The page cannot be read: {error}.", "Restore it from git."))
                continue
            if front is None or not isinstance(meta, dict) or not _PAGE_FIELDS.issubset(meta):
                mend = "Begin it with id, title, origin and sha256 between two lines of ---."
                self.problems.append(Problem(name, 1, "The page has no complete front matter.", mend))
                continue
            body = text[front.end() :]
            if hashlib.sha256(body.encode()).hexdigest() != meta["sha256"]:
                line = front.group(0).count("\n") + 1
                what = "The page is not what it was when it was stored."
                mend = "Restore it; errors are corrected in sources/readings.yml and in answers, never here."
                self.problems.append(Problem(name, line, what, mend))
            paragraphs = [line for line in body.split("\n") if line.strip()]
            for number, paragraph in enumerate(paragraphs, 1):
                passage_id = f"{meta['id']}#p{number}"
                reading = readings.pop(passage_id, None)
                passages[passage_id] = Passage(
                    passage_id,
                    meta["id"],
                    meta["title"],
                    paragraph,
                    _text(reading["text"]) if reading else Text({"en": paragraph}),
                    reading["verdict"] if reading else "faithful",
                )
        for passage_id in readings:
            assert document is not None
            what = f"There is no passage {passage_id}."
            self.problems.append(document.problem(at[passage_id], what, "Name one of knowledge/sources, as 000#p7."))
        return passages

    def laws(self) -> Iterator[Law]:
        for document in self.documents("law", "law"):
            raw = document.value
            title = _text(raw["title"])
            articles = []
            for index, entry in enumerate(raw["articles"]):
                at: Location = ("articles", index)
                valid_from = self.day(document, entry["valid_from"], (*at, "valid_from"))
                wording = entry.get("wording", {})
                articles.append(
                    Article(
                        id=f"{raw['law']}:{entry['number']}",
                        law=raw["law"],
                        number=entry["number"],
                        law_title=title,
                        kind=raw["kind"],
                        title=_text(entry["title"]),
                        summary=_text(entry["summary"]),
                        valid_from=valid_from or date.min,
                        valid_to=self.day(document, entry.get("valid_to"), (*at, "valid_to")),
                        valid_to_note=_text(entry.get("valid_to_note")),
                        supersedes=tuple(entry.get("supersedes", ())),
                        practice=_text(entry.get("practice")),
                        practice_law=tuple(entry.get("practice_law", ())),
                        wording_sources=tuple(wording.get("sources", ())),
                        correction=_text(wording.get("correction")),
                        quote_zh=entry.get("quote_zh", ""),
                        questions=_text_list(entry.get("questions")),
                    )
                )
            yield Law(raw["law"], title, raw["kind"], tuple(raw["aliases"]), raw.get("last_article"), tuple(articles))

    def answers(self, document: Document) -> Iterator[Answer]:
        topic = document.value["topic"]
        for index, raw in enumerate(document.value["answers"]):
            at: Location = ("answers", index)
            blocks = tuple(
                Block(
                    kind=block["kind"],
                    text=_text(block.get("text")),
                    items=_text_list(block.get("items")),
                    when=self.condition(document, block.get("when"), (*at, "blocks", number, "when")),
                    valid_from=self.day(document, block.get("from"), (*at, "blocks", number, "from")),
                    valid_to=self.day(document, block.get("until"), (*at, "blocks", number, "until")),
                    references=_references(block),
                )
                for number, block in enumerate(raw.get("blocks", ()))
            )
            yield Answer(
                id=raw["id"],
                topic=topic,
                type=raw.get("type", "answer"),
                title=_text(raw.get("title", document.value["title"])),
                confidence=raw.get("confidence", "high"),
                questions=_text_list(raw["questions"]),
                short=_statement(raw["short"]),
                blocks=blocks,
                changed=tuple(Change(change["date"], _statement(change)) for change in raw.get("changed", ())),
                follow_ups={key: _statement(value) for key, value in raw.get("follow_ups", {}).items()},
                related=tuple(raw.get("related", ())),
                checklist=raw.get("checklist"),
            )

    def checklists(self) -> Iterator[Checklist]:
        for path in sorted((self._root / "checklists").glob("*.yml")):
            if path.name in ("facts.yml", "derived.yml"):
                continue
            document = self.document(path, "checklist")
            if document is None:
                continue
            raw = document.value
            yield Checklist(
                id=raw["checklist"],
                topic=raw["topic"],
                title=_text(raw["title"]),
                caution=_statement(raw["caution"]),
                instead=tuple(
                    Instead(
                        self.condition(document, case["when"], ("instead", index, "when")),
                        _statement(case),
                        case.get("ends", False),
                    )
                    for index, case in enumerate(raw.get("instead", ()))
                ),
                items=tuple(
                    Item(
                        id=item["id"],
                        text=_text(item["text"]),
                        when=self.condition(document, item.get("when"), ("items", index, "when")),
                        if_applicable=_text(item.get("if_applicable")),
                        why=_text(item["why"]),
                        why_not=_text(item.get("why_not")),
                        references=_references(item),
                        called=_text_list(item.get("called")),
                    )
                    for index, item in enumerate(raw["items"])
                ),
            )

    def facts(self) -> dict[str, Fact]:
        document = self.document(self._root / "checklists" / "facts.yml", "facts")
        return {raw["id"]: _fact(raw) for raw in (document.value["facts"] if document else ())}

    def derivations(self) -> tuple[Derivation, ...]:
        document = self.document(self._root / "checklists" / "derived.yml", "derived")
        return tuple(
            Derivation(
                self.condition(document, raw["when"], ("derived", index, "when")),
                dict(raw.get("then", {})),
                (raw["age"].get("at_least", 0), raw["age"].get("at_most", AGE_LIMIT)) if "age" in raw else None,
                bool(raw.get("usual", False)),
            )
            for index, raw in enumerate(document.value["derived"] if document else ())
            if document is not None
        )

    def known_of(self) -> dict[str, dict[str, FactValue]]:
        document = self.document(self._root / "checklists" / "derived.yml", "derived")
        grown_up = document.value["grown_up"] if document else {"persons": (), "then": {}}
        return {person: dict(grown_up["then"]) for person in grown_up["persons"]}

    def follow_ups(self) -> Iterator[FollowUp]:
        document = self.document(self._root / "follow_ups.yml", "follow_ups")
        for raw in document.value["follow_ups"] if document else ():
            yield FollowUp(raw["id"], _text_list(raw["questions"]), _statement(raw["fallback"]))

    def item_question(self) -> ItemQuestion:
        document = self.document(self._root / "item_questions.yml", "item_questions")
        raw = document.value if document else {}
        return ItemQuestion(_text_list(raw.get("asks")), _text_list(raw.get("other")))

    def phrases(self) -> dict[str, Text]:
        document = self.document(self._root / "phrases.yml", "phrases")
        return {key: _text(value) for key, value in (document.value["phrases"] if document else {}).items()}


def _text(raw: Mapping[str, str] | None) -> Text:
    return Text({language: " ".join(text.split()) for language, text in (raw or {}).items()})


def _text_list(raw: Mapping[str, list[str]] | None) -> TextList:
    return TextList(
        {language: tuple(" ".join(text.split()) for text in texts) for language, texts in (raw or {}).items()}
    )


def _references(raw: Mapping[str, Any]) -> References:
    return References(tuple(raw.get("sources", ())), tuple(raw.get("law", ())))


def _statement(raw: Mapping[str, Any]) -> Statement:
    return Statement(_text(raw["text"]), _references(raw), raw.get("topic"))


def _fact(raw: Mapping[str, Any]) -> Fact:
    values: tuple[FactValue, ...] = tuple(raw.get("values", ()))
    return Fact(
        id=raw["id"],
        type=raw["type"],
        values=values,
        minimum=raw.get("minimum", 0),
        maximum=raw.get("maximum", AGE_LIMIT),
        label=_text(raw["label"]),
        question=_text(raw["question"]),
        question_you=_text(raw["question_you"]),
        reask=_text(raw["reask"]),
        reask_you=_text(raw["reask_you"]),
        reason=_text(raw["reason"]),
        sensitive=raw.get("sensitive", False),
        choices=tuple(
            Choice(choice["value"], _text(choice["title"]), _text_list(choice.get("words")))
            for choice in raw.get("choices", ())
        ),
        summary=raw["summary"],
    )


def _location(fault: ValidationError) -> Location:
    """Where the fault is; for a key that does not belong there, that key."""
    at: Location = tuple(fault.absolute_path)
    known, given = fault.schema, fault.instance
    if not (fault.validator == "additionalProperties" and isinstance(known, dict) and isinstance(given, dict)):
        return at
    foreign = [key for key in given if key not in known["properties"]]
    return (*at, *foreign[:1])


def _shorten(message: str, limit: int = 160) -> str:
    return message if len(message) <= limit else message[: limit - 1] + "…"
