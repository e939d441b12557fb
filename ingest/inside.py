"""Sections that begin inside a paragraph: 一是…。二是…。, （1）…。（2）…。, leads in bold or all of one kind.

A number counts where it opens a sentence; in the middle of one (材料：（1）申请表；（2）承诺书) it is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ingest.numbering import marker
from ingest.numerals import han_to_int
from ingest.paragraphs import LABEL, Paragraph

_SENTENCE = re.compile(r"[^。！？!?；;]+[。！？!?；;]?[”’」』）)]*")
_GAP = 8  # blanks between a full stop and a number
_HAN = "[一二三四五六七八九十]{1,3}"
_NUMBERS = (  # outermost first
    re.compile(rf"()({_HAN})、"),
    re.compile(rf"(（\s?)({_HAN})\s?）"),
    re.compile(r"()(\d{1,2})[.．、](?!\d)"),
    re.compile(r"(（\s?)(\d{1,2})\s?）"),
    re.compile(r"()([①-⑳])"),
)
_ORDER = re.compile(r"(?:^|(?<=[。：；，]))\s*([一二三四五六七八九十]{1,2})是(?=[^\s，。、；：否])")
_TOPIC = re.compile(r"\s*([^，。；：]{1,10}(?:领域|方面|环节|阶段|层面|板块|区域|行业|产业))，")


def cuts(text: str, following: str) -> list[int]:
    """Where to cut a paragraph before the numbers inside it; `following` is the one after it, both in full-width marks.

    A series runs from one without a gap; its parts are cut again (`一、…。（一）…。（二）…。二、…。`). A label before
    the first number of a list (`补贴标准：（1）…`) is cut from it where the list goes on in `following`.
    """
    return sorted(_parts(text, 0)) or _label(text, following)


def _parts(text: str, shift: int) -> Iterator[int]:
    """The cuts of `text`, which stands at `shift`, and of its parts."""
    edges = next((found for pattern in _NUMBERS if (found := _items(text, pattern))), None) or _orders(text)
    yield from (shift + edge for edge in edges)
    bounds = [0, *(edge for edge in edges if edge), len(text)]
    for left, right in pairwise(bounds) if edges else ():
        yield from (edge for edge in _parts(text[left:right], shift + left) if edge > shift + left)


def _orders(text: str) -> list[int]:
    """Where 一是 … 二是 … begin, if each is a sentence of its own."""
    found = [(match.start(1), han_to_int(match.group(1))) for match in _ORDER.finditer(text)]
    return _series(text, found)


def _items(text: str, number: re.Pattern[str]) -> list[int]:
    """Where the numbers of one kind begin, if each is a sentence of its own."""
    found = [(match.start(), han_to_int(match[2])) for match in number.finditer(text)]
    return _series(text, [one for one in found if _closed(text, one[0], "。：")])


def _series(text: str, found: Sequence[tuple[int, int]]) -> list[int]:
    """The places of a series 1, 2, …, N of which each but the first follows a full stop; else none."""
    if len(found) < 2 or [ordinal for _, ordinal in found] != list(range(1, len(found) + 1)):
        return []
    if not all(_closed(text, at, "。") for at, _ in found[1:]) or not _closed(text, found[0][0], "。："):
        return []
    return [at for at, _ in found]


def _closed(text: str, at: int, marks: str) -> bool:
    """Whether nothing, or one of `marks`, stands before `at`."""
    before = text[max(0, at - _GAP) : at].rstrip()
    return before[-1] in marks if before else at < _GAP


def _label(text: str, following: str) -> list[int]:
    """The end of a label before the first of a list's numbers, if the second opens the next paragraph."""
    label = LABEL.match(text)
    first = marker(text[label.end() :]) if label else None
    second = marker(following) if first else None
    if label and first and second and second.kind is first.kind and (first.ordinal, second.ordinal) == (1, 2):
        return [label.end()]
    return []


def leads(paragraph: Paragraph) -> dict[int, str]:
    """Bold leads inside a paragraph, or three or more sentences that open alike (`未来信息领域，…`): place → lead."""
    text = paragraph.folded
    bold = {
        start: text[start:end].strip("，。： ")
        for start, end in paragraph.bold
        if start and text[:start].rstrip()[-1:] in "。；" and 2 <= end - start <= 24
    }
    if bold:
        return bold
    opened = []
    for sentence in _SENTENCE.finditer(text):
        clause = _TOPIC.match(sentence.group())
        if clause and _closed(text, sentence.start(), "。"):
            opened.append((sentence.start(), clause.group(1)))
    same = alike([clause for _, clause in opened], shared=2)
    return {at: clause for at, clause in opened if clause in same}


def alike(clauses: Sequence[str], *, shared: int) -> set[str]:
    """Three or more different clauses that end in the same `shared` characters, digits apart."""
    endings: dict[str, set[str]] = {}
    for clause in clauses:
        if not re.search(r"\d", clause):
            endings.setdefault(clause[-shared:], set()).add(clause)
    return {clause for group in endings.values() if len(group) >= 3 for clause in group}
