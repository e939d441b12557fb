from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from errors import ConfigError
from eval.check import check
from eval.questions import digest, load, parse, shipped
from eval.sources import Source, Sources
from ingest.files import find
from ingest.reader import read
from tests.eval.cases import CORPUS, SHARED, question, sources

SAMPLES = SHARED / "checks" / "sample_questions.jsonl"


@pytest.fixture(scope="module")
def corpus() -> Sources:
    documents = [read(found.path) for found in find([CORPUS])]
    return Sources([Source(document, at) for at, document in enumerate(documents)])


def problems(**fields: object) -> list[str]:
    return [fault.problem for fault in check([question(**fields)], sources())]


def gold(**fields: object) -> list[dict[str, object]]:
    return [{"file": "100", "section": "一、", "quote": "最高100万元奖励", **fields}]


def test_the_shipped_set_is_sound(corpus):
    assert check(load(shipped()), corpus) == []


def test_the_shipped_set_has_no_sample(corpus):
    if not SAMPLES.exists():
        pytest.skip("the sample questions are not beside this checkout")
    samples = load([SAMPLES])
    assert check(load(shipped()), corpus, samples) == []
    assert check(samples, corpus) == []
    doubled = check([*load(shipped()), samples[0]], corpus, samples)
    assert [(fault.question, fault.problem) for fault in doubled] == [(samples[0].id, "与样题相同")]


def test_the_shipped_set_is_large_and_wide(corpus):
    questions = load(shipped())
    assert len(questions) >= 300
    assert sum(not one.answerable for one in questions) >= 60
    assert {gold.file for one in questions for gold in one.core()} == {"000", "002", "003", "004"}
    tables = Counter(gold.section for one in questions for gold in one.core() if gold.cell)
    assert set(tables) == {table.path for source in corpus.all for table in source.document.tables}


def test_a_sound_question_has_no_fault():
    assert problems() == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"gold": gold(quote="最高200万元奖励")}, "100 一、：文件里没有这句引文“最高200万元奖励”"),
        ({"gold": gold(section="二、（一）")}, "100 二、（一）：引文“最高100万元奖励”不在这一节，而在 一、"),
        ({"gold": gold(section="九、")}, "100 九、：文件里没有这一节"),
        ({"gold": gold(file="300")}, "300 一、：没有文件名以 '300' 开头的文件"),
        ({"gold": gold(equivalent=[{"file": "101", "section": "二、", "quote": "最高100万元奖励"}])},
         "101 二、：引文“最高100万元奖励”不在这一节，而在 一、"),
        ({"gold": []}, "可答的题没有 core 出处"),
        ({"answer_keys": [["100万元"], ["300万元"]]}, "答案里没有要点 300万元"),
        ({"answer_keys": []}, "answer_keys 为空，或有空的写法"),
        ({"answer_keys": [["。"]]}, "answer_keys 为空，或有空的写法"),
        ({"user": "nobody"}, "user 应是 firm、staff、eval 之一，现为 'nobody'"),
        ({"question": " "}, "问题是空的"),
    ],
)  # fmt: skip
def test_a_fault_is_named(fields, expected):
    assert problems(**fields) == [expected]


@pytest.mark.parametrize("section", ["一、", "二、"], ids=["the section", "one above"])
def test_a_quote_may_stand_below_the_named_section(section):
    quote = {"一、": "最高100万元奖励", "二、": "租金减免50%"}[section]
    assert problems(gold=gold(section=section, quote=quote)) == []


def test_a_quote_may_stand_above_the_named_section():
    assert problems(gold=gold(section="二、（一）", quote="## 二、空间")) == []


def test_table_cells_are_checked(corpus):
    source = next(source for source in corpus.all if source.document.tables)
    table = source.document.tables[0]
    label, column, value = table.rows[0][table.label_column], table.columns[-1], table.rows[0][-1]
    cell = {"row": label, "column": column, "value": value}

    def faults(quote: str = label, **changed: str) -> list[str]:
        gold = [{"file": source.name, "section": table.path, "quote": quote, "cell": {**cell, **changed}}]
        return [fault.problem for fault in check([question(gold=gold)], corpus)]

    assert faults() == []
    where = f"{source.name} {table.path}"
    assert faults(value="0") == [f"{where}：表里“{label}”行、“{column}”列不是“0”"]
    other_row = next(row[-1] for row in table.rows if row[-1] != value)
    assert faults(value=other_row) == [f"{where}：表里“{label}”行、“{column}”列不是“{other_row}”"]
    assert faults(quote="别的") == [f"{where}：表格出处的引文应是行名“{label}”，现为“别的”"]


def test_doubles_are_found():
    found = check([question(), question()], sources())
    assert [fault.problem for fault in found] == ["编号重复", "与本题库另一题重复"] * 2
    followup = question(id="F", history=[{"role": "user", "content": "租金呢？"}])
    assert check([question(), followup], sources()) == []


def test_a_bad_line_is_named(tmp_path):
    path = tmp_path / "q.jsonl"
    path.write_text('\n{"id": "x"}\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="第 2 行读不了：缺少 'answerable'"):
        load([path])
    with pytest.raises(ConfigError, match="题库读不了"):
        load([tmp_path / "none.jsonl"])


def test_the_digest_changes_with_anything(tmp_path: Path):
    line = json.loads(shipped()[0].read_text(encoding="utf-8").splitlines()[0])
    one, other = parse(line), parse({**line, "difficulty": 3})
    assert one.digest != other.digest
    assert digest([one, other]) != digest([other, one])
