from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Thread, current_thread
from typing import get_args

import pytest
from threadpoolctl import threadpool_info  # type: ignore[import-untyped]

from errors import SnapshotError, UsageError
from index.build import build
from index.lexicon import Lexicon
from index.manifest import publish, read_manifest
from index.search import COSINE_WEIGHT, Hit, Mode, Searcher
from index.snapshot import open_snapshot
from index.vectors import VectorIndex, Vectors
from index.words import Segmenter, dictionary_total, query_tokens
from tests.index.conftest import WATER, RecordingEmbedding

QUERIES = ["公园开放时间", "违反规定罚多少钱", "动画片补贴", "水"]


@pytest.fixture
def searcher(library: Path, tmp_path: Path, embedding: RecordingEmbedding) -> Searcher:
    build([library], tmp_path / "index", embedding=embedding)
    return Searcher(open_snapshot(tmp_path / "index", embedding))


@pytest.mark.parametrize(
    ("query", "file", "words"),
    [
        ("公园开放时间是每日几时", "b_parks.md", "六时至二十二时"),
        ("牵引绳多长", "b_parks.md", "不超过2米"),
        ("用水超标罚款多少", "a_water.txt", "处以2万元罚款"),
        ("原创动画片每分钟补贴", "c_studio.txt", "每分钟2000元"),
        ("人才公寓租金", "c_studio.txt", "租金减免百分之五十"),
    ],
)
def test_the_passage_that_answers_comes_first(searcher: Searcher, query: str, file: str, words: str) -> None:
    hit = searcher.search(query, k=1)[0]
    assert words in hit.chunk.text
    assert searcher.snapshot.entry(hit.chunk.doc).file == file


def test_the_title_finds_a_passage_that_does_not_name_it(searcher: Searcher) -> None:
    hit = searcher.search("公园条例第三条", k=1)[0]
    assert (hit.chunk.section, "公园条例" in hit.chunk.text) == ("第三条", False)


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_the_hybrid_score_is_the_weighted_sum(searcher: Searcher, query: str, weight: float) -> None:
    hits = Searcher(searcher.snapshot, cosine_weight=weight).search(query, k=1000)
    parts = [dict(hit.parts) for hit in hits]
    highest = max(part["bm25"] for part in parts)
    for hit, part in zip(hits, parts, strict=True):
        assert hit.score == pytest.approx((1 - weight) * part["bm25"] / highest + weight * part["cosine"])
        assert part["bm25"] >= 0
        assert -1.0001 <= part["cosine"] <= 1.0001


def test_the_products_of_a_question_use_one_thread(searcher: Searcher) -> None:
    """More of them wait for each other: a question then takes several times as long on a busy machine."""
    of_numpy = [one for one in threadpool_info() if one.get("threading_layer") == "pthreads"]
    assert {one["num_threads"] for one in of_numpy} <= {1}


def test_the_usual_weight() -> None:
    assert COSINE_WEIGHT == 0.3


@pytest.mark.parametrize("query", QUERIES)
def test_every_candidate_has_both_scores_of_the_single_modes(searcher: Searcher, query: str) -> None:
    sparse = {hit.chunk.id: hit.score for hit in searcher.search(query, k=1000, mode="sparse")}
    dense = {hit.chunk.id: hit.score for hit in searcher.search(query, k=1000, mode="dense")}
    words_alone = Lexicon(entries=(), guards=frozenset())  # nothing is added to the words of the question
    hybrid = Searcher(searcher.snapshot, lexicon=words_alone).search(query, k=1000)
    assert {hit.chunk.id for hit in hybrid} == sparse.keys() | dense.keys()
    for hit in hybrid:
        expected = (("bm25", sparse.get(hit.chunk.id, 0.0)), ("cosine", dense[hit.chunk.id]))
        assert [(name, pytest.approx(value, rel=1e-5, abs=1e-6)) for name, value in expected] == list(hit.parts)


@pytest.mark.parametrize("mode", get_args(Mode))
@pytest.mark.parametrize("query", QUERIES)
def test_best_first_at_most_k_and_the_same_again(searcher: Searcher, query: str, mode: Mode) -> None:
    hits = searcher.search(query, k=3, mode=mode)
    assert len(hits) == 3 or mode == "sparse"
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert searcher.search(query, k=3, mode=mode) == hits
    assert searcher.search(query, k=2, mode=mode) == hits[:2]
    kinds = {"hybrid": ["bm25", "cosine"], "dense": ["cosine"], "sparse": ["bm25"]}[mode]
    assert all([name for name, _ in hit.parts] == kinds for hit in hits)


@pytest.mark.parametrize("query", ["公园步道多宽", "节水器具"])
def test_many_passages_are_searched_both_ways_at_once(
    searcher: Searcher, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, embedding = searcher.snapshot.retrieval.store, searcher.snapshot.retrieval.embedding
    tokens, vector = query_tokens(query, Segmenter()), embedding.encode([query])[0]
    one_by_one = store.candidates(tokens, vector, 2)
    found_by: list[Thread] = []
    search = VectorIndex.search

    def watched(index: VectorIndex, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        found_by.append(current_thread())
        return search(index, vector, limit)

    monkeypatch.setattr(VectorIndex, "search", watched)
    monkeypatch.setattr("index.store._MANY", 0)
    assert store.candidates(tokens, vector, 2) == one_by_one
    assert len(one_by_one) >= 2
    assert found_by != [current_thread()]


def test_a_search_counts_the_tokens_of_the_whole_question(searcher: Searcher) -> None:
    tokens = query_tokens("公园开放时间", Segmenter(dictionary_total()))
    raw = dict(searcher.snapshot.retrieval.store.keywords.search(tokens, 1000))
    found = searcher.search("公园开放时间", k=1000, mode="sparse")
    assert sorted((hit.score for hit in found), reverse=True) == sorted(raw.values(), reverse=True)


def test_a_question_of_unknown_marks_finds_nothing_by_keywords(searcher: Searcher) -> None:
    assert searcher.search("？？", mode="sparse") == []
    assert searcher.search("zzz", mode="sparse") == []
    assert searcher.search("zzz") == []  # no keyword, and a vector of zeros


@pytest.mark.parametrize(
    ("query", "k", "mode", "message"),
    [
        ("", 10, "hybrid", "问题是空的"),
        (" \n　", 10, "hybrid", "问题是空的"),
        ("公园", 0, "hybrid", "k 应不小于 1"),
        ("公园", -1, "dense", "k 应不小于 1"),
        ("公园", 10, "fuzzy", "hybrid、dense、sparse"),
    ],
)
def test_wrong_requests_say_so(searcher: Searcher, query: str, k: int, mode: Mode, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        searcher.search(query, k=k, mode=mode)


def texts(hits: list[Hit]) -> list[str]:
    return [hit.chunk.text for hit in hits]


def test_a_passage_of_two_renderings_comes_once_from_the_first(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding
) -> None:
    marked = WATER.replace("第一条 ", "## 第一条　").replace("2021年7月1日", "2022年1月1日")
    (library / "z_water.md").write_text(marked, encoding="utf-8")
    build([library], tmp_path / "index", embedding=embedding)
    searcher = Searcher(open_snapshot(tmp_path / "index", embedding))
    first, last = (searcher.snapshot.entries[at] for at in (0, 3))
    assert searcher.snapshot.renderings(last.id) == (first.id, last.id)
    once = searcher.search("违反本办法处以多少罚款", k=1000)
    twice = searcher.search("违反本办法处以多少罚款", k=1000, distinct=False)
    assert len([text for text in texts(once) if "处以2万元罚款" in text]) == 1
    assert len([text for text in texts(twice) if "处以2万元罚款" in text]) == 2
    assert next(hit for hit in once if "处以2万元罚款" in hit.chunk.text).chunk.doc == first.id
    dates = [text for text in texts(searcher.search("本办法何时施行", k=1000)) if "起施行" in text]
    assert sorted(date[-9:] for date in dates) == sorted(["年1月1日起施行。"[-9:], "年7月1日起施行。"[-9:]])


def test_an_index_of_other_words_is_refused(library: Path, tmp_path: Path, embedding: RecordingEmbedding) -> None:
    build([library], tmp_path / "index", embedding=embedding)
    publish(tmp_path / "index", replace(read_manifest(tmp_path / "index"), tokens="0 none"))
    with pytest.raises(SnapshotError, match=r"分词与本程序不同.*wence build"):
        Searcher(open_snapshot(tmp_path / "index", embedding))
