"""The index that a build replaces, and what of it is used again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from errors import SnapshotError
from index.catalogue import Catalogue, Entry, part_folder
from index.embedding import Embedding
from index.manifest import Manifest, StoredFile, damage, read_manifest, stamped
from index.part import VECTORS, dump_chunk
from index.prepare import Held, Reader
from index.provisions.version import version as provisions_version
from index.snapshot import intact
from index.vectors import VectorFile, VectorIndex
from index.words import tokens_version
from ingest.document import Relation, document_id


@dataclass(frozen=True, kw_only=True)
class Old:
    """A whole index; `current` when this code would make the same of the same files."""

    folder: Path
    manifest: Manifest
    catalogue: Catalogue
    vectors: VectorIndex | None  # None when another embedding made them
    current: bool
    provisions: bool  # whether its provisions are what this code would read

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every document's entry, in order."""
        return self.catalogue.entries()

    def relations(self) -> list[tuple[Relation, ...]]:
        """Every document's relations, in order; read once."""
        return self._relations

    @cached_property
    def _relations(self) -> list[tuple[Relation, ...]]:
        return self.catalogue.relations()

    def paths(self) -> set[str]:
        """Where its documents' files were: known sooner than the entries."""
        return set(self.catalogue.paths())

    def whole(self, *, since: int) -> bool:
        """Whether the parts from number `since` on are what was published, by their digests."""
        read = tuple(f"{part_folder(Path(), number).as_posix()}/" for number in range(since, len(self.manifest.parts)))
        files = [file for file in self.manifest.files if file.path.startswith(read)]
        return not any(damage(self.folder, file, contents=True) for file in files)

    def held(self, entry: Entry, file: str, path: str) -> Held:
        """A document as it is kept here, under the name `file` that its source has now, at `path`."""
        texts, first, count = self.catalogue.texts(entry.part), entry.first_chunk, entry.chunk_count
        facts, rows = self.catalogue.facts(entry.number), self.catalogue.rows(first, count)
        if (path, file) != (entry.path, entry.file):
            facts = replace(facts, id=document_id(file, entry.sha256), path=path, file=file)
            rows = tuple(dump_chunk(replace(chunk, doc=facts.id)) for chunk in self.catalogue.chunks(first, count))
        return Held(
            facts=facts,
            signature=entry.signature,
            body=texts.body(entry.place),
            provisions=texts.packed_provisions(entry.place) if self.provisions else None,
            words=texts.words(entry.place),
            chunks=rows,
            pieces=texts.pieces(first, count) if self.vectors else None,
            vectors=self.vectors.rows(range(first, first + count)) if self.vectors else None,
        )

    def link(self, folder: Path, count: int) -> dict[Path, StoredFile]:
        """Link the first `count` parts into a new snapshot; its files that need not be hashed again."""
        for number in range(count):
            part_folder(folder, number).mkdir(parents=True)
            for file in part_folder(self.folder, number).iterdir():
                os.link(file, part_folder(folder, number) / file.name)
        pairs = ((file, self.folder / file.path, folder / file.path) for file in self.manifest.files)
        return {new: stamped(self.folder, file) for file, old, new in pairs if new.exists() and new.samefile(old)}


@contextmanager
def old_index(index_dir: Path, embedding: Embedding, reader: Reader) -> Iterator[Old | None]:
    """The index that stands in `index_dir`, if it is whole: its parts by their inodes where these have not changed."""
    try:
        manifest = read_manifest(index_dir)
        found = _open(index_dir, manifest, embedding, reader) if intact(index_dir, manifest, by_inode=True) else None
    except (SnapshotError, OSError):
        found = None
    try:
        yield found
    finally:
        if found:
            found.catalogue.close()


def _open(index_dir: Path, manifest: Manifest, embedding: Embedding, reader: Reader) -> Old:
    folder = manifest.folder(index_dir)
    files = [VectorFile(part_folder(folder, number) / VECTORS) for number in range(len(manifest.parts))]
    catalogue = Catalogue.open(folder, manifest.parts)
    return Old(
        folder=folder,
        manifest=manifest,
        catalogue=catalogue,
        vectors=VectorIndex(files) if manifest.embedding.digest == embedding.digest else None,
        current=(manifest.reader, manifest.tokens) == (reader.version, tokens_version()),
        provisions=manifest.provisions == provisions_version(),
    )
