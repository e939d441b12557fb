"""Look-ups: what a query names outright - a document's number or title, a section number, a phrase in quotation marks.

Whoever types 浦科经委〔2023〕129号, 第十二条 or “一网通办” wants that place and no other, so it comes first.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Literal

from index.catalogue import Entry
from index.lexicon import Lexicon
from index.snapshot import Snapshot
from index.words import grams

Kind = Literal["number", "title", "section", "phrase"]

_NUMBER = re.compile(r"([\u4e00-\u9fff]{1,12})[〔\[(【]?((?:19|20)\d\d)[〕\])】]?第?(\d{1,5})号")
_BOOK = re.compile(r"《([^《》]{2,80})》")
_HAN = "一二三四五六七八九十百零〇"
_SECTION = re.compile(
    rf"(?:第[{_HAN}\d]{{1,5}}[编章节条款项目])+|"
    rf"[{_HAN}]{{1,3}}、?\([{_HAN}]{{1,3}}\)(?:\d{{1,2}}[.、](?!\d))?(?:\(\d{{1,2}}\))?|"
    rf"(?<![{_HAN}\u4e00-\u9fff])[{_HAN}]{{1,3}}、(?:\d{{1,2}}[.、](?!\d))?"
)
_PHRASE = re.compile(r"“([^“”]{2,60})”|「([^「」]{2,60})」|\"([^\"]{2,60})\"")
_ASKING = re.compile(
    r"什么|哪些?|内容|规定|全文|原文|文件|请问|是|的|里|中|讲了?|说了?|写了?|怎么|如何|看|查|找|一下|"
    r"[?？。，,、：:\s]|what|does|say|section|article|show|find|the"
)
_MARKS = re.compile(r"[\s《》〈〉“”\"'「」『』，,。、；;：:？?！!·—\-–/()（）\[\]【】〔〕]")
_TITLES = 20_000  # documents whose titles are looked through
_LEAST = 6  # characters of a title that a part of it needs
_LONGEST = 120  # characters of a title
_MOST = 5  # documents that a name may fit: one that fits more names none of them
_OUTLINES = 40  # documents whose outlines are looked through when none is named
_WORDS = 6  # characters beside a name that do not make it a question of its own
_ROWS = 30  # passages that one look-up brings


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """What a query named: `text` as it stands there, the documents (ids) it is, and its rows, best first."""

    kind: Kind
    text: str
    docs: tuple[str, ...]
    rows: tuple[int, ...]


class Directory:
    """The documents of a snapshot by what a query may call them; made once, for many queries."""

    def __init__(self, entries: Sequence[Entry], lexicon: Lexicon) -> None:
        """`lexicon` knows what regions are called. Titles of up to 20,000 documents are looked through for parts."""
        self.numbers = {key(entry.doc_number): entry for entry in reversed(entries) if entry.doc_number}
        self.titles = [
            (title, entry) for entry in entries[:_TITLES] if _LEAST <= len(title := key(entry.title)) <= _LONGEST
        ]
        self.whole: dict[str, list[Entry]] = {}
        for entry in entries:
            self.whole.setdefault(key(entry.title), []).append(entry)
        self.starts = [entry.first_chunk for entry in entries]
        self.regions: dict[str, list[int]] = {}
        for entry in entries:
            if entry.region:
                self.regions.setdefault(entry.region, []).append(entry.number)
        self._lexicon = lexicon

    @cached_property
    def _joined(self) -> tuple[str, list[int]]:
        """All titles in one text, and where each begins."""
        return "\n".join(title for title, _ in self.titles), [0, *accumulate(len(t) + 1 for t, _ in self.titles)]

    @cached_property
    def _beginnings(self) -> Mapping[str, Sequence[int]]:
        """The numbers of the titles by their first characters."""
        found: dict[str, list[int]] = {}
        for number, (title, _) in enumerate(self.titles):
            found.setdefault(title[:_LEAST], []).append(number)
        return found

    def holding(self, part: str) -> set[int]:
        """The numbers of the titles that hold a part, which is not empty."""
        whole, starts = self._joined
        found: set[int] = set()
        at = whole.find(part)
        while at >= 0:
            number = bisect_right(starts, at) - 1
            found.add(number)
            at = whole.find(part, starts[number + 1])
        return found

    def held_by(self, text: str) -> set[int]:
        """The numbers of the titles that a text holds."""
        return {
            number
            for at in range(len(text) - _LEAST + 1)
            for number in self._beginnings.get(text[at : at + _LEAST], ())
            if text.startswith(self.titles[number][0], at)
        }

    @cached_property
    def homes(self) -> Mapping[str, Sequence[int]]:
        """The numbers of the documents of each place."""
        found: dict[str, list[int]] = {}
        for region, numbers in self.regions.items():
            if place := self._lexicon.place_of(region):
                found.setdefault(place, []).extend(numbers)
        return found


def look_up(query: str, snapshot: Snapshot, directory: Directory) -> tuple[Lookup, ...]:
    """What a query names outright, the narrowest first: phrases and sections before whole documents.

    A phrase or section number inside a longer question is a part of the question, not a place to go to. A document that
    is only mentioned beside a question (`docs`) brings no rows of its own: the question decides which
    of its passages come first.
    """
    named = _documents(query, directory)
    rest = query
    for one in named:
        rest = rest.replace(one.text, " ")
    sections = _sections(rest, named, snapshot) if named or _alone(_SECTION, _flat(rest)) else []
    phrases = _phrases(rest, snapshot) if _alone(_PHRASE, rest) else []
    if named and not sections and not phrases and not _beside(_PHRASE, rest):
        named = [_opened(one, snapshot) for one in named]
    return (*phrases, *sections, *named)


def _alone(what: re.Pattern[str], query: str) -> bool:
    """Whether a query names such a thing and says little beside it."""
    return what.search(query) is not None and _beside(what, query) <= _WORDS


def _beside(what: re.Pattern[str], query: str) -> int:
    """How many characters a query says beside what it names and the words of asking: many make it a question."""
    return len(_ASKING.sub("", what.sub("", _flat(query).lower())))


def _flat(query: str) -> str:
    return unicodedata.normalize("NFKC", query)


def key(text: str) -> str:
    """Text for comparing titles and numbers: NFKC, small letters, without marks and blanks."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", text).lower())


def section_key(path: str) -> str:
    """A section path for comparing: 四、（三） and 四(三) are the same."""
    return re.sub(r"[、.．\s]", "", unicodedata.normalize("NFKC", path)).replace("/", "")


def _documents(query: str, directory: Directory) -> list[Lookup]:
    spaced = re.sub(r"\s+", "", unicodedata.normalize("NFKC", query))
    found: list[Lookup] = []
    for match in _NUMBER.finditer(spaced):
        for start in range(len(match[1])):  # the issuer's short name, without what was written before it
            entry = directory.numbers.get(key(f"{match[1][start:]}{match[2]}{match[3]}号"))
            if entry is not None:
                written = _as_written(query, match[0][start:])
                found.append(Lookup(kind="number", text=written, docs=(entry.id,), rows=()))
                break
    if found:
        return found
    asked = [match[1] for match in _BOOK.finditer(query)]
    exact = [(part, directory.whole[key(part)]) for part in (*asked, query) if key(part) in directory.whole]
    if exact:
        names = {part: f"《{part}》" if part in asked else part for part, _ in exact}
        return [Lookup(kind="title", text=names[part], docs=(e.id,), rows=()) for part, es in exact for e in es[:5]]
    whole = key(query)
    if not asked and len(whole) > 2 * _LONGEST:
        return []
    wanting = [(part, wanted) for part in asked if (wanted := key(part))]
    near = set[int]().union(*(directory.holding(wanted) for _, wanted in wanting))
    if not asked:
        near = directory.held_by(whole) | (directory.holding(whole) if len(whole) >= _LEAST else set())
    for title, entry in (directory.titles[number] for number in sorted(near)):
        for part, wanted in wanting:
            if wanted in title and (2 * len(wanted) >= len(title) or len(wanted) >= _LEAST):
                found.append(Lookup(kind="title", text=f"《{part}》", docs=(entry.id,), rows=()))
        if not asked and title in whole:
            found.append(Lookup(kind="title", text=_as_written(query, title), docs=(entry.id,), rows=()))
        elif not asked and len(whole) >= _LEAST and whole in title and 2 * len(whole) >= len(title):
            found.append(Lookup(kind="title", text=query, docs=(entry.id,), rows=()))
    return found if len(found) <= _MOST else []


def _as_written(query: str, wanted: str) -> str:
    """The part of the query whose key is that of `wanted`; the query itself when it is not in one piece."""
    target = key(wanted)
    for start in range(len(query)):
        if key(query[start : start + 1]) != target[:1]:
            continue
        for end in range(start + len(target), min(len(query), start + 3 * len(target) + 4) + 1):
            if key(query[start:end]) == target:
                return query[start:end]
    return query


def _sections(query: str, named: Sequence[Lookup], snapshot: Snapshot) -> list[Lookup]:
    flat = _flat(query)
    docs = {doc for one in named for doc in one.docs}
    found: list[Lookup] = []
    for match in _SECTION.finditer(flat):
        wanted = section_key(match[0])
        rows = [(row, doc, section_key(path)) for row, doc, path in _paths(match[0][:1], docs, snapshot)]
        exact = [(row, doc) for row, doc, path in rows if path == wanted or (path.endswith(wanted) and "第" in wanted)]
        below = [(row, doc) for row, doc, path in rows if path.startswith(wanted) and (row, doc) not in exact]
        if not exact:
            among = docs or {entry.id for entry in snapshot.entries[:_OUTLINES]}
            exact = [(row, doc) for doc in sorted(among) for row in _holding_section(wanted, doc, snapshot)]
        hits = list(dict.fromkeys(exact + below))[:_ROWS]
        if hits:
            found.append(
                Lookup(
                    kind="section",
                    text=match[0],
                    docs=tuple(dict.fromkeys(doc for _, doc in hits)),
                    rows=tuple(row for row, _ in hits),
                )
            )
    return found


def _paths(part: str, docs: Collection[str], snapshot: Snapshot) -> list[tuple[int, str, str]]:
    """Row, document and section path of the passages of `docs` (() for all) whose path holds `part`, in row order."""
    catalogue = snapshot.catalogue
    if not docs:
        return catalogue.sections(part)
    entries = sorted((snapshot.entry(doc) for doc in docs), key=lambda entry: entry.first_chunk)
    rows = [(entry, catalogue.rows(entry.first_chunk, entry.chunk_count)) for entry in entries]
    paths = ((row, entry.id, one[2]) for entry, its in rows for row, one in enumerate(its, entry.first_chunk))
    return [(row, doc, path) for row, doc, path in paths if part in path]


def _holding_section(wanted: str, doc: str, snapshot: Snapshot) -> list[int]:
    """Rows of the passages of a document that hold a section which shares its passage with others."""
    paths = ((section_key(section.path), section) for section in snapshot.document(doc).walk())
    own = [
        span
        for path, section in paths
        if path == wanted or ("第" in wanted and path.endswith(wanted))
        for paragraph in section.paragraphs
        for span in paragraph
    ]
    first = snapshot.entry(doc).first_chunk
    return [
        first + at
        for at, chunk in enumerate(snapshot.chunks(doc) if own else ())
        if any(
            run.source < span.end and span.start < run.source + run.length for run in chunk.clean.runs for span in own
        )
    ]


def _phrases(query: str, snapshot: Snapshot) -> list[Lookup]:
    found: list[Lookup] = []
    for match in _PHRASE.finditer(query):
        phrase = next(part for part in match.groups() if part)
        near = snapshot.retrieval.store.matching([gram for gram in grams(phrase) if len(gram) > 1], 4 * _ROWS)
        rows = [row for row in near if _folded(phrase) in _folded(snapshot.catalogue.chunk_at(row).text)][:_ROWS]
        if rows:
            found.append(Lookup(kind="phrase", text=phrase, docs=(), rows=tuple(rows)))
    return found


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def _opened(named: Lookup, snapshot: Snapshot) -> Lookup:
    """A document asked for by itself: its first passages."""
    entry = snapshot.entry(named.docs[0])
    rows = tuple(range(entry.first_chunk, entry.first_chunk + min(entry.chunk_count, _ROWS)))
    return Lookup(kind=named.kind, text=named.text, docs=named.docs, rows=rows)
