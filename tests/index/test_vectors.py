from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.vectors import VectorIndex, write_vectors

ROWS = np.array([[1, 0], [0.6, 0.8], [0, 0], [-1, 0]], dtype=np.float32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_vectors(tmp_path / "vectors.faiss", ROWS)
    return tmp_path / "vectors.faiss"


def test_nearest_first_with_cosines(path: Path) -> None:
    index = VectorIndex(path)
    assert (index.count, index.dimension) == (4, 2)
    found = index.search(np.array([0.8, 0.6], dtype=np.float32), 3)
    assert found == [(1, pytest.approx(0.96)), (0, pytest.approx(0.8)), (2, 0.0)]


def test_asking_for_more_than_there_are(path: Path) -> None:
    assert len(VectorIndex(path).search(ROWS[0], 100)) == 4


def test_rows_come_back_as_they_were_written(path: Path) -> None:
    assert np.array_equal(VectorIndex(path).rows([3, 1]), ROWS[[3, 1]])
    assert VectorIndex(path).rows([]).shape == (0, 2)


def test_no_vector_at_all(tmp_path: Path) -> None:
    write_vectors(tmp_path / "none.faiss", np.empty((0, 2), dtype=np.float32))
    index = VectorIndex(tmp_path / "none.faiss")
    assert (index.count, index.search(ROWS[0], 5)) == (0, [])


@pytest.mark.parametrize("data", [b"", b"IxFI", b"\0" * 64], ids=["empty", "short", "zeros"])
def test_a_file_that_is_no_index_is_an_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "bad.faiss").write_bytes(data)
    with pytest.raises(OSError, match=r"bad\.faiss"):
        VectorIndex(tmp_path / "bad.faiss")
