"""An index as it is read: open it, ask it for documents and chunks, check every byte of it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from errors import ConfigError, SnapshotError, UsageError, WenceError
from index.catalogue import CATALOGUE, Catalogue, Counts, Entry, part_folder
from index.manifest import (
    KEYWORDS,
    LEDGER,
    MANIFEST,
    EmbeddingId,
    Manifest,
    StoredFile,
    damage,
    has_index,
    read_manifest,
    rebuild,
)
from index.part import TEXTS, VECTORS
from ingest.document import Chunk, Document

if TYPE_CHECKING:
    from index.embedding import Embedding
    from index.provisions.record import Provision
    from index.store import Store

_SMALL = 256 * 1024 * 1024  # bytes of an index that is small enough to be hashed whenever it is opened
_HASHING = 4  # files hashed at once
_KEPT = 64  # documents held in memory


@dataclass(frozen=True, kw_only=True)
class Damage:
    """One thing that is wrong with an index: the file (relative to its folder) and, in Chinese, what it is."""

    file: str
    problem: str


@dataclass(frozen=True, kw_only=True)
class Retrieval:
    """The chunks' vectors and tokens, and the model that the vectors were made with."""

    store: Store
    embedding: Embedding


class Snapshot:
    """One published index, open. It keeps working while a newer one is published and its files are removed.

    Documents are numbered from 0 by their paths, chunks (rows) from 0 by their documents.
    """

    def __init__(
        self,
        index_dir: Path,
        manifest: Manifest,
        catalogue: Catalogue,
        retrieval: Retrieval | None = None,
    ) -> None:
        """Wraps what `open_snapshot` has opened; use that."""
        self.index_dir = index_dir
        self.manifest = manifest
        self.catalogue = catalogue
        self._retrieval = retrieval
        self._document = lru_cache(maxsize=_KEPT)(catalogue.document)

    def counts(self) -> Counts:
        """How many documents, sections and chunks there are."""
        return self.manifest.counts

    @property
    def retrieval(self) -> Retrieval:
        """What searching needs. Raises ConfigError when the snapshot was opened without an embedding."""
        if self._retrieval is None:
            raise ConfigError(f"打开索引时没有给出嵌入模型，不能检索：{self.index_dir}；请给 open_snapshot 嵌入模型")
        return self._retrieval

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every document's facts without its text, in order."""
        return self.catalogue.entries()

    @cached_property
    def _by_id(self) -> dict[str, Entry]:
        return {entry.id: entry for entry in self.entries}

    def entry(self, doc: str) -> Entry:
        """The facts of the document of that id. Raises UsageError when there is none."""
        if doc not in self._by_id:
            raise UsageError(f"索引里没有这份文件：{doc!r}；用 wence status 看索引，用文件名或编号指明文件")
        return self._by_id[doc]

    def find(self, name: str) -> Entry | None:
        """The document of that id, path or file name (the first one by path), `None` when there is none."""
        if name in self._by_id:
            return self._by_id[name]
        named = (e for e in self.entries if name in (e.path, e.file, Path(e.file).name))
        return next(named, None)

    def documents(self) -> list[Document]:
        """Every document, in order."""
        return [self._document(entry.number) for entry in self.entries]

    def document(self, doc: str) -> Document:
        """The document of that id. Raises UsageError when there is none."""
        return self._document(self.entry(doc).number)

    def renderings(self, doc: str) -> tuple[str, ...]:
        """Ids of all documents that are the same work as `doc`, itself included, in order."""
        return tuple(entry.id for entry in self._by_work[self.entry(doc).work])

    @cached_property
    def _by_work(self) -> dict[int, list[Entry]]:
        found: dict[int, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault(entry.work, []).append(entry)
        return found

    @cached_property
    def ended(self) -> tuple[Entry, ...]:
        """Every document that another one ended, in order."""
        return tuple(entry for entry in self.entries if entry.ended_by is not None)

    def chunks(self, doc: str) -> list[Chunk]:
        """The chunks of a document, in reading order."""
        entry = self.entry(doc)
        return self.catalogue.chunks(entry.first_chunk, entry.chunk_count)

    def provisions(self, doc: str) -> tuple[Provision, ...]:
        """The provisions of a document, in reading order. Raises UsageError when there is no such document."""
        return self.catalogue.provisions(self.entry(doc).number)

    def chunk(self, chunk_id: str) -> Chunk:
        """The chunk of that id. Raises UsageError when there is none."""
        row = self.catalogue.row_of(chunk_id)
        if row is None:
            raise UsageError(f"索引里没有这个段落：{chunk_id!r}；请重新检索")
        return self.catalogue.chunk_at(row)

    def close(self) -> None:
        """Let go of the files."""
        if self._retrieval is not None:
            self._retrieval.store.close()
        self.catalogue.close()


def open_snapshot(index_dir: Path, embedding: Embedding | None = None, store: str | None = None) -> Snapshot:
    """Open the index in `index_dir`: for searching with the embedding it was made with, without one for reading.

    With `store` (WENCE_STORE) candidates come from that engine, and the files that it stands for need not be here.
    Sizes of all files are checked, the contents of the vectors, and of all while the index is small (256 MiB).
    Raises SnapshotError when it is missing, damaged, was made with another embedding, or the engine does not answer.
    """
    manifest = read_manifest(index_dir)
    while True:
        try:
            return open_files(index_dir, manifest, embedding, store)
        except SnapshotError:
            # A build may have published, and removed what was being opened, in the meantime.
            newer = read_manifest(index_dir)
            if newer.snapshot == manifest.snapshot:
                raise
            manifest = newer


def verify(index_dir: Path, store: str | None = None) -> list[Damage]:
    """Everything that is wrong with an index, [] when it is whole. Raises SnapshotError when there is none.

    With `store` the engine must hold as many passages, and the files that it stands for may be absent.
    """
    try:
        manifest = read_manifest(index_dir)
    except SnapshotError as error:
        if not has_index(index_dir):
            raise
        return [Damage(file=MANIFEST, problem=str(error))]
    found = _damaged(index_dir, manifest, contents=True, store=store)
    if found or store is None:
        return found or disagreements(index_dir, manifest)
    return _engine_disagreements(index_dir, manifest, store)


def intact(index_dir: Path, manifest: Manifest, *, by_inode: bool = False) -> bool:
    """Whether every file of a snapshot is what was published, by its digest.

    With `by_inode` a file of a part is taken for whole while its inode says what it said when it was hashed.
    """
    folder = manifest.folder(index_dir)

    def harmed(file: StoredFile) -> str | None:
        return damage(folder, file, contents=True, unless_stamped=by_inode and file.path.startswith("parts/"))

    with ThreadPoolExecutor() as pool:  # hashing lets go of the interpreter's lock
        return not any(pool.map(harmed, manifest.files))


def disagreements(index_dir: Path, manifest: Manifest, *, since: int = 0) -> list[Damage]:
    """Where the catalogue, the parts and the keywords of a snapshot don't open or don't agree with its manifest.

    Parts before number `since` are not looked through.
    """
    from index.keywords import KeywordIndex
    from index.vectors import VectorFile

    folder = manifest.folder(index_dir)
    prefix = folder.relative_to(index_dir)
    found: list[Damage] = []

    def expect(file: Path | str, what: str, right: object, seen: object) -> None:
        if right != seen:
            found.append(Damage(file=(prefix / file).as_posix(), problem=f"{what}应为 {right}，实为 {seen}"))

    try:
        with closing(Catalogue.open(folder, manifest.parts)) as catalogue:
            expect(CATALOGUE, "SQLite 自检", True, catalogue.sound())
            expect(CATALOGUE, "文件、章节、段落数", manifest.counts, catalogue.counts())
            for number, part in list(enumerate(manifest.parts))[since:]:
                file = part_folder(Path(), number) / TEXTS
                texts = catalogue.texts(number)
                expect(file, "SQLite 自检", True, texts.sound())
                expect(file, "段落数", part.count, texts.counts()[1])
    except SnapshotError as error:
        found.append(Damage(file=(prefix / CATALOGUE).as_posix(), problem=str(error)))
    for number, part in list(enumerate(manifest.parts))[since:]:
        file = part_folder(Path(), number) / VECTORS
        try:
            vectors = VectorFile(folder / file)
            expect(file, "向量数", part.count, vectors.count)
            expect(file, "向量维数", manifest.embedding.dimension, vectors.dimension)
        except OSError as error:
            found.append(Damage(file=(prefix / file).as_posix(), problem=f"FAISS 打不开：{error}"))
    try:
        expect(KEYWORDS, "段落数", manifest.counts.chunks, KeywordIndex(folder / KEYWORDS).count)
    except OSError as error:
        found.append(Damage(file=(prefix / KEYWORDS).as_posix(), problem=f"tantivy 打不开：{error}"))
    return found


def embedding_id(embedding: Embedding) -> EmbeddingId:
    """What a manifest says of an embedding."""
    return EmbeddingId(name=embedding.name, dimension=embedding.dimension, digest=embedding.digest)


def open_files(index_dir: Path, manifest: Manifest, embedding: Embedding | None, store: str | None = None) -> Snapshot:
    """Open the snapshot of a manifest, published or not. Raises SnapshotError as `open_snapshot` does."""
    if embedding is not None and embedding.digest != manifest.embedding.digest:
        raise SnapshotError(
            f"索引用的是另一个嵌入模型：{index_dir}（索引：{_name(manifest.embedding)}，现在：{_name(embedding)}）；"
            f"请用原来的模型（WENCE_EMBEDDING），或重新运行 wence build 文件或文件夹 --index {index_dir}"
        )
    found = _damaged(index_dir, manifest, contents=manifest.size <= _SMALL, store=store)
    if found:
        raise _damaged_error(index_dir, found)
    folder = manifest.folder(index_dir)
    catalogue = Catalogue.open(folder, manifest.parts)
    if embedding is None:
        return Snapshot(index_dir, manifest, catalogue)
    if store is not None:
        from index.milvus import open_store, read_address

        try:
            ledger = _ledger(index_dir, manifest)
            engine = open_store(read_address(store), ledger, catalogue, embedding.encode)
        except WenceError:
            catalogue.close()
            raise
        return Snapshot(index_dir, manifest, catalogue, Retrieval(store=engine, embedding=embedding))
    from index.keywords import KeywordIndex
    from index.store import LocalStore
    from index.vectors import VectorFile, VectorIndex

    try:
        opened = [VectorFile(part_folder(folder, number) / VECTORS) for number in range(len(manifest.parts))]
        vectors = VectorIndex(opened, catalogue.unused())
        files = LocalStore(vectors, KeywordIndex(folder / KEYWORDS), catalogue.entries)
    except OSError as error:
        catalogue.close()
        raise _damaged_error(index_dir, [Damage(file=folder.name, problem=str(error))]) from error
    return Snapshot(index_dir, manifest, catalogue, Retrieval(store=files, embedding=embedding))


def _name(embedding: Embedding | EmbeddingId) -> str:
    return f"{embedding.name} {embedding.digest[:8]}"


def _engine_disagreements(index_dir: Path, manifest: Manifest, store: str) -> list[Damage]:
    from index.milvus import read_address, stored_count

    count, expected = stored_count(read_address(store), _ledger(index_dir, manifest)), manifest.counts.chunks
    return [] if count == expected else [Damage(file="Milvus", problem=f"段落数应为 {expected}，实为 {count}")]


def _ledger(index_dir: Path, manifest: Manifest) -> Path:
    if all(file.path != LEDGER for file in manifest.files):
        raise SnapshotError(f"索引还没有送进 Milvus：{index_dir}；请在设置 WENCE_STORE 后重新运行 wence build")
    return manifest.folder(index_dir) / LEDGER


def _damaged(index_dir: Path, manifest: Manifest, *, contents: bool, store: str | None) -> list[Damage]:
    """Files that are not what the manifest says, by their sizes or `contents`.

    Vectors are always looked through: FAISS follows what its files say without a question, out of the map and beyond.
    """
    folder = manifest.folder(index_dir)
    prefix = folder.relative_to(index_dir).as_posix()
    files = [
        file
        for file in manifest.files
        if store is None or file.path.endswith((CATALOGUE, LEDGER, TEXTS)) or (folder / file.path).exists()
    ]
    with ThreadPoolExecutor(_HASHING) as pool:  # hashing lets other threads run
        problems = pool.map(lambda file: damage(folder, file, contents=contents or file.path.endswith(VECTORS)), files)
        checked = list(zip(files, problems, strict=True))
    return [Damage(file=f"{prefix}/{file.path}", problem=problem) for file, problem in checked if problem]


def _damaged_error(index_dir: Path, found: Sequence[Damage]) -> SnapshotError:
    first = found[0]
    more = f"，另有 {len(found) - 1} 处" if len(found) > 1 else ""
    return SnapshotError(f"索引已损坏：{index_dir}（{first.file}：{first.problem}{more}）；{rebuild(index_dir)}")
