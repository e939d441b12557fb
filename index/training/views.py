"""Pairs to batches: tokens of all texts, and the two sides of each training example."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.training import kernels
from index.training.pairs import PairSet

LONGEST = np.array([100, 300], dtype=np.int64)
"""Tokens kept of an anchor and of a passage."""
QUESTION_WORDS = (
    "什么",
    "是什么",
    "哪些",
    "有哪些",
    "有什么",
    "如何",
    "怎么",
    "怎样",
    "怎么办",
    "怎么申请",
    "怎么处理",
    "谁",
    "由谁负责",
    "哪个部门",
    "哪里",
    "在哪里",
    "哪一年",
    "什么时候",
    "何时",
    "多久",
    "多长时间",
    "多少",
    "是多少",
    "多少钱",
    "几",
    "为什么",
    "原因是什么",
    "吗",
    "可以吗",
    "是否",
    "能不能",
    "需要",
    "需要什么条件",
    "有什么要求",
    "有什么规定",
    "请问",
    "我想知道",
    "我们公司",
    "我",
    "企业",
    "个人",
    "应该",
    "标准是什么",
    "期限",
    "支持",
    "补贴",
    "奖励",
)
_ENCODE_AT_ONCE = 20_000
_RARE = 1e-4

Tokens = NDArray[np.int32]
Offsets = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bags:
    """Bags of tokens: bag i is tokens[offsets[i]:offsets[i + 1]]."""

    tokens: Tokens
    offsets: Offsets


@dataclass(frozen=True, slots=True)
class PairArrays:
    """The usable pairs of one group as text numbers, with its share of the batches."""

    name: str
    share: float
    views: bool
    anchors: NDArray[np.int64]
    positives: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Batch:
    """n examples: bags 0..n-1 are questions, n..2n-1 their passages; `anchors`, `positives` are their text numbers."""

    bags: Bags
    anchors: NDArray[np.int64]
    positives: NDArray[np.int64]


def encode_bags(tokenizer: Tokenizer, texts: Sequence[str]) -> Bags:
    """Tokens of all texts, the unknown piece (id 0) left out."""
    parts: list[Tokens] = []
    sizes: list[int] = []
    for start in range(0, len(texts), _ENCODE_AT_ONCE):
        for encoding in tokenizer.encode_batch_fast(texts[start : start + _ENCODE_AT_ONCE], add_special_tokens=False):
            ids = np.array(encoding.ids, dtype=np.int32)
            parts.append(ids[ids != 0])
            sizes.append(len(parts[-1]))
    tokens = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)
    return Bags(tokens, np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64))


def pair_arrays(pairs: PairSet, texts: Bags) -> PairArrays:
    """The pairs whose anchor has at least 2 known tokens and whose passage at least 3."""
    anchors = np.array(pairs.anchors, dtype=np.int64)
    positives = np.array(pairs.positives, dtype=np.int64)
    sizes = np.diff(texts.offsets)
    usable = (sizes[anchors] >= 2) & (sizes[positives] >= 3)
    group = pairs.group
    return PairArrays(group.name, group.share, group.views, anchors[usable], positives[usable])


def token_weights(texts: Bags, vocabulary: int) -> NDArray[np.float32]:
    """How much each token says, 0.05–1: near 1 for a rare one, falling with the root of its frequency."""
    counts = np.bincount(texts.tokens, minlength=vocabulary)
    share = counts / max(1, counts.sum())
    weights: NDArray[np.float32] = np.clip(np.sqrt(_RARE / (share + _RARE)), 0.05, 1).astype(np.float32)
    return weights


class Views:
    """Draws the two sides of examples; the same seed gives the same batch."""

    def __init__(self, texts: Bags, tokenizer: Tokenizer) -> None:
        """`texts` are the tokens of every text that pairs refer to."""
        self._texts = texts
        self._weight = token_weights(texts, tokenizer.get_vocab_size())
        self._questions = encode_bags(tokenizer, QUESTION_WORDS)

    def draw(self, pairs: PairArrays, rows: NDArray[np.int64], *, seed: int, drop: float) -> Batch:
        """The examples of `rows` of `pairs`; each token is dropped with probability `drop`."""
        anchors, positives = pairs.anchors[rows], pairs.positives[rows]
        tokens, offsets = kernels.draw_views(
            seed,
            anchors,
            positives,
            self._texts.tokens,
            self._texts.offsets,
            self._weight,
            self._questions.tokens,
            self._questions.offsets,
            pairs.views,
            drop,
            LONGEST,
        )
        return Batch(Bags(tokens, offsets), anchors, positives)
