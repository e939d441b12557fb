"""Matching on documents of other kinds: rules and guides, what has expired, what is about something else, persons."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from assistant.match import Match, Matches, match
from assistant.offers import is_rule, stands
from assistant.places import holds, may_hold
from assistant.profile import read_profile
from index.build import build
from index.embedding import Embedding
from index.lexicon import load_lexicon
from index.provisions.read import read_provisions
from index.provisions.sectors import terms_in
from index.provisions.words import conditions_in
from index.snapshot import Snapshot, open_snapshot
from ingest.reader import read

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 21)
RULES = """浦江县养老服务管理办法

第一章 总则

第一条 为规范养老服务补贴，根据有关规定，制定本办法。

第二条 本办法所称补贴，是指对养老服务组织的运营补贴和建设补贴。

第三条 县民政部门负责补贴的审核，补贴资金列入年度预算。

第二章 补贴

第四条 养老服务组织运营满12个月且经评估合格的，给予每年20万元运营补贴。

第五条 60周岁及以上的居民可享受就餐补贴。补贴标准为每人每次3元。

第三章 罚则

第六条 骗取补贴的，追缴已发放的补贴，处二万元以下罚款。

第七条 本办法自2024年1月1日起施行，有效期5年。
"""
EXPIRED = """浦江县支持氢能企业发展若干措施

一、支持氢能企业扩大规模，对氢能企业给予最高30万元奖励。

二、本措施自2021年1月1日起施行，有效期至2023年12月31日。
"""
GUIDE = """浦江县创业补贴指南

一、创业资助

（一）补贴对象：初创企业。

（二）补贴条件：登记注册满6个月，在职员工不少于2人。

（三）补贴标准：每家8000元补贴。

二、租金补贴

（一）补贴对象：个体工商户。

（二）补贴标准：每年补贴5000元。

（三）补贴期限：2022年1月1日至2023年12月31日。
"""
ELSEWHERE = """国家发展改革委关于推广经验做法的通知

一、经验做法

（一）浙江省湖州市支持氢能企业建设产业园区，给予租金补贴。

（二）支持氢能企业开展出口业务，给予费用补贴。
"""


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Snapshot:
    folder = tmp_path_factory.mktemp("county")
    for name, text in (("rules", RULES), ("expired", EXPIRED), ("guide", GUIDE), ("elsewhere", ELSEWHERE)):
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    build([folder], folder / "index", embedding=embedding)
    return open_snapshot(folder / "index")


def found(snapshot: Snapshot, text: str) -> Matches:
    return match(snapshot, read_profile(text), today=TODAY)


def told(items: tuple[Match, ...], name: str) -> list[str]:
    return [item.provision.text for item in items if item.citation.file == f"{name}.txt"]


def test_of_rules_only_what_they_give_is_listed_and_only_to_whom_they_are_about(county: Snapshot) -> None:
    home = found(county, "浦江县一家养老服务组织，运营两年，想申请补贴")
    assert told(home.applies, "rules") == []
    assert told(home.maybe, "rules") == ["养老服务组织运营满12个月且经评估合格的，给予每年20万元运营补贴。"]
    (grant,) = [item for item in home.maybe if item.citation.file == "rules.txt"]
    assert grant.amount == "每年20万元"
    assert grant.missing == ("是否符合：养老服务组织运营满12个月且经评估合格",)
    assert [item.why_not for item in home.excluded if "3元" in (item.amount or "")] == ["条文面向个人，不是企业"]
    other = found(county, "浦江县一家氢能公司，想申请补贴")
    assert told((*other.applies, *other.maybe, *other.excluded), "rules") == []


def test_a_document_that_has_expired_is_excluded_and_says_when(county: Snapshot) -> None:
    result = found(county, "浦江县一家氢能公司，想要奖励")
    assert told((*result.applies, *result.maybe), "expired") == []
    (late,) = [item for item in result.excluded if item.citation.file == "expired.txt"]
    assert late.amount == "最高30万元"
    assert late.why_not == "文件已过有效期（有效期至2023-12-31）"


def test_a_sum_under_a_label_has_the_terms_of_its_own_chapter(county: Snapshot) -> None:
    result = found(county, "浦江县一家初创氢能公司，天使轮，想申请创业补贴")
    listed = [item for item in (*result.applies, *result.maybe) if item.citation.file == "guide.txt"]
    assert [(item.citation.section, item.amount) for item in listed] == [("一、（三）", "每家8000元")]
    assert "是否符合申报条件：登记注册满6个月，在职员工不少于2人" in listed[0].missing
    assert listed[0].who == "初创企业"
    rent = [item.why_not or "" for item in result.excluded if item.citation.section.startswith("二、")]
    assert all("实施期限已过（2023-12-31）" in why for why in rent)


def test_a_place_within_a_place_is_the_inner_one(county: Snapshot) -> None:
    result = found(county, "杭州一家氢能公司，想要补贴")
    (why_not,) = [item.why_not for item in result.excluded if item.provision.text.startswith("浙江省湖州市")]
    assert why_not == "条文只点名湖州市，企业在杭州市"
    assert told(result.applies, "elsewhere") == ["支持氢能企业开展出口业务，给予费用补贴。"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("广州荔湾区一家餐饮公司", "广州市荔湾区"),
        ("南宁市良庆区一家企业", "南宁市良庆区"),
        ("浦江县一家氢能公司", "浦江县"),
        ("我在金华市浦江县开了一家店", "金华市浦江县"),
        ("张江一家公司，在园区里", "张江科学城"),
        ("上海市区一家公司", "上海市"),
        ("在成都各区都有门店的公司", "成都市"),
    ],
)
def test_a_district_that_no_table_knows_is_a_place_of_its_own(text: str, place: str) -> None:
    assert [residence.place for residence in read_profile(text).places] == [place]


def test_places_that_no_table_knows_hold_each_other_by_their_names(county: Snapshot) -> None:
    assert holds("广州市", "广州市荔湾区")
    assert holds("荔湾区", "广州市荔湾区")
    assert not holds("广州市荔湾区", "广州市")
    assert not holds("广州市荔湾区", "天河区")
    assert may_hold("浙江省", "浦江县")
    assert not may_hold("浙江省", "广州市荔湾区")
    guangzhou = found(county, "广州荔湾区一家氢能公司，想要奖励")
    assert any("文件适用于浦江县，企业在广州市荔湾区" in (item.why_not or "") for item in guangzhou.excluded)
    assert not [item for item in guangzhou.applies if item.citation.file != "elsewhere.txt"]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("我和爱人今年领了结婚证，想买房", ("个人",)),
        ("二孩家庭，想买新建商品住房", ("个人",)),
        ("我是退役军人，在白云区开了一家民宿，想申请补贴", ("个人", "个体工商户")),
        ("我在成都上班，想把商业贷款转公积金", ("个人",)),
        ("我们公司做软件，想申请补贴", ("企业",)),
        ("我司是一家软件企业", ("企业",)),
        ("我公司在张江，想要场地", ("企业",)),
    ],
)
def test_somebody_who_speaks_of_himself_is_a_person(text: str, kinds: tuple[str, ...]) -> None:
    assert read_profile(text).kinds == kinds


@pytest.mark.parametrize(
    ("word", "text", "there"),
    [
        ("试验场", "发布融合试验场景", False),
        ("试验场", "提供试验场和厂房", True),
        ("概念验证", "建设概念验证中心", True),
        ("补贴", "不予资助", False),
    ],
)
def test_a_word_of_need_is_not_found_across_two_others(word: str, text: str, there: bool) -> None:
    assert stands(word, text) is there


def test_what_people_say_loosely_for_a_trade_is_no_trade_in_a_document() -> None:
    lexicon = load_lexicon()
    assert "医疗器械" not in [named.value for named in terms_in("鼓励大企业开放共享仪器设备、试验场地", lexicon)]
    assert "医疗器械" in [named.value for named in terms_in("我们做医疗器械", lexicon)]


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        (
            "对农产品电商企业，年交易额在500万元以上且有自主品牌的，按交易额的5‰给予奖励。",
            ["农产品电商企业，年交易额在500万元以上且有自主品牌"],
        ),
        ("对首次认定的瞪羚企业给予最高100万元奖励", ["首次认定"]),
        ("应在资助对象身份变化的次月调整资助标准或终止发放补贴", []),
        ("于5个工作日内完成审核", []),
        ("申请时未被市场监管部门列入“经营异常名录”", ["未被市场监管部门列入“经营异常名录”"]),
        ("登记注册满6个月、工作满一年的企业可申请补贴", ["登记注册满6个月", "工作满一年"]),
        ("距离法定退休年龄不足1年的人员可领取补贴", []),
        ("对标杆示范场景给予奖励支持", ["标杆示范场景"]),
    ],
)
def test_a_condition_is_the_whole_clause_and_no_word_that_looks_like_one(text: str, conditions: list[str]) -> None:
    assert [found.value for found in conditions_in(text, ())] == conditions


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("对线上销售额达到300万元以上的企业给予不超过设备金额10%的补贴。", ["10%"]),
        ("补贴标准：20万元至300万元。", ["20万元至300万元"]),
        ("对裁员率不高于5.5%的企业给予每人1000元补贴。", ["每人1000元"]),
        ("按国有房产市场租金的50%计算和收取租金。", ["50%"]),
    ],
)
def test_a_threshold_is_no_sum(tmp_path: Path, text: str, amounts: list[str]) -> None:
    (tmp_path / "a.txt").write_text(f"浦江县若干措施\n\n一、{text}\n", encoding="utf-8")
    found = read_provisions(read(tmp_path / "a.txt"))
    assert [amount.text for provision in found for amount in provision.amounts] == amounts


def test_a_sentence_that_is_its_own_heading_is_read(tmp_path: Path) -> None:
    text = (
        "浦江县若干措施\n\n一、支持\n\n（一）改造后的房屋用水用电用气价格均按照居民标准执行。出租人应当告知承租人。\n"
    )
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    found = read_provisions(read(tmp_path / "a.txt"))
    assert "改造后的房屋用水用电用气价格均按照居民标准执行。" in [provision.text for provision in found]


def test_a_rule_that_only_has_the_word_of_need_must_be_confirmed(tmp_path: Path, embedding: Embedding) -> None:
    text = "浙江省土地管理条例\n\n第一条 鼓励依法有偿退出闲置土地。\n\n第二条 对盘活闲置土地的企业给予20万元奖励。\n"
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    build([tmp_path], tmp_path / "index", embedding=embedding)
    result = found(open_snapshot(tmp_path / "index"), "杭州一家氢能公司，需要土地")
    assert [item.missing for item in result.maybe if "退出" in item.provision.text] == [
        ("是否涉及条文所说的事项（条文只提到土地）",)
    ]
    assert not [item for item in result.applies if "退出" in item.provision.text]


def test_a_duty_that_names_the_firms_trade_must_be_confirmed(tmp_path: Path, embedding: Embedding) -> None:
    text = (
        "关于氢能产业的实施方案\n\n一、监管\n\n（一）县市场监管部门负责氢能企业的资质审核，督促氢能企业落实停产报告措施。\n\n"
        "二、新材料\n\n（一）推动氢能新材料攻关，支持氢能企业研发。\n"
    )
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    build([tmp_path], tmp_path / "index", embedding=embedding)
    result = found(open_snapshot(tmp_path / "index"), "杭州一家氢能公司，想搞研发")
    assert [item.citation.section for item in result.applies] == ["二、（一）"]
    (duty,) = result.maybe
    assert duty.missing[-1] in (
        "条文讲的是管理或办理要求，没有写明给企业什么",
        "条文只介绍情况，没有写明支持措施，需向发文机关确认",
    )


@pytest.mark.parametrize(
    ("title", "rule"),
    [
        ("某市养老服务管理办法", True),
        ("关于印发《某市补贴实施细则（试行）》的通知", True),
        ("国务院办公厅关于给予表扬的通报", True),
        ("某区支持氢能产业发展若干措施", False),
        ("某市培育未来产业行动方案", False),
    ],
)
def test_a_document_that_sets_rules_is_told_by_its_title(title: str, rule: bool) -> None:
    assert is_rule(title) is rule


def test_a_person_is_spoken_of_as_such_and_a_sum_names_its_chapter(county: Snapshot) -> None:
    result = found(county, "我在浦江县开了一家小店，个体户，想申请创业补贴")
    (rent,) = [item for item in result.excluded if item.citation.section == "二、（二）"]
    assert rent.notes[0] == "所属：租金补贴"
    assert "本人在浦江县，文件适用于浦江县" in rent.why
    assert rent.why_not == "实施期限已过（2023-12-31）"


POLICIES = ROOT.parent / "shared" / "data" / "policies"
FIRMS = ROOT / "tests" / "golden" / "unseen_firms" / "policies.jsonl"


def _meets(item: Match, want: dict[str, str]) -> bool:
    section = item.citation.section
    below = section.startswith(want["section"])
    return item.citation.file.startswith(want["file"]) and below


@pytest.mark.skipif(not POLICIES.is_dir(), reason="needs shared/data/policies beside the repository")
def test_firms_and_persons_over_forty_other_policies(tmp_path: Path, embedding: Embedding) -> None:
    """What a reader expects for 14 firms and persons, written before anything was run: floors, no trap."""
    build([POLICIES], tmp_path / "index", embedding=embedding)
    snapshot = open_snapshot(tmp_path / "index")
    recall: list[float] = []
    traps: list[tuple[str, str]] = []
    late: list[bool] = []
    for line in FIRMS.read_text(encoding="utf-8").splitlines():
        want = json.loads(line)
        result = found(snapshot, want["profile_text"])
        listed = (*result.applies, *result.maybe)
        traps += [
            (want["id"], trap["section"])
            for trap in want["not_expected"]
            if any(_meets(item, trap) for item in result.applies)
        ]
        late += [any(_meets(item, past) for item in result.excluded) for past in want["excluded"]]
        if want["expected"]:
            recall.append(
                sum(any(_meets(item, e) for item in listed) for e in want["expected"]) / len(want["expected"])
            )
        else:
            assert (want["id"], [item.citation.section for item in result.applies]) == (want["id"], [])
    assert traps == []
    assert sum(recall) / len(recall) >= 0.8
    assert sum(late) >= 5
