"""A part of an index: the texts, passages and vectors of some of its documents, written once and never changed.

folder/texts.sqlite     documents in reading order with their outlines, provisions and words, packed; their passages
folder/vectors.faiss    the passages' vectors

A build writes one part (documents that are new, and those of small parts that it takes in); larger ones stay as they
are. What it has written survives a kill: the same build begun again goes on from there.
"""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index import codec
from index.database import Database, only
from index.provisions.codec import load as load_provisions
from index.provisions.record import Provision
from ingest.document import Chunk, CleanText, Document, Relation

if TYPE_CHECKING:
    from index.vectors import Kind, Vectors

TEXTS = "texts.sqlite"
VECTORS = "vectors.faiss"
_LOOSE = "vectors.f32"
_SCHEMA = """
CREATE TABLE documents (
    place INTEGER PRIMARY KEY, first_chunk INTEGER NOT NULL, chunk_count INTEGER NOT NULL, facts TEXT NOT NULL,
    signature BLOB NOT NULL, body BLOB NOT NULL, provisions BLOB NOT NULL, words BLOB NOT NULL);
CREATE TABLE chunks (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL, doc TEXT NOT NULL, section TEXT NOT NULL, headings TEXT NOT NULL,
    text TEXT NOT NULL, runs TEXT NOT NULL, table_path TEXT, table_row INTEGER, pieces BLOB NOT NULL);
CREATE INDEX chunks_id ON chunks (id);
"""
_CHUNK = "doc, section, headings, text, runs, table_path, table_row"
Row = tuple[str, str, str, str, str, str, str | None, int | None]
"""A passage as it is stored: its id and the columns of `_CHUNK`."""


Kept = tuple[tuple[str, ...], str, bytes]
"""Headings and text of a passage, and what `index.passage` keeps of it."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """Rows `[first, first + count)` of an index are the passages of one part."""

    first: int
    count: int

    @property
    def end(self) -> int:
        """The first row behind it."""
        return self.first + self.count


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of a document without its text. `stamp` is what its file's inode said when it was read."""

    id: str
    path: str
    file: str
    sha256: str
    stamp: str
    title: str
    doc_number: str | None
    issuer: str | None
    issue_date: str | None
    kind: str | None
    region: str | None
    period: tuple[str, str] | None
    issuers: tuple[str, ...]
    publish_date: str | None
    effective_date: str | None
    valid_until: str | None
    level: str | None
    section_count: int
    relations: tuple[Relation, ...]


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A document as a part stores it. `words` holds a line for each passage; `vectors` has shape (passages, n).

    `pieces` holds what `index.passage` keeps of each passage, or nothing.
    """

    facts: Facts
    signature: bytes
    body: bytes
    provisions: bytes
    words: tuple[str, ...]
    chunks: tuple[Row, ...]
    pieces: tuple[bytes, ...]
    vectors: Vectors

    @property
    def lacks_vectors(self) -> bool:
        """Whether its passages are still to be embedded."""
        return bool(self.chunks) and not self.vectors.shape[1]


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A document that a part holds: its passages are rows `[first_chunk, first_chunk + chunk_count)`."""

    place: int
    first_chunk: int
    chunk_count: int
    facts: Facts
    signature: bytes


class PartWriter:
    """Writes a part in a folder of its own, whatever became of the process that began it.

    Raises sqlite3.Error and OSError when the disk refuses.
    """

    def __init__(self, folder: Path, *, first: int, dimension: int) -> None:
        """Go on with the part in `folder`, or begin it; its first passage is row `first`."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._first, self._dimension = folder, first, dimension
        self._connection = sqlite3.connect(folder / TEXTS, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        if not self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            self._connection.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
        self._loose = (folder / _LOOSE).open("ab")
        [(self._documents,)] = self._connection.execute("SELECT count(*) FROM documents")
        [(self._end,)] = self._connection.execute("SELECT coalesce(max(row) + 1, ?) FROM chunks", (first,))
        if self._loose.tell() < self._bytes(self._end):  # the machine went down between the two
            self.cut(0)
        self._loose.truncate(self._bytes(self._end))
        self._connection.execute("BEGIN")

    @staticmethod
    def linked(folder: Path) -> bool:
        """Whether what was written in `folder` is a finished part of a snapshot too, and must not be changed."""
        texts = folder / TEXTS
        return texts.exists() and texts.stat().st_nlink > 1

    @property
    def part(self) -> Part:
        """What has been written."""
        return Part(first=self._first, count=self._end - self._first)

    def stored(self) -> list[Stored]:
        """The documents that are written, in order."""
        select = "SELECT place, first_chunk, chunk_count, facts, signature FROM documents ORDER BY place"
        return [_stored(row) for row in self._connection.execute(select)]

    def cut(self, place: int) -> None:
        """Drop the documents from number `place` on."""
        found = self._connection.execute("SELECT first_chunk FROM documents WHERE place = ?", (place,)).fetchone()
        if found is None:
            return
        self._connection.execute("DELETE FROM documents WHERE place >= ?", (place,))
        self._connection.execute("DELETE FROM chunks WHERE row >= ?", found)
        self._documents, self._end = place, found[0]
        self._loose.flush()
        self._loose.truncate(self._bytes(self._end))

    def add(self, document: Prepared) -> Stored:
        """Append a document."""
        stored = Stored(
            place=self._documents,
            first_chunk=self._end,
            chunk_count=len(document.chunks),
            facts=document.facts,
            signature=document.signature,
        )
        self._connection.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(stored.place, stored.first_chunk, stored.chunk_count, dump_facts(stored.facts), stored.signature),
                *(document.body, document.provisions, pack("\n".join(document.words))),
            ),
        )
        pairs = zip(document.chunks, document.pieces, strict=True)
        self._connection.executemany(
            "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((row, *pair[0], pair[1]) for row, pair in enumerate(pairs, self._end)),
        )
        self._loose.write(document.vectors.astype("<f4").tobytes())
        self._documents, self._end = self._documents + 1, self._end + len(document.chunks)
        return stored

    def keep(self) -> None:
        """What has been added so far now survives a kill."""
        self._loose.flush()
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN")

    def words(self, stored: Stored) -> list[tuple[str, str]]:
        """Words and embedded text of each passage of a document."""
        return _words(self._connection.execute, stored)

    def finish(self, folder: Path, *, kind: Kind | None, threads: int) -> None:
        """Make the part's files in `folder`, which must not exist yet; the writer's own folder stays as it is."""
        import numpy as np  # whoever only reads texts needs neither

        from index.vectors import write_vectors

        self._loose.flush()
        self._connection.execute("COMMIT")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.execute("PRAGMA journal_mode = DELETE")
        self.close()
        folder.mkdir(parents=True)
        os.link(self._folder / TEXTS, folder / TEXTS)
        shape = (self._end - self._first, self._dimension)
        loose: Any = np.empty(shape, dtype="<f4")
        if loose.size:
            loose = np.memmap(self._folder / _LOOSE, dtype="<f4", mode="r", shape=shape)
        write_vectors(folder / VECTORS, loose, kind=kind, threads=threads)

    def close(self) -> None:
        """Let go of the files."""
        self._connection.close()
        self._loose.close()

    def _bytes(self, row: int) -> int:
        return (row - self._first) * self._dimension * 4


class PartTexts:
    """The texts of a finished part. Raises SnapshotError where the file turns out damaged."""

    def __init__(self, folder: Path) -> None:
        """Raises SnapshotError when the file is missing or no SQLite file."""
        self._database = Database(folder / TEXTS)
        self.close = self._database.close
        self.sound = self._database.sound

    def counts(self) -> tuple[int, int]:
        """Documents and passages in it."""
        return (
            self._database.all(only, "SELECT count(*) FROM documents")[0],
            self._database.all(only, "SELECT count(*) FROM chunks")[0],
        )

    def body(self, place: int) -> bytes:
        """The packed text and outline of a document. Raises IndexError when there is none."""
        return self._blob("body", place)

    def document(self, place: int, facts: Facts) -> Document:
        """A document; `facts` are its facts as the catalogue knows them. Raises IndexError when there is none."""
        select = "SELECT body FROM documents WHERE place = ?"
        found = self._database.all(lambda row: load_body(row[0], facts), select, place)
        return found[0]

    def packed_provisions(self, place: int) -> bytes:
        """The packed provisions of a document."""
        return self._blob("provisions", place)

    def provisions(self, place: int) -> tuple[Provision, ...]:
        """The provisions of a document, in reading order."""
        select = "SELECT provisions FROM documents WHERE place = ?"
        return self._database.all(lambda row: load_provisions(unpack(row[0])), select, place)[0]

    def words(self, place: int) -> tuple[str, ...]:
        """A line of words for each passage of a document."""
        return self._database.all(
            lambda row: _lines(row[0], row[1]), "SELECT words, chunk_count FROM documents WHERE place = ?", place
        )[0]

    def rows(self, first: int, count: int) -> tuple[Row, ...]:
        """Passages of rows `[first, first + count)` as they are stored."""
        select = f"SELECT id, {_CHUNK} FROM chunks WHERE row >= ? AND row < ? ORDER BY row"
        return tuple(self._database.all(_row, select, first, first + count))

    def chunks(self, first: int, count: int) -> list[tuple[int, Chunk]]:
        """Passages of rows `[first, first + count)` with their rows."""
        select = f"SELECT row, {_CHUNK} FROM chunks WHERE row >= ? AND row < ? ORDER BY row"
        return self._database.all(_numbered, select, first, first + count)

    def chunks_at(self, rows: Sequence[int]) -> list[tuple[int, Chunk]]:
        """The passages of `rows` that are there, in no order."""
        marks = ", ".join("?" * len(rows))
        return self._database.all(_numbered, f"SELECT row, {_CHUNK} FROM chunks WHERE row IN ({marks})", *rows)

    def ready_at(self, rows: Sequence[int]) -> list[tuple[int, Kept]]:
        """Of the passages of `rows` that are there what matching needs, in no order."""
        marks = ", ".join("?" * len(rows))
        return self._database.all(
            _kept, f"SELECT row, headings, text, pieces FROM chunks WHERE row IN ({marks})", *rows
        )

    def pieces(self, first: int, count: int) -> tuple[bytes, ...]:
        """What is kept of the passages of rows `[first, first + count)`."""
        select = "SELECT pieces FROM chunks WHERE row >= ? AND row < ? ORDER BY row"
        return tuple(self._database.all(only, select, first, first + count))

    def sections(self, part: str) -> list[tuple[int, str, str]]:
        """Row, document id and section path of every passage whose path holds `part`, in row order."""
        select = "SELECT row, doc, section FROM chunks WHERE instr(section, ?) ORDER BY row"
        return self._database.all(lambda row: (int(row[0]), str(row[1]), str(row[2])), select, part)

    def rows_of(self, chunk_id: str) -> list[int]:
        """The rows of a passage id."""
        return self._database.all(only, "SELECT row FROM chunks WHERE id = ? ORDER BY row", chunk_id)

    def _blob(self, column: str, place: int) -> bytes:
        found = self._database.all(only, f"SELECT {column} FROM documents WHERE place = ?", place)
        return bytes(found[0])


def pack(text: str) -> bytes:
    """A text, compressed."""
    return zlib.compress(text.encode("utf-8", "surrogatepass"))


def unpack(data: bytes) -> str:
    """What `pack` was given. Raises ValueError for anything else."""
    try:
        return zlib.decompress(data).decode("utf-8", "surrogatepass")
    except zlib.error as error:
        raise ValueError(str(error)) from error


def dump_facts(facts: Facts) -> str:
    """Facts as JSON."""
    values = {name: getattr(facts, name) for name in Facts.__dataclass_fields__}
    return codec.dump({**values, "relations": codec.dump_relations(facts.relations)})


def load_facts(text: str) -> Facts:
    """What `dump_facts` wrote."""
    values = json.loads(text)
    period = None if values["period"] is None else (values["period"][0], values["period"][1])
    issuers, relations = tuple(values["issuers"]), codec.load_relations(values["relations"])
    return Facts(**{**values, "period": period, "issuers": issuers, "relations": relations})


def dump_body(document: Document) -> bytes:
    """What a document is beyond its facts."""
    parts = (
        *(document.text, codec.dump_sections(document.sections), codec.dump_tables(document.tables)),
        *(codec.dump_dropped(document.dropped), codec.dump_repairs(document.repairs)),
        *(codec.dump_pages(document.pages), codec.dump_attachments(document.attachments)),
        *(codec.dump_doubts(document.doubts), codec.dump(document.warnings), codec.dump_facts(document.facts)),
    )
    return pack(codec.dump(parts))


def load_body(data: bytes, facts: Facts) -> Document:
    """The document that `dump_body` was given. Raises ValueError for anything else."""
    text, sections, tables, dropped, repairs, pages, attachments, doubts, *others = json.loads(unpack(data))
    warnings, told = others
    return Document(
        id=facts.id,
        file=facts.file,
        sha256=facts.sha256,
        text=text,
        title=facts.title,
        doc_number=facts.doc_number,
        issuer=facts.issuer,
        issue_date=facts.issue_date,
        kind=facts.kind,
        region=facts.region,
        period=facts.period,
        relations=facts.relations,
        sections=codec.load_sections(sections),
        tables=codec.load_tables(tables),
        dropped=codec.load_dropped(dropped),
        repairs=codec.load_repairs(repairs),
        pages=codec.load_pages(pages),
        attachments=codec.load_attachments(attachments),
        doubts=codec.load_doubts(doubts),
        warnings=tuple(json.loads(warnings)),
        issuers=facts.issuers,
        publish_date=facts.publish_date,
        effective_date=facts.effective_date,
        valid_until=facts.valid_until,
        level=facts.level,
        facts=codec.load_facts(told),
    )


def dump_chunk(chunk: Chunk) -> Row:
    """A passage as it is stored."""
    return (
        *(chunk.id, chunk.doc, chunk.section, codec.dump(chunk.headings), chunk.text),
        *(codec.dump_runs(chunk.clean.runs), chunk.table, chunk.row),
    )


def embed_text(row: Row) -> str:
    """`Chunk.embed_text` of a stored passage."""
    return "\n".join((*json.loads(row[3]), row[4]))


def _words(execute: Any, stored: Stored) -> list[tuple[str, str]]:
    [(packed,)] = execute("SELECT words FROM documents WHERE place = ?", (stored.place,))
    select = f"SELECT id, {_CHUNK} FROM chunks WHERE row >= ? AND row < ? ORDER BY row"
    rows = execute(select, (stored.first_chunk, stored.first_chunk + stored.chunk_count)).fetchall()
    return [(line, embed_text(row)) for line, row in zip(_lines(packed, len(rows)), rows, strict=True)]


def _lines(packed: bytes, count: int) -> tuple[str, ...]:
    return tuple(unpack(packed).split("\n")) if count else ()


def _stored(row: tuple[Any, ...]) -> Stored:
    place, first, count, facts, signature = row
    return Stored(place=place, first_chunk=first, chunk_count=count, facts=load_facts(facts), signature=signature)


def _row(row: tuple[Any, ...]) -> Row:
    return (row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7])


def _kept(row: tuple[Any, ...]) -> tuple[int, Kept]:
    return int(row[0]), (tuple(json.loads(row[1])), row[2], bytes(row[3]))


def _numbered(row: tuple[Any, ...]) -> tuple[int, Chunk]:
    number, doc, section, headings, text, runs, table, table_row = row
    chunk = Chunk(
        doc=doc,
        section=section,
        headings=tuple(json.loads(headings)),
        clean=CleanText(text, codec.load_runs(runs)),
        table=table,
        row=table_row,
    )
    return int(number), chunk
