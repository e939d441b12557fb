"""Questions about documents that nothing was fitted on: how they are judged, and the level that is held."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answer import ask
from errors import ConfigError
from eval.unseen import POLICIES, QUESTIONS, Asked, index_of, judge, load, main, score, table
from index.search import Searcher

# right answers of each file, two below what was reached
FLOORS = {"una.jsonl": 53, "unb.jsonl": 49, "unc.jsonl": 41, "und.jsonl": 46}
NOTICE = """石榴市路灯养护办法

第一章 总则

第一条 为了加强路灯养护，制定本办法。

第二条 路灯每六个月检修一次，由市城管局负责。

第三条 报修的路灯应当在3个工作日内修复。
"""


def asked(question: str, keys: list[list[str]], section: str = "", answerable: bool = True) -> dict[str, object]:
    named = {"id": question[:6], "file": "路灯.txt", "question": question, "type": "time", "answerable": answerable}
    return {**named, "answer_keys": keys, "section": section}


LINES = (
    asked("石榴市的路灯多久检修一次？", [["6个月", "六个月"]], "第二条") | {"file": "市政/路灯.txt"},
    asked("石榴市报修的路灯几天内修好？", [["3个工作日"]], "第一条"),
    asked("石榴市的路灯由谁负责检修？", [["市城管局"], ["市供电公司"]]),
    asked("石榴市路灯养护要交多少保证金？", [], "", False),
)


@pytest.fixture
def lamps(tmp_path: Path) -> Iterator[Searcher]:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "路灯.txt").write_text(NOTICE, encoding="utf-8")
    searcher = index_of(tmp_path / "docs", tmp_path / "index")
    yield searcher
    searcher.snapshot.close()


def questions(tmp_path: Path) -> list[Asked]:
    path = tmp_path / "asked.jsonl"
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in LINES) + "\n\n", encoding="utf-8")
    return load(path)


def test_an_answer_is_right_with_every_key_and_a_refusal_where_nothing_tells(lamps: Searcher, tmp_path: Path) -> None:
    verdicts = score(lamps, questions(tmp_path))
    assert [verdict.right for verdict in verdicts] == [True, True, False, True]
    assert [verdict.missing for verdict in verdicts] == [(), (), ("市供电公司",), ()]
    assert [verdict.first for verdict in verdicts][:3] == [True, False, True]
    assert table(verdicts).splitlines()[-2:] == [
        "合计               3/4",
        "可答 2/3，误拒 0，首条引用正确 2，有引用正确 2；不可答已拒 1/1；答错 1",
    ]


def test_a_citation_of_another_document_is_none(lamps: Searcher, tmp_path: Path) -> None:
    one = questions(tmp_path)[0]
    answer = ask(lamps, one.question)
    assert judge(one, answer).cited
    assert not judge(replace(one, files=("别的.txt",)), answer).cited


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"id": "a"}', json.dumps(asked("多久？", [[]])), '{"id": 1, "answerable": true}']
)
def test_a_line_that_is_no_question_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="第 2 行"):
        load(path)


def test_a_folder_that_is_not_there_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--policies", str(tmp_path / "none")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "--policies" in said.err
    assert said.err.count("\n") == 1


@pytest.mark.skipif(not POLICIES.is_dir(), reason="the policies are not beside the repository")
def test_no_fewer_answers_are_right_than_before(tmp_path: Path) -> None:
    files = sorted(QUESTIONS.glob("*.jsonl"))
    assert {path.name for path in files} == set(FLOORS)
    searcher = index_of(POLICIES, tmp_path / "index")
    right = {path.name: sum(verdict.right for verdict in score(searcher, load(path))) for path in files}
    searcher.snapshot.close()
    assert {name: count for name, count in right.items() if count < FLOORS[name]} == {}
