"""The inner loops of training, compiled by numba.

Arrays are float32 unless said. A text is a bag of tokens; a token's vector is the sum of the rows of its parts (itself
and its substrings in the vocabulary); a text's vector is the sum over its tokens. Every sum is taken in a fixed order
by one thread, so results do not depend on the number of threads.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Function = TypeVar("Function", bound=Callable[..., object])
Floats = NDArray[np.float32]
Ids = NDArray[np.int32]
Offsets = NDArray[np.int64]


def _parallel(function: Function) -> Function:
    return cast(Function, njit(parallel=True, fastmath=True, cache=True)(function))


def _serial(function: Function) -> Function:
    return cast(Function, njit(cache=True)(function))


@_parallel
def sum_rows(table: Floats, members: Ids, offsets: Offsets, out: Floats) -> None:
    """out[i] = sum of table[members[offsets[i]:offsets[i+1]]]; out has shape (len(offsets) - 1, width)."""
    width = table.shape[1]
    for i in prange(offsets.shape[0] - 1):
        for k in range(width):
            out[i, k] = 0
        for j in range(offsets[i], offsets[i + 1]):
            row = members[j]
            for k in range(width):
                out[i, k] += table[row, k]


@_serial
def invert(members: Ids, offsets: Offsets, size: int) -> tuple[Ids, Offsets]:
    """Turns "which members does bag i have" into "which bags have member t": (bags, offsets of length size + 1)."""
    bag_offsets = np.zeros(size + 1, np.int64)
    for member in members:
        bag_offsets[member + 1] += 1
    for t in range(size):
        bag_offsets[t + 1] += bag_offsets[t]
    place = bag_offsets[:-1].copy()
    bags = np.empty(members.shape[0], np.int32)
    for i in range(offsets.shape[0] - 1):
        for j in range(offsets[i], offsets[i + 1]):
            t = members[j]
            bags[place[t]] = i
            place[t] += 1
    return bags, bag_offsets


@_parallel
def adam_rows(
    table: Floats,
    mean: Floats,
    square: Floats,
    gradient: Floats,
    bags: Ids,
    bag_offsets: Offsets,
    touched: Offsets,
    rate: np.float32,
    correct_mean: np.float32,
    correct_square: np.float32,
) -> None:
    """One Adam step (0.9, 0.99) on the `touched` rows only; row t's gradient is the sum of gradient[bags of t]."""
    width = table.shape[1]
    for x in prange(touched.shape[0]):
        t = touched[x]
        g = np.zeros(width, np.float32)
        for j in range(bag_offsets[x], bag_offsets[x + 1]):
            row = bags[j]
            for k in range(width):
                g[k] += gradient[row, k]
        for k in range(width):
            m = np.float32(0.9) * mean[t, k] + np.float32(0.1) * g[k]
            s = np.float32(0.99) * square[t, k] + np.float32(0.01) * g[k] * g[k]
            mean[t, k] = m
            square[t, k] = s
            table[t, k] -= rate * (m * correct_mean) / (np.sqrt(s * correct_square) + np.float32(1e-10))


@_parallel
def exponentials(scores: Floats, anchors: Offsets, positives: Offsets, scale: np.float32, row_sums: Floats) -> None:
    """In place: exp(scale * (score - 1)), and 0 where i and j differ but share an anchor or a passage.

    scores: cosines, shape (n, n); anchors, positives: int64 text numbers, shape (n,); row_sums: out, shape (n,).
    """
    n = scores.shape[0]
    for i in prange(n):
        total = np.float32(0)
        for j in range(n):
            value = np.exp(scores[i, j] * scale - scale)
            if j != i and (anchors[i] == anchors[j] or positives[i] == positives[j]):
                value = np.float32(0)
            scores[i, j] = value
            total += value
        row_sums[i] = total


@_parallel
def contrast(scores: Floats, row_sums: Floats, column_sums: Floats, factor: np.float32, losses: Floats) -> None:
    """In place: exponentials to the gradient of the symmetric InfoNCE loss by cosine; losses: out, shape (n,), nats."""
    n = scores.shape[0]
    for i in prange(n):
        row = np.float32(1) / row_sums[i]
        own = scores[i, i]
        losses[i] = -np.float32(0.5) * (np.log(own * row + np.float32(1e-30)) + np.log(own / column_sums[i]))
        for j in range(n):
            scores[i, j] = factor * scores[i, j] * (row + np.float32(1) / column_sums[j])
        scores[i, i] -= np.float32(2) * factor


@_serial
def _thin(ids: Ids, start: int, end: int, drop: float) -> int:
    """Drops each token from ids[start:end] with probability `drop` when there are more than 6; the new end."""
    if drop <= 0 or end - start <= 6:
        return end
    place = start
    for j in range(start, end):
        if np.random.random() >= drop:
            ids[place] = ids[j]
            place += 1
    return max(place, start + 1)


@_serial
def draw_views(
    seed: int,
    anchors: Offsets,
    positives: Offsets,
    ids: Ids,
    offsets: Offsets,
    weight: Floats,
    questions: Ids,
    question_offsets: Offsets,
    views: bool,
    drop: float,
    longest: Offsets,
) -> tuple[Ids, Offsets]:
    """Writes one training example per pair: the question side and the passage side.

    ids, offsets: the tokens of all texts. weight: how much a token says, 0–1 by token. questions: tokens of question
    words. longest: (anchor, passage) limits in tokens. With `views`, 30 % of the examples are the given pair, 45 %
    keywords of either side (mostly with a question word) and 25 % a span of the passage against the rest of it; in 30 %
    of the first two kinds the anchor is put back in front of its passage.
    Returns (tokens, offsets) with the n question sides first and the n passage sides after them.
    """
    np.random.seed(seed)
    n = anchors.shape[0]
    most = longest[0] + longest[1]
    left = np.empty((n, longest[0]), np.int32)
    right = np.empty((n, most), np.int32)
    sizes = np.zeros(2 * n, np.int64)
    key = np.empty(most, np.float32)
    for i in range(n):
        a0, a1 = offsets[anchors[i]], offsets[anchors[i] + 1]
        p0, p1 = offsets[positives[i]], offsets[positives[i] + 1]
        a1 = min(a1, a0 + longest[0])
        p1 = min(p1, p0 + longest[1])
        x = 0
        y = 0
        kind = np.random.random() if views else 0.0
        if kind < 0.75 and views and np.random.random() < 0.3:
            for j in range(a0, a1):
                right[i, y] = ids[j]
                y += 1
        if kind < 0.75:
            for j in range(p0, p1):
                right[i, y] = ids[j]
                y += 1
        if kind < 0.3:
            for j in range(a0, a1):
                left[i, x] = ids[j]
                x += 1
        elif kind < 0.75:
            s0, s1 = (a0, a1) if np.random.random() < 0.5 else (p0, p1)
            count = min(np.random.randint(2, 9), s1 - s0)
            for j in range(s0, s1):
                key[j - s0] = -np.log(np.random.random() + 1e-12) / weight[ids[j]]
            limit = np.sort(key[: s1 - s0])[count - 1]
            for j in range(s0, s1):
                if key[j - s0] <= limit and x < 8:
                    left[i, x] = ids[j]
                    x += 1
            if np.random.random() < 0.35 and y > 40:
                place = 0
                for j in range(y):
                    shared = False
                    for k in range(x):
                        shared = shared or left[i, k] == right[i, j]
                    if not shared or np.random.random() >= 0.7:
                        right[i, place] = right[i, j]
                        place += 1
                y = max(place, 1)
            if np.random.random() < 0.7:
                q = np.random.randint(0, question_offsets.shape[0] - 1)
                for j in range(question_offsets[q], question_offsets[q + 1]):
                    left[i, x] = questions[j]
                    x += 1
        else:
            size = min(np.random.randint(6, 31), max(1, (p1 - p0) // 2))
            start = p0 + np.random.randint(0, p1 - p0 - size + 1)
            whole = np.random.random() < 0.3
            for j in range(p0, p1):
                inside = start <= j < start + size
                if inside:
                    left[i, x] = ids[j]
                    x += 1
                if whole or not inside:
                    right[i, y] = ids[j]
                    y += 1
        sizes[i] = _thin(left[i], 0, x, drop)
        sizes[n + i] = _thin(right[i], 0, y, drop)
    bag_offsets = np.zeros(2 * n + 1, np.int64)
    bag_offsets[1:] = np.cumsum(sizes)
    tokens = np.empty(bag_offsets[-1], np.int32)
    for i in range(n):
        tokens[bag_offsets[i] : bag_offsets[i + 1]] = left[i, : sizes[i]]
        tokens[bag_offsets[n + i] : bag_offsets[n + i + 1]] = right[i, : sizes[n + i]]
    return tokens, bag_offsets
