"""Parts of about one size laid together, which keeps their number small while an index grows by little and little.

Merging by sizes, as in log-structured merge trees (O'Neil et al., "The Log-Structured Merge-Tree", 1996): a passage is
copied O(log n) times in all. Nothing is read, cut or embedded again, rows keep their numbers, and the keywords, which
know only rows, stay as they are.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from index.catalogue import Entry, part_folder
from index.old import Old
from index.part import TEXTS, VECTORS, Part
from index.vectors import Kind, write_vectors

_BEHIND = 2  # times the size of a part
_BATCH = 65_536  # vectors that are copied together


def first_joined(parts: Sequence[Part]) -> int:
    """The number of the first part to be laid together with those behind it; `len(parts)` when none is.

    A part is copied when twice as much has come behind it: so it has three times the size then, and an index of n
    passages has O(log n) parts.
    """
    behind, found = 0, len(parts)
    for number in reversed(range(len(parts))):
        if behind and behind >= _BEHIND * parts[number].count:
            found = number
        behind += parts[number].count
    return found


def join(folder: Path, old: Old, first: int, end: int, *, kind: Kind | None, threads: int) -> Part:
    """Write the parts `[first, end)` of `old` as part number `first` of the snapshot in `folder`.

    Raises OSError and sqlite3.Error when the disk refuses.
    """
    parts = old.manifest.parts[first:end]
    joined = Part(first=parts[0].first, count=sum(part.count for part in parts))
    into = part_folder(folder, first)
    into.mkdir(parents=True)
    _texts([part_folder(old.folder, number) / TEXTS for number in range(first, end)], into / TEXTS)
    _vectors(old, joined, into / VECTORS, kind, threads)
    return joined


def moved(old: Old, entries: Sequence[Entry], first: int, end: int) -> list[Entry]:
    """The documents of `old` once the parts `[first, end)` are one: where their texts are kept now."""
    before, places = 0, dict[int, int]()
    for number in range(first, end):
        places[number] = before
        before += old.catalogue.texts(number).counts()[0]
    return [
        replace(entry, part=first, place=places[entry.part] + entry.place) if entry.part in places else entry
        for entry in entries
    ]


def _texts(sources: Sequence[Path], path: Path) -> None:
    shutil.copyfile(sources[0], path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # What is not finished is thrown away, so it needs no journal of its own.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        columns = [row[1] for row in connection.execute("PRAGMA table_info(documents)")]
        others = ", ".join(column for column in columns if column != "place")
        for source in sources[1:]:
            [(before,)] = connection.execute("SELECT count(*) FROM documents")
            connection.execute("ATTACH ? AS next", (str(source),))
            connection.execute("BEGIN")
            connection.execute(
                f"INSERT INTO documents (place, {others})"
                f" SELECT place + ?, {others} FROM next.documents ORDER BY place",
                (before,),
            )
            connection.execute("INSERT INTO chunks SELECT * FROM next.chunks ORDER BY row")
            connection.execute("COMMIT")
            connection.execute("DETACH next")


def _vectors(old: Old, joined: Part, path: Path, kind: Kind | None, threads: int) -> None:
    assert old.vectors is not None  # parts of another embedding do not stay
    loose = path.with_suffix(".f32")
    shape = (joined.count, old.vectors.dimension)
    values: Any = np.memmap(loose, dtype="<f4", mode="w+", shape=shape) if joined.count else np.empty(shape, "<f4")
    for at in range(0, joined.count, _BATCH):
        rows = range(joined.first + at, min(joined.first + at + _BATCH, joined.end))
        values[at : at + len(rows)] = old.vectors.rows(rows)
    write_vectors(path, values, kind=kind, threads=threads)
    del values
    loose.unlink(missing_ok=True)
