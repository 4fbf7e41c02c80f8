"""What a reply says, for whom and on which day."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from datetime import date

import pytest

from knowledge.compose import Composer
from knowledge.conditions import FactValue
from knowledge.content import Content
from knowledge.library import Library
from knowledge.reply import Confidence, Reply

BEFORE, AFTER = date(2026, 12, 31), date(2027, 1, 1)


@pytest.fixture
def before(content: Content) -> Composer:
    return Composer(content, BEFORE)


@pytest.fixture
def after(content: Content) -> Composer:
    return Composer(content, AFTER)


def cited(reply: Reply) -> set[str]:
    return {citation.id for citation in reply.citations}


def test_the_contract_has_exactly_the_fields_of_the_design(before: Composer) -> None:
    reply = before.simple("refusal", "out_of_scope", "blank").to_json()
    assert list(reply) == [field.name for field in fields(Reply)]
    assert set(reply) == {
        "type", "topic", "language", "text", "blocks", "citations", "confidence", "checklist", "asks", "suggestions",
        "knowledge_revision",
    }  # fmt: skip


def test_a_reply_is_written_out_to_its_last_part(library: Library, before: Composer) -> None:
    result = library.checklist("enrolment", {"age": 4})
    replies = [
        *(before.answer(answer) for answer in library.content.answers.values()),
        before.checklist(result, person="your son", question="Is he at school?", asks="preschool"),
        before.clarify(["payment_time", "how_to_pay"], confidence=Confidence.of(0.4)),
    ]
    for reply in replies:
        assert repr(reply.to_json()) == repr(asdict(reply))


@pytest.mark.parametrize("day", [BEFORE, AFTER])
def test_every_answer_is_cited_on_every_day(content: Content, day: date) -> None:
    composer = Composer(content, day)
    for answer in content.answers.values():
        if answer.type == "answer":
            assert composer.answer(answer).citations, answer.id
            for aspect in content.follow_ups:
                assert composer.follow_up(answer, aspect).citations, (answer.id, aspect)


def test_the_law_in_force_is_cited(content: Content, before: Composer, after: Composer) -> None:
    answer = next(one for one in content.answers.values() if "sil:23" in one.short.references.law)
    assert "sil:23" in cited(before.answer(answer))
    assert "sil:23" not in cited(after.answer(answer))
    assert "hsl:10" in cited(after.answer(answer))


def test_an_article_with_a_successor_names_it(content: Content, before: Composer, after: Composer) -> None:
    article = content.articles["sil:29"]
    assert "From 1 January 2027" in before.article(article).text
    assert "Since 1 January 2027" in after.article(article).text
    assert "hsl:32" in cited(after.article(article))


def test_an_article_that_gave_way_says_what_still_holds(content: Content, before: Composer, after: Composer) -> None:
    article = content.articles["sil:25"]
    note = "for them this article and local rules go on"
    assert note not in before.article(article).text
    since, still = (after.article(article).text.index(words) for words in ("Since 1 January 2027", note))
    assert since < still


def test_what_goes_on_of_an_article_is_cited_to_it(content: Content, before: Composer, after: Composer) -> None:
    answer = content.answers["how_to_pay.help_with_premium"]
    assert {"sil:25", "hsl:11"} <= cited(after.answer(answer))
    assert "sil:25" in cited(before.answer(answer))
    assert "sil:25" in {citation.id for citation in after.follow_up(answer, "law").citations}


def test_an_article_that_goes_on_says_so(content: Content, after: Composer) -> None:
    assert "goes on" in after.article(content.articles["sil:58"]).text


def test_an_article_to_come_says_from_when(content: Content, before: Composer, after: Composer) -> None:
    assert "not in force yet" in before.article(content.articles["hsl:20"]).text
    assert "not in force yet" not in after.article(content.articles["hsl:20"]).text


def test_danger_to_life_comes_first(content: Content, before: Composer) -> None:
    reply = before.answer(content.general("treatment_elsewhere"), emergency=True)
    assert reply.text.startswith("If someone's life is in danger, call 120")


def test_the_text_stands_alone(content: Content, before: Composer) -> None:
    for answer in content.answers.values():
        reply = before.answer(answer)
        for block in reply.blocks:
            assert block.text in reply.text
            assert all(item in reply.text for item in block.items)
        assert "\n\n" not in reply.text  # some channels would cut the message there


def test_what_is_true_in_many_places_only_is_not_highly_certain(content: Content, before: Composer) -> None:
    medium = next(answer for answer in content.answers.values() if answer.confidence == "medium")
    assert before.answer(medium).confidence.level == "medium"
    assert before.answer(replace(medium, confidence="high")).confidence.level == "high"


def test_translation_damage_never_reaches_a_user(content: Content, before: Composer) -> None:
    damage = (
        "jinling",
        "bareheaded",
        "diplomatic",
        "minimum target",
        "foreign account",
        "record keeper",
        "say hello",
    )
    for answer in content.answers.values():
        reply = before.answer(answer)
        seen = " ".join([reply.text, *(citation.quote for citation in reply.citations)]).lower()
        for words in damage:
            assert words not in seen, (answer.id, words)


@pytest.mark.parametrize(
    ("checklist", "facts", "says"),
    [
        ("enrolment", {"employment": "employee"}, "does not need this list"),
        ("enrolment", {"age": 0}, "within 90 days of birth"),
        ("make_up", {"employment": "employee"}, "The employer owes the missed payments"),
    ],
)
def test_a_list_that_is_not_for_this_person_names_no_papers(
    library: Library, checklist: str, facts: dict[str, FactValue], says: str
) -> None:
    result = library.checklist(checklist, facts)
    reply = library.composer().checklist(result, person="your son", changes=())
    assert says in reply.text
    assert "Needed:" not in reply.text
    assert "does not change the list" not in reply.text
    assert not any(block.kind == "documents" for block in reply.blocks)
    assert reply.citations


def test_the_list_names_its_reasons(library: Library) -> None:
    facts = {"age": 60, "low_income": True, "disability_level": 0}
    result = library.checklist("enrolment", facts)
    reply = library.composer().checklist(result, person="your mother")
    assert reply.checklist is not None
    needed = {item.id: item for item in reply.checklist.items}
    assert needed["low_income_elderly_certificate"].needed == "yes"
    assert needed["disability_certificate"].needed == "no"
    assert all(item.why for item in reply.checklist.items)
    assert all(item.citations for item in reply.checklist.items)
    assert "your mother" in reply.text
