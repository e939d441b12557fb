"""Search: the chunks closest to a question, by keywords (BM25), by meaning (cosine), or by both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from errors import SnapshotError, UsageError
from index.manifest import rebuild
from index.snapshot import Snapshot
from index.words import Segmenter, query_tokens, tokens_version
from ingest.document import Chunk

Mode = Literal["hybrid", "dense", "sparse"]
COSINE_WEIGHT = 0.3  # docs/benchmarks.md; equal weights and reciprocal ranks lose against BM25 alone
_CANDIDATES = 100  # of each kind


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A chunk found. `score` is comparable within one question only; higher is better.

    `parts` are what it was made of: ("bm25", at least 0) and ("cosine", -1 to 1), each where its mode uses it.
    """

    chunk: Chunk
    score: float
    parts: tuple[tuple[str, float], ...]


class Searcher:
    """Searches one snapshot that was opened with its embedding; safe to use from several threads."""

    def __init__(self, snapshot: Snapshot, *, cosine_weight: float = COSINE_WEIGHT) -> None:
        """`cosine_weight` in [0, 1]. Raises SnapshotError when the words of the index were cut by other code."""
        if snapshot.manifest.tokens != tokens_version():
            raise SnapshotError(f"索引的分词与本程序不同：{snapshot.index_dir}；{rebuild(snapshot.index_dir)}")
        self.snapshot = snapshot
        self._weight = cosine_weight
        self._segmenter = Segmenter(snapshot.manifest.words_total)

    def search(self, query: str, *, k: int = 10, mode: Mode = "hybrid", distinct: bool = True) -> list[Hit]:
        """At most `k` hits, best first, equal scores in the order of the documents; [] when nothing is near.

        The hybrid score is `(1 - a) * bm25 / (highest bm25) + a * cosine` over the candidates of both kinds.
        With `distinct` a passage that several renderings of one work print is returned once, from the first of them.
        Raises UsageError for an empty question, k below 1 or an unknown mode.
        """
        if not query.strip():
            raise UsageError("问题是空的；请写出要查的内容")
        if k < 1:
            raise UsageError(f"k 应不小于 1，现为 {k}")
        if mode not in ("hybrid", "dense", "sparse"):
            raise UsageError(f"没有这种检索方式：{mode!r}；可用 hybrid、dense、sparse")
        retrieval = self.snapshot.retrieval
        depth = max(_CANDIDATES, 2 * k)
        tokens = query_tokens(query, self._segmenter) if mode != "dense" else []
        near = {row for row, _ in retrieval.keywords.search(tokens, depth)}
        vector = retrieval.embedding.encode([query])[0] if mode != "sparse" else None
        if vector is not None and vector.any():
            near |= {row for row, _ in retrieval.vectors.search(vector, depth)}
        rows = sorted(set(self.snapshot.catalogue.passages(sorted(near)).values()) if distinct else near)
        bm25 = retrieval.keywords.scores(tokens, rows)
        cosine: Mapping[int, float] = {}
        if vector is not None:
            products = retrieval.vectors.rows(rows) @ vector
            cosine = {row: float(product) for row, product in zip(rows, products, strict=True)}
        highest = max(bm25.values(), default=0.0) or 1.0
        scored: list[tuple[float, int]] = []
        for row in rows:
            if mode == "hybrid":
                score = (1 - self._weight) * bm25.get(row, 0.0) / highest + self._weight * cosine[row]
            else:
                score = bm25.get(row, 0.0) if mode == "sparse" else cosine[row]
            scored.append((score, row))
        best = sorted(scored, key=lambda item: (-item[0], item[1]))[:k]
        return [self._hit(row, score, bm25, cosine, mode) for score, row in best]

    def _hit(self, row: int, score: float, bm25: Mapping[int, float], cosine: Mapping[int, float], mode: Mode) -> Hit:
        parts: list[tuple[str, float]] = []
        if mode != "dense":
            parts.append(("bm25", bm25.get(row, 0.0)))
        if mode != "sparse":
            parts.append(("cosine", cosine[row]))
        return Hit(chunk=self.snapshot.catalogue.chunk_at(row), score=score, parts=tuple(parts))
