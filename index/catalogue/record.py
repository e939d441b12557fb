"""A document's line in the catalogue, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from index.part import Facts, Stored
from ingest.document import Relation

CATALOGUE = "catalogue.sqlite"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A document's line in the catalogue: its facts without its text.

    Chunks `[first_chunk, first_chunk + chunk_count)` are its own. Documents of equal `work` are renderings of one
    text (or bear the same number); it is the number of the first of them. `ended_by` is the number of the document
    that ended this one, `ended_how` its relation to it (repeals, replaces, supersedes), `ended_from` the first day on
    which it had (`None` where the other states none). `signature` is its MinHash. `stamp` is what the inode of its file
    said (empty: nothing to go by); `part` and `place` are where its text is kept.
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
    stamp: str = ""
    part: int = 0
    place: int = 0


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many documents, sections and chunks an index holds."""

    documents: int
    sections: int
    chunks: int


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A whole catalogue and what its lines say, in order."""

    path: Path
    entries: Sequence[Entry]
    relations: Sequence[Sequence[Relation]]


def entry_of(stored: Stored, number: int, part: int) -> Entry:
    """The line of a document that a part stores; alone in its work."""
    names = Entry.__dataclass_fields__.keys() & Facts.__dataclass_fields__.keys()
    return Entry(
        **{name: getattr(stored.facts, name) for name in names},
        number=number,
        first_chunk=stored.first_chunk,
        chunk_count=stored.chunk_count,
        part=part,
        place=stored.place,
        work=number,
        signature=stored.signature,
    )


def part_folder(folder: Path, number: int) -> Path:
    """Where a snapshot keeps a part."""
    return folder / "parts" / str(number)
