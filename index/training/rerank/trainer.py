"""Builds each judged set with the product's own index, takes features of its candidates, fits and writes the model."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import lightgbm
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from errors import UsageError
from index.build import build
from index.embedding import StaticEmbedding, open_embedding
from index.features import NAMES, Floats
from index.judged import CORPUS, passage_ids, read_judged
from index.rerank import DEPTH, FAR, LEAVES, Model, save_model
from index.search import Searcher
from index.snapshot import open_snapshot
from index.training.rerank.terms import term_weights

TREES = 400
_FEW_TREES = 200
_VOTES = 3.0
_FEW = [at for at, name in enumerate(NAMES) if not name.startswith("rare_") and name != "document_size"]
_MOST = 1500  # questions of one set, so that none of them decides alone
_FOLDS = 5
_DEEP = 100
_ENOUGH = 100  # questions with an answer beyond DEPTH; fewer teach no better order than that of the ranks


@dataclass(frozen=True)
class Judged:
    """One question: features of its candidates, shape (n, len(NAMES)), which of them answer it (0 or 1, (n,)).

    far: the same of the candidates beyond them (`index.rerank.far`), shape (m, len(FAR)), with `far_right`.
    answers: how many passages of the set answer it.
    """

    rows: Floats
    right: NDArray[np.int8]
    far: NDArray[np.float64]
    far_right: NDArray[np.int8]
    answers: int


def train(
    pairs: Path, sets: Sequence[Path], out: Path, *, seed: int, threads: int, check: bool, say: Callable[[str], None]
) -> None:
    """Learn term weights from the questions in `pairs` and the order from the judged sets; write the model to `out`.

    With `check` each set is first judged by a model of the other sets, and by five models of all sets, each of which
    has not seen a fifth of the questions of any set.
    The same input, seed and library versions give the same file. Raises UsageError for input that cannot be used.
    """
    embedding = open_embedding(None, threads)
    assert isinstance(embedding, StaticEmbedding)
    terms = term_weights(pairs)
    say(f"{len(terms)} terms weigh more or less than usual")
    start = _untrained(terms, embedding.dimension)
    judged = {folder.name: judge(folder, embedding, start, processes=threads) for folder in sets}
    for name, questions in judged.items():
        say(f"{name}: {len(questions)} questions, {sum(one.right.any() for one in questions)} with an answer in reach")

    def fitted(questions: Sequence[Judged]) -> Model:
        return fit(questions, start, seed=seed, threads=threads)

    if check:
        for line in _check(judged, fitted, seed):
            say(line)
    try:
        save_model(fitted([one for questions in judged.values() for one in _some(questions, seed)]), out)
    except OSError as error:
        raise UsageError(f"写不了重排模型：{out}（{error.strerror}）；请换一个 --out") from error


def _check(
    judged: Mapping[str, Sequence[Judged]], fitted: Callable[[Sequence[Judged]], Model], seed: int
) -> Iterator[str]:
    chance = np.random.default_rng(seed)
    folds = {name: chance.integers(0, _FOLDS, len(questions)) for name, questions in judged.items()}
    models: list[Model] = []
    for k in range(_FOLDS):
        seen = [
            [one for one, at in zip(questions, folds[name], strict=True) if at != k]
            for name, questions in judged.items()
        ]
        models.append(fitted([one for questions in seen for one in _some(questions, seed)]))
    for name, questions in judged.items():
        yield f"{name}, five folds of all sets: {_figures(questions, [models[k] for k in folds[name]])}"
    for name, questions in judged.items():
        others = [one for other in judged if other != name for one in _some(judged[other], seed)]
        if others:
            yield f"{name}, trained on the others: {_figures(questions, [fitted(others)] * len(questions))}"


def judge(folder: Path, embedding: StaticEmbedding, start: Model, *, processes: int) -> list[Judged]:
    """The judged questions of a set in BEIR layout. Raises ConfigError when it cannot be read."""
    found = read_judged(folder)
    places = {id_: place for place, id_ in enumerate(passage_ids(found.corpus))}
    with TemporaryDirectory(prefix="wence-rerank-") as temporary:
        build([found.corpus], Path(temporary), embedding=embedding, reader=CORPUS, processes=processes)
        with closing(open_snapshot(Path(temporary), embedding)) as snapshot:
            searcher = Searcher(snapshot, model=start)
            judged: list[Judged] = []
            for query, question in found.questions.items():
                answers = {places[id_] for id_, grade in found.grades[query].items() if grade > 0 and id_ in places}
                rows, features = searcher.features(question)
                right = np.array([row in answers for row in rows], dtype=np.int8)
                beyond, distant = searcher.far(question)
                far_right = np.array([row in answers for row in beyond], dtype=np.int8)
                judged.append(Judged(features, right, distant, far_right, len(answers)))
            return judged


def fit(judged: Sequence[Judged], start: Model, *, seed: int, threads: int, trees: int = TREES) -> Model:
    """A model with the terms of `start`. Raises UsageError when no question has a right and a wrong candidate.

    Each question counts twice where documents differ in size: as it is, and as in a library where that is not known.
    `few` knows neither sizes nor what is rare among the candidates, which are most of a small library.
    """
    usable = [one for one in judged if 0 < one.right.sum() < len(one.right)]
    if not usable:
        raise UsageError("没有一个问题可用来训练重排模型；请检查 --set")
    few = _ordering(usable, start, _FEW, min(trees, _FEW_TREES), seed, threads)
    usable += [replace(one, rows=_sizeless(one.rows)) for one in usable if (one.rows != _sizeless(one.rows)).any()]
    many = replace(_ordering(usable, start, range(len(NAMES)), trees, seed, threads), votes=np.array([_VOTES]))
    return _with_far(replace(many, few=few), [one for one in judged if one.far_right.any()])


def _ordering(
    usable: Sequence[Judged], start: Model, columns: Sequence[int], trees: int, seed: int, threads: int
) -> Model:
    """An order by these columns of the features alone."""
    rows = np.concatenate([one.rows for one in usable]).astype(np.float64)[:, columns]
    right = np.concatenate([one.right for one in usable])
    options = {
        "objective": "lambdarank", "lambdarank_truncation_level": 10, "num_leaves": LEAVES - 1, "learning_rate": 0.05,
        "min_data_in_leaf": 50, "feature_fraction": 0.6, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5,
        "seed": seed, "deterministic": True, "force_row_wise": True, "num_threads": threads, "verbose": -1,
    }  # fmt: skip
    booster = lightgbm.train(options, lightgbm.Dataset(rows, right, group=[len(one.right) for one in usable]), trees)
    mean, scale = np.zeros(len(NAMES)), np.ones(len(NAMES))
    mean[columns], scale[columns] = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    linear = LogisticRegression(C=0.1, max_iter=300).fit((rows - mean[columns]) / scale[columns], right)
    weights = np.zeros(len(NAMES))
    weights[columns] = np.round(linear.coef_[0], 6)  # the last digits differ from run to run
    model = _of_trees(booster, start)
    places = np.array(columns, dtype=np.int16)[model.columns]
    return replace(model, columns=places, mean=mean, scale=scale, weights=weights)


def _sizeless(rows: Floats) -> Floats:
    known = rows.copy()
    known[:, NAMES.index("document_size")] = np.log1p(1)
    return known


def _with_far(model: Model, judged: Sequence[Judged]) -> Model:
    """The model with an order for what lies beyond DEPTH, learnt where an answer lies there and often enough."""
    if len(judged) < _ENOUGH:
        return model
    rows, right = np.concatenate([one.far for one in judged]), np.concatenate([one.far_right for one in judged])
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    linear = LogisticRegression(max_iter=300).fit((rows - mean) / scale, right)
    return replace(model, far_mean=mean, far_scale=scale, far_weights=linear.coef_[0].astype(np.float64))


def _untrained(terms: Mapping[str, float], dimension: int) -> Model:
    """A model that only weighs terms: the first stage that the features are taken of."""
    inner, width = (1, LEAVES - 1), len(NAMES)
    return Model(
        columns=np.zeros(inner, dtype=np.int16),
        limits=np.full(inner, np.inf),
        left=np.full(inner, 0xFFFF, dtype=np.uint16),
        values=np.zeros((1, LEAVES)),
        mean=np.zeros(width),
        scale=np.ones(width),
        weights=np.zeros(width),
        far_mean=np.zeros(len(FAR)),
        far_scale=np.ones(len(FAR)),
        far_weights=np.array([1.0 if name.endswith("_rank") else 0.0 for name in FAR]),
        terms=terms,
        dimension=dimension,
        votes=np.ones(1),
    )


def _some(questions: Sequence[Judged], seed: int) -> list[Judged]:
    order = np.random.default_rng(seed).permutation(len(questions))[:_MOST]
    return [questions[at] for at in order]


def _figures(questions: Sequence[Judged], models: Sequence[Model]) -> str:
    """nDCG@10, R@1 and R@100 before and after, and how likely so great a difference is by chance."""
    before, after, first, then, deep, deeper = [], [], [], [], [], []
    for one, model in zip(questions, models, strict=True):
        fused = one.rows[:, NAMES.index("fused")].astype(np.float64)
        ranked = (
            one.right[np.argsort(-model.fitting(one.rows).scores(one.rows, fused), kind="stable")]
            if len(fused)
            else one.right
        )
        before.append(_ndcg(one.right, one.answers))
        after.append(_ndcg(ranked, one.answers))
        first.append(one.right[:1].sum() / one.answers)
        then.append(ranked[:1].sum() / one.answers)
        even = one.far_right[np.argsort(-(one.far[:, 2] + one.far[:, 3]), kind="stable")]
        beyond = one.far_right[np.argsort(-model.far(one.far), kind="stable")]
        deep.append((one.right.sum() + even[: _DEEP - DEPTH].sum()) / one.answers)
        deeper.append((one.right.sum() + beyond[: _DEEP - DEPTH].sum()) / one.answers)
    return (
        f"nDCG@10 {np.mean(before):.4f} → {np.mean(after):.4f} (p {_chance(before, after):.4f}), "
        f"R@1 {np.mean(first):.4f} → {np.mean(then):.4f} (p {_chance(first, then):.4f}), "
        f"R@100 {np.mean(deep):.4f} → {np.mean(deeper):.4f} (p {_chance(deep, deeper):.4f})"
    )


def _ndcg(right: NDArray[np.int8], answers: int) -> float:
    gain = sum(1 / math.log2(place + 2) for place, hit in enumerate(right[:10]) if hit)
    return gain / sum(1 / math.log2(place + 2) for place in range(min(10, answers)))


def _chance(before: Sequence[float], after: Sequence[float], rounds: int = 4000) -> float:
    """Paired randomisation test, two-sided."""
    differences = np.array(after) - np.array(before)
    differences = differences[np.abs(differences) > 1e-12]
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (rounds, len(differences)))
    return float((1 + (np.abs(signs @ differences) >= abs(differences.sum()) - 1e-9).sum()) / (rounds + 1))


def _of_trees(booster: lightgbm.Booster, start: Model) -> Model:
    trees = booster.dump_model()["tree_info"]
    columns = np.zeros((len(trees), LEAVES - 1), dtype=np.int16)
    limits = np.full((len(trees), LEAVES - 1), np.inf)
    left = np.full((len(trees), LEAVES - 1), 0xFFFF, dtype=np.uint16)
    values = np.zeros((len(trees), LEAVES))
    for number, tree in enumerate(trees):
        nodes: list[tuple[int, float, int]] = []
        leaves: list[float] = []
        _walk(tree["tree_structure"], nodes, leaves)
        values[number, : len(leaves)] = leaves
        for at, (column, limit, mask) in enumerate(nodes):
            columns[number, at], limits[number, at], left[number, at] = column, limit, 0xFFFF & ~mask
    return replace(start, columns=columns, limits=limits, left=left, values=values)


def _walk(node: Mapping[str, object], nodes: list[tuple[int, float, int]], leaves: list[float]) -> None:
    """Leaves from left to right, and for every inner node its column, limit and the bits of the leaves to its left."""
    if "leaf_value" in node:
        leaves.append(float(str(node["leaf_value"])))
        return
    one, other = node["left_child"], node["right_child"]
    assert isinstance(one, Mapping)
    assert isinstance(other, Mapping)
    first = len(leaves)
    _walk(one, nodes, leaves)
    mask = (1 << len(leaves)) - (1 << first)
    nodes.append((int(str(node["split_feature"])), float(str(node["threshold"])), mask))
    _walk(other, nodes, leaves)
