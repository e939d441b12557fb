"""What a part holds: documents with their facts, passages as they are stored, and where both stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.document import Relation

if TYPE_CHECKING:
    from index.vectors import Vectors

TEXTS = "texts.sqlite"
VECTORS = "vectors.faiss"
COLUMNS = "doc, section, headings, text, runs, table_path, table_row"
Row = tuple[str, str, str, str, str, str, str | None, int | None]
"""A passage as it is stored: its id and the `COLUMNS`."""
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
