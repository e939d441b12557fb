"""A sentence that says little beyond the question is told with the one after it, which says the rest."""

from __future__ import annotations

from collections.abc import Callable

from assistant.answer import ask
from index.search import Searcher

FIBRE = {
    "柳杉市藤条办法.txt": """柳杉市藤条质量监督管理办法

第一条 为了加强藤条质量监督管理，制定本办法。

第二条 藤条质量监督机构对收购的藤条质量实施监督抽查。藤条质量抽查由两名以上持证人员在收购现场完成。

第三条 加工单位应当保持厂房整洁，做好防火防潮，并按季度向街道报送库存。加工单位的车辆要有篷布。
"""
}


def test_what_repeats_the_question_is_told_with_what_follows(opened: Callable[[dict[str, str]], Searcher]) -> None:
    answer = ask(opened(FIBRE), "藤条质量监督机构对收购的藤条质量怎样监督抽查？")
    first, second = answer.text.splitlines()
    assert "实施监督抽查" in first
    assert "由两名以上持证人员在收购现场完成" in second
    assert [citation.section for citation in answer.citations] == ["第二条", "第二条"]


def test_what_tells_the_answer_itself_is_told_alone(opened: Callable[[dict[str, str]], Searcher]) -> None:
    answer = ask(opened(FIBRE), "加工单位怎样防潮？")
    assert "做好防火防潮" in answer.text
    assert "篷布" not in answer.text
