"""Search as you type: answers and articles for a few words, without a conversation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.library import Library
from knowledge.models import Answer, Language, Law, Statement
from knowledge.reply import Reply

AT_MOST = 5
_LOOKED_AT = 40  # things found; passages among them are passed over
# Similarity below which nothing is shown. On the dev split of tests/eval 83 % of the questions have an answer of their
# topic among five, and 14 % of those out of scope get one that does not belong to them.
_FLOOR = 0.5
_ARTICLE = re.compile(r"(?:\b(?:article|art\.?|section|§)\s*(\d{1,3})\b|(\d{1,3})\s*条)", re.IGNORECASE)
_HOTLINE = re.compile(r"(?<!\d)1\d{2,4}(?!\d)")  # 120, 12393, …
_FIRST_SENTENCE = re.compile(r".+?[.!?](?=\s|$)|.+?[。！？]|.+", re.DOTALL)


@dataclass(frozen=True)
class Result:
    """One line of the help box; ``url`` is where the whole answer stands."""

    id: str
    topic: str
    question: str
    excerpt: str
    source: str
    url: str


def is_public(answer: Answer) -> bool:
    """Whether an answer stands by itself: a greeting does not, nor a refusal that names neither source nor hotline."""
    if answer.type == "refusal":
        return bool(answer.short.references) or bool(_HOTLINE.search(answer.short.text.get("en")))
    return answer.type != "smalltalk"


class Suggestions:
    """Finds what a few words may be about."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def find(self, query: str, language: Language) -> list[Result]:
        """The best answers and articles, best first, without repetition."""
        words = query.strip()
        if not words:
            return []
        found = dict.fromkeys([*self._articles_named(words), *self._similar(words)])
        return [self._result(thing, language) for thing in list(found)[:AT_MOST]]

    def reply(self, thing: str, language: Language) -> Reply | None:
        """The whole answer or article with this id; None where there is none."""
        content = self._library.content
        composer = self._library.composer(language)
        if thing in content.answers:
            return composer.answer(content.answers[thing])
        return composer.article(content.articles[thing]) if thing in content.articles else None

    def url(self, thing: str) -> str:
        """Where the answer or article stands as a page."""
        answer = self._library.content.answers.get(thing)
        return f"/law/{thing.replace(':', '/')}" if answer is None else f"/faq/{answer.topic}#{answer.id}"

    def cited(self, statement: Statement) -> tuple[str, ...]:
        """The passages and articles to cite for a statement today."""
        references = statement.references
        law = self._library.content.law_in_force(references.law, self._library.clock())
        return (*references.sources, *law) or references.law

    def _articles_named(self, words: str) -> Iterator[str]:
        """The articles that a query names by number, of the law it names or else of any, those in force first."""
        match = _ARTICLE.search(words)
        if match is None:
            return
        number, today = match[1] or match[2], self._library.clock()
        laws = [law for law in self._library.content.laws.values() if _is_named(law, words)]
        found = [
            article
            for law in laws or self._library.content.laws.values()
            for article in law.articles
            if article.number == number
        ]
        found.sort(key=lambda article: (not article.in_force(today), article.law != "sil"))
        yield from (article.id for article in found)

    def _similar(self, words: str) -> Iterator[str]:
        """What is nearer to the words than small talk and questions that are none of our business."""
        for found in self._library.search.search(words, top=_LOOKED_AT):
            if found.score < _FLOOR or not self._is_offered(found.id):
                return
            if found.kind != "passage":
                yield found.id

    def _is_offered(self, thing: str) -> bool:
        answer = self._library.content.answers.get(thing)
        return answer is None or is_public(answer)

    def _result(self, thing: str, language: Language) -> Result:
        content = self._library.content
        composer = self._library.composer(language)
        answer = content.answers.get(thing)
        if answer is None:
            article = content.articles[thing]
            return Result(
                id=thing,
                topic="law_article",
                question=article.title.get(language),
                excerpt=first_sentence(article.summary.get(language)),
                source=composer.source_names([thing])[0],
                url=self.url(thing),
            )
        return Result(
            id=thing,
            topic=answer.topic,
            question=answer.title.get(language),
            excerpt=first_sentence(answer.short.text.get(language)),
            source=next(iter(composer.source_names(self.cited(answer.short))), ""),
            url=self.url(thing),
        )


def _is_named(law: Law, words: str) -> bool:
    return any(name.lower() in words.lower() for name in (*law.aliases, *law.title.by_language.values()))


def first_sentence(text: str) -> str:
    """The text up to its first full stop."""
    match = _FIRST_SENTENCE.match(text.strip())
    return match[0] if match else ""
