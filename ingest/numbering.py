"""Section numbers as Chinese official documents print them (GB/T 9704-2012, 7.3.3; 立法技术规范 for 章节条).

The kinds stand in their usual order of rank. A number says which kind it is and which place it has in
its list; whether it really starts a section is decided by the outline, which knows what came before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from ingest.numerals import NARROW, han_to_int

_YEAR = r"(?:19|20)\d\d\s?年"  # 2.2024年…: number 2, then a year
_HAN_DIGITS = "一二三四五六七八九十百零〇两"
HAN_NUMBER = f"[{_HAN_DIGITS}]{{1,6}}"


class Kind(IntEnum):
    """Kinds of section head, outermost first."""

    ANNEX = 0  # 附件1
    BOOK = 1  # 第一编
    SUB_BOOK = 2  # 第一分编
    CHAPTER = 3  # 第一章
    PART = 4  # 第一节
    ARTICLE = 5  # 第一条
    TURN = 6  # 提问者（回答者答）
    PLAIN = 7  # a heading line without a number
    HAN = 8  # 一、
    HAN_PAREN = 9  # （一）
    ARABIC = 10  # 1.
    DECIMAL = 11  # 1.1 (GB/T 1.1)
    DECIMAL_2 = 12  # 1.1.1
    DECIMAL_3 = 13  # 1.1.1.1
    PAREN = 14  # （1）
    HALF_PAREN = 15  # 1）
    CIRCLED = 16  # ①
    LETTER = 17  # a.
    RUN_IN = 18  # a first sentence or label that heads its paragraph; a dash goal
    ORDER = 19  # 一是


DECIMALS = (Kind.DECIMAL, Kind.DECIMAL_2, Kind.DECIMAL_3)


@dataclass(frozen=True, slots=True)
class Marker:
    """A section number at the start of a text: `text[:end]` is `number` and the white space after it."""

    kind: Kind
    ordinal: int
    number: str
    end: int
    doubtful: bool = False  # 5.6G 技术: a number only if 4. came before


_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        Kind.ANNEX,
        re.compile(
            r"(?P<number>附(?:件|录|表)\s*(?:(?P<n>\d{1,2}|[一二三四五六七八九十]{1,3}|[A-H](?![A-Za-z]))(?:[-—–－.．]\d{1,2})?)?)\s*[:：]?(?=\s|$|[:：])"
        ),
    ),
    (Kind.BOOK, re.compile(rf"(?P<number>第\s?(?P<n>{HAN_NUMBER}|\d{{1,3}})\s?[编篇編])(?:\s+|$|(?=[^\s第的]))")),
    (Kind.SUB_BOOK, re.compile(rf"(?P<number>第(?P<n>{HAN_NUMBER})分编)(?:\s+|$|(?=[^\s第的]))")),
    (
        Kind.BOOK,
        re.compile(
            rf"(?P<number>第(?P<n>{HAN_NUMBER}|\d{{1,2}})部分)(?:\s+|$|[：:、]|(?=[^\W第的是为中内由和及占约共有将以][^，。；：！？]{{1,28}}$))"
        ),
    ),
    (Kind.CHAPTER, re.compile(rf"(?P<number>第\s?(?P<n>{HAN_NUMBER}|\d{{1,3}})\s?章)(?:\s+|$|(?=[^\s第的]))")),
    (Kind.PART, re.compile(rf"(?P<number>第\s?(?P<n>{HAN_NUMBER}|\d{{1,3}})\s?[节節])(?:\s+|$|(?=[^\s第的]))")),
    (
        Kind.ARTICLE,
        re.compile(
            rf"(?P<number>第\s?(?P<n>{HAN_NUMBER}|\d{{1,4}})\s?[条條](?:之[一二三四五六七八九])?)(?:\s+|$|[:：、]|(?=[^\s、，。和或及至的所规第（(款]|[（(][^一二三四五六七八九十\d]))"
        ),
    ),
    (Kind.HAN, re.compile(rf"(?P<number>(?P<n>{HAN_NUMBER}|[Ⅰ-Ⅻ])\s?[、．.])\s*")),
    (Kind.HAN_PAREN, re.compile(rf"(?P<number>[（(]\s?(?P<n>{HAN_NUMBER})\s?[）)])\s*[、．.]?\s*")),
    (Kind.ARABIC, re.compile(rf"(?P<number>(?P<n>\d{{1,3}})\s?[．.、])(?:(?!\d)|(?={_YEAR}))\s*")),
    (Kind.PAREN, re.compile(r"(?P<number>[（(]\s?(?P<n>\d{1,3})\s?[）)])\s*[、．.]?\s*")),
    (Kind.HALF_PAREN, re.compile(r"(?P<number>(?P<n>\d{1,2})\s?[）)])(?=\s*[\u4e00-\u9fff“《])\s*")),
    (Kind.CIRCLED, re.compile(r"(?P<number>(?P<n>[①-⑳]))\s*")),
    (Kind.LETTER, re.compile(r"(?P<number>(?P<n>[A-Za-zＡ-Ｚａ-ｚ])\s?[.．、)）])(?![A-Za-z])\s*(?=\S)")),
    (Kind.ORDER, re.compile(r"(?P<number>(?P<n>[一二三四五六七八九十]{1,2})(?:是|要))(?=[^\s，。、；：否])")),
)
_FIRST = re.compile(rf"[第附\d（(A-Za-zＡ-Ｚａ-ｚ①-⑳Ⅰ-Ⅻ{_HAN_DIGITS}]")  # of each of them, and of no other text
_ENCLOSED = {  # numbers that are one character
    chr(first + at): (kind, at + 1)
    for first, count, kind in ((0x3220, 10, Kind.HAN_PAREN), (0x2474, 20, Kind.PAREN), (0x2488, 20, Kind.ARABIC))
    for at in range(count)
}  # ㈠, ⑴, ⒈
_AFTER = re.compile(r"\s*[、．.]?\s*")
DECIMAL = re.compile(
    r"(?P<number>\d{1,2}(?:[．.]\d{1,2}){1,3})[．.]?(?:\s+(?=\D)|(?=[\u4e00-\u9fff]{2}))(?![%％万亿元倍个项家年月日米吨公平度])"
)
_BARE = re.compile(r"(?P<number>(?P<n>\d{1,2}))(?P<space>\s*)(?=[\u4e00-\u9fff][^，。；：]{1,19}$)")
_PADDED = re.compile(r"[0０][1-9１-９]\s*(?=[\u4e00-\u9fff])(?![年月日号时分])")
_CIRCLE = re.compile(r"(?P<number>(?P<n>\d{1,2}))(?P<space>\s?)(?=(?P<next>[\u4e00-\u9fff《“]))")
_PERHAPS = re.compile(r"(?P<number>(?P<n>\d{1,2})\s?[．.、])(?=\d)")
_DOUBTFUL = re.compile(r"(?P<number>(?P<n>\d{1,2})\s?[．.、])(?=\d+(?:[^\d\s.%％年月日万亿元个项家]|\s*[A-Za-z]))")


def decimal_numbers(texts: Iterable[str]) -> frozenset[str]:
    """The decimal numbers among the starts of `texts` that belong to a list: its number before or after is there.

    `1.3人家庭` is number 1 of a plain list unless 1.2 is there as well.
    """
    found = {match["number"].translate(NARROW) for text in texts if (match := DECIMAL.match(text))}
    listed = set()
    for number in found:
        above, _, last = number.rpartition(".")
        before, after = f"{above}.{int(last) - 1}", f"{above}.{int(last) + 1}"
        beside = "." in above or any(f"{int(above) + step}.1" in found for step in (-1, 1))
        opens = last == "1" and (after in found or beside)
        if before in found or opens:
            listed.add(number)
    return frozenset(listed)


def bare_number(text: str, decimals: frozenset[str]) -> Marker | None:
    """`1　总则`, `01支持对象`: a number without a point before a short heading, as documents with decimal numbers
    (`decimals`) print it; without a blank (a PDF may lose it) where the number goes on in one of these."""
    found = _BARE.match(text)
    if found is None or not (
        found["space"] or is_padded(text) or f"{int(found['n'])}.1" in decimals or f"{int(found['n'])}.0.1" in decimals
    ):
        return None
    return Marker(Kind.ARABIC, int(found["n"]), found["number"], found.end())


def is_padded(text: str) -> bool:
    """Whether a text opens with a number that is filled up with a nought (`01 支持对象`)."""
    return _PADDED.match(text) is not None


def lost_circles(paragraphs: Sequence[str]) -> dict[int, Marker]:
    """Lists whose circled numbers lost their circles (`1身份证` `2户口簿` `3发票` for ①②③), or have none (`1　水量；`
    under an article of a technical standard), by paragraph.

    Three or more in a row, from 1, right after a number or a colon, and no counts (`1个月` `2个月` `3个月`).
    """
    found: dict[int, Marker] = {}
    start = 1
    while start < len(paragraphs):
        run: dict[int, Marker] = {}
        nexts: set[str] = set()
        spaced = False
        while (at := start + len(run)) < len(paragraphs) and (one := _CIRCLE.match(paragraphs[at])):
            if int(one["n"]) != len(run) + 1:
                break
            run[at] = Marker(Kind.CIRCLED, len(run) + 1, one["number"], one.end())
            nexts.add(one["next"])
            spaced = spaced or bool(one["space"])
        before = paragraphs[start - 1]
        opened = before.endswith(("：", ":"))
        if len(run) >= 3 and len(nexts) > 1 and (opened or (not spaced and marker(before))):
            found |= run
        start += max(1, len(run))
    return found


def marker(text: str, decimals: frozenset[str] | None = None) -> Marker | None:
    """The section number at the very start of `text` (clean, without marks), if there is one.

    `decimals` are the decimal numbers that the document has (`decimal_numbers`); by default any may be one.
    """
    if one := _ENCLOSED.get(text[:1]):
        behind = _AFTER.match(text, 1)
        return Marker(*one, text[0], behind.end() if behind else 1)
    if not _FIRST.match(text):
        return None
    for kind, pattern in _PATTERNS:
        found = pattern.match(text)
        if found:
            return Marker(kind, han_to_int(found["n"] or ""), "".join(found["number"].split()), found.end())
    found = DECIMAL.match(text)
    if found and (decimals is None or found["number"].translate(NARROW) in decimals):
        steps = [int(step) for step in re.split(r"[．.]", found["number"])]
        return Marker(Kind(Kind.DECIMAL + len(steps) - 2), steps[-1], found["number"], found.end())
    found = _DOUBTFUL.match(text)
    if found:
        return Marker(Kind.ARABIC, int(found["n"]), found["number"].strip(), found.end(), doubtful=True)
    return None


def perhaps(text: str) -> Marker | None:
    """A doubtful number before another (`2.3年内的记录`), which a quantity looks like as well."""
    found = _PERHAPS.match(text)
    return Marker(Kind.ARABIC, int(found["n"]), found["number"].strip(), found.end(), doubtful=True) if found else None
