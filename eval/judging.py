"""Trains the judge of untold facts: `python -m eval.judging --set SET... [--check] [-o FILE]` (docs/refusals.md).

It learns from the questions of judged sets (`eval.removed`): what was found with the provision that answers in the
index, and what was found with it taken out. LightGBM is needed here only.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant import judge, refuse
from assistant.answer import case_of
from assistant.judge_signs import FALLING, NAMES, RISING, Signs, judged
from assistant.judge_trees import Node, Trees
from assistant.reasons import Case
from errors import WenceError
from eval.removed import TODAY, Group, groups, shelves

_TREES, _LEAVES, _RATE, _LEAST = 150, 8, 0.06, 25
_LIMITS = (0.1, 0.15, 0.2, 0.25, 0.3)
_MODEL = Path(judge.__file__).with_name("judge.tsv")

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Example:
    """What was found for a question: its signs, whether it tells what is asked (the provision is there, and found),
    the group it is of, and the name of its form; "" where the judge would not speak."""

    row: tuple[float, ...]
    told: bool
    group: str
    form: str


def examples(group: Group) -> list[Example]:
    """What is found for the questions of a group, with and without the provision that answers; where the signs mean
    anything and no other check refuses. What is found beside a provision that is there teaches nothing."""
    found = []
    for shelf in shelves(group):
        for removal in shelf.removals:
            case = case_of(shelf.searcher, removal.question, TODAY)
            if case is None or not judged(case) or case.found.recited or refuse.by_rule(case) is not None:
                continue
            told = shelf.turn is None
            if told and not group.tells(removal, _quotes(case)):
                continue
            signs, form = Signs(case), judge.form_of(case)
            name = (form.name if signs.own_words >= judge.OWN_WORDS else f"{form.name}, other words") if form else ""
            found.append(Example(row=tuple(signs.row()), told=told, group=group.name, form=name))
    return found


def _quotes(case: Case) -> list[str]:
    units = [unit for listed in case.found.items for pair in listed.heads for unit in pair if unit]
    return [unit.text for unit in (*(item.unit for item in case.found.chosen), *units)]


def fit(of: Sequence[Example]) -> Trees:
    """The model of some examples. Groups count by the root of their size, told and untold alike in each."""
    import lightgbm

    rises = [1 if name in RISING else -1 if name in FALLING else 0 for name in NAMES]
    options: dict[str, Any] = {
        "objective": "binary", "learning_rate": _RATE, "num_leaves": _LEAVES, "min_data_in_leaf": _LEAST,
        "feature_fraction": 0.4, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5.0, "verbose": -1,
        "num_threads": 2, "seed": 1, "deterministic": True, "monotone_constraints": rises,
        "monotone_constraints_method": "advanced",
    }  # fmt: skip
    told = np.array([one.told for one in of], dtype=np.float64)
    data = lightgbm.Dataset(np.array([one.row for one in of]), told, weight=_weights(of), free_raw_data=False)
    booster = lightgbm.train(options, data, _TREES)
    return Trees(trees=tuple(_tree(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]))


def _weights(of: Sequence[Example]) -> Floats:
    kinds = [(one.group, one.told) for one in of]
    sizes = {kind: kinds.count(kind) for kind in set(kinds)}
    groups_of = [one.group for one in of]
    counts = {name: groups_of.count(name) for name in set(groups_of)}
    weights = np.array([counts[kind[0]] ** 0.5 / sizes[kind] for kind in kinds])
    return weights * len(weights) / float(weights.sum())


def _tree(top: dict[str, Any]) -> tuple[Node | float, ...]:
    """A tree of LightGBM's, each node before those under it."""
    nodes: list[Node | float] = []

    def add(part: dict[str, Any]) -> int:
        at = len(nodes)
        if "leaf_value" in part:
            nodes.append(round(float(part["leaf_value"]), 6))
            return at
        nodes.append(0.0)
        low, high = add(part["left_child"]), add(part["right_child"])
        nodes[at] = Node(int(part["split_feature"]), float(f"{part['threshold']:.8g}"), low, high)
        return at

    add(top)
    return tuple(nodes)


def table(trees: Trees) -> str:
    """The model as `assistant.judge_trees.read` takes it."""
    lines = ["# Made by python -m eval.judging; see docs/refusals.md"]
    for number, tree in enumerate(trees.trees):
        for at, node in enumerate(tree):
            cells = [NAMES[node.sign], node.limit, node.low, node.high] if isinstance(node, Node) else [node]
            lines.append("\t".join(map(str, (number, at, *cells))))
    return "\n".join(lines) + "\n"


def held_out(of: Sequence[Example], kinds: Sequence[str]) -> Floats:
    """What models say of examples whose kind (one for each example) they have not learnt from."""
    said = np.zeros(len(of))
    for kind in sorted(set(kinds)):
        model = fit([one for one, own in zip(of, kinds, strict=True) if own != kind])
        for at, own in enumerate(kinds):
            if own == kind:
                said[at] = model.value(of[at].row)
    return said


def report(of: Sequence[Example]) -> Iterator[str]:
    """Lines: how well models tell apart what they have not learnt from, other documents and other sets.

    Of the questions of each form: how many are untold and told, and how many of either are below some values.
    """
    sets = [one.group.rsplit("-", 1)[0] for one in of]
    for name, kinds in (("other documents", [one.group for one in of]), ("other sets", sets)):
        if len(set(kinds)) < 2:
            continue
        said = held_out(of, kinds)
        for kind, form in sorted({(kind, one.form) for kind, one in zip(sets, of, strict=True) if one.form}):
            own = [at for at, one in enumerate(of) if sets[at] == kind and one.form == form]
            told, untold = ([said[at] for at in own if of[at].told is is_told] for is_told in (True, False))
            if not told or not untold:
                continue
            area = np.mean([np.mean(value > np.array(untold)) for value in told])
            counts = [f"{limit}: {_below(untold, limit)}-{_below(told, limit)}" for limit in _LIMITS]
            yield f"{name}  {kind}  {form}  ROC {area:.3f}  {len(untold)}-{len(told)}; below {', '.join(counts)}"


def _below(values: Sequence[float], limit: float) -> int:
    return sum(value < limit for value in values)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and write the model; the exit status is 1 when the work could not be done."""
    parser = argparse.ArgumentParser(prog="python -m eval.judging", description="训练“是否载明”的判断模型")
    parser.add_argument("--set", type=Path, nargs="+", required=True, help="BEIR 格式的标注集")
    parser.add_argument("--apart", type=Path, help="其中有同名文件的不学：留作检验的文件夹")
    parser.add_argument("--check", action="store_true", help="先报告对未学过的文件和未学过的集的成绩")
    parser.add_argument("-o", "--out", type=Path, default=_MODEL, help="写入的模型文件")
    parser.add_argument("--processes", type=int, default=2, help="进程数（默认 2）")
    given = parser.parse_args(arguments)
    try:
        every = [group for folder in given.set for group in groups(folder, given.apart)]
        with ProcessPoolExecutor(given.processes, mp_context=get_context("spawn")) as pool:
            found = [one for part in pool.map(examples, every) for one in part]
        print(f"{len(found)} 例，载明的 {sum(one.told for one in found)}", flush=True)
        for line in report(found) if given.check else ():
            print(line, flush=True)
        given.out.write_text(table(fit(found)), encoding="utf-8")
    except WenceError as error:
        print(f"wence：{error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(f"缺少训练用的包 {error.name}；请运行 pip install 'wence[train]'", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
