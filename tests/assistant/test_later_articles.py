"""An article that was put in later (第二条之一) is told for its own number, and 第二条 for that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.answer import ask
from index.embedding import Embedding
from index.search import Searcher
from tests.assistant.conftest import indexed

RULES = """青螺市灯塔看护规定

第一条 为了加强灯塔看护，制定本规定。

第二条 灯塔每月检修一次。

第二条之一 检修员应当经过培训，培训每年不少于五天。

第三条 灯塔由市航标站看护。
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    yield from indexed({"灯塔.txt": RULES}, tmp_path_factory, embedding)


@pytest.mark.parametrize(("number", "words"), [("第二条", "每月检修一次"), ("第二条之一", "培训每年不少于五天")])
def test_it_is_told_for_its_own_number(library: Searcher, number: str, words: str) -> None:
    answer = ask(library, f"青螺市灯塔看护规定{number}的内容是什么？")
    assert {citation.section for citation in answer.citations} == {number}
    assert words in answer.text


def test_one_that_there_is_not_is_refused(library: Searcher) -> None:
    assert ask(library, "青螺市灯塔看护规定第二条之三的内容是什么？").reason == "false_premise"
