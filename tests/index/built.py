"""What tests of builds ask of an index, whichever way it was built."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from index.build import BuildReport
from index.search import Searcher
from index.snapshot import open_snapshot
from index.store import LocalStore
from ingest.document import Document
from ingest.files import Found
from tests.index.conftest import RecordingEmbedding


def changes(report: BuildReport) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.unchanged, report.removed


def everything(index_dir: Path, embedding: RecordingEmbedding) -> list[object]:
    """All that an index holds, apart from ids of segments and dates."""
    snapshot = open_snapshot(index_dir, embedding)
    rows = list(range(snapshot.counts().chunks))
    held = [snapshot.documents(), [snapshot.chunks(entry.id) for entry in snapshot.entries]]
    held.append([replace(entry, stamp="") for entry in snapshot.entries])
    found = [
        [(hit.chunk, round(hit.score, 4)) for hit in Searcher(snapshot).search(query, k=50)]
        for query in ("公园开放时间", "罚款", "动画片补贴多少")
    ]
    return [
        *held,
        snapshot.retrieval.store.vectors.rows(rows).round(4).tolist(),
        snapshot.catalogue.passages(rows),
        found,
    ]


def content(index_dir: Path, embedding: RecordingEmbedding) -> dict[str, object]:
    """What an index holds of each file, wherever its rows are."""
    snapshot = open_snapshot(index_dir, embedding)
    store = snapshot.retrieval.store
    assert isinstance(store, LocalStore)
    held: dict[str, object] = {}
    for entry in snapshot.entries:
        rows = list(range(entry.first_chunk, entry.first_chunk + entry.chunk_count))
        works = sorted(snapshot.entry(doc).file for doc in snapshot.renderings(entry.id))
        led = [snapshot.catalogue.chunk_at(to).text for to in snapshot.catalogue.passages(rows).values()]
        vectors = store.vectors.rows(rows).round(4).tolist()
        held[entry.file] = (snapshot.document(entry.id), snapshot.chunks(entry.id), vectors, works, sorted(led))
    return held


def found(index_dir: Path, embedding: RecordingEmbedding) -> list[set[str]]:
    searcher = Searcher(open_snapshot(index_dir, embedding), model=None)
    return [
        {hit.chunk.id for hit in searcher.search(query, k=100, distinct=False)}
        for query in ("公园开放时间", "罚款", "动画片", "第二条")
    ]


def refuse(found: Found) -> Document:
    raise AssertionError(f"{found.file} was read again")
