"""What tells a passage that answers from one that only shares words: one row of features per candidate."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from index.embedding import StaticEmbedding
from index.matching import Columns, matches, rare
from index.passage import Passage
from index.words import fold

Floats = NDArray[np.float32]

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SAME, _ALIKE, _UNLIKE = 0.98, 0.4, 0.3  # cosines of two words
_LEAST = 0.02  # what a word that all candidates hold still counts

NAMES: tuple[str, ...] = (
    "fused", "fused_below", "cosine", "cosine_below", "cosine_rank", "window", "window_below", "late", "late_below",
    "late_near", "late_missing", "next_share", "next_cosine", "company",
    "bm25", "bm25_share", "bm25_rank", "bm25_lead", "words_share", "pairs_share", "characters_share",
    "cover_words", "cover_pairs", "cover_characters", "sentence_pairs", "two_sentences_pairs",
    "two_sentences_characters", "body_pairs", "heading_pairs", "heading_used", "run", "run_share", "ordered",
    "density", "numbers", "places", "length", "question_length", "sentences", "best_place",
    "rare_words", "rare_pairs", "rare_characters", "rare_body_pairs", "rare_sentence", "rare_two_sentences",
    "rare_two_characters", "rare_late", "rare_late_below", "document_size",
)  # fmt: skip
"""What each column means; see `features`."""


@dataclass(frozen=True)
class Asked:
    """A question and what the index knows of it.

    words: its distinct words of two characters or more. documents: of every token, how many passages hold it.
    total: passages in the index. vector: its embedding, shape (dimension,). pieces: its distinct word pieces.
    weights: how much a term of a question tells (`index.rerank.Model`), 1 for terms that are not in it.
    """

    text: str
    words: tuple[str, ...]
    documents: Mapping[str, int]
    total: int
    vector: Floats
    pieces: NDArray[np.int32]
    weights: Mapping[str, float]

    def weigh(self, tokens: Sequence[str]) -> NDArray[np.float64]:
        """The inverse document frequency of each token, by what it tells."""
        known = np.array([self.documents.get(token, 0) for token in tokens], dtype=np.float64)
        idf = np.log(1 + (self.total - known + 0.5) / (known + 0.5))
        idf *= [self.weights.get(token, 1.0) for token in tokens]
        idf[known == 0] *= 0.3  # phrasing that stands in no passage tells little
        return idf


@dataclass(frozen=True)
class Scores:
    """What the first stage says of each candidate, shape (n,) each.

    fused, bm25 (all tokens), words (BM25 by whole words alone), cosine; rows: their places in the index;
    next_fused, next_cosine: the better one of the two passages beside it.
    sizes: how many passages its document has (`index.works.document_sizes`).
    """

    fused: Floats
    bm25: Floats
    words: Floats
    cosine: Floats
    rows: NDArray[np.int64]
    next_fused: Floats
    next_cosine: Floats
    sizes: NDArray[np.intp]


def features(asked: Asked, passages: Sequence[Passage], scores: Scores, embedding: StaticEmbedding) -> Floats:
    """Features of the candidates, shape (n, len(NAMES)), finite; n at least 1.

    Shares are relative to the best candidate, `_below` is the distance to it, ranks are 1 / place, coverage is the
    part (0 to 1) of the question's weight that is met, each term weighed by its inverse document frequency. In
    the `rare_` ones it is also weighed by how few candidates hold it: what all of them share tells none from another.
    """
    n = len(passages)
    table = np.empty((len(NAMES), n), dtype=np.float32)
    columns: Columns = dict(zip(NAMES, table, strict=True))
    query = fold(asked.text)
    _first_stage(columns, scores)
    _near(columns, scores)
    _meaning(columns, asked, passages, scores.cosine, embedding)
    matches(columns, query, asked.weigh, passages)
    _words(columns, query, asked, passages)
    columns["length"][:] = np.log1p(np.array([len(passage.codes) for passage in passages]))
    columns["document_size"][:] = np.log1p(scores.sizes)
    columns["question_length"][:] = np.log1p(len(query))
    columns["sentences"][:] = np.log1p([len(passage.starts) for passage in passages])
    return table.T


def _first_stage(columns: Columns, scores: Scores) -> None:
    fused, cosine = scores.fused, scores.cosine
    columns["fused"][:], columns["fused_below"][:] = fused, fused - fused.max()
    columns["cosine"][:], columns["cosine_below"][:] = cosine, cosine - cosine.max()
    bm25, best = scores.bm25, float(scores.bm25.max()) + 1e-6
    second = float(np.partition(bm25, -2)[-2]) if len(bm25) > 1 else 0.0
    columns["bm25"][:], columns["bm25_share"][:] = np.log1p(bm25), bm25 / best
    columns["cosine_rank"][:], columns["bm25_rank"][:] = _ranks(cosine), _ranks(bm25)
    columns["bm25_lead"][:] = 1 - second / best
    columns["words_share"][:] = scores.words / (float(scores.words.max()) + 1e-6)


def _near(columns: Columns, scores: Scores) -> None:
    """What the passages around a candidate say of it: they often stand under one heading."""
    best = float(scores.fused.max()) + 1e-6
    columns["next_share"][:], columns["next_cosine"][:] = scores.next_fused / best, scores.next_cosine
    near = np.exp(-np.abs(scores.rows[:, None] - scores.rows[None, :]) / 4.0)
    np.fill_diagonal(near, 0.0)
    columns["company"][:] = near @ (scores.fused / best)


def _meaning(
    columns: Columns, asked: Asked, passages: Sequence[Passage], cosine: Floats, embedding: StaticEmbedding
) -> None:
    """Cosines: of two sentences in a row, and of each word of the question with the nearest word of the passage."""
    pieces = np.concatenate([p.pieces for p in passages])
    distinct, places = _distinct(pieces, embedding.vocabulary)
    words = embedding.piece_vectors(asked.pieces)
    lengths = np.linalg.norm(words, axis=1)
    share = lengths / (lengths.sum() + 1e-9)
    compared = np.concatenate([words / (lengths[:, None] + 1e-9), asked.vector[None, :]])
    similar, sizes = embedding.compare(distinct, compared)
    counts = np.array([(len(p.pieces), len(p.bounds)) for p in passages])
    (offsets, firsts), (_, count) = (np.cumsum(counts, axis=0) - counts).T, counts.T
    sums = np.zeros(len(places) + 1)
    np.cumsum((similar[:, -1] * sizes)[places], out=sums[1:])
    begins = np.concatenate([p.bounds for p in passages]) + np.repeat(offsets, count)
    until = np.append(begins, len(places))[np.minimum(np.arange(2, len(begins) + 2), np.repeat(firsts + count, count))]
    windows = (sums[until] - sums[begins]) / np.concatenate([p.norms for p in passages])
    window = np.maximum(np.maximum.reduceat(windows, firsts), cosine)
    columns["window"][:], columns["window_below"][:] = window, window - window.max()
    best = np.maximum.reduceat(similar.take(places, axis=0), offsets, axis=0)[:, :-1]
    late = best @ share
    columns["late"][:], columns["late_below"][:] = late, late - late.max()
    telling = share * np.maximum(1.0 - best.mean(axis=0), _LEAST)
    rare_late = best @ (telling / telling.sum())
    columns["rare_late"][:], columns["rare_late_below"][:] = rare_late, rare_late - rare_late.max()
    columns["late_near"][:] = ((best > _ALIKE) & (best < _SAME)) @ share
    columns["late_missing"][:] = (best < _UNLIKE) @ share


def _distinct(numbers: NDArray[np.integer], below: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The distinct ones of `numbers`, which are at least 0 and under `below`, and where among them each stands."""
    held = np.zeros(below, dtype=bool)
    held[numbers] = True
    distinct = np.flatnonzero(held)
    places = np.empty(below, dtype=np.int32)
    places[distinct] = np.arange(len(distinct), dtype=np.int32)
    return distinct, places[numbers].astype(np.intp)


def _words(columns: Columns, query: str, asked: Asked, passages: Sequence[Passage]) -> None:
    texts = [p.text for p in passages]
    holds = _holding(asked.words, texts) if asked.words else np.zeros((len(texts), 1))
    weights = asked.weigh(asked.words) if asked.words else np.zeros(1)
    columns["cover_words"][:] = holds @ weights / (weights.sum() + 1e-9)
    columns["rare_words"][:] = holds @ rare(holds, weights)
    numbers = set(_NUMBER.findall(query))
    columns["numbers"][:] = [len(numbers & _numbers(text)) / len(numbers) for text in texts] if numbers else 0.5
    places = [at for at, word in enumerate(asked.words) if word[-1] in "省市区县州镇乡国"]
    columns["places"][:] = holds[:, places].mean(axis=1) if places else 0.5


def _holding(words: Sequence[str], texts: Sequence[str]) -> NDArray[np.float64]:
    """Which text holds which word (1, else 0), shape (len(texts), len(words)); no word holds a line feed."""
    whole, ends = "\n".join(texts), [*accumulate(len(text) + 1 for text in texts)]
    held = np.zeros((len(texts), len(words)))
    for column, word in enumerate(words):
        at = whole.find(word)
        while at >= 0:
            row = bisect_right(ends, at)
            held[row, column] = 1
            at = whole.find(word, ends[row])
    return held


def _numbers(text: str) -> set[str]:
    return set(_NUMBER.findall(text))


def _ranks(values: Floats) -> NDArray[np.float64]:
    places = np.empty(len(values), dtype=np.int64)
    places[np.argsort(-values, kind="stable")] = np.arange(len(values))
    return 1.0 / (1 + places)
