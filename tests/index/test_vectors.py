from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from errors import ConfigError
from index.vectors import KINDS, Kind, VectorFile, VectorIndex, choose, write_vectors
from settings import load_settings

ROWS = np.array([[1, 0], [0.6, 0.8], [0, 0], [-1, 0]], dtype=np.float32)


def opened(*paths: Path, without: tuple[range, ...] = ()) -> VectorIndex:
    return VectorIndex([VectorFile(path) for path in paths], without)


def near_each_other(count: int, *, seed: int = 0) -> NDArray[np.float32]:
    """Rows of 64 dimensions at length 1, some 20 around each of many centres, as passages of one subject are."""
    chance = np.random.default_rng(seed)
    centres = chance.normal(size=(max(1, count // 20), 64))
    rows = centres[chance.integers(len(centres), size=count)] + 0.7 * chance.normal(size=(count, 64))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_vectors(tmp_path / "vectors.faiss", ROWS)
    return tmp_path / "vectors.faiss"


def test_nearest_first_with_cosines(path: Path) -> None:
    index = opened(path)
    assert (index.count, index.dimension) == (4, 2)
    found = index.search(np.array([0.8, 0.6], dtype=np.float32), 3)
    assert found == [(1, pytest.approx(0.96)), (0, pytest.approx(0.8)), (2, 0.0)]


def test_asking_for_more_than_there_are(path: Path) -> None:
    assert len(opened(path).search(ROWS[0], 100)) == 4


def test_rows_come_back_as_they_were_written(path: Path) -> None:
    assert np.array_equal(opened(path).rows([3, 1]), ROWS[[3, 1]])
    assert opened(path).rows([]).shape == (0, 2)


def test_no_vector_at_all(tmp_path: Path) -> None:
    write_vectors(tmp_path / "none.faiss", np.empty((0, 2), dtype=np.float32))
    index = opened(tmp_path / "none.faiss")
    assert (index.count, index.search(ROWS[0], 5)) == (0, [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_for_many_is_made_of_a_few_too(tmp_path: Path, kind: Kind) -> None:
    write_vectors(tmp_path / "few.faiss", ROWS, kind=kind)
    assert opened(tmp_path / "few.faiss").search(ROWS[0], 1) == [(0, pytest.approx(1, abs=0.01))]


@pytest.mark.parametrize("data", [b"", b"IxFI", b"\0" * 64], ids=["empty", "short", "zeros"])
def test_a_file_that_is_no_index_is_an_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "bad.faiss").write_bytes(data)
    with pytest.raises(OSError, match=r"bad\.faiss"):
        opened(tmp_path / "bad.faiss")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_finds_what_an_exact_search_finds(tmp_path: Path, kind: Kind) -> None:
    rows, queries = near_each_other(6000), near_each_other(100, seed=1)
    write_vectors(tmp_path / "v.faiss", rows, kind=kind)
    index = opened(tmp_path / "v.faiss")
    assert VectorFile(tmp_path / "v.faiss").kind == kind
    exact = np.argsort(-(queries @ rows.T), axis=1)[:, :10]
    found = [[row for row, _ in index.search(query, 10)] for query in queries]
    shared = [len(set(one) & set(other.tolist())) / 10 for one, other in zip(found, exact, strict=True)]
    assert np.mean(shared) >= 0.97
    [(row, score)] = index.search(rows[123], 1)
    assert (row, score) == (123, pytest.approx(1, abs=0.01))
    assert np.abs(index.rows([5999, 0]) - rows[[5999, 0]]).max() < 0.01


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_vectors_give_the_same_file(tmp_path: Path, kind: Kind) -> None:
    for name in "ab":
        write_vectors(tmp_path / name, near_each_other(3000), kind=kind, threads=2)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_rows_that_no_longer_count_are_never_found(tmp_path: Path, kind: Kind) -> None:
    rows = near_each_other(900)
    write_vectors(tmp_path / "a", rows[:600], kind=kind)
    write_vectors(tmp_path / "b", rows[600:])
    index = opened(tmp_path / "a", tmp_path / "b", without=(range(0, 500), range(650, 899)))
    assert (index.count, index.dimension) == (900, 64)
    assert np.abs(index.rows([899, 3, 600]) - rows[[899, 3, 600]]).max() < 0.01
    found = index.search(rows[10], 900)
    assert {row for row, _ in found} <= {*range(500, 650), 899}
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert index.search(rows[899], 1)[0][0] == 899
    if kind in ("flat", "sq8"):
        assert len(found) == 151


def test_a_row_that_is_not_there(path: Path) -> None:
    with pytest.raises(IndexError, match="4"):
        opened(path).rows([0, 4])


@pytest.mark.parametrize(("count", "kind"), [(0, "flat"), (19_999, "flat"), (20_000, "sq8"), (200_000, "ivf")])
def test_the_kind_goes_by_the_number_of_vectors(count: int, kind: Kind) -> None:
    assert choose(count) == kind
    assert choose(count, "hnsw") == ("hnsw" if count else "flat")


def test_the_setting_overrides_the_choice() -> None:
    assert load_settings({}).vectors == "auto"
    assert load_settings({"WENCE_VECTORS": "hnsw"}).vectors == "hnsw"
    with pytest.raises(ConfigError, match=r"WENCE_VECTORS.*sq9"):
        load_settings({"WENCE_VECTORS": "sq9"})
