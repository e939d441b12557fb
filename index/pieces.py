"""Texts cut into the pieces of a vocabulary: what `tokenizers` does with the shipped vocabulary, for a question's few.

`tokenizers` takes longer to load its 64,000 pieces (a tenth of a second) than a question takes to be answered. Here the
file is cut at its commas and a piece's score is read when a text holds the piece. A unigram model takes those pieces
whose scores sum to the most (Kudo 2018, https://aclanthology.org/P18-1007).
"""

from __future__ import annotations

import re
from functools import cached_property

from index.folding import fold

_HEAD = (
    '{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":{"type":"Sequence","normalizers":'
    '[{"type":"NFKC"},{"type":"Lowercase"}]},"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split",'
    '"pattern":{"Regex":"[^a-z0-9〇㐀-鿿]+"},"behavior":"Removed","invert":false},{"type":"Split","pattern":{"Regex":'
    '"[a-z]+|[0-9]+|[〇㐀-鿿]+"},"behavior":"Isolated","invert":false}]},"post_processor":null,"decoder":null,"model":'
    '{"type":"Unigram","unk_id":0,"vocab":[["'
).encode()
_TAIL = b']],"byte_fallback":false}}'
_RUN = re.compile(r"[a-z]+|[0-9]+|[〇㐀-鿿]+")
# Beyond these, Unicode's tables of Python and of `tokenizers` are of different years.
_KNOWN = re.compile(r"[\x00-\u32fe\u3300-\ua000\uff00-\uffef]*").fullmatch
_UNKNOWN = 0  # the id of what is no piece
_PENALTY = 10.0  # how much lower it scores than the worst piece


class Pieces:
    """The pieces of one `tokenizer.json`; safe to use from several threads."""

    def __init__(self, data: bytes) -> None:
        """`data` is the whole file. Raises ValueError where it is not of the shipped kind."""
        if not data.startswith(_HEAD) or not data.endswith(_TAIL) or b"\\" in data[len(_HEAD) :]:
            raise ValueError("not a vocabulary of the shipped kind")
        cells = data[len(_HEAD) : -len(_TAIL)].decode().replace('],["', '",').split('",')
        words, self._scores = cells[::2], cells[1::2]
        self._ids = dict(zip(words, range(len(words)), strict=True))
        self._longest = max(map(len, words))
        if len(cells) % 2 or len(self._ids) != len(words):
            raise ValueError("a piece without a score, or twice")

    def __len__(self) -> int:
        """How many pieces there are."""
        return len(self._scores)

    def cut(self, text: str) -> list[int] | None:
        """The numbers of a text's pieces, in order; `None` for a text that only `tokenizers` can cut.

        Raises ValueError where a score is no number.
        """
        runs = self.runs(text)
        return None if runs is None else [piece for run in runs for piece in self.best(run)]

    def runs(self, text: str) -> list[str] | None:
        """The runs of letters of one kind that a text's pieces lie in; `None` where `tokenizers` may see others."""
        return _RUN.findall(fold(text)) if _KNOWN(text) else None

    def best(self, run: str) -> list[int]:
        """The pieces of a run of letters of one kind: the first of those with the highest sum."""
        count = len(run)
        sums: list[float] = [0.0] + [0.0] * count
        begins = [-1] * (count + 1)
        pieces = [_UNKNOWN] * (count + 1)
        ids, scores = self._ids, self._scores
        for at in range(count):
            single = False
            for end in range(at + 1, min(count, at + self._longest) + 1):
                piece = ids.get(run[at:end])
                if piece is None:
                    continue
                total = float(scores[piece]) + sums[at]
                if begins[end] < 0 or total > sums[end]:
                    sums[end], begins[end], pieces[end] = total, at, piece
                single = single or end == at + 1
            if not single:
                total = self._unknown + sums[at]
                if begins[at + 1] < 0 or total > sums[at + 1]:
                    sums[at + 1], begins[at + 1], pieces[at + 1] = total, at, _UNKNOWN
        found: list[int] = []
        end = count
        while end > 0:
            if not (pieces[end] == _UNKNOWN and found and found[-1] == _UNKNOWN):  # what is unknown is one piece
                found.append(pieces[end])
            end = begins[end]
        return found[::-1]

    @cached_property
    def _unknown(self) -> float:
        return min(map(float, self._scores)) - _PENALTY
