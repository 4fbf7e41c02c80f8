"""Search as you type: answers and articles for a few words, without a conversation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.decision import OUT_OF_SCOPE
from knowledge.library import Library
from knowledge.models import Answer, Article, Language, Statement
from knowledge.reply import Reply

AT_MOST = 5
_LOOKED_AT = 40  # things found; passages among them are passed over
# Similarity below which nothing is shown. On the dev split of tests/eval 83 % of the questions have an answer of their
# topic among five, and 14 % of those out of scope get one that does not belong to them.
_FLOOR = 0.5
_ARTICLE = re.compile(r"(?:\b(?:article|art\.?|section|§)\s*(\d{1,3})\b|(\d{1,3})\s*条)", re.IGNORECASE)
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
    """Whether an answer stands by itself on a page; a greeting or the refusal of anything at all does not."""
    return answer.type != "smalltalk" and answer.id != OUT_OF_SCOPE


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
        """The articles that a query names by number, of the law it names or else of those in force first."""
        match = _ARTICLE.search(words)
        if match is None:
            return
        number = match[1] or match[2]
        named = [article for article in self._library.content.articles.values() if article.number == number]
        today = self._library.clock()
        yield from (
            article.id
            for article in sorted(
                named, key=lambda one: (not self._is_named(one, words), not one.in_force(today), one.law != "sil")
            )
        )

    def _is_named(self, article: Article, words: str) -> bool:
        law = self._library.content.laws[article.law]
        return any(alias.lower() in words.lower() for alias in (*law.aliases, *law.title.by_language.values()))

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


def first_sentence(text: str) -> str:
    """The text up to its first full stop."""
    match = _FIRST_SENTENCE.match(text.strip())
    return match[0] if match else ""
