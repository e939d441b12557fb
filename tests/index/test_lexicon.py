from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections import Counter
from html import unescape
from itertools import pairwise
from pathlib import Path

import jieba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import ConfigError
from index.lexicon import COLUMNS, KINDS, WEIGHTS, Entry, Lexicon, load_lexicon, tables
from index.words import Segmenter, fold

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / "index" / "lexicon"
POLICIES = REPOSITORY.parent / "shared" / "data" / "policies"
LEXICON = load_lexicon()


def entry(
    term: str,
    *,
    same: tuple[str, ...] = (),
    near: tuple[str, ...] = (),
    english: tuple[str, ...] = (),
    broader: str = "",
    related: tuple[str, ...] = (),
    kind: str = "measure",
) -> Entry:
    return Entry(
        term=term, same=same, near=near, english=english, broader=broader, related=related, kind=kind, source=""
    )


SMALL = Lexicon(
    entries=(
        entry("充电设施", same=("充电桩", "EV充电站"), near=("充电的地方",), english=("charging pile", "EV charger")),
        entry("补贴", same=("补助",), near=("给钱",), english=("subsidy",), related=("奖励",)),
        entry("租房补贴", near=("租房给钱",), english=("rent subsidy",), broader="补贴"),
        entry("奖励", same=("奖补", "资金奖励"), english=("reward",)),
        entry("孵化器", near=("创业园",), english=("incubator",), broader="园区"),
        entry("园区", english=("park",)),
        entry("东海市", same=("东海",), english=("Donghai",), kind="place"),
        entry("临河区", same=("临河",), english=("Linhe",), broader="东海市", kind="place"),
        entry("河口镇", same=("河口",), broader="临河区", kind="place"),
        entry("西山市", same=("西山",), kind="place"),
    ),
    guards=frozenset({"补助金"}),
)


def added(lexicon: Lexicon, query: str) -> list[tuple[str, str, str, float]]:
    return [(one.found, one.added, one.relation, round(one.weight, 4)) for one in lexicon.expand(query)]


def test_a_phrase_counts_as_said_when_most_of_it_stands_close_together() -> None:
    lexicon = Lexicon(
        (
            entry("可降解材料", same=("生物降解材料",), near=("烂在土里的塑料", "会烂的塑料")),
            entry("住房", near=("有没有房住",)),
            entry("首尔", near=("能烂在土里",), kind="place"),
        ),
        frozenset(),
    )
    text = "埋土里能烂掉的塑料，推不推"
    found = lexicon.alike(text, {"土里"})
    assert [(one.added, one.found, one.relation) for one in found] == [
        ("可降解材料", "埋土里能烂掉的塑料，推不推", "alike"),
        ("生物降解材料", "埋土里能烂掉的塑料，推不推", "alike"),
    ]
    share = (6 / 7 + 3 / 6) / 2  # all but 在; 土里, 的塑, 塑料
    assert [round(one.weight, 4) for one in found] == [round(0.8 * share, 4), round(0.6 * share, 4)]
    assert lexicon.alike(text, {"降解"}) == ()  # no phrase has it
    assert lexicon.alike("这里有烂在土里的塑料", {"土里"}) == ()  # said as it stands: `expand` has it
    assert lexicon.alike("有没有地方住房", {"住房"}) == ()  # what asks is no phrase
    assert lexicon.alike("土地里塑造了什么料理", {"土地"}) == ()


@given(st.text("烂在土里的塑料会埋能掉公园", max_size=40))
def test_laws_of_likeness(text: str) -> None:
    lexicon = Lexicon((entry("可降解材料", near=("烂在土里的塑料", "会烂的塑料")),), frozenset())
    for one in lexicon.alike(text, {text[at : at + 2] for at in range(len(text) - 1)}):
        assert text[one.start : one.end] == one.found
        assert 0.4 <= one.weight < 0.8


# --- the data ---------------------------------------------------------------------------------------------------------


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


# --- the laws ---------------------------------------------------------------------------------------------------------


def test_what_a_firm_says_leads_to_the_official_term_and_back() -> None:
    assert added(SMALL, "哪里有充电桩") == [
        ("充电桩", "充电设施", "same", 0.8),
        ("充电桩", "EV充电站", "same", 0.6),
        ("充电桩", "充电的地方", "near", 0.2),
    ]
    assert added(SMALL, "充电的地方") == [
        ("充电的地方", "充电设施", "near", 0.6),
        ("充电的地方", "充电桩", "near", 0.45),
        ("充电的地方", "EV充电站", "near", 0.45),
    ]


def test_the_longest_name_wins_and_its_parts_are_silent() -> None:
    assert added(SMALL, "租房给钱吗") == [("租房给钱", "租房补贴", "near", 0.6)]


def test_a_guard_hides_what_it_contains() -> None:
    assert added(SMALL, "补助金") == []
    assert [term for _, term, *_ in added(SMALL, "补助")] == ["补贴", "给钱", "奖励"]


def test_a_term_of_the_query_is_not_added_nor_one_that_only_lengthens_another() -> None:
    assert added(SMALL, "补助和补贴") == [("补助", "给钱", "near", 0.2), ("补助", "奖励", "related", 0.12)]
    assert [term for _, term, *_ in added(SMALL, "奖补")] == ["奖励"], "资金奖励 holds 奖励"


def test_a_broader_term_weighs_less_than_the_term() -> None:
    assert added(SMALL, "创业园") == [("创业园", "孵化器", "near", 0.6), ("创业园", "园区", "broader", 0.15)]


def test_at_most_so_many_terms_for_each_term_found() -> None:
    assert [one.added for one in SMALL.expand("充电桩、补助", limit=1)] == ["充电设施", "补贴"]


@pytest.mark.parametrize(
    "query",
    ["rent subsidy", "Rent Subsidies?", "RENT-SUBSIDY", "the rent's  subsidy"],
    ids=["plain", "plural", "hyphen", "possessive"],
)
def test_english_is_matched_by_words(query: str) -> None:
    assert SMALL.translate(query) == ("租房补贴",)


def test_english_inside_another_word_is_not_matched() -> None:
    assert SMALL.translate("rewarding, subsidyless sparks") == ()
    assert [match.entries[0][0].term for match in SMALL.find("EV充电站")] == ["充电设施"]
    assert SMALL.find("PHEV充电站") == ()


def test_offsets_are_those_of_the_query_as_written() -> None:
    query = "１　Ｒｅｗａｒｄ，东海的㈱充电 桩"
    assert [(query[one.start : one.end], one.entries[0][0].term) for one in SMALL.find(query)] == [
        ("Ｒｅｗａｒｄ", "奖励"),
        ("东海", "东海市"),
        ("充电 桩", "充电设施"),
    ]


def test_punctuation_parts_words() -> None:
    assert SMALL.find("充、电桩") == ()


def test_a_name_of_two_entries_stands_for_both() -> None:
    both = Lexicon(entries=(entry("场景", near=("试用",)), entry("试点", near=("试用",))), guards=frozenset())
    assert [one.added for one in both.expand("试用")] == ["场景", "试点"]


def test_names_begin_with_a_mark_a_capital_or_a_wide_letter() -> None:
    odd = Lexicon(
        entries=(
            entry("规划", same=("“十四五”",), english=("Five-Year Plan",)),
            entry("人才", near=("Ａ类人才", "ａ类人才")),
            entry("互联网+", same=("互联网＋",)),
            entry("互联", english=("A类人才",)),
        ),
        guards=frozenset({"-人才网", "A股"}),
    )
    assert [one.entries[0][0].term for one in odd.find("“十四五”five-year plans")] == ["规划", "规划"]
    found = odd.find("a类人才")
    assert [(one.term, how) for one, how in found[0].entries] == [("人才", "near"), ("互联", "translation")]
    assert [one.entries[0][0].term for one in odd.find("互联网+2024")] == ["互联网+"]
    assert [one.entries[0][0].term for one in odd.find("互联网+")] == ["互联"]  # a Chinese text names Chinese only
    assert odd.find("A股") == ()
    assert [one.entries[0][0].term for one in odd.find("人才网")] == ["人才"]
    assert odd.find("人才网 a") == ()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from([*"补助金贴租房给钱奖励充电桩的 ，。a-", "EV", "reward", "Donghai"]), max_size=20),
    st.data(),
)
def test_what_a_text_names_is_the_same_whatever_was_asked_before(pieces: list[str], data: st.DataObject) -> None:
    before, query = data.draw(st.permutations(pieces).map("".join)), "".join(pieces)
    fresh, used = (Lexicon(entries=SMALL.entries, guards=SMALL.guards) for _ in range(2))
    used.find(before)
    assert fresh.find(query) == used.find(query) == SMALL.find(query)


def test_a_question_reads_the_entries_that_it_names_and_few_others(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    read = tables._entry
    monkeypatch.setattr(tables, "_entry", lambda line: made.append(line) or read(line))
    load_lexicon.__wrapped__().expand("浦东新区2025年对AI企业有什么补贴？")
    assert 0 < len(made) < 20


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([*"补助金贴租房给钱奖励充电桩的 ，。a-", "EV", "reward", "Donghai"]), max_size=20).map(
        "".join
    )
)
def test_laws_of_expansion(query: str) -> None:
    found = SMALL.expand(query)
    assert found == SMALL.expand(query)
    ends = [(one.start, one.end) for one in SMALL.find(query)]
    assert all(end <= start for (_, end), (start, _) in pairwise(ends))
    assert len({one.added for one in found}) == len(found)
    for one in found:
        assert 0 < one.weight < 1
        assert query[one.start : one.end] == one.found != ""
        assert (one.start, one.end) in ends
        assert fold(one.added) not in fold(query)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_can_be_expanded(query: str) -> None:
    for one in LEXICON.expand(query):
        assert query[one.start : one.end] == one.found


# --- places -----------------------------------------------------------------------------------------------------------


def test_containment() -> None:
    assert SMALL.contains("东海", "河口镇")
    assert SMALL.contains("Donghai", "Linhe")
    assert SMALL.contains("临河区", "临河")
    assert not SMALL.contains("临河", "东海")
    assert not SMALL.contains("西山", "河口")
    assert not SMALL.contains("火星", "河口")
    assert SMALL.broader("河口镇") == ("临河区", "东海市")
    assert SMALL.broader("火星") == ()


def test_the_place_of_a_text() -> None:
    assert SMALL.places_in("东海临河的充电桩，Linhe") == ("东海市", "临河区")
    assert SMALL.place_of("东海临河的充电桩") == "临河区"
    assert SMALL.place_of("临河和西山哪里好") is None
    assert SMALL.place_of("充电桩") is None
    assert SMALL.places_in("东海南路") == (), "a street named after a city is not the city"


def test_shanghai() -> None:
    assert LEXICON.contains("上海", "张江")
    assert not LEXICON.contains("浦东", "漕河泾")
    assert LEXICON.place_of("上海浦东张江") == "张江科学城"
    assert LEXICON.place_of("Zhangjiang, Pudong") == "张江科学城"
    assert LEXICON.place_of("公司想从杭州搬到上海") is None


# --- the words of policy ----------------------------------------------------------------------------------------------

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


# --- coverage ---------------------------------------------------------------------------------------------------------


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


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_line_with_too_few_fields_is_named(tmp_path: Path) -> None:
    (tmp_path / "guards.tsv").write_text("word\treason\n", encoding="utf-8")
    (tmp_path / "a.tsv").write_text("\t".join(COLUMNS) + "\n补贴\t补助\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"第 2 行有 2 栏，应为 8 栏.*a\.tsv"):
        load_lexicon(tmp_path)


def test_a_table_without_its_header_is_named(tmp_path: Path) -> None:
    (tmp_path / "guards.tsv").write_text("word\treason\n", encoding="utf-8")
    (tmp_path / "a.tsv").write_text("补贴\t补助\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"词表首行不对.*a\.tsv"):
        load_lexicon(tmp_path)


def test_a_folder_without_guards_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"词表读不出.*guards\.tsv"):
        load_lexicon(tmp_path)


def test_loading_is_quick_and_brings_no_heavy_import() -> None:
    code = (
        "import sys, time; from index.lexicon import load_lexicon; start = time.perf_counter(); "
        "load_lexicon().find('补贴'); spent = time.perf_counter() - start; "
        "print(spent < 0.3, [name for name in ('jieba', 'numpy', 'tantivy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout == "True []\n"
