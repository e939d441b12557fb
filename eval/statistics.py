"""How sure a figure is, and whether two runs really differ. Every random number comes from a fixed seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from eval.metrics import Share

SEED = 20261121
RESAMPLES = 2000
FLIPS = 10_000
_EXACT = 12  # up to this many differences every sign pattern is tried


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure with its 95 % interval (bootstrap percentiles over questions); `n` questions count in it."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two runs over the same questions. `change` is after minus before, `p` two-sided, `n` the questions compared."""

    before: float
    after: float
    change: float
    p: float
    n: int


def figure(shares: Sequence[Share]) -> Figure | None:
    """The figure of some questions and its interval, `None` when it applies to none of them."""
    applied = [share for share in shares if share.of]
    if not applied:
        return None
    got = np.array([share.got for share in applied])
    of = np.array([share.of for share in applied])
    drawn = np.random.default_rng(SEED).integers(0, len(applied), (RESAMPLES, len(applied)))
    values = got[drawn].sum(axis=1) / of[drawn].sum(axis=1)
    low, high = np.percentile(values, [2.5, 97.5])
    return Figure(value=float(got.sum() / of.sum()), low=float(low), high=float(high), n=len(applied))


def compare(before: Sequence[Share], after: Sequence[Share]) -> Comparison | None:
    """Paired comparison of two runs, question by question; `None` when no question counts in both.

    Where each question is right or wrong this is McNemar's exact test, otherwise a sign-flip permutation test of the
    mean difference: exact up to 12 differences, else 10,000 random flips.
    Raises ValueError when the two are not of the same questions.
    """
    pairs = [(b, a) for b, a in zip(before, after, strict=True) if b.of and a.of]
    if not pairs:
        return None
    old = sum(b.got for b, _ in pairs) / sum(b.of for b, _ in pairs)
    new = sum(a.got for _, a in pairs) / sum(a.of for _, a in pairs)
    differences = np.array([a.got / a.of - b.got / b.of for b, a in pairs])
    moved = differences[np.abs(differences) > 1e-12]
    if set(np.abs(moved).tolist()) <= {1.0}:
        p = mcnemar(int((moved < 0).sum()), int((moved > 0).sum()))
    else:
        p = sign_flip(moved)
    return Comparison(before=old, after=new, change=new - old, p=p, n=len(pairs))


def mcnemar(lost: int, won: int) -> float:
    """Two-sided exact p of `lost` against `won` flips when both are equally likely; 1 without any flip."""
    n = lost + won
    as_uneven = sum(comb(n, flips) for flips in range(min(lost, won) + 1))
    return min(1.0, 2 * as_uneven / float(2**n))


def sign_flip(differences: NDArray[np.float64]) -> float:
    """Two-sided p of the sum of differences, shape (n,), when the sign of each could as well be the other one."""
    n = len(differences)
    if n == 0:
        return 1.0
    reached = abs(differences.sum()) - 1e-9
    if n <= _EXACT:
        signs = 1 - 2 * ((np.arange(2**n)[:, np.newaxis] >> np.arange(n)) & 1)
        return np.count_nonzero(np.abs(signs @ differences) >= reached) / float(2**n)
    signs = np.random.default_rng(SEED).choice([-1.0, 1.0], size=(FLIPS, n))
    as_far = np.count_nonzero(np.abs(signs @ differences) >= reached)
    return (as_far + 1) / (FLIPS + 1)
