"""Build an index: read what changed, write a new snapshot beside the old one, check it, publish it in one step."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import ingest
from errors import IngestError, SnapshotError
from index import renderings, versions
from index.catalogue import Catalogue, CatalogueWriter, Entry
from index.embedding import Embedding
from index.keywords import write_keywords
from index.manifest import CATALOGUE, KEYWORDS, VECTORS, Manifest, publish, read_manifest, stored_files
from index.provisions.read import read_provisions
from index.provisions.read import version as provisions_version
from index.provisions.record import Provision
from index.snapshot import disagreements, embedding_id, open_files, verify
from index.vectors import Kind, VectorFile, VectorIndex, Vectors, write_vectors
from index.words import dictionary_total, grams, segmenting, tokens_version
from ingest.coverage import coverage
from ingest.document import Chunk, Document
from ingest.files import Found, find, load, shown

if TYPE_CHECKING:
    from index.push import Push

_BATCH = 2048  # chunks that are segmented and embedded together
_WORTH_PROCESSES = 1_000_000  # bytes of new text from which a second process saves more than its start costs
_SNAPSHOT = re.compile(r"\d{8}T\d{6}-[0-9a-f]{8}")  # nothing else below snapshots/ is ever removed


@dataclass(frozen=True, kw_only=True)
class Reader:
    """How files become documents, chunks and provisions; `version` changes whenever the first two may.

    A collection of passages that only looks like a document has no provisions.
    """

    read: Callable[[Found], Document]
    chunk: Callable[[Document], Sequence[Chunk]]
    version: str
    provisions: Callable[[Document], Sequence[Provision]] = read_provisions


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A file that could not be read, and why (one line, in Chinese)."""

    file: str
    error: str


@dataclass(frozen=True, kw_only=True)
class Warned:
    """A file that was read, but not well, and what of it is missing (one line, in Chinese)."""

    file: str
    warning: str


@dataclass(frozen=True, kw_only=True)
class BuildReport:
    """What a build did. The index then holds `added + updated + unchanged` documents.

    With no readable document at all nothing is published: `documents` is 0 and the old index stays. `warnings` name the
    files read in this build of which too little was kept (`ingest.coverage`).
    """

    documents: int
    sections: int
    chunks: int
    added: int
    updated: int
    unchanged: int
    removed: int
    failed: tuple[Failure, ...]
    seconds: float
    warnings: tuple[Warned, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Old:
    """The index that is being replaced; `current` when this code would make the same of the same files."""

    manifest: Manifest
    catalogue: Catalogue
    vectors: VectorIndex | None  # None when another embedding made them
    current: bool
    provisions: bool  # whether its provisions are what this code would read


@dataclass(frozen=True, kw_only=True)
class _Item:
    """A document on its way into the new snapshot; words, provisions and vectors are `None` until they are
    worked out."""

    document: Document
    path: str
    chunks: Sequence[Chunk]
    signature: bytes
    words: Sequence[str] | None = None
    provisions: Sequence[Provision] | None = None
    vectors: Vectors | None = None


def standard_reader() -> Reader:
    """The project's own ingest; its version is the digest of its source files."""
    from ingest.chunks import chunk
    from ingest.reader import parse

    digest = sha256()
    for path in sorted(Path(ingest.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return Reader(read=lambda found: parse(load(found.path, found.file)), chunk=chunk, version=digest.hexdigest()[:16])


def build(
    paths: Sequence[Path | Found],
    index_dir: Path,
    *,
    embedding: Embedding,
    reader: Reader | None = None,
    processes: int = 2,
    vectors: Kind | None = None,
    store: str | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> BuildReport:
    """Make the files that `paths` stand for the index in `index_dir`.

    What an older index there already holds unchanged is taken from it; files that are no longer among `paths` are
    removed. `vectors` overrides the choice of FAISS index by size; `store` (WENCE_STORE) names an engine that is
    brought to the same passages. `progress` is called with files done, files in all, and the file at hand.
    Raises SnapshotError when another build is writing there or the index cannot be written; the old one then stays.
    """
    begun = time.perf_counter()
    reader = reader or standard_reader()
    with _writing_to(index_dir), _pushing(index_dir, store, embedding) as push:
        old = _old_index(index_dir, embedding, reader)
        _clean(index_dir, old.manifest.snapshot if old else _published(index_dir))
        work = _Work(index_dir, old, embedding, reader, processes, vectors, progress, push)
        try:
            return replace(work.run(find(paths)), seconds=round(time.perf_counter() - begun, 3))
        finally:
            work.discard()
            if old:
                old.catalogue.close()


class _Work:
    """One build: the files one after another, then what only the whole collection tells."""

    def __init__(
        self,
        index_dir: Path,
        old: _Old | None,
        embedding: Embedding,
        reader: Reader,
        processes: int,
        kind: Kind | None,
        progress: Callable[[int, int, str], None] | None,
        push: Push | None,
    ) -> None:
        self._push = push
        self._index_dir, self._old, self._embedding, self._reader = index_dir, old, embedding, reader
        self._processes, self._kind, self._progress = processes, kind, progress
        self._id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        self._folder = index_dir / "snapshots" / self._id
        self._writer: CatalogueWriter | None = None
        self._vectors: list[Vectors] = []
        self._failed: list[Failure] = []
        self._warned: list[Warned] = []
        self._pending: list[_Item] = []

    def run(self, found: Sequence[Found]) -> BuildReport:
        """Read, write, check and publish."""
        entries = {entry.path: entry for entry in self._old.catalogue.entries()} if self._old else {}
        current = entries if self._old and self._old.current else {}
        files = sorted(((shown(os.path.realpath(item.path)), item) for item in found), key=lambda f: (f[1].file, f[0]))
        kept = {
            path: current[path]
            for path, item in files
            if path in current and current[path].file == item.file and current[path].sha256 == _digest(item.path)
        }
        removed = len(entries.keys() - {path for path, _ in files})
        same = self._old is not None and self._old.vectors is not None and len(kept) == len(entries)
        same = same and self._old is not None and self._old.provisions
        same = same and (self._push is None or self._push.holds(self._old_folder()))
        if self._old and same and len(kept) == len(files):
            return self._report(self._old.manifest, 0, 0, len(kept), 0)
        self._folder.mkdir(parents=True)
        self._writer = CatalogueWriter(self._folder / CATALOGUE)
        fresh_bytes = sum(_size(item.path) for path, item in files if path not in kept)
        ids = {entry.id for entry in kept.values()}
        added = updated = 0
        with segmenting(self._processes if fresh_bytes > _WORTH_PROCESSES else 1) as segment:
            for done, (path, item) in enumerate(files):
                if self._progress:
                    self._progress(done, len(files), item.file)
                if path in kept:
                    self._pending.append(self._again(kept[path]))
                elif fresh := self._read(path, item, ids):
                    ids.add(fresh.document.id)
                    added, updated = added + (path not in entries), updated + (path in entries)
                    self._pending.append(fresh)
                if sum(len(waiting.chunks) for waiting in self._pending) >= _BATCH:
                    self._flush(segment)
            self._flush(segment)
        if added + updated + len(kept) == 0:
            return self._report(None, 0, 0, 0, 0)
        if self._old and same and added + updated == 0:  # the other files all failed
            return self._report(self._old.manifest, 0, 0, len(kept), 0)
        return self._report(self._finish(self._writer), added, updated, len(kept), removed)

    def discard(self) -> None:
        """Leave no trace of a snapshot that was not published."""
        if self._writer is not None:
            self._writer.abandon()
        if self._id != _published(self._index_dir):
            shutil.rmtree(self._folder, ignore_errors=True)

    def _again(self, entry: Entry) -> _Item:
        """A document as the old index holds it."""
        assert self._old is not None
        catalogue, first, count = self._old.catalogue, entry.first_chunk, entry.chunk_count
        return _Item(
            document=catalogue.document(entry.number),
            path=entry.path,
            chunks=catalogue.chunks(first, count),
            signature=entry.signature,
            words=catalogue.words(first, count),
            provisions=catalogue.provisions(entry.number) if self._old.provisions else None,
            vectors=self._old.vectors.rows(list(range(first, first + count))) if self._old.vectors else None,
        )

    def _read(self, path: str, found: Found, ids: set[str]) -> _Item | None:
        """A document as its file says; `None`, and a failure noted, when it cannot be read."""
        try:
            document = self._reader.read(found)
            if document.id in ids:  # the same bytes in two places
                document = replace(document, id=f"{document.id}-{sha256(path.encode()).hexdigest()[:8]}")
            chunks = self._reader.chunk(document)
            sketch = renderings.signature(document.text)
            problem = coverage(document).problem
        except IngestError as error:
            self._failed.append(Failure(file=found.file, error=str(error)))
            return None
        except Exception as error:  # one file's surprise must not cost the others
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            text = f"读取时出错（{reason}）：{shown(str(found.path))}；请换一种格式另存，或把文件发给维护者。"
            self._failed.append(Failure(file=found.file, error=text))
            return None
        if problem:
            self._warned.append(
                Warned(file=found.file, warning=f"{found.file}：{problem}；请用 wence outline --coverage 查看")
            )
        return _Item(document=document, path=path, chunks=chunks, signature=sketch)

    def _flush(self, segment: Callable[[Sequence[str]], list[str]]) -> None:
        """Work out the missing words and vectors of the waiting documents, and write them."""
        assert self._writer is not None
        items, self._pending = self._pending, []
        unsegmented = [chunk.embed_text for item in items if item.words is None for chunk in item.chunks]
        unembedded = [chunk.embed_text for item in items if item.vectors is None for chunk in item.chunks]
        words = iter(segment(unsegmented) if unsegmented else [])
        vectors = self._embedding.encode(unembedded) if unembedded else self._no_vectors()
        at = 0
        for item in items:
            count = len(item.chunks)
            lines = item.words if item.words is not None else [next(words) for _ in item.chunks]
            if item.vectors is None:
                self._vectors.append(vectors[at : at + count])
                at += count
            else:
                self._vectors.append(item.vectors)
            provisions = item.provisions if item.provisions is not None else self._reader.provisions(item.document)
            self._writer.add(item.document, item.path, item.chunks, lines, item.signature, provisions)

    def _no_vectors(self) -> Vectors:
        return np.empty((0, self._embedding.dimension), dtype=np.float32)

    def _finish(self, writer: CatalogueWriter) -> Manifest:
        """What needs all documents; then check the whole and publish it."""
        catalogue = writer.reader()
        entries = catalogue.entries()
        works = versions.works(entries)
        writer.set_works(enumerate(works))
        for work in {work for work in works if works.count(work) > 1}:
            of_work = [entry for entry in entries if works[entry.number] == work]
            writer.set_passages(
                renderings.passages(
                    list(enumerate((c.text for c in catalogue.chunks(e.first_chunk, e.chunk_count)), e.first_chunk))
                    for e in of_work
                )
            )
        linked = versions.add(entries, works, renderings.link(entries, works, catalogue.relations()))
        writer.set_relations(linked)
        writer.set_ends(renderings.ends(entries, works, linked))
        write_vectors(
            self._folder / VECTORS,
            np.concatenate([self._no_vectors(), *self._vectors]),
            kind=self._kind,
            threads=self._processes,
        )
        write_keywords(
            self._folder / KEYWORDS,
            (" ".join((words, *grams(text))) for words, text in catalogue.tokens()),
        )
        counts = catalogue.counts()
        writer.close()
        self._writer = None
        _share(self._folder)
        manifest = Manifest(
            snapshot=self._id,
            built_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            embedding=embedding_id(self._embedding),
            tokens=tokens_version(),
            words_total=dictionary_total(),
            reader=self._reader.version,
            provisions=provisions_version(),
            counts=counts,
            files=stored_files(self._folder),
        )
        found = disagreements(self._index_dir, manifest)
        if found:
            raise OSError(f"{found[0].file}：{found[0].problem}")
        if self._push:
            with closing(open_files(self._index_dir, manifest, self._embedding)) as snapshot:
                self._push.bring(snapshot, self._folder, self._old_folder() if self._old else None)
            manifest = replace(manifest, files=stored_files(self._folder))
        publish(self._index_dir, manifest)
        if self._push:
            self._push.clear()
        _clean(self._index_dir, self._id)
        return manifest

    def _old_folder(self) -> Path:
        assert self._old is not None
        return self._old.manifest.folder(self._index_dir)

    def _report(self, manifest: Manifest | None, added: int, updated: int, unchanged: int, removed: int) -> BuildReport:
        counts = manifest.counts if manifest else None
        return BuildReport(
            documents=counts.documents if counts else 0,
            sections=counts.sections if counts else 0,
            chunks=counts.chunks if counts else 0,
            added=added,
            updated=updated,
            unchanged=unchanged,
            removed=removed,
            failed=tuple(self._failed),
            seconds=0.0,
            warnings=tuple(self._warned),
        )


@contextmanager
def _writing_to(index_dir: Path) -> Iterator[None]:
    """Hold the index's lock; what the disk refuses becomes one clear line."""
    try:
        index_dir.mkdir(parents=True, exist_ok=True)
        with (index_dir / "lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SnapshotError(
                    f"另一个 wence build 正在写这个索引：{index_dir}；请等它结束，或用 --index 换一个文件夹"
                ) from None
            yield
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SnapshotError(
            f"写不了索引：{index_dir}（{reason}）；原有的索引没有改动，请检查磁盘空间和权限后重试"
        ) from error


@contextmanager
def _pushing(index_dir: Path, store: str | None, embedding: Embedding) -> Iterator[Push | None]:
    """What brings the passages to an engine, `None` without one."""
    if store is None:
        yield None
        return
    from index.push import Push

    with closing(Push(index_dir, store, embedding.dimension, embedding.digest)) as push:
        yield push


def _published(index_dir: Path) -> str | None:
    """The snapshot that readers see, `None` when there is none that could be read."""
    try:
        return read_manifest(index_dir).snapshot
    except SnapshotError:
        return None


def _old_index(index_dir: Path, embedding: Embedding, reader: Reader) -> _Old | None:
    """The index that stands in `index_dir`, if it is whole."""
    try:
        manifest = read_manifest(index_dir)
        if verify(index_dir):
            return None
    except SnapshotError:
        return None
    folder = manifest.folder(index_dir)
    same = manifest.embedding.digest == embedding.digest
    return _Old(
        manifest=manifest,
        catalogue=Catalogue.open(folder / CATALOGUE),
        vectors=VectorIndex([VectorFile(folder / VECTORS)]) if same else None,
        current=(manifest.reader, manifest.tokens) == (reader.version, tokens_version()),
        provisions=manifest.provisions == provisions_version(),
    )


def _clean(index_dir: Path, keep: str | None) -> None:
    """Remove snapshots other than `keep`: replaced ones, and what a build that was killed has left."""
    snapshots = index_dir / "snapshots"
    for folder in snapshots.iterdir() if snapshots.is_dir() else ():
        if _SNAPSHOT.fullmatch(folder.name) and folder.name != keep:
            shutil.rmtree(folder, ignore_errors=True)


def _share(folder: Path) -> None:
    """Give every file the permissions of the catalogue, which are the user's usual ones (tantivy's are 0600)."""
    mode = stat.S_IMODE((folder / CATALOGUE).stat().st_mode)
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(mode)


def _digest(path: Path) -> str | None:
    """SHA-256 of a file, `None` when it cannot be read (its reader will say why)."""
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
