from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from errors import ConfigError, SnapshotError, UsageError
from index.build import build
from index.embedding import StaticEmbedding
from index.manifest import FORMAT, read_manifest
from index.search import Searcher
from index.snapshot import open_snapshot, verify
from index.vectors import KINDS, Kind
from tests.index.conftest import PARKS, RecordingEmbedding

FLIPS = int(os.environ.get("FLIPS", "120"))  # of single bytes, over the kinds of vectors


@pytest.fixture
def index(library: Path, tmp_path: Path, embedding: RecordingEmbedding) -> Path:
    build([library], tmp_path / "index", embedding=embedding)
    return tmp_path / "index"


def files(index: Path) -> list[Path]:
    """Every file that the index is made of; empty lock files aside."""
    return sorted(
        path for path in index.rglob("*") if path.is_file() and path.suffix != ".lock" and path.name != "lock"
    )


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


@pytest.mark.parametrize("harm", [cut, flip, lengthen, Path.unlink], ids=["cut", "flip", "lengthen", "remove"])
def test_damage_to_any_file_is_named(
    index: Path, tmp_path: Path, embedding: RecordingEmbedding, harm: Callable[[Path], None]
) -> None:
    assert {path.name for path in files(index)} >= {
        "manifest.json",
        "catalogue.sqlite",
        "texts.sqlite",
        "vectors.faiss",
        "meta.json",
    }
    for path in files(index):
        copy = tmp_path / "copy"
        shutil.copytree(index, copy)
        damaged = copy / path.relative_to(index)
        if not damaged.stat().st_size and harm in (cut, flip):
            shutil.rmtree(copy)
            continue
        harm(damaged)
        if damaged.name == "manifest.json" and harm is Path.unlink:
            with pytest.raises(SnapshotError, match="没有索引"):
                verify(copy)
        else:
            assert [found.file for found in verify(copy)] == [damaged.relative_to(copy).as_posix()]
            assert "\n" not in verify(copy)[0].problem
        with pytest.raises(SnapshotError, match=r"；请.*重新运行 wence build|；请先运行 wence build") as caught:
            open_snapshot(copy, embedding)
        assert "\n" not in str(caught.value)
        shutil.rmtree(copy)


def test_a_large_index_is_opened_by_its_sizes_alone(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.snapshot._SMALL", 0)
    texts = next(index.rglob("texts.sqlite"))
    texts.write_bytes(texts.read_bytes().replace("免费".encode(), "收费".encode()))
    open_snapshot(index)
    cut(texts)
    with pytest.raises(SnapshotError, match=r"索引已损坏.*大小应为"):
        open_snapshot(index)


def test_a_whole_index_has_no_damage(index: Path) -> None:
    assert verify(index) == []


def test_no_index_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match=r"没有索引：.*nothing；请先运行 wence build"):
        open_snapshot(tmp_path / "nothing")
    with pytest.raises(SnapshotError, match="没有索引"):
        verify(tmp_path / "nothing")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", f'{{"format": {FORMAT}}}', f'{{"format": {FORMAT}, "snapshot": "../..", "files": 3}}'],
    ids=repr,
)
def test_a_manifest_that_is_none(index: Path, text: str) -> None:
    (index / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(SnapshotError, match="索引清单已损坏"):
        open_snapshot(index)


def test_an_edited_manifest_is_refused(index: Path) -> None:
    value = json.loads((index / "manifest.json").read_text(encoding="utf-8"))
    value["counts"]["documents"] = 4
    (index / "manifest.json").write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(SnapshotError, match="索引清单被改动过"):
        open_snapshot(index)


def test_an_index_of_another_format_is_refused(index: Path) -> None:
    value = json.loads((index / "manifest.json").read_text(encoding="utf-8"))
    (index / "manifest.json").write_text(json.dumps({**value, "format": 999}), encoding="utf-8")
    with pytest.raises(SnapshotError, match=r"索引格式不同：.*重新运行 wence build"):
        open_snapshot(index)


def test_an_index_of_another_embedding_is_refused(index: Path, other_embedding: StaticEmbedding) -> None:
    with pytest.raises(SnapshotError, match=r"另一个嵌入模型.*索引：small \w{8}，现在：other \w{8}）.*wence build"):
        open_snapshot(index, other_embedding)
    assert open_snapshot(index).counts().documents == 3


def test_the_same_embedding_under_another_name_is_welcome(index: Path, model_dir: Path) -> None:
    assert open_snapshot(index, StaticEmbedding(model_dir, name="renamed")).counts().documents == 3


def test_without_an_embedding_there_is_no_searching(index: Path) -> None:
    with pytest.raises(ConfigError, match="没有给出嵌入模型"):
        Searcher(open_snapshot(index)).search("公园")


def test_documents_are_found_by_id_name_and_path(index: Path, library: Path) -> None:
    snapshot = open_snapshot(index)
    parks = snapshot.documents()[1]
    assert parks.text == PARKS
    for name in (parks.id, "b_parks.md", str(library / "b_parks.md")):
        entry = snapshot.find(name)
        assert entry is not None
        assert snapshot.document(entry.id) == parks
    assert snapshot.find("b_parks") is None


def test_chunks_are_found_by_id(index: Path) -> None:
    snapshot = open_snapshot(index)
    for entry in snapshot.entries:
        for chunk in snapshot.chunks(entry.id):
            assert snapshot.chunk(chunk.id) == chunk


def test_what_the_index_does_not_hold(index: Path) -> None:
    snapshot = open_snapshot(index)
    with pytest.raises(UsageError, match="没有这份文件"):
        snapshot.document("nothing")
    with pytest.raises(UsageError, match="没有这个段落"):
        snapshot.chunk("nothing")


def test_an_open_snapshot_outlives_its_files(
    index: Path, library: Path, tmp_path: Path, embedding: RecordingEmbedding
) -> None:
    expected = Searcher(open_snapshot(index, embedding)).search("公园开放时间")
    held = open_snapshot(index, embedding)
    folder = read_manifest(index).folder(index)
    (library / "b_parks.md").unlink()
    build([library], index, embedding=embedding)
    assert not folder.exists()
    assert Searcher(held).search("公园开放时间") == expected
    assert [document.file for document in held.documents()] == ["a_water.txt", "b_parks.md", "c_studio.txt"]
    assert Searcher(open_snapshot(index, embedding)).search("公园开放时间") != expected


def test_readers_meet_a_whole_index_while_builds_go_on(
    index: Path, library: Path, embedding: RecordingEmbedding
) -> None:
    seen: list[int] = []
    going = True

    def read() -> None:
        while going:
            searcher = Searcher(open_snapshot(index, embedding))
            searcher.search("公园开放时间")
            seen.append(searcher.snapshot.counts().documents)
            time.sleep(0.01)

    readers = [Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(6):
        (library / "d_more.txt").write_text(f"临河市第{number}号规定\n\n第一条 免费。\n", encoding="utf-8")
        build([library], index, embedding=embedding)
    going = False
    for reader in readers:
        reader.join()
    assert set(seen) <= {3, 4}
    assert len(seen) >= 6


def test_one_searcher_serves_many_threads(index: Path, embedding: RecordingEmbedding) -> None:
    searcher = Searcher(open_snapshot(index, embedding))
    queries = ["公园开放时间", "罚款多少", "动画片补贴"] * 20
    expected = [searcher.search(query) for query in queries]
    found: dict[int, object] = {}

    def ask(number: int) -> None:
        found[number] = [searcher.search(query) for query in queries]

    threads = [Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(range(4), expected)


def test_nothing_on_disk_is_a_pickle(index: Path) -> None:
    for path in files(index):
        assert not path.read_bytes().startswith(b"\x80"), path
        assert path.suffix not in (".pkl", ".pickle", ".npy", ".npz")


SWEEP = """
import random, sys
from pathlib import Path
import index.snapshot as snapshots
from errors import SnapshotError
from index.embedding import StaticEmbedding
from index.search import Searcher
snapshots._SMALL = 0  # as if it were too large to be hashed when it is opened
index, model, flips = Path(sys.argv[1]), StaticEmbedding(Path(sys.argv[2])), int(sys.argv[3])
chance, seen = random.Random(7), {"named": 0, "served": 0, "refused": 0}
files = sorted(path for path in index.rglob("*") if path.is_file() and path.stat().st_size and path.name != "lock")

def put(path, at, byte):  # in place: what is mapped must not be cut short
    with path.open("r+b") as file:
        file.seek(at)
        file.write(bytes([byte]))

for turn in range(flips):
    path = files[turn % len(files)]
    data = path.read_bytes()
    at = chance.randrange(min(len(data), 300)) if turn % 2 else chance.randrange(len(data))
    put(path, at, data[at] ^ 1 << chance.randrange(8))
    print(path, at, file=sys.stderr)
    assert [found.file for found in snapshots.verify(index)] == [path.relative_to(index).as_posix()]
    seen["named"] += 1
    try:
        searcher = Searcher(snapshots.open_snapshot(index, model))
        for query in ("公园开放时间", "罚款"):
            searcher.search(query)
        seen["served"] += 1
    except SnapshotError as error:
        assert "损坏" in str(error) or "索引" in str(error), error
        seen["refused"] += 1
    put(path, at, data[at])
print(seen["named"], seen["served"] + seen["refused"], seen["refused"] > 0)
"""


@pytest.mark.parametrize("kind", KINDS)
def test_a_flipped_byte_is_named_and_no_search_crashes(
    library: Path,
    tmp_path: Path,
    model_dir: Path,
    embedding: RecordingEmbedding,
    monkeypatch: pytest.MonkeyPatch,
    kind: Kind,
) -> None:
    monkeypatch.setattr("index.build._SMALL_PART", 1)
    monkeypatch.setattr("index.build._ROW_BYTES", 10**6)
    build([library], tmp_path / "index", embedding=embedding, vectors=kind)
    (library / "d_more.txt").write_text(PARKS.replace("临河", "平江"), encoding="utf-8")
    build([library], tmp_path / "index", embedding=embedding, vectors=kind)
    assert len(read_manifest(tmp_path / "index").parts) == 2
    flips = FLIPS // len(KINDS)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SWEEP, tmp_path / "index", model_dir, str(flips)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert (done.stdout, done.returncode) == (f"{flips} {flips} True\n", 0), done.stderr[-6000:]
