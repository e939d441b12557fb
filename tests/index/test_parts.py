from __future__ import annotations

import os
import shutil
from hashlib import file_digest
from pathlib import Path
from typing import BinaryIO

import pytest

from index.build import build
from index.join import first_joined
from index.manifest import read_manifest
from index.part import Part
from index.snapshot import open_snapshot, verify
from tests.index.built import changes, content, everything, found
from tests.index.conftest import PARKS, WATER, RecordingEmbedding


def test_a_large_index_keeps_its_parts_and_gets_another(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.build._SMALL_PART", 1)
    monkeypatch.setattr("index.build._ROW_BYTES", 10**6)
    index, fresh = tmp_path / "index", tmp_path / "fresh"
    for number in range(12):
        (library / f"m_{number}.txt").write_text(PARKS.replace("临河", f"临{number}河"), encoding="utf-8")
    build([library], index, embedding=embedding)
    [base] = read_manifest(index).parts
    before = next(index.rglob("texts.sqlite")).stat().st_ino
    (library / "b_parks.md").write_text(PARKS.replace("2米", "3米"), encoding="utf-8")
    (library / "b_second.md").write_text(WATER.replace("第", "## 第"), encoding="utf-8")
    (library / "c_studio.txt").unlink()
    embedding.texts.clear()
    report = build([library], index, embedding=embedding)
    assert changes(report) == (1, 1, 13, 1)
    assert read_manifest(index).parts[0] == base
    assert len(read_manifest(index).parts) == 2
    assert len(embedding.texts) == read_manifest(index).parts[1].count
    assert before in [path.stat().st_ino for path in index.rglob("texts.sqlite")]  # the old part is the same file
    assert verify(index) == []
    build([library], fresh, embedding=embedding)
    assert content(index, embedding) == content(fresh, embedding)
    assert found(index, embedding) == found(fresh, embedding)
    snapshot = open_snapshot(index, embedding)
    gone = [row for unused in snapshot.catalogue.unused() for row in unused]
    assert len(gone) == base.end + read_manifest(index).parts[1].count - read_manifest(index).counts.chunks
    [(_, chunk)] = snapshot.catalogue.texts(0).chunks(gone[0], 1)
    assert snapshot.catalogue.row_of(chunk.id) is None
    assert snapshot.catalogue.chunks(gone[0], 1) == []
    monkeypatch.undo()
    (library / "z_last.txt").write_text("临河市图书馆规定\n\n第一条 图书馆免费借书。\n", encoding="utf-8")
    assert changes(build([library], index, embedding=embedding)) == (1, 0, 15, 0)
    assert len(read_manifest(index).parts) == 1  # small parts are written anew, in order
    shutil.rmtree(fresh)
    build([library], fresh, embedding=embedding)
    assert everything(index, embedding) == everything(fresh, embedding)


def rot(path: Path) -> None:
    """Change a byte as a failing disk does: nothing of it shows in the inode."""
    seen, data = path.stat(), bytearray(path.read_bytes())
    at = data.find("临河市公园".encode())
    data[max(at, len(data) // 2 if at < 0 else at)] ^= 1
    with path.open("r+b") as file:
        file.write(data)
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


@pytest.mark.parametrize("name", ["texts.sqlite", "vectors.faiss"])
def test_what_has_rotted_in_a_part_that_stays_is_named_and_mended(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("index.build._SMALL_PART", 1)
    monkeypatch.setattr("index.build._ROW_BYTES", 10**6)
    index, fresh = tmp_path / "index", tmp_path / "fresh"
    build([library], index, embedding=embedding)
    part = next(index.rglob(name))
    rot(part)
    (library / "d_more.txt").write_text("临河市图书馆规定\n\n第一条 图书馆免费借书。\n", encoding="utf-8")
    assert changes(build([library], index, embedding=embedding)) == (1, 0, 3, 0)
    assert [damage.file.endswith(f"parts/0/{name}") for damage in verify(index)] == [True]  # not taken for right
    assert changes(build([library], index, embedding=embedding)) == (4, 0, 0, 0)  # what verify says to do
    assert verify(index) == []
    build([library], fresh, embedding=embedding)
    assert everything(index, embedding) == everything(fresh, embedding)


@pytest.mark.parametrize("name", ["texts.sqlite", "vectors.faiss", "catalogue.sqlite"])
def test_what_has_rotted_is_not_taken_into_a_new_part(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding, name: str
) -> None:
    index, fresh = tmp_path / "index", tmp_path / "fresh"
    build([library], index, embedding=embedding)
    rot(next(index.rglob(name)))
    (library / "d_more.txt").write_text("临河市图书馆规定\n\n第一条 图书馆免费借书。\n", encoding="utf-8")
    assert changes(build([library], index, embedding=embedding)) == (4, 0, 0, 0)
    build([library], fresh, embedding=embedding)
    assert everything(index, embedding) == everything(fresh, embedding)


def test_only_parts_that_are_where_they_were_written_are_not_hashed(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.build._SMALL_PART", 1)
    monkeypatch.setattr("index.build._ROW_BYTES", 10**6)
    hashed: list[str] = []

    def noting(stream: BinaryIO, kind: str) -> object:
        hashed.append(Path(stream.name).name)
        return file_digest(stream, kind)

    def add(number: int) -> list[str]:
        (library / f"d_{number}.txt").write_text(f"临河市第{number}号规定\n\n第一条 免费。\n", encoding="utf-8")
        hashed.clear()
        build([library], index, embedding=embedding)
        return [name for name in hashed if name in ("texts.sqlite", "vectors.faiss")]

    index = tmp_path / "index"
    build([library], index, embedding=embedding)
    monkeypatch.setattr("index.manifest.file_digest", noting)
    files = ["texts.sqlite", "vectors.faiss"]
    assert sorted(add(1)) == files  # those of the new part
    shutil.copytree(index, tmp_path / "copy")
    index = tmp_path / "copy"
    assert sorted(add(2)) == sorted(3 * files)  # of the two parts, which are copies, and of the new one
    assert sorted(add(3)) == files


def test_a_part_that_lost_many_documents_is_written_anew(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.build._SMALL_PART", 1)
    monkeypatch.setattr("index.build._ROW_BYTES", 10**6)
    build([library], tmp_path / "index", embedding=embedding)
    (library / "c_studio.txt").unlink()
    assert changes(build([library], tmp_path / "index", embedding=embedding)) == (0, 0, 2, 1)
    snapshot = open_snapshot(tmp_path / "index", embedding)
    assert (len(snapshot.manifest.parts), snapshot.catalogue.unused()) == (1, [])


def test_small_parts_stay_and_are_laid_together_by_sizes(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.build._SMALL_PART", 1)
    monkeypatch.setattr("index.build._ROW_BYTES", 10**6)
    index, fresh = tmp_path / "index", tmp_path / "fresh"
    build([library], index, embedding=embedding)
    [base] = read_manifest(index).parts
    counts: list[list[int]] = []
    for number in range(8):
        name = f"d_{9 - number}.txt"  # before those of earlier updates
        (library / name).write_text(f"临河市第{number}类场馆规定\n\n第一条 场馆免费。\n", encoding="utf-8")
        embedding.texts.clear()
        assert changes(build([library], index, embedding=embedding)) == (1, 0, 3 + number, 0)
        assert len(embedding.texts) == 2  # nothing of the other documents is read, cut or embedded again
        assert verify(index) == []
        counts.append([part.count for part in read_manifest(index).parts[1:]])
    assert counts == [[2], [2, 2], [2, 2, 2], [6, 2], [6, 2, 2], [6, 2, 2, 2], [6, 6, 2], [6, 6, 2, 2]]
    assert read_manifest(index).parts[0] == base
    (library / "d_8.txt").unlink()  # the second that came: a row in the midst of a part that stays or is laid together
    (library / "e_last.txt").write_text("临河市图书馆规定\n\n第一条 图书馆免费借书。\n", encoding="utf-8")
    assert changes(build([library], index, embedding=embedding)) == (1, 0, 10, 1)
    assert verify(index) == []
    build([library], fresh, embedding=embedding)
    assert content(index, embedding) == content(fresh, embedding)
    assert found(index, embedding) == found(fresh, embedding)


def test_what_has_rotted_is_not_laid_together(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.build._SMALL_PART", 1)
    monkeypatch.setattr("index.build._ROW_BYTES", 10**6)
    index, fresh = tmp_path / "index", tmp_path / "fresh"
    for number in range(4):
        build([library], index, embedding=embedding)
        (library / f"d_{number}.txt").write_text(f"临河市公园第{number}号\n\n第一条 免费。\n", encoding="utf-8")
    assert [part.count for part in read_manifest(index).parts[1:]] == [2, 2, 2]
    rot(next(index.glob("snapshots/*/parts/2/texts.sqlite")))
    assert changes(build([library], index, embedding=embedding)) == (7, 0, 0, 0)
    build([library], fresh, embedding=embedding)
    assert everything(index, embedding) == everything(fresh, embedding)


@pytest.mark.parametrize(
    ("counts", "first"),
    [
        ([], 0),
        ([7], 1),
        ([1000, 2, 2], 3),
        ([1000, 2, 2, 2], 1),
        ([1000, 7, 2, 2], 4),
        ([3, 2, 2, 2], 0),
        ([9, 0, 0], 3),
    ],
)
def test_parts_are_laid_together_when_twice_as_much_has_come_behind(counts: list[int], first: int) -> None:
    assert first_joined([Part(first=0, count=count) for count in counts]) == first
