"""A folder kept in step (`wence build --watch`), and answers that cite what has changed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest

from assistant.affected import Affected, affected, changed
from assistant.answer import Answer
from assistant.approved import Approved
from assistant.audit import History
from assistant.draft import draft
from assistant.write import Citation
from index.build import build
from index.embedding import open_embedding
from index.search import Searcher
from index.snapshot import open_snapshot
from index.watch import stamps, watch

ROOT = Path(__file__).resolve().parents[2]
RULES = """云溪市冷库管理办法

第一条　为规范冷库管理，制定本办法。
第二条　新建冷库每座补助{amount}万元。
第三条　冷库应当节能环保，并按时报送台账。
"""
PLAN = "云溪市冷链规划\n\n一、目标\n冷库容量达到百万吨。\n二、任务\n建设冷链骨干网。\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "library"
    made.mkdir()
    (made / "rules.txt").write_text(RULES.format(amount=50), encoding="utf-8")
    (made / "plan.txt").write_text(PLAN, encoding="utf-8")
    return made


def test_answers_that_cite_what_changed(folder: Path, tmp_path: Path) -> None:
    index, embedding = tmp_path / "index", open_embedding()
    build([folder], index, embedding=embedding, processes=1)
    before = open_snapshot(index, embedding)
    history, approved = History(tmp_path / "history.jsonl"), Approved(tmp_path / "approved.sqlite")
    ids = {entry.file: entry for entry in before.entries}

    def cite(file: str, section: str) -> None:
        citation = Citation(
            n=1, file=file, doc=ids[file].id, title="", doc_number=None, section=section, heading=None, quote="",
            start=0, end=1, page=None,
        )  # fmt: skip
        history.append(_answer(f"{file} {section}？", citation), "甲", "full")

    cite("rules.txt", "第二条")
    cite("rules.txt", "第三条")
    cite("plan.txt", "二、")
    kept = approved.save(draft(Searcher(before), "新建冷库每座补助多少？"), before, "甲")
    assert [citation.section for citation in kept.reply.citations] == ["第二条"]
    for state in ("reviewed", "approved"):
        approved.advance(kept.id, state, "乙")  # type: ignore[arg-type]
    (folder / "rules.txt").write_text(RULES.format(amount=80), encoding="utf-8")
    (folder / "plan.txt").unlink()
    build([folder], index, embedding=embedding, processes=1)
    after = open_snapshot(index)
    changes = changed(before, after)
    assert {(one.file, one.sections) for one in changes} == {("rules.txt", frozenset({"第二条"})), ("plan.txt", None)}
    assert affected(changes, history, approved) == [
        Affected(kind="approved", number=1, question="新建冷库每座补助多少？", cites=("rules.txt 第二条",)),
        Affected(kind="history", number=1, question="rules.txt 第二条？", cites=("rules.txt 第二条",)),
        Affected(kind="history", number=3, question="plan.txt 二、？", cites=("plan.txt 二、（文件已移除）",)),
    ]
    assert changed(before, before) == []
    assert affected([], history, approved) == []
    before.close()
    after.close()


def _answer(question: str, citation: Citation) -> Answer:
    return Answer(
        question=question,
        understood=question,
        text="答。[1]",
        refused=False,
        reason=None,
        citations=(citation,),
        notes=(),
        confidence=1.0,
        writer="extractive",
        latency_ms=1.0,
    )


def test_watching_builds_once_files_have_come_to_rest(folder: Path) -> None:
    seen: list[frozenset[object]] = []
    stop = Event()
    counts: list[int] = []
    thread = Thread(
        target=lambda: counts.append(watch([folder], lambda: seen.append(stamps([folder])), stop, every=0.05))
    )
    thread.start()
    _until(lambda: len(seen) == 1)
    time.sleep(0.3)
    assert len(seen) == 1  # nothing has changed
    (folder / "new.txt").write_text(PLAN, encoding="utf-8")
    _until(lambda: len(seen) == 2)
    (folder / "new.txt").rename(folder / "moved.txt")
    _until(lambda: len(seen) == 3)
    stop.set()
    thread.join(5)
    assert counts == [3]
    assert len({len(one) for one in seen}) == 2


def test_a_file_that_is_being_written_is_waited_for(folder: Path) -> None:
    seen: list[int] = []
    stop = Event()
    thread = Thread(
        target=lambda: watch([folder], lambda: seen.append(len((folder / "plan.txt").read_text())), stop, every=0.2)
    )
    thread.start()
    _until(lambda: len(seen) == 1)
    with (folder / "plan.txt").open("a", encoding="utf-8") as file:
        for _ in range(40):
            file.write("（一）建设冷库。\n")
            file.flush()
            time.sleep(0.03)
    _until(lambda: len(seen) == 2)
    stop.set()
    thread.join(5)
    assert seen[1:] == [len((folder / "plan.txt").read_text())]


def test_stamps_of_what_is_not_there(tmp_path: Path) -> None:
    assert stamps([tmp_path / "nowhere.txt"]) == {("nowhere.txt", str(tmp_path / "nowhere.txt"), -1, -1)}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_watching_ends_cleanly(folder: Path, tmp_path: Path, how: signal.Signals) -> None:
    command = [sys.executable, "-c", "import cli; cli.main()", "build", str(folder), "--watch", "--every", "0.1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "WENCE_THREADS": "1"}
    with subprocess.Popen(
        [*command, "--index", str(tmp_path / "index"), "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment,
    ) as running:  # fmt: skip
        assert running.stdout is not None
        first = json.loads(running.stdout.readline())
        assert (first["documents"], first["added"]) == (2, 2)
        (folder / "rules.txt").write_text(RULES.format(amount=90), encoding="utf-8")
        second = json.loads(running.stdout.readline())
        assert (second["documents"], second["updated"], second["unchanged"]) == (2, 1, 1)
        running.send_signal(how)
        _, err = running.communicate(timeout=20)
        assert (running.returncode, err) == (0, "")
    assert [entry.file for entry in open_snapshot(tmp_path / "index").entries] == ["plan.txt", "rules.txt"]


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)
