"""The figures of a text are the same in both languages, however they are written."""

from __future__ import annotations

import pytest

from knowledge.figures import differing


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("within 30 days", "三十日内"),
        ("under Article 58", "依照第五十八条"),
        ("people aged sixty or above", "60周岁以上的人"),
        ("from 1 January 2027", "自2027年1月1日起"),
        ("a charge of 0.05 percent a day", "按日加收万分之五的滞纳金"),
        ("fined 10,000 yuan", "罚款1万元"),
        ("Many places open in September.", "很多地方9月就开始。"),
        ("the fourth quarter", "第四季度"),
        ("twenty-five years", "二十五年"),
        ("You may ask one of our offices.", "您可以问任何一个经办机构，一般当天答复。"),
        ("the e-voucher, the ID card or the card", "医保电子凭证、身份证、社保卡三样中的一样"),
    ],
)
def test_the_same_figures_do_not_differ(english: str, chinese: str) -> None:
    assert differing({"en": english, "zh": chinese}) == ([], [])


@pytest.mark.parametrize(
    ("english", "chinese", "only"),
    [
        ("within 30 days", "十五日内", (["30"], ["15"])),
        ("Article 58", "第五十九条", (["58"], ["59"])),
        ("call 12393", "请拨打12333", (["12393"], ["12333"])),
        ("within 10 working days", "很快办结", (["10"], [])),
        ("by 31 December", "12月30日前", (["31"], ["30"])),
    ],
)
def test_other_figures_are_named(english: str, chinese: str, only: tuple[list[str], list[str]]) -> None:
    assert differing({"en": english, "zh": chinese}) == only
