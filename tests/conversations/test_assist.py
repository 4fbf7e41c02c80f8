"""Calls with the really trained bot: what the agent is offered, and what the checklist has understood."""

from __future__ import annotations

from typing import Any

import pytest

from bot.assist.demo import Recording
from bot.assist.listening import CallState, Heard, Listener
from bot.assist.panel import ask, panel
from bot.channels.redaction import leave_out
from bot.runtime.assistant import Assistant


class Call:
    """A call that has just begun."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._listener = Listener(assistant.library, assistant.read)
        self._turns = 0
        self.state = CallState()

    def hear(self, role: Any, text: str) -> Heard:
        self._turns += 1
        heard = self._assistant.wait(self._listener.hear("call", f"t{self._turns}", role, leave_out(text), self.state))
        self.state = CallState.from_json(heard.state.to_json())  # as it comes back from the database
        return heard

    def customer(self, text: str) -> Heard:
        return self.hear("customer", text)

    def agent(self, text: str) -> Heard:
        return self.hear("agent", text)

    def topics(self, text: str) -> list[str]:
        return [card.reply.topic for card in self.customer(text).cards]

    @property
    def facts(self) -> dict[str, Any]:
        return self.state.facts

    @property
    def panel(self) -> dict[str, Any]:
        return panel(self.state, self._assistant.library)

    @property
    def ask(self) -> dict[str, Any] | None:
        return ask(self.state, self._assistant.library)

    def needed(self) -> set[str]:
        return {item["id"] for item in self.panel["items"] if item["needed"] == "yes"}


@pytest.fixture
def call(assistant: Assistant) -> Call:
    return Call(assistant)


def test_the_recorded_call_is_followed_to_its_end(call: Call) -> None:
    heard = {spoken.text: call.hear(spoken.role, spoken.text) for spoken in Recording.load().turns}

    def topics(beginning: str) -> list[str]:
        return next(
            [card.reply.topic for card in said.cards] for text, said in heard.items() if text.startswith(beginning)
        )

    assert topics("Hello. I would like to enrol") == ["what_documents"]
    assert topics("Good. When does she have to pay") == ["payment_time"]
    assert topics("And can I pay it online")[0] in ("pay_online", "how_to_pay")  # how to pay for a relative
    assert topics("My phone number is") == []
    assert topics("Thank you very much") == []
    assert all(len(said.cards) <= 3 for said in heard.values())
    assert {name: value for name, value in call.facts.items() if name in ("age", "household", "low_income")} == {
        "age": 63,
        "household": "urban",
        "low_income": True,
    }
    assert call.facts["minimum_living_guarantee"] is False
    assert call.facts["disability_level"] == 0
    assert call.panel["person"] == "your mother"


def test_every_card_says_something_and_cites_its_source(call: Call) -> None:
    for spoken in Recording.load().turns:
        for card in call.hear(spoken.role, spoken.text).cards:
            assert card.say
            assert card.reply.citations
            assert all(citation.quote for citation in card.reply.citations)
            assert card.why


def test_the_checklist_grows_right_with_the_callers_answers(call: Call) -> None:
    call.customer("Which papers does my mother need to enrol?")
    call.agent("How old is she?")
    call.customer("63")
    call.agent("Is the family recognised as a low-income family?")
    assert "low_income_elderly_certificate" not in call.needed()
    call.customer("yes, it is")
    assert "low_income_elderly_certificate" in call.needed()


@pytest.mark.parametrize(
    ("question", "answer", "fact", "value"),
    [
        ("Does she have an urban hukou?", "Yes.", "household", "urban"),
        ("does she have an urban hukou", "no", "household", "agricultural"),
        ("Is that an urban or a rural hukou?", "rural", "household", "agricultural"),
        ("How old is your mother?", "seventy one", "age", 71),
        ("Does she receive the minimum living guarantee?", "no she doesn't", "minimum_living_guarantee", False),
        ("Is she retired?", "yes", "employment", "retired"),
        ("Does she have a disability certificate?", "no, none", "disability_level", 0),
        ("What does she do for a living?", "she is retired", "employment", "retired"),
    ],
)
def test_question_and_answer_make_a_fact(call: Call, question: str, answer: str, fact: str, value: object) -> None:
    call.customer("Which papers does my mother need to enrol?")
    call.agent(question)
    call.customer(answer)
    assert call.facts.get(fact) == value


def test_a_yes_answers_only_the_question_before_it(call: Call) -> None:
    call.customer("Which papers does my mother need to enrol?")
    call.agent("Does she have an urban hukou?")
    call.customer("When does she have to pay, by the way?")
    call.customer("yes")
    assert "household" not in call.facts


@pytest.mark.parametrize(
    "text",
    [
        "If she is 60 or above and has a low income she needs one more certificate.",
        "Retired people do not pay.",
        "Children below school age need a photo with a parent.",
    ],
)
def test_rules_that_the_agent_explains_are_no_facts_of_the_caller(call: Call, text: str) -> None:
    call.customer("Which papers does my mother need to enrol?")
    known = dict(call.facts)
    call.agent(text)
    assert call.facts == known


def test_what_the_agent_says_of_the_caller_is_understood(call: Call) -> None:
    call.customer("Can I pay on my own?")
    call.agent("I see. You are a freelancer then.")
    assert call.facts["employment"] == "flexible"


def test_two_questions_in_one_turn_get_a_card_each(call: Call) -> None:
    assert set(call.topics("When do I have to pay? And can I pay online?")) >= {"payment_time", "pay_online"}


def test_a_question_may_come_back_to_the_answer_before(call: Call) -> None:
    call.customer("When do I have to pay?")
    [card] = call.customer("Which law says so?").cards
    assert card.reply.topic == "payment_time"
    assert "Law" in card.say


def test_an_article_is_found_by_its_number(call: Call) -> None:
    [card] = call.customer("What does article 58 say?").cards
    assert any(citation.id == "sil:58" for citation in card.reply.citations)


@pytest.mark.parametrize(
    "text",
    ["What is the weather like tomorrow?", "How much is the premium this year?", "Thank you, goodbye.", "Mm hm."],
)
def test_where_there_is_nothing_to_say_nothing_is_suggested(call: Call, text: str) -> None:
    heard = call.customer(text)
    assert heard.cards == ()
    assert heard.silence is not None


def test_danger_to_life_goes_first(call: Call) -> None:
    [card, *_] = call.customer("My father has collapsed and is not breathing!").cards
    assert "120" in card.say


def test_another_person_has_a_checklist_of_their_own(call: Call) -> None:
    call.customer("Which papers does my mother need? She is 63.")
    call.customer("And which papers for my son? He is 4.")
    assert call.panel["person"] == "your son"
    assert call.facts["age"] == 4


def test_the_next_question_is_about_the_person(call: Call) -> None:
    call.customer("Which papers does my mother need to enrol?")
    assert call.ask is not None
    assert "your mother" in call.ask["text"]
