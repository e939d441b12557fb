from __future__ import annotations

import pytest

from index.build import build
from index.embedding import open_embedding
from index.query import Only
from index.search import Searcher
from index.snapshot import open_snapshot

GREENHOUSE = """# 温室补贴办法

一、总则
为支持设施农业，制定本办法。

二、支持建设温室大棚
（一）新建
新建玻璃温室的，每亩补贴3万元。
（二）改造
改造旧棚的，每亩补贴8000元。
（三）育苗
建设育苗中心的，一次性补贴20万元。

三、监督检查
（一）抽查
区农业农村委每年抽查建设温室大棚的情况两次。
（二）追回
骗取建设温室大棚补贴的，追回全部资金。
"""
FISHERY = """# 渔港管理办法

一、支持建设渔港
（一）码头
改造码头的，补贴建设费用的三成。
（二）冷库
建设冷库的，每立方米补贴200元。
"""


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    folder = tmp_path_factory.mktemp("family")
    (folder / "texts").mkdir()
    (folder / "texts" / "greenhouse.md").write_text(GREENHOUSE, encoding="utf-8")
    (folder / "texts" / "fishery.md").write_text(FISHERY, encoding="utf-8")
    embedding = open_embedding(None, 1)
    build([folder / "texts"], folder / "index", embedding=embedding)
    return Searcher(open_snapshot(folder / "index", embedding))


def sections(searcher: Searcher, query: str, k: int = 3) -> list[str]:
    return [hit.chunk.section for hit in searcher.search(query, k=k)]


@pytest.mark.parametrize("query", ["支持建设温室大棚", "支持建设温室大棚有哪些", "支持建设温室大棚的内容分别是什么？"])
def test_what_stands_under_a_heading_comes_along_in_its_order(searcher: Searcher, query: str) -> None:
    assert sections(searcher, query) == ["二、（一）", "二、（二）", "二、（三）"]


def test_a_question_about_one_part_is_not_a_heading(searcher: Searcher) -> None:
    assert sections(searcher, "支持建设温室大棚里育苗中心一次性补贴多少万元", k=1) == ["二、（三）"]


def test_nothing_is_lost_or_doubled_and_scores_fall(searcher: Searcher) -> None:
    hits = searcher.search("支持建设温室大棚", k=50)
    assert len({hit.chunk.id for hit in hits}) == len(hits) == searcher.snapshot.retrieval.store.count
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_the_limits_of_a_search_hold_for_what_comes_along(searcher: Searcher) -> None:
    hits = searcher.search(searcher.read("支持建设温室大棚", Only(docs=("渔港管理办法",))), k=10)
    assert {hit.chunk.headings[0] for hit in hits} == {"渔港管理办法"}
