from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from multiprocessing import active_children
from pathlib import Path

import pytest

from errors import SnapshotError
from index.batches import Workshop
from index.build import build, standard_reader
from index.embedding import StaticEmbedding
from index.manifest import Manifest, publish, read_manifest
from index.prepare import read_file
from index.snapshot import verify
from index.sources import source_files
from ingest.document import Document
from ingest.files import Found, find
from tests.index.built import changes, content, everything, found
from tests.index.conftest import PARKS, WATER, RecordingEmbedding

REPOSITORY = Path(__file__).parents[2]


def test_a_file_written_in_the_moment_it_is_looked_at_is_read_by_its_bytes(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding
) -> None:
    for path in library.iterdir():  # long ago
        os.utime(path, ns=(10**18, 10**18))
    build([library], tmp_path / "index", embedding=embedding)
    (library / "b_parks.md").write_text(PARKS.replace("2米", "3米"), encoding="utf-8")
    os.utime(library / "b_parks.md", ns=(10**18, 10**18))  # the same size and time as before
    assert changes(build([library], tmp_path / "index", embedding=embedding)) == (0, 1, 2, 0)


def test_a_build_that_was_cut_off_does_not_begin_again(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.sources._BATCH_FILES", 1)
    monkeypatch.setattr("index.build._KEEP_SECONDS", 0.0)
    own = standard_reader()
    read: list[str] = []

    def cut_off(found: Found) -> Document:
        read.append(found.file)
        if found.file == "c_studio.txt" and read.count(found.file) == 1:
            raise KeyboardInterrupt
        return own.read(found)

    (library / "a_broken.txt").write_bytes(b"\x7fELF\0\0\0\1" * 99)
    reader = replace(own, read=cut_off)
    with pytest.raises(KeyboardInterrupt):
        build([library], tmp_path / "index", embedding=embedding, reader=reader)
    assert not (tmp_path / "index" / "manifest.json").exists()
    report = build([library], tmp_path / "index", embedding=embedding, reader=reader)
    assert changes(report) == (3, 0, 0, 0)
    assert [failure.file for failure in report.failed] == ["a_broken.txt"]
    assert read == ["a_broken.txt", "a_water.txt", "b_parks.md", "c_studio.txt", "a_broken.txt", "c_studio.txt"]
    assert not (tmp_path / "index" / "unfinished").exists()
    build([library], tmp_path / "fresh", embedding=embedding)
    assert everything(tmp_path / "index", embedding) == everything(tmp_path / "fresh", embedding)


def test_what_was_written_of_a_file_that_changed_since_is_not_used(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.sources._BATCH_FILES", 1)
    monkeypatch.setattr("index.build._KEEP_SECONDS", 0.0)
    own = standard_reader()

    def cut_off(found: Found) -> Document:
        if found.file == "c_studio.txt":
            raise KeyboardInterrupt
        return own.read(found)

    with pytest.raises(KeyboardInterrupt):
        build([library], tmp_path / "index", embedding=embedding, reader=replace(own, read=cut_off))
    (library / "b_parks.md").write_text(PARKS.replace("2米", "3米"), encoding="utf-8")
    build([library], tmp_path / "index", embedding=embedding)
    build([library], tmp_path / "fresh", embedding=embedding)
    assert everything(tmp_path / "index", embedding) == everything(tmp_path / "fresh", embedding)


def test_a_build_killed_when_it_had_published_leaves_nothing_that_the_next_one_writes_into(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.sources._BATCH_FILES", 1)
    monkeypatch.setattr("index.build._KEEP_SECONDS", 0.0)
    index, own = tmp_path / "index", standard_reader()

    def killed_behind(index_dir: Path, manifest: Manifest) -> None:
        publish(index_dir, manifest)
        raise KeyboardInterrupt

    def killed_at_last(found: Found) -> Document:
        if found.file == "d_more.txt":
            raise KeyboardInterrupt
        return own.read(found)

    monkeypatch.setattr("index.build.publish", killed_behind)
    with pytest.raises(KeyboardInterrupt):
        build([library], index, embedding=embedding)
    monkeypatch.setattr("index.build.publish", publish)
    assert verify(index) == []
    for name in ("c_studio.txt", "d_more.txt"):
        (library / name).write_text(WATER.replace("临河", f"临{name}河") * 30, encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        build([library], index, embedding=embedding, reader=replace(own, read=killed_at_last))
    assert verify(index) == []
    build([library], index, embedding=embedding)
    build([library], tmp_path / "fresh", embedding=embedding)
    assert everything(index, embedding) == everything(tmp_path / "fresh", embedding)


def test_a_build_that_goes_on_beside_fewer_old_parts_begins_anew(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.build._SMALL_PART", 1)
    monkeypatch.setattr("index.sources._BATCH_FILES", 1)
    monkeypatch.setattr("index.build._KEEP_SECONDS", 0.0)
    index, own = tmp_path / "index", standard_reader()

    def killed_at_last(found: Found) -> Document:
        if found.file == "f_last.txt":
            raise KeyboardInterrupt
        return own.read(found)

    build([library], index, embedding=embedding)
    (library / "d_more.txt").write_text("临河市图书馆规定\n\n第一条 图书馆免费借书。\n", encoding="utf-8")
    build([library], index, embedding=embedding)
    assert len(read_manifest(index).parts) == 2
    for name in ("e_next.txt", "f_last.txt"):
        (library / name).write_text(WATER.replace("临河", f"临{name[0]}河"), encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        build([library], index, embedding=embedding, reader=replace(own, read=killed_at_last))
    assert (index / "unfinished").exists()
    lines = "\n".join(f"第{at}条 临河市第{at}类场馆免费开放，不得收费。" for at in range(1, 60))
    (library / "g_large.txt").write_text(f"临河市场馆规定\n\n{lines}\n", encoding="utf-8")
    build([library], index, embedding=embedding)  # beside so much the small part does not stay
    assert verify(index) == []
    build([library], tmp_path / "fresh", embedding=embedding)
    assert content(index, embedding) == content(tmp_path / "fresh", embedding)
    assert found(index, embedding) == found(tmp_path / "fresh", embedding)


def test_several_processes_make_the_same_index(
    library: Path, tmp_path: Path, model_dir: Path, embedding: RecordingEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.sources._BATCH_FILES", 2)
    shutil.copytree(library, library / "again")
    (library / "broken.txt").write_bytes(b"\x7fELF\0\0\0\1" * 99)
    alone = build([library], tmp_path / "alone", embedding=StaticEmbedding(model_dir), processes=1)
    monkeypatch.setattr("index.batches._WORTH_PROCESSES", 0)
    shared = build([library], tmp_path / "shared", embedding=StaticEmbedding(model_dir), processes=2)
    by_hand = build([library], tmp_path / "by_hand", embedding=embedding, processes=2)
    assert [replace(one, seconds=0) for one in (shared, by_hand)] == [replace(alone, seconds=0)] * 2
    for name in ("shared", "by_hand"):
        assert everything(tmp_path / name, embedding) == everything(tmp_path / "alone", embedding)


def test_all_processes_start_as_soon_as_there_is_work_for_them(library: Path, model_dir: Path) -> None:
    files = source_files(find([library]))
    before, environment = set(active_children()), dict(os.environ)
    workshop = Workshop(reader=standard_reader(), embedding=StaticEmbedding(model_dir), processes=3)
    workshop.start([replace(file, size=400_000 // 3) for file in files])
    assert set(active_children()) == before
    workshop.start([replace(file, size=400_000) for file in files])
    assert len(set(active_children()) - before) == 3
    assert dict(os.environ) == environment
    workshop.close()


def test_what_was_begun_before_the_old_index_was_looked_at_is_used_or_lost(
    library: Path, tmp_path: Path, model_dir: Path, embedding: RecordingEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.batches._WORTH_PROCESSES", 0)
    monkeypatch.setattr("index.batches._ROUNDS", 1)  # then the two new files are one batch
    model = StaticEmbedding(model_dir)
    build([library], tmp_path / "index", embedding=model)
    (library / "a_water.txt").rename(library / "moved.txt")
    (library / "b_parks.md").write_text(PARKS.replace("2米", "3米"), encoding="utf-8")
    (library / "broken.txt").write_bytes(b"\x7fELF\0\0\0\1" * 99)
    (library / "new.txt").write_text(WATER.replace("城市", "乡村"), encoding="utf-8")
    report = build([library], tmp_path / "index", embedding=model)
    assert changes(report) == (1, 1, 2, 0)
    assert report.moved == 1
    assert [one.file for one in report.failed] == ["broken.txt"]
    build([library], tmp_path / "fresh", embedding=model, processes=1)
    assert content(tmp_path / "index", embedding) == content(tmp_path / "fresh", embedding)


def deadly(found: Found) -> Document:
    """Dies of one file as a parser of a broken one may."""
    if found.file == "b_parks.md":
        os.kill(os.getpid(), signal.SIGKILL)
    return read_file(found)


def test_a_file_that_kills_its_reader_is_named_and_the_others_go_on(
    library: Path, tmp_path: Path, model_dir: Path, embedding: RecordingEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.batches._WORTH_PROCESSES", 0)
    monkeypatch.setattr("index.sources._BATCH_FILES", 2)
    reader, model = replace(standard_reader(), read=deadly), StaticEmbedding(model_dir)
    report = build([library], tmp_path / "index", embedding=model, reader=reader, processes=2)
    assert changes(report) == (2, 0, 0, 0)
    [failure] = report.failed
    assert failure.file == "b_parks.md"
    assert "读取时进程意外结束" in failure.error
    (library / "b_parks.md").unlink()
    build([library], tmp_path / "fresh", embedding=model, reader=reader, processes=1)
    assert everything(tmp_path / "index", embedding) == everything(tmp_path / "fresh", embedding)


LIMITED = """
import resource, sys
from pathlib import Path
from errors import SnapshotError
from index.build import build
from index.embedding import StaticEmbedding
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), resource.RLIM_INFINITY))
try:
    build([Path(sys.argv[1])], Path(sys.argv[2]), embedding=StaticEmbedding(Path(sys.argv[3])))
except SnapshotError as error:
    print(error)
"""


@pytest.mark.parametrize("limit", [0, 500, 3000, 40_000], ids=lambda limit: f"{limit} bytes")
def test_when_the_diskrefuses_the_old_index_stays(
    library: Path, tmp_path: Path, model_dir: Path, embedding: RecordingEmbedding, limit: int
) -> None:
    build([library], tmp_path / "index", embedding=embedding)
    before = everything(tmp_path / "index", embedding)
    (library / "d_more.txt").write_text("临河市图书馆规定\n\n" + "第一条 图书馆免费借书。\n" * 2000, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LIMITED, library, tmp_path / "index", model_dir, str(limit)],
        capture_output=True,
        text=True,
        check=True,
        cwd=REPOSITORY,
    )
    assert (done.stdout.count("\n"), done.stderr) == (1, "")
    assert done.stdout.startswith(f"写不了索引：{tmp_path / 'index'}（")
    assert done.stdout.endswith("原有的索引没有改动，请检查磁盘空间和权限后重试\n")
    assert everything(tmp_path / "index", embedding) == before
    assert verify(tmp_path / "index") == []
    assert len(list((tmp_path / "index" / "snapshots").iterdir())) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_leaves_the_old_index(library: Path, tmp_path: Path, embedding: RecordingEmbedding) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        build([library], disk / "index", embedding=embedding)
        before = everything(disk / "index", embedding)
        (library / "d_more.txt").write_text("图书馆规定\n\n" + "第一条 图书馆免费借书。\n" * 9000, encoding="utf-8")
        with pytest.raises(SnapshotError, match="原有的索引没有改动"):
            build([library], disk / "index", embedding=embedding)
        assert everything(disk / "index", embedding) == before
        assert len(list((disk / "index" / "snapshots").iterdir())) == 1
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)
