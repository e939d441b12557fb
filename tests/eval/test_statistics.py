from __future__ import annotations

import numpy as np
import pytest

from eval.metrics import NONE, Share
from eval.statistics import Comparison, compare, figure, mcnemar, sign_flip


def shares(*values: float | None) -> list[Share]:
    return [NONE if value is None else Share(value, 1.0) for value in values]


def test_a_figure_is_a_quotient_of_sums():
    found = figure([Share(1, 1), Share(0, 3), NONE])
    assert found
    assert (found.value, found.n) == (1 / 4, 2)


def test_a_figure_that_applies_to_nothing_is_none():
    assert figure([NONE]) is None


def test_the_interval_of_a_constant_is_a_point():
    found = figure(shares(1, 1, 1))
    assert found
    assert (found.low, found.high) == (1.0, 1.0)


def test_the_interval_is_that_of_a_share_and_the_same_every_time():
    values = shares(*[1.0] * 400, *[0.0] * 100)
    found = figure(values)
    assert found
    assert found == figure(values)
    half = 1.96 * (0.8 * 0.2 / 500) ** 0.5  # the normal approximation of the same interval
    assert found.low == pytest.approx(0.8 - half, abs=0.003)
    assert found.high == pytest.approx(0.8 + half, abs=0.003)


@pytest.mark.parametrize(("lost", "won", "p"), [(0, 0, 1.0), (5, 0, 2 / 2**5), (3, 1, 2 * (1 + 4) / 2**4), (4, 4, 1.0)])
def test_mcnemar_by_hand(lost, won, p):
    assert mcnemar(lost, won) == pytest.approx(p)
    assert mcnemar(won, lost) == pytest.approx(p)


def test_sign_flip_by_hand():
    # Of the eight patterns of ±0.5 ±0.25 ±0.25 the sum reaches 1 only with all signs equal: 2 / 8.
    assert sign_flip(np.array([0.5, 0.25, 0.25])) == 2 / 8
    assert sign_flip(np.array([])) == 1.0


def test_sign_flip_of_many_differences():
    assert sign_flip(np.full(40, -0.5)) < 0.001
    assert sign_flip(np.array([0.5, -0.5] * 20)) > 0.9


def test_compare_leaves_out_what_counts_in_one_run_only():
    assert compare(shares(1, 1, 0, None), shares(0, 1, 1, 1)) == Comparison(
        before=2 / 3, after=2 / 3, change=0.0, p=1.0, n=3
    )
    assert compare(shares(None), shares(1)) is None


def test_compare_finds_a_drop():
    found = compare(shares(*[1] * 30), shares(*[0] * 10, *[1] * 20))
    assert found
    assert found.change == pytest.approx(-1 / 3)
    assert found.p == pytest.approx(2 / 2**10)


def test_compare_uses_sizes_where_there_are_any():
    found = compare(shares(0.5, 0.75, 1.0), shares(0.25, 0.25, 0.75))
    assert found
    assert found.p == 2 / 8


def test_runs_of_other_questions_are_not_compared():
    with pytest.raises(ValueError):
        compare(shares(1), shares(1, 1))
