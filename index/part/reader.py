"""Reads the texts of a finished part."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from index import codec
from index.database import Database, only
from index.part.codec import lines, load_body, unpack
from index.part.record import COLUMNS, TEXTS, Facts, Kept, Row
from index.provisions.codec import load as load_provisions
from index.provisions.record import Provision
from ingest.document import Chunk, CleanText, Document


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
            lambda row: lines(row[0], row[1]), "SELECT words, chunk_count FROM documents WHERE place = ?", place
        )[0]

    def rows(self, first: int, count: int) -> tuple[Row, ...]:
        """Passages of rows `[first, first + count)` as they are stored."""
        select = f"SELECT id, {COLUMNS} FROM chunks WHERE row >= ? AND row < ? ORDER BY row"
        return tuple(self._database.all(_row, select, first, first + count))

    def chunks(self, first: int, count: int) -> list[tuple[int, Chunk]]:
        """Passages of rows `[first, first + count)` with their rows."""
        select = f"SELECT row, {COLUMNS} FROM chunks WHERE row >= ? AND row < ? ORDER BY row"
        return self._database.all(_numbered, select, first, first + count)

    def chunks_at(self, rows: Sequence[int]) -> list[tuple[int, Chunk]]:
        """The passages of `rows` that are there, in no order."""
        marks = ", ".join("?" * len(rows))
        return self._database.all(_numbered, f"SELECT row, {COLUMNS} FROM chunks WHERE row IN ({marks})", *rows)

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
