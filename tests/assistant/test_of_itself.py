"""What is asked of a document as a whole and stands nowhere in it is refused; what any sentence hints at is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.answer import ask
from index.embedding import Embedding
from index.search import Searcher
from tests.assistant.conftest import indexed

SILENT = """白杨市渡船检修管理办法

第一条 市交通运输部门负责渡船检修的监督管理，并以方便群众为目的安排检修。

第二条 渡船每六个月检修一次，检修的具体规定由修理单位制定。

第三条 检修员解释检修记录，记录的有效期内不得涂改，涂改的应当在三日内更正。有效期届满的，封存。

第四条 检修员执行检修任务，适用《船员条例》的规定。

第五条 2021年4月1日以前检修的渡船，应当复查。
"""
TELLS = """青螺市灯塔看护规定

第一条 为了加强灯塔看护，保障航行安全，制定本规定。

第二条 本规定适用于本市沿海的灯塔。

第三条 灯塔由市航标站看护。看护证的有效期为三年。

第四条 本规定由市交通运输部门负责解释。

第五条 本规定自2022年5月1日起施行，有效期五年。
"""
PLAN = """白杨市码头改造行动方案（2024—2027年）

一、主要目标
到2027年，改造码头三十座。

二、重点任务
加快老旧码头改造。
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    yield from indexed({"渡船.txt": SILENT, "灯塔.txt": TELLS, "码头.txt": PLAN}, tmp_path_factory, embedding)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("《白杨市渡船检修管理办法》从什么时候开始施行？", "施行日期"),
        ("《白杨市渡船检修管理办法》的制定目的是什么？", "制定目的或依据"),
        ("白杨市渡船检修管理办法的适用范围是什么？", "适用范围"),
        ("《白杨市渡船检修管理办法》由谁负责解释？", "解释机关"),
    ],
)
def test_what_a_document_does_not_tell_of_itself_is_named(library: Searcher, question: str, name: str) -> None:
    answer = ask(library, question)
    assert answer.refused
    assert answer.reason == "not_covered"
    assert answer.text.startswith(f"库内文件没有载明它的{name}。")


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("《青螺市灯塔看护规定》从什么时候开始施行？", "2022年5月1日"),
        ("《青螺市灯塔看护规定》的制定目的是什么？", "保障航行安全"),
        ("青螺市灯塔看护规定的适用范围是什么？", "本市沿海的灯塔"),
        ("《青螺市灯塔看护规定》由谁负责解释？", "市交通运输部门"),
        ("《青螺市灯塔看护规定》的有效期是多久？", "五年"),
        ("白杨市码头改造行动方案的主要目标是什么？", "三十座"),
        ("渡船检修的具体规定由谁制定？", "修理单位"),
    ],
)
def test_what_a_document_tells_is_said(library: Searcher, question: str, told: str) -> None:
    answer = ask(library, question)
    assert not answer.refused
    assert told in answer.text


def test_a_plan_that_names_its_years_is_not_said_to_hide_them(library: Searcher) -> None:
    assert "没有载明它的" not in ask(library, "《白杨市码头改造行动方案》从什么时候开始实施？").text


def test_a_term_of_validity_that_is_only_spoken_of_is_not_told(library: Searcher) -> None:
    answer = ask(library, "检修记录的有效期是多久？")
    assert answer.refused
    assert "有效期" in answer.text.splitlines()[0]
    assert "三年" in ask(library, "看护证的有效期是多久？").text
