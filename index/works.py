"""How much a passage's document holds besides it."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from index.snapshot import Snapshot

_MANY = 50  # documents; in a smaller library the length of one is chance and says nothing of what it is about
_PROVISION = re.compile(r"第[一二三四五六七八九十百千零〇\d]+条(?:之[一二三四五六七八九十]+)?$")


def document_sizes(snapshot: Snapshot) -> NDArray[np.intp]:
    """For every row how many passages its document has, shape (rows,); 1 throughout among few documents.

    A library of one document (a book of laws, a judged set) is told apart by its outermost headings, the number of a
    provision at the end left out; a passage without a heading then stands alone.
    """
    entries = snapshot.entries
    sizes = np.ones(max((entry.first_chunk + entry.chunk_count for entry in entries), default=0), dtype=np.intp)
    for entry in entries:
        sizes[entry.first_chunk : entry.first_chunk + entry.chunk_count] = entry.chunk_count
    count = len(entries)
    if count == 1:
        places: dict[str, int] = {}
        titles = [next(iter(chunk.headings), "") for chunk in snapshot.chunks(entries[0].id)]
        named = (_PROVISION.sub("", title) or str(at) for at, title in enumerate(titles))
        numbers = np.array([places.setdefault(title, len(places)) for title in named], dtype=np.intp)
        sizes[entries[0].first_chunk :] = np.bincount(numbers, minlength=1)[numbers]
        count = len(places)
    return sizes if count >= _MANY else np.ones_like(sizes)
