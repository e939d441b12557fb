"""Trains the vectors of a vocabulary so that a question lies nearest its passage among a batch of others.

Symmetric InfoNCE over cosines. Each batch is scored on the full width or on its first half or quarter, so that vectors
can be cut short afterwards. While training, a word is the sum of its own row and those of its substrings (人工智能 =
人工智能 + 人 + 工 + 人工 + …), which lets rare words learn from common ones; `Model.collapsed` folds that away.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.training import kernels
from index.training.views import Bags, Batch, PairArrays, Views

_WARM_UP = 0.07
_HARD_SHARE = 0.7
_HARD_TOPICS = 8
_PAIRS_PER_TOPIC = 400
_LONGEST_PART = 3

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Phase:
    """One stretch of training.

    rate: the peak of Adam's step, falling to 0; scale: what cosines are multiplied by; drop: chance that a token is
    left out; hard: whether 7 batches in 10 are drawn from a few topics, so that the others in the batch are close.
    """

    name: str
    steps: int
    rate: float
    scale: float
    drop: float
    hard: bool


class Model:
    """Rows of the vocabulary and the parts each token is made of."""

    def __init__(self, tokenizer: Tokenizer, width: int, seed: int) -> None:
        """Rows drawn from N(0, 1), shape (vocabulary, width)."""
        self.size = tokenizer.get_vocab_size()
        self.rows = np.random.default_rng(seed).standard_normal((self.size, width), dtype=np.float32)
        self.parts = _parts(tokenizer.get_vocab(), self.size)

    def collapsed(self) -> Vectors:
        """One vector per token, shape (vocabulary, width); zeros for the unknown piece."""
        table = np.empty_like(self.rows)
        kernels.sum_rows(self.rows, self.parts.tokens, self.parts.offsets, table)
        table[0] = 0
        return table


def _parts(vocabulary: dict[str, int], size: int) -> Bags:
    members: list[int] = []
    offsets = [0]
    for word, token in sorted(vocabulary.items(), key=lambda item: item[1]):
        members.append(token)
        if token and not word.isascii():
            for length in range(1, min(_LONGEST_PART, len(word) - 1) + 1):
                pieces = (word[start : start + length] for start in range(len(word) - length + 1))
                members.extend(vocabulary[piece] for piece in pieces if piece in vocabulary)
        offsets.append(len(members))
    assert len(offsets) == size + 1
    return Bags(np.array(members, dtype=np.int32), np.array(offsets, dtype=np.int64))


def _select(bags: Bags, chosen: NDArray[np.int64]) -> Bags:
    """The bags numbered in `chosen`, in that order."""
    sizes = bags.offsets[chosen + 1] - bags.offsets[chosen]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    places = np.arange(offsets[-1]) + np.repeat(bags.offsets[chosen] - offsets[:-1], sizes)
    return Bags(bags.tokens[places], offsets)


def _renumber(members: NDArray[np.int32], size: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The distinct members in rising order, and each member's place among them."""
    place = np.zeros(size, dtype=np.int32)
    place[members] = 1
    distinct = np.flatnonzero(place)
    place[distinct] = np.arange(len(distinct), dtype=np.int32)
    return distinct, place[members]


def topics(table: Vectors, texts: Bags, pairs: PairArrays, seed: int) -> list[NDArray[np.int64]]:
    """Rows of `pairs` by topic: spherical k-means over the passages' vectors, about 400 pairs to a topic."""
    bags = _select(texts, pairs.positives)
    vectors = np.empty((len(pairs.positives), table.shape[1]), dtype=np.float32)
    kernels.sum_rows(table, bags.tokens, bags.offsets, vectors)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    count = max(1, min(300, len(vectors) // _PAIRS_PER_TOPIC))
    means = faiss.Kmeans(
        vectors.shape[1],
        count,
        niter=8,
        spherical=True,
        seed=seed,
        min_points_per_centroid=1,
        max_points_per_centroid=60,
    )
    means.train(vectors)
    nearest = means.index.search(vectors, 1)[1][:, 0]
    return [rows for topic in range(count) if len(rows := np.flatnonzero(nearest == topic))]


class Trainer:
    """Runs phases over one set of pairs."""

    def __init__(
        self,
        model: Model,
        views: Views,
        texts: Bags,
        groups: Sequence[PairArrays],
        *,
        batch: int,
        seed: int,
        say: Callable[[str], None],
    ) -> None:
        """`batch` is the most pairs per batch; groups with fewer give smaller ones. `say` gets progress lines."""
        self._model, self._views, self._texts, self._groups = model, views, texts, groups
        self._batch, self._seed, self._say = batch, seed, say
        shares = np.array([group.share for group in groups])
        self._shares = shares / shares.sum()

    def run(self, number: int, phase: Phase) -> None:
        """Runs `phase`, the `number`th (which only decides the random draws)."""
        width = self._model.rows.shape[1]
        by_topic: list[list[NDArray[np.int64]]] = []
        if phase.hard:
            table = self._model.collapsed()
            by_topic = [topics(table, self._texts, group, self._seed + number) for group in self._groups]
        mean, square = np.zeros_like(self._model.rows), np.zeros_like(self._model.rows)
        warm = max(1, int(phase.steps * _WARM_UP))
        recent: dict[str, float] = {}
        started = time.monotonic()
        for step in range(phase.steps):
            random = np.random.default_rng((self._seed, number, step))
            chosen = int(random.choice(len(self._groups), p=self._shares))
            group = self._groups[chosen]
            rows = self._rows(random, group, by_topic[chosen] if phase.hard else None)
            batch = self._views.draw(group, rows, seed=int(random.integers(2**31)), drop=phase.drop)
            used = width if random.random() < 0.5 else width // int(random.choice((2, 4)))
            rate = phase.rate * min(1.0, (step + 1) / warm) * (1 - step / phase.steps)
            loss = self._step(batch, used, phase.scale, rate, step, mean, square)
            recent[group.name] = 0.95 * recent.get(group.name, loss) + 0.05 * loss
            if step % 100 == 0 or step == phase.steps - 1:
                losses = " ".join(f"{name} {value:.2f}" for name, value in sorted(recent.items()))
                self._say(f"{phase.name} {step + 1}/{phase.steps} {time.monotonic() - started:.0f}s {losses}")

    def _rows(
        self, random: np.random.Generator, group: PairArrays, by_topic: list[NDArray[np.int64]] | None
    ) -> NDArray[np.int64]:
        size = min(self._batch, len(group.anchors))
        if by_topic is None or len(by_topic) < 2 or random.random() >= _HARD_SHARE:
            return random.choice(len(group.anchors), size=size, replace=False)
        sizes = np.array([len(rows) for rows in by_topic], dtype=np.float64)
        count = min(_HARD_TOPICS, max(2, len(by_topic) // 3))
        picked = random.choice(len(by_topic), size=count, replace=False, p=sizes / sizes.sum())
        near = np.concatenate([by_topic[topic] for topic in picked])
        return random.choice(near, size=min(size, len(near)), replace=False)

    def _step(
        self, batch: Batch, used: int, scale: float, rate: float, step: int, mean: Vectors, square: Vectors
    ) -> float:
        """One Adam step on a batch, over the first `used` dimensions; the mean loss in nats."""
        model = self._model
        n, width = len(batch.anchors), model.rows.shape[1]
        distinct, tokens = _renumber(batch.bags.tokens, model.size)
        parts = _select(model.parts, distinct)
        words = np.empty((len(distinct), width), dtype=np.float32)
        kernels.sum_rows(model.rows, parts.tokens, parts.offsets, words)
        sums = np.empty((2 * n, width), dtype=np.float32)
        kernels.sum_rows(words, tokens, batch.bags.offsets, sums)

        kept = np.ascontiguousarray(sums[:, :used])
        lengths = np.maximum(np.linalg.norm(kept, axis=1, keepdims=True), 1e-6)
        unit = kept / lengths
        scores = unit[:n] @ unit[n:].T
        row_sums, losses = np.empty(n, dtype=np.float32), np.empty(n, dtype=np.float32)
        kernels.exponentials(scores, batch.anchors, batch.positives, np.float32(scale), row_sums)
        kernels.contrast(scores, row_sums, scores.sum(axis=0), np.float32(scale / (2 * n)), losses)
        unit_gradient = np.concatenate([scores @ unit[n:], scores.T @ unit[:n]])
        radial = (unit_gradient * unit).sum(axis=1, keepdims=True)
        gradient = np.zeros_like(sums)
        gradient[:, :used] = (unit_gradient - unit * radial) / lengths

        bags, bag_offsets = kernels.invert(tokens, batch.bags.offsets, len(distinct))
        word_gradient = np.empty_like(words)
        kernels.sum_rows(gradient, bags, bag_offsets, word_gradient)
        touched, places = _renumber(parts.tokens, model.size)
        owners, owner_offsets = kernels.invert(places, parts.offsets, len(touched))
        kernels.adam_rows(
            model.rows,
            mean,
            square,
            word_gradient,
            owners,
            owner_offsets,
            touched,
            np.float32(rate),
            np.float32(1 / (1 - 0.9 ** (step + 1))),
            np.float32(1 / (1 - 0.99 ** (step + 1))),
        )
        return float(losses.mean())
