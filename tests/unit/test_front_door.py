"""What a person types, made fit for Rasa."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import redaction
from bot.runtime.front_door import LIMIT, admit, legible, metadata

TOPICS = {"pay_online", "what_documents"}


def reason(text: str) -> str:
    admitted = admit(text, topics=TOPICS)
    assert admitted.startswith("/unreadable"), admitted
    phrase: str = json.loads(admitted.removeprefix("/unreadable"))["reason"]["phrase"]
    return phrase


@pytest.mark.parametrize("text", ["How do I pay?", "  How   do I\tpay? \n", "How\x00 do I pay?", "\u202eHow do I pay?"])
def test_words_come_through_cleaned(text: str) -> None:
    assert admit(text, topics=TOPICS) == "How do I pay?"


@given(text=st.text(alphabet=st.characters(max_codepoint=127)))
def test_plain_text_takes_no_other_way_than_any_text(text: str) -> None:
    assert legible(text) == legible(f"{text}\u200b")
    assert redaction.find(text) == redaction.find(f"{text}。")


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
        ("これは何ですか", "other_script"),
        ("보험료를 어떻게 내나요", "other_script"),
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


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("医保怎么交", "医保怎么交"),
        ("單位不給我交社保怎麼辦", "单位不给我交社保怎么办"),
        ("医宝断交了怎么办？", "医保断缴了怎么办?"),
        ("我妈６３岁", "我妈63岁"),
        ("我 的 医保 断 缴 了", "我的医保断缴了"),
        ("女儿4岁上幼儿园 农村户口没有低保", "女儿4岁上幼儿园, 农村户口没有低保"),
        ("我的id card丢了", "我的身份证丢了"),
        ("how do i get a 居住证?", "how do i get a residence permit?"),
    ],
)
def test_chinese_is_read_in_one_form(typed: str, read: str) -> None:
    assert admit(typed, topics=TOPICS) == read


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("How do I pay?", "en"),
        ("医保怎么交", "zh"),
        ("我的ID card丢了怎么办", "zh"),
        ("what is 灵活就业?", "en"),
        ("how do i pay 城乡居民基本医疗保险", "en"),
        ("4", None),
        ("ok", None),
        ("/what_documents", None),
    ],
)
def test_the_language_is_that_of_the_message(typed: str, language: str | None) -> None:
    assert metadata(typed).get("language") == language
    assert metadata(typed, fixed="zh") == {"language": "zh"}
