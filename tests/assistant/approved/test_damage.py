from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from assistant.approved import Approved
from assistant.draft import draft
from errors import ConfigError, UsageError
from index.search import Searcher
from tests.assistant.approved.conftest import QUESTION, approve

ROOT = Path(__file__).resolve().parents[3]
SAVING = """
import sys
from pathlib import Path
from assistant.approved import Approved
from assistant.draft import Part, ReplyDraft
from errors import UsageError
from index.snapshot import open_snapshot
kept = Approved(Path(sys.argv[1]))
snapshot = open_snapshot(Path(sys.argv[2]))
for at in range(12):
    reply = ReplyDraft(question=f"{sys.argv[3]} {at}？", understood="", writer="", refused=True,
                       parts=(Part(kind="gap", text="【待核实】"),), citations=())
    own = kept.save(reply, snapshot, sys.argv[3])
    kept.advance(own.id, "reviewed", sys.argv[3])
    try:
        kept.advance(1, "reviewed", sys.argv[3])
        print("won")
    except UsageError:
        pass
"""
FULL = """
import resource, sys
from dataclasses import replace
from pathlib import Path
from assistant.approved import Approved
from errors import ConfigError
from index.snapshot import open_snapshot
kept = Approved(Path(sys.argv[1]))
snapshot = open_snapshot(Path(sys.argv[2]))
reply = kept.get(1).reply
size = kept.path.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 8192, size + 8192))
try:
    kept.save(replace(reply, understood="问" * 20_000), snapshot, "p")
except ConfigError as error:
    print(error)
"""


def test_processes_that_write_at_once_lose_nothing(kept: Approved, small: Searcher) -> None:
    kept.save(draft(small, QUESTION), small.snapshot, "甲")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SAVING, str(kept.path), str(small.snapshot.index_dir)]
    running = [subprocess.Popen([*command, who], env=environment, stdout=subprocess.PIPE) for who in ("p", "q", "r")]
    told = b"".join(process.communicate(timeout=120)[0] for process in running)
    assert [process.returncode for process in running] == [0, 0, 0]
    assert told.count(b"won") == 1
    found = kept.listing("reviewed")
    assert len(found) == 37
    assert sorted({one.id for one in found}) == list(range(1, 38))
    for who in ("p", "q", "r"):
        assert {one.question for one in found if one.steps[0].by == who} == {f"{who} {at}？" for at in range(12)}


def test_nothing_can_be_changed_or_deleted(kept: Approved, small: Searcher) -> None:
    approve(kept, small)
    db = sqlite3.connect(kept.path)
    for change in (
        "UPDATE steps SET by = '丁'",
        "DELETE FROM steps",
        "UPDATE drafts SET key = ''",
        "DELETE FROM drafts",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="append only"):
            db.execute(change)
    db.close()


@pytest.mark.parametrize("table", ["drafts", "steps"])
def test_what_was_taken_out_is_told(kept: Approved, small: Searcher, table: str) -> None:
    """By somebody who takes the trigger away and puts it back."""
    approve(kept, small)
    approve(kept, small)
    column = "id" if table == "drafts" else "draft"
    with closing(sqlite3.connect(kept.path)) as db:
        (trigger,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (f"{table}_DELETE",)).fetchone()
        db.execute(f"DROP TRIGGER {table}_DELETE")
        db.commit()
        with pytest.raises(ConfigError, match="触发器被改动过"):
            kept.find(QUESTION)
        db.execute(f"DELETE FROM {table} WHERE {column} = 2")
        db.execute(trigger)
        db.commit()
    with pytest.raises(ConfigError, match="答复有缺失"):
        kept.get(1)


def test_every_flipped_byte_is_told_or_harmless(kept: Approved, small: Searcher) -> None:
    id = approve(kept, small)
    data, before = kept.path.read_bytes(), kept.get(id)
    told = 0
    for at in range(0, len(data), 61):
        kept.path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        try:
            assert kept.get(id) == before, at
            assert kept.find(QUESTION) in (before, None), at
        except ConfigError as error:
            told += str(kept.path) in str(error) and "\n" not in str(error)
        except UsageError as error:
            raise AssertionError(at) from error
    assert told > 20
    kept.path.write_bytes(data)
    assert kept.get(id) == before


@pytest.mark.parametrize("data", [b"not a database" * 100, b"\0" * 4096, None], ids=["noise", "zeros", "foreign"])
def test_another_file_is_told_and_left_alone(kept: Approved, small: Searcher, data: bytes | None) -> None:
    if data is None:
        db = sqlite3.connect(kept.path)
        db.execute("CREATE TABLE something (x)")
        db.close()
    else:
        kept.path.write_bytes(data)
    before = kept.path.read_bytes()
    for work in (
        kept.listing,
        lambda: kept.find(QUESTION),
        lambda: kept.get(1),
        lambda: kept.save(draft(small, QUESTION), small.snapshot, "甲"),
        lambda: kept.advance(1, "reviewed", "乙"),
    ):
        with pytest.raises(ConfigError, match="答复文件"):
            work()
    assert kept.path.read_bytes() == before


def test_a_kill_in_the_middle_of_a_write_loses_only_that_write(kept: Approved, small: Searcher) -> None:
    id = approve(kept, small)
    db = sqlite3.connect(kept.path, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO steps VALUES (?, 4, 'withdrawn', '丁', 'x', 'x')", (id,))
    db.close()  # as a killed process leaves it: no COMMIT
    assert kept.get(id).state == "approved"


def test_a_full_disk_costs_the_write_and_nothing_else(kept: Approved, small: Searcher) -> None:
    id = approve(kept, small)
    before = kept.get(id)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", FULL, str(kept.path), str(small.snapshot.index_dir)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "答复文件读写不了" in ran.stdout
    assert kept.listing() == (before,)
    assert kept.save(draft(small, QUESTION), small.snapshot, "甲").id == 2


def test_hostile_text_is_kept_as_text(kept: Approved, small: Searcher) -> None:
    question = "'); DROP TABLE drafts; -- \ud800 \x00 新建万吨级冷库的企业能拿到多少补助？"
    id = kept.save(draft(small, question), small.snapshot, "'; DROP TABLE steps; --").id
    assert kept.get(id).steps[0].by == "'; DROP TABLE steps; --"
    assert "DROP TABLE drafts" in kept.get(id).question
