"""Where a search gets its candidates: FAISS and tantivy on this machine, or an engine for many (`index.milvus`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from errors import SnapshotError
from index.catalogue import Entry
from index.filter import Filter

if TYPE_CHECKING:
    from index.keywords import KeywordIndex, Tokens
    from index.vectors import VectorIndex

Floats = NDArray[np.float32]
_MANY = 200_000  # passages from which vectors and keywords are searched at the same time, 20 ms each
_FEW = 20_000  # passages that are all looked at when a query is limited to them


class Store(Protocol):
    """The vectors and tokens of the passages of one snapshot; a row is the number of a passage in its catalogue.

    Safe to use from several threads. Raises SnapshotError when an engine does not answer.
    """

    @property
    def count(self) -> int:
        """Number of passages."""
        ...

    def candidates(self, tokens: Tokens, vector: Floats | None, limit: int, within: Filter | None = None) -> set[int]:
        """Rows worth scoring: about `limit` by BM25 and about `limit` by cosine, of documents that fit `within`.

        Without tokens none are looked up by BM25, without a vector (shape (dimension,), unit length) none by cosine.
        """
        ...

    def matching(self, tokens: Tokens, limit: int) -> list[int]:
        """The `limit` best rows by BM25, best first."""
        ...

    def scores(self, tokens: Tokens, rows: Sequence[int]) -> dict[int, float]:
        """BM25 scores (above 0, k1 1.2, b 0.75) of those of `rows` that share a token with the question."""
        ...

    def cosines(self, vector: Floats, rows: Sequence[int]) -> dict[int, float]:
        """The cosine in [-1, 1] of each of `rows` to a vector of unit length."""
        ...

    def holding(self, tokens: Iterable[str]) -> dict[str, int]:
        """For each distinct token how many passages hold it."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


class LocalStore:
    """FAISS and tantivy: the files of a snapshot, mapped into memory."""

    def __init__(self, vectors: VectorIndex, keywords: KeywordIndex, entries: Callable[[], Sequence[Entry]]) -> None:
        """`entries` gives the documents of the snapshot in order; it is asked only when a search is limited."""
        self.vectors = vectors
        self.keywords = keywords
        self._entries = entries

    @property
    def count(self) -> int:
        """See `Store.count`."""
        return self.keywords.count

    def candidates(self, tokens: Tokens, vector: Floats | None, limit: int, within: Filter | None = None) -> set[int]:
        """See `Store.candidates`; all passages of the documents that fit while they are few."""
        ranges = self._ranges(within) if within is not None else None
        if ranges is not None and sum(map(len, ranges)) <= _FEW:
            return {row for one in ranges for row in one}
        near = self._near(tokens, vector, limit)
        return near if ranges is None else {row for row in near if any(row in one for one in ranges)}

    def _near(self, tokens: Tokens, vector: Floats | None, limit: int) -> set[int]:
        if vector is None or not vector.any():
            return set(self.matching(tokens, limit))
        if self.count < _MANY:
            return {*self.matching(tokens, limit), *(row for row, _ in self.vectors.search(vector, limit))}
        with ThreadPoolExecutor(1) as beside:
            close = beside.submit(self.vectors.search, vector, limit)
            return {*self.matching(tokens, limit), *(row for row, _ in close.result())}

    def matching(self, tokens: Tokens, limit: int) -> list[int]:
        """See `Store.matching`."""
        found = [row for row, _ in self.keywords.search(tokens, limit)]
        if max(found, default=0) >= self.vectors.count:
            raise SnapshotError("索引文件已损坏（关键词与段落对不上）；请用 wence verify 核对，再重新运行 wence build")
        return found

    def scores(self, tokens: Tokens, rows: Sequence[int]) -> dict[int, float]:
        """See `Store.scores`."""
        return self.keywords.scores(tokens, rows)

    def cosines(self, vector: Floats, rows: Sequence[int]) -> dict[int, float]:
        """See `Store.cosines`."""
        if not rows:
            return {}
        products = self.vectors.rows(list(rows)) @ vector
        return dict(zip(rows, products.tolist(), strict=True))

    def holding(self, tokens: Iterable[str]) -> dict[str, int]:
        """See `Store.holding`."""
        return self.keywords.holding(tokens)

    def close(self) -> None:
        """Nothing to do: the maps go with the object."""

    def _ranges(self, within: Filter) -> list[range]:
        return [
            range(entry.first_chunk, entry.first_chunk + entry.chunk_count)
            for entry in self._entries()
            if within.fits(entry)
        ]
