"""Search: an answer is as near as its nearest variant, and a specific answer must beat the general one."""

from __future__ import annotations

from knowledge.content import Content
from knowledge.library import Library


def test_a_stored_question_finds_its_answer(content: Content, library: Library) -> None:
    for answer in content.answers.values():
        for question in answer.questions.get("en")[:1]:
            assert library.answer(question, answer.topic)[0].id == answer.id


def test_an_unknown_question_gets_the_general_answer(library: Library) -> None:
    assert library.answer("zzz qqq", "payment_time")[0].id == "payment_time"


def test_results_are_distinct_and_sorted(library: Library) -> None:
    found = library.search.search("how do i pay online with wechat", top=10)
    assert len({thing.id for thing in found}) == len(found) == 10
    assert [thing.score for thing in found] == sorted((thing.score for thing in found), reverse=True)


def test_an_article_is_found_by_its_content(content: Content, library: Library) -> None:
    question = content.articles["sil:86"].questions.get("en")[0]
    found = library.article_about(question)
    assert found is not None
    assert found[0].id == "sil:86"


def test_a_bare_question_comes_back_to_the_last_answer(library: Library) -> None:
    found = library.continuation("which law says so", "payment_time.missed")
    assert found is not None
    assert (found.answer.id, found.aspect) == ("payment_time.missed", "law")


def test_a_question_of_the_same_topic_gets_its_own_answer(content: Content, library: Library) -> None:
    question = content.answers["payment_time.newborn"].questions.get("en")[0]
    found = library.continuation(question, "payment_time")
    assert found is not None
    assert (found.answer.id, found.aspect) == ("payment_time.newborn", None)


def test_facts_that_decide_about_papers_ask_for_the_checklist(content: Content, library: Library) -> None:
    stored = content.answers["what_documents.non_local"].questions.get("en")[0]
    question = f"{stored} My mother is 60 and lives with us"
    assert library.answer(question, "what_documents", told=["location"])[0].id == "what_documents.non_local"
    assert library.answer(question, "what_documents", told=["age"])[0].id == "what_documents"
    assert library.answer(stored, "what_documents", told=["age"])[0].id == "what_documents.non_local"


def test_nothing_goes_on_where_nothing_was_answered(library: Library) -> None:
    assert library.continuation("why?", None) is None
