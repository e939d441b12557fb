"""Phrases that a text says a little otherwise: 烂在土里的塑料 in 埋土里能烂掉的塑料.

People do not say a phrase as somebody wrote it down. So a phrase counts as said when most of its characters and pairs
of characters stand close together in the text, in any order.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate

from index.lexicon.tables import Table

_LEAST = 0.5  # of a phrase's characters and pairs, in the mean
_EQUAL = 1e-9
_KEPT = 8_192  # pairs whose phrases are kept, some MB
_MOST = 4  # concepts that one text names in this way
_PHRASE = re.compile(r"[\u3400-\u9fff]{3,12}").fullmatch
_ASKING = re.compile(r"[什么怎哪几谁吗呢啥咋]|多少|多久|多长|如何|能不能|有没有|是不是|会不会|要不要|算不算")
_NOT_SAID = frozenset({"place", "time"})  # kinds whose names are said as they are or not at all
_NEAR, _KIND = 2, 6  # columns


@dataclass(frozen=True, kw_only=True, slots=True)
class Alike:
    """A phrase for entry `number` of which `share` (above 0, at most 1) stands in `text[start:end]`."""

    phrase: str
    number: int
    start: int
    end: int
    share: float


class Phrases:
    """What people say for the concepts of a table, where it has three characters or more and asks nothing itself."""

    def __init__(self, table: Table) -> None:
        """Nothing is read before the first look. What has been looked for is kept: questions share most pairs."""
        self._table = table
        self._with = lru_cache(maxsize=_KEPT)(self._holding)

    def alike(self, text: str, pairs: Collection[str]) -> tuple[Alike, ...]:
        """The phrases with one of `pairs` (two characters of the text) that the text says otherwise, best first.

        One for each concept; a phrase that the text holds as it stands is not among them.
        """
        best: dict[int, Alike] = {}
        for phrase, number in dict.fromkeys(found for pair in sorted(pairs) for found in self._with(pair)):
            if phrase in text:
                continue
            found = _likest(phrase, number, text)
            if found and (number not in best or found.share > best[number].share):
                best[number] = found
        return tuple(sorted(best.values(), key=lambda one: (-one.share, one.number))[:_MOST])

    def _holding(self, pair: str) -> tuple[tuple[str, int], ...]:
        """The phrases that hold a pair, with the numbers of their entries."""
        whole, starts = self._joined
        found: list[tuple[str, int]] = []
        at = whole.find(pair)
        while at >= 0:
            number = bisect_right(starts, at) - 1
            end = whole.index("|", at)
            phrase = whole[whole.rindex("|", 0, at) + 1 : end]
            if _PHRASE(phrase) and not _ASKING.search(phrase):
                found.append((phrase, number))
            at = whole.find(pair, end)
        return tuple(found)

    @cached_property
    def _joined(self) -> tuple[str, list[int]]:
        """The phrases of all entries, each between bars, and where those of each entry begin."""
        cells = [line.split("\t") for line in self._table.lines]
        parts = ["|" if cell[_KIND] in _NOT_SAID else f"|{cell[_NEAR]}|" for cell in cells]
        return "".join(parts), [0, *accumulate(map(len, parts))][:-1]


def _likest(phrase: str, number: int, text: str) -> Alike | None:
    """Where in a text most of a phrase stands, if enough of it does anywhere."""
    characters = set(phrase)
    in_text = sum(character in text for character in characters)
    if in_text < _LEAST * len(characters):
        return None
    pairs = [phrase[at : at + 2] for at in range(len(phrase) - 1)]
    most = in_text / (2 * len(characters)) + sum(pair in text for pair in pairs) / (2 * len(pairs))
    if most < _LEAST - _EQUAL:
        return None
    size = 2 * len(phrase) + 2  # room for words between
    best = (0.0, 0)
    for start in range(max(1, len(text) - size + 1)):
        window = text[start : start + size]
        share = sum(character in window for character in characters) / (2 * len(characters))
        share += sum(pair in window for pair in pairs) / (2 * len(pairs))
        best = max(best, (share, -start))
    share, start = best[0], -best[1]
    if share < _LEAST:
        return None
    return Alike(phrase=phrase, number=number, start=start, end=min(len(text), start + size), share=share)
