"""What stands beside what is asked: bodies that do something else, the row of another thing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.answer import ask
from index.embedding import Embedding
from index.search import Searcher
from tests.assistant.conftest import indexed

PLAN = """# 云溪市产业行动计划

## 一、主要目标

| 指标 | 2018年 | 2025年目标 |
|---|---|---|
| 高新技术企业数（家） | 217 | 800 |
| 院士工作站（个） | 3 | 9 |

## 二、培育企业

对首次入选的独角兽企业给予最高200万元奖励。

## 三、拓展场景

支持研制低空飞行器，建设起降场。布局脑机接口、6G等领域。2018年全市三大产业规模8323亿元，生物医药产业产值1200亿元。

依托六大产业，打造智能岛等集群式平台，头部企业互相加入对方的创新链。

## 四、组织保障

（一）加强协同。市科委、市发展改革委等部门挂图作战，扎实推进任务落地。

（二）加强审核。科技券由市科委负责发放。
"""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    yield from indexed({"云溪市产业行动计划.md": PLAN}, tmp_path_factory, embedding)


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("哪些部门负责推进低空经济", "没有载明“低空经济”由谁负责"),
        ("独角兽企业奖励由哪个部门发放", "没有载明所问的部门或单位"),
        ("智能岛的头部企业有多少家", "没有载明所问的数"),
        ("2018年机器人产业规模是多少", "没有载明“机器人产业”的数"),
        ("2018年脑机接口产业产值是多少", "没有载明“脑机接口产业”的数"),
        ("低空经济产值规模是多少", "没有载明“低空经济”的数"),
        ("高新技术企业所得税减按多少征收", "没有载明“高新技术企业所得税”的数"),
    ],
)
def test_what_stands_beside_it_is_no_answer(plan: Searcher, question: str, says: str) -> None:
    answer = ask(plan, question)
    assert answer.refused
    assert says in answer.text


@pytest.mark.parametrize(
    ("question", "key"),
    [
        ("哪些部门推进任务落地", "市发展改革委"),
        ("科技券由哪个部门发放", "市科委"),
        ("高新技术企业2025年要达到多少家", "800"),
        ("独角兽企业奖励多少", "200万元"),
        ("2018年生物医药产业产值是多少", "1200亿元"),
        ("2018年三大产业规模多大", "8323亿元"),
    ],
)
def test_what_is_told_is_answered(plan: Searcher, question: str, key: str) -> None:
    answer = ask(plan, question)
    assert not answer.refused
    assert key in answer.text
