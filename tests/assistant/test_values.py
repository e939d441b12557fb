"""Amounts, spans of time, bounds and permissions, asked as people ask: told by the sentence that holds them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.answer import ask
from assistant.scope import scope
from assistant.shelf import Shelf
from index.embedding import Embedding
from index.search import Searcher
from tests.assistant.conftest import indexed

LOCKERS = """白桦市公共储物柜管理规定

白桦市城市管理局
各区人民政府：
现将《白桦市公共储物柜管理规定》印发给你们，请认真贯彻执行。

第一章 总则

第一条 为了规范公共储物柜的设置和使用，制定本规定。

第二条 公共储物柜的管理人员每天巡查储物柜，巡查情况如实登记。

第二章 设置和使用

第三条 申请设置公共储物柜的，向区城市管理部门提交申请，并附设置方案。区城市管理部门受理后5个工作日内作出决定。

第四条 市民租用储物柜的，可以向管理人员申请租金补助。租金补助标准为每月120元，累计补助期限最长为六个月。

第五条 管理人员应当建立储物柜巡查台账，如实登记巡查的时间、位置和故障情况。巡查台账和照片应当留存3年备查。

第六条 保洁员不得兼管钥匙。保洁员应当经过培训，并取得储物柜保洁上岗证书。

第七条 储物柜管理会议由市城市管理局召集，会议研究储物柜的设置计划，会议情况定期报告市人民政府。
储物柜管理会议原则上每季度召开一次。

第八条 设置储物柜的单位，按照储物柜数量缴纳保证金：\
不足20个的，缴纳保证金2000元；20个以上不足50个的，缴纳保证金4000元；50个以上的，缴纳保证金8000元。

第九条 储物柜丢失物品的，管理人员按照上一年度租金的三倍赔偿。

第十条 本规定自2025年3月1日起施行，有效期5年。《白桦市公共储物柜暂行规定》同时废止。

白桦市城市管理局
2025年2月1日
"""


@pytest.fixture(scope="module")
def lockers(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    yield from indexed({"储物柜.txt": LOCKERS}, tmp_path_factory, embedding)


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("储物柜租金补助一个月发多少钱？", "每月120元"),
        ("储物柜租金补助每个月能领多少？", "每月120元"),
        ("储物柜租金补助最多能领几个月？", "最长为六个月"),
        ("设置储物柜的申请交上去几天能批下来？", "5个工作日"),
        ("储物柜巡查台账要留几年？", "留存3年"),
        ("储物柜管理会议多久开一次？", "每季度召开一次"),
        ("储物柜的保洁员可以兼管钥匙吗？", "保洁员不得兼管钥匙"),
        ("储物柜丢了东西，管理人员赔多少钱？", "三倍"),
        ("公共储物柜管理规定现在还有效吗？", "有效期5年"),
    ],
)
def test_the_sentence_that_holds_the_value_is_said(lockers: Searcher, question: str, says: str) -> None:
    answer = ask(lockers, question)
    assert not answer.refused, answer.text
    assert says in answer.text


def test_a_sentence_of_cases_is_cut_only_where_the_question_tells_the_case(lockers: Searcher) -> None:
    whole = ask(lockers, "设置储物柜要缴纳多少保证金？").text
    assert all(sum_ in whole for sum_ in ("2000元", "4000元", "8000元"))


GREENHOUSES = """山楂市温室大棚管理办法

第一章 总则

第一条 为了加强温室大棚管理，制定本办法。

第二条 温室大棚改造补助由乡镇农业站按照改造面积核定，农户应当如实填写改造面积并附施工照片，不得重复申报；\
核定结果在村务公开栏公示，公示期间接受村民监督，有异议的由乡镇农业站复核；\
公示无异议的，按照每亩1500元的标准发到农户账户，发放情况抄送市农业局。

第三条 温室大棚保险费补助标准按照种植业和养殖业确定，由经营者自愿投保、市农业局统一结算，\
种植业温室大棚每亩每年补助80元，直接抵扣应缴的保险费；属于养殖业的，每亩每年补助60元，由经营者凭保险单向乡镇农业站领取，领取期限为保险单生效之日起六十日内。

第四条 连片建设温室大棚的经营者应当在开工前十五日内按照建设数量一次缴纳复垦押金，存入市农业局指定的账户，\
专门用于拆除后恢复耕作，任何单位和个人不得挪用：不足10座的，缴纳1000元；10座以上不足30座的，缴纳2000元；30座以上的，缴纳3000元。

第五条 经营者主动拆除闲置温室大棚并恢复耕作的，由乡镇农业站会同村民委员会现场验收，验收合格后发给奖励，\
弄虚作假的予以追回；在2025年底以前拆除的，拆除奖励每座500元，一次发给；在2026年底以前拆除的，拆除奖励每座300元，分两次发给。

第二章 法律责任

第六条 温室大棚的经营者未在温室大棚内配备灭火器、消防沙等消防器材，或者消防器材数量不足、不能正常使用的，\
由市农业局责令限期改正，给予警告；逾期不改正的，处2000元以上1万元以下罚款；情节严重的，责令停止使用，并向社会公布。
"""


@pytest.fixture(scope="module")
def greenhouses(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    yield from indexed({"大棚.txt": GREENHOUSES}, tmp_path_factory, embedding)


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("温室大棚改造补助是多少钱？", ["每亩1500元"]),
        ("种植业和养殖业温室大棚的保险费补助标准分别是多少？", ["每年补助80元", "每年补助60元"]),
        ("连片建设温室大棚要缴纳多少复垦押金？", ["1000元", "2000元", "3000元"]),
        ("拆除奖励每座是多少钱？", ["每座500元", "每座300元"]),
        ("温室大棚没有配备消防器材会受到什么处罚？", ["给予警告", "2000元以上1万元以下罚款", "责令停止使用"]),
    ],
    ids=["a value in another part", "all parts", "cases", "two parts", "degrees of a penalty"],
)
def test_a_long_sentence_is_not_cut_to_the_part_that_only_holds_the_words(
    greenhouses: Searcher, question: str, says: list[str]
) -> None:
    answer = ask(greenhouses, question)
    assert not answer.refused, answer.text
    assert [word for word in says if word not in answer.text] == []


@pytest.mark.parametrize(
    ("question", "refused"),
    [
        ("储物柜租金补助最多能领几个月？", False),
        ("储物柜丢了东西，管理人员赔多少钱？", False),
        ("举报储物柜丢失物品能拿多少奖金？", True),
        ("管理人员巡查储物柜要收多少上门费？", True),
        ("储物柜管理人员每天工作几个小时？", True),
        ("设置储物柜需要多大面积的场地？", True),
        ("第八条说设置多少个储物柜要缴纳4000元？", False),
    ],
)
def test_a_sum_or_rate_of_another_kind_is_no_answer(lockers: Searcher, question: str, refused: bool) -> None:
    answer = ask(lockers, question)
    assert answer.refused == refused, answer.text


@pytest.mark.parametrize("question", ["各区人民政府怎么执行公共储物柜管理规定？", "白桦市城市管理局能管储物柜吗？"])
def test_what_only_announces_or_signs_is_no_answer(lockers: Searcher, question: str) -> None:
    answer = ask(lockers, question)
    assert "印发给你们" not in answer.text
    assert "落款" not in [citation.section for citation in answer.citations]


RULES = """青杨市公共自行车管理办法

第一章 总则

第一条 为了加强公共自行车管理，制定本办法。

第二条 市交通局负责公共自行车的管理工作，每年向社会公布公共自行车的投放数量。

第二章 使用

第三条 有下列情形之一的，不得领取骑行奖励金：
（一）借用他人账号骑行的；
（二）以转卖为目的领取车辆的。

第三章 法律责任

第四条 违反本办法规定，有下列行为之一的，由市交通局责令限期改正，可以并处二百元以上二千元以下罚款；\
造成损失的，责令赔偿损失：
（一）擅自拆卸车辆零件的；
（二）在车身张贴广告的。

第五条 公共自行车的停车点由市交通局会同街道办事处划定，停车点设置标牌，标明停车点的编号和数量。
"""


@pytest.fixture(scope="module")
def bicycles(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    lamps = {
        f"路灯{years}.txt": f"{town}市路灯管理办法\n\n第一条 为了加强路灯管理，制定本办法。\n\n"
        f"第二条 路灯每{years}年检修一次。\n"
        for years, town in enumerate(("赤松", "紫荆", "黄杉", "蓝桉"), 2)
    }
    yield from indexed({"自行车.txt": RULES, **lamps}, tmp_path_factory, embedding)


@pytest.mark.parametrize(
    ("question", "section", "says"),
    [
        ("擅自拆了公共自行车的零件，罚款多少钱？", "第三章第四条（一）", "二百元以上二千元以下罚款"),
        ("我借用他人账号骑行，可以领取骑行奖励金吗？", "第二章第三条（一）", "不得领取骑行奖励金"),
    ],
)
def test_an_item_is_told_with_what_is_ruled_for_it(bicycles: Searcher, question: str, section: str, says: str) -> None:
    answer = ask(bicycles, question)
    assert not answer.refused, answer.text
    assert says in answer.text
    assert section in [citation.section for citation in answer.citations]


def test_the_place_of_one_document_says_where_to_look_and_not_what_for(bicycles: Searcher) -> None:
    scope_ = scope("青杨市拆了自行车零件怎么罚？", Shelf(bicycles.snapshot.entries))
    assert scope_.naming == ("青杨",)
    few = [entry for entry in bicycles.snapshot.entries if "青杨" in entry.title]
    assert scope("青杨市拆了自行车零件怎么罚？", Shelf(few)).naming == ()  # of all documents: it tells nothing apart


SHELTERS = """银杏市候车亭管理会议制度办法

第一章 总则

第一条 为了加强银杏市候车亭管理会议制度，制定本办法。

第二条 本办法所称管理单位，是指候车亭登记处于有效期内的单位。

第二章 会议

第三条 银杏市候车亭管理会议制度由市交通局牵头。

第四条 银杏市候车亭管理会议制度的成员包括各区交通局。

第五条 银杏市候车亭管理会议制度的联络员由各区交通局指定。

第六条 银杏市候车亭管理会议制度的办公室设在市交通局。

第七条 银杏市候车亭管理会议制度的议题由办公室收集。

第八条 银杏市候车亭管理会议制度的纪要由办公室印发。

第九条 银杏市候车亭管理会议制度的简报由办公室编写。

第十条 银杏市候车亭管理会议制度的经费由办公室管理。

第十一条 银杏市候车亭管理会议制度的档案由办公室保管。

第十二条 银杏市候车亭管理会议制度的监督由市交通局承担。

第十三条 银杏市候车亭管理会议制度的考核由市交通局承担。

第十四条 银杏市候车亭管理会议制度的宣传由各区交通局承担。

第十五条 召集人每年主持两次例会。

第三章 拆除

第十六条 拆除候车亭的，按照以下规定办理。
1.需提供的材料：
（1）管理单位的登记证；
（2）周边居民的意见书；
（3）施工方案。
2.拆除后的候车亭由市交通局统一处置，处置情况向社会公布。

第十七条 本办法自印发之日起施行，有效期3年。
"""


@pytest.fixture(scope="module")
def shelters(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    table = "# 候车亭缺陷表\n\n| 部位 | 缺陷 |\n|---|---|\n| 顶棚 | 漏雨、断裂 |\n| 座椅 | 松动、破损 |\n"
    yield from indexed({"候车亭.txt": SHELTERS, "缺陷.md": table}, tmp_path_factory, embedding)


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("银杏市候车亭管理会议制度，召集人多久开一次会？", ["每年主持两次"]),
        ("拆除候车亭要施工方案和哪些材料？", ["登记证", "意见书", "施工方案"]),
        ("银杏市候车亭管理会议制度办法现在还有效吗？", ["有效期3年"]),
    ],
)
def test_what_tells_is_said_however_many_sentences_repeat_the_title(
    shelters: Searcher, question: str, says: list[str]
) -> None:
    answer = ask(shelters, question)
    assert not answer.refused, answer.text
    assert [word for word in says if word not in answer.text] == []


@pytest.mark.parametrize("question", ["候车亭顶棚缺陷，几天内处理？", "候车亭的座椅票打几折？"])
def test_a_row_or_sentence_without_a_value_is_no_answer(shelters: Searcher, question: str) -> None:
    answer = ask(shelters, question)
    assert "漏雨" not in answer.text.split("最接近的内容")[0]
    assert answer.refused


FERRIES = """雪松市渡船管理规定

（2012年5月18日雪松市人民政府第五次常务会议通过 2012年6月5日雪松市人民政府令第2号公布）

第一章 总则

第一条 为了加强渡船经营管理，制定本规定。

第二章 经营

第二条 渡船经营者应当建立渡船乘客登记制度，并按照渡船乘客登记制度登记乘客。

第三条 经营者可以承租渡船，租期每届为三至五年。

第四条 考核结论为“整改后复核”的，渡船经营者应当自考核之日起半年内完成整改。

第五条 登记记录的保存时间不得少于航线停运后6个月，由渡船经营者按照航次逐一装订存放；\
没有固定航线的，自停运之日起不得少于2年。

第六条 对跨市航行的，发给3个月有效的夜航许可证；航行情况良好的，发给12个月有效的夜航许可证。

第三章 法律责任

第七条 渡船经营者未建立登记制度的，由市交通局责令改正，给予警告；拒不改正的，处5000元以上3万元以下罚款。
"""


@pytest.fixture(scope="module")
def ferries(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    yield from indexed({"渡船.txt": FERRIES}, tmp_path_factory, embedding)


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("渡船经营者未建立渡船乘客登记制度，会受到什么处罚？", ["给予警告", "5000元以上3万元以下罚款"]),
        ("渡船登记记录要保存多久？", ["6个月", "不得少于2年"]),
        ("渡船夜航许可证的有效期多长？", ["3个月有效"]),
        ("雪松市渡船经营的租期一般有多长？", ["三至五年"]),
        ("考核结论为整改后复核的渡船，需要在多长期限内完成整改？", ["半年内"]),
    ],
)
def test_all_degrees_of_a_penalty_and_spans_that_are_no_dates(
    ferries: Searcher, question: str, says: list[str]
) -> None:
    answer = ask(ferries, question)
    assert not answer.refused, answer.text
    assert [word for word in says if word not in answer.text] == []
    assert "第五次常务会议" not in answer.text
