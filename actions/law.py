"""Answers questions about a law: an article by its number, or the one that a content is about."""

from __future__ import annotations

from actions.speaker import Said, Speaker, confidence_of
from actions.turn import Turn
from knowledge.reply import Reply

# Similarity from which an article's own questions beat the general answers about the laws.
_ARTICLE_AT_LEAST = 0.5

# What the general answer, which only says how to ask, must be nearer to be preferred to an article.
_GENERAL_LESS = 0.05

_BARE = 4  # words of "which law?", which after an answer asks for its basis


class ActionLaw(Speaker):
    """Says what an article says, whether it is in force, and what comes before or after it."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_law"

    def say(self, turn: Turn) -> Said:
        """One reply."""
        number, law = turn.mentioned("article"), turn.mentioned("law")
        if number is None and turn.slots.get("topic") == "law_article" and turn.words <= _BARE:  # "and the seventh?"
            number = turn.mentioned("number") or turn.mentioned("ordinal")
            law = law or (turn.slots.get("law_asked") if number is not None else None)
        elif number is not None and law is None and turn.words <= _BARE:  # "and article 20?", of the law just spoken of
            spoken_of = turn.slots.get("law_asked") if turn.slots.get("topic") == "law_article" else None
            law = spoken_of if self.library.article(number, spoken_of) else None
        law = turn.slots.get("law_asked") if law == "same" else law
        if number is not None or (law or "").startswith("other:"):
            return self.by_number(turn, number, law)
        composer = self.library.composer(turn.language)
        question = "" if turn.is_button else turn.text
        answer, similarity = self.library.answer(question, "law_article")
        similarity -= _GENERAL_LESS if answer.is_general else 0.0
        about = self.library.article_about(question) if question else None
        aspect = self.library.search.follow_up(question)
        nearest = max(similarity, about[1] if about else 0.0)
        elsewhere = turn.slots.get("topic") not in (None, "law_article") and turn.words <= _BARE
        asks_basis = aspect is not None and aspect.id == "law" and self.library.is_near(aspect)
        if aspect and asks_basis and (elsewhere or aspect.similarity > nearest):
            return self._basis(turn)
        if about and about[1] >= _ARTICLE_AT_LEAST and about[1] > similarity:
            return self._said(composer.article(about[0], confidence=confidence_of(turn)), answer.id, about[0].law)
        reply = composer.answer(answer, facts=turn.facts, confidence=confidence_of(turn))
        return self._said(reply, answer.id, law or turn.slots.get("law_asked"))

    def _basis(self, turn: Turn) -> Said:
        """The legal basis of the last answer; a question back where there is none."""
        composer = self.library.composer(turn.language)
        last = self.library.content.answers.get(turn.slots.get("answer") or "")
        if last is None:
            return Said((composer.simple("clarify", "out_of_scope", "follow_up_unknown"),))
        return Said((composer.follow_up(last, "law", confidence=confidence_of(turn)),), {"clarified": 0})

    def by_number(self, turn: Turn, number: int | None, law: str | None) -> Said:
        """An article of a law; without a law's name, of the Social Insurance Law."""
        composer = self.library.composer(turn.language)
        if law is not None and law.startswith("other:"):
            reply = composer.simple("refusal", "out_of_scope", "law_other", law=law.removeprefix("other:"))
            return Said((reply,), {"clarified": 0})
        article = self.library.article(int(number or 0), law)
        if article is not None:
            return self._said(composer.article(article), "law_article", article.law)
        asked = self.library.content.laws[law or "sil"]
        title = asked.title.get(composer.language)
        if asked.last_article and int(number or 0) not in range(1, asked.last_article + 1):
            reply = composer.simple("refusal", "law_article", "law_no_such", count=asked.last_article, law=title)
        else:
            reply = composer.simple("refusal", "law_article", "law_unknown", number=number, law=title)
        return Said((reply,), {"clarified": 0})

    def _said(self, reply: Reply, answer_id: str, law: str | None) -> Said:
        memory = {"topic": "law_article", "answer": answer_id, "law_asked": law, "clarified": 0}
        return Said((reply,), memory)
