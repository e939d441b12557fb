"""Rows of a table whose cells say something in whole phrases are found by what they say, not by their label alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.answer import ask
from index.search import Searcher

TEXTS = {
    "枫林市改革清单.md": """# 枫林市金融改革举措清单

枫林市推出一批金融改革举措，支持企业发展。

| 改革举措 | 具体做法 | 推广范围 |
|---|---|---|
| 码上贷模式 | 银行凭纳税记录向没有抵押物的小店发放信用贷款，贷款随借随还。 | 全市 |
| 绿链机制 | 由核心企业确认应收账款后，上游供应商可以凭确认书融资。 | 全市 |
| 三色账本 | 按照风险高低分为红色、黄色、绿色，对绿色企业减少检查次数。 | 试点区县 |
"""
}


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("我们是枫林市的小店，没有抵押物，凭纳税记录能从银行贷到款吗？", "随借随还"),
        ("枫林市的供应商手里有应收账款，有什么办法融资？", "确认书融资"),
    ],
)
def test_a_row_answers_by_what_its_cells_say(
    opened: Callable[[dict[str, str]], Searcher], question: str, told: str
) -> None:
    answer = ask(opened(TEXTS), question)
    assert not answer.refused
    assert answer.citations[0].cell is not None
    assert told in answer.text


def test_a_row_of_short_cells_is_found_by_its_label_only(opened: Callable[[dict[str, str]], Searcher]) -> None:
    answer = ask(opened(TEXTS), "枫林市的养老院有什么支持？")
    assert all(citation.cell is None for citation in answer.citations)
