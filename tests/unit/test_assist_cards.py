"""Which topics are laid side by side, how sure each is, and how a reply is said aloud."""

from __future__ import annotations

import pytest

from bot.assist.cards import card_id, spoken
from bot.assist.words import words
from knowledge.decision import Scored, Thresholds, offers
from knowledge.library import Library
from knowledge.models import Language

THRESHOLDS = Thresholds(answer=0.5, clarify=0.2, state_changing=0.6, calibration=0.5)


def offered(**scores: float) -> dict[str, float]:
    ranking = sorted((Scored(label, score) for label, score in scores.items()), key=lambda entry: -entry.score)
    return {entry.label: round(entry.score, 3) for entry in offers(ranking, THRESHOLDS)}


def test_one_topic_alone_has_the_whole_calibrated_probability() -> None:
    assert offered(payment_time=0.81, rights=0.1) == {"payment_time": 0.9}


def test_several_topics_share_the_probability_of_the_best() -> None:
    assert offered(pay_online=0.36, pay_at_counter=0.24) == {"pay_online": 0.36, "pay_at_counter": 0.24}


def test_never_more_than_three() -> None:
    assert list(offered(a=0.3, b=0.29, c=0.28, d=0.27)) == ["a", "b", "c"]


def test_below_the_floor_there_is_nothing() -> None:
    assert offered(payment_time=0.19) == {}
    assert offered(payment_time=0.9, rights=0.19) == {"payment_time": 0.949}


def test_what_is_refused_is_not_offered_however_likely_the_second_is() -> None:
    assert offered(out_of_scope=0.5, payment_time=0.4) == {}


def test_a_card_has_the_same_id_wherever_it_is_worked_out() -> None:
    assert card_id("call", "turn", 0) == card_id("call", "turn", 0)
    assert len({card_id("call", "turn", place) for place in range(3)} | {card_id("call", "turn0", 0)}) == 4


@pytest.mark.parametrize("answer", ["payment_time", "pay_online", "make_up_payment", "rights"])
def test_what_is_said_has_no_brackets_and_no_lines(library: Library, answer: str) -> None:
    said = spoken(library.composer().answer(library.content.answers[answer]), words("en"))
    assert said
    assert not set("()[]\n") & set(said)


@pytest.mark.parametrize(("language", "says"), [("en", "does not need this list"), ("zh", "用不着这份清单")])
def test_a_list_that_is_not_for_the_caller_is_said_without_its_papers(
    library: Library, language: Language, says: str
) -> None:
    result = library.checklist("enrolment", {"employment": "employee"})
    said = spoken(library.composer(language).checklist(result, person=""), words(language))
    assert says in said
    assert not any(item.item.text.get(language) in said for item in result.items)


def test_a_checklist_is_said_as_one_sentence_for_what_is_needed_and_one_for_the_rest(library: Library) -> None:
    result = library.checklist("enrolment", {"age": 4, "preschool": True})
    said = spoken(library.composer().checklist(result, person="your daughter"), words("en"))
    needed, perhaps = said.split("Depending on the case also:")
    assert needed.startswith("Papers for enrolment for your daughter: ")
    assert "together with the mother or the father" in needed
    assert "original and copy" in perhaps
    assert "Disabled" in perhaps


def test_a_lead_that_announces_a_list_is_said_with_it(library: Library) -> None:
    composer = library.composer()
    said = spoken(composer.follow_up(library.content.answers["payment_time"], "law"), words("en"))
    assert said.startswith("The legal basis for that: ")
    assert "Article" in said
