"""What two cited sentences of two documents differ in: a number worked out from both, or that they are worded alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from assistant.text import bag, bare

_FIGURE = re.compile(
    r"(?P<before>不低于|不少于|不超过|超过|突破|接近|最高|约|近)?(?P<number>\d[\d,]*(?:\.\d+)?)(?P<more>余|多)?"
    r"(?P<unit>[百千万亿]*(?:元|平方米|平方公里|公里|家|个|项|件|名|人|座|所|条|倍|吨|亩|%))(?P<after>左右|以上|以内|以下)?"
)
_RANGE = re.compile(r"\d\s*[-—–~～至到]\s*$")
_WINDOW = 12  # characters before a figure that say what it counts
_ALIKE = 0.5  # share of their grams that two such stretches must have in common
_SAME = re.compile(r"一样|一致|相同|有没有(?:区别|差别|不同)|区别|差别|不同|差异")


@dataclass(frozen=True, slots=True)
class _Figure:
    value: Decimal
    unit: str
    printed: str
    about: frozenset[str]


def difference(question: str, one: str, other: str, *, english: bool) -> str:
    """A sentence on how two sentences compare, without its full stop; "" when nothing can be worked out from them.

    A number is compared only with one of the same unit that is said of the same thing (未来产业产值达到…).
    """
    pairs = [
        (a, b)
        for a in _figures(one)
        for b in _figures(other)
        if a.unit == b.unit and len(a.about & b.about) >= _ALIKE * min(len(a.about), len(b.about)) > 0
    ]
    asked = bag(question)
    best = max(pairs, key=lambda pair: len((pair[0].about | pair[1].about) & asked), default=None)
    if best and len((best[0].about | best[1].about) & asked) >= 2:
        a, b = best
        if a.value == b.value:
            return f"Both give {a.printed}" if english else f"两份文件在这一点上的数字相同，都是{a.printed}"
        gap = f"{abs(a.value - b.value).normalize():f}{a.unit}"
        if english:
            return f"They differ: {a.printed} and {b.printed}, {gap} apart"
        return f"两份文件的数字不同：前者{a.printed}，后者{b.printed}，按所写数字相差{gap}"
    if english or not _SAME.search(question):
        return ""
    return "两份文件的这句话写法相同" if bare(one) == bare(other) else "两份文件在这一点上的写法不同，以各自原文为准"


def _figures(text: str) -> list[_Figure]:
    flat = re.sub(r"\s", "", text)
    return [
        _Figure(
            Decimal(match["number"].replace(",", "")),
            match["unit"],
            match[0],
            bag(flat[max(0, match.start() - _WINDOW) : match.start()]),
        )
        for match in _FIGURE.finditer(flat)
        if not _RANGE.search(flat[: match.start("number")])
    ]
