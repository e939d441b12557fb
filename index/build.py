"""Build an index: read what changed, write a new snapshot beside the old one, check it, publish it in one step.

What an older index holds of files that have not changed is used again. Its large parts stay where they are, as hard
links; only a part with what is new (and the documents of small parts) is written. That part grows in a folder of its
own, `unfinished`, so that a build that was killed goes on where it was.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sqlite3
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from errors import SnapshotError
from index import renderings, versions
from index.catalogue import CATALOGUE, Catalogue, Counts, Entry, entry_of, part_folder, write_catalogue
from index.embedding import Embedding, StaticEmbedding
from index.keywords import KeywordWriter
from index.manifest import KEYWORDS, Manifest, StoredFile, publish, read_manifest, stored_files
from index.part import VECTORS, Part, PartTexts, PartWriter, Stored, dump_chunk, embed_text
from index.place import clean, published, share, writing_to
from index.prepare import Failure, Held, Job, Reader, Ready, prepare, prepare_apart, standard_reader, tokens
from index.provisions.read import version as provisions_version
from index.snapshot import disagreements, embedding_id, intact, open_files
from index.sources import SourceFile, in_batches, moved_entries, source_files, unchanged_entries
from index.vectors import Kind, VectorFile, VectorIndex
from index.words import dictionary_total, segmenting, tokens_version
from ingest.document import Relation, document_id
from ingest.files import Found, find

if TYPE_CHECKING:
    from index.push import Push

__all__ = ["BuildReport", "Failure", "Reader", "Warned", "build", "standard_reader"]

_UNFINISHED = "unfinished"
_ROW_BYTES = 300  # of source text, about, that make a passage
_WORTH_PROCESSES = 1_000_000  # bytes of new text from which more processes save more than their start costs
_SMALL_PART = 5_000  # passages: a smaller part is always written anew
_UNUSED = 0.2  # share of a part's rows without a document from which it is written anew
_KEEP_SECONDS = 2.0  # of work that a kill may cost
Progress = Callable[[int, int, str], None]
Engine = Literal["local", "ray"]
_Batch = tuple[Sequence["SourceFile"], Sequence[Ready | Failure]]


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


@dataclass(frozen=True, kw_only=True)
class _Old:
    """The index that is being replaced; `current` when this code would make the same of the same files."""

    folder: Path
    manifest: Manifest
    catalogue: Catalogue
    vectors: VectorIndex | None  # None when another embedding made them
    current: bool
    provisions: bool  # whether its provisions are what this code would read


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
    with writing_to(index_dir), _pushing(index_dir, store, embedding) as push:
        old = _old_index(index_dir, embedding, reader)
        clean(index_dir, old.manifest.snapshot if old else published(index_dir))
        work = _Work(index_dir, old, embedding, reader, processes, engine, vectors, progress, push)
        try:
            return replace(work.run(find(paths)), seconds=round(time.perf_counter() - begun, 3))
        finally:
            work.discard()
            if old:
                old.catalogue.close()


class _Waiting(Protocol):
    """A batch that somebody else prepares."""

    def result(self) -> list[Ready | Failure]:
        """Wait for it."""
        ...


class _Work:
    """One build: the files one after another, then what only the whole collection tells."""

    def __init__(
        self,
        index_dir: Path,
        old: _Old | None,
        embedding: Embedding,
        reader: Reader,
        processes: int,
        engine: Engine,
        kind: Kind | None,
        progress: Progress | None,
        push: Push | None,
    ) -> None:
        self._push, self._engine = push, engine
        self._index_dir, self._old, self._embedding, self._reader = index_dir, old, embedding, reader
        self._processes, self._kind, self._progress = processes, kind, progress
        self._id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        self._folder = index_dir / "snapshots" / self._id
        self._failed: list[Failure] = []
        self._warned: list[Warned] = []
        self._kept: Mapping[str, Entry] = {}  # what the old index holds unchanged, by path
        self._moved: Mapping[str, Entry] = {}  # what it holds under another name, by the new path

    def run(self, found: Sequence[Found]) -> BuildReport:
        """Read, write, check and publish."""
        old, files = self._old, source_files(found)
        entries = {entry.path: entry for entry in old.catalogue.entries()} if old else {}
        self._kept = unchanged_entries(files, entries) if old and old.current else {}
        self._moved = moved_entries(files, self._kept, entries) if old and old.current else {}
        removed = len(entries.keys() - {file.path for file in files} - {entry.path for entry in self._moved.values()})
        same = old is not None and old.vectors is not None and old.provisions and len(self._kept) == len(entries)
        same = same and (self._push is None or (old is not None and self._push.holds(old.folder)))
        if old and same and len(self._kept) == len(files):
            return self._report(old.manifest.counts, 0, 0, len(files), 0)
        parts = self._standing(sum(file.size for file in files if file.path not in self._kept))
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
                keywords.close()
                if stored:
                    writer.finish(part_folder(self._folder, len(parts)), kind=self._kind, threads=self._processes)
                counts = self._publish([*parts, *([writer.part] if stored else [])], parts, standing, stored)
            shutil.rmtree(self._index_dir / _UNFINISHED, ignore_errors=True)
        except KeyboardInterrupt:
            raise
        except BaseException:
            shutil.rmtree(self._index_dir / _UNFINISHED, ignore_errors=True)
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
        """The parts of the old index that stay as they are: the first ones, large beside what is to be written."""
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
            if parts[-1].count >= max(_SMALL_PART, 2 * moving) and all(full[: len(parts)]):
                break
            moving += used[len(parts) - 1]
            parts.pop()
        return parts

    def _writer(self, parts: Sequence[Part]) -> PartWriter:
        """The part that an earlier build has left unfinished, if it was begun in the same way; else a new one."""
        begun_with = json.dumps(
            [
                *(self._reader.version, tokens_version(), provisions_version(), self._embedding.digest),
                self._old.manifest.snapshot if self._old and parts else None,
            ]
        )
        folder = self._index_dir / _UNFINISHED
        note = folder / "begun_with.json"
        if folder.exists() and (not note.exists() or note.read_text(encoding="utf-8") != begun_with):
            shutil.rmtree(folder)
        folder.mkdir(exist_ok=True)
        if not note.exists():
            note.write_text(begun_with, encoding="utf-8")
        first = parts[-1].end if parts else 0
        try:
            return PartWriter(folder, first=first, dimension=self._embedding.dimension)
        except sqlite3.DatabaseError:  # the machine went down while it was written
            shutil.rmtree(folder)
            folder.mkdir()
            note.write_text(begun_with, encoding="utf-8")
            return PartWriter(folder, first=first, dimension=self._embedding.dimension)

    def _write(
        self, writer: PartWriter, keywords: KeywordWriter, files: Sequence[SourceFile], standing: Sequence[Entry]
    ) -> list[Stored]:
        """Write the documents that do not stand in an old part, as far as that is not done."""
        plan = {file.path: file for file in files}
        stored = self._done(writer, plan)
        for one in stored:
            for row, (words, text) in enumerate(writer.words(one), one.first_chunk):
                keywords.add(row, tokens(words, text))
        ready = {one.facts.path for one in stored}
        ids = {entry.id for entry in standing} | {one.facts.id for one in stored}
        total = sum(file.size for file in files)
        done = sum(plan[path].size for path in ready)
        kept = time.monotonic()
        with self._prepared([file for file in files if file.path not in ready]) as batches:
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

    def _done(self, writer: PartWriter, plan: Mapping[str, SourceFile]) -> list[Stored]:
        """What an earlier build has written already, up to the first document that is no longer wanted so."""
        stored = writer.stored()
        for place, one in enumerate(stored):
            file = plan.get(one.facts.path)
            if file is None or not file.still(one.facts.file, one.facts.stamp, one.facts.sha256):
                writer.cut(place)
                return stored[:place]
        return stored

    def _renamed(self, file: SourceFile, taken: Ready) -> Ready:
        """A document whose id another one has, with a mark of its own."""
        mark = sha256(file.path.encode()).hexdigest()[:8]
        job = Job(path=file.path, found=file.found, stamp=file.stamp, id=f"{taken.document.facts.id}-{mark}")
        [result] = prepare([job], self._reader, self._embedding)
        return result if isinstance(result, Ready) else taken

    @contextmanager
    def _prepared(self, files: Sequence[SourceFile]) -> Iterator[Iterator[_Batch]]:
        """Batches of files with what became of each, in order; several processes share the work when it is much."""
        apart = self._processes if sum(file.size for file in files) > _WORTH_PROCESSES else 1
        batches = in_batches(files)
        with ExitStack() as stack:
            if self._engine == "ray" and self._reader.shareable:
                from index.cluster import RayPool

                far = stack.enter_context(RayPool(self._processes))
                yield self._apart(far.submit, batches, 2 * far.width)
                return
            if apart == 1 or not self._reader.shareable:
                cut = stack.enter_context(segmenting(apart))
                yield ((batch, prepare(self._jobs(batch), self._reader, self._embedding, cut)) for batch in batches)
                return
            # Spawned, not forked: this process holds threads of FAISS and tantivy.
            pool = stack.enter_context(ProcessPoolExecutor(apart, mp_context=get_context("spawn")))
            stack.callback(pool.shutdown, wait=False, cancel_futures=True)
            yield self._apart(lambda *batch: pool.submit(prepare_apart, *batch), batches, 2 * apart)

    def _apart(
        self, submit: Callable[..., _Waiting], batches: Iterable[Sequence[SourceFile]], ahead: int
    ) -> Iterator[_Batch]:
        own = self._embedding if isinstance(self._embedding, StaticEmbedding) else None
        model = own.directory.resolve() if own else None
        waiting: deque[tuple[Sequence[SourceFile], _Waiting]] = deque()
        for batch in batches:
            waiting.append((batch, submit(self._jobs(batch), self._reader, model)))
            if len(waiting) > ahead:
                done, future = waiting.popleft()
                yield done, self._embedded(future.result())
        while waiting:
            done, future = waiting.popleft()
            yield done, self._embedded(future.result())

    def _embedded(self, results: Sequence[Ready | Failure]) -> Sequence[Ready | Failure]:
        """Results with vectors: a model that cannot be opened by its folder makes them here."""
        bare = [one for one in results if isinstance(one, Ready) and one.document.lacks_vectors]
        if not bare:
            return results
        vectors = self._embedding.encode([embed_text(row) for one in bare for row in one.document.chunks])
        begin = 0
        made: dict[int, Ready] = {}
        for one in bare:
            end = begin + len(one.document.chunks)
            made[id(one)] = replace(one, document=replace(one.document, vectors=vectors[begin:end]))
            begin = end
        return [made.get(id(one), one) if isinstance(one, Ready) else one for one in results]

    def _jobs(self, batch: Sequence[SourceFile]) -> list[Job]:
        return [Job(path=file.path, found=file.found, stamp=file.stamp, held=self._held(file)) for file in batch]

    def _held(self, file: SourceFile) -> Held | None:
        """A document as the old index holds it, if it has not changed or only has another name."""
        entry = self._kept.get(file.path) or self._moved.get(file.path)
        if self._old is None or entry is None:
            return None
        catalogue = self._old.catalogue
        texts, first, count = catalogue.texts(entry.part), entry.first_chunk, entry.chunk_count
        facts, rows = catalogue.facts(entry.number), catalogue.rows(first, count)
        if file.path in self._moved:
            name = file.found.file
            facts = replace(facts, id=document_id(name, entry.sha256), path=file.path, file=name)
            rows = tuple(dump_chunk(replace(chunk, doc=facts.id)) for chunk in catalogue.chunks(first, count))
        return Held(
            facts=facts,
            signature=entry.signature,
            body=texts.body(entry.place),
            provisions=texts.packed_provisions(entry.place) if self._old.provisions else None,
            words=texts.words(entry.place),
            chunks=rows,
            vectors=self._old.vectors.rows(range(first, first + count)) if self._old.vectors else None,
        )

    def _publish(
        self, parts: Sequence[Part], old_parts: Sequence[Part], standing: Sequence[Entry], stored: Sequence[Stored]
    ) -> Counts:
        """What needs all documents; then check the whole and publish it."""
        known = self._linked(len(old_parts))
        entries = [
            replace(entry, number=number, ended_by=None, ended_how=None, ended_from=None)
            for number, entry in enumerate(standing)
        ]
        entries += [entry_of(one, number, len(old_parts)) for number, one in enumerate(stored, len(entries))]
        held = self._old.catalogue.relations() if self._old and standing else []
        relations: list[Sequence[Relation]] = [held[entry.number] for entry in standing]
        relations += [one.facts.relations for one in stored]
        works = versions.works(entries)
        linked = versions.add(entries, works, renderings.link(entries, works, relations))
        entries = [replace(entry, work=work) for entry, work in zip(entries, works, strict=True)]
        for number, by, how, since in renderings.ends(entries, works, linked):
            entries[number] = replace(entries[number], ended_by=by, ended_how=how, ended_from=since)
        named = [relations for _, relations in linked]
        write_catalogue(self._folder / CATALOGUE, entries, named, self._repeats(len(parts), entries))
        share(self._folder)
        manifest = Manifest(
            snapshot=self._id,
            built_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            embedding=embedding_id(self._embedding),
            tokens=tokens_version(),
            words_total=dictionary_total(),
            reader=self._reader.version,
            provisions=provisions_version(),
            counts=Counts(
                documents=len(entries),
                sections=sum(entry.section_count for entry in entries),
                chunks=sum(entry.chunk_count for entry in entries),
            ),
            parts=tuple(parts),
            files=stored_files(self._folder, known),
        )
        found = disagreements(self._index_dir, manifest, since=len(old_parts))
        if found:
            raise OSError(f"{found[0].file}：{found[0].problem}")
        if self._push:
            with closing(open_files(self._index_dir, manifest, self._embedding)) as snapshot:
                self._push.bring(snapshot, self._folder, self._old.folder if self._old else None)
            manifest = replace(manifest, files=stored_files(self._folder, known))
        publish(self._index_dir, manifest)
        if self._push:
            self._push.clear()
        clean(self._index_dir, self._id)
        return manifest.counts

    def _linked(self, count: int) -> dict[Path, StoredFile]:
        """Link the first `count` parts of the old index; the files of the new one that need not be hashed again."""
        if self._old is None or not count:
            return {}
        for number in range(count):
            part_folder(self._folder, number).mkdir(parents=True)
            for file in part_folder(self._old.folder, number).iterdir():
                os.link(file, part_folder(self._folder, number) / file.name)
        pairs = ((file, self._old.folder / file.path, self._folder / file.path) for file in self._old.manifest.files)
        return {new: file for file, old, new in pairs if new.exists() and new.samefile(old)}

    def _repeats(self, parts: int, entries: Sequence[Entry]) -> list[tuple[int, int]]:
        """Which chunks repeat one of another rendering; those of works that have not changed are known."""
        several = [its for its in _by_work(entries) if len(its) > 1]
        if not several:
            return []
        old = self._old.catalogue if self._old and parts > 1 else None
        known = {_members(its) for its in _by_work(old.entries())} if old else set()
        led = dict(old.repeats()) if old else {}
        texts = [PartTexts(part_folder(self._folder, number)) for number in range(parts)]
        pairs: list[tuple[int, int]] = []
        for its in several:
            if _members(its) in known:
                rows = (row for e in its for row in range(e.first_chunk, e.first_chunk + e.chunk_count))
                pairs += [(row, led[row]) for row in rows if row in led]
            else:
                pairs += renderings.passages(
                    [(row, chunk.text) for row, chunk in texts[e.part].chunks(e.first_chunk, e.chunk_count)]
                    for e in its
                )
        for one in texts:
            one.close()
        return pairs

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


def _by_work(entries: Iterable[Entry]) -> list[list[Entry]]:
    """The documents of each work, in order."""
    found: dict[int, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.work, []).append(entry)
    return list(found.values())


def _members(entries: Sequence[Entry]) -> tuple[tuple[str, int], ...]:
    """What a work is made of."""
    return tuple((entry.id, entry.first_chunk) for entry in entries)


@contextmanager
def _pushing(index_dir: Path, store: str | None, embedding: Embedding) -> Iterator[Push | None]:
    """What brings the passages to an engine, `None` without one."""
    if store is None:
        yield None
        return
    from index.push import Push

    with closing(Push(index_dir, store, embedding.dimension, embedding.digest)) as push:
        yield push


def _old_index(index_dir: Path, embedding: Embedding, reader: Reader) -> _Old | None:
    """The index that stands in `index_dir`, if it is whole."""
    try:
        manifest = read_manifest(index_dir)
        if not intact(index_dir, manifest):
            return None
    except SnapshotError:
        return None
    folder = manifest.folder(index_dir)
    same = manifest.embedding.digest == embedding.digest
    files = [VectorFile(part_folder(folder, number) / VECTORS) for number in range(len(manifest.parts))]
    return _Old(
        folder=folder,
        manifest=manifest,
        catalogue=Catalogue.open(folder, manifest.parts),
        vectors=VectorIndex(files) if same else None,
        current=(manifest.reader, manifest.tokens) == (reader.version, tokens_version()),
        provisions=manifest.provisions == provisions_version(),
    )
