"""What a build that has not published yet has written, in a folder of its own: one that was killed goes on there."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from index.part import PartWriter, Stored
from index.sources import SourceFile

_FOLDER = "unfinished"
_NOTE = "begun_with.json"


def unfinished_part(index_dir: Path, begun_with: str, *, first: int, dimension: int) -> PartWriter:
    """The part that an earlier build has left there, if it began with the same (what decides its bytes, and its first
    row); else a new one. Raises OSError and sqlite3.Error when the disk refuses."""
    folder = index_dir / _FOLDER
    note, begun_with = folder / _NOTE, f"{begun_with} {first}"
    other = not note.exists() or note.read_text(encoding="utf-8") != begun_with
    # What a build that was killed when it had published has left is a part of the index that serves.
    if folder.exists() and (other or PartWriter.linked(folder)):
        shutil.rmtree(folder)
    folder.mkdir(exist_ok=True)
    if not note.exists():
        note.write_text(begun_with, encoding="utf-8")
    try:
        return PartWriter(folder, first=first, dimension=dimension)
    except sqlite3.DatabaseError:  # the machine went down while it was written
        shutil.rmtree(folder)
        folder.mkdir()
        note.write_text(begun_with, encoding="utf-8")
        return PartWriter(folder, first=first, dimension=dimension)


def written(writer: PartWriter, plan: Mapping[str, SourceFile]) -> list[Stored]:
    """The documents that are written already, up to the first that is no longer wanted so: the rest is cut off.

    `plan` holds the files to write by their paths.
    """
    stored = writer.stored()
    for place, one in enumerate(stored):
        file = plan.get(one.facts.path)
        if file is None or not file.still(one.facts.file, one.facts.stamp, one.facts.sha256):
            writer.cut(place)
            return stored[:place]
    return stored


def forget(index_dir: Path) -> None:
    """Remove what is there: it has been published, or cannot be."""
    shutil.rmtree(index_dir / _FOLDER, ignore_errors=True)
