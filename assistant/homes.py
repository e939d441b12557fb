"""Whose documents these are: the places that titles and regions name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise

from assistant.shelf import Lines
from index.catalogue import Entry
from index.lexicon import Entry as Place
from index.lexicon import load_lexicon

_KEPT = 256  # places whose answer is kept
_HAN_ONLY = re.compile(r"[\u3400-\u9fff]+").fullmatch
_NOTHING = re.compile(r"['’]s\b|[^\S\n]+|-")  # what does not count when names are compared


class Homes:
    """The places that documents are of; safe to use from several threads."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        """`entries` are all of a snapshot."""
        self._named = [f"{entry.region or ''} {entry.title}".replace("\n", " ") for entry in entries]
        self.has = lru_cache(maxsize=_KEPT)(self._has)

    def _has(self, place: str) -> bool:
        """Whether a document is of a place (an official name), or of one inside it."""
        lexicon = load_lexicon()
        looked: set[int] = set()
        for inner in lexicon.inside(place):
            for number in self._naming(inner):
                if number in looked:
                    continue
                looked.add(number)
                if any(lexicon.contains(place, home) for home in lexicon.places_in(self._named[number])):
                    return True
        return False

    def _naming(self, place: Place) -> Iterator[int]:
        """The documents that may name a place: none is left out."""
        for name in (place.term, *place.same, *place.near, *place.english):
            # The plural of a Latin word may end otherwise, never begin so.
            part = name if _HAN_ONLY(name) else _folded(name)[:2]
            if self._pairs.issuperset(pairwise(part)):
                yield from self._lines.holding(part)

    @cached_property
    def _lines(self) -> Lines:
        """What is named, as names are compared."""
        return Lines(_folded("\n".join(self._named)).split("\n"))

    @cached_property
    def _pairs(self) -> frozenset[tuple[str, str]]:
        """The pairs of characters in it."""
        return frozenset(pairwise(self._lines.whole))


def _folded(text: str) -> str:
    return _NOTHING.sub("", unicodedata.normalize("NFKC", text).lower())
