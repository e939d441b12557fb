"""The embeddings of all chunks in FAISS: row i of the files laid end to end belongs to chunk i of the catalogue.

What a file holds is chosen by its size (docs/scale.md has the measurements): exact vectors while they are few, then
one byte a dimension, then the same bytes sorted into lists of which a question looks at the nearest. Every kind gives
the same file for the same vectors, on the same machine with the same number of threads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from heapq import nlargest
from pathlib import Path
from typing import Any, Literal

import faiss
import numpy as np
from numpy.typing import NDArray

_faiss: Any = faiss  # its type stubs leave a part out
Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]
Kind = Literal["flat", "sq8", "ivf", "hnsw"]
KINDS: tuple[Kind, ...] = ("flat", "sq8", "ivf", "hnsw")
_NONE: Rows = np.empty(0, dtype=np.int64)

_EXACT = 20_000  # vectors that are kept as they are
_WHOLE = 200_000  # vectors that a question looks through one and all
_SAMPLE = 100_000  # vectors from which the steps of a byte are learnt
_PER_LIST = 40  # vectors of a sample that each list is learnt from
_ROUNDS = 10
_LOOKED_THROUGH = 0.35  # of the lists, by a question
_LINKS, _EFFORT, _LOOKED_AT = 16, 80, 768  # of HNSW: links of a vector, candidates when built and when asked
_BATCH = 65_536  # vectors that are added together


def choose(count: int, wanted: Kind | None = None) -> Kind:
    """The kind of index for `count` vectors: `wanted`, or by size."""
    if wanted is not None and (count or wanted == "flat"):
        return wanted
    return "flat" if count < _EXACT else "sq8" if count < _WHOLE else "ivf"


def new_index(dimension: int, count: int, kind: Kind) -> Any:
    """An empty FAISS index of that kind for `count` vectors: the one place that makes one."""
    byte, inner = faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    index: Any
    match kind:
        case "flat":
            return faiss.IndexFlatIP(dimension)
        case "sq8":
            return faiss.IndexScalarQuantizer(dimension, byte, inner)
        case "ivf":
            lists = max(1, min(4096, int(4 * count**0.5), count))
            index = faiss.IndexIVFScalarQuantizer(faiss.IndexFlatIP(dimension), dimension, lists, byte, inner, False)
            index.cp.spherical, index.cp.niter = True, _ROUNDS
            index.cp.min_points_per_centroid = 1  # no warning about a small library
            return index
        case "hnsw":
            index = _faiss.IndexHNSWSQ(dimension, byte, _LINKS, inner)
            index.hnsw.efConstruction = _EFFORT
            return index


def write_vectors(path: Path, vectors: Vectors, *, kind: Kind | None = None, threads: int = 1) -> None:
    """Write rows of shape (n, dimension), L2-normalised or zero, perhaps mapped from a file: read piece by piece.

    `kind` overrides the choice by size. HNSW uses one thread whatever is asked for: its links depend on the order.
    Raises OSError when they cannot be written.
    """
    count, dimension = vectors.shape
    chosen = choose(count, kind)
    index = new_index(dimension, count, chosen)
    with _threads(1 if chosen == "hnsw" else threads):
        if not index.is_trained:
            wanted = max(_SAMPLE, _PER_LIST * index.nlist) if chosen == "ivf" else _SAMPLE
            sample = np.ascontiguousarray(vectors[:: max(1, count // wanted)], dtype=np.float32)
            index.train(sample)
        for at in range(0, count, _BATCH):
            index.add(np.ascontiguousarray(vectors[at : at + _BATCH], dtype=np.float32))
        if chosen == "ivf":
            index.make_direct_map(True)
    try:
        faiss.write_index(index, str(path))
    except RuntimeError as error:
        cause = str(error).rsplit("failed: ", 1)[-1]  # FAISS puts its own source line before the cause
        raise OSError(f"{path.name}: {cause}") from error


class VectorFile:
    """Vectors on disk, mapped into memory: opening reads only the header, of an HNSW index the links too."""

    def __init__(self, path: Path) -> None:
        """Raises OSError when the file is missing or no FAISS index of ours."""
        try:
            with path.open("rb") as file:
                lists = file.read(4) == b"IwSq"
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP if lists else faiss.IO_FLAG_MMAP_IFC)
        except (RuntimeError, MemoryError) as error:
            raise OSError(f"{path.name}: {error}") from error
        self._index: Any = index

    @property
    def count(self) -> int:
        """Number of vectors."""
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    @property
    def kind(self) -> Kind:
        """What the file holds."""
        match self._index:
            case faiss.IndexIVFScalarQuantizer():
                return "ivf"
            case faiss.IndexHNSW():
                return "hnsw"
            case faiss.IndexScalarQuantizer():
                return "sq8"
            case _:
                return "flat"

    def search(self, query: Vectors, limit: int, without: Rows | None = None) -> list[tuple[int, float]]:
        """The `limit` nearest rows with their cosines in [-1, 1], best first, to a query of shape (dimension,).

        `without` are rows that no longer count. The cosines of all kinds but `flat` are right to about 0.005.
        """
        limit = min(limit, self.count - (0 if without is None else len(without)))
        if limit <= 0:
            return []
        with _threads(1):  # more of them wait for each other longer than one question takes
            scores, rows = self._index.search(query[np.newaxis, :], limit, params=self._parameters(limit, without))
        count = self.count
        return [
            (row, score)
            for row, score in zip(rows[0].tolist(), scores[0].tolist(), strict=True)
            if 0 <= row < count  # a damaged list may name anything
        ]

    def rows(self, rows: Rows) -> Vectors:
        """The vectors of `rows`, shape (len(rows), dimension)."""
        found: Vectors = self._index.reconstruct_batch(rows)
        return found

    def _parameters(self, limit: int, without: Rows | None) -> Any:
        # FAISS does not keep the selectors alive: whoever holds the parameters holds them.
        left_out = None if without is None or not len(without) else faiss.IDSelectorBatch(without)
        selector = None if left_out is None else faiss.IDSelectorNot(left_out)
        parameters: Any = faiss.SearchParameters()
        if self.kind == "ivf":
            parameters = faiss.SearchParametersIVF()
            parameters.nprobe = max(1, int(_LOOKED_THROUGH * self._index.nlist))
        elif self.kind == "hnsw":
            parameters = _faiss.SearchParametersHNSW()
            parameters.efSearch = max(_LOOKED_AT, limit)
        if selector is not None:
            parameters.sel = selector
        parameters.held = (left_out, selector)
        return parameters


class VectorIndex:
    """The files of one index, laid end to end; rows that no document holds any more are never found."""

    def __init__(self, files: Sequence[VectorFile], without: Sequence[range] = ()) -> None:
        """`without` are the rows that no longer count."""
        self._files = files
        self._starts = [sum(file.count for file in files[:at]) for at in range(len(files) + 1)]
        gone = np.concatenate([np.arange(one.start, one.stop, dtype=np.int64) for one in without] or [_NONE])
        cuts = np.searchsorted(gone, self._starts)
        self._without = [gone[a:b] - start for start, a, b in zip(self._starts, cuts, cuts[1:], strict=False)]

    @property
    def count(self) -> int:
        """Number of rows, those that no longer count included."""
        return self._starts[-1]

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._files[0].dimension

    def search(self, query: Vectors, limit: int) -> list[tuple[int, float]]:
        """The `limit` nearest rows with their cosines in [-1, 1], best first, to a query of shape (dimension,)."""
        found = [
            (start + row, score)
            for file, start, without in zip(self._files, self._starts, self._without, strict=False)
            for row, score in file.search(query, limit, without)
        ]
        return found if len(self._files) == 1 else nlargest(limit, found, key=lambda hit: (hit[1], -hit[0]))

    def rows(self, rows: Sequence[int]) -> Vectors:
        """The vectors of `rows`, shape (len(rows), dimension). Raises IndexError for a row that is not there."""
        wanted = np.asarray(rows, dtype=np.int64)
        if wanted.size and not 0 <= wanted.min() <= wanted.max() < self.count:
            raise IndexError(f"no row {int(wanted.max())}")
        if len(self._files) == 1:
            return self._files[0].rows(wanted)
        found = np.empty((len(wanted), self.dimension), dtype=np.float32)
        for file, start, end in zip(self._files, self._starts, self._starts[1:], strict=False):
            inside = (wanted >= start) & (wanted < end)
            if inside.any():
                found[inside] = file.rows(wanted[inside] - start)
        return found


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """FAISS with so many threads."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(count)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
