"""Refusals over documents nobody has tuned for: what is told is not refused, what is not told is not answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from assistant.answer import ask, case_of
from assistant.reasons import Refusal
from assistant.write import Writer
from index.embedding import Embedding
from index.search import Searcher
from tests.assistant.conftest import indexed

STALLS = """白杨市集市摊位管理办法

第一章 总则

第一条 为了规范集市摊位管理，制定本办法。

第二条 市市场监督管理部门负责集市摊位的统筹管理。

第二章 摊位

第三条 摊位撤销或者迁移的，应当提前7个工作日告知摊主。

第四条 摊主被列入“黑名单”的，保证金额度调整为原额度的150%。

第五条 摊位资金的监管期限，自核发《摊位使用证》开始，至取得《摊位退出证明》止。

第六条 山区村镇每个摊位的面积不得超过一百二十平方米，平原村镇不得超过八十平方米。

第七条 摊位租金标准按照有关规定执行，年度租金涨幅不超过6%。

第八条 占用通道的，处二百元以上一千元以下罚款。

第九条 集市的收费标准由市发展改革部门会同市市场监督管理部门制定。

第十条 集市原则上应当委托专业机构运营管理，所需经费由区财政负担。

第十一条 签订摊位合同时，摊主应当提供以下资料：
（一）营业执照；
（二）身份证明。

第十二条 摊位使用证有效期内遗失的，摊主应当向市市场监督管理部门申请补发。

第十三条 秤具出现质量问题的，由供应者免费修理。

第十四条 被列入失信名单满一年的，可以申请提前移出。

第十五条 征求意见时有50%及以上摊主反对的，摊位方案应当修改后再次征求意见。

第十六条 摊位记录应当保存半年。

第十七条 任何单位不得对摊主提高收费标准；提高的，由市发展改革部门责令改正。

第十八条 遇有暴雨、冰雹的，摊主应当停止出摊。

集市应当编制摊位资金表、摊位资金管账表。

同一食品店每年申报的摊位不超过3个，同一合作社每年申报的摊位不超过8个。

第十九条 本办法由市市场监督管理部门负责解释。

第二十条 本办法自2023年6月1日起施行，有效期3年。
"""
LAMPS = """白杨市路灯管理条例

第一章 适用范围

第一条 为了加强路灯管理，制定本条例。

第二条 路灯的设置和养护，适用本条例。本条例所称路灯，是指道路照明的灯具和灯杆。灯杆的养护记录应当至少保存两年。

第二章 灯杆广告

第三条 灯杆广告由市城市管理部门审批。灯杆广告分为甲类和乙类，甲类灯杆广告可以用于主干道；乙类灯杆广告可以用于支路。

第四条 设置甲类灯杆广告的，应当向市城市管理部门提出；设置乙类灯杆广告的，应当向所在地的区城市管理部门提出。

第三章 附则

第五条 本条例自2022年3月1日起施行。
"""
MILK = """白杨市人民政府关于加强鲜奶和蛋类
产品安全管理的特别规定

第一条 鲜奶应当当日售完，蛋类应当标明产地。

第二条 一级鲜奶摊位的注册资金不少于5000元。

第三条 二级鲜奶摊位的注册资金不少于500元。

第四条 本规定自2021年5月1日起施行。
"""


@pytest.fixture(scope="module")
def stalls(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    texts = {"摊位.txt": STALLS, "路灯.txt": LAMPS, "白杨市人民政府关于加强鲜奶和蛋类产品安全管理的特别规定.txt": MILK}
    yield from indexed(texts, tmp_path_factory, embedding)


@pytest.mark.parametrize(
    ("question", "section", "says"),
    [
        ("摊位迁移要提前几天告知摊主？", "第二章第三条", "7个工作日"),
        ("摊主被列入黑名单，保证金额度怎么调整？", "第二章第四条", "150%"),
        ("摊位资金从什么时候监管到什么时候？", "第二章第五条", "《摊位退出证明》止"),
        ("山区村镇一个摊位的面积最多多大？", "第二章第六条", "一百二十平方米"),
        ("摊位租金每年最多涨多少？", "第二章第七条", "不超过6%"),
        ("占用通道的罚款是多少钱？", "第二章第八条", "二百元以上一千元以下"),
        ("集市的收费标准由谁制定？", "第二章第九条", "市发展改革部门"),
        ("集市由谁运营？", "第二章第十条", "专业机构"),
        ("集市的经费谁出钱？", "第二章第十条", "区财政负担"),
        ("签订摊位合同需要提交哪些材料？", "第二章第十一条", "营业执照"),
        ("摊位使用证有效期内遗失的，摊主怎么办？", "第二章第十二条", "申请补发"),
        ("秤具出现质量问题由谁负责修理？", "第二章第十三条", "供应者"),
        ("列入失信名单的摊主要满多久才能申请提前移出名单？", "第二章第十四条", "满一年"),
        ("征求意见时有60%的摊主反对怎么办？", "第二章第十五条", "再次征求意见"),
        ("摊位记录要保存多久？", "第二章第十六条", "半年"),
        ("单位对摊主提高收费标准怎么办？", "第二章第十七条", "责令改正"),
        ("摊位资金从什么时候管到什么时候？", "第二章第五条", "《摊位退出证明》止"),
        ("一家合作社一年最多可以申报几个摊位？", "第二章第十八条", "不超过8个"),
        ("乙类灯杆广告该交到哪里？", "第二章第四条", "区城市管理部门"),
        ("什么是路灯？", "第一章第二条", "道路照明的灯具"),
        ("灯杆的养护记录要保存多久？", "第一章第二条", "保存两年"),
        ("集市可以委托专业机构运营吗？", "第二章第十条", "委托专业机构"),
        ("提高收费标准的怎么处罚？", "第二章第十七条", "责令改正"),
        ("遇有暴雨天气的，摊主应当停止出摊吗？", "第二章第十八条", "停止出摊"),
    ],
)
def test_what_is_told_is_not_refused(stalls: Searcher, question: str, section: str, says: str) -> None:
    answer = ask(stalls, question)
    assert not answer.refused, answer.text
    assert answer.citations[0].section.startswith(section)
    assert says in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "摊位每平方米月租金是多少？",
        "市场监督管理部门公布的摊主名单是哪些人？",
        "集市里可以遛狗吗？",
        "暴雨天不停止出摊的会受到什么处罚？",
        "补发摊位使用证要交手续费吗？",
        "摊主迁移摊位有搬迁补贴吗？",
        "委托运营的协议要保管几年？",
        "什么是失信名单？",
    ],
)
def test_what_is_not_told_is_not_answered(stalls: Searcher, question: str) -> None:
    answer = ask(stalls, question)
    assert answer.refused, answer.text


@pytest.mark.parametrize(
    ("question", "section", "says"),
    [
        ("《白杨市集市摊位管理办法》什么时候开始实施？", "第二十条", "2023年6月1日"),
        ("集市摊位管理办法的有效期是多久？", "第二十条", "有效期3年"),
        ("白杨市集市摊位管理办法由哪个部门负责解释？", "第十九条", "市市场监督管理部门"),
        ("《白杨市集市摊位管理办法》的主要目的是什么？", "第一条", "为了规范集市摊位管理"),
        ("《白杨市路灯管理条例》的适用范围是什么？", "第二条", "路灯的设置和养护"),
        ("《白杨市人民政府关于加强鲜奶和蛋类产品安全管理的特别规定》何时施行？", "第四条", "2021年5月1日"),
        ("白杨市路灯管理条例从何时起施行？", "第五条", "2022年3月1日"),
    ],
)
def test_what_a_document_says_of_itself(stalls: Searcher, question: str, section: str, says: str) -> None:
    answer = ask(stalls, question)
    assert not answer.refused, answer.text
    assert len(answer.citations) == 1
    assert answer.citations[0].section.endswith(section)
    assert says in answer.text


def test_a_common_word_that_a_document_lacks_is_no_name(stalls: Searcher) -> None:
    """灯杆广告 heads a chapter of the other document; 应当 and 提供什么 are words of both."""
    answer = ask(stalls, "《白杨市集市摊位管理办法》对灯杆广告有什么规定？")
    assert (answer.refused, answer.reason) == (True, "false_premise")
    assert "没有“灯杆广告”的内容" in answer.text
    assert ask(stalls, "《白杨市集市摊位管理办法》里由市城市管理部门负责什么？").reason != "false_premise"


def test_what_is_nearest_shares_the_words_before_the_kind_of_thing(stalls: Searcher) -> None:
    case = case_of(stalls, "摊位的面积是多少平方米？", date(2026, 11, 21))
    assert case is not None
    sum_told, words_shared = case.found.ranked[:2]
    ranked = (
        replace(sum_told, score=1.1, coverage=0.4, own=0.3),
        replace(words_shared, score=0.8, coverage=0.6, own=0.5),
    )
    refused = Refusal(reason="not_covered", says="库内文件没有载明所问的金额")
    for order in (ranked, ranked[::-1]):
        writer = Writer(case.library, case.question, date(2026, 11, 21))
        draft = writer.refusal(refused, case.named, replace(case.found, ranked=order, rows=()))
        assert draft.citations[0].quote in words_shared.unit.text
