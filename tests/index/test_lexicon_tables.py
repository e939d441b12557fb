"""The tables that ship: clean, of one sense each, and knowing what policies and people say."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from html import unescape
from pathlib import Path

import jieba
import pytest

from index.lexicon import KINDS, WEIGHTS, load_lexicon
from index.words import Segmenter

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / "index" / "lexicon"
POLICIES = REPOSITORY.parent / "shared" / "data" / "policies"
LEXICON = load_lexicon()


def test_there_are_enough_entries_and_no_official_term_stands_twice() -> None:
    terms = [one.term for one in LEXICON.entries]
    assert len(terms) >= 2500
    assert [term for term, times in Counter(terms).items() if times > 1] == []


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.tsv")), ids=lambda path: path.stem)
def test_every_line_is_clean(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    assert lines.pop() == "", "a file ends with a line feed"
    assert len(lines) == len(set(lines))
    for line in lines[1:]:
        for cell in line.split("\t"):
            names = cell.split("|")
            assert len(names) == len(set(names)), line
            assert cell == "" or all(name == name.strip() != "" for name in names), line


def test_names_are_long_enough_to_mean_something_and_stand_once_in_an_entry() -> None:
    for one in LEXICON.entries:
        names = [one.term, *one.same, *one.near]
        assert len(names) == len(set(names)), one.term
        assert one.term not in one.related, one.term
        for name in names:
            assert len(name) >= 2, (one.term, name)
        for name in one.english:
            assert re.search("[A-Za-z0-9]", name), (one.term, name)
            assert not re.search("[\u3400-\u9fff]", name), (one.term, name)


def test_kinds_and_sources_are_known() -> None:
    assert {one.kind for one in LEXICON.entries} == KINDS
    code = re.compile(r"GB/T 4754-2017 [A-T](\d{2,3})?|战略性新兴产业分类\(2018\)( [1-9](\.\d)?)?|民政部行政区划|")
    assert [one.term for one in LEXICON.entries if not code.fullmatch(one.source)] == []
    codes = Counter(one.source for one in LEXICON.entries if one.source and one.kind == "industry")
    assert [source for source, times in codes.items() if times > 1] == []


def test_a_code_stands_under_the_code_it_belongs_to() -> None:
    """C27 under C, C276 under C27, 1.5 under 1: where the broader term has a code of the same classification."""
    for one in LEXICON.entries:
        above = LEXICON.entry(one.broader)
        if one.kind == "industry" and above is not None:
            scheme, _, code = one.source.rpartition(" ")
            scheme_above, _, code_above = above.source.rpartition(" ")
            if scheme and scheme == scheme_above:
                assert code.startswith(code_above), (one.term, one.source, above.source)


def test_broader_and_related_terms_exist_and_no_chain_turns_back() -> None:
    above = {one.term: one.broader for one in LEXICON.entries}
    for one in LEXICON.entries:
        assert not one.broader or one.broader in above, (one.term, one.broader)
        assert [term for term in one.related if term not in above] == [], one.term
        chain = [one.term]
        while above[chain[-1]]:
            assert above[chain[-1]] not in chain, chain
            chain.append(above[chain[-1]])


def test_places_form_trees_of_places() -> None:
    places = {one.term: one for one in LEXICON.entries if one.kind == "place"}
    assert all(one.broader == "" or one.broader in places for one in places.values())
    assert [one.broader for one in places.values() if one.term.endswith("省")] == ["中国"] * 23
    districts = [one.term for one in places.values() if one.broader == "上海市" and one.source]
    names = "浦东新 黄浦 徐汇 长宁 静安 普陀 虹口 杨浦 闵行 宝山 嘉定 金山 松江 青浦 奉贤 崇明"
    assert sorted(districts) == sorted(f"{name}区" for name in names.split())


def test_weights_leave_the_word_itself_in_the_lead() -> None:
    assert all(0 < weight < 1 for weight in WEIGHTS.values())


def test_a_guard_hides_no_official_term() -> None:
    assert [word for word in LEXICON.guards if LEXICON.entry(word)] == []


def test_shanghai() -> None:
    assert LEXICON.contains("上海", "张江")
    assert not LEXICON.contains("浦东", "漕河泾")
    assert LEXICON.place_of("上海浦东张江") == "张江科学城"
    assert LEXICON.place_of("Zhangjiang, Pudong") == "张江科学城"
    assert LEXICON.place_of("公司想从杭州搬到上海") is None


SAID = [
    ("打官司", "诉讼"),
    ("找工作", "就业"),
    ("便宜办公室", "低成本创新创业空间"),
    ("飞行汽车", "电动垂直起降飞行器"),
    ("充电桩", "充电设施"),
    ("没工作领钱", "失业保险"),
    ("辅导上市", "上市培育"),
    ("试生产线", "中试平台"),
    ("刚起步的公司", "初创企业"),
    ("少交税", "税收优惠"),
    ("拿专利贷款", "知识产权质押融资"),
    ("无人车", "自动驾驶"),
    ("经信委", "上海市经济和信息化委员会"),
    ("上海户口", "人才落户"),
    ("公租房", "公共租赁住房"),
    ("装电梯", "加装电梯"),
    ("意念控制电脑", "脑机接口"),
    ("机器喂饭", "护理机器人"),
    ("地沟油飞机", "可持续航空燃料"),
    ("人造太阳", "可控核聚变"),
    ("用空气存电", "压缩空气储能"),
    ("太空垃圾", "空间碎片"),
    ("没司机的地铁", "城轨列车"),
]


@pytest.mark.parametrize(("said", "official"), SAID)
def test_what_people_say(said: str, official: str) -> None:
    assert official in [one.added for one in LEXICON.expand(f"请问{said}的政策")]


ASKED = [
    ("Who is eligible for the unicorn reward?", {"独角兽企业", "奖励"}),
    ("brain-computer interfaces in Pudong", {"脑机接口", "浦东新区"}),
    ("Are there rent subsidies for start-ups?", {"租金补贴", "初创企业"}),
    ("application deadlines for R&D grants", {"申报时间", "研发补贴"}),
    ("Is quantum computing a future industry?", {"量子计算", "未来产业"}),
]


@pytest.mark.parametrize(("asked", "meant"), ASKED)
def test_english_questions(asked: str, meant: set[str]) -> None:
    assert meant <= set(LEXICON.translate(asked))


def test_words_inside_unrelated_words_are_silent() -> None:
    for text in (
        "线上市场",
        "劳动合同法",
        "提交大量",
        "长治久安",
        "美丽水乡",
        "基金会",
        "西藏南路",
        "send me an email",
        "人才培养基地",
        "着手办理",
        "产业链上下游",
        "原油库存",
    ):
        named = {one.term for match in LEXICON.find(text) for one, _ in match.entries}
        assert named.isdisjoint(
            {"上市", "劳动合同", "上海交通大学", "长治市", "丽水市", "基金", "西藏自治区", "人工智能"}
            | {"细胞培养液", "潮流玩具", "区块链", "加油站"}
        ), text


def policy_text(path: Path) -> str:
    if path.suffix == ".docx":
        with zipfile.ZipFile(path) as archive:
            return re.sub("<[^>]+>", "", archive.read("word/document.xml").decode())
    text = path.read_bytes().decode("utf-8", errors="replace")
    if path.suffix == ".html":
        text = unescape(re.sub(r"(?s)<(script|style)\b.*?</\1>|<[^>]+>", " ", text))
    return text


def frequent_nouns(least: int) -> list[str]:
    """Nouns and verbal nouns of jieba's dictionary, two Chinese characters or more, in at least so many files."""
    lines = (Path(jieba.__file__).parent / "dict.txt").read_text(encoding="utf-8").splitlines()
    tags = {word: tag for word, _, tag in (line.split(" ") for line in lines)}
    segmenter = Segmenter()
    files: Counter[str] = Counter()
    for path in sorted(POLICIES.rglob("*")):
        if path.suffix in {".html", ".docx", ".txt", ".md"}:
            files.update(set(segmenter.words(policy_text(path))))
    wanted = {"n", "nz", "vn", "nt", "j"}
    return sorted(
        word for word, times in files.items() if times >= least and len(word) > 1 and tags.get(word) in wanted
    )


@pytest.mark.skipif(not POLICIES.is_dir(), reason="the policy texts are not beside this repository")
def test_coverage_of_frequent_policy_nouns() -> None:
    terms = frequent_nouns(8)
    known = [term for term in terms if [(one.start, one.end) for one in LEXICON.find(term)] == [(0, len(term))]]
    assert len(terms) >= 300
    assert len(known) / len(terms) >= 0.55, sorted(set(terms) - set(known))  # 237 of 394 when this was written
