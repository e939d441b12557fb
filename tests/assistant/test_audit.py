from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import cli
from assistant.answer import Answer, ask
from assistant.audit import History, masked
from errors import ConfigError
from index.search import Searcher

ROOT = Path(__file__).resolve().parents[2]
APPENDING = """
import sys
from pathlib import Path
from assistant.answer import Answer
from assistant.audit import History
history = History(Path(sys.argv[1]))
for at in range(int(sys.argv[2])):
    question = f"{sys.argv[3]} {at} " + "问" * 500
    answer = Answer(question=question, understood="", text="答[1]。", refused=False, reason=None, citations=(),
                    notes=(), confidence=1.0, writer="extractive", latency_ms=1.0)
    history.append(answer, sys.argv[3], "full")
    print(at, flush=True)
"""


@pytest.fixture
def answer(small: Searcher) -> Answer:
    return ask(small, "新建万吨级冷库的企业能拿到多少补助？")


@pytest.fixture
def history(tmp_path: Path, answer: Answer) -> History:
    made = History(tmp_path / "history.jsonl")
    for who in ("甲", "乙", "丙", "丁"):
        made.append(answer, who, "full")
    return made


def appending(path: Path, count: int, who: str) -> subprocess.Popen[bytes]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", APPENDING, str(path), str(count), who]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)


def test_a_record_says_who_asked_what_was_answered_and_cited(history: History, answer: Answer) -> None:
    first, second, *_ = history.records()
    citation = answer.citations[0]
    assert (first.number, first.who, first.question, first.answer) == (1, "甲", answer.question, answer.text)
    assert first.cited == (f"{citation.doc} 第二章第三条 {citation.start} {citation.end}",)
    assert (first.before, second.before) == ("0" * 64, first.hash)
    assert history.verify() is None
    assert (history.path.stat().st_mode & 0o777) == 0o600


@pytest.mark.parametrize(
    ("change", "number", "problem"),
    [
        (lambda lines: [lines[0], lines[1].replace("300", "900"), *lines[2:]], 2, "内容被改动过"),
        (lambda lines: [lines[0], lines[1].replace("乙", "戊"), *lines[2:]], 2, "内容被改动过"),
        (lambda lines: [lines[0], *lines[2:]], 2, "有记录被删"),
        (lambda lines: [lines[0], lines[2], lines[1], lines[3]], 2, "换了次序"),
        (lambda lines: [*lines[:2], lines[1], *lines[2:]], 3, "被插入"),
        (lambda lines: lines[:3], 4, "末尾被截去"),
        (lambda lines: [], 1, "末尾被截去"),
        (lambda lines: [*lines[:3], "x"], 4, "不是一条记录"),
        (lambda lines: ["{}", *lines[1:]], 1, "不是一条记录"),
    ],
    ids=["byte", "name", "deleted", "reordered", "inserted", "truncated", "emptied", "noise", "empty record"],
)
def test_what_was_changed_is_named(history: History, change: object, number: int, problem: str) -> None:
    lines = history.path.read_text(encoding="utf-8").splitlines()
    assert callable(change)
    history.path.write_text("".join(f"{line}\n" for line in change(lines)), encoding="utf-8")
    broken = history.verify()
    assert broken is not None
    assert (broken.number, problem in broken.problem) == (number, True), broken


def test_every_byte_counts(history: History) -> None:
    data = history.path.read_bytes()
    for at in range(0, len(data), 97):
        history.path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert history.verify() is not None, at


def test_processes_that_append_at_once_make_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    running = [appending(path, 20, f"p{at}") for at in range(4)]
    assert [process.wait(60) for process in running] == [0] * 4
    for process in running:
        assert process.stdout is not None
        process.stdout.close()
    history = History(path)
    assert len(history.records()) == 80
    assert history.verify() is None


def test_a_kill_costs_the_record_being_written_at_most(tmp_path: Path, answer: Answer) -> None:
    path = tmp_path / "history.jsonl"
    history = History(path)
    told = 0
    for trial in range(4):
        process = appending(path, 100_000, "p")
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.05 + 0.03 * trial)
        process.send_signal(signal.SIGKILL)
        process.wait()
        told += 1 + process.stdout.read().count(b"\n")
        process.stdout.close()
    history.append(answer, "甲", "full")
    assert history.verify() is None
    assert told < len(history.records()) <= told + 1 + 4


def test_an_unfinished_line_is_told_and_cut_off(history: History, answer: Answer) -> None:
    with history.path.open("ab") as file:
        file.write(b'{"number": 5, "que')
    broken = history.verify()
    assert broken is not None
    assert (broken.number, "没有写完" in broken.problem) == (5, True)
    history.append(answer, "戊", "full")
    assert history.verify() is None
    assert [record.who for record in history.records()] == ["甲", "乙", "丙", "丁", "戊"]


def test_a_history_that_cannot_be_read_is_not_written_to(history: History, answer: Answer) -> None:
    history.path.write_text("something else\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="wence audit verify"):
        history.append(answer, "甲", "full")
    assert history.path.read_text(encoding="utf-8") == "something else\n"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("我叫张小明，手机13812345678，补贴多少", "我叫＊，手机＊，补贴多少"),
        ("电话 138 1234 5678 或 021-58881234", "电话 ＊ 或 ＊"),
        ("身份证31010119900101123X", "身份证＊"),
        ("邮箱 a.b@example.com.cn 联系人：李四", "邮箱 ＊ 联系人＊"),
        ("卡号6222 0210 0111 2222 333", "卡号＊"),
        ("到2030年产值达到5000亿元，占比30%", "到2030年产值达到5000亿元，占比30%"),
        ("浦科经委〔2023〕129号第12条", "浦科经委〔2023〕129号第12条"),
    ],
)
def test_personal_details_are_masked_and_policy_is_not(text: str, kept: str) -> None:
    assert masked(text) == kept


def test_off_keeps_nothing_and_masked_hides(tmp_path: Path, small: Searcher) -> None:
    history = History(tmp_path / "history.jsonl")
    found = ask(small, "我叫张小明，电话13812345678，新建万吨级冷库的企业能拿到多少补助？")
    history.append(found, "甲", "off")
    assert not history.path.exists()
    history.append(found, "甲", "masked")
    text = history.path.read_text(encoding="utf-8")
    assert "13812345678" not in text
    assert "张小明" not in text


def test_the_commands(
    small: Searcher, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "index"
    index.symlink_to(small.snapshot.index_dir)
    monkeypatch.setenv("WENCE_INDEX", str(index))
    assert cli.run(["ask", "冷藏车保有量目标是多少？"]) == 0
    monkeypatch.setenv("WENCE_AUDIT", "full")
    assert cli.run(["ask", "冷藏车保有量目标是多少？"]) == 0
    assert cli.run(["audit", "verify"]) == 0
    capfd.readouterr()
    assert cli.run(["audit", "list", "--json"]) == 0
    (line,) = capfd.readouterr().out.splitlines()
    assert json.loads(line)["question"] == "冷藏车保有量目标是多少？"
    file = tmp_path / "index.audit.jsonl"
    file.write_text(file.read_text(encoding="utf-8").replace("2000", "9000"), encoding="utf-8")
    assert cli.run(["audit", "verify"]) == 1
    assert "第 1 条不对：内容被改动过" in capfd.readouterr().err
    monkeypatch.setenv("WENCE_AUDIT", "some")
    assert cli.run(["ask", "冷藏车？"]) == 1
