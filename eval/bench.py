"""The search, measured on a set in BEIR's layout: `corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv`, plain or gzipped.

Each document of the set is one passage. It is indexed and searched by the code that serves the product.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import ir_measures
from ir_measures import RR, R, nDCG

from errors import ConfigError
from eval.run import Progress
from index.build import build
from index.embedding import Embedding
from index.judged import CORPUS, read_judged
from index.search import COSINE_WEIGHT, Mode, Searcher
from index.snapshot import open_snapshot

_MEASURES: Mapping[str, ir_measures.Measure] = {
    "recall@1": R @ 1,
    "recall@5": R @ 5,
    "recall@10": R @ 10,
    "recall@100": R @ 100,
    "mrr@10": RR @ 10,
    "ndcg@10": nDCG @ 10,
}


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
    judged = read_judged(folder)
    with TemporaryDirectory(prefix="wence-bench-") as temporary:
        started = time.perf_counter()
        report = build(
            [judged.corpus],
            Path(temporary),
            embedding=embedding,
            reader=CORPUS,
            processes=processes,
        )
        if report.failed:
            raise ConfigError(report.failed[0].error)
        index_seconds = time.perf_counter() - started
        with closing(open_snapshot(Path(temporary), embedding)) as snapshot:
            run, milliseconds = _search(
                Searcher(snapshot, cosine_weight=cosine_weight), judged.questions, k, mode, progress
            )
    values = ir_measures.calc_aggregate(list(_MEASURES.values()), judged.grades, run)
    return BenchResult(
        queries=len(judged.questions),
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


def _most_memory() -> float:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most / 1e3
