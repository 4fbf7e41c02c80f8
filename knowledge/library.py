"""The library: content, search and the day, ready to answer. The one door through which actions come in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge.checklist import ChecklistResult, evaluate
from knowledge.chinese import word_count
from knowledge.compose import Composer
from knowledge.conditions import FactValue
from knowledge.content import Content, load_content
from knowledge.decision import OUT_OF_SCOPE
from knowledge.encoder import TextEncoder
from knowledge.index import Progress, indexed_revision, open_index
from knowledge.models import Answer, Article
from knowledge.search import Choice, Search

Clock = Callable[[], date]
# A specific answer stands for its topic only where it is meant so clearly and comes so near; by cross-validation.
_SPECIFIC_MARGIN = 0.05
_SPECIFIC_AT_LEAST = 0.45
# A question that comes back to the last answer has few words, and comes near to one of the stored ones.
_FOLLOW_UP_AT_MOST = 10
_FOLLOW_UP_AT_LEAST = 0.7
# Refusals are many and unlike: a specific one must be meant more surely than a specific answer.
_REFUSAL_MARGIN, _REFUSAL_AT_LEAST = 0.15, 0.55
# So much more clearly where the general answer is a checklist, which speaks of the person asked for.
_CHECKLIST_MARGIN = 0.2
STORED = 0.9  # similarity from which a question is a stored one, in other words


@dataclass(frozen=True)
class Continuation:
    """What a message without a subject of its own means after ``answer``: another question about it, or its topic's.

    ``aspect`` is what is asked of the answer ("why", "law"), None where ``answer`` itself replies.
    """

    answer: Answer
    aspect: str | None
    similarity: float
    evidence: float


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
        content = load_content(checked=indexed_revision(index_path))  # it was checked before it was indexed
        index = open_index(index_path, content, encoder, progress=progress, report=report)
        return cls(content, Search(content, index, encoder), clock)

    def composer(self, language: str = "en") -> Composer:
        """A writer of replies for today."""
        return Composer(self.content, self.clock(), language)

    def answer(self, question: str, topic: str, *, told: Collection[str] = ()) -> tuple[Answer, float]:
        """The topic's answer that fits the question best, and its similarity from 0 to 1.

        Who tells of the insured person (``told``, the facts) what decides about the papers wants the checklist, unless
        the question itself is a stored one, but for little words.
        """
        general = self.content.general(topic)
        choice = self.search.answer(question, topic)
        if choice is None:
            return general, 0.0
        checklist = self.content.checklists.get(general.checklist or "")
        telling = checklist is not None and any(item.when.facts() & set(told) for item in checklist.items)
        if telling and choice.similarity < STORED:
            return general, choice.similarity
        margin = _CHECKLIST_MARGIN if checklist else _SPECIFIC_MARGIN
        at_least = _SPECIFIC_AT_LEAST
        if topic == OUT_OF_SCOPE:
            margin, at_least = _REFUSAL_MARGIN, _REFUSAL_AT_LEAST
        if choice.lead_over(topic) >= margin and choice.similarity >= at_least:
            return self.content.answers[choice.id], choice.similarity
        return general, 0.0 if topic == OUT_OF_SCOPE else choice.similarity

    def follow_up(self, question: str, last_answer: str | None) -> tuple[Answer, str, float] | None:
        """The answer that a short question without a subject comes back to, what it asks of it, and how surely."""
        answer = self.content.answers.get(last_answer or "")
        if answer is None or not question or word_count(question) > _FOLLOW_UP_AT_MOST:
            return None
        found = self.search.follow_up(question)
        return (answer, found.id, found.similarity) if found and self.is_near(found) else None

    def is_near(self, follow_up: Choice) -> bool:
        """Whether a message surely is this kind of follow-up question."""
        return follow_up.similarity >= _FOLLOW_UP_AT_LEAST

    def continuation(self, question: str, last_answer: str | None, *, in_list: bool = False) -> Continuation | None:
        """What the message means after the last answer, on the better evidence; None where there was none.

        Within a running checklist (``in_list``) it is about the answer: the list is not given for it again.
        """
        last = self.content.answers.get(last_answer or "")
        if last is None:
            return None
        asked, meant = self.search.follow_up(question), self.search.answer(question, last.topic)
        again = in_list and meant is not None and self.answer(question, last.topic)[0].checklist is not None
        if asked and (meant is None or again or self.is_near(asked) or asked.evidence >= meant.evidence):
            return Continuation(last, asked.id, asked.similarity, asked.evidence)
        if meant is None:
            return None
        answer, _ = self.answer(question, last.topic)
        return Continuation(answer, None, meant.similarity, meant.evidence)

    def nearest_of(self, question: str, topics: Iterable[str], *, at_least: float) -> tuple[Answer, float] | None:
        """Of these topics' answers the one that a question without clear words means; None if none comes near."""
        found = [self.answer(question, topic) for topic in topics]
        near = [one for one in found if one[1] >= at_least]
        return max(near, key=lambda one: one[1], default=None)

    def article(self, number: int, law: str | None) -> Article | None:
        """An article by its number; without a law's name, the Social Insurance Law, which the sources quote."""
        return self.content.articles.get(f"{law or 'sil'}:{number}")

    def article_about(self, question: str) -> tuple[Article, float] | None:
        """The article whose content fits the question best: the one in force of those that say the same."""
        found = self.search.article(question)
        if found is None:
            return None
        same = (found.id, *self.content.predecessors.get(found.id, ()))
        current = self.content.law_in_force(same, self.clock())
        return self.content.articles[current[0] if current else found.id], found.similarity

    def checklist(self, checklist_id: str, facts: Mapping[str, FactValue]) -> ChecklistResult:
        """The checklist for a person of whom these facts are known."""
        return evaluate(
            self.content.checklists[checklist_id],
            facts,
            definitions=self.content.facts,
            derivations=self.content.derivations,
        )
