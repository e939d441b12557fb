from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from errors import ConfigError
from index.lexicon import KINDS, WEIGHTS, Lexicon, load_lexicon

TABLES = sorted((Path(__file__).resolve().parents[2] / "index" / "lexicon").glob("*.tsv"))


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon()


def rows() -> list[list[str]]:
    return [
        line.split("\t")
        for path in TABLES
        if path.name != "guards.tsv"
        for line in path.read_text(encoding="utf-8").splitlines()[1:]
        if line and not line.startswith("#")
    ]


def test_the_tables_hold_concepts_of_known_kinds_once() -> None:
    lines = rows()
    assert len(lines) >= 2000
    assert {len(line) for line in lines} == {8}
    assert {line[6] for line in lines} <= KINDS
    assert [term for term, count in Counter(line[0] for line in lines).items() if count > 1] == []


def test_broader_terms_are_entries_and_form_no_cycle(lexicon: Lexicon) -> None:
    for line in rows():
        if line[4]:
            assert lexicon.entry(line[4]) is not None, line
        assert line[0] not in lexicon.broader(line[0])


def test_an_expansion_never_outranks_the_word_itself(lexicon: Lexicon) -> None:
    assert all(0 < weight < 1 for weight in WEIGHTS.values())
    query = "做飞行汽车的想租便宜办公室"
    found = lexicon.expand(query)
    assert {item.found for item in found} >= {"飞行汽车", "便宜办公室"}
    assert all(0 < item.weight < 1 and query[item.start : item.end] == item.found for item in found)
    assert "电动垂直起降飞行器" in {item.added for item in found}
    assert found == lexicon.expand(query)


def test_english_finds_its_chinese(lexicon: Lexicon) -> None:
    assert "脑机接口" in lexicon.translate("Which subsidies exist for Brain Computer Interfaces?")
    assert lexicon.find("send me an email") == ()


def test_places_contain_places(lexicon: Lexicon) -> None:
    assert lexicon.contains("上海市", "张江")
    assert not lexicon.contains("张江", "上海市")
    assert not lexicon.contains("江苏省", "浦东新区")


def test_a_guarded_word_hides_what_it_happens_to_contain(lexicon: Lexicon) -> None:
    assert "长治市" not in lexicon.places_in("确保社会长治久安")


def test_a_table_of_another_shape_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("term\tsame\n甲\t乙\n", encoding="utf-8")
    with pytest.raises(ConfigError):
        load_lexicon(tmp_path)
