"""One contract over both stores: the files of this machine, and Milvus (Milvus Lite, run for real)."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest

from index.filter import Filter
from index.ledger import rounded, tokens_in
from index.query import Only
from index.search import Searcher
from index.words import query_tokens
from tests.index.stores.conftest import Shelf, needs_lite

QUESTIONS = (
    *("公园几点关门", "遛狗绳多长", "用水超标罚多少", "动画片补贴标准", "人才公寓", "充电桩补助多少钱", "冷库补助"),
    *(
        "冷藏车3.5万元",
        "无人机试飞",
        "载人航线奖励",
        "临河市公园办法",
        "“水平衡测试”",
        "第二条",
        "企业",
        "subsidy for parks",
    ),
)


def files(searcher: Searcher, rows: set[int]) -> set[str]:
    return {searcher.snapshot.entries[searcher._document(row)].file for row in rows}


class TestStores:
    """What every store must do."""

    def test_it_counts_passages_and_tokens(self, searcher: Searcher) -> None:
        store, passages = searcher.snapshot.retrieval.store, list(searcher.snapshot.catalogue.tokens())
        assert store.count == len(passages) == searcher.snapshot.counts().chunks
        asked = ["公园", "园", "补助", "3.5", "没有这个词"]
        held = {token: sum(token in tokens_in(words, text) for words, text in passages) for token in asked}
        assert store.holding([*asked, "公园"]) == held
        assert held["公园"] > 0
        assert held["没有这个词"] == 0

    def test_scores_are_bm25(self, searcher: Searcher) -> None:
        store, passages = searcher.snapshot.retrieval.store, list(searcher.snapshot.catalogue.tokens())
        bags = [tokens_in(words, text) for words, text in passages]
        mean = sum(map(len, bags)) / len(bags)
        weights = {"公园": 2.0, "补助": 0.3, "园": 1.0}
        expected: dict[int, float] = {}
        for row, bag in enumerate(bags):
            for token, weight in weights.items():
                often, holding = bag.count(token), sum(token in other for other in bags)
                idf = math.log(1 + (len(bags) - holding + 0.5) / (holding + 0.5))
                if often:
                    part = weight * idf * often * 2.2 / (often + 1.2 * (0.25 + 0.75 * rounded(len(bag)) / mean))
                    expected[row] = expected.get(row, 0.0) + part
        found = store.scores(weights, range(len(bags)))
        assert found.keys() == expected.keys()
        assert found == pytest.approx(expected, rel=1e-5)
        assert store.scores(weights, []) == {}
        assert store.scores({}, [0, 1]) == {}

    def test_cosines_are_those_of_the_embedding(self, searcher: Searcher) -> None:
        retrieval = searcher.snapshot.retrieval
        rows = [3, 0, 5]
        texts = [searcher.snapshot.catalogue.chunk_at(row).embed_text for row in rows]
        vector = retrieval.embedding.encode(["公园开放时间"])[0]
        products = retrieval.embedding.encode(texts) @ vector
        found = retrieval.store.cosines(vector, rows)
        assert list(found) == rows
        assert np.allclose(list(found.values()), products, atol=1e-6)
        assert retrieval.store.cosines(vector, []) == {}

    def test_candidates_are_the_nearest_of_both_kinds(self, searcher: Searcher) -> None:
        retrieval, count = searcher.snapshot.retrieval, searcher.snapshot.counts().chunks
        everything = list(range(count))
        tokens = query_tokens("冷藏车购置补贴", searcher._segmenter)
        vector = retrieval.embedding.encode(["冷藏车购置补贴"])[0]
        bm25, cosine = retrieval.store.scores(tokens, everything), retrieval.store.cosines(vector, everything)
        for near, scores in (
            (retrieval.store.candidates(tokens, None, 5), bm25),
            (retrieval.store.candidates([], vector, 5), cosine),
            (set(retrieval.store.matching(tokens, 5)), bm25),
        ):
            assert len(near) == 5
            fifth = sorted(scores.values())[-5]
            assert all(scores[row] >= fifth - 1e-5 for row in near)
        both = retrieval.store.candidates(tokens, vector, 5)
        assert both >= retrieval.store.candidates([], vector, 5)
        assert 5 <= len(both) <= 10
        ordered = [bm25[row] for row in retrieval.store.matching(tokens, 10)]
        assert ordered == sorted(ordered, reverse=True)
        assert retrieval.store.candidates([], None, 5) == set()
        assert retrieval.store.candidates([], np.zeros_like(vector), 5) == set()
        assert retrieval.store.candidates(["没有这个词"], None, 5) == set()

    @pytest.mark.parametrize(
        "within",
        [
            Filter(docs=frozenset({0, 7})),
            Filter(regions=frozenset({"临河市", "北川县"})),
            Filter(years=frozenset({2016, 2019})),
            Filter(day=20170630),
            Filter(day=20170701),
            Filter(day=20191231),
            Filter(day=20200101),
            Filter(day=20230101),
            Filter(docs=frozenset(range(12)), regions=frozenset({"海安市"}), years=frozenset({2022}), day=20230101),
            Filter(regions=frozenset()),
            Filter(docs=frozenset()),
            Filter(years=frozenset({1999})),
        ],
    )
    def test_filters_keep_to_documents_that_fit(self, searcher: Searcher, within: Filter) -> None:
        retrieval = searcher.snapshot.retrieval
        vector = retrieval.embedding.encode(["办法"])[0]
        fitting = {entry.file for entry in searcher.snapshot.entries if within.fits(entry)}
        assert len(fitting) < len(searcher.snapshot.entries)
        assert files(searcher, retrieval.store.candidates(["办法"], vector, 1000, within)) == fitting

    def test_a_search_keeps_to_what_a_user_insists_on(self, searcher: Searcher) -> None:
        for only in (
            Only(docs=("公园",)),
            Only(places=("海安市",)),
            Only(years=("2016",), places=("临河市", "东宁区")),
            Only(day=date(2018, 3, 1)),
        ):
            asked = searcher.read("补助和奖励的标准", only)
            assert asked.within is not None
            hits = searcher.search(asked, k=200, distinct=False)
            found = {searcher.snapshot.entry(hit.chunk.doc).file for hit in hits}
            assert found == {entry.file for entry in searcher.snapshot.entries if asked.within.fits(entry)}
            assert found


@needs_lite
def test_both_find_the_same(shelf: Shelf) -> None:
    local, milvus = shelf.open("local"), shelf.open("milvus")
    shared: list[float] = []
    for question in QUESTIONS:
        ours = {hit.chunk.id: hit.score for hit in local.search(question)}
        theirs = {hit.chunk.id: hit.score for hit in milvus.search(question)}
        both = ours.keys() & theirs.keys()
        shared.append(len(both) / len(ours))
        for one in both:
            assert theirs[one] == pytest.approx(ours[one], abs=0.02)
        first = local.search(question, k=1)[0].chunk.id
        assert first in theirs
    assert min(shared) >= 0.7
    assert sum(shared) / len(shared) >= 0.9
    assert [one.file for one in local.snapshot.documents()] == [one.file for one in milvus.snapshot.documents()]
    milvus.snapshot.close()
