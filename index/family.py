"""Families: the sections under a heading that a question names, in the order of the document.

Who asks 保障措施有哪些 wants what stands under that heading: all of it, and in its order. No single passage of it
says 保障措施 more than others do, so ranking alone brings some of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from index.words import fold, grams
from ingest.document import Chunk

LOOKED = 10  # hits whose headings are looked at
_COVERED = 0.75  # of a heading's pairs of characters that the question has to say
_PAIRS = 3  # pairs of characters that a heading needs: 方案 and 目标 name nothing
_KEPT = 4096  # headings whose pairs are kept: the same ones lead to many passages
_NUMBER = re.compile(
    r"^(?:第?[一二三四五六七八九十百零〇\d]+[编章节条、.．)）]+|[（(][一二三四五六七八九十\d]+[）)])\s*"
)
_ASKING = re.compile(
    r"有?哪些|有?哪几[个项条类种大方面点]*|[有共一]*几[个项条类种]|[有共一]*多少[个项条类种]|是?什么|有啥|包括|包含|分别|列一下|列出|请问|具体|"
    r"内容|[的是有里中下各了吗呢]|what (?:are|is)|which|list",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Family:
    """A heading that a question names: the document, the headings that lead to it, and the place among the hits of
    the first passage under it."""

    doc: str
    headings: tuple[str, ...]
    place: int


def named_family(question: str, chunks: Sequence[Chunk]) -> Family | None:
    """The heading over one of the first hits that a question consists of; `None` when there is none.

    What a question says besides a heading and the words of asking makes it a question about one part.
    """
    said = _pairs(_ASKING.sub(" ", question))
    best: tuple[float, int, int] | None = None
    found: Family | None = None
    for place, chunk in enumerate(chunks[:LOOKED]):
        if chunk.table is not None:
            continue
        for depth in range(2, len(chunk.headings)):
            pairs = _named(chunk.headings[depth - 1])
            both = len(pairs & said)
            covered = both / len(pairs) if len(pairs) >= _PAIRS else 0.0
            if covered < _COVERED or both < _COVERED * len(said):
                continue
            rank = (covered * len(pairs), depth, -place)
            if best is None or rank > best:
                best = rank
                found = Family(doc=chunk.doc, headings=chunk.headings[:depth], place=place)
    return found


def parts_of(family: Family, chunks: Sequence[tuple[int, Chunk]]) -> list[int]:
    """The rows of the first passage of the heading itself and of each section right under it, in order."""
    depth = len(family.headings)
    firsts: dict[str, int] = {}
    for row, chunk in chunks:
        if chunk.doc == family.doc and chunk.table is None and chunk.headings[:depth] == family.headings:
            firsts.setdefault(chunk.headings[depth] if len(chunk.headings) > depth else "", row)
    return list(firsts.values())


@lru_cache(maxsize=_KEPT)
def _named(heading: str) -> frozenset[str]:
    return _pairs(_NUMBER.sub("", heading))


def _pairs(text: str) -> frozenset[str]:
    return frozenset(gram for gram in grams(fold(text)) if len(gram) > 1)
