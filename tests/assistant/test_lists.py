"""Lists are told whole, an item with the words that lead up to it, a table's headings never as rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.answer import ask
from index.embedding import Embedding
from index.search import Searcher
from tests.assistant.conftest import indexed

BOATS = """青石市游船管理办法

第一章 总则

第一条 为了规范游船经营，制定本办法。

第二条 有下列情形之一的，港航部门可以决定停止游船航行：
（一）风力达到七级以上；
（二）能见度不足五百米；
（三）码头正在检修。

第三条 游船船票由经营者定价，下列解约情形应当在租船合同中列明：
（一）承租人在船上存放汽油、烟花等危险物品，经提醒后未及时清除的；
（二）承租人将船转借他人的。
解约后，承租人应当在七日内结清费用。

第四条 经营者有下列情形之一的，处以两千元以上一万元以下罚款：
（一）超过核定人数载客的；
（二）没有配备救生衣的。

第五条 推广三项安全做法：船员实名上岗；救生衣一人一件；夜航船只安装反光标识，由码头管理单位定期检查其完好情况。
"""
RENTS = """青石市游艇码头租用办法

一、码头租用采取公开方式，泊位的租用和公告由港航部门负责。

二、泊位租用的办理程序如下：
（一）报名。租用人向港航部门报名。
（二）抽签。报名期满后公开抽签。
（三）签约。中签人五日内签约。

三、办理退租须携带以下资料到港航窗口：
（1）申请
1.租用合同；
2.缴费收据；
（2）审查
港航窗口每月审查一次。

四、游艇所有人应当按照检修要求定期检修。
大型游艇每季度检修一次，由有资质的单位进行。
小型游艇每年检修一次。
"""
TOOLS = """# 青石市农具换新清单

| 序号 | 做法 | 指导部门 |
|---|---|---|
| 一、水田农具 | 一、水田农具 | 一、水田农具 |
| 1 | 插秧机以旧换新 | 市农机站 |
| 2 | 水泵节能改造 | 市水利站 |
"""


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    texts = {"游船.txt": BOATS, "农具.md": TOOLS, "码头.txt": RENTS}
    yield from indexed(texts, tmp_path_factory, embedding)


def test_a_sentence_that_only_leads_up_to_items_is_told_with_them(lists: Searcher) -> None:
    answer = ask(lists, "哪些情形下港航部门可以决定停止游船航行？")
    assert answer.text.splitlines() == [
        "《青石市游船管理办法》第一章第二条：第二条有下列情形之一的，港航部门可以决定停止游船航行[1]。",
        "《青石市游船管理办法》第一章第二条（共3项）：（一）风力达到七级以上[2]；（二）能见度不足五百米[3]；"
        "（三）码头正在检修[4]。",
    ]
    assert [citation.section for citation in answer.citations[1:]] == [
        f"第一章第二条（{number}）" for number in "一二三"
    ]


def test_what_the_sentence_itself_tells_needs_no_items(lists: Searcher) -> None:
    answer = ask(lists, "游船经营者超员载客罚款多少钱？")
    assert "两千元以上一万元以下" in answer.text
    assert "（共2项）" not in answer.text


def test_an_item_is_told_with_the_words_that_lead_up_to_it(lists: Searcher) -> None:
    """Even where the article goes on after its items."""
    answer = ask(lists, "在租的船上存放汽油会怎么样？")
    assert answer.text.startswith(
        "《青石市游船管理办法》第一章第三条（一）：第三条游船船票由经营者定价，下列解约情形应当在租船合同中列明："
        "（一）承租人在船上存放汽油"
    )
    assert [citation.section for citation in answer.citations[:2]] == ["第一章第三条（一）", "第一章第三条"]


def test_where_all_parts_are_asked_for_no_part_is_cut_out(lists: Searcher) -> None:
    answer = ask(lists, "推广的安全做法一共几项，分别是什么？")
    assert "船员实名上岗；救生衣一人一件；夜航船只安装反光标识" in answer.text


def test_a_heading_across_a_table_is_no_row(lists: Searcher) -> None:
    answer = ask(lists, "水田农具里插秧机以旧换新由哪个部门指导？")
    assert "市农机站" in answer.text
    assert [citation.cell.row for citation in answer.citations if citation.cell] == ["插秧机以旧换新"]


@pytest.mark.parametrize("question", ["码头泊位租用从报名到签约要走哪几步？", "租用码头泊位是什么流程？"])
def test_a_question_how_a_thing_goes_gets_the_steps(lists: Searcher, question: str) -> None:
    answer = ask(lists, question)
    assert [citation.section for citation in answer.citations[1:]] == ["二、（一）", "二、（二）", "二、（三）"]


def test_papers_announced_above_are_those_listed_below(lists: Searcher) -> None:
    answer = ask(lists, "码头退租要带哪些材料？")
    assert "1.租用合同" in answer.text
    assert "2.缴费收据" in answer.text
    assert "审查一次" not in answer.text


@pytest.mark.parametrize("asks", ["多久检修一次，有什么区别", "的检修要求有什么不一样"])
def test_two_things_compared_are_each_told(lists: Searcher, asks: str) -> None:
    answer = ask(lists, f"大型游艇和小型游艇{asks}？")
    assert "每季度检修一次" in answer.text
    assert "每年检修一次" in answer.text
