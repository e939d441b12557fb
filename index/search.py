"""Search: the chunks closest to a question, by keywords (BM25), by meaning (cosine), or by both."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from errors import SnapshotError, UsageError
from index.embedding import StaticEmbedding
from index.family import LOOKED, named_family, parts_of
from index.features import NAMES, Floats, Scores
from index.keywords import Tokens
from index.lexicon import Lexicon, load_lexicon
from index.lookups import Directory
from index.manifest import rebuild
from index.query import Only, Query, Vocabulary, read_query
from index.rerank import DEPTH, MODEL, Model, Ranked, Reranker, far, load_model
from index.snapshot import Snapshot
from index.words import Segmenter, tokens_of, tokens_version
from index.works import document_sizes
from ingest.document import Chunk

Mode = Literal["hybrid", "dense", "sparse"]
COSINE_WEIGHT = 0.3  # docs/benchmarks.md; equal weights and reciprocal ranks lose against BM25 alone
_CANDIDATES = 100  # of each kind
_FAR = 300  # of each kind when more hits are wanted than are re-ranked


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A chunk found. `score` is comparable within one question only; higher is better.

    `parts` are what it was made of: ("bm25", at least 0) and ("cosine", -1 to 1), each where its mode uses it;
    ("lookup", 1) where the query names the place outright; of a hit
    that the re-ranker put in its place also ("rerank", its vote) and the features of `index.features` that speak most
    for it. `score` is then the fused score of that place, so that scores fall and mean the same with and without.
    """

    chunk: Chunk
    score: float
    parts: tuple[tuple[str, float], ...]


@dataclass(frozen=True, kw_only=True)
class _Found:
    """The first stage: (score, row) best first, what the scores were made of, by row, and the places of rows named
    outright."""

    best: list[tuple[float, int]]
    words: list[str]
    tokens: Tokens
    vector: Floats | None
    bm25: Mapping[int, float]
    cosine: Mapping[int, float]
    named: Mapping[int, int]


class Searcher:
    """Searches one snapshot that was opened with its embedding; safe to use from several threads."""

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        cosine_weight: float = COSINE_WEIGHT,
        model: Model | Path | None = MODEL,
        lexicon: Lexicon | None = None,
    ) -> None:
        """`cosine_weight` in [0, 1]. `model` re-ranks hybrid searches; `None` leaves the fused order.

        `lexicon` adds words that say the same to hybrid searches (default: the shipped one).
        The model knows cosines of the shipped kind of embedding; with another one it is left out.
        Raises SnapshotError when the words of the index were cut by other code, ConfigError for a damaged model.
        """
        if snapshot.manifest.tokens != tokens_version():
            raise SnapshotError(f"索引的分词与本程序不同：{snapshot.index_dir}；{rebuild(snapshot.index_dir)}")
        _one_thread_for_products()
        self.snapshot = snapshot
        self._weight = cosine_weight
        self._segmenter = Segmenter(snapshot.manifest.words_total)
        self._lexicon = load_lexicon() if lexicon is None else lexicon
        self._vocabulary = Vocabulary(snapshot.retrieval.store, self._segmenter)
        self._directory = Directory(snapshot.entries, self._lexicon)
        self._model: Model | None = None
        self._reranker: Reranker | None = None
        embedding = snapshot.retrieval.embedding
        if model is not None and isinstance(embedding, StaticEmbedding):
            loaded = load_model(model) if isinstance(model, Path) else model
            if loaded is not None and loaded.dimension == embedding.dimension:
                self._model, self._reranker = loaded, Reranker(snapshot, embedding, loaded.terms)

    def read(self, query: str, only: Only | None = None) -> Query:
        """A query as a hybrid search takes it. Raises UsageError when it is empty or `only` names nothing."""
        if not query.strip():
            raise UsageError("问题是空的；请写出要查的内容")
        return read_query(query, self.snapshot, self._directory, self._vocabulary, self._lexicon, only)

    def words(self, text: str) -> list[str]:
        """The words of a text as it would be searched, long ones and the short ones in them."""
        return self._segmenter.words(text)

    def written(self, text: str) -> bool:
        """Whether documents write a text: all of its pairs of characters stand in some passage."""
        return self._vocabulary.stands(text)

    def search(self, query: str | Query, *, k: int = 10, mode: Mode = "hybrid", distinct: bool = True) -> list[Hit]:
        """At most `k` hits, best first, equal scores in the order of the documents; [] when nothing is near.

        The hybrid score is `(1 - a) * bm25 / (highest bm25) + a * cosine` over the candidates of both kinds, plus what
        a document lends its passages when the query names it or its place; the re-ranker then puts the first DEPTH of
        them in order. What the query names outright (`index.lookups`) stands before all. The other modes know words
        and vectors alone.
        With `distinct` a passage that several renderings of one work print is returned once, from the first of them.
        Raises UsageError for an empty question, k below 1 or an unknown mode.
        """
        if k < 1:
            raise UsageError(f"k 应不小于 1，现为 {k}")
        if mode not in ("hybrid", "dense", "sparse"):
            raise UsageError(f"没有这种检索方式：{mode!r}；可用 hybrid、dense、sparse")
        asked = query if isinstance(query, Query) else self.read(query) if mode == "hybrid" else _plain(query)
        found = self._first_stage(asked, _CANDIDATES if k <= DEPTH else max(_FAR, 2 * k), mode, distinct)
        if mode != "hybrid" or self._model is None or len(found.best) < 2:
            order: list[tuple[int, Ranked | None]] = [(row, None) for _, row in found.best]
        else:
            ranked = Reranker.order(self._model, found.best[:DEPTH], self._features(asked.text, found))
            order = [(place.row, place) for place in ranked]
            if k > DEPTH:
                order.extend((row, None) for row in self._rest(self._model, found))
        if found.named:
            order.sort(key=lambda place: found.named.get(place[0], len(found.named)))
        read: dict[int, Chunk] = {}
        if mode == "hybrid" and distinct and not found.named:
            order = self._with_family(asked, order, read)
        return self._hits(order[:k], found, mode, read)

    def _with_family(
        self, asked: Query, order: list[tuple[int, Ranked | None]], read: dict[int, Chunk]
    ) -> list[tuple[int, Ranked | None]]:
        """The order, but what stands under a heading that is all the query says together, as in the document.

        The first passage of each part follows the first hit of the family; nothing else changes places.
        `read` gets the passages that were looked at.
        """
        rows = [row for row, _ in order[:LOOKED]]
        chunks = self.snapshot.catalogue.chunks_at(rows)
        read.update(zip(rows, chunks, strict=True))
        family = named_family(asked.text, chunks)
        if family is None:
            return order
        ranked, doc = dict(order), self._document(rows[family.place])
        near = sorted(row for row in ranked if self._document(row) == doc)
        parts = parts_of(family, list(zip(near, self.snapshot.catalogue.chunks_at(near), strict=True)))
        if len(parts) < 2:
            return order
        together = [row for row in rows[: family.place] if row not in parts] + parts
        return [(row, ranked[row]) for row in dict.fromkeys([*together, *ranked])]

    def features(self, query: str) -> tuple[list[int], Floats]:
        """The rows that the re-ranker would order, best first, and their features: what one is trained on.

        Raises UsageError when this searcher has none.
        """
        found = self._first_stage(_plain(query), _CANDIDATES, "hybrid", distinct=False)
        rows = [row for _, row in found.best[:DEPTH]]
        return rows, self._features(query, found) if rows else np.empty((0, len(NAMES)), dtype=np.float32)

    def far(self, query: str) -> tuple[list[int], NDArray[np.float64]]:
        """The rows beyond those that the re-ranker would order, and what `index.rerank.far` says of them."""
        found = self._first_stage(_plain(query), _FAR, "hybrid", distinct=False)
        return [row for _, row in found.best[DEPTH:]], self._far(found)[DEPTH:]

    @cached_property
    def _sizes(self) -> NDArray[np.intp]:
        return document_sizes(self.snapshot)

    def _far(self, found: _Found) -> NDArray[np.float64]:
        rows = [row for _, row in found.best]
        bm25, cosine = (np.array([one.get(row, 0.0) for row in rows]) for one in (found.bm25, found.cosine))
        return far(bm25, cosine, self._sizes[rows])

    def _rest(self, model: Model, found: _Found) -> list[int]:
        """What follows the re-ranked, in the order that finds most in the long run."""
        scores = model.far(self._far(found))[DEPTH:]
        return [found.best[DEPTH + at][1] for at in np.argsort(-scores, kind="stable")]

    def _first_stage(self, asked: Query, depth: int, mode: Mode, distinct: bool) -> _Found:
        """Candidates of both kinds with their fused scores, best first."""
        store, query = self.snapshot.retrieval.store, asked.text
        words = self._segmenter.words(query) if mode != "dense" else []
        tokens: Tokens = tokens_of(query, words) if mode != "dense" else []
        if self._model is not None and mode == "hybrid":
            terms = self._model.terms
            tokens = {token: times * terms.get(token, 1.0) for token, times in Counter(tokens).items()}
        if asked.extra:
            tokens = {**asked.extra, **(tokens if isinstance(tokens, Mapping) else Counter(tokens))}
        vector = self.snapshot.retrieval.embedding.encode([query])[0] if mode != "sparse" else None
        near = store.candidates(tokens, vector, depth, asked.within)
        near.update(row for one in asked.lookups for row in one.rows if self._fits(asked, row))
        rows = sorted(self._distinct(near, asked) if distinct else near)
        bm25 = store.scores(tokens, rows)
        cosine = store.cosines(vector, rows) if vector is not None else {}
        highest = max(bm25.values(), default=0.0) or 1.0
        best = [(self._score(mode, row, bm25, highest, cosine), row) for row in rows]
        if asked.leaning:
            best = [(score + self._leaning(asked, row), row) for score, row in best]
        best.sort(key=itemgetter(0), reverse=True)  # equal ones stay in the order of their rows
        named = self._named(asked, set(rows))
        if named:  # scores fall from first to last
            best.sort(key=lambda item: named.get(item[1], len(named)))
            best = list(zip(sorted((score for score, _ in best), reverse=True), (row for _, row in best), strict=True))
        return _Found(best=best, words=words, tokens=tokens, vector=vector, bm25=bm25, cosine=cosine, named=named)

    def _score(
        self, mode: Mode, row: int, bm25: Mapping[int, float], highest: float, cosine: Mapping[int, float]
    ) -> float:
        """The fused score of a row, or that of its mode."""
        if mode == "hybrid":
            return (1 - self._weight) * bm25.get(row, 0.0) / highest + self._weight * cosine[row]
        return bm25.get(row, 0.0) if mode == "sparse" else cosine[row]

    def _distinct(self, near: set[int], asked: Query) -> set[int]:
        """One row a passage: the one that stands for it, or the first found where a query is limited to others."""
        firsts: dict[int, int] = {}
        for row, same in self.snapshot.catalogue.passages(sorted(near)).items():
            firsts[same] = min(row, firsts.get(same, row))
        return {same if asked.within is None or self._fits(asked, same) else row for same, row in firsts.items()}

    def _fits(self, asked: Query, row: int) -> bool:
        """Whether a passage is of a document that the query is limited to."""
        return asked.within is None or asked.within.fits(self.snapshot.entries[self._document(row)])

    def _document(self, row: int) -> int:
        """The number of the document that a passage is of."""
        return bisect_right(self._directory.starts, row) - 1

    def _named(self, asked: Query, rows: set[int]) -> dict[int, int]:
        """The rows that a query names outright, with their places."""
        wanted = list(dict.fromkeys(row for one in asked.lookups for row in one.rows))
        same = self.snapshot.catalogue.passages(sorted(wanted)) if wanted else {}
        found = dict.fromkeys(row if row in rows else same[row] for row in wanted)
        return {row: at for at, row in enumerate(row for row in found if row in rows)}

    def _leaning(self, asked: Query, row: int) -> float:
        """What a row's document lends it."""
        return asked.leaning.get(self._document(row), 0.0)

    def _features(self, query: str, found: _Found) -> Floats:
        """Features of the first candidates of a hybrid search, shape (at most DEPTH, len(NAMES))."""
        if self._reranker is None or found.vector is None:
            raise UsageError("这个索引的检索没有重排模型；请用随附的嵌入模型建索引")
        store = self.snapshot.retrieval.store
        rows = [row for _, row in found.best[:DEPTH]]
        of_words = store.scores(found.words, rows)
        fused, bm25, cosine = {row: score for score, row in found.best}, dict(found.bm25), dict(found.cosine)
        highest = max(bm25.values(), default=0.0) or 1.0
        beside = {row + step for row in rows for step in (-1, 1) if row + step >= 0}
        fresh = sorted(filter(self.snapshot.catalogue.held, beside - fused.keys()))
        bm25.update(store.scores(found.tokens, fresh))
        cosine.update(store.cosines(found.vector, fresh))
        fused.update(
            {row: (1 - self._weight) * bm25.get(row, 0.0) / highest + self._weight * cosine[row] for row in fresh}
        )

        def column(values: Mapping[int, float]) -> Floats:
            return np.array([values.get(row, 0.0) for row in rows], dtype=np.float32)

        def next_to(values: Mapping[int, float]) -> Floats:
            return np.array([max(values.get(row - 1, 0.0), values.get(row + 1, 0.0)) for row in rows], np.float32)

        scores = Scores(
            fused=column(fused),
            bm25=column(bm25),
            words=column(of_words),
            cosine=column(cosine),
            rows=np.array(rows),
            next_fused=next_to(fused),
            next_cosine=next_to(cosine),
            sizes=self._sizes[rows],
        )
        return self._reranker.features(query, found.words, found.tokens, found.vector, scores)

    def _hits(
        self, order: Sequence[tuple[int, Ranked | None]], found: _Found, mode: Mode, read: Mapping[int, Chunk]
    ) -> list[Hit]:
        """The rows in this order, each with the fused score of its place; `read` are passages at hand."""
        fresh = [row for row, _ in order if row not in read]
        chunks = {**read, **dict(zip(fresh, self.snapshot.catalogue.chunks_at(fresh), strict=True))}
        hits: list[Hit] = []
        for (row, place), (score, _) in zip(order, found.best, strict=False):
            parts: list[tuple[str, float]] = []
            if mode != "dense":
                parts.append(("bm25", found.bm25.get(row, 0.0)))
            if mode != "sparse":
                parts.append(("cosine", found.cosine[row]))
            if row in found.named:
                parts.append(("lookup", 1.0))
            if place is not None:
                parts.extend((("rerank", place.score), *place.parts))
            hits.append(Hit(chunk=chunks[row], score=score, parts=tuple(parts)))
        return hits


def _one_thread_for_products() -> None:
    """From now on numpy's own matrix products use one thread.

    Those of a question take microseconds: on a busy machine more threads wait for each other ten times as long. FAISS
    brings a library of its own, which a build goes on sharing out (`index.vectors`).
    """
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    ThreadpoolController().select(threading_layer="pthreads").limit(limits=1)


def _plain(query: str) -> Query:
    """A query of which nothing is known but its words. Raises UsageError when it is empty."""
    if not query.strip():
        raise UsageError("问题是空的；请写出要查的内容")
    return Query(text=query)
