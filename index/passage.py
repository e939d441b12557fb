"""A passage made ready for matching: its folded characters, its sentences and the pieces of its words.

Nothing of it depends on a question, so a part of an index keeps what is dear to make of it (`dump`): cutting words into
pieces takes ten times as long as reading them. What was kept by another program or is damaged is made again.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from index.embedding import StaticEmbedding
from index.words import fold

CHARACTERS = 0x10000
"""Code points that are told apart; rarer ones count as the last of them, which no question matches."""

_LONGEST = 1500  # characters of a passage that are looked at; more only cost time
_STOP = re.compile(r"[。！？!?；;\n]")
_VERSION = 1  # of what is kept: of this module, and of what it has to do with `index.words.fold`
_HEADER = struct.Struct("<IHHHH")  # checksum, body, number of starts, number of bounds, bytes of a piece
_NOTHING = np.zeros(1, dtype=np.int32)


@dataclass(frozen=True)
class Passage:
    """A passage made ready for matching; it does not depend on any question.

    text: the folded characters. codes: their code points, uint16, rarer ones all 65535 (shape (n,), n at least 1).
    body: where the text below the headings begins. starts: where each sentence begins, starts[0] == 0.
    pieces: the embedding's word pieces, shape (p,), p at least 1; bounds: where each sentence's pieces begin,
    bounds[0] == 0; norms: the length, above 0, of the sum of the vectors of each sentence and the one after it.
    """

    text: str
    codes: NDArray[np.uint16]
    body: int
    starts: NDArray[np.integer]
    pieces: NDArray[np.integer]
    bounds: NDArray[np.integer]
    norms: NDArray[np.float32]


def prepare(passages: Sequence[tuple[Sequence[str], str]], embedding: StaticEmbedding) -> list[Passage]:
    """Passages from their headings (outermost first) and texts; all at once, as each call of the tokenizer costs."""
    if not passages:
        return []
    cuts = [_cut(headings, text) for headings, text in passages]
    sentences = embedding.pieces_of([cut.text[a:b] for cut in cuts for a, b in pairwise(cut.inside)])
    held: list[NDArray[np.int32]] = []
    counts: list[int] = []
    at = 0
    for cut in cuts:
        own = [pieces for pieces in sentences[at : at + len(cut.inside) - 1] if len(pieces)] or [_NOTHING]
        at += len(cut.inside) - 1
        held += own
        counts.append(len(own))
    ends = np.cumsum([len(pieces) for pieces in held])
    flat, begins = np.concatenate(held), np.concatenate([[0], ends[:-1]])
    sums = np.add.reduceat(embedding.piece_vectors(flat), begins, axis=0)
    lasts = np.cumsum(counts)
    follows = np.ones(len(held), dtype=bool)
    follows[lasts - 1] = False
    sums[follows] += sums[np.flatnonzero(follows) + 1]
    norms = (np.linalg.norm(sums, axis=1) + 1e-6).astype(np.float32)
    return [
        Passage(
            text=cut.text,
            codes=_codes(cut.text),
            body=cut.body,
            starts=np.array(cut.starts, dtype=np.int32),
            pieces=flat[begins[first] : ends[last - 1]],
            bounds=(begins[first:last] - begins[first]).astype(np.int32),
            norms=norms[first:last],
        )
        for cut, first, last in zip(cuts, lasts - counts, lasts, strict=True)
    ]


def dump(passage: Passage) -> bytes:
    """What of a passage is dear to make, for `load`."""
    wide = "<u2" if int(passage.pieces.max()) <= 0xFFFF else "<u4"
    starts, bounds = passage.starts.astype("<u2"), passage.bounds.astype("<u2")
    kept = starts.tobytes() + bounds.tobytes() + passage.norms.astype("<f4").tobytes()
    kept += passage.pieces.astype(wide).tobytes()
    counts = (passage.body, len(starts), len(bounds), int(wide[-1]))
    return _HEADER.pack(_checksum(passage.codes, _HEADER.pack(0, *counts), kept), *counts) + kept


def load(headings: Sequence[str], text: str, kept: bytes) -> Passage | None:
    """The passage that was dumped; `None` when it was another one, by other code, or is damaged."""
    if len(kept) < _HEADER.size:
        return None
    folded = fold("\n".join((*headings, text)))[:_LONGEST] or "\n"
    codes = _codes(folded)
    checksum, body, begun, counted, width = _HEADER.unpack_from(kept)
    if checksum != _checksum(codes, _HEADER.pack(0, body, begun, counted, width), kept[_HEADER.size :]):
        return None
    begin = _HEADER.size + 2 * begun
    end = begin + 6 * counted
    return Passage(
        text=folded,
        codes=codes,
        body=body,
        starts=np.frombuffer(kept, "<u2", begun, _HEADER.size),
        bounds=np.frombuffer(kept, "<u2", counted, begin),
        norms=np.frombuffer(kept, "<f4", counted, begin + 2 * counted),
        pieces=np.frombuffer(kept, f"<u{width}", -1, end),
    )


def _checksum(codes: NDArray[np.uint16], *kept: bytes) -> int:
    found = crc32(codes.data, _VERSION)
    for part in kept:
        found = crc32(part, found)
    return found


@dataclass(frozen=True)
class _Cut:
    """A passage's folded text, where its body and its sentences begin, and what its word pieces are summed over:
    the headings with the first sentence, then sentence after sentence, as places from 0 to the end."""

    text: str
    body: int
    starts: list[int]
    inside: list[int]


def _cut(headings: Sequence[str], text: str) -> _Cut:
    head = fold("\n".join(headings) + "\n") if headings else ""
    whole = (head + fold(text))[:_LONGEST] or "\n"
    body = min(len(head), len(whole) - 1)
    starts = [0, *(match.end() for match in _STOP.finditer(whole, 0, len(whole) - 1))]
    return _Cut(whole, body, starts, [0, *(at for at in starts if at > body), len(whole)])


def _codes(text: str) -> NDArray[np.uint16]:
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype=np.uint16)
    if len(units) == len(text):
        return units
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return np.minimum(points, CHARACTERS - 1).astype(np.uint16)
