"""The judge's model: boosted trees over `judge_signs.NAMES`, a table of plain numbers (made by `eval.judging`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from math import exp, isfinite

from assistant.judge_signs import NAMES
from errors import ConfigError

_PROBLEM = "随附的判断模型 assistant/judge.tsv 损坏或与本程序不符：{}；请重新安装 wence"


@dataclass(frozen=True, slots=True)
class Node:
    """An inner node: a row whose `sign` is at most `limit` goes to node `low` of its tree, another to `high`."""

    sign: int
    limit: float
    low: int
    high: int


@dataclass(frozen=True, kw_only=True)
class Trees:
    """`trees` hold nodes and leaves (the number that is added), the root first."""

    trees: tuple[tuple[Node | float, ...], ...]

    def value(self, row: Sequence[float]) -> float:
        """How sure it is that what was found tells what is asked, 0..1; `row` has a number for each of `NAMES`."""
        total = 0.0
        for tree in self.trees:
            node = tree[0]
            while isinstance(node, Node):
                node = tree[node.low if row[node.sign] <= node.limit else node.high]
            total += node
        return 1 / (1 + exp(-total))


def read(text: str) -> Trees:
    """The model in a table. A line is tree, node and either a leaf's number or a node's sign, limit, low and high,
    parted by tabs; trees and nodes are numbered from 0 in order, # begins a remark.

    Raises ConfigError for any other table.
    """
    trees: list[list[Node | float]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        try:
            cells = line.split("\t")
            if int(cells[0]) == len(trees):
                trees.append([])
            if (int(cells[0]), int(cells[1])) != (len(trees) - 1, len(trees[-1])):
                raise ValueError(line)
            node: Node | float = float(cells[2]) if len(cells) == 3 else _node(cells)
        except (ValueError, IndexError) as error:
            raise ConfigError(_PROBLEM.format(f"第 {number} 行")) from error
        trees[-1].append(node)
    if not trees or not all(map(_sound, trees)):
        raise ConfigError(_PROBLEM.format("不完整"))
    return Trees(trees=tuple(map(tuple, trees)))


def _node(cells: Sequence[str]) -> Node:
    sign, limit, low, high = cells[2:]
    return Node(NAMES.index(sign), float(limit), int(low), int(high))


def _sound(tree: Sequence[Node | float]) -> bool:
    """Whether every way through a tree ends in a number: nodes lead only to what stands after them."""
    for at, node in enumerate(tree):
        if isinstance(node, Node):
            if not (at < node.low < len(tree) and at < node.high < len(tree)) or not isfinite(node.limit):
                return False
        elif not isfinite(node):
            return False
    return True


@lru_cache(maxsize=1)
def shipped() -> Trees:
    """The model that ships with the project. Raises ConfigError when it is damaged."""
    return read(files("assistant").joinpath("judge.tsv").read_text(encoding="utf-8"))
