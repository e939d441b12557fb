from __future__ import annotations

import math
from pathlib import Path

import pytest

from index.keywords import KeywordIndex, write_keywords

PASSAGES = ["公园 开放 时间", "公园 公园 犬", "罚款"]
AVERAGE = (3 + 3 + 1) / 3


def bm25(frequency: int, length: int, bearers: int) -> float:
    """Robertson and Zaragoza (2009), k1 1.2 and b 0.75, with the idf of Lucene: ln(1 + (N - n + 0.5) / (n + 0.5))."""
    idf = math.log(1 + (3 - bearers + 0.5) / (bearers + 0.5))
    return idf * frequency * 2.2 / (frequency + 1.2 * (0.25 + 0.75 * length / AVERAGE))


@pytest.fixture(params=["all scored at once", "as in large indexes"])
def keywords(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> KeywordIndex:
    if request.param == "as in large indexes":
        monkeypatch.setattr("index.keywords._FEW", 0)
    write_keywords(tmp_path / "keywords", PASSAGES)
    return KeywordIndex(tmp_path / "keywords")


def test_scores_are_bm25_worked_by_hand(keywords: KeywordIndex) -> None:
    assert keywords.search(["公园"], 10) == [
        (1, pytest.approx(bm25(2, 3, 2), rel=1e-5)),
        (0, pytest.approx(bm25(1, 3, 2), rel=1e-5)),
    ]


def test_scores_add_up_over_tokens_and_a_repeated_token_weighs_twice(keywords: KeywordIndex) -> None:
    found = dict(keywords.search(["公园", "开放", "开放", "无此词"], 10))
    assert found[0] == pytest.approx(bm25(1, 3, 2) + 2 * bm25(1, 3, 1), rel=1e-5)


def test_scores_of_chosen_rows_equal_those_of_a_search(keywords: KeywordIndex) -> None:
    tokens = ["公园", "犬", "罚款"]
    everything = dict(keywords.search(tokens, 10))
    assert set(everything) == {0, 1, 2}
    assert keywords.scores(tokens, [2, 0]) == {row: pytest.approx(everything[row], rel=1e-6) for row in (0, 2)}


def test_nothing_asked_nothing_found(keywords: KeywordIndex) -> None:
    assert keywords.search([], 10) == []
    assert keywords.search(["无此词"], 10) == []
    assert keywords.scores(["公园"], []) == {}
    assert keywords.scores(["公园"], [2]) == {}


def test_equal_scores_keep_the_order_of_rows(tmp_path: Path) -> None:
    write_keywords(tmp_path / "same", ["一样"] * 50)
    assert [row for row, _ in KeywordIndex(tmp_path / "same").search(["一样"], 20)] == list(range(20))


def test_no_passage_at_all(tmp_path: Path) -> None:
    write_keywords(tmp_path / "none", [])
    index = KeywordIndex(tmp_path / "none")
    assert (index.count, index.search(["公园"], 5)) == (0, [])


def test_a_folder_without_an_index_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="keywords"):
        KeywordIndex(tmp_path / "keywords")


def test_opening_writes_nothing_into_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "keywords"
    write_keywords(folder, PASSAGES)
    for lock in folder.glob(".*.lock"):
        lock.unlink()
    before = sorted(path.name for path in folder.iterdir())
    assert KeywordIndex(folder).search(["公园"], 1)
    assert sorted(path.name for path in folder.iterdir()) == before
