"""Forms of provisions and of questions that the corpus does not have: each was answered wrongly once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from assistant.answer import Turn, ask
from assistant.evidence import Reading
from index.embedding import Embedding
from index.search import Searcher
from tests.assistant.conftest import indexed

CANTEEN = """青石市社区食堂管理办法

青石市民政局
各镇人民政府

第一章 总则

第一条 为了方便居民用餐，制定本办法。

第二条 本办法所称社区食堂，是指为居民提供平价餐饮的公共场所。未按规定备案的，由市民政局处以3000元罚款。

第三条 社区食堂应当符合下列条件：
（一）就餐区面积不小于45平方米，操作间面积不小于20平方米；
（二）有两名以上取得健康证的厨师。

第四条 开办社区食堂的，应当在开业前向区民政局备案。符合本办法第六条、第七条规定的，可以简化程序。

第五条 备案时应当提供营业执照、健康证和场地租赁合同。

第六条 食堂等级标准应当根据居民意见适时复核；复核周期一般不超过三年，确定其继续有效或者调整。

第七条 复核结论须经不少于评审组成员的三分之二同意。评审组由区民政局组织。

第八条 新标准施行后，原有等级标准即行废止。

第九条 服务对象包括：
（一）六十周岁以上的居民；
（二）行动不便的残疾人；
（三）失业登记人员。

第十条 本办法自2024年5月1日起施行，有效期5年。
"""
RULES = """青石市政府工作规则

第一章 总则

一、为了规范市政府工作，制定本规则。

二、市政府实行全体会议和常务会议制度。

第二章 会议

三、全体会议由市长召集，每半年召开一次。

四、常务会议由市长召集，按照本规则第三条的要求准备议题。
"""
ALERT = """# 青石市供水应急预案

## 1 总则

1.1 等级划分

1.1.1 市级（Ⅰ级）：两个以上区出现应急状态，以及超过区级处置能力的情况。

1.1.2 区级（Ⅱ级）：一个区出现供水中断的情况。

## 2 响应

2.1 进入市级应急状态后，24小时监测水压，重大情况第一时间报告指挥部。

2.2 到2030年，全市应急供水能力达到60万吨。
"""
TAX = """青石市人才住房扣减办法

第一章 总则

第一条 本办法所称人才住房扣减，包括住房贷款利息和住房租金等2项扣减。

第二章 住房租金

第二条 人才租房的，住房租金支出按照以下标准定额扣减：
（一）在主城区的，扣减标准为每月1500元；
（二）在其他区的，扣减标准为每月800元。

第三条 住房租金由承租人扣减。
"""


@pytest.fixture(scope="module")
def unseen(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    texts = {"食堂.txt": CANTEEN, "规则.txt": RULES, "预案.md": ALERT, "扣减.txt": TAX}
    yield from indexed(texts, tmp_path_factory, embedding)


@pytest.mark.parametrize(
    ("question", "section", "says"),
    [
        ("《青石市社区食堂管理办法》第六条讲了什么？", "第一章第六条", "复核周期一般不超过三年"),
        ("青石市政府工作规则第三条", "第二章三、", "每半年召开一次"),
        ("社区食堂的就餐区至少要多大？", "第一章第三条（一）", "不小于45平方米"),
        ("市级应急状态是指什么？", "1.1.1", "两个以上区出现应急状态"),
        ("食堂等级标准多久复核一次？", "第一章第六条", "不超过三年"),
        ("食堂等级复核结论需要评审组多少人同意？", "第一章第七条", "三分之二"),
        ("新标准施行后，原有食堂等级标准怎么办？", "第一章第八条", "即行废止"),
        ("备案时要带哪些材料？", "第一章第五条", "场地租赁合同"),
        ("青石社区食堂管理办法有效期多久？", "第一章第十条", "有效期5年"),
        ("人才住房扣减里住房租金每月扣减多少？", "第二章第二条（二）", "每月1500元"),
        ("社区食堂的服务对象包括哪些人？", "第一章第九条", "行动不便的残疾人"),
    ],
)
def test_it_is_answered_from_the_place_that_tells_it(unseen: Searcher, question: str, section: str, says: str) -> None:
    answer = ask(unseen, question)
    assert not answer.refused, answer.text
    assert answer.citations[0].section == section
    assert says in answer.text


def test_the_number_of_an_article_that_is_not_there_is_a_false_premise(unseen: Searcher) -> None:
    for question in ("《青石市社区食堂管理办法》第四十条讲了什么？", "青石市政府工作规则第三十条"):
        answer = ask(unseen, question)
        assert (answer.refused, answer.reason) == (True, "false_premise"), question


def test_an_article_beside_another_question_is_no_place_to_recite(unseen: Searcher) -> None:
    answer = ask(unseen, "《青石市社区食堂管理办法》第二条的罚款是多少？")
    assert "3000元" in answer.text
    assert "所称社区食堂" not in answer.text


def test_an_item_takes_the_words_that_lead_up_to_it(unseen: Searcher) -> None:
    entry = next(entry for entry in unseen.snapshot.entries if entry.file == "食堂.txt")
    (item,) = Reading(unseen.snapshot.document(entry.id)).of("第一章第三条（一）")
    assert {"社区", "食堂", "条件"} <= item.place
    assert not {"社区", "食堂"} & item.grams


def test_lines_that_are_names_are_no_answer(unseen: Searcher) -> None:
    for question in ("青石市民政局管社区食堂吗？", "青石市社区食堂能带宠物吗？"):
        answer = ask(unseen, question)
        assert [citation.section for citation in answer.citations if citation.section == "引言"] == []


def test_an_amount_is_no_year_and_an_article_no_point_of_the_answer_before(unseen: Searcher) -> None:
    """3000元、2000元 in the talk; 第二条 after 违反 is the document's, not the second thing that was said."""
    history = [
        Turn(role="user", content="罚款2000元还是3000元？"),
        Turn(role="assistant", content="就餐区面积不小于45平方米，操作间面积不小于20平方米，罚款2000元。"),
    ]
    answer = ask(unseen, "违反社区食堂办法第二条的，罚款多少？", history)
    assert "2000年" not in answer.text
    assert "3000元" in answer.text


def test_what_is_told_of_another_year_is_said_so(unseen: Searcher) -> None:
    answer = ask(unseen, "2027年青石市应急供水能力达到多少万吨？")
    assert (answer.refused, answer.reason) == (True, "out_of_scope")
    assert "没有2027年" in answer.text
    assert "说的是2030年" in answer.text


def test_a_part_of_the_question_that_nothing_answers_is_named(unseen: Searcher) -> None:
    answer = ask(unseen, "门口的梧桐树归谁修剪，食堂等级标准多久复核一次？")
    assert "不超过三年" in answer.text
    assert any("门口的梧桐树归谁修剪" in note for note in answer.notes)


@pytest.mark.parametrize("question", ["社区食堂的贷款利率是多少？", "市政府常务会议室的面积多大？"])
def test_a_number_of_another_kind_is_no_answer(unseen: Searcher, question: str) -> None:
    assert ask(unseen, question).refused


def test_a_refusal_for_want_of_words_shows_what_may_be_meant(unseen: Searcher) -> None:
    """What is nearest is shown as that; what has nothing to do with the question is not."""
    answer = ask(unseen, "隔壁老太太七老八十腿脚不便利，能去那儿蹭饭不？")
    assert answer.refused
    assert "最接近的内容" in answer.text
    assert ask(unseen, "红烧肉怎么做？").citations == ()


GUIDE = """青石市创业补贴指南

1、开业资助
补贴条件：
（1）经营者符合以下条件之一：
①高校毕业生；
②退役军人。
（2）登记注册满6个月。
补贴标准：每户10000元。
补贴期限：一次性。
2、创业租金补贴
补贴条件：
（1）经营者符合以下条件之一：
①高校毕业生；
②登记失业人员。
（2）场地用于经营。
（3）按时缴纳社会保险费。
补贴标准：每年6000元。
补贴期限：累计不超过3年。
"""


def test_a_label_under_the_measure_that_is_named_is_told_whole(
    opened: Callable[[dict[str, str]], Searcher],
) -> None:
    searcher = opened({"指南.txt": GUIDE})
    answer = ask(searcher, "创业租金补贴的补贴条件有哪些？")
    assert [citation.section for citation in answer.citations] == [f"2、/补贴条件/（{n}）" for n in (1, 2, 3)]
    for question in ("创业租金补贴的补贴标准", "创业租金补贴标准是多少？"):
        answer = ask(searcher, question)
        assert answer.citations[0].section == "2、/补贴标准", question
        assert "6000元" in answer.text


@pytest.mark.parametrize("question", ["世界杯谁赢了？", "今天天气怎么样？", "会议厅的舞会谁主持？"])
def test_a_piece_of_a_word_is_no_evidence(unseen: Searcher, corpus: Searcher, question: str) -> None:
    """世界级 and 空间天气 stand in the corpus, 会议 in the small documents."""
    for searcher in (unseen, corpus):
        assert ask(searcher, question).refused
