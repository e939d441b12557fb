"""Questions whose provision is taken out: what is taken, what is left, and what is learnt from it."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path
from random import Random

import pytest

from assistant.judge_signs import FALLING, NAMES, RISING
from assistant.judge_trees import read
from errors import ConfigError
from eval.removed import Group, Removal, groups, main, measure

LAMPS = [
    ("a1", "第一条", "为了加强路灯养护，制定本办法。"),
    ("a2", "第二条", "路灯每六个月检修一次，由市城管局负责。"),
    ("a3", "第三条", "第三条　报修的路灯应当在3个工作日内修复。"),
]
WELLS = [("b1", "第一条", "水井由村民委员会管理。"), ("b2", "第二条", "水井每年清淘一次。")]
QUESTIONS = {
    "q1": ("路灯多久检修一次？", ["a2"]),
    "q2": ("报修的路灯几天内修好？", ["a3"]),
    "q3": ("路灯由谁检修？", ["a2"]),
    "q4": ("水井由谁管理？", ["b1"]),
    "q5": ("路灯和水井由谁管理？", ["a2", "b1"]),
}


def beir(folder: Path) -> Path:
    """Two documents and five questions, of which one is answered by both documents."""
    (folder / "qrels").mkdir(parents=True)
    lines = [
        {"_id": key, "title": law + number, "text": text, "metadata": {"law": law, "article": number}}
        for law, articles in (("路灯办法", LAMPS), ("水井办法", WELLS))
        for key, number, text in articles
    ]
    asked = [{"_id": key, "text": text} for key, (text, _) in QUESTIONS.items()]
    with gzip.open(folder / "corpus.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(json.dumps(line, ensure_ascii=False) for line in lines))
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, asked)), encoding="utf-8")
    grades = [f"{key}\t{gold}\t1" for key, (_, golds) in QUESTIONS.items() for gold in golds]
    (folder / "qrels" / "test.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *grades]), encoding="utf-8")
    return folder


def lamps(*removals: Removal) -> Group:
    return Group(name="set-0", documents={"路灯/办法": tuple((k, f"{n}　{t}") for k, n, t in LAMPS)}, removals=removals)


def test_documents_keep_their_passages_and_questions_of_two_documents_are_left_out(tmp_path: Path) -> None:
    (group,) = groups(beir(tmp_path / "set"))
    assert group.name == "set-0"
    assert dict(group.documents) == {
        "路灯办法": (("a1", "第一条　" + LAMPS[0][2]), ("a2", "第二条　" + LAMPS[1][2]), ("a3", LAMPS[2][2])),
        "水井办法": (("b1", "第一条　水井由村民委员会管理。"), ("b2", "第二条　水井每年清淘一次。")),
    }
    assert {(one.question, *one.gold) for one in group.removals} == {
        (text, *golds) for text, golds in QUESTIONS.values() if len(golds) == 1
    }
    assert [one.turn for one in group.removals] == [0, 1, 0, 1]


def test_a_document_of_which_a_file_is_set_apart_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "apart").mkdir()
    (tmp_path / "apart" / "路灯办法.docx").touch()
    (group,) = groups(beir(tmp_path / "set"), tmp_path / "apart")
    assert list(group.documents) == ["水井办法"]
    assert [one.question for one in group.removals] == ["水井由谁管理？"]


def test_what_answers_the_other_half_of_the_questions_stays() -> None:
    often = Removal(question="路灯多久检修一次？", gold=frozenset({"a2"}), turn=0)
    who = Removal(question="路灯由谁检修？", gold=frozenset({"a2"}), turn=1)
    soon = Removal(question="几天内修好？", gold=frozenset({"a3"}), turn=1)
    group = lamps(often, who, soon)
    assert group.without(0) == frozenset()
    assert group.without(1) == {"a3"}
    assert group.gone(0) == []
    assert group.gone(1) == [soon]


def test_the_texts_lack_what_is_taken_out_and_nothing_else(tmp_path: Path) -> None:
    lamps().write(tmp_path / "text", frozenset({"a2"}))
    (file,) = (tmp_path / "text").iterdir()
    assert file.name == "00_路灯_办法.txt"
    assert file.read_text(encoding="utf-8") == "第一条　为了加强路灯养护，制定本办法。\n第三条　" + LAMPS[2][2]


def test_a_quote_tells_when_it_stands_in_the_passage_or_holds_it() -> None:
    group = lamps(asked := Removal(question="路灯多久检修一次？", gold=frozenset({"a2"}), turn=0))
    assert group.tells(asked, ["每六个月检修一次"])
    assert group.tells(asked, ["无关的话", "第二条　路灯每六个月检修一次，由市城管局负责。第三条"])
    assert not group.tells(asked, ["报修的路灯应当在3个工作日内修复。", "路灯"])
    assert not group.tells(asked, [])


def test_asked_answered_and_refused_are_counted_over_real_indexes() -> None:
    often = Removal(question="路灯多久检修一次？", gold=frozenset({"a2"}), turn=1)
    soon = Removal(question="报修的路灯应当在几个工作日内修复？", gold=frozenset({"a3"}), turn=0)
    count = measure(lamps(often, soon), (None, 1))
    assert count == {
        "asked": 2,
        "answered with the provision": 2,
        "and doubted": 0,
        "refused": 0,
        "removed": 1,
        "removed, refused": 1,
        "removed, doubted": 0,
    }


@pytest.mark.parametrize("harm", ["no set", "not json"])
def test_a_folder_that_is_no_set_is_one_clear_line(
    harm: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "set"
    if harm == "not json":
        (beir(folder) / "corpus.jsonl.gz").write_bytes(gzip.compress("{不是".encode()))
    assert main([str(folder)]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("wence：")
    assert str(folder) in said


def test_the_model_learnt_is_the_one_that_is_read_again_and_never_goes_against_its_signs() -> None:
    pytest.importorskip("lightgbm", reason="LightGBM is there for training only")
    from eval.judging import Example, fit, held_out, report, table

    random = Random(3)
    of = []
    for at in range(240):
        row = [random.random() for _ in NAMES]
        told = row[NAMES.index("score")] + 0.2 * random.random() > 0.6
        of.append(Example(row=tuple(row), told=told, group=f"set-{at % 3}", form="aspect"))
    model = fit(of)
    again = read(table(model))
    assert again == model
    row = list(of[0].row)
    for name in ("score", RISING[1], FALLING[0]):
        at = NAMES.index(name)
        values = [model.value([*row[:at], value / 10, *row[at + 1 :]]) for value in range(11)]
        assert values == sorted(values, reverse=name in FALLING)
    said = held_out(of, [one.group for one in of])
    assert all(0 <= value <= 1 and math.isfinite(value) for value in said)
    told = [value for value, one in zip(said, of, strict=True) if one.told]
    untold = [value for value, one in zip(said, of, strict=True) if not one.told]
    assert sum(told) / len(told) > 0.8 > 0.3 > sum(untold) / len(untold)
    assert [line.split("  ")[:3] for line in report(of)] == [["other documents", "set", "aspect"]]


def test_a_set_that_is_not_there_is_no_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from eval import judging

    assert judging.main(["--set", str(tmp_path / "none"), "-o", str(tmp_path / "judge.tsv")]) == 1
    assert not (tmp_path / "judge.tsv").exists()
    assert capsys.readouterr().err.startswith("wence：")


def test_a_group_of_nothing_asks_nothing() -> None:
    with pytest.raises(ConfigError):
        groups(Path("/nowhere/at/all"))
