"""What a term of a question tells: how often it stands in the passage that answers, counted on real questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from errors import UsageError
from index.training.pairs import read_lines
from index.words import Segmenter, fold, query_tokens

SOURCES = (
    "drcd_dev",
    "cmrc_trial",
    "cail2019_rc_dev",
    "ncp_policy_qa",
    "news_question",
    "zhengwu_subject_reply",
    "qbqtc_query_title",
)
"""Sources of pairs whose anchors people wrote as questions; template questions would count their own templates."""

_USUAL = 0.75  # of the terms of a question stand in its passage
_PRIOR = 20  # questions that a term must outweigh
_FEWEST = 3  # questions that hold a term


def term_weights(path: Path, sources: tuple[str, ...] = SOURCES) -> Mapping[str, float]:
    """Weights (above 0, 1 is usual) of the terms that tell clearly more or less than usual.

    A weight is the root of the share of questions with the term whose passage holds it, over the usual share.
    Raises UsageError when the file of pairs cannot be read or has no such source.
    """
    segmenter = Segmenter()
    asked: Counter[str] = Counter()
    met: Counter[str] = Counter()
    for _, record in read_lines(path):
        anchor, positive = record.get("anchor"), record.get("positive")
        if record.get("source") in sources and isinstance(anchor, str) and isinstance(positive, str):
            tokens = set(query_tokens(anchor, segmenter))
            asked.update(tokens)
            folded = fold(positive)
            met.update(token for token in tokens if token in folded)
    if not asked:
        raise UsageError(f"训练数据里没有真实问题：{path}；请检查 source 字段")
    found = {
        term: round((((met[term] + _PRIOR * _USUAL) / (count + _PRIOR)) / _USUAL) ** 0.5, 3)
        for term, count in sorted(asked.items())
        if count >= _FEWEST
    }
    return {term: weight for term, weight in found.items() if abs(weight - 1) >= 0.02}
