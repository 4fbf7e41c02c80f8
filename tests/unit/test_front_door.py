"""What a person types, made fit for Rasa."""

from __future__ import annotations

import json

import pytest

from bot.runtime.front_door import LIMIT, admit

TOPICS = {"pay_online", "what_documents"}


def reason(text: str) -> str:
    admitted = admit(text, topics=TOPICS)
    assert admitted.startswith("/unreadable"), admitted
    phrase: str = json.loads(admitted.removeprefix("/unreadable"))["reason"]["phrase"]
    return phrase


@pytest.mark.parametrize("text", ["How do I pay?", "  How   do I\tpay? \n", "How\x00 do I pay?", "\u202eHow do I pay?"])
def test_words_come_through_cleaned(text: str) -> None:
    assert admit(text, topics=TOPICS) == "How do I pay?"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "blank"),
        (" \n\t\x07", "blank"),
        ("\u200b\u200e", "blank"),
        ("\x00\x07\x1b[31m", "blank"),
        ("😀😀", "no_words"),
        ("?!...", "no_words"),
        ('/intent{"x":1}', "command"),
        ("/nosuch", "command"),
        ("/ask_topic{", "command"),
        ("医保怎么交", "other_script"),
        ("как платить", "other_script"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, why: str) -> None:
    assert reason(text) == why


def test_a_long_message_is_not_stored() -> None:
    admitted = admit("pay " * 25_000, topics=TOPICS)
    assert len(admitted) < 200
    assert reason("x" * (LIMIT + 1)) == "too_long"


def test_buttons_and_restart_pass() -> None:
    assert admit("/pay_online", topics=TOPICS) == "/pay_online"
    assert admit("/restart", topics=TOPICS) == "/restart"


def test_a_slash_before_a_question_is_no_command() -> None:
    assert admit("/ how do I pay", topics=TOPICS) == "how do I pay"


def test_an_article_in_chinese_numerals_passes() -> None:
    assert admit("第五十八条", topics=TOPICS) == "第五十八条"


def test_full_width_digits_become_plain() -> None:
    assert admit("Article ５８", topics=TOPICS) == "Article 58"
