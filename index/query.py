"""What a search query asks for beside its words: what it names outright, what says the same, where to look."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from errors import UsageError
from index.filter import Filter, as_number
from index.lexicon import Expansion, Lexicon, Relation
from index.lookups import Directory, Lookup, key, look_up
from index.snapshot import Snapshot
from index.store import Store
from index.words import Segmenter, grams

_SHARES: Mapping[Relation, float] = {"translation": 0.5}
"""Of an expansion's weight what its tokens get in BM25, 1 otherwise: what stands for a word that no document writes has
that word's part to play, a translation is one of many."""
_LONGEST = 200  # characters of a query beyond which nothing is added: it says enough
_PARTICLE = re.compile("[的了着过吗呢吧啊么]")  # stands between words: no pair with it is a word that is missing
_YEAR = re.compile(r"(?:19|20)\d\d")
_SOFT = 0.04  # added to the score of passages that fit what a query names besides
_NAMED = 0.25  # the same for a document that it names outright
_KEPT = 8192  # words of the lexicon whose tokens are kept


@dataclass(frozen=True, kw_only=True)
class Only:
    """What a user insists on: documents (id, file name, number or part of the title), places, years. () is anything.

    `day`: documents that were in force on it, by what they say of themselves.
    """

    docs: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    day: date | None = None


@dataclass(frozen=True, kw_only=True)
class Query:
    """A query as it is searched for.

    `lookups` are what it names outright, `expansions` the words that were added, `extra` what their tokens weigh,
    `within` what documents it is limited to (`None`: all), `leaning` what is added to the scores of
    documents (by number) that fit its places and years.
    """

    text: str
    lookups: tuple[Lookup, ...] = ()
    expansions: tuple[Expansion, ...] = ()
    extra: Mapping[str, float] = field(default_factory=dict)
    within: Filter | None = None
    leaning: Mapping[int, float] = field(default_factory=dict)


class Vocabulary:
    """What the words of the lexicon are cut into and whether documents write them; safe to use from several threads.

    pieces: the distinct tokens of more than one character. stands: whether all of a word's pairs stand in some
    passage; what no document writes is not worth a look. unwritten: the pairs of a text that stand in none.
    """

    def __init__(self, store: Store, segmenter: Segmenter) -> None:
        """For the passages of `store`. Questions come back to the same words: the answers are kept."""
        self.store = store
        self._segmenter = segmenter
        self.pieces = lru_cache(maxsize=_KEPT)(self._pieces)
        self.stands = lru_cache(maxsize=_KEPT)(self._stands)

    def unwritten(self, text: str) -> list[str]:
        """The pairs of Chinese characters of a text that no passage holds."""
        pairs = [gram for gram in grams(text) if len(gram) == 2 and gram > "\u3400" and not _PARTICLE.search(gram)]
        held = self.store.holding(pairs)
        return [pair for pair, holding in held.items() if not holding]

    def _pieces(self, word: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(token for token in (*self._segmenter.words(word), *grams(word)) if len(token) > 1))

    def _stands(self, word: str) -> bool:
        pairs = [gram for gram in grams(word) if len(gram) > 1] or grams(word)
        return bool(pairs) and all(self.store.holding(pairs).values())


def read_query(
    text: str,
    snapshot: Snapshot,
    directory: Directory,
    vocabulary: Vocabulary,
    lexicon: Lexicon,
    only: Only | None = None,
) -> Query:
    """Understand a query. Raises UsageError when `only` names a document that is not there.

    Other words are added for a word that no document writes, and Chinese for English. A word that documents do write is
    left alone: its synonyms cost first places where questions repeat the words of their answers (docs/lexicon.md).
    """
    lookups = look_up(text, snapshot, directory)
    added: tuple[Expansion, ...] = ()
    if len(text) <= _LONGEST:
        added = lexicon.expand(text)
        added = tuple(
            one
            for one in added
            if vocabulary.stands(one.added) and (one.relation == "translation" or not vocabulary.stands(one.found))
        )
        unwritten = vocabulary.unwritten(text)
        if unwritten:
            there = {(one.found, one.added) for one in added}
            added += tuple(
                one
                for one in lexicon.alike(text, unwritten)
                if vocabulary.stands(one.added) and (one.found, one.added) not in there
            )
    return Query(
        text=text,
        lookups=lookups,
        expansions=added,
        extra=_extra(text, added, vocabulary) if added else {},
        within=_filter(only, snapshot, directory, lexicon) if only else None,
        leaning=_leaning(text, lookups, snapshot, directory, lexicon),
    )


def _extra(text: str, added: Sequence[Expansion], vocabulary: Vocabulary) -> dict[str, float]:
    """Weights of the added words' tokens under which none of them outweighs the word that it stands for."""
    store = vocabulary.store
    total, own_words = store.count, set(vocabulary.pieces(text))
    weights: dict[str, float] = {}
    for one in added:
        own, new = vocabulary.pieces(one.found), vocabulary.pieces(one.added)
        held = store.holding([*own, *new])
        worth = sum(_idf(total, held[token]) for token in own)
        gained = sum(_idf(total, held[token]) for token in new if token not in own_words)
        cap = min(1.0, worth / gained) if worth and gained else 1.0
        for token in new:
            if token not in own_words:
                weights[token] = max(weights.get(token, 0.0), _SHARES.get(one.relation, 1.0) * one.weight * cap)
    return weights


def _idf(total: int, holding: int) -> float:
    """BM25's inverse document frequency (Robertson and Sparck Jones, with 1 added under the logarithm)."""
    return math.log(1 + (total - holding + 0.5) / (holding + 0.5))


def _leaning(
    text: str, lookups: Sequence[Lookup], snapshot: Snapshot, directory: Directory, lexicon: Lexicon
) -> dict[int, float]:
    named = {doc for one in lookups if one.kind in ("number", "title") for doc in one.docs}
    leaning = {snapshot.entry(doc).number: _NAMED for doc in named}
    places = set(lexicon.places_in(text)) if len(directory.regions) > 1 else set()
    for place in sorted(places):
        for number in directory.homes.get(place, ()):
            leaning[number] = leaning.get(number, 0.0) + _SOFT
    return leaning


def _filter(only: Only, snapshot: Snapshot, directory: Directory, lexicon: Lexicon) -> Filter | None:
    docs: frozenset[int] | None = None
    if only.docs:
        fits: set[int] = set()
        for name in only.docs:
            entry = snapshot.find(name)
            wanted = key(name)
            matching = (
                {entry.number}
                if entry
                else {e.number for e in snapshot.entries if wanted and wanted in key(f"{e.title}{e.doc_number or ''}")}
            )
            if not matching:
                raise UsageError(f"索引里没有这份文件：{name!r}；请用文件名、文号或标题的一部分")
            fits |= matching
        docs = frozenset(fits)
    for year in only.years:
        if not _YEAR.match(year):
            raise UsageError(f"年份不对：{year!r}；请写成四位数字，如 2024")
    found = Filter(
        docs=docs,
        regions=frozenset(
            region for region in directory.regions if any(_within(region, place, lexicon) for place in only.places)
        )
        if only.places
        else None,
        years=frozenset(int(year[:4]) for year in only.years) if only.years else None,
        day=as_number(only.day) if only.day else None,
    )
    return None if found == Filter() else found


def _within(region: str, place: str, lexicon: Lexicon) -> bool:
    """Whether a document of `region` is one of `place`: the place itself, or one inside it."""
    if place in region:
        return True
    here, there = lexicon.place_of(region), lexicon.place_of(place)
    return bool(here and there and (here == there or lexicon.contains(there, here)))
