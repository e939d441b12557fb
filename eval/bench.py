"""The search, measured on a set in BEIR's layout: `corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv`, plain or gzipped.

Each document of the set is one passage. It is indexed and searched by the code that serves the product.
"""

from __future__ import annotations

import gzip
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ir_measures
from ir_measures import RR, R, nDCG

from errors import ConfigError
from index.build import Reader, build
from index.embedding import Embedding
from index.search import COSINE_WEIGHT, Mode, Searcher
from index.snapshot import open_snapshot
from ingest.document import Chunk, CleanText, Document, Run, Section, Span
from ingest.files import Found

_MEASURES: Mapping[str, ir_measures.Measure] = {
    "recall@1": R @ 1,
    "recall@5": R @ 5,
    "recall@10": R @ 10,
    "recall@100": R @ 100,
    "mrr@10": RR @ 10,
    "ndcg@10": nDCG @ 10,
}
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class BenchResult:
    """What a set measured: means over the queries that have a relevant document, seconds, milliseconds, MB.

    `rss_mb` is the most memory that the process has held, building included.
    """

    queries: int
    documents: int
    quality: Mapping[str, float]
    index_seconds: float
    query_ms_p50: float
    query_ms_p95: float
    rss_mb: float

    def json(self) -> dict[str, float]:
        """The fields under their promised names."""
        return {
            "queries": self.queries,
            "documents": self.documents,
            **{name: round(value, 4) for name, value in self.quality.items()},
            "index_seconds": round(self.index_seconds, 2),
            "query_ms_p50": round(self.query_ms_p50, 2),
            "query_ms_p95": round(self.query_ms_p95, 2),
            "rss_mb": round(self.rss_mb, 1),
        }


def measure(
    folder: Path,
    embedding: Embedding,
    *,
    k: int = 100,
    mode: Mode = "hybrid",
    cosine_weight: float = COSINE_WEIGHT,
    processes: int = 2,
    progress: Progress | None = None,
) -> BenchResult:
    """Index a set, ask all its queries one after another for `k` documents each, and judge the rankings.

    `cosine_weight` in [0, 1] counts in the hybrid mode. `progress` is called with queries done and queries in all.
    Raises ConfigError for a folder that holds no such set.
    """
    queries = {line["_id"]: line["text"] for line in _lines(_file(folder, "queries.jsonl"))}
    qrels = {query: found for query, found in _qrels(_file(folder, "qrels/test.tsv")).items() if query in queries}
    if not qrels:
        raise ConfigError(f"{folder}：qrels 里没有一个 queries.jsonl 的问题；请检查这份测试集")
    with TemporaryDirectory(prefix="wence-bench-") as temporary:
        started = time.perf_counter()
        report = build(
            [_file(folder, "corpus.jsonl")],
            Path(temporary),
            embedding=embedding,
            reader=Reader(read=_read, chunk=_passages, version="beir", provisions=lambda _: ()),
            processes=processes,
        )
        if report.failed:
            raise ConfigError(report.failed[0].error)
        index_seconds = time.perf_counter() - started
        with closing(open_snapshot(Path(temporary), embedding)) as snapshot:
            run, milliseconds = _search(
                Searcher(snapshot, cosine_weight=cosine_weight), {q: queries[q] for q in qrels}, k, mode, progress
            )
    values = ir_measures.calc_aggregate(list(_MEASURES.values()), qrels, run)
    return BenchResult(
        queries=len(qrels),
        documents=report.chunks,
        quality={name: float(values[found]) for name, found in _MEASURES.items()},
        index_seconds=index_seconds,
        query_ms_p50=milliseconds[len(milliseconds) // 2],
        query_ms_p95=milliseconds[max(0, int(len(milliseconds) * 0.95) - 1)],
        rss_mb=_most_memory(),
    )


def _search(
    searcher: Searcher, queries: Mapping[str, str], k: int, mode: Mode, progress: Progress | None
) -> tuple[dict[str, dict[str, float]], list[float]]:
    """For each query its documents with falling scores; the milliseconds that each took, sorted."""
    run: dict[str, dict[str, float]] = {}
    milliseconds: list[float] = []
    for done, (id_, text) in enumerate(queries.items()):
        if progress:
            progress(done, len(queries))
        started = time.perf_counter()
        hits = searcher.search(text, k=k, mode=mode, distinct=False)
        milliseconds.append((time.perf_counter() - started) * 1000)
        run[id_] = {hit.chunk.section: -float(rank) for rank, hit in enumerate(hits)}
    return run, sorted(milliseconds)


def _read(found: Found) -> Document:
    """A whole corpus as one document, each of its passages a section whose path is the passage's id."""
    sections: list[Section] = []
    texts: list[str] = []
    at = 0
    for line in _lines(found.path):
        text = line.get("text") or line.get("title") or " "
        heading = (line.get("title") or None) if line.get("text") else None
        span = Span(at, at + len(text))
        sections.append(Section(path=line["_id"], number=None, heading=heading, level=1, paragraphs=((span,),)))
        texts.append(text)
        at = span.end
    return Document(
        id="corpus",
        file=found.file,
        sha256="",
        text="".join(texts),
        title=found.file,
        doc_number=None,
        issuer=None,
        issue_date=None,
        kind=None,
        region=None,
        period=None,
        relations=(),
        sections=tuple(sections),
        tables=(),
        dropped=(),
        repairs=(),
    )


def _passages(document: Document) -> list[Chunk]:
    return [
        Chunk(
            doc=document.id,
            section=section.path,
            headings=(section.heading,) if section.heading else (),
            clean=CleanText(
                document.text[section.start : section.end], (Run(0, section.start, section.end - section.start),)
            ),
        )
        for section in document.sections
    ]


def _file(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise ConfigError(f"{folder}：没有 {name}（或 {name}.gz）；请给出 BEIR 格式的文件夹")


def _text_lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            yield from ((number, line) for number, line in enumerate(file, 1) if line.strip())
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise ConfigError(f"测试集读不了：{path}（{error}）；请检查文件") from error


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in _text_lines(path):
        try:
            value = json.loads(line)
            if not isinstance(value["_id"], str):
                raise TypeError("_id 应是文字")
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"测试集 {path} 第 {number} 行读不了：{error}；请改正这一行") from error
        yield value


def _qrels(path: Path) -> dict[str, dict[str, int]]:
    """query-id, corpus-id, score, parted by tabs, below one line of headings; scores of 0 are kept as judged."""
    found: dict[str, dict[str, int]] = {}
    for number, line in _text_lines(path):
        parts = line.rstrip("\n").split("\t")
        if number == 1 and not parts[-1].lstrip("-").isdigit():
            continue
        if len(parts) != 3 or not parts[2].lstrip("-").isdigit():
            raise ConfigError(f"测试集 {path} 第 {number} 行应是 query-id、corpus-id、score 三列；请改正这一行")
        found.setdefault(parts[0], {})[parts[1]] = int(parts[2])
    return {query: judged for query, judged in found.items() if any(score > 0 for score in judged.values())}


def _most_memory() -> float:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most / 1e3
