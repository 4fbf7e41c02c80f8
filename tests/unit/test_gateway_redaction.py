"""Personal numbers disappear from what people write, and nothing else does."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric

from bot.channels.redaction import find, redact


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        # identity numbers
        ("我的身份证号是110101199003077774，怎么缴费", "我的身份证号是[ID number removed]，怎么缴费"),
        ("ID 11010119900307777X.", "ID [ID number removed]."),
        ("ID 11010119900307777x", "ID [ID number removed]"),
        ("110101 19900307 7774", "[ID number removed]"),
        ("110101-1990-0307-7774", "[ID number removed]"),
        ("1 1 0 1 0 1 1 9 9 0 0 3 0 7 7 7 7 4", "[ID number removed]"),
        ("旧证110101900307777号", "旧证[ID number removed]号"),
        ("mistyped 110101199013457775 stays secret", "mistyped [ID number removed] stays secret"),
        ("订单123456789012345678", "订单[ID number removed]"),
        # telephones
        ("电话13812345678谢谢", "电话[phone number removed]谢谢"),
        ("１３８１２３４５６７８", "[phone number removed]"),
        ("138-1234-5678", "[phone number removed]"),
        ("138 1234 5678", "[phone number removed]"),
        ("+86 138 1234 5678", "[phone number removed]"),
        ("008613812345678", "[phone number removed]"),
        ("一三八一二三四五六七八", "[phone number removed]"),
        ("幺三八幺二三四五六七八", "[phone number removed]"),
        ("١٣٨١٢٣٤٥٦٧٨", "[phone number removed]"),
        ("12393 or 13812345678", "12393 or [phone number removed]"),
        ("010-62345678", "[phone number removed]"),
        ("(0755) 82345678", "[phone number removed]"),
        ("02062345678", "[phone number removed]"),
        ("+86 10 6234 5678", "[phone number removed]"),
        ("单位电话：8234 5678", "单位电话：[phone number removed]"),
        ("my phone number is 82345678", "my phone number is [phone number removed]"),
        # cards
        ("卡号4111 1111 1111 1111", "卡号[card number removed]"),
        ("6222020200112233445", "[long number removed]"),
        ("6222 0202 0011 2233 445", "[long number removed]"),
        ("社保卡A12345678丢了", "社保卡[card number removed]丢了"),
        ("passport E12345678", "passport [card number removed]"),
        # e-mail
        ("写信到zhang.san@qq.com。", "写信到[e-mail address removed]。"),
        ("li+si@mail.example.com.cn", "[e-mail address removed]"),
        ("zhang＠qq．com", "[e-mail address removed]"),
        # several
        ("13812345678,13912345678", "[phone number removed],[phone number removed]"),
        ("123456789012", "[long number removed]"),
    ],
)
def test_personal_numbers_are_taken_out(written: str, kept: str) -> None:
    assert redact(written) == kept


@pytest.mark.parametrize(
    "harmless",
    [
        "What does article 58 say?",
        "第58条说什么？30日之内",
        "国办发〔2024〕38号",
        "Should I call 12393, 12366 or 12333?",
        "12393 12366 12333",
        "I paid in 2019, 2020, 2021, 2022 and 2023",
        "2023 2024 2025 2026",
        "born on 1990-03-07",
        "on 2026-11-22 at 12:30",
        "my mother is 63, grade 2, and I have 3 children",
        "380 or 400 yuan, up to 10000000",
        "from 20250101 to 20251231",
        "13 14 15 16 17 18 19",
        "二零二六年一月一日",
        "400-820-8820",
        "sil:58, 000#p7, Q3, A4",
        "十二个月、一百二十天",
    ],
)
def test_what_is_not_personal_stays(harmless: str) -> None:
    assert redact(harmless) == harmless


def test_a_chinese_conversation_is_told_in_chinese() -> None:
    assert redact("电话13812345678", "zh") == "电话[电话号码已隐藏]"


words = st.text(st.characters(blacklist_categories=["Nd", "Cs"], blacklist_characters="@"), max_size=8)
around = st.tuples(words, words).map(lambda two: (two[0] + "，", "。" + two[1]))
separators = st.sampled_from(["", " ", "-", "."])


@given(around, st.from_regex(r"\A1[3-9][0-9]{9}\Z"), separators)
def test_no_mobile_number_survives(around: tuple[str, str], number: str, separator: str) -> None:
    written = separator.join([number[:3], number[3:7], number[7:]])
    assert number[3:7] not in redact(f"{around[0]}{written}{around[1]}").replace(around[0], "").replace(around[1], "")


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(0, 999), separators)
def test_no_identity_number_survives(day: date, order: int, separator: str) -> None:
    number = f"110101{day:%Y%m%d}{order:03}"
    number += ric.calc_check_digit(number)
    written = separator.join([number[:6], number[6:14], number[14:]])
    assert redact(f"号码{written}号") == "号码[ID number removed]号"


@given(st.from_regex(r"\A[3-6][0-9]{14}\Z"), st.sampled_from(["", " ", "-"]))
def test_no_bank_card_survives(digits: str, separator: str) -> None:
    number = digits + luhn.calc_check_digit(digits)
    groups = [number[start : start + 4] for start in range(0, 16, 4)]
    left = redact(separator.join(groups))
    assert left.startswith("[")
    assert not any(character.isdigit() for character in left)


@given(st.text())
def test_findings_lie_apart_and_in_the_text(text: str) -> None:
    found = find(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
