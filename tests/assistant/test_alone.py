"""A short question that stands alone is not read together with the one before it; one that leans on it still is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.answer import Answer, Turn, ask
from index.embedding import Embedding
from index.search import Searcher
from tests.assistant.conftest import indexed

TEXT = """临河市支持文化企业办法

第一条 对首次播出的原创动画片，给予最高100万元补贴，对首次播出的原创电视剧，给予最高300万元补贴。
第二条 动漫实训基地由市文化局负责认定，每两年认定一次。
第三条 对新开业的实体书店，给予房租补贴30%，期限三年。
第四条 数字阅读平台重点建设少儿、方言、无障碍三个方向。
第五条 小剧场演出场次每年不少于50场的，给予20万元奖励。
第六条 民间博物馆免费开放的天数由市文物局核定。
"""
FIRST = "首次播出的原创动画片最高补贴多少？"


@pytest.fixture(scope="module")
def culture(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    yield from indexed({"culture.txt": TEXT}, tmp_path_factory, embedding)


def after(searcher: Searcher, question: str, *before: str) -> Answer:
    history: list[Turn] = []
    for asked in before:
        told = ask(searcher, asked, history)
        history += [Turn(role="user", content=asked), Turn(role="assistant", content=told.text)]
    return ask(searcher, question, history)


@pytest.mark.parametrize("before", [FIRST, "小剧场演出场次达到多少给奖励？", "新开业的实体书店房租补贴多少？"])
@pytest.mark.parametrize(
    "question", ["数字阅读有哪几个方向？", "动漫基地归哪个局认定？", "博物馆免费开放天数由谁核定？"]
)
def test_a_question_of_its_own_is_answered_as_if_it_were_the_first(
    culture: Searcher, question: str, before: str
) -> None:
    alone = ask(culture, question)
    assert not alone.refused
    joined = after(culture, question, before)
    assert (joined.text, joined.citations, joined.understood) == (alone.text, alone.citations, question)


def test_what_leans_on_the_talk_is_still_read_with_it(culture: Searcher) -> None:
    asked = after(culture, "那期限是几年？", "新开业的实体书店有什么房租补贴？")
    assert "期限三年" in asked.text
    assert "实体书店" in asked.understood
