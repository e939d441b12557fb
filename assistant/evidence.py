"""Documents as evidence: every sentence with its section, its source spans, and the words that stand around it."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, islice
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from assistant.homes import Homes
from assistant.shelf import Shelf
from assistant.text import bag, bare, fold, grams, sentences, tidy
from index.search import Hit
from index.snapshot import Snapshot
from ingest.clean import clean, cut
from ingest.document import CleanText, Document, Section, Span

_AT_ONCE = 500  # chunks that are read together
_SAMPLE = 1500  # chunks that gram frequencies are counted over
_READINGS = 64  # documents that are kept ready
_SMALL = 40  # documents that one question may look through
_TITLES = 4096  # titles that are kept as grams
_VECTORS = 20_000  # sentence vectors that are kept (1 KB each)

ALL_OF = re.compile(r"(?:下列|以下|如下|之一|包括|分为)[^。]*[：:]$")  # 有下列情形之一的，不得……：
_STANDS = re.compile(r"[^。；]{12,}。[^。]")  # an item of several sentences

Vector = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Unit:
    """One sentence of a document (or its heading, when `is_heading`).

    `clean` is the sentence with its way back to the source. `grams` are its own pieces, `place` those of the
    headings above it and of the sentence that leads up to it (…如下：), `around` those of the sentences beside it in
    the same section. `first` tells the first sentence of a section that is no heading; `order` counts sections within
    the document, and units within the section. `lead` is the sentence that leads up to the section (…的，处以罚款：),
    without which an item says half of what is ruled.
    """

    doc: str
    section: Section
    parents: tuple[Section, ...]
    clean: CleanText
    grams: frozenset[str]
    place: frozenset[str]
    around: frozenset[str]
    is_heading: bool
    first: bool
    order: tuple[int, int]
    lead: Unit | None = None

    @cached_property
    def text(self) -> str:
        """The sentence as it is shown."""
        return tidy(self.clean.text)

    @property
    def headed(self) -> str:
        """The sentence after the heading that it stands under."""
        return f"{self.section.heading or ''}。{self.text}"

    @property
    def leading(self) -> Unit | None:
        """The sentence that an item needs to be understood (下列情形应当列明：); `None` for what stands by itself."""
        if self.lead is None or not self.first or not self.section.number or _STANDS.search(self.text):
            return None
        return self.lead if ALL_OF.search(self.lead.text) else None

    @property
    def ruled(self) -> str:
        """The sentence after its heading, with the sentence before it that it needs."""
        return f"{lead.text if (lead := self.leading) else ''}{self.headed}"


class Reading:
    """A document cut into units, section by section as they are asked for, with look-ups from offsets and paths.

    Safe to use from several threads: a section's units are the same objects for all.
    """

    def __init__(self, document: Document) -> None:
        """Table areas are left to `assistant.tables`."""
        self.document = document
        self._places = list(_walk(document.sections, ()))
        self._numbers = {id(section): at for at, (section, _) in enumerate(self._places)}
        self._made: dict[int, tuple[Unit, ...]] = {}
        self._by_path: dict[str, list[int]] = {}
        for at, (section, _) in enumerate(self._places):
            self._by_path.setdefault(section.path, []).append(at)

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """Every unit, in reading order."""
        return tuple(unit for at in range(len(self._places)) for unit in self._section(at))

    def of(self, path: str) -> tuple[Unit, ...]:
        """The units of the section of that path, of all should several share it; () when there is none."""
        places = self._by_path.get(path, ())
        if len(places) == 1:
            return self._section(places[0])
        return tuple(unit for at in places for unit in self._section(at))

    def _section(self, at: int) -> tuple[Unit, ...]:
        if at not in self._made:
            section, above = self._places[at]
            lead = self.lead(section, above[-1]) if above else None
            made = tuple(_units(self.document, section, above, at, lead))
            return self._made.setdefault(at, made)  # whichever thread was first
        return self._made[at]

    def lead(self, section: Section, parent: Section) -> Unit | None:
        """The sentence of `parent` that leads up to `section` (…如下：), the last one that stands before it."""
        before = [
            unit for unit in self._section(self._numbers[id(parent)]) if unit.clean.runs[0].source < section.start
        ]
        return before[-1] if before and before[-1].text.endswith(("：", ":")) else None

    @cached_property
    def _marks(self) -> list[tuple[int, int, str]]:
        """(start, end, path) of every paragraph span of every section, by start."""
        return sorted(
            (span.start, span.end, section.path)
            for section in self.document.walk()
            for paragraph in section.paragraphs
            for span in paragraph
        )

    def label(self, offset: int) -> Section | None:
        """The innermost section that holds the source character at `offset`; `None` outside every section."""
        at = bisect_right(self._marks, (offset, math.inf, "")) - 1
        if at < 0 or offset >= self._marks[at][1]:
            return None
        return self.sections[self._marks[at][2]]

    @cached_property
    def sections(self) -> dict[str, Section]:
        """Every section by its path (the first one, should two share a path)."""
        return {path: self._places[places[0]][0] for path, places in self._by_path.items()}

    @cached_property
    def headings(self) -> str:
        """Every heading, a line each, as texts are compared without punctuation."""
        return "\n".join(bare(section.heading) for section in self.document.walk() if section.heading)

    @cached_property
    def folded(self) -> str:
        """The whole text as texts are compared."""
        return fold(self.document.text)

    @cached_property
    def bared(self) -> str:
        """The same without punctuation."""
        return bare(self.document.text)


class Shared:
    """What the questions of one snapshot share: readings, vectors and gram frequencies. Safe to use from threads."""

    def __init__(self, snapshot: Snapshot, words: Callable[[str], list[str]]) -> None:
        """`snapshot` is one that was opened with its embedding, `words` cuts a text into words."""
        self.snapshot, self.words = snapshot, words
        self._readings: OrderedDict[str, Reading] = OrderedDict()
        self._vectors: dict[Unit, Vector] = {}
        self.title = lru_cache(maxsize=_TITLES)(self._title)
        self._lock = Lock()
        self._making = Lock()  # threads that make the same would only share one processor

    def reading(self, doc: str) -> Reading:
        """A document as units; of those read last, `_READINGS` are kept."""
        kept = self._kept(doc)
        if kept is not None:
            return kept
        with self._making:
            made = self._kept(doc) or Reading(self.snapshot.document(doc))
            with self._lock:
                self._readings[doc] = made
                while len(self._readings) > _READINGS:
                    self._readings.popitem(last=False)
        return made

    def _title(self, doc: str) -> frozenset[str]:
        return bag(self.snapshot.entry(doc).title)

    @cached_property
    def shelf(self) -> Shelf:
        """The documents by what questions call them."""
        return Shelf(self.snapshot.entries)

    @cached_property
    def homes(self) -> Homes:
        """The places that documents are of."""
        return Homes(self.snapshot.entries)

    def _kept(self, doc: str) -> Reading | None:
        with self._lock:
            kept = self._readings.get(doc)
            if kept is not None:
                self._readings.move_to_end(doc)
            return kept

    def vectors(self, units: Sequence[Unit]) -> list[Vector]:
        """The vector of each unit, each made once while it is kept."""
        with self._lock:
            found = {unit: self._vectors[unit] for unit in units if unit in self._vectors}
        fresh = [unit for unit in dict.fromkeys(units) if unit not in found]
        if fresh:
            made = self.snapshot.retrieval.embedding.encode([unit.text for unit in fresh])
            found.update(zip(fresh, made, strict=True))
            with self._lock:
                if len(self._vectors) > _VECTORS:
                    self._vectors.clear()
                self._vectors.update(zip(fresh, made, strict=True))
        return [found[unit] for unit in units]

    @cached_property
    def frequencies(self) -> tuple[int, Counter[str]]:
        """How many passages were counted, and how many of them hold each gram."""
        counts: Counter[str] = Counter()
        catalogue, total = self.snapshot.catalogue, sum(entry.chunk_count for entry in self.snapshot.entries)
        step = max(1, total // _SAMPLE)
        held = chain.from_iterable(range(e.first_chunk, e.first_chunk + e.chunk_count) for e in self.snapshot.entries)
        rows = list(islice(held, 0, None, step))
        for at in range(0, len(rows), _AT_ONCE):
            for chunk in catalogue.chunks_at(rows[at : at + _AT_ONCE]):
                counts.update(bag(chunk.text))
        return len(rows), counts


class Library:
    """The documents of a snapshot for one question, read when they are needed.

    A document that one question has read stays as it was read to its end, whatever others make room for meanwhile:
    units are compared by identity.
    """

    def __init__(self, shared: Shared) -> None:
        """`shared` is one for all questions of a snapshot."""
        self.snapshot = shared.snapshot
        self.entries = shared.snapshot.entries
        self.title = shared.title
        self._shared = shared
        self._readings: dict[str, Reading] = {}

    def reading(self, doc: str) -> Reading:
        """A document as units."""
        if doc not in self._readings:
            self._readings[doc] = self._shared.reading(doc)
        return self._readings[doc]

    @property
    def shelf(self) -> Shelf:
        """The documents by what questions call them."""
        return self._shared.shelf

    def is_home(self, place: str) -> bool:
        """Whether a document is of a place (an official name), or of one inside it."""
        return self._shared.homes.has(place)

    def weight(self, gram: str) -> float:
        """How much a gram tells: 0.2 for one in every passage, 1 for one that is nowhere (inverse frequency)."""
        total, counts = self._shared.frequencies
        return 0.2 + 0.8 * math.log((total + 1) / (counts[gram] + 1)) / math.log(total + 2)

    def words(self, text: str) -> list[str]:
        """The longest words of two or more characters in a text, folded and without punctuation."""
        found = {word for part in self._shared.words(text) if len(word := bare(part)) > 1}
        return sorted(word for word in found if not any(word != other and word in other for other in found))

    def known(self, gram: str) -> bool:
        """Whether a gram stands in any of the passages counted."""
        return self._shared.frequencies[1][gram] > 0

    def speaks_of(self, place: str, doc: str) -> bool:
        """Whether a document's title, region or text names a place."""
        entry = self.snapshot.entry(doc)
        return place in f"{entry.title}{entry.region or ''}" or place in self.reading(doc).document.text

    def meanings(self, query: str, units: Sequence[Unit]) -> list[float]:
        """The cosine of the question and each unit, -1 to 1."""
        if not units:
            return []
        asked = self.snapshot.retrieval.embedding.encode([query])[0]
        return [float(value) for value in np.stack(self._shared.vectors(units)) @ asked]

    def small(self) -> list[str]:
        """Every document of a small collection; [] when there are too many to look through."""
        return [entry.id for entry in self.entries] if len(self.entries) <= _SMALL else []

    def mentions(self, name: str) -> bool:
        """Whether a name stands in a document. In a large collection only its character pairs are looked at."""
        if not self.small():
            return all(map(self.known, grams(name)))
        return any(name in self.reading(entry.id).document.text for entry in self.entries)

    def candidates(self, hits: Sequence[Hit], docs: Iterable[str] = ()) -> list[Unit]:
        """Units of the sections that hits point at, with the units under them, in order of the hits, each once.

        All units of `docs` follow (documents that were asked for by name).
        """
        found: dict[int, Unit] = {}
        for hit in hits:
            reading = self.reading(hit.chunk.doc)
            for unit in reading.of(hit.chunk.section):
                found.setdefault(id(unit), unit)
        for doc in docs:
            for unit in self.reading(doc).units:
                found.setdefault(id(unit), unit)
        return list(found.values())


def _walk(sections: Sequence[Section], above: tuple[Section, ...]) -> Iterable[tuple[Section, tuple[Section, ...]]]:
    for section in sections:
        yield section, above
        yield from _walk(section.children, (*above, section))


def _units(document: Document, section: Section, above: tuple[Section, ...], at: int, lead: Unit | None) -> list[Unit]:
    place = (lead.grams if lead else frozenset()) | bag(
        " ".join([section.path, section.heading or "", *(parent.heading or "" for parent in above)])
    )
    pieces: list[CleanText] = []
    for paragraph in section.paragraphs:
        whole, _ = clean(document.text, paragraph)
        pieces += [cut(whole, start, end) for start, end in sentences(whole.text)]
    pieces = [piece for piece in pieces if piece.runs and bare(piece.text)]
    bags = [bag(piece.text) for piece in pieces]
    around = frozenset().union(*bags)
    heading = bare((section.number or "") + (section.heading or ""))
    made: list[Unit] = []
    seen_body = False
    for piece, own in zip(pieces, bags, strict=True):
        is_heading = not seen_body and bare(piece.text) in (
            heading,
            bare(section.heading or ""),
            bare(section.number or ""),
        )
        made.append(
            Unit(
                doc=document.id,
                section=section,
                parents=above,
                clean=piece,
                grams=own,
                place=place,
                around=around,
                is_heading=is_heading,
                first=not is_heading and not seen_body,
                order=(at, len(made)),
                lead=lead,
            )
        )
        seen_body = seen_body or not is_heading
    return made


def source_spans(unit: Unit, document: Document, start: int = 0, end: int | None = None) -> tuple[Span, ...]:
    """Where `unit.clean.text[start:end]` stands in the source; several spans when columns part it."""
    return unit.clean.locate(start, len(unit.clean.text) if end is None else end, document.text)
