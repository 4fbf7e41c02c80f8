"""Composing replies from content: the right words, blocks and citations for this person on this day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from knowledge.checklist import ChecklistResult, ItemResult, Needed, derive
from knowledge.conditions import FactValue, Truth
from knowledge.content import Content
from knowledge.models import LANGUAGES, Answer, Article, Block, Passage, References
from knowledge.punctuation import MARKS, Marks, written_day
from knowledge.reply import (
    Citation,
    Confidence,
    Reply,
    ReplyBlock,
    ReplyChecklist,
    ReplyItem,
    ReplyType,
    Suggestion,
)

SURE = Confidence.of(1.0)
_MEDIUM_AT_MOST = 0.74  # an answer that rests on claims true "in many places" is never given as highly certain


@dataclass(frozen=True)
class Composer:
    """Writes replies in one language for one day."""

    content: Content
    today: date
    language: str = "en"

    @property
    def marks(self) -> Marks:
        """The punctuation of the language."""
        return MARKS[self.language]

    # Sentences of the program itself ------------------------------------------------------------------

    def phrase(self, name: str, **values: object) -> str:
        """A sentence of ``phrases.yml`` with its names filled in."""
        return self.content.phrases[name].get(self.language).format(**values)

    def simple(self, type: ReplyType, topic: str, phrase: str, **values: object) -> Reply:
        """A reply that is one sentence of the program."""
        return self._reply(type, topic, self.phrase(phrase, **values))

    def in_every_language(self, type: ReplyType, topic: str, phrase: str) -> Reply:
        """A sentence of the program in all languages, for somebody of whom it is not known which of them they read."""
        languages = sorted(LANGUAGES, key=lambda language: language != self.language)
        text = "\n".join(dict.fromkeys(self.content.phrases[phrase].get(language) for language in languages))
        return self._reply(type, topic, text)

    # Answers ------------------------------------------------------------------------------------------

    def answer(
        self,
        answer: Answer,
        *,
        facts: Mapping[str, FactValue] | None = None,
        confidence: Confidence = SURE,
        emergency: bool = False,
        lead: str = "",
    ) -> Reply:
        """The answer for a person of whom ``facts`` are known; ``lead`` and, where life is in danger, 120 first."""
        parts = [self._block(block) for block in self._blocks_for(answer.blocks, facts or {})]
        parts += [
            ReplyBlock(
                "notice",
                self.phrase("changed", text=change.statement.text.get(self.language)),
                citations=self._cite(change.statement.references, date.fromisoformat(change.on)),
            )
            for change in answer.changed
        ]
        first = self.phrase("emergency_first") if emergency else ""
        short = self.marks.sentences([first, lead, answer.short.text.get(self.language)])
        cited = self._cite(answer.short.references)
        if answer.confidence == "medium":
            confidence = Confidence.of(min(confidence.score, _MEDIUM_AT_MOST))
        return self._reply(
            answer.type,
            answer.topic,
            short,
            blocks=parts,
            cited=[*cited, *(law_id for part in parts for law_id in part.citations)],
            confidence=confidence,
            suggestions=self._topics(answer.related),
        )

    def follow_up(self, answer: Answer, aspect: str, *, confidence: Confidence = SURE) -> Reply:
        """What comes next after ``answer``: its own words on the aspect, its topic's, or the general ones."""
        if aspect == "law":
            return self._legal_basis(answer, confidence)
        statement = self.content.next_words(answer, aspect) or self.content.follow_ups[aspect].fallback
        cited = self._cite(statement.references)
        text = statement.text.get(self.language)
        return self._reply("answer", statement.topic or answer.topic, text, cited=cited, confidence=confidence)

    def _legal_basis(self, answer: Answer, confidence: Confidence) -> Reply:
        said = [(answer.short.references, None), *((block.references, block.valid_from) for block in answer.blocks)]
        in_force = self.content.law_in_force
        law_ids = tuple(
            dict.fromkeys(
                law_id for references, since in said for law_id in in_force(references.law, self.today, said_from=since)
            )
        ) or in_force(("sil:4",), self.today)
        items = tuple(self._article_line(self.content.articles[law_id]) for law_id in law_ids)
        block = ReplyBlock("documents", items=items, citations=law_ids)
        text = self.phrase("law_basis")
        return self._reply("answer", answer.topic, text, blocks=[block], cited=law_ids, confidence=confidence)

    # Law ----------------------------------------------------------------------------------------------

    def article(self, article: Article, *, confidence: Confidence = SURE) -> Reply:
        """An article in plain language, with what comes before or after it in time."""
        blocks: list[ReplyBlock] = []
        cited = [article.id]

        def notice(phrase: str, *law_ids: str, **values: object) -> None:
            cited.extend(law_ids)
            blocks.append(ReplyBlock("notice", self.phrase(phrase, **values), citations=law_ids or (article.id,)))

        successors = [self.content.articles[law_id] for law_id in self.content.successors.get(article.id, ())]
        for new in successors:
            if new.valid_from <= self.today:
                summary = new.summary.get(self.language)
                notice("law_superseded", new.id, day=self._day(new.valid_from), new=self._name(new), summary=summary)
            else:
                notice("law_will_be_superseded", new.id, day=self._day(new.valid_from), new=self._name(new))
        if article.valid_to is not None and article.valid_to < self.today and article.valid_to_note:
            notice("law_after", text=article.valid_to_note.get(self.language))
        if article.valid_from > self.today:
            notice("law_not_yet", day=self._day(article.valid_from))
        elif article.law == "sil" and not successors:
            notice("law_goes_on")
        if article.practice:
            notice("law_practice", *article.practice_law, text=article.practice.get(self.language))
        if article.correction:
            notice("law_correction", *article.wording_sources, text=article.correction.get(self.language))
        return self._reply(
            "answer",
            "law_article",
            self._article_line(article),
            blocks=blocks,
            cited=[*cited, *article.wording_sources],
            confidence=confidence,
        )

    def _article_line(self, article: Article) -> str:
        return self.phrase(
            "law_article" if article.number.isdigit() else "law_section",
            law=article.law_title.get(self.language),
            number=article.number,
            title=article.title.get(self.language),
            summary=article.summary.get(self.language),
        )

    def _name(self, article: Article) -> str:
        law = article.law_title.get(self.language)
        return self.phrase("article" if article.number.isdigit() else "section", law=law, number=article.number)

    # Checklists ---------------------------------------------------------------------------------------

    def checklist(
        self,
        result: ChecklistResult,
        *,
        person: str,
        lead: str = "",
        question: str = "",
        asks: str | None = None,
        confidence: Confidence = SURE,
        suggestions: Sequence[Suggestion] = (),
        changes: Sequence[ItemResult] | None = None,
    ) -> Reply:
        """The list for one person; ``lead`` comes before it, ``question`` (about the fact ``asks``) after it.

        For a person whom the list is not for, no paper is named, only what goes for them instead.
        """
        checklist = result.checklist
        blocks = [
            ReplyBlock(
                "notice",
                case.statement.text.get(self.language),
                citations=self._cite(case.statement.references),
            )
            for case in result.instead
        ]
        if result.applies:
            blocks += self._papers(result)
        title = checklist.title.get(self.language)
        heading = self.phrase("checklist_for", title=title, person=person) if result.profile.facts else (
            self.phrase("checklist_general", title=title)
        )  # fmt: skip
        if changes is not None and (changes or result.applies):
            lead = self.marks.sentences([lead, self._changes(changes)])
        reply = self._reply(
            "checklist",
            checklist.topic,
            self.marks.sentences([lead, heading]),
            blocks=blocks,
            cited=[law_id for block in blocks for law_id in block.citations],
            confidence=confidence,
            suggestions=suggestions,
            closing=question,
        )
        return replace(reply, checklist=self._reply_checklist(result, person), asks=asks)

    def _papers(self, result: ChecklistResult) -> Iterator[ReplyBlock]:
        for needed, phrase in (("yes", "list_needed"), ("if_applicable", "list_if")):
            items = [item for item in result.items if item.needed == needed]
            if items:
                texts = tuple(self._item_line(item) for item in items)
                yield ReplyBlock("documents", self.phrase(phrase), texts, self._cite_items(items))
        caution = result.checklist.caution
        yield ReplyBlock("notice", caution.text.get(self.language), citations=self._cite(caution.references))

    def question(
        self, result: ChecklistResult, fact: str, text: str, *, person: str, suggestions: Sequence[Suggestion]
    ) -> Reply:
        """A question about a fact; carries the list as it stands, for channels that show it at the side."""
        reply = self._reply("question", result.checklist.topic, text, suggestions=suggestions)
        return replace(reply, asks=fact, checklist=self._reply_checklist(result, person))

    def item(self, result: ChecklistResult, item: ItemResult, *, person: str) -> Reply:
        """Whether this person needs one paper of the list, and why; carries the list as it stands."""
        phrase = {"yes": "item_needed", "no": "item_not_needed", "if_applicable": "item_if"}[item.needed]
        text = self.phrase(phrase, person=person, item=item.item.text.get(self.language))
        lead = self.marks.sentences([self.marks.ended(text), self._reason(item)])
        reply = self._reply("answer", result.checklist.topic, lead, cited=self._cite(item.item.references))
        return replace(reply, checklist=self._reply_checklist(result, person))

    def _changes(self, changes: Sequence[ItemResult]) -> str:
        if not changes:
            return self.phrase("list_unchanged")
        words = {"yes": "now_needed", "no": "now_not_needed", "if_applicable": "now_if"}
        parts = [self.phrase(words[change.needed], item=change.item.text.get(self.language)) for change in changes]
        return self.phrase("list_changed", changes=self.marks.listed(parts))

    def _item_line(self, result: ItemResult) -> str:
        text = result.item.text.get(self.language)
        condition = result.item.if_applicable.get(self.language)
        if result.needed == "if_applicable" and condition:
            return self.marks.remarked(text, condition)
        return text

    def _reply_checklist(self, result: ChecklistResult, person: str) -> ReplyChecklist:
        return ReplyChecklist(
            result.checklist.id,
            person,
            tuple(
                ReplyItem(
                    item.item.id,
                    item.item.text.get(self.language),
                    item.needed,
                    self._reason(item),
                    self._cite(item.item.references),
                )
                for item in result.items
            ),
            result.missing,
        )

    def _reason(self, result: ItemResult) -> str:
        item = result.item
        texts: dict[Needed, str] = {
            "yes": item.why.get(self.language),
            "no": item.why_not.get(self.language),
            "if_applicable": item.if_applicable.get(self.language),
        }
        return texts[result.needed] or item.why.get(self.language)

    def _cite_items(self, items: Iterable[ItemResult]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one for item in items for one in self._cite(item.item.references)))

    # Clarifying ---------------------------------------------------------------------------------------

    def clarify(self, topics: Sequence[str], *, confidence: Confidence) -> Reply:
        """Up to three topics as buttons."""
        suggestions = self._topics(topics[:3])
        phrase = "clarify" if suggestions else "clarify_plain"
        return self._reply(
            "clarify", "out_of_scope", self.phrase(phrase), confidence=confidence, suggestions=suggestions,
            closing=" ".join(f"{number}. {button.title}" for number, button in enumerate(suggestions, 1)),
        )  # fmt: skip

    def ask_subject(self, topics: Sequence[str], *, lead: str = "") -> Reply:
        """What would you like to know? With topics as buttons."""
        text = self.marks.sentences([lead, self.phrase("ask_subject")])
        return self._reply("clarify", "out_of_scope", text, suggestions=self._topics(topics))

    # Parts --------------------------------------------------------------------------------------------

    def source_names(self, references: Iterable[str]) -> tuple[str, ...]:
        """Passages and articles in the words in which they are cited; passages of one page are named once."""
        return tuple(self._source_names(self._citation(reference) for reference in references))

    def _topics(self, topics: Iterable[str]) -> tuple[Suggestion, ...]:
        return tuple(Suggestion(self.content.topic_titles[topic].get(self.language), f"/{topic}") for topic in topics)

    def _blocks_for(self, blocks: Sequence[Block], facts: Mapping[str, FactValue]) -> Iterator[Block]:
        """The blocks that hold on this day for this person, those meant for this person first."""
        profile = derive(facts, self.content.derivations)
        current = [
            (block, block.when.evaluate(profile))
            for block in blocks
            if (block.valid_from is None or block.valid_from <= self.today)
            and (block.valid_to is None or self.today <= block.valid_to)
        ]
        yield from (block for block, truth in current if truth is Truth.YES and block.when.facts())
        yield from (
            block
            for block, truth in current
            if truth is not Truth.NO and not (truth is Truth.YES and block.when.facts())
        )

    def _block(self, block: Block) -> ReplyBlock:
        return ReplyBlock(
            block.kind,
            block.text.get(self.language),
            block.items.get(self.language),
            self._cite(block.references, block.valid_from),
        )

    def _day(self, day: date) -> str:
        return written_day(day, self.language)

    def _cite(self, references: References, said_from: date | None = None) -> tuple[str, ...]:
        """Ids to cite today; a statement about a law to come keeps its citation, with the day it starts.

        A statement ``said_from`` a day on which an article had given way already is about what goes on of it.
        """
        law = self.content.law_in_force(references.law, self.today, said_from=said_from)
        return (*references.sources, *law) or references.law

    def _citation(self, reference: str) -> Citation:
        passage = self.content.passages.get(reference)
        if passage is not None:
            quote = passage.reading.get(self.language)
            return Citation(reference, "source", self._page_title(passage), None, quote, None)
        article = self.content.articles[reference]
        title = article.law_title.get(self.language)
        number = article.number if article.number.isdigit() else None
        quote = article.summary.get(self.language)
        return Citation(reference, "law", title, number, quote, article.valid_from.isoformat())

    def _page_title(self, passage: Passage) -> str:
        """The page's own title; in other languages the reading of its heading, which is its first paragraph."""
        heading = self.content.passages.get(f"{passage.page}#p1")
        translated = heading.reading.by_language.get(self.language) if heading and self.language != "en" else None
        return translated or passage.page_title

    def _reply(
        self,
        type: ReplyType,
        topic: str,
        lead: str,
        *,
        blocks: Sequence[ReplyBlock] = (),
        cited: Iterable[str] = (),
        confidence: Confidence = SURE,
        suggestions: Sequence[Suggestion] = (),
        closing: str = "",
    ) -> Reply:
        citations = tuple(self._citation(reference) for reference in dict.fromkeys(cited))
        lines = [lead, *(line for block in blocks for line in _lines(block))]
        if citations:
            lines.append(self.phrase("sources", list=self.marks.listed(self._source_names(citations))))
        if closing:
            lines.append(closing)
        return Reply(
            type=type,
            topic=topic,
            language=self.language,
            text="\n".join(lines),
            blocks=(ReplyBlock("paragraph", lead), *blocks),
            citations=citations,
            confidence=confidence,
            suggestions=tuple(suggestions),
            knowledge_revision=self.content.revision,
        )

    def _source_names(self, citations: Iterable[Citation]) -> Iterator[str]:
        names: dict[str, None] = {}
        for citation in citations:
            if citation.kind == "source":
                page = citation.id.split("#")[0]
                names[self.phrase("source_page", page=page, title=citation.title)] = None
                continue
            article = self.content.articles[citation.id]
            name = self._name(article)
            if article.valid_from > self.today:
                name = self.phrase("from_day", citation=name, day=self._day(article.valid_from))
            names[name] = None
        yield from names


def changed_items(before: ChecklistResult, after: ChecklistResult) -> tuple[ItemResult, ...]:
    """The items whose need differs between two results of one checklist."""
    old = {item.item.id: item.needed for item in before.items}
    return tuple(item for item in after.items if old[item.item.id] != item.needed)


def _lines(block: ReplyBlock) -> Iterator[str]:
    if block.text:
        yield block.text
    for number, item in enumerate(block.items, 1):
        yield f"{number}. {item}" if block.kind == "steps" else f"- {item}"
