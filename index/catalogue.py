"""Documents and chunks in one SQLite file, opened read-only and read piece by piece.

Chunks are numbered from 0 in the order of their documents; the number is the row of the chunk's vector and of its
keywords. Documents are numbered from 0 in the order of their paths.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import quote

from errors import SnapshotError
from index import codec
from index.provisions.codec import dump as dump_provisions
from index.provisions.codec import load as load_provisions
from index.provisions.record import Provision
from ingest.document import Chunk, CleanText, Document, Relation

T = TypeVar("T")

_SCHEMA = """
CREATE TABLE documents (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, path TEXT NOT NULL UNIQUE, file TEXT NOT NULL,
    sha256 TEXT NOT NULL, title TEXT NOT NULL, doc_number TEXT, issuer TEXT, issue_date TEXT, kind TEXT, region TEXT,
    period TEXT, issuers TEXT NOT NULL, publish_date TEXT, effective_date TEXT, valid_until TEXT, level TEXT,
    ended_by INTEGER, ended_how TEXT, ended_from TEXT,
    section_count INTEGER NOT NULL, first_chunk INTEGER NOT NULL, chunk_count INTEGER NOT NULL,
    work INTEGER NOT NULL, signature BLOB NOT NULL, relations TEXT NOT NULL, text TEXT NOT NULL,
    sections TEXT NOT NULL, tables TEXT NOT NULL, dropped TEXT NOT NULL, repairs TEXT NOT NULL,
    pages TEXT NOT NULL, attachments TEXT NOT NULL, doubts TEXT NOT NULL, warnings TEXT NOT NULL,
    facts TEXT NOT NULL, provisions TEXT NOT NULL);
CREATE TABLE chunks (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL, doc TEXT NOT NULL, section TEXT NOT NULL, headings TEXT NOT NULL,
    text TEXT NOT NULL, runs TEXT NOT NULL, table_path TEXT, table_row INTEGER, words TEXT NOT NULL,
    passage INTEGER NOT NULL);
CREATE INDEX chunks_id ON chunks (id);
"""
_TOLD = "issuers, publish_date, effective_date, valid_until, level"
_FACTS = f"title, doc_number, issuer, issue_date, kind, region, period, {_TOLD}"
_PARTS = "relations, sections, tables, dropped, repairs, pages, attachments, doubts, warnings, facts"
_DOCUMENT = f"id, file, sha256, text, {_FACTS}, {_PARTS}"
_COUNTED = "ended_by, ended_how, ended_from, section_count, first_chunk, chunk_count, work, signature"
_ENTRY = f"number, id, path, file, sha256, {_FACTS}, {_COUNTED}"
_CHUNK = "doc, section, headings, text, runs, table_path, table_row"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A document's line in the catalogue: its facts without its text.

    Chunks `[first_chunk, first_chunk + chunk_count)` are its own. Documents of equal `work` are renderings of one
    text (or bear the same number); it is the number of the first of them. `ended_by` is the number of the document
    that ended this one, `ended_how` its relation to it (repeals, replaces, supersedes), `ended_from` the first day on
    which it had (`None` where the other states none). `signature` is its MinHash.
    """

    number: int
    id: str
    path: str
    file: str
    sha256: str
    title: str
    doc_number: str | None
    issuer: str | None
    issue_date: str | None
    kind: str | None
    region: str | None
    period: tuple[str, str] | None
    section_count: int
    first_chunk: int
    chunk_count: int
    work: int
    signature: bytes
    issuers: tuple[str, ...] = ()
    publish_date: str | None = None
    effective_date: str | None = None
    valid_until: str | None = None
    level: str | None = None
    ended_by: int | None = None
    ended_how: str | None = None
    ended_from: str | None = None


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many documents, sections and chunks an index holds."""

    documents: int
    sections: int
    chunks: int


class CatalogueWriter:
    """Writes a new catalogue; nothing is on disk for certain before `close`. Raises sqlite3.Error when it cannot."""

    def __init__(self, path: Path) -> None:
        """Make the file `path`, which must not exist yet."""
        self._connection = sqlite3.connect(path, isolation_level=None)
        # A catalogue that is not finished is thrown away, so it needs no journal of its own.
        self._connection.execute("PRAGMA journal_mode = OFF")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.executescript(_SCHEMA)
        self._connection.execute("BEGIN")
        self._documents = self._chunks = 0

    def add(
        self,
        document: Document,
        path: str,
        chunks: Sequence[Chunk],
        words: Sequence[str],
        signature: bytes,
        provisions: Sequence[Provision] = (),
    ) -> None:
        """Append a document with its chunks and provisions; `words[i]` are the words of chunk i, parted by blanks."""
        number, first = self._documents, self._chunks
        self._documents, self._chunks = number + 1, first + len(chunks)
        values = (
            *(number, document.id, path, document.file, document.sha256, document.title, document.doc_number),
            *(document.issuer, document.issue_date, document.kind, document.region),
            None if document.period is None else codec.dump(document.period),
            *(codec.dump(document.issuers), document.publish_date, document.effective_date, document.valid_until),
            *(document.level, None, None, None),
            *(sum(1 for _ in document.walk()), first, len(chunks), number, signature),
            *(codec.dump_relations(document.relations), document.text, codec.dump_sections(document.sections)),
            *(codec.dump_tables(document.tables), codec.dump_dropped(document.dropped)),
            *(codec.dump_repairs(document.repairs), codec.dump_pages(document.pages)),
            *(codec.dump_attachments(document.attachments), codec.dump_doubts(document.doubts)),
            *(codec.dump(document.warnings), codec.dump_facts(document.facts)),
            dump_provisions(provisions),
        )
        self._connection.execute(f"INSERT INTO documents VALUES ({', '.join('?' * len(values))})", values)
        self._connection.executemany(
            "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    *(row, chunk.id, chunk.doc, chunk.section, codec.dump(chunk.headings), chunk.text),
                    *(codec.dump_runs(chunk.clean.runs), chunk.table, chunk.row, line, row),
                )
                for row, (chunk, line) in enumerate(zip(chunks, words, strict=True), first)
            ),
        )

    def set_works(self, works: Iterable[tuple[int, int]]) -> None:
        """Set the work of documents: pairs (document number, number of the work's first document)."""
        self._connection.executemany("UPDATE documents SET work = ?2 WHERE number = ?1", works)

    def set_passages(self, passages: Iterable[tuple[int, int]]) -> None:
        """Say which chunks repeat another: pairs (chunk row, row of the chunk that stands for it)."""
        self._connection.executemany("UPDATE chunks SET passage = ?2 WHERE row = ?1", passages)

    def set_relations(self, relations: Iterable[tuple[int, Sequence[Relation]]]) -> None:
        """Replace the relations of documents: pairs (document number, relations)."""
        self._connection.executemany(
            "UPDATE documents SET relations = ?2 WHERE number = ?1",
            ((number, codec.dump_relations(named)) for number, named in relations),
        )

    def set_ends(self, ends: Iterable[tuple[int, int, str, str | None]]) -> None:
        """Say which documents others have ended: document number, number of the other, its relation, from which day."""
        self._connection.executemany(
            "UPDATE documents SET ended_by = ?2, ended_how = ?3, ended_from = ?4 WHERE number = ?1", ends
        )

    def reader(self) -> Catalogue:
        """What has been written so far, to be read before `close`."""
        return Catalogue(self._connection, None)

    def close(self) -> None:
        """Finish the file."""
        self._connection.execute("COMMIT")
        self._connection.close()

    def abandon(self) -> None:
        """Let go of the file without finishing it."""
        self._connection.close()


class Catalogue:
    """Reads a catalogue; safe to use from several threads. Raises SnapshotError where the file turns out damaged."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        """Reads through `connection` to the finished file `path`, or to one still being written (`None`).

        Use `open` for a finished file. In the other case errors are SQLite's own: the disk may be full.
        """
        self._connection = connection
        self._path = path
        self._lock = Lock()

    @staticmethod
    def open(path: Path) -> Catalogue:
        """Open a finished catalogue. Raises SnapshotError when it is missing or no catalogue."""
        uri = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
        try:
            catalogue = Catalogue(sqlite3.connect(uri, uri=True, check_same_thread=False), path)
        except sqlite3.Error as error:
            raise _damaged(path, error) from error
        try:
            # Reads the schema page: from here on the file is open, even when its name is removed.
            catalogue._all(_only, "SELECT count(*) FROM (SELECT 1 FROM documents, chunks LIMIT 1)")
        except SnapshotError:
            catalogue.close()
            raise
        return catalogue

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def counts(self) -> Counts:
        """What is in it."""
        [(documents, sections)] = self._all(tuple, "SELECT count(*), coalesce(sum(section_count), 0) FROM documents")
        [chunks] = self._all(_only, "SELECT count(*) FROM chunks")
        return Counts(documents=documents, sections=sections, chunks=chunks)

    def entries(self) -> tuple[Entry, ...]:
        """Every document's entry, in order."""
        return tuple(self._all(_entry, f"SELECT {_ENTRY} FROM documents ORDER BY number"))

    def document(self, number: int) -> Document:
        """The document of that number. Raises IndexError when there is none."""
        found = self._all(_document, f"SELECT {_DOCUMENT} FROM documents WHERE number = ?", number)
        if not found:
            raise IndexError(f"no document {number}")
        return found[0]

    def provisions(self, number: int) -> tuple[Provision, ...]:
        """The provisions of the document of that number, in reading order. Raises IndexError when there is none."""
        found = self._all(
            lambda row: load_provisions(row[0]), "SELECT provisions FROM documents WHERE number = ?", number
        )
        if not found:
            raise IndexError(f"no document {number}")
        return found[0]

    def chunks(self, first: int, count: int) -> list[Chunk]:
        """Chunks of rows `[first, first + count)`."""
        select = f"SELECT {_CHUNK} FROM chunks WHERE row >= ? AND row < ? ORDER BY row"
        return self._all(_chunk, select, first, first + count)

    def chunk_at(self, row: int) -> Chunk:
        """The chunk of that row. Raises IndexError when there is none."""
        found = self.chunks(row, 1)
        if not found:
            raise IndexError(f"no chunk {row}")
        return found[0]

    def chunks_at(self, rows: Sequence[int]) -> list[Chunk]:
        """The chunks of `rows`, in that order. Raises KeyError when there is none of a row."""
        marks = ", ".join("?" * len(rows))
        select = f"SELECT row, {_CHUNK} FROM chunks WHERE row IN ({marks})"
        chunks = dict(self._all(lambda found: (int(found[0]), _chunk(found[1:])), select, *rows))
        return [chunks[row] for row in rows]

    def sections(self, part: str) -> list[tuple[int, str, str]]:
        """Row, document id and section path of every chunk whose path holds `part`, in row order."""
        select = "SELECT row, doc, section FROM chunks WHERE instr(section, ?) ORDER BY row"
        return self._all(lambda row: (int(row[0]), str(row[1]), str(row[2])), select, part)

    def row_of(self, chunk_id: str) -> int | None:
        """The row of a chunk id, `None` when it is unknown."""
        rows = self._all(_only, "SELECT row FROM chunks WHERE id = ? ORDER BY row LIMIT 1", chunk_id)
        return rows[0] if rows else None

    def words(self, first: int, count: int) -> list[str]:
        """The words of chunks `[first, first + count)`, each text parted by blanks."""
        return self._all(
            _only, "SELECT words FROM chunks WHERE row >= ? AND row < ? ORDER BY row", first, first + count
        )

    def passages(self, rows: Sequence[int]) -> dict[int, int]:
        """For each of `rows` the row of the chunk that stands for its passage (itself, unless it repeats one)."""
        marks = ", ".join("?" * len(rows))
        return dict(self._all(tuple, f"SELECT row, passage FROM chunks WHERE row IN ({marks})", *rows))

    def relations(self) -> list[tuple[Relation, ...]]:
        """Every document's relations, in order."""
        return self._all(lambda row: codec.load_relations(row[0]), "SELECT relations FROM documents ORDER BY number")

    def sound(self) -> bool:
        """Whether SQLite finds its own file whole (reads all of it)."""
        return self._all(_only, "PRAGMA integrity_check") == ["ok"]

    def tokens(self, batch: int = 1000) -> Iterator[tuple[str, str]]:
        """Words and embedded text of every chunk, in row order."""
        first = 0
        while lines := self.words(first, batch):
            chunks = self.chunks(first, batch)
            yield from ((line, chunk.embed_text) for line, chunk in zip(lines, chunks, strict=True))
            first += batch

    def tokens_at(self, rows: Sequence[int]) -> list[tuple[int, str, str]]:
        """Row, words and embedded text of the chunks of `rows`."""
        marks = ", ".join("?" * len(rows))
        select = f"SELECT row, words, headings, text FROM chunks WHERE row IN ({marks})"
        return self._all(lambda row: (int(row[0]), row[1], "\n".join((*json.loads(row[2]), row[3]))), select, *rows)

    def _all(self, read: Callable[[tuple[Any, ...]], T], statement: str, *values: object) -> list[T]:
        """Every row of a statement, read."""
        try:
            with self._lock:
                rows = self._connection.execute(statement, values).fetchall()
            return [read(row) for row in rows]
        except (sqlite3.DatabaseError, ValueError, TypeError, KeyError) as error:
            if self._path is None:
                raise
            raise _damaged(self._path, error) from error


def _damaged(path: Path, error: Exception) -> SnapshotError:
    return SnapshotError(f"索引文件已损坏：{path}（{error}）；请用 wence verify 核对，再重新运行 wence build")


def _only(row: tuple[Any, ...]) -> Any:
    return row[0]


def _period(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    first, last = json.loads(text)
    return (first, last)


def _entry(row: tuple[Any, ...]) -> Entry:
    values = dict(zip(_ENTRY.split(", "), row, strict=True))
    return Entry(**{**values, "period": _period(values["period"]), "issuers": tuple(json.loads(values["issuers"]))})


def _document(row: tuple[Any, ...]) -> Document:
    id_, file, sha256, text, title, doc_number, issuer, issue_date, kind, region, period, *others = row
    issuers, publish_date, effective_date, valid_until, level, *parts = others
    relations, sections, tables, dropped, repairs, pages, attachments, doubts, warnings, facts = parts
    return Document(
        id=id_,
        file=file,
        sha256=sha256,
        text=text,
        title=title,
        doc_number=doc_number,
        issuer=issuer,
        issue_date=issue_date,
        kind=kind,
        region=region,
        period=_period(period),
        relations=codec.load_relations(relations),
        sections=codec.load_sections(sections),
        tables=codec.load_tables(tables),
        dropped=codec.load_dropped(dropped),
        repairs=codec.load_repairs(repairs),
        pages=codec.load_pages(pages),
        attachments=codec.load_attachments(attachments),
        doubts=codec.load_doubts(doubts),
        warnings=tuple(json.loads(warnings)),
        issuers=tuple(json.loads(issuers)),
        publish_date=publish_date,
        effective_date=effective_date,
        valid_until=valid_until,
        level=level,
        facts=codec.load_facts(facts),
    )


def _chunk(row: tuple[Any, ...]) -> Chunk:
    doc, section, headings, text, runs, table, table_row = row
    return Chunk(
        doc=doc,
        section=section,
        headings=tuple(json.loads(headings)),
        clean=CleanText(text, codec.load_runs(runs)),
        table=table,
        row=table_row,
    )
