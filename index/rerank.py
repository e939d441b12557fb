"""Puts the first candidates of a search in a better order: trees, a linear model and the fused score vote.

Boosted trees alone may lose on texts unlike those they learnt from, so the other two keep a vote (docs/reranker.md).
The model is evaluated with numpy; training: `index.training.rerank`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from errors import ConfigError
from index.embedding import StaticEmbedding
from index.features import NAMES, Asked, Floats, Scores, features
from index.keywords import Tokens
from index.passage import Passage, load, prepare
from index.snapshot import Snapshot

MODEL = Path(__file__).parent / "reranker" / "model.safetensors"
"""The shipped model."""

DEPTH = 50
"""How many candidates are put in order."""

LEAVES = 16
"""The most leaves a tree may have."""

FAR = ("bm25_share", "cosine", "bm25_rank", "cosine_rank", "document_size")
"""What candidates beyond DEPTH are ordered by; see `far`."""

_FAR = ("far_mean", "far_scale", "far_weights")
_ORDER = ("columns", "limits", "left", "values", "mean", "scale", "weights", "votes")
_SIZE = NAMES.index("document_size")
_EVEN = 60.0
_BITS = np.arange(0x10000, dtype=np.int32)
_LOWEST = np.log2(np.maximum(_BITS & -_BITS, 1)).astype(np.uint8)
"""The lowest bit that is set, by the 16 bits."""
_KEPT = 4096  # passages held ready, about 3 KB each
_TOLD = 4  # features named per hit


@dataclass(frozen=True)
class Model:
    """Trees and linear weights over `features.NAMES`.

    columns, limits: of the inner nodes, shape (trees, 15); going right at a node (value > limit) rules out the leaves
    whose bit is unset in `left`, shape (trees, 15). values: of the leaves, shape (trees, 16).
    mean, scale, weights: of the linear model, shape (len(NAMES),).
    far_mean, far_scale, far_weights: of the linear model for candidates beyond DEPTH, shape (len(FAR),).
    terms: what a term of a question weighs in BM25 (0 to 1.2), for those that say more or less than usual about the
    passage that answers: people ask 怎么, and no provision says it. dimension: of the embedding it was trained with.
    votes: what the trees count, shape (1,), against one of the linear model and one of the fused score.
    few: orders candidates of documents whose sizes are not known (few documents, or each is one passage).
    """

    columns: NDArray[np.int16]
    limits: NDArray[np.float64]
    left: NDArray[np.uint16]
    values: NDArray[np.float64]
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    weights: NDArray[np.float64]
    far_mean: NDArray[np.float64]
    far_scale: NDArray[np.float64]
    far_weights: NDArray[np.float64]
    terms: Mapping[str, float]
    dimension: int
    votes: NDArray[np.float64]
    few: Model | None = None

    def trees(self, rows: Floats) -> NDArray[np.float64]:
        """The trees' sum for rows of features, shape (n,)."""
        steps, begins, masks = self._steps
        places = np.array([step.searchsorted(rows[:, column]) for column, step in steps])
        open_ = np.bitwise_and.reduce(masks.take(places + begins, axis=0), axis=0)
        total: NDArray[np.float64] = self.values[np.arange(len(self.values)), _LOWEST[open_]].sum(axis=1)
        return total

    @cached_property
    def _steps(self) -> tuple[list[tuple[int, Floats]], NDArray[np.intp], NDArray[np.uint16]]:
        """Each feature of the trees and its limits, in order, and the rows of the table for values up to the first.

        A value beyond i of them has the row i below it: of each tree the leaves that no node with this feature rules
        out, shape (rows, trees). So what a candidate's values leave of a tree is one AND over the features.
        """
        exact = self.limits.T.ravel()
        limits = exact.astype(np.float32)  # a float32 exceeds a limit just when it exceeds the next float32 below
        limits = np.where(limits > exact, np.nextafter(limits, np.float32(-np.inf)), limits)
        columns, left = self.columns.T.ravel(), self.left.T.ravel()
        order = np.lexsort((limits, columns))
        columns, limits, left = columns[order], limits[order], left[order]
        other = np.append(True, columns[1:] != columns[:-1])
        fresh = other.copy()
        fresh[1:] |= limits[1:] != limits[:-1]
        own = np.split(limits[fresh], np.flatnonzero(other[fresh])[1:])
        sizes = np.array([len(step) + 1 for step in own])
        begins = np.cumsum(sizes) - sizes
        trees = len(self.values)
        masks = np.full((int(sizes.sum()), trees), 0xFFFF, dtype=np.uint16)
        rows = np.cumsum(fresh) + np.cumsum(other) - 1
        np.bitwise_and.at(masks.reshape(-1), rows * trees + order % trees, left)
        for begin, size in zip(begins.tolist(), sizes.tolist(), strict=True):
            np.bitwise_and.accumulate(masks[begin : begin + size], axis=0, out=masks[begin : begin + size])
        return list(zip(columns[other].tolist(), own, strict=True)), begins[:, None], masks

    def shares(self, rows: Floats) -> NDArray[np.float64]:
        """What each feature adds to the linear score, shape (n, len(NAMES))."""
        return (rows - self.mean) / self.scale * self.weights

    def scores(self, rows: Floats, fused: NDArray[np.float64]) -> NDArray[np.float64]:
        """votes * z(trees) + z(linear) + z(fused) within the candidates, from features and fused scores, shape (n,)."""
        linear = _standard(self.shares(rows).sum(axis=1))
        return float(self.votes[0]) * _standard(self.trees(rows)) + linear + _standard(fused)

    def fitting(self, rows: Floats) -> Model:
        """The model that such candidates are ordered by: `few` when no document is known to be over one passage."""
        return self if self.few is None or (rows[:, _SIZE] > 1).any() else self.few

    def far(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores of candidates from what `far` says of them, shape (n,)."""
        scores: NDArray[np.float64] = (rows - self.far_mean) / self.far_scale @ self.far_weights
        return scores


@dataclass(frozen=True)
class Ranked:
    """A candidate in its new place: its row, its score (at most about 25), its features, and what each of them adds to
    the linear score beyond what it adds for the mean candidate."""

    row: int
    score: float
    features: Floats
    shares: NDArray[np.float64]

    @property
    def parts(self) -> tuple[tuple[str, float], ...]:
        """The features that speak most for it."""
        strongest = np.argsort(-self.shares, kind="stable")[:_TOLD].tolist()
        return tuple((NAMES[at], round(float(self.features[at]), 4)) for at in strongest if self.shares[at] > 0)


def load_model(path: Path = MODEL) -> Model | None:
    """The model in `path`, `None` when there is none. Raises ConfigError when it is damaged or of other features."""
    if not path.exists():
        return None
    problem = f"重排模型损坏或与本程序不符：{path}；请重新安装 wence，或用 python -m index.training.rerank 重新训练"
    try:
        tensors = load_tensors(path.read_bytes())
        names = bytes(tensors.pop("names")).decode()
        terms = bytes(tensors.pop("terms")).decode().split("\n")
        weighs = tensors.pop("term_weights").tolist()
        dimension = int(tensors.pop("dimension")[0])
        known = dict(zip(terms, weighs, strict=True))
        few = _read(tensors, "few_", known, dimension) if "few_values" in tensors else None
        model = _read(tensors, "", known, dimension, few)
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, IndexError) as error:
        raise ConfigError(problem) from error
    if names != " ".join(NAMES) or min(weighs) <= 0 or not _sound(model) or not _sound(model.few or model):
        raise ConfigError(problem)
    return model


def _read(
    tensors: Mapping[str, Any], prefix: str, terms: Mapping[str, float], dimension: int, few: Model | None = None
) -> Model:
    order = {name: tensors[prefix + name] for name in _ORDER} | {name: tensors[name] for name in _FAR}
    return Model(**order, terms=terms, dimension=dimension, few=few)


def _sound(model: Model) -> bool:
    trees = len(model.values)
    shapes = (model.columns.shape, model.limits.shape, model.left.shape, model.values.shape)
    linear = (model.mean.shape, model.scale.shape, model.weights.shape)
    beyond = (model.far_mean.shape, model.far_scale.shape, model.far_weights.shape)
    inner = (trees, LEAVES - 1)
    fits = shapes == (inner, inner, inner, (trees, LEAVES)) and linear == ((len(NAMES),),) * 3 and trees > 0
    fits = fits and beyond == ((len(FAR),),) * 3 and model.votes.shape == (1,)
    if not fits or model.columns.min() < 0 or model.columns.max() >= len(NAMES):
        return False
    return all(bool(np.isfinite(part).all()) for part in (model.values, model.weights, model.far_weights, model.votes))


def save_model(model: Model, path: Path) -> None:
    """Write `model` so that `load_model` reads it. Raises OSError."""
    tensors = {name: np.ascontiguousarray(getattr(model, name)) for name in (*_ORDER, *_FAR)}
    if model.few is not None:
        tensors.update({f"few_{name}": np.ascontiguousarray(getattr(model.few, name)) for name in _ORDER})
    for name, text in (("names", " ".join(NAMES)), ("terms", "\n".join(model.terms))):
        tensors[name] = np.frombuffer(text.encode(), dtype=np.uint8)
    tensors["term_weights"] = np.array(list(model.terms.values()), dtype=np.float32)
    tensors["dimension"] = np.array([model.dimension], dtype=np.int32)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(save_tensors(tensors))


def far(bm25: NDArray[np.float64], cosine: NDArray[np.float64], sizes: NDArray[np.intp]) -> NDArray[np.float64]:
    """What is known of each candidate without looking at it, shape (n, len(FAR)), from three arrays of shape (n,).

    BM25 relative to the best, cosine, 60 / (60 + rank) by either, and the logarithm of its document's passages.
    """
    ranks = [_EVEN / (_EVEN + np.argsort(np.argsort(-values, kind="stable"))) for values in (bm25, cosine)]
    return np.stack([bm25 / (bm25.max() + 1e-6), cosine, *ranks, np.log1p(sizes)], axis=1)


class Reranker:
    """Works out the features of candidates of one snapshot, and orders candidates by a model."""

    def __init__(self, snapshot: Snapshot, embedding: StaticEmbedding, terms: Mapping[str, float]) -> None:
        """`snapshot` was opened for searching with `embedding`; `terms` as in `Model`."""
        self._snapshot, self._embedding, self._terms = snapshot, embedding, terms
        self._passages = lru_cache(maxsize=_KEPT)(_Slot)

    def features(self, query: str, words: Sequence[str], tokens: Tokens, vector: Floats, scores: Scores) -> Floats:
        """Features of the candidates `scores.rows`, shape (len(rows), len(NAMES))."""
        store = self._snapshot.retrieval.store
        asked = Asked(
            text=query,
            words=tuple(dict.fromkeys(word for word in words if len(word) > 1)),
            documents=store.holding(tokens),
            total=store.count,
            vector=vector,
            # np.unique would import numpy.ma, which takes as long as half of a search
            pieces=np.array(sorted(set(self._embedding.pieces(query).tolist())), dtype=np.int32),
            weights=self._terms,
        )
        return features(asked, self._ready(scores.rows.tolist()), scores, self._embedding)

    @staticmethod
    def order(model: Model, best: Sequence[tuple[float, int]], found: Floats) -> list[Ranked]:
        """The candidates `best` ((fused score, row), best first; ties keep that order) with the features `found`."""
        model = model.fitting(found)
        values = model.scores(found, np.array([score for score, _ in best]))
        shares = model.shares(found)
        shares -= shares.mean(axis=0)
        scores = values.tolist()
        return [
            Ranked(best[at][1], scores[at], found[at], shares[at]) for at in np.argsort(-values, kind="stable").tolist()
        ]

    def _ready(self, rows: Sequence[int]) -> list[Passage]:
        slots = [self._passages(row) for row in rows]
        fresh = [slot for slot in slots if slot.passage is None]
        if fresh:
            kept = self._snapshot.catalogue.ready_at([slot.row for slot in fresh])
            for slot, one in zip(fresh, kept, strict=True):
                slot.passage = load(*one)
            lacking = [(slot, one) for slot, one in zip(fresh, kept, strict=True) if slot.passage is None]
            made = prepare([(headings, text) for _, (headings, text, _) in lacking], self._embedding)
            for (slot, _), passage in zip(lacking, made, strict=True):
                slot.passage = passage
        return [slot.passage for slot in slots if slot.passage is not None]


class _Slot:
    """A place of the cache; filled for many rows at once."""

    def __init__(self, row: int) -> None:
        self.row = row
        self.passage: Passage | None = None


def _standard(values: NDArray[np.float64]) -> NDArray[np.float64]:
    standard: NDArray[np.float64] = (values - values.mean()) / (values.std() + 1e-6)
    return standard
