"""Whole answers over judged sets: what becomes of each question, told by stage over real indexes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from errors import ConfigError
from eval.answered import expected, half_of, main, outcomes, table, titled, told
from eval.removed import Group, Removal, groups

LAMPS = (
    ("a0", "石榴市路灯养护办法"),
    ("a1", "第一条　为了加强路灯养护，制定本办法。"),
    ("a2", "第二条　路灯每六个月检修一次，由市城管局负责。"),
    ("a3", "第三条　报修的路灯应当在3个工作日内修复。夜间报修的路灯应当在五小时内到达现场。"),
    ("a4", "第四条　路灯的电费由市财政局承担。"),
)


def removal(question: str, *gold: str) -> Removal:
    return Removal(question=question, gold=frozenset(gold), turn=0)


def lamps(*removals: Removal) -> Group:
    return Group(name="set-0", documents={"石榴市路灯养护办法": LAMPS}, removals=removals)


NOTICES = Path(__file__).resolve().parents[3] / "shared" / "data" / "bench" / "ncp_passage"
RIGHT = 35  # of the 46 of the first group, two below what was reached

ASKED = (
    removal("石榴市的路灯多久检修一次？", "a2"),
    removal("报修的路灯应当在几个工作日内修复？", "a3"),
    removal("路灯的电费由谁承担？", "a1"),
    removal("路灯办法规定停车费是多少钱？", "a2"),
)
ANSWERS = {ASKED[0].question: ("六个月",), ASKED[1].question: ("市财政局在一月以内办理",)}


def test_each_stage_is_told_over_a_real_index() -> None:
    found = outcomes(lamps(*ASKED), ANSWERS)
    assert [one.stage for one in found] == ["right", "sentence", "selected", "refused"]
    assert [one.first for one in found] == [True, True, False, False]
    assert [one.told is None for one in found] == [False, False, True, True]
    assert found[0].place is not None
    half = found[0].half
    assert table("set", found).splitlines()[half] == (
        f"set {half}：4 问，答对 1，句子不对 1，选错 1，没查到 0，拒答 1；首条引用正确 2"
    )
    assert outcomes(lamps(*ASKED), ANSWERS, 1 - half) == []


def test_what_the_question_says_already_is_no_answer() -> None:
    assert told("路灯多久检修一次？", ["路灯六个月检修一次"], "路灯检修一次") == 0
    assert told("路灯多久检修一次？", ["六个月", "每半年"], "每半年检修一次。") == 1
    assert told("路灯要检修吗？", ["路灯要检修"], "路灯要检修。") is None
    assert told("路灯多久检修一次？", [], "每半年") is None


def test_a_document_without_its_name_gets_it_as_its_first_line() -> None:
    bare = Group(name="set-0", documents={"石榴市路灯养护办法": LAMPS[1:]}, removals=())
    assert titled(bare).documents == {"石榴市路灯养护办法": (("", "石榴市路灯养护办法"), *LAMPS[1:])}
    assert titled(lamps()) == lamps()


def test_halves_are_by_name_and_both_there() -> None:
    halves = [half_of(f"办法{number}") for number in range(40)]
    assert set(halves) == {0, 1}
    assert halves == [half_of(f"办法{number}") for number in range(40)]


def beir(folder: Path) -> Path:
    (folder / "qrels").mkdir(parents=True)
    passages = [{"_id": key, "title": "石榴市路灯养护办法", "text": text} for key, text in LAMPS]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, passages)), encoding="utf-8")
    query = {"_id": "q1", "text": ASKED[0].question}
    (folder / "queries.jsonl").write_text(json.dumps(query), encoding="utf-8")
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\ta2\t1", encoding="utf-8")
    answer = {"question": ASKED[0].question, "answer": "每六个月一次", "gold_text": [LAMPS[2][1]]}
    with gzip.open(folder / "answers.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps(answer))
    return folder


def test_the_command_prints_both_halves_of_a_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = beir(tmp_path / "lamps")
    assert expected(folder) == {ASKED[0].question: ("每六个月一次", LAMPS[2][1])}
    assert main([str(folder), "--processes", "1", "--wrong"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sorted(line.split("：")[1][:10] for line in lines) == ["0 问，答对 0，句", "1 问，答对 1，句"]


@pytest.mark.parametrize("harm", ["no set", "no answers"])
def test_what_is_no_set_is_one_clear_line(harm: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "set"
    if harm == "no answers":
        (beir(folder) / "answers.jsonl").write_text('{"answer": "六个月"}', encoding="utf-8")
        with pytest.raises(ConfigError):
            expected(folder)
    assert main([str(folder), "--processes", "1"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("wence：")
    assert said.count("\n") == 1


@pytest.mark.skipif(not NOTICES.is_dir(), reason="the judged sets are not beside the repository")
def test_no_fewer_answers_over_notices_are_right_than_before() -> None:
    found = outcomes(groups(NOTICES)[0], expected(NOTICES))
    assert sum(one.stage == "right" for one in found) >= RIGHT
