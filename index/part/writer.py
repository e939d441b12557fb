"""Writes a part, so that what has been written survives a kill: the same build begun again goes on from there."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.part.codec import dump_facts, embed_text, lines, load_facts, pack
from index.part.record import COLUMNS, TEXTS, VECTORS, Part, Prepared, Stored

if TYPE_CHECKING:
    from index.vectors import Kind

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


def _words(execute: Any, stored: Stored) -> list[tuple[str, str]]:
    [(packed,)] = execute("SELECT words FROM documents WHERE place = ?", (stored.place,))
    select = f"SELECT id, {COLUMNS} FROM chunks WHERE row >= ? AND row < ? ORDER BY row"
    rows = execute(select, (stored.first_chunk, stored.first_chunk + stored.chunk_count)).fetchall()
    return [(line, embed_text(row)) for line, row in zip(lines(packed, len(rows)), rows, strict=True)]


def _stored(row: tuple[Any, ...]) -> Stored:
    place, first, count, facts, signature = row
    return Stored(place=place, first_chunk=first, chunk_count=count, facts=load_facts(facts), signature=signature)
