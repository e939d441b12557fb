"""Writes a catalogue, as a copy of the one before with the lines that have changed."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from index import codec
from index.catalogue.lines import ENTRY_COLUMNS, entry_values
from index.catalogue.record import Entry, Finished
from ingest.document import Relation

_SCHEMA = """
CREATE TABLE documents (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, path TEXT NOT NULL UNIQUE, file TEXT NOT NULL,
    sha256 TEXT NOT NULL, stamp TEXT NOT NULL, title TEXT NOT NULL, doc_number TEXT, issuer TEXT, issue_date TEXT,
    kind TEXT, region TEXT, period TEXT, issuers TEXT NOT NULL, publish_date TEXT, effective_date TEXT,
    valid_until TEXT, level TEXT, ended_by INTEGER, ended_how TEXT, ended_from TEXT, section_count INTEGER NOT NULL,
    first_chunk INTEGER NOT NULL, chunk_count INTEGER NOT NULL, part INTEGER NOT NULL, place INTEGER NOT NULL,
    work INTEGER NOT NULL, signature BLOB NOT NULL, relations TEXT NOT NULL);
CREATE TABLE repeats (row INTEGER PRIMARY KEY, passage INTEGER NOT NULL);
"""


def write_catalogue(
    path: Path,
    entries: Sequence[Entry],
    relations: Sequence[Sequence[Relation]],
    repeats: Iterable[tuple[int, int]] = (),
    old: Finished | None = None,
) -> None:
    """Write the documents' lines with their relations, and which chunks repeat another: pairs (row, its row).

    Lines that `old` has too are taken from a copy of it. Raises OSError and sqlite3.Error when the disk refuses.
    """
    lines = zip(old.entries, old.relations, strict=True) if old else ()
    pairs = zip(lines, entries, relations, strict=False)
    same = {one.number for (was, had), one, has in pairs if (one is was or one == was) and tuple(has) == tuple(had)}
    columns = f"{ENTRY_COLUMNS}, relations"
    if old:
        shutil.copyfile(old.path, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # What is not finished is thrown away, so it needs no journal of its own.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        if old is None:
            connection.executescript(_SCHEMA)
        connection.execute("BEGIN")
        gone = ((number,) for number in range(len(old.entries) if old else 0) if number not in same)
        connection.executemany("DELETE FROM documents WHERE number = ?", gone)
        connection.execute("DELETE FROM repeats")
        connection.executemany(
            f"INSERT INTO documents ({columns}) VALUES ({', '.join('?' * (columns.count(',') + 1))})",
            (
                (*entry_values(entry), codec.dump_relations(named))
                for entry, named in zip(entries, relations, strict=True)
                if entry.number not in same
            ),
        )
        connection.executemany("INSERT INTO repeats VALUES (?, ?)", repeats)
        connection.execute("COMMIT")
