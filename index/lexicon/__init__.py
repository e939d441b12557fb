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
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Literal

from errors import ConfigError

Relation = Literal["same", "near", "translation", "broader", "related"]
KINDS = frozenset(
    {"education", "elderly", "employment", "firm", "general", "health", "housing", "industry", "law", "measure"}
    | {"money", "organisation", "people", "place", "procedure", "science", "social", "technology", "time"}
)
COLUMNS = ("term", "same", "near", "english", "broader", "related", "kind", "source")
WEIGHTS: Mapping[Relation, float] = {"same": 0.8, "near": 0.6, "translation": 0.9, "broader": 0.25, "related": 0.15}
_SYNONYM = 0.75  # a synonym of the official term, against the term itself
_SPOKEN = 0.2  # what people say, added to an official term: documents seldom write it
_CLIMBS = frozenset(
    {"industry", "technology", "firm", "measure", "science"}
)  # kinds whose broader term is worth a look
_UNIT = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+(?:\.\d+)?|['’]s\b|[-\s]+|.", re.DOTALL)
_POSSESSIVE = re.compile(r"['’]s").fullmatch
_HAN_ONLY = re.compile(r"[\u3400-\u9fff]+").fullmatch
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]*").fullmatch
_LATIN = re.compile(r"[a-z0-9]").match
_GUARDS = "guards.tsv"
_KEPT = 2048  # texts whose terms are remembered
_KEYS = 8192  # terms whose keys are remembered
_REMEMBERED = 2000  # characters of such a text
_STREET = re.compile(r"[东西南北中]?[一二三]?路")  # 西藏南路 is a street of Shanghai, not Tibet


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One concept. `term` is its official name; `same` are exact synonyms and abbreviations, `near` what people say.

    `broader` is the official name of the concept that contains this one, "" at the top; `related` are official names.
    `source` names a classification and its code, or is "".
    """

    term: str
    same: tuple[str, ...]
    near: tuple[str, ...]
    english: tuple[str, ...]
    broader: str
    related: tuple[str, ...]
    kind: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """A term found: `text[start:end]` names the concepts in `entries`, by which of their columns (`relation`)."""

    start: int
    end: int
    entries: tuple[tuple[Entry, Relation], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Expansion:
    """A term to search for as well. `found` is `query[start:end]`; 0 < `weight` < 1, so that the word itself leads."""

    found: str
    start: int
    end: int
    added: str
    relation: Relation
    weight: float
    kind: str


_Named = tuple[tuple[Entry, Relation], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Index:
    """`names`: what every name stands for, by its key; a guard stands for nothing. `sizes`: by first unit, how many."""

    names: Mapping[str, _Named]
    sizes: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Lexicon:
    """All entries in the order of the tables, and the words that hide a term inside them. Safe to share."""

    entries: tuple[Entry, ...]
    guards: frozenset[str]

    def find(self, text: str) -> tuple[Match, ...]:
        """The terms that a text names, from left to right, without overlap, the longest first."""
        return self._found(text) if len(text) <= _REMEMBERED else self._look(text)

    @cached_property
    def _found(self) -> Callable[[str], tuple[Match, ...]]:
        # A provision's reader asks for the businesses, places and qualifications of one sentence after another.
        return lru_cache(maxsize=_KEPT)(self._look)

    @cached_property
    def _key(self) -> Callable[[str], str]:
        return lru_cache(maxsize=_KEYS)(_key_of)

    def _look(self, text: str) -> tuple[Match, ...]:
        units, spans = _units(text)
        index = self._index(units)
        names, sizes = index.names, index.sizes
        parts = [_part(unit) for unit in units]
        whole = "".join(parts)
        places = [0, *accumulate(map(len, parts))]
        count = len(units)
        found: list[Match] = []
        at = 0
        while at < count:
            matched = 1
            for size in sizes.get(units[at], ()):
                if at + size > count or (named := names.get(whole[places[at] : places[at + size]])) is None:
                    continue
                matched = size
                start, end = spans[at][0], spans[at + size - 1][1]
                if named and not (named[0][0].kind == "place" and _STREET.match(text, end)):
                    found.append(Match(start=start, end=end, entries=named))
                break
            at += matched
        return tuple(found)

    def expand(self, query: str, *, limit: int = 6) -> tuple[Expansion, ...]:
        """At most `limit` further terms for each term in a query, in the order of the query, then of their weights.

        A term that the query holds already is not added, nor one that only lengthens or shortens a better one (支持,
        给予支持), and no term is added twice.
        """
        folded = _key_of(query)
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

    def translate(self, query: str) -> tuple[str, ...]:
        """The official Chinese terms for the English words of a query, in its order; () when it has none."""
        named = (
            entry.term for match in self.find(query) for entry, relation in match.entries if relation == "translation"
        )
        return tuple(dict.fromkeys(named))

    def entry(self, term: str) -> Entry | None:
        """The entry of an official term, or None."""
        return self._terms.get(term)

    def broader(self, term: str) -> tuple[str, ...]:
        """What contains an official term, from the next step up to the top; () for an unknown term or a top one."""
        chain: list[str] = []
        entry = self._terms.get(term)
        while entry is not None and entry.broader:
            chain.append(entry.broader)
            entry = self._terms.get(entry.broader)
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

    def _places(self, name: str) -> list[str]:
        units, key = _named(name)
        named = self._index(units).names.get(key, ())
        return [entry.term for entry, relation in named if entry.kind == "place" and relation != "near"]

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

    @cached_property
    def _terms(self) -> Mapping[str, Entry]:
        return {entry.term: entry for entry in self.entries}

    @cached_property
    def _chinese(self) -> _Index:
        """The names of Chinese characters only: all that a text without Latin letters and digits can name."""
        names: dict[str, _Named] = {word: () for word in self.guards if _HAN_ONLY(word)}
        sizes: dict[str, set[int]] = {}
        for word, named in self._all_names():
            if _HAN_ONLY(word):
                _learn(names, word, named)
        for name in names:
            sizes.setdefault(name[0], set()).add(len(name))
        return _Index(names=names, sizes={first: _falling(found) for first, found in sizes.items()})

    @cached_property
    def _mixed(self) -> _Index:
        """All names."""
        names = dict(self._chinese.names)
        sizes = {first: set(found) for first, found in self._chinese.sizes.items()}
        for word, named in [*((word, ()) for word in self.guards), *self._all_names()]:
            if not _HAN_ONLY(word):
                units, key = _named(word)
                _learn(names, key, named)
                sizes.setdefault(units[0], set()).add(len(units))
        return _Index(names=names, sizes={first: _falling(found) for first, found in sizes.items()})

    def _index(self, units: Sequence[str]) -> _Index:
        return self._mixed if any(_LATIN(unit) for unit in units) else self._chinese

    def _all_names(self) -> Iterator[tuple[str, _Named]]:
        for entry in self.entries:
            official: _Named = ((entry, "same"),)
            yield entry.term, official
            for word in entry.same:
                yield word, official
            if entry.near:
                spoken: _Named = ((entry, "near"),)
                for word in entry.near:
                    yield word, spoken
            if entry.english:
                english: _Named = ((entry, "translation"),)
                for word in entry.english:
                    yield word, english


def _learn(names: dict[str, _Named], key: str, named: _Named) -> None:
    others = names.get(key)
    if others is None:
        names[key] = named
    elif named and others and all(entry is not named[0][0] for entry, _ in others):
        names[key] = others + named


def _falling(sizes: set[int]) -> tuple[int, ...]:
    return tuple(sorted(sizes, reverse=True))


@cache
def load_lexicon(folder: Path = Path(__file__).parent) -> Lexicon:
    """Read every table of a folder, in the order of the file names, and `guards.tsv`.

    Raises ConfigError for a table without the columns of `COLUMNS` or with a line that has more or fewer fields.
    """
    entries: list[Entry] = []
    for path in sorted(folder.glob("*.tsv")):
        if path.name == _GUARDS:
            continue
        for term, same, near, english, broader, related, kind, source in _rows(path, COLUMNS):
            entries.append(
                Entry(
                    term=term,
                    same=_words(same),
                    near=_words(near),
                    english=_words(english),
                    broader=broader,
                    related=_words(related),
                    kind=kind,
                    source=source,
                )
            )
    return Lexicon(
        entries=tuple(entries), guards=frozenset(word for word, _ in _rows(folder / _GUARDS, ("word", "reason")))
    )


def _rows(path: Path, columns: tuple[str, ...]) -> list[list[str]]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"词表读不出：{path}（{error}）；请恢复该文件") from error
    if lines[0].split("\t") != list(columns):
        raise ConfigError(f"词表首行不对：{path}；应为 {' '.join(columns)}，以制表符分隔")
    rows = [line.split("\t") for line in lines[1:] if line]
    for number, row in enumerate(rows, 2):
        if len(row) != len(columns):
            raise ConfigError(f"词表第 {number} 行有 {len(row)} 栏，应为 {len(columns)} 栏：{path}；请补齐制表符")
    return rows


def _words(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()


class _Folds(dict[int, str]):
    """What each character is when it is compared; filled as characters are met."""

    def __missing__(self, point: int) -> str:
        self[point] = unicodedata.normalize("NFKC", chr(point)).lower()
        return self[point]


@cache
def _folds() -> _Folds:
    return _Folds()


def _units(text: str) -> tuple[list[str], list[tuple[int, int]]]:
    """The units of a text and where each stands in it, as (start, end)."""
    folded = text.translate(_folds())
    origin: Sequence[int] = range(len(text))
    if len(folded) != len(text):  # no character folds into nothing
        origin = [at for at, character in enumerate(text) for _ in _folds()[ord(character)]]
    units: list[str] = []
    spans: list[tuple[int, int]] = []
    for run in _UNIT.finditer(folded):
        unit = run.group()
        start, end = run.span()
        if unit > "\u3400" and end - start == 1:  # a Chinese character, as most are
            units.append(unit)
            spans.append((origin[start], origin[start] + 1))
            continue
        if unit.isspace() or unit.strip("- ") == "" or _POSSESSIVE(unit):
            continue
        units.append(_singular(unit))
        spans.append((origin[start], origin[end - 1] + 1))
    return units, spans


def _singular(unit: str) -> str:
    if not (unit.isascii() and unit.isalpha() and len(unit) > 2 and unit.endswith("s")):
        return unit
    if unit.endswith("ies"):
        return unit[:-3] + "y"
    if unit.endswith(("sses", "shes", "ches", "xes")):
        return unit[:-2]
    return unit if unit.endswith(("ss", "us", "is")) else unit[:-1]


def _part(unit: str) -> str:
    """What a unit adds to a key."""
    return unit if len(unit) == 1 and not unit.isascii() else f" {unit} "


def _key(units: Sequence[str]) -> str:
    return "".join(map(_part, units))


def _key_of(word: str) -> str:
    return _named(word)[1]


def _named(word: str) -> tuple[list[str], str]:
    if _PLAIN(word):  # most English names; the same units, at a tenth of the cost
        units = [_singular(unit) if unit[-1] == "s" else unit for unit in word.lower().replace("-", " ").split()]
        return units, f" {'  '.join(units)} "
    units, _ = _units(word)
    return units, _key(units)
