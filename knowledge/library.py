"""The library: content, search and the day, ready to answer. The one door through which actions come in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge.checklist import ChecklistResult, evaluate
from knowledge.chinese import word_count
from knowledge.compose import Composer
from knowledge.conditions import FactValue
from knowledge.content import Content, load_content
from knowledge.encoder import TextEncoder
from knowledge.index import Progress, open_index
from knowledge.models import Answer, Article
from knowledge.search import Search

Clock = Callable[[], date]
# Below this similarity a specific answer is not close enough to stand for its topic; from the dev split.
_SPECIFIC_AT_LEAST = 0.55
# A question that comes back to the last answer has few words, and comes near to one of the stored ones.
_FOLLOW_UP_AT_MOST = 10
_FOLLOW_UP_AT_LEAST = 0.7
# By so much a specific answer must be nearer than the checklist of its topic, which speaks of the person asked for.
_CHECKLIST_MARGIN = 0.12


@dataclass(frozen=True)
class Library:
    """Everything that an answer needs; replaceable as a whole when the content changes."""

    content: Content
    search: Search
    clock: Clock = date.today

    @classmethod
    def open(
        cls,
        index_path: Path,
        encoder: TextEncoder,
        *,
        clock: Clock = date.today,
        progress: Progress | None = None,
        report: Callable[[str], None] | None = None,
    ) -> Library:
        """Load the content and its index (rebuilt where it does not fit).

        Raises:
            ContentError: the content is broken.
        """
        content = load_content()
        index = open_index(index_path, content, encoder, progress=progress, report=report)
        return cls(content, Search(content, index, encoder), clock)

    def composer(self, language: str = "en") -> Composer:
        """A writer of replies for today."""
        return Composer(self.content, self.clock(), language)

    def answer(self, question: str, topic: str) -> tuple[Answer, float]:
        """The topic's answer that fits the question best, and its similarity from 0 to 1."""
        found, general = self.search.answer(question, topic)
        margin = _CHECKLIST_MARGIN if self.content.general(topic).checklist else 0.0
        specific = found.score >= _SPECIFIC_AT_LEAST and found.score > general.score + margin
        return self.content.answers[found.id if specific else topic], max(found.score, general.score)

    def follow_up(self, question: str, last_answer: str | None) -> tuple[Answer, str, float] | None:
        """The answer that a short question without a subject comes back to, what it asks of it, and how surely."""
        answer = self.content.answers.get(last_answer or "")
        if answer is None or not question or word_count(question) > _FOLLOW_UP_AT_MOST:
            return None
        found = self.search.follow_up(question)
        return (answer, found.id, found.score) if found and found.score >= _FOLLOW_UP_AT_LEAST else None

    def article(self, number: int, law: str | None) -> Article | None:
        """An article by its number; without a law's name, the Social Insurance Law, which the sources quote."""
        return self.content.articles.get(f"{law or 'sil'}:{number}")

    def article_about(self, question: str) -> tuple[Article, float] | None:
        """The article whose content fits the question best; superseded ones give way to their successors."""
        found = self.search.article(question)
        if found is None:
            return None
        current = self.content.law_in_force((found.id,), self.clock())
        return self.content.articles[current[0] if current else found.id], found.score

    def checklist(self, checklist_id: str, facts: Mapping[str, FactValue]) -> ChecklistResult:
        """The checklist for a person of whom these facts are known."""
        return evaluate(
            self.content.checklists[checklist_id],
            facts,
            definitions=self.content.facts,
            derivations=self.content.derivations,
        )
