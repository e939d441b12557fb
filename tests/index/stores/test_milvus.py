"""What is Milvus's own: pushing, breaking off, addresses, and the words of a query."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import ConfigError, SnapshotError
from index.build import build
from index.catalogue import Entry
from index.embedding import StaticEmbedding
from index.ledger import Ledger, rounded, write_ledger
from index.manifest import LEDGER, read_manifest
from index.milvus import Address, Passages, connect, query_text, read_address, stored_tokens
from index.push import Push
from index.search import Searcher
from index.snapshot import Snapshot, open_snapshot, verify
from tests.index.conftest import write_model
from tests.index.stores.conftest import Shelf, needs_lite, write_library

REPOSITORY = Path(__file__).parents[3]


def contents(ledger: Path) -> list[list[Any]]:
    """All that a ledger says."""
    with closing(sqlite3.connect(ledger)) as connection:
        tables = ("facts", "documents", "terms")
        return [connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in tables]


@needs_lite
def test_updates_cost_what_changed(tmp_path: Path, embedding: StaticEmbedding, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(tmp_path, embedding)
    shelf.build()
    put: list[str] = []
    inner = Passages.put

    def recording(self: Passages, passages: Any) -> None:
        put.extend(one["id"].partition(":")[0] for one in passages)
        inner(self, passages)

    monkeypatch.setattr(Passages, "put", recording)
    before = shelf.open("milvus")
    report = shelf.build()
    assert (report.unchanged, put) == (24, [])

    changed = shelf.library / "00_公园.txt"
    changed.write_text(changed.read_text("utf-8").replace("二十二时", "二十三时"), encoding="utf-8")
    (shelf.library / "01_节约用水.txt").unlink()
    (shelf.library / "new.txt").write_text("临河市攀岩场办法\n\n第一条 攀岩场应当配备教练。\n", encoding="utf-8")
    made: list[str] = []
    pushes: list[Push] = []
    key = Push._key

    def noting(self: Push, entry: Entry, snapshot: Snapshot) -> str:
        made.append(entry.file)
        pushes.append(self)
        return key(self, entry, snapshot)

    with monkeypatch.context() as watched:
        watched.setattr(Passages, "ids", lambda self: pytest.fail("looked at every passage"))
        watched.setattr(Push, "_key", noting)
        report = shelf.build()
    assert (report.added, report.updated, report.removed, report.unchanged) == (1, 1, 1, 22)
    assert (len(set(put)), sorted(made)) == (2, ["00_公园.txt", "new.txt"])
    folder = read_manifest(shelf.index).folder(shelf.index)
    placed = list(Ledger(folder / LEDGER).documents())
    snapshot = open_snapshot(shelf.index)
    assert [one.key for one in placed] == [key(pushes[0], one, snapshot) for one in snapshot.entries]
    write_ledger(tmp_path / "anew", Ledger(folder / LEDGER).collection, placed, snapshot.catalogue.tokens())
    assert contents(folder / LEDGER) == contents(tmp_path / "anew")
    after = shelf.open("milvus")
    assert shelf.passages().count() == after.snapshot.counts().chunks
    assert sorted(shelf.passages().ids()) == sorted(
        f"{one.key}:{at}"
        for one in Ledger(read_manifest(shelf.index).folder(shelf.index) / LEDGER).documents()
        for at in range(one.count)
    )
    assert any("二十三时" in hit.chunk.text for hit in after.search("临河市公园几时关门"))
    assert any("攀岩场应当配备教练" in hit.chunk.text for hit in after.search("攀岩场教练"))
    gone = {after.snapshot.entry(hit.chunk.doc).file for hit in after.search("节约用水罚款", k=100)}
    assert "01_节约用水.txt" not in gone
    # A process that still holds the snapshot before goes on, with what it knows
    old = before.search("临河市公园几时关门", k=100)
    assert {before.snapshot.entry(hit.chunk.doc).file for hit in old}
    assert all("攀岩" not in hit.chunk.text for hit in old)


@needs_lite
def test_broken_off_anywhere_a_build_is_made_good_by_the_next(
    tmp_path: Path, embedding: StaticEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(tmp_path, embedding)
    shelf.build()
    published = read_manifest(shelf.index)
    for path in shelf.library.iterdir():
        path.write_text(path.read_text("utf-8").replace("制定", "特制定"), encoding="utf-8")
    for method, calls in (("put", 1), ("put", 2), ("settle", 1)):
        with monkeypatch.context() as broken:
            left = [calls]

            whole = getattr(Passages, method)

            def breaking(self: Passages, *given: Any, left: list[int] = left, whole: Any = whole) -> None:
                left[0] -= 1
                if left[0] <= 0:
                    raise SnapshotError("gone")
                whole(self, *given)

            broken.setattr(Passages, method, breaking)
            with pytest.raises(SnapshotError, match="gone"):
                shelf.build()
        assert read_manifest(shelf.index) == published
        assert shelf.open("milvus").search("公园几时开放")
    shelf.build()
    assert read_manifest(shelf.index) != published
    assert verify(shelf.index, shelf.setting) == []

    # Lost in the engine: named by verify, put back by a build
    ids = sorted(shelf.passages().ids())
    shelf.passages().take_out(ids[1:4])
    assert [one.file for one in verify(shelf.index, shelf.setting)] == ["Milvus"]
    assert shelf.open("milvus").search("公园几时开放")
    shelf.build()
    assert verify(shelf.index, shelf.setting) == []
    assert sorted(shelf.passages().ids()) == ids


@needs_lite
def test_a_searching_machine_needs_only_catalogue_and_ledger(shelf: Shelf, tmp_path: Path) -> None:
    copy = tmp_path / "index"
    shutil.copytree(shelf.index, copy, ignore=shutil.ignore_patterns("vectors*", "keywords*"))
    with pytest.raises(SnapshotError, match="文件不见了"):
        open_snapshot(copy, shelf.embedding)
    assert verify(copy, shelf.setting) == []
    assert Searcher(open_snapshot(copy, shelf.embedding, shelf.setting)).search("冷库补助", k=1)


@needs_lite
def test_an_index_that_was_never_pushed_says_so(tmp_path: Path, embedding: StaticEmbedding) -> None:
    shelf = Shelf(tmp_path, embedding)
    build([shelf.library], shelf.index, embedding=embedding)
    with pytest.raises(SnapshotError, match="还没有送进 Milvus"):
        shelf.open("milvus")
    shelf.build()
    assert shelf.open("milvus").search("冷库补助")
    assert shelf.open("local").search("冷库补助")
    with pytest.raises(SnapshotError, match="没有集合"):
        open_snapshot(shelf.index, embedding, f"milvus+file:{tmp_path / 'other.db'}")

    # Another embedding, of another dimension, gets another collection; the old one goes
    old = Ledger(read_manifest(shelf.index).folder(shelf.index) / LEDGER).collection
    shelf.embedding = StaticEmbedding(write_model(tmp_path, seed=1), name="small")
    shelf.build()
    assert shelf.open("milvus").search("冷库补助")
    client = connect(read_address(shelf.setting))
    [new] = client.list_collections()
    assert new != old
    client.close()


@needs_lite
def test_a_server_that_does_not_answer_is_one_clear_line(shelf: Shelf) -> None:
    with pytest.raises(SnapshotError, match=r"Milvus 没有应答：http://127\.0\.0\.1:9（.*取消 WENCE_STORE") as error:
        open_snapshot(shelf.index, shelf.embedding, "milvus+http://me:secret@127.0.0.1:9")
    assert "secret" not in str(error.value)
    assert "\n" not in str(error.value)


BUILD = """
import sys
from pathlib import Path
from index.build import build
from index.embedding import open_embedding
library, index, setting = sys.argv[1:]
build([Path(library)], Path(index), embedding=open_embedding(), store=setting)
print("built", flush=True)
input()
"""


@needs_lite
def test_a_lite_file_goes_from_one_process_to_the_next(tmp_path: Path, embedding: StaticEmbedding) -> None:
    shelf = Shelf(tmp_path, embedding)
    builder = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", BUILD, shelf.library, shelf.index, shelf.setting],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    assert builder.stdout is not None
    assert builder.stdout.readline() == b"built\n"
    with pytest.raises(SnapshotError, match=r"Milvus Lite 出错：.*一次只能由一个进程使用"):
        shelf.open("milvus")
    builder.communicate(b"\n")
    assert builder.returncode == 0
    assert verify(shelf.index, shelf.setting) == []
    assert shelf.open("milvus").search("冷库补助")
    assert shelf.build().unchanged == 24


@needs_lite
def test_every_command_reads_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import cli

    library, index = write_library(tmp_path / "library"), str(tmp_path / "index")
    monkeypatch.setenv("WENCE_STORE", f"milvus+file:{tmp_path / 'store.db'}")
    assert cli.run(["build", str(library), "--index", index]) == 0
    for file in [*tmp_path.glob("index/snapshots/*/parts/*/vectors*"), *tmp_path.glob("index/snapshots/*/keywords*/*")]:
        file.unlink()  # nothing may come from these
    for command in (["search", "冷库补助多少"], ["ask", "新建冷库补助多少？"], ["status"], ["verify"]):
        assert cli.run([*command, "--index", index]) == 0
    shown = capsys.readouterr()
    assert "每立方米100元" in shown.out
    assert shown.err == ""
    monkeypatch.setenv("WENCE_STORE", "milvus://")
    assert cli.run(["search", "冷库", "--index", index]) == 1
    assert capsys.readouterr().err.startswith("wence：WENCE_STORE 应是")


def test_without_the_extra_it_says_what_to_install(
    tmp_path: Path, embedding: StaticEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    library = write_library(tmp_path / "library")
    with pytest.raises(ConfigError, match=re.escape("pip install 'wence[milvus]'")):
        build([library], tmp_path / "index", embedding=embedding, store="milvus+http://127.0.0.1:19530")


@pytest.mark.parametrize(
    ("setting", "address"),
    [
        ("milvus+http://host:19530", Address(uri="http://host:19530", name="wence")),
        (
            "milvus+https://a:b@host/policies",
            Address(uri="https://host:19530", name="policies", user="a", password="b"),
        ),
        ("milvus+http://[::1]:1/", Address(uri="http://[::1]:1", name="wence")),
        ("milvus+file:/var/store.db", Address(uri="/var/store.db", name="wence")),
    ],
)
def test_addresses(setting: str, address: Address) -> None:
    assert read_address(setting) == address


@pytest.mark.parametrize(
    "setting",
    [
        *("milvus", "http://host:19530", "milvus+ftp://host", "milvus+http://", "milvus+http://host:port"),
        *("milvus+http://host:19530/a b", "milvus+http://host:19530/a/b", "milvus+http://h:99999"),
        *("milvus+file:", "milvus+file:x"),
    ],
)
def test_what_is_no_address(setting: str) -> None:
    with pytest.raises(ConfigError, match="WENCE_STORE 应是"):
        read_address(setting)


@given(st.lists(st.text(min_size=1, max_size=8)))
def test_stored_tokens_are_cut_as_they_were_joined(tokens: list[str]) -> None:
    text = stored_tokens(tokens)
    assert text.split() == re.findall(r"\w+", text)
    assert len(text.split()) == len(tokens)


def test_long_passages_are_cut_at_a_blank() -> None:
    text = stored_tokens(["三个字"] * 40_000)
    assert 60_000 < len(text.encode()) <= 65_000
    assert set(text.split()) == {"三个字"}


def test_a_token_is_asked_for_as_often_as_it_weighs() -> None:
    assert Counter(query_text({"甲": 1.0, "乙": 0.01, "丙": 2.4, "3.5": 0.5}).split()) == {
        "甲": 4,
        "乙": 1,
        "丙": 10,
        "3_5": 2,
    }
    assert query_text([]) == ""


@given(st.integers(0, 2_000_000))
def test_lengths_lose_less_than_an_eighth(length: int) -> None:
    kept = rounded(length)
    assert kept <= length
    assert length - kept <= max(0, length - 24) / 8
    assert rounded(kept) == kept


def test_a_ledger_that_is_damaged_says_so(tmp_path: Path) -> None:
    path = tmp_path / LEDGER
    write_ledger(path, "c", [], [("公园 开放", "公园开放")])
    ledger = Ledger(path)
    assert (ledger.count, ledger.holding(["公园", "园"])) == (1, {"公园": 1, "园": 1})
    ledger.close()
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(SnapshotError, match="索引文件已损坏"):
        Ledger(path).holding(["公园"])
    with pytest.raises(SnapshotError, match="索引文件已损坏"):
        Ledger(tmp_path / "none.sqlite")
