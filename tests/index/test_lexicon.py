"""How names are found in a text and what they lead to, on a small lexicon and on the one that ships."""

from __future__ import annotations

import re
import string
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import ConfigError
from index.lexicon import COLUMNS, Entry, Lexicon, load_lexicon, tables
from index.lexicon.units import key_of, part, units_of
from index.words import fold

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / "index" / "lexicon"
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


NESTED = (
    "电",
    "充电",
    "充电桩",
    "充电桩建设",
    "桩",
    "桩设施",
    "设施a",
    "a",
    "a b",
    "a b c",
    "b",
    "b c c",
    "b电",
    "３.5充",
    "-电 路",
    "ab",
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([*"充电桩建设施路", *"abAＢc", *" -，。\u3000㎡①", "3.5", "’s", "ab"]), max_size=24).map(
        "".join
    )
)
def test_the_longest_name_at_each_place_is_found_by_trying_all(text: str) -> None:
    lexicon = Lexicon(tuple(map(entry, NESTED)), frozenset({"桩建"}))
    units, firsts, lasts = units_of(text)
    mixed = any(unit[0] in string.ascii_lowercase + string.digits for unit in units)
    names = {key_of(name) for name in (*NESTED, "桩建") if mixed or re.fullmatch(r"[\u3400-\u9fff]+", name)}
    expected, at = [], 0
    while at < len(units):
        ends = [end for end in range(at + 1, len(units) + 1) if "".join(map(part, units[at:end])) in names]
        end = max(ends, default=at + 1)
        if ends and key_of(text[firsts[at] : lasts[end - 1] + 1]) != "桩建":
            expected.append((firsts[at], lasts[end - 1] + 1))
        at = end
    assert [(one.start, one.end) for one in lexicon.find(text)] == expected


@settings(max_examples=300)
@given(st.text(st.one_of(st.characters(), st.sampled_from("充电AＡ,，- \u3000'’s㎡ﬁ1.5"))))
def test_units_are_found_one_by_one(text: str) -> None:
    units, firsts, lasts = units_of(text)
    assert all(0 <= first <= last < len(text) for first, last in zip(firsts, lasts, strict=True))
    assert firsts == sorted(firsts)
    assert lasts == sorted(lasts)
    pieces = [text[first : last + 1] for first, last in zip(firsts, lasts, strict=True)]
    assert all(unit in units_of(piece)[0] for unit, piece in zip(units, pieces, strict=True))
    assert all(len(unit) == 1 for unit in units if re.match(r"[\u3400-\u9fff]", unit))


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


def test_loading_brings_no_heavy_import() -> None:
    code = (
        "import sys; from index.lexicon import load_lexicon; found = load_lexicon().find('补贴'); "
        "print(len(found), [name for name in ('jieba', 'numpy', 'tantivy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout == "1 []\n"
