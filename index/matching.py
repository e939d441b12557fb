"""Where passages hold the characters of a question, and the pairs of characters that stand together in it.

Everything is worked out for all passages at once, over their characters laid end to end: a question has few distinct
characters, so a table from character to its number in the question turns matching into look-ups.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.passage import CHARACTERS, Passage

Columns = dict[str, NDArray[np.float32]]
"""A column of features by its name, each of shape (passages,)."""

_Doubles = NDArray[np.float64]
_Places = NDArray[np.intp]

_QUERY = 120  # characters of a question that are matched in order
_WORD = re.compile(r"[^\W_]")
_EQUAL = 1 - 1e-12  # sums of the same weights may differ in their last digit
_NEAR = 12  # characters between two matches that still count as close together


@dataclass(frozen=True, kw_only=True)
class _Terms:
    """The distinct characters of a question and the pairs of neighbours in it, numbered from 0.

    number: of each character, 1 above it; 0 for those that the question does not hold; shape (CHARACTERS,), uint8.
    table: the number of each pair by the numbers in `number` of its two, 1 above it, else 0; shape (m * m,).
    places: where in the question each pair stands. one, two: what characters and pairs weigh.
    """

    order: str
    number: NDArray[np.uint8]
    table: _Places
    width: int
    places: list[list[int]]
    one: _Doubles
    two: _Doubles


@dataclass(frozen=True, kw_only=True)
class _Laid:
    """Passages laid end to end: their sizes, where each begins, where each sentence begins, of which passage it is,
    and each passage's first sentence."""

    sizes: _Places
    offsets: _Places
    starts: _Places
    owners: _Places
    firsts: _Places

    @property
    def end(self) -> int:
        """The number of characters."""
        return int(self.offsets[-1] + self.sizes[-1])


def matches(
    columns: Columns, query: str, weigh: Callable[[Sequence[str]], _Doubles], passages: Sequence[Passage]
) -> None:
    """Fill in everything that comes from matching a question's characters and pairs of characters.

    `query` is folded; `weigh` says what characters and pairs tell, their inverse document frequencies.
    """
    n, terms, laid = len(passages), _terms(query, weigh), _lay(passages)
    one, two = terms.one, terms.two
    total_one, total_two = one.sum() + 1e-9, two.sum() + 1e-9
    codes = terms.number[np.concatenate([p.codes for p in passages])]
    single = np.flatnonzero(codes != 0)
    letter = codes[single].astype(np.intp)
    ends = np.append(laid.starts[1:], laid.end)
    sentence = np.repeat(np.arange(len(ends)), ends - laid.starts)[single]
    owner = laid.owners[sentence]
    number = terms.table[letter[:-1] * terms.width + letter[1:]] if len(single) else letter
    hit = np.flatnonzero((number > 0) & (np.diff(single) == 1) & (owner[1:] == owner[:-1]))
    at, pair, holder, held = single[hit], number[hit] - 1, owner[hit], sentence[hit]
    letter -= 1
    letters = _counts(owner, letter, n, len(one))
    both = _counts(holder, pair, n, len(two))
    body = np.array([p.body for p in passages])
    head = at < (laid.offsets + body)[holder]
    above = _counts(holder[head], pair[head], n, len(two))
    columns["pairs_share"][:] = _bm25(both, two, laid.sizes)
    columns["characters_share"][:] = _bm25(letters, one, laid.sizes)
    columns["heading_used"][:] = above.sum(axis=1) / (body + 5.0)
    columns["density"][:] = both @ two / (laid.sizes + 10.0)
    heads, bodies, pairs, singles = above > 0, both > above, both > 0, letters > 0
    columns["cover_pairs"][:] = pairs @ two / total_two
    columns["cover_characters"][:] = singles @ one / total_one
    columns["body_pairs"][:], columns["heading_pairs"][:] = bodies @ two / total_two, heads @ two / total_two
    rare_one, rare_two = rare(singles, one), rare(pairs, two)
    columns["rare_pairs"][:], columns["rare_body_pairs"][:] = pairs @ rare_two, bodies @ rare(bodies, two)
    columns["rare_characters"][:] = singles @ rare_one
    weights = np.zeros((len(two) + len(one), 4))
    weights[: len(two), 0], weights[: len(two), 1] = two / total_two, rare_two
    weights[len(two) :, 2], weights[len(two) :, 3] = one / total_one, rare_one
    rows, found = np.concatenate([held, sentence]), np.concatenate([pair, letter + len(two)])
    _sentences(columns, laid, _present(rows, found, len(laid.starts), len(weights)), weights)
    places = [*terms.places, []]
    columns["ordered"][:] = 0.0
    if len(at) > 1:
        columns["ordered"][:] = _ordered(places, at, pair, holder, n, len(two)) @ two / total_two
    longest = np.zeros(n, dtype=np.intp)
    longest[owner] = 1
    _runs(longest, places, at, pair, holder)
    columns["run"][:] = np.log1p(longest.astype(np.float32))
    columns["run_share"][:] = np.expm1(columns["run"]) / max(1, len(terms.order))  # to the digit that trees split on


def rare(held: NDArray[Any], weights: _Doubles) -> _Doubles:
    """The terms' weights, less for those that more rows hold, scaled to the sum 1."""
    less = weights * np.log((len(held) + 1) / (held.sum(axis=0) + 0.5))
    scaled: _Doubles = less / (less.sum() + 1e-9)
    return scaled


def _terms(query: str, weigh: Callable[[Sequence[str]], _Doubles]) -> _Terms:
    order = query[:_QUERY]
    distinct = sorted({c for c in order if _WORD.match(c) and ord(c) < CHARACTERS - 1})
    numbered = {c: at for at, c in enumerate(distinct, 1)}
    number = np.zeros(CHARACTERS, dtype=np.uint8)
    number[[ord(c) for c in distinct]] = np.arange(1, len(distinct) + 1)
    places: dict[str, list[int]] = {}
    for at in range(len(order) - 1):
        if order[at] in numbered and order[at + 1] in numbered:
            places.setdefault(order[at : at + 2], []).append(at)
    width = len(distinct) + 1
    table = np.zeros(width * width, dtype=np.intp)
    table[[numbered[pair[0]] * width + numbered[pair[1]] for pair in places]] = np.arange(1, len(places) + 1)
    return _Terms(
        order=order,
        number=number,
        table=table,
        width=width,
        places=list(places.values()),
        one=weigh(distinct) if distinct else np.zeros(1),
        two=weigh([*places]) if places else np.zeros(1),
    )


def _lay(passages: Sequence[Passage]) -> _Laid:
    sizes = np.array([len(p.codes) for p in passages])
    offsets = np.cumsum(sizes) - sizes
    counts = np.array([len(p.starts) for p in passages])
    owners = np.repeat(np.arange(len(passages)), counts)
    starts = np.concatenate([p.starts for p in passages]) + offsets[owners]
    return _Laid(sizes=sizes, offsets=offsets, starts=starts, owners=owners, firsts=np.cumsum(counts) - counts)


def _sentences(columns: Columns, laid: _Laid, held: NDArray[np.bool_], weights: _Doubles) -> None:
    """What the best sentence holds, and the best two in a row; `weights` has shape (terms, 4): pairs, rare pairs,
    characters, rare characters."""
    double = held.copy()
    double[:-1] |= held[1:] & (laid.owners[1:] == laid.owners[:-1])[:, None]
    alone = held @ weights[:, :2]
    best = np.maximum.reduceat(np.concatenate([alone, double @ weights], axis=1), laid.firsts, axis=0).T
    columns["sentence_pairs"][:], columns["rare_sentence"][:] = best[0], best[1]
    columns["two_sentences_pairs"][:], columns["rare_two_sentences"][:] = best[2], best[3]
    columns["two_sentences_characters"][:], columns["rare_two_characters"][:] = best[4], best[5]
    first = np.flatnonzero(alone[:, 0] >= best[0][laid.owners] * _EQUAL)
    columns["best_place"][:] = 1 / (
        1 + first[laid.owners[first].searchsorted(np.arange(len(laid.firsts)))] - laid.firsts
    )


def _ordered(
    places: Sequence[Sequence[int]], at: _Places, pair: _Places, holder: _Places, n: int, count: int
) -> NDArray[np.bool_]:
    """The pairs that follow another one closely, as in the question; shape (n, count)."""
    step = np.diff(np.array([own[0] if own else 0 for own in places])[pair])
    close = (np.diff(at) <= _NEAR) & (holder[1:] == holder[:-1]) & (step > 0) & (step <= _NEAR)
    return _present(holder[1:][close], pair[1:][close], n, count)


def _runs(longest: _Places, places: Sequence[Sequence[int]], at: _Places, pair: _Places, holder: _Places) -> None:
    """Raise `longest` to the length of the longest run of letters and digits that a passage shares with the question.

    Pairs in a row in both texts stand as far from each other in the one as in the other.
    """
    most = max(map(len, places))
    if not len(at):
        return
    heres, theres, whose = [], [], []
    for turn in range(most):
        where = np.array([own[turn] if turn < len(own) else -1 for own in places])[pair]
        standing = slice(None) if turn == 0 else where >= 0
        heres.append(at[standing])
        theres.append(where[standing])
        whose.append(holder[standing])
    here, there, owner = np.concatenate(heres), np.concatenate(theres), np.concatenate(whose)
    keys = (here - there + _QUERY) * (int(at[-1]) + 2) + here
    order = np.argsort(keys)
    keys = keys[order]
    ends = np.append(np.flatnonzero(keys[1:] - keys[:-1] != 1), len(keys) - 1)
    lengths = ends.copy()
    lengths[1:] -= ends[:-1]
    lengths[0] += 1
    np.maximum.at(longest, owner[order[ends]], lengths + 1)


def _counts(rows: _Places, terms: _Places, n: int, m: int) -> _Doubles:
    return np.bincount(rows * m + terms, minlength=n * m).reshape(n, m).astype(np.float64)


def _present(rows: NDArray[Any], terms: _Places, n: int, m: int) -> NDArray[np.bool_]:
    held = np.zeros(n * m, dtype=bool)
    held[rows * m + terms] = True
    return held.reshape(n, m)


def _bm25(counts: _Doubles, weights: _Doubles, sizes: _Places) -> _Doubles:
    """BM25 (k1 1.2, b 0.75) against the candidates' mean length, relative to the best candidate."""
    norm = 1.2 * (0.25 + 0.75 * sizes / sizes.mean())
    scores = (counts * 2.2 / (counts + norm[:, None])) @ weights
    share: _Doubles = scores / (scores.max() + 1e-6)
    return share
