"""Lines without a number that are headings because there are several alike: questions, groups with their counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from ingest.numbering import Kind
from ingest.pieces import Piece

_QUESTION = re.compile(r"[^。；：！？]{2,40}？")
_COUNTED = re.compile(r"[^，。；：！？]{2,24}（共?\d{1,4}\s?[家项个人名件所种类户篇条]）")
_LAST = "？?）)"


def groups(pieces: Sequence[Piece]) -> frozenset[int]:
    """The lines that are questions (支持谁？ 怎么申请？; three or more) or groups (一等奖（3项）; two or more), each
    over something else. One question may be a figure of speech; where speakers take turns, these head."""
    if any(piece.head and piece.head.kind is Kind.TURN for piece in pieces):
        return frozenset()
    asked, counted = [], []
    for number, (piece, below) in enumerate(pairwise(pieces)):
        if piece.head or piece.settled or piece.paragraph.text[-1:] not in _LAST:
            continue
        if _QUESTION.fullmatch(piece.text) and not _QUESTION.fullmatch(below.text):
            asked.append(number)
        elif _COUNTED.fullmatch(piece.text):
            counted.append(number)
    return frozenset([*(asked if len(asked) > 2 else ()), *(counted if len(counted) > 1 else ())])
