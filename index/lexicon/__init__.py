"""The policy lexicon: official terms, what people say for them, their English and what contains them.

The words are data: tab-separated tables beside this file, one concept a line (docs/lexicon.md tells the columns and
how to extend them). This module reads them and answers four questions about a text: which terms it names (`find`),
which other words say the same (`expand`), what an English question means in Chinese (`translate`), and which places
it names (`places_in`, `place_of`, `contains`).

Words are compared as units: a Chinese character is one, a run of Latin letters or digits is one, in small letters and
without the plural s; blanks and hyphens do not count. So `Brain computer interfaces` is `brain-computer interface`,
and `AI` is found in `AI芯片` but not in `email`. The longest term wins, read from left to right, and a word of
`guards.tsv` (市场价, 劳动合同法) hides the shorter terms that it only happens to contain.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import accumulate
from operator import add
from pathlib import Path

from index.lexicon.alike import Phrases
from index.lexicon.tables import COLUMNS, Entry, Relation, Table, line_of, read_tables
from index.lexicon.units import key_of, part, units_and_key, units_of

__all__ = ["COLUMNS", "KINDS", "WEIGHTS", "Entry", "Expansion", "Lexicon", "Match", "Relation", "load_lexicon"]

KINDS = frozenset(
    {"education", "elderly", "employment", "firm", "general", "health", "housing", "industry", "law", "measure"}
    | {"money", "organisation", "people", "place", "procedure", "science", "social", "technology", "time"}
)
WEIGHTS: Mapping[Relation, float] = {
    "same": 0.8, "near": 0.6, "translation": 0.9, "broader": 0.25, "related": 0.15, "alike": 0.8,
}  # fmt: skip
_SYNONYM = 0.75  # a synonym of the official term, against the term itself
_SPOKEN = 0.2  # what people say, added to an official term: documents seldom write it
_CLIMBS = frozenset(
    {"industry", "technology", "firm", "measure", "science"}
)  # kinds whose broader term is worth a look
_HAN_ONLY = re.compile(r"[\u3400-\u9fff]+").fullmatch
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_ALONE = (1,)
_KEPT = 2048  # texts whose terms are remembered
_KEYS = 8192  # terms whose keys are remembered
_REMEMBERED = 2000  # characters of such a text
_STREET = re.compile(r"[东西南北中]?[一二三]?路")  # 西藏南路 is a street of Shanghai, not Tibet


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """A term found: `text[start:end]` names the concepts in `entries`, by which of their columns (`relation`)."""

    start: int
    end: int
    entries: tuple[tuple[Entry, Relation], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Expansion:
    """A term to search for as well. `found` is `query[start:end]`; 0 < `weight` < 1, so that the word itself leads.

    `phrase` is what people say for the term, where the query says it a little otherwise.
    """

    found: str
    start: int
    end: int
    added: str
    relation: Relation
    weight: float
    kind: str
    phrase: str = ""


_Named = tuple[tuple[Entry, Relation], ...]
_RANK: Mapping[Relation, int] = {"same": 0, "near": 1, "translation": 2}


class _Index:
    """The names that have been learnt, by their keys, with the numbers of their entries; a guard has none.

    `sizes` tells, by the key of two units, how many units a name that begins with them, or with the first alone, may
    have, falling.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._named: dict[str, _Named] = {}
        self.names: dict[str, list[tuple[str, int]]] = {}
        self.sizes: dict[str, tuple[int, ...]] = {}

    def learn(self, names: Mapping[str, list[tuple[str, int]]], sizes: Mapping[str, set[int]]) -> None:
        """Take in names, and how many units those of two and more have; those of the same first unit come together."""
        self.names.update(names)
        self.sizes.update({head: (*sorted(found, reverse=True), 1) for head, found in sizes.items()})

    def named(self, key: str) -> _Named:
        """What a key stands for; nothing for a guard's and for one that no name has."""
        found = self._named.get(key)
        return found if found is not None else self._named.setdefault(key, self._read(self.names.get(key, ())))

    def _read(self, names: Sequence[tuple[str, int]]) -> _Named:
        found: dict[int, tuple[Entry, Relation]] = {}
        for word, number in names:
            entry = self._table.entry(number)
            relation: Relation = (
                "same" if word == entry.term or word in entry.same else "near" if word in entry.near else "translation"
            )
            if number not in found or _RANK[relation] < _RANK[found[number][1]]:
                found[number] = (entry, relation)
        return tuple(found.values())


class Lexicon:
    """All entries in the order of the tables, and the words that hide a term inside them. Safe to share."""

    def __init__(self, entries: Sequence[Entry] | Table, guards: frozenset[str]) -> None:
        """Names are learnt when a text has a character that they begin with."""
        self.guards = guards
        self._table = entries if isinstance(entries, Table) else Table([line_of(entry) for entry in entries])
        self._phrases = Phrases(self._table)
        self._chinese = _Index(self._table)  # names of Chinese characters only: all that a Chinese text can name
        self._mixed = _Index(self._table)  # all names
        self._known: set[str] = set()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every entry, in order."""
        return self._table.entries

    def find(self, text: str) -> tuple[Match, ...]:
        """The terms that a text names, from left to right, without overlap, the longest first."""
        return self._found(text) if len(text) <= _REMEMBERED else self._look(text)

    @cached_property
    def _found(self) -> Callable[[str], tuple[Match, ...]]:
        # A provision's reader asks for the businesses, places and qualifications of one sentence after another.
        return lru_cache(maxsize=_KEPT)(self._look)

    @cached_property
    def _key(self) -> Callable[[str], str]:
        return lru_cache(maxsize=_KEYS)(key_of)

    def _look(self, text: str) -> tuple[Match, ...]:
        units, firsts, lasts = units_of(text)
        index = self._index(units)
        names, sizes = index.names, index.sizes
        parts = [part(unit) for unit in units]
        heads = [*map(add, parts, parts[1:]), *parts[-1:]]  # two units tell that hardly any place begins a name
        whole = "".join(parts)
        places = [0, *accumulate(map(len, parts))]
        found: list[Match] = []
        free = 0  # what stands before belongs to a name already
        for at, head in enumerate(heads):
            if at < free:
                continue
            for size in sizes.get(head) or (_ALONE if parts[at] in names else ()):
                if at + size > len(units) or (key := whole[places[at] : places[at + size]]) not in names:
                    continue
                free, named = at + size, index.named(key)
                start, end = firsts[at], lasts[free - 1] + 1
                if named and not (named[0][0].kind == "place" and _STREET.match(text, end)):
                    found.append(Match(start=start, end=end, entries=named))
                break
        return tuple(found)

    def expand(self, query: str, *, limit: int = 6) -> tuple[Expansion, ...]:
        """At most `limit` further terms for each term in a query, in the order of the query, then of their weights.

        A term that the query holds already is not added, nor one that only lengthens or shortens a better one (支持,
        给予支持), and no term is added twice.
        """
        folded = key_of(query)
        taken: set[str] = set()
        result: list[Expansion] = []
        for match in self.find(query):
            offers: dict[str, tuple[float, Relation, str]] = {}
            for entry, relation in match.entries:
                for word, weight, how in self._offers(entry, relation):
                    if weight > offers.get(word, (0.0,))[0]:
                        offers[word] = (weight, how, entry.kind)
            given: list[str] = []
            for word, (weight, how, kind) in sorted(offers.items(), key=lambda item: -item[1][0]):
                key = self._key(word)
                if word in taken or any(key in other or other in key for other in given) or key in folded:
                    continue
                given.append(key)
                taken.add(word)
                result.append(
                    Expansion(
                        found=query[match.start : match.end],
                        start=match.start,
                        end=match.end,
                        added=word,
                        relation=how,
                        weight=weight,
                        kind=kind,
                    )
                )
                if len(given) == limit:
                    break
        return tuple(result)

    def alike(self, query: str, pairs: Collection[str]) -> tuple[Expansion, ...]:
        """The official terms of phrases that a query says a little otherwise (`index.lexicon.alike`), the likest first.

        `pairs` are those two characters of the query of which a phrase must hold one.
        """
        result: list[Expansion] = []
        for one in self._phrases.alike(query, pairs):
            entry = self._table.entry(one.number)
            weight = WEIGHTS["alike"] * one.share
            for word, of_it in ((entry.term, weight), *((other, weight * _SYNONYM) for other in entry.same)):
                result.append(
                    Expansion(
                        found=query[one.start : one.end],
                        start=one.start,
                        end=one.end,
                        added=word,
                        relation="alike",
                        weight=of_it,
                        kind=entry.kind,
                        phrase=one.phrase,
                    )
                )
        return tuple(result)

    def translate(self, query: str) -> tuple[str, ...]:
        """The official Chinese terms for the English words of a query, in its order; () when it has none."""
        named = (
            entry.term for match in self.find(query) for entry, relation in match.entries if relation == "translation"
        )
        return tuple(dict.fromkeys(named))

    def entry(self, term: str) -> Entry | None:
        """The entry of an official term, or None."""
        number = self._table.numbers.get(term)
        return None if number is None else self._table.entry(number)

    def named(self, word: str) -> tuple[Entry, ...]:
        """The entries of which a word is a name, whole."""
        if _HAN_ONLY(word):
            self._index(word[0])
            return tuple([entry for entry, _ in self._chinese.named(word)])
        units, key = units_and_key(word)
        return tuple(entry for entry, _ in self._index(units).named(key))

    def broader(self, term: str) -> tuple[str, ...]:
        """What contains an official term, from the next step up to the top; () for an unknown term or a top one."""
        chain: list[str] = []
        entry = self.entry(term)
        while entry is not None and entry.broader:
            chain.append(entry.broader)
            entry = self.entry(entry.broader)
        return tuple(chain)

    def places_in(self, text: str) -> tuple[str, ...]:
        """Official names of the places that a text names, in its order, each once."""
        named = (
            self._widest([entry.term for entry, _ in match.entries if entry.kind == "place"])
            for match in self.find(text)
        )
        return tuple(dict.fromkeys(place for place in named if place))

    def place_of(self, text: str) -> str | None:
        """The one place that a text is about: the innermost when all lie within each other (浦东张江), else None."""
        places = self.places_in(text)
        inner = max(places, key=lambda place: len(self.broader(place)), default=None)
        return inner if inner and all(self.contains(place, inner) for place in places) else None

    def contains(self, outer: str, inner: str) -> bool:
        """Whether a place contains another or is it; both by official name or any exact synonym (上海, 张江)."""
        outer_terms, inner_terms = self._places(outer), self._places(inner)
        return any(one == other or one in self.broader(other) for one in outer_terms for other in inner_terms)

    def inside(self, outer: str) -> Iterable[Entry]:
        """Every place that `outer` contains, `outer` itself before the others."""
        terms = self._places(outer)
        yield from filter(None, map(self.entry, terms))
        for place, named in self._all_places:
            if any(one == other or one in self.broader(other) for other in named for one in terms):
                yield place

    @cached_property
    def _all_places(self) -> list[tuple[Entry, list[str]]]:
        """Every place, with the official names of those that its own official name may mean."""
        places = [self._table.entry(number) for number in self._table.of_kind("place")]
        meant: dict[str, list[str]] = defaultdict(list)
        for place in places:
            for key in {key_of(name) for name in (place.term, *place.same, *place.english)}:
                meant[key].append(place.term)
        alike = (
            place
            for place in places
            if _HAN_ONLY(place.term) or any(unit[0] in _LATIN for unit in units_and_key(place.term)[0])
        )
        return [(place, meant[key_of(place.term)]) for place in alike]

    def _places(self, name: str) -> list[str]:
        units, key = units_and_key(name)
        found = self._index(units).named(key)
        return [entry.term for entry, relation in found if entry.kind == "place" and relation != "near"]

    def _widest(self, places: list[str]) -> str | None:
        # 浦东 names the district only, but a town and a park may share a name: the wider one is the safer reading
        return min(places, key=lambda place: len(self.broader(place)), default=None)

    def _offers(self, entry: Entry, relation: Relation) -> Iterable[tuple[str, float, Relation]]:
        weight = WEIGHTS[relation]
        yield entry.term, weight, relation
        for word in entry.same:
            yield word, weight * _SYNONYM, relation
        if relation == "same":
            for word in entry.near:
                yield word, _SPOKEN, "near"
        if entry.broader and entry.kind in _CLIMBS:
            yield entry.broader, WEIGHTS["broader"] * weight, "broader"
        for word in entry.related:
            yield word, WEIGHTS["related"] * weight, "related"

    def _index(self, units: Sequence[str]) -> _Index:
        """What units can name, learnt."""
        firsts = {unit[0] for unit in units}
        for character in firsts - self._known:
            self._learn(character)
        return self._chinese if firsts.isdisjoint(_LATIN) else self._mixed

    def _learn(self, character: str) -> None:
        """Take in the names whose first unit begins with a character: a guard before what it hides, and names of
        Chinese characters only before the others."""
        names: dict[str, list[tuple[str, int]]] = {}
        sizes: dict[str, set[int]] = defaultdict(set)
        guards = [(word, None) for word in self._guards.get(character, ())]
        pairs: list[tuple[str, int | None]] = [*guards, *self._table.names(character)]
        others: list[tuple[str, int | None]] = []
        for word, number in pairs:
            if not _HAN_ONLY(word):
                others.append((word, number))
                continue
            _add(names, word, word, number)
            if len(word) > 1:
                sizes[word[:2]].add(len(word))
        self._chinese.learn({key: list(named) for key, named in names.items()}, sizes)
        for word, number in others:
            units, key = units_and_key(word)
            _add(names, key, word, number)
            if len(units) > 1:
                sizes[part(units[0]) + part(units[1])].add(len(units))
        self._mixed.learn(names, sizes)
        self._known.add(character)

    @cached_property
    def _guards(self) -> Mapping[str, list[str]]:
        """The guards by the character that their first unit begins with."""
        found: dict[str, list[str]] = defaultdict(list)
        for word in self.guards:
            found[units_and_key(word)[0][0][0]].append(word)
        return found


def _add(names: dict[str, list[tuple[str, int]]], key: str, word: str, number: int | None) -> None:
    """Put down that a name of an entry (`None`: a guard) has a key; what a guard took first stays a guard's."""
    if number is None:
        names.setdefault(key, [])
    elif key not in names:
        names[key] = [(word, number)]
    elif names[key]:
        names[key].append((word, number))


@cache
def load_lexicon(folder: Path = Path(__file__).parent) -> Lexicon:
    """Read every table of a folder, in the order of the file names, and `guards.tsv`.

    Raises ConfigError for a table without the columns of `COLUMNS` or with a line that has more or fewer fields.
    """
    return Lexicon(*read_tables(folder))
