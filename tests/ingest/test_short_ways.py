"""What is asked first, because it is cheap, never hides what the patterns behind it would find."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from index.provisions import guide, words
from ingest import clean, lines, numbering

NUMBERS = (
    *(
        "附件1 ",
        "第一编 总则",
        "第一分编 总则",
        "第一部分：",
        "第一章 总则",
        "第二节 总则",
        "第三条 为了",
        "一、总则",
        "Ⅱ. 总则",
    ),
    *("（一）总则", "(1)总则", "1.总则", "1）总则", "①总则", "a.总则", "一是总", "1.1 总则", "5.6G 技术"),
)
CHARACTERS = [chr(point) for point in range(0x20, 0x30000) if not 0xD800 <= point < 0xE000]


def test_nothing_but_a_first_character_of_a_number_begins_one() -> None:
    patterns = [pattern for _, pattern in numbering._PATTERNS] + [numbering.DECIMAL, numbering._DOUBTFUL]
    for number in NUMBERS:
        own = [pattern for pattern in patterns if pattern.match(number)]
        assert own, number
        missed = [
            character
            for character in CHARACTERS
            if any(pattern.match(character + number[1:]) for pattern in own) and not numbering._FIRST.match(character)
        ]
        assert missed == []
    assert all(any(pattern.match(number) for number in NUMBERS) for pattern in patterns)


@settings(max_examples=300)
@given(st.text(st.one_of(st.characters(), st.sampled_from("政策ａ，“”…A1　〿＀｡䷀"))))
def test_a_line_is_as_wide_as_its_characters(text: str) -> None:
    assert lines.width(text) == sum(
        1.0 if unicodedata.east_asian_width(character) in "WFA" else 0.5 for character in text
    )


def test_what_is_left_out_of_counting_is_wide() -> None:
    assert [one for one in CHARACTERS if lines._WIDE.match(one) and unicodedata.east_asian_width(one) not in "WF"] == []


@settings(max_examples=500)
@given(
    st.lists(st.sampled_from(["政策", "**", "__", "*", "_", " and ", " ", "\n", "\u3000", "\xa0", "a"])).map("".join)
)
def test_a_piece_of_markup_begins_as_told(text: str) -> None:
    assert clean._PIECE.search(text) is None or clean._BEGINS.search(text)


PHRASES = [
    "的",
    "，",
    ",",
    "：",
    ":",
    "对",
    "凡",
    "给予",
    "奖励",
    "100万元",
    "企业购买设备",
    "年交易额在500万元以上",
    "\n",
    " ",
]


@settings(max_examples=500)
@given(st.lists(st.sampled_from(PHRASES)).map("".join))
def test_a_condition_has_the_words_that_are_asked_for(text: str) -> None:
    asked = [found["what"] or found["all"] for found in words._IF.finditer(text)]
    assert not asked or "的，" in text or "的," in text
    assert not words._GIVEN.search(text) or "对" in text


LABELS = ["补贴对象", "咨询电话", "申报条件", "：", ":", "小微企业", "021-12345678", "\n", " ", "\u3000", "。"]


@settings(max_examples=500)
@given(st.lists(st.sampled_from(LABELS)).map("".join))
def test_a_label_has_the_colon_that_is_asked_for(text: str) -> None:
    if any(pattern.search(text) for _, pattern in guide._ended()):
        assert text.rstrip().endswith(("：", ":"))
    if any(pattern.search(text) for _, pattern in guide._labelled()):
        assert re.search("[：:]", text)
