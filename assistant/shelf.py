"""The documents of a snapshot by what questions call them: made once, asked for each question.

A library may have a hundred thousand titles and a question names a few. So titles stand in one text and are looked
up in it, which costs what the question says and not what the library holds.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import accumulate

from assistant.text import HAN, bare
from index.catalogue import Entry
from index.lexicon import load_lexicon

RUN, SHORT_RUN = 9, 5  # characters of a title that stand for it, and those that do before 里 or 中
_FEW = 4  # a place that more than a quarter of the documents are of tells them apart no more
_REGION = re.compile(rf"(?:^|(?<=[省市区县，])|关于|促进|公开征求|《|<)([{HAN}]{{2,5}}?)(?:省|市|新区|自治区|区|县)")
TALK = re.compile(r"问答|发布会|通气会|采访|实录|答记者问|q&a|press", re.I)


class Lines:
    """Texts, by the parts they hold."""

    def __init__(self, texts: Iterable[str]) -> None:
        """`texts` are numbered from 0."""
        self.texts = tuple(texts)
        self.whole = "\n".join(self.texts)
        self._starts = [0, *accumulate(len(text) + 1 for text in self.texts)]

    def holding(self, part: str) -> list[int]:
        """The numbers of the texts that hold a part, in order."""
        found: list[int] = []
        at = self.whole.find(part)
        while 0 <= at < self._starts[-1]:
            number = bisect_right(self._starts, at) - 1
            if at + len(part) < self._starts[number + 1]:
                found.append(number)
            at = self.whole.find(part, self._starts[number + 1])
        return found

    def sharing(self, parts: Sequence[str], least: float) -> dict[int, float]:
        """The texts that hold so large a share of `parts` (0 < `least` <= 1, repeats count), in order, with it."""
        count = len(parts)
        lacking = max((lack for lack in range(count) if (count - lack) / count >= least), default=-1)
        rare = sorted(parts, key=self.whole.count)[: lacking + 1]  # who has none of these lacks too many
        near = sorted({number for part in set(rare) for number in self.holding(part)})
        shares = {number: sum(part in self.texts[number] for part in parts) / count for number in near}
        return {number: share for number, share in shares.items() if share >= least}


def _known(name: str) -> bool:
    """Whether a table knows a name as that of a place."""
    found = load_lexicon().find(name)
    return any(m.end - m.start == len(name) and entry.kind == "place" for m in found for entry, _ in m.entries)


class Shelf:
    """The documents of a snapshot by what questions call them: made once, for many questions."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        """`entries` are all of the snapshot."""
        self.entries = entries

    @cached_property
    def homes(self) -> list[str]:
        """The names, without 省 市 区 县, of the places that documents are of.

        What a title has before such a word is one only if a table knows it or the document is of it (房地产市场: none).
        """
        own: set[str] = set()
        titled: set[str] = set()
        for entry in self.entries:
            region = entry.region or ""
            for part in _REGION.findall(f"{region}，{entry.title}"):
                name = re.sub("^(?:关于|促进|加强|推进|支持)+", "", part)
                if len(name) >= 2:
                    (own if name in region else titled).add(name)
        return sorted(own.union(filter(_known, titled - own)))

    @cached_property
    def rare_homes(self) -> list[str]:
        """Those that at most one document in `_FEW` is of."""
        lines = Lines(f"{entry.region or ''}{entry.title}" for entry in self.entries)
        return [home for home in self.homes if len(lines.holding(home)) * _FEW <= len(self.entries)]

    @cached_property
    def districts(self) -> frozenset[str]:
        """Documents of a district or county."""
        return frozenset(entry.id for entry in self.entries if re.search(r"[区县]$|新区", entry.region or ""))

    @cached_property
    def others(self) -> frozenset[str]:
        """Documents of a place that is none."""
        return frozenset(entry.id for entry in self.entries if entry.region) - self.districts

    @cached_property
    def plain(self) -> Lines:
        """Every title without brackets and quotation marks."""
        return Lines(re.sub(r"[《》（）()“”]", "", entry.title) for entry in self.entries)

    @cached_property
    def short(self) -> dict[str, list[int]]:
        """The numbers of the documents of each plain title that is shorter than a run of one."""
        found: dict[str, list[int]] = {}
        for number, title in enumerate(self.plain.texts):
            if SHORT_RUN <= len(title) < RUN:
                found.setdefault(title, []).append(number)
        return found

    @cached_property
    def flat(self) -> dict[str, str]:
        """Every title without white space and punctuation, folded, by document."""
        return {entry.id: bare(entry.title) for entry in self.entries}

    @cached_property
    def cores(self) -> Lines:
        """The same in order, without what stands in brackets at the end (试行, a year)."""
        return Lines(bare(re.sub(r"[（(][^（）()]*[）)]$", "", entry.title)) for entry in self.entries)

    @cached_property
    def titles(self) -> Lines:
        """Every title as it is."""
        return Lines(entry.title for entry in self.entries)

    @cached_property
    def _own_titles(self) -> Lines:
        """Every title without the titles that it names."""
        return Lines(re.sub(r"《[^》]*》", "", entry.title) for entry in self.entries)

    @cached_property
    def _kinds(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, entry in enumerate(self.entries):
            if entry.kind:
                found.setdefault(entry.kind, []).append(number)
        return found

    @cached_property
    def talks(self) -> frozenset[int]:
        """The numbers of the documents that speak about others: interviews, press conferences."""
        return frozenset(number for number, title in enumerate(self.titles.texts) if TALK.search(title))

    @cached_property
    def numbers(self) -> tuple[tuple[str, str], ...]:
        """The number that a document bears, folded and without marks, with its id."""
        return tuple((bare(entry.doc_number), entry.id) for entry in self.entries if entry.doc_number)

    def called(self, word: str) -> set[int]:
        """The numbers of the documents whose own title or kind holds a word."""
        of_kind = (number for kind, numbers in self._kinds.items() if word in kind for number in numbers)
        return {*self._own_titles.holding(word), *of_kind}

    def printing(self, parts: Iterable[str]) -> list[int]:
        """The numbers of the documents whose plain title holds one of `parts`, in order."""
        return sorted({number for part in parts for number in self.plain.holding(part)})
