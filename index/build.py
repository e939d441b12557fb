"""Build an index: read what changed, write a new snapshot beside the old one, check it, publish it in one step.

What an older index holds of files that have not changed is used again. Its large parts stay where they are, as hard
links; only a part with what is new (and the documents of small parts) is written. That part grows in a folder of its
own, `unfinished`, so that a build that was killed goes on where it was.
"""

from __future__ import annotations

import gc
import json
import secrets
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from index.batches import Engine, Workshop
from index.catalogue import Counts, Entry, part_folder
from index.embedding import Embedding
from index.join import first_joined, join, moved
from index.keywords import KeywordWriter
from index.manifest import KEYWORDS, Manifest, publish, stored_files
from index.old import Old, old_index
from index.part import Part, PartWriter, Stored
from index.place import clean, published, share, writing_to
from index.prepare import Failure, Held, Job, Reader, Ready, prepare, standard_reader, tokens
from index.provisions.version import version as provisions_version
from index.snapshot import disagreements, embedding_id, open_files
from index.sources import SourceFile, moved_entries, new_files, source_files, unchanged_entries
from index.unfinished import forget, unfinished_part, written
from index.vectors import Kind
from index.whole import write_whole
from index.words import dictionary_total, tokens_version
from ingest.files import Found, find

if TYPE_CHECKING:
    from index.push import Push

__all__ = ["BuildReport", "Engine", "Failure", "Reader", "Warned", "build", "standard_reader"]

_ROW_BYTES = 300  # of source text, about, that make a passage
_SMALL_PART = 1_000  # passages: a smaller part is always written anew
_UNUSED = 0.2  # share of a part's rows without a document from which it is written anew
_KEEP_SECONDS = 2.0  # of work that a kill may cost
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, kw_only=True)
class Warned:
    """A file that was read, but not well, and what of it is missing (one line, in Chinese)."""

    file: str
    warning: str


@dataclass(frozen=True, kw_only=True)
class BuildReport:
    """What a build did. The index then holds `added + updated + unchanged` documents.

    With no document at all that can be cited nothing is published: `documents` is 0 and the old index stays. `warnings`
    name the files read in this build of which too little was kept, or nothing can be cited (`ingest.coverage`). `moved`
    of the unchanged documents are now under another name: nothing of them is read or embedded again.
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
    moved: int = 0


def build(
    paths: Sequence[Path | Found],
    index_dir: Path,
    *,
    embedding: Embedding,
    reader: Reader | None = None,
    processes: int = 2,
    vectors: Kind | None = None,
    store: str | None = None,
    engine: Engine = "local",
    progress: Progress | None = None,
) -> BuildReport:
    """Make the files that `paths` stand for the index in `index_dir`.

    What an older index there already holds unchanged is taken from it; files that are no longer among `paths` are
    removed. `vectors` overrides the choice of FAISS index by size; `store` (WENCE_STORE) names an engine that is
    brought to the same passages; `engine` "ray" has the files prepared by a Ray cluster. `progress` is called with
    bytes done, bytes in all, and the file at hand.
    Raises SnapshotError when another build is writing there or the index cannot be written; the old one then stays.
    """
    begun = time.perf_counter()
    reader = reader or standard_reader()
    with (
        _seldom_collecting(),
        writing_to(index_dir),
        closing(Workshop(reader=reader, embedding=embedding, processes=processes, engine=engine)) as workshop,
        _pushing(index_dir, store, embedding) as push,
        ThreadPoolExecutor(1) as beside,
    ):
        listed = beside.submit(find, paths)  # while the old index is hashed
        with old_index(index_dir, embedding, reader) as old:
            clean(index_dir, old.manifest.snapshot if old else published(index_dir))
            work = _Work(index_dir, old, workshop, vectors, progress, push)
            try:
                return replace(work.run(listed.result()), seconds=round(time.perf_counter() - begun, 3))
            finally:
                work.discard()


class _Work:
    """One build: the files one after another, then what only the whole collection tells."""

    def __init__(
        self,
        index_dir: Path,
        old: Old | None,
        workshop: Workshop,
        kind: Kind | None,
        progress: Progress | None,
        push: Push | None,
    ) -> None:
        self._index_dir, self._old, self._workshop = index_dir, old, workshop
        self._kind, self._progress, self._push = kind, progress, push
        self._id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        self._folder = index_dir / "snapshots" / self._id
        self._failed: list[Failure] = []
        self._warned: list[Warned] = []
        self._kept: Mapping[str, Entry] = {}  # what the old index holds unchanged, by path
        self._moved: Mapping[str, Entry] = {}  # what it holds under another name, by the new path

    def run(self, found: Sequence[Found]) -> BuildReport:
        """Read, write, check and publish."""
        old = self._old
        self._workshop.start(new_files(found, old.paths() if old and old.current else set()))
        files = source_files(found)
        entries = {entry.path: entry for entry in old.entries} if old else {}
        self._kept = unchanged_entries(files, entries) if old and old.current else {}
        self._moved = moved_entries(files, self._kept, entries) if old and old.current else {}
        removed = len(entries.keys() - {file.path for file in files} - {entry.path for entry in self._moved.values()})
        same = old is not None and old.vectors is not None and old.provisions and len(self._kept) == len(entries)
        same = same and (self._push is None or (old is not None and self._push.holds(old.folder)))
        done = same and len(self._kept) == len(files)
        parts = [] if done else self._standing(sum(file.size for file in files if file.path not in self._kept))
        linked = first_joined(parts)
        if old and not old.whole(since=linked):  # of parts that are read only inodes were looked at so far
            self._old = None
            return self.run(found)
        if old and done:
            return self._report(old.manifest.counts, 0, 0, len(files), 0)
        standing = [one for one in self._kept.values() if one.part < len(parts)]
        stands = {entry.path for entry in standing}
        self._folder.mkdir(parents=True)
        keywords = KeywordWriter(self._folder / KEYWORDS, old.folder / KEYWORDS if old and parts else None)
        if parts:
            gone = (entry for path, entry in entries.items() if path not in stands)
            keywords.remove(row for e in gone for row in range(e.first_chunk, e.first_chunk + e.chunk_count))
        writer = self._writer(parts)
        try:
            stored = self._write(writer, keywords, [file for file in files if file.path not in stands], standing)
            new = {one.facts.path for one in stored} - self._kept.keys() - self._moved.keys()
            added, updated = len(new - entries.keys()), len(new & entries.keys())
            if not any(one.chunk_count for one in stored) and not any(one.chunk_count for one in standing):
                counts, added, updated = None, 0, 0
            elif old and same and not new and not self._moved:  # the other files all failed
                counts = old.manifest.counts
            else:
                keywords.commit()
                threads = self._workshop.processes
                if old and linked < len(parts):
                    joined = join(self._folder, old, linked, len(parts), kind=self._kind, threads=threads)
                    standing, parts = moved(old, standing, linked, len(parts)), [*parts[:linked], joined]
                if stored:
                    writer.finish(part_folder(self._folder, len(parts)), kind=self._kind, threads=threads)
                    parts = [*parts, writer.part]
                counts = self._publish(parts, linked, standing, stored, keywords)
            forget(self._index_dir)
        except KeyboardInterrupt:
            raise
        except BaseException:
            forget(self._index_dir)
            raise
        finally:
            writer.close()
            keywords.abandon()
        unchanged = len(self._kept) + len(self._moved) if counts else 0
        return self._report(counts, added, updated, unchanged, removed if counts else 0)

    def discard(self) -> None:
        """Leave no trace of a snapshot that was not published."""
        if self._id != published(self._index_dir):
            shutil.rmtree(self._folder, ignore_errors=True)

    def _standing(self, fresh_bytes: int) -> list[Part]:
        """The parts of the old index whose passages keep their rows: the first ones, not small beside what is to be
        written."""
        old = self._old
        if old is None or not old.current or old.vectors is None or not old.provisions:
            return []
        used = Counter[int]()
        for entry in self._kept.values():
            used[entry.part] += entry.chunk_count
        parts = list(old.manifest.parts)
        full = [used[at] >= (1 - _UNUSED) * part.count for at, part in enumerate(parts)]
        moving = fresh_bytes // _ROW_BYTES + 1
        while parts:
            if parts[-1].count >= max(_SMALL_PART, moving // 2) and all(full[: len(parts)]):
                break
            moving += used[len(parts) - 1]
            parts.pop()
        return parts

    def _writer(self, parts: Sequence[Part]) -> PartWriter:
        """Writes what is new; what decides its bytes is told, so that a build that was killed can go on."""
        embedding = self._workshop.embedding
        old = self._old.manifest.snapshot if self._old and parts else None
        begun_with = (self._workshop.reader.version, tokens_version(), provisions_version(), embedding.digest, old)
        first = parts[-1].end if parts else 0
        return unfinished_part(self._index_dir, json.dumps(begun_with), first=first, dimension=embedding.dimension)

    def _write(
        self, writer: PartWriter, keywords: KeywordWriter, files: Sequence[SourceFile], standing: Sequence[Entry]
    ) -> list[Stored]:
        """Write the documents that do not stand in an old part, as far as that is not done."""
        plan = {file.path: file for file in files}
        stored = written(writer, plan)
        for one in stored:
            for row, (words, text) in enumerate(writer.words(one), one.first_chunk):
                keywords.add(row, tokens(words, text))
        ready = {one.facts.path for one in stored}
        ids = {entry.id for entry in standing} | {one.facts.id for one in stored}
        total = sum(file.size for file in files)
        done = sum(plan[path].size for path in ready)
        kept = time.monotonic()
        wanted = [file for file in files if file.path not in ready]
        fresh = [file for file in wanted if not self._whole(file)]
        with self._workshop.prepared(wanted, self._job, fresh) as batches:
            if standing and self._old:
                self._old.relations()  # needed at the end, read while other processes prepare
            for batch, results in batches:
                for file, result in zip(batch, results, strict=True):
                    if isinstance(result, Failure):
                        self._failed.append(result)
                        continue
                    if result.warning:
                        self._warned.append(Warned(file=file.found.file, warning=result.warning))
                    if result.document.facts.id in ids:  # the same bytes in two places
                        result = self._renamed(file, result)
                    ids.add(result.document.facts.id)
                    stored.append(writer.add(result.document))
                    for row, line in enumerate(result.tokens, stored[-1].first_chunk):
                        keywords.add(row, line)
                done += sum(file.size for file in batch)
                if self._progress:
                    self._progress(done, total, batch[-1].found.file)
                if time.monotonic() - kept > _KEEP_SECONDS:
                    writer.keep()
                    kept = time.monotonic()
        return stored

    def _renamed(self, file: SourceFile, taken: Ready) -> Ready:
        """A document whose id another one has, with a mark of its own."""
        mark = sha256(file.path.encode()).hexdigest()[:8]
        job = Job(path=file.path, found=file.found, stamp=file.stamp, id=f"{taken.document.facts.id}-{mark}")
        [result] = prepare([job], self._workshop.reader, self._workshop.embedding)
        return result if isinstance(result, Ready) else taken

    def _job(self, file: SourceFile) -> Job:
        return Job(path=file.path, found=file.found, stamp=file.stamp, held=self._held(file))

    def _whole(self, file: SourceFile) -> bool:
        """Whether the old index holds everything of a document."""
        old = self._old
        there = file.path in self._kept or file.path in self._moved
        return there and old is not None and old.vectors is not None and old.provisions

    def _held(self, file: SourceFile) -> Held | None:
        """A document as the old index holds it, if it has not changed or only has another name."""
        entry = self._kept.get(file.path) or self._moved.get(file.path)
        return self._old.held(entry, file.found.file, file.path) if self._old and entry else None

    def _publish(
        self,
        parts: Sequence[Part],
        linked: int,
        standing: Sequence[Entry],
        stored: Sequence[Stored],
        keywords: KeywordWriter,
    ) -> Counts:
        """What needs all documents; then check the whole and publish it. The first `linked` parts are the old ones."""
        embedding = self._workshop.embedding
        known = self._old.link(self._folder, linked) if self._old else {}
        entries = write_whole(self._folder, self._old, parts, standing, stored)
        keywords.close()
        share(self._folder)
        manifest = Manifest(
            snapshot=self._id,
            built_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            embedding=embedding_id(embedding),
            tokens=tokens_version(),
            words_total=dictionary_total(),
            reader=self._workshop.reader.version,
            provisions=provisions_version(),
            counts=Counts(
                documents=len(entries),
                sections=sum(entry.section_count for entry in entries),
                chunks=sum(entry.chunk_count for entry in entries),
            ),
            parts=tuple(parts),
            files=stored_files(self._folder, known),
        )
        found = disagreements(self._index_dir, manifest, since=linked)
        if found:
            raise OSError(f"{found[0].file}：{found[0].problem}")
        if self._push:
            with closing(open_files(self._index_dir, manifest, embedding)) as snapshot:
                self._push.bring(snapshot, self._folder, self._old)
            manifest = replace(manifest, files=stored_files(self._folder, known))
        publish(self._index_dir, manifest)
        if self._push:
            self._push.clear()
        clean(self._index_dir, self._id)
        return manifest.counts

    def _report(self, counts: Counts | None, added: int, updated: int, unchanged: int, removed: int) -> BuildReport:
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
            moved=len(self._moved) if unchanged else 0,
        )


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """A build makes a few hundred thousand objects that stay and hardly a cycle: with Python's usual thresholds looking
    for cycles takes an eighth of an update of a large index."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _pushing(index_dir: Path, store: str | None, embedding: Embedding) -> Iterator[Push | None]:
    """What brings the passages to an engine, `None` without one."""
    if store is None:
        yield None
        return
    from index.push import Push

    with closing(Push(index_dir, store, embedding.dimension, embedding.digest)) as push:
        yield push
