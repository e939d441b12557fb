"""A trade that wants help and that no document names is said not to be named; one that any document names is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.answer import ask
from index.embedding import Embedding
from index.search import Searcher
from tests.assistant.conftest import indexed

SUPPORT = """石榴市促进新兴产业发展若干措施

第一条 支持中小企业发展。对首次纳入规模以上统计的企业，给予不超过20万元的一次性奖励。

第二条 支持电子竞技发展。对落户本市的俱乐部，给予不超过50万元的补贴。

第三条 支持人形机器人研发。对首台套产品，给予不超过100万元的奖励。

第四条 支持酒店业升级改造，按投资额的10%给予补助。

第五条 本措施自2024年1月1日起施行。
"""


@pytest.fixture(scope="module")
def support(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    yield from indexed({"措施.txt": SUPPORT}, tmp_path_factory, embedding)


def said(searcher: Searcher, question: str) -> list[str]:
    return [note for note in ask(searcher, question).notes if "没有提到" in note]


@pytest.mark.parametrize(
    ("question", "name"),
    [("养蜂的中小企业有什么支持？", "养蜂"), ("做跨境电商的中小企业有什么奖励？", "跨境电商")],
)
def test_a_trade_that_no_document_names_is_named_in_a_note(support: Searcher, question: str, name: str) -> None:
    assert not ask(support, question).refused
    assert said(support, question) == [f"库内文件没有提到“{name}”，所答是相近或一般的规定。"]


@pytest.mark.parametrize(
    "question",
    [
        "电子竞技俱乐部有什么补贴？",
        "电竞俱乐部有什么补贴？",  # the documents have its other name
        "民宿升级改造有什么补助？",  # it is one of 酒店业
        "人形机器人整机首台套产品有什么奖励？",  # they name what it is part of
        "中小企业有什么奖励？",
        "养蜂的中小企业首次纳入统计是什么时候？",  # wants no help
        "What support is there for beekeeping companies?",
    ],
)
def test_what_is_named_in_any_way_needs_no_note(support: Searcher, question: str) -> None:
    assert said(support, question) == []


def test_a_refusal_says_what_it_says_without_the_note(support: Searcher) -> None:
    answer = ask(support, "养蜂的手续费是多少，有补贴吗？")
    assert not answer.refused or not said(support, "养蜂的手续费是多少，有补贴吗？")
