"""Reads a catalogue and, through it, the texts of its parts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from errors import SnapshotError
from index import codec
from index.catalogue.lines import ENTRY_COLUMNS, FACTS_COLUMNS, read_entry, read_facts
from index.catalogue.record import CATALOGUE, Counts, Entry, part_folder
from index.database import Database, only
from index.part import Facts, Kept, Part, PartTexts, Row, embed_text
from index.provisions.record import Provision
from ingest.document import Chunk, Document, Relation

_KEPT = 4096  # chunks that are kept once read, about 2 KB each
_FEW = 10_000  # chunks that repeat others, all of which are kept


class Catalogue:
    """Reads a catalogue; safe to use from several threads. Raises SnapshotError where a file turns out damaged."""

    def __init__(self, lines: Database, parts: Sequence[Part], texts: Sequence[PartTexts]) -> None:
        """Use `open`."""
        self._lines, self._parts, self._texts = lines, parts, texts
        self._read: dict[int, Chunk] = {}  # what one search asks for several times, and the next one again

    @staticmethod
    def open(folder: Path, parts: Sequence[Part]) -> Catalogue:
        """Open the catalogue of a snapshot. Raises SnapshotError when a file is missing or no catalogue."""
        opened: list[Database | PartTexts] = []
        try:
            lines = Database(folder / CATALOGUE)
            opened.append(lines)
            texts: list[PartTexts] = []
            for number in range(len(parts)):
                texts.append(PartTexts(part_folder(folder, number)))
                opened.append(texts[-1])
        except SnapshotError:
            for one in opened:
                one.close()
            raise
        return Catalogue(lines, parts, texts)

    def close(self) -> None:
        """Close the files."""
        self._lines.close()
        for texts in self._texts:
            texts.close()

    def counts(self) -> Counts:
        """What is in it."""
        sums = "count(*), coalesce(sum(section_count), 0), coalesce(sum(chunk_count), 0)"
        [(documents, sections, chunks)] = self._lines.all(tuple, f"SELECT {sums} FROM documents")
        return Counts(documents=documents, sections=sections, chunks=chunks)

    def uncited(self) -> list[str]:
        """The files of which nothing can be cited: documents without a chunk, in order."""
        return self._lines.all(only, "SELECT file FROM documents WHERE NOT chunk_count ORDER BY number")

    def entries(self) -> tuple[Entry, ...]:
        """Every document's entry, in order."""
        return tuple(self._lines.all(read_entry, f"SELECT {ENTRY_COLUMNS} FROM documents ORDER BY number"))

    def paths(self) -> list[str]:
        """The path of every document's file."""
        return self._lines.all(only, "SELECT path FROM documents")

    def facts(self, number: int) -> Facts:
        """The facts of a document. Raises IndexError when there is none."""
        return self._line(number)[0]

    def document(self, number: int) -> Document:
        """The document of that number. Raises IndexError when there is none."""
        facts, part, place = self._line(number)
        return self._texts[part].document(place, facts)

    def provisions(self, number: int) -> tuple[Provision, ...]:
        """The provisions of the document of that number, in reading order. Raises IndexError when there is none."""
        _, part, place = self._line(number)
        return self._texts[part].provisions(place)

    def texts(self, part: int) -> PartTexts:
        """A part's texts."""
        return self._texts[part]

    def rows(self, first: int, count: int) -> tuple[Row, ...]:
        """Chunks of rows `[first, first + count)`, all of one document, as they are stored."""
        return self._texts[self._part(first)].rows(first, count) if count else ()

    def chunks(self, first: int, count: int) -> list[Chunk]:
        """Chunks of rows `[first, first + count)` that belong to a document."""
        found = [pair for texts in self._within(first, first + count) for pair in texts.chunks(first, count)]
        return [chunk for row, chunk in found if self.held(row)]

    def chunk_at(self, row: int) -> Chunk:
        """The chunk of that row. Raises IndexError when there is none."""
        found = self.chunks(row, 1)
        if not found:
            raise IndexError(f"no chunk {row}")
        return found[0]

    def chunks_at(self, rows: Sequence[int]) -> list[Chunk]:
        """The chunks of `rows`, in that order. Raises KeyError when there is none of a row."""
        found = {row: chunk for row in rows if (chunk := self._read.get(row)) is not None}
        lacking = self._of_parts(row for row in rows if row not in found)
        fresh = {row: chunk for texts, its in lacking for row, chunk in texts.chunks_at(its)}
        if len(self._read) + len(fresh) > _KEPT:
            self._read.clear()
        self._read.update(fresh)
        found.update(fresh)
        return [found[row] for row in rows]

    def ready_at(self, rows: Sequence[int]) -> list[Kept]:
        """What matching needs of the chunks of `rows`, in that order. Raises KeyError when there is none of a row."""
        found = {row: kept for texts, its in self._of_parts(rows) for row, kept in texts.ready_at(its)}
        return [found[row] for row in rows]

    def sections(self, part: str) -> list[tuple[int, str, str]]:
        """Row, document id and section path of every chunk whose path holds `part`, in row order."""
        found = (hit for texts in self._texts for hit in texts.sections(part))
        return [hit for hit in found if self.held(hit[0])]

    def row_of(self, chunk_id: str) -> int | None:
        """The row of a chunk id, `None` when it is unknown."""
        rows = (row for texts in self._texts for row in texts.rows_of(chunk_id))
        return next((row for row in rows if self.held(row)), None)

    def passages(self, rows: Sequence[int]) -> dict[int, int]:
        """For each of `rows` the row of the chunk that stands for its passage (itself, unless it repeats one)."""
        led = self._leading
        if led is None:
            marks = ", ".join("?" * len(rows))
            led = dict(self._lines.all(_pair, f"SELECT row, passage FROM repeats WHERE row IN ({marks})", *rows))
        return {row: led.get(row, row) for row in rows}

    @cached_property
    def _leading(self) -> dict[int, int] | None:
        """All of `repeats` by their rows while they are few, as they mostly are; else `None`."""
        found = self._lines.all(_pair, "SELECT row, passage FROM repeats LIMIT ?", _FEW + 1)
        return dict(found) if len(found) <= _FEW else None

    def repeats(self) -> list[tuple[int, int]]:
        """Every chunk that repeats another: (row, row of the one that stands for it)."""
        return self._lines.all(_pair, "SELECT row, passage FROM repeats ORDER BY row")

    def relations(self) -> list[tuple[Relation, ...]]:
        """Every document's relations, in order."""
        select = "SELECT relations FROM documents ORDER BY number"
        return self._lines.all(lambda row: codec.load_relations(row[0]), select)

    def tokens(self) -> Iterator[tuple[str, str]]:
        """Words and embedded text of every chunk, in row order."""
        for at in range(len(self._places)):
            yield from ((words, text) for _, words, text in self._tokens(at))

    def tokens_at(self, rows: Sequence[int]) -> list[tuple[int, str, str]]:
        """Row, words and embedded text of the chunks of `rows` that documents hold, in order."""
        wanted = set(rows)
        places = {bisect_right(self._places, row, key=lambda place: place[0]) - 1 for row in wanted}
        return [found for at in sorted(places) if at >= 0 for found in self._tokens(at) if found[0] in wanted]

    def _tokens(self, at: int) -> Iterator[tuple[int, str, str]]:
        first, count, part, place = self._places[at]
        rows = self._texts[part].rows(first, count)
        words = self._texts[part].words(place)
        return ((row, line, embed_text(one)) for row, (line, one) in enumerate(zip(words, rows, strict=True), first))

    @cached_property
    def _places(self) -> list[tuple[int, int, int, int]]:
        """First chunk, number of chunks, part and place of every document that has chunks, in row order."""
        select = "SELECT first_chunk, chunk_count, part, place FROM documents WHERE chunk_count ORDER BY first_chunk"
        return self._lines.all(_four, select)

    def sound(self) -> bool:
        """Whether SQLite finds the file of the documents' lines whole."""
        return self._lines.sound()

    def unused(self) -> list[range]:
        """Rows that no document holds, in order."""
        select = "SELECT first_chunk, first_chunk + chunk_count FROM documents WHERE chunk_count ORDER BY first_chunk"
        held = self._lines.all(_pair, select)
        ends = [0, *(end for _, end in held)]
        starts = [*(start for start, _ in held), self._parts[-1].end if self._parts else 0]
        return [range(end, start) for end, start in zip(ends, starts, strict=True) if end < start]

    @cached_property
    def _unused(self) -> list[range]:
        return self.unused()

    def held(self, row: int) -> bool:
        """Whether a document holds a row, which is at least 0."""
        if not self._parts or row >= self._parts[-1].end:
            return False
        at = bisect_right(self._unused, row, key=lambda one: one.start) - 1
        return at < 0 or row not in self._unused[at]

    def _part(self, row: int) -> int:
        """The part that holds a row. Raises KeyError when there is none."""
        at = bisect_right(self._parts, row, key=lambda part: part.first) - 1
        if at < 0 or row >= self._parts[at].end:
            raise KeyError(row)
        return at

    def _of_parts(self, rows: Iterable[int]) -> list[tuple[PartTexts, list[int]]]:
        """The rows that each part holds. Raises KeyError for one that none does."""
        found: dict[int, list[int]] = {}
        for row in rows:
            found.setdefault(self._part(row), []).append(row)
        return [(self._texts[part], its) for part, its in found.items()]

    def _within(self, first: int, end: int) -> list[PartTexts]:
        pairs = zip(self._parts, self._texts, strict=True)
        return [texts for part, texts in pairs if part.first < end and first < part.end]

    def _line(self, number: int) -> tuple[Facts, int, int]:
        select = f"SELECT {FACTS_COLUMNS} FROM documents WHERE number = ?"
        found = self._lines.all(read_facts, select, number)
        if not found:
            raise IndexError(f"no document {number}")
        return found[0]


def _four(row: tuple[Any, ...]) -> tuple[int, int, int, int]:
    return int(row[0]), int(row[1]), int(row[2]), int(row[3])


def _pair(row: tuple[Any, ...]) -> tuple[int, int]:
    return int(row[0]), int(row[1])
