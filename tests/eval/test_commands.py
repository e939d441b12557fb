from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from errors import UsageError
from eval import candidates
from eval.candidates import accept, add, propose
from eval.questions import load, shipped
from service.eval_commands import eval_app
from tests.eval.cases import ROOT, sources

REPORT = {"given": "没有规定。", "expected": "减免50%，期限三年。", "keys": ["50%|一半"], "user": "firm"}


def wence(index: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import cli; cli.main()", *arguments],
        cwd=ROOT,
        env={**os.environ, "WENCE_INDEX": str(index), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def record(**fields: object) -> candidates.Record:
    return propose("租金减免多少？", **{**REPORT, "quotes": ["租金减免50%，期限三年"], "sources": sources(), **fields})


def test_the_gold_of_a_candidate_is_found_by_its_quote():
    found = record()
    assert (found["type"], found["answerable"], found["answer_keys"]) == ("reported", True, [["50%", "一半"]])
    (gold,) = found["gold"]
    (other,) = gold.pop("equivalent")
    assert gold == {
        "file": "100_notice.md",
        "section": "二、（一）",
        "quote": "租金减免50%，期限三年",
        "span": [gold["span"][0], gold["span"][0] + 12],
        "role": "core",
        "section_number": "二、（一）",
    }
    assert (other["file"], other["section"]) == ("101_notice.txt", "二、（一）")


def test_the_same_words_in_another_document_are_no_rendering():
    (gold,) = record(quotes=["租金减免三年"], keys=["三年"])["gold"]
    assert [gold["file"], *(other["file"] for other in gold["equivalent"])] == ["100_notice.md", "101_notice.txt"]


def test_a_candidate_without_a_quote_is_unanswerable():
    found = record(quotes=[], expected="文件没有规定。", keys=[])
    assert (found["type"], found["answerable"], found["gold"]) == ("unanswerable", False, [])
    assert found["answer_keys"] == [["文件没有规定。"]]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"quotes": ["租金全免"]}, "没有一份文件有这句引文：“租金全免”"),
        ({"expected": " "}, "都不能是空的"),
        ({"keys": ["70%"]}, "答案里没有要点 70%"),
    ],
)
def test_a_candidate_that_proves_nothing_is_refused(fields, message):
    with pytest.raises(UsageError, match=message):
        record(**fields)


def test_candidates_stay_apart_until_accepted(tmp_path):
    waiting, accepted = tmp_path / "candidates.jsonl", tmp_path / "accepted.jsonl"
    first, second = record(), {**record(), "id": "R-2"}
    add(first, waiting)
    add(second, waiting)
    add({**first, "given": "三年"}, waiting)  # reported again: the newer report stands
    assert [(r["id"], r["given"]) for r in candidates.read(waiting)] == [("R-2", "没有规定。"), (first["id"], "三年")]
    assert not accepted.exists()
    accept(first["id"], waiting, accepted, sources())
    assert [r["id"] for r in candidates.read(waiting)] == ["R-2"]
    (kept,) = load([accepted])
    assert (kept.id, kept.keys, kept.core()[0].section) == (first["id"], (("50%", "一半"),), "二、（一）")
    with pytest.raises(UsageError, match=r"没有这道候选题：'R-9'；现有的候选题：R-2"):
        accept("R-9", waiting, accepted, sources())


def test_a_candidate_that_no_longer_holds_is_not_accepted(tmp_path):
    path = tmp_path / "candidates.jsonl"
    stale = record()
    stale["gold"][0]["quote"] = "租金减免60%"
    path.write_text(json.dumps(stale, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(UsageError, match="与文件不符"):
        accept(stale["id"], path, tmp_path / "accepted.jsonl", sources())
    assert candidates.read(path) == [stale]


def test_the_command_gates_and_saves(corpus_index, tmp_path):
    asked = tmp_path / "q.jsonl"
    lines = shipped()[0].read_text(encoding="utf-8").splitlines()[:12]
    asked.write_text("\n".join(lines), encoding="utf-8")
    baseline, html = tmp_path / "baseline.json", tmp_path / "report.html"
    saved = wence(corpus_index, "eval", str(asked), "--save-baseline", "--baseline", str(baseline), "--html", str(html))
    assert (saved.returncode, saved.stderr) == (0, "")
    assert "指标" in saved.stdout
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")
    passed = wence(corpus_index, "eval", str(asked), "--baseline", str(baseline), "--json")
    assert (passed.returncode, passed.stderr) == (0, "")
    assert json.loads(passed.stdout)["gate"]["open"] is True
    value = json.loads(baseline.read_text(encoding="utf-8"))
    at = list(value["tolerances"]).index("verbatim")
    for _, shares in value["rows"].values():
        shares[at] = [9, 1]
    baseline.write_text(json.dumps(value), encoding="utf-8")
    failed = wence(corpus_index, "eval", str(asked), "--baseline", str(baseline))
    assert failed.returncode == 1
    assert "不通过，1 项指标下降" in failed.stdout


def test_the_command_checks_adds_and_accepts(corpus_index, tmp_path):
    checked = wence(corpus_index, "eval", "--check")
    assert (checked.returncode, checked.stdout) == (0, f"题库无误：{len(load(shipped()))} 题\n")
    bad = tmp_path / "bad.jsonl"
    bad.write_text(json.dumps({**_raw(), "answer": "三亿元。"}), encoding="utf-8")
    faulty = wence(corpus_index, "eval", str(bad), "--check", "--json")
    assert faulty.returncode == 1
    assert json.loads(faulty.stdout)["faults"]
    one = load(shipped())[0]
    files = ("--candidates", str(tmp_path / "c.jsonl"))
    given = ("--given", "不知道", "--expected", one.answer, "--quote", one.gold[0].quote)
    added = wence(corpus_index, "eval", "add", "换一种问法？", *given, *files, "--json")
    assert (added.returncode, added.stderr) == (0, "")
    id_ = json.loads(added.stdout)["id"]
    taken = wence(corpus_index, "eval", "accept", id_, *files, "--into", str(tmp_path / "a.jsonl"))
    assert taken.stdout == f"已收进题库 {tmp_path / 'a.jsonl'}：{id_} 换一种问法？\n"
    assert [question.id for question in load([tmp_path / "a.jsonl"])] == [id_]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--type", "none"], "题库里没有题型 none"),
        (["--limit", "3", "--save-baseline"], "请去掉 --type 和 --limit"),
    ],
)
def test_wrong_usage_is_named(arguments, message):
    result = CliRunner().invoke(eval_app, arguments)
    assert isinstance(result.exception, UsageError)
    assert message in str(result.exception)


def test_an_index_without_the_documents_says_what_to_build(tmp_path):
    (tmp_path / "a.txt").write_text("一、总则\n本办法适用于全部企业。\n", encoding="utf-8")
    assert wence(tmp_path / "index", "build", str(tmp_path / "a.txt")).returncode == 0
    result = wence(tmp_path / "index", "eval", "--limit", "5")
    assert (result.returncode, result.stdout) == (1, "")
    assert "里没有题目所问的文件：000、002、003" in result.stderr
    assert "wence build" in result.stderr


def test_a_benchmark_from_the_command_line(corpus_index, tmp_path):
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text('{"_id": "d", "title": "", "text": "租金减免"}\n', encoding="utf-8")
    (tmp_path / "queries.jsonl").write_text('{"_id": "q", "text": "租金"}\n', encoding="utf-8")
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\td\t1\n", encoding="utf-8")
    result = wence(corpus_index, "bench", str(tmp_path), "--mode", "sparse", "--json")
    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout)["recall@1"] == 1.0


def _raw() -> dict[str, object]:
    return {"id": "Q", "type": "t", "question": "?", "answerable": False, "answer_keys": [["没有"]], "gold": []}
