from __future__ import annotations

import fcntl
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from errors import SnapshotError
from index.build import build, standard_reader
from index.embedding import StaticEmbedding
from index.manifest import read_manifest
from index.snapshot import open_snapshot, verify
from ingest.document import Document
from ingest.files import Found
from tests.index.built import changes, everything, found, refuse
from tests.index.conftest import PARKS, STUDIO, WATER, RecordingEmbedding

MARKS = "\n".join(f"=== PAGE {number} ===\n" for number in range(1, 30))


def test_a_build_reports_what_it_did(library: Path, tmp_path: Path, embedding: RecordingEmbedding) -> None:
    report = build([library], tmp_path / "index", embedding=embedding)
    snapshot = open_snapshot(tmp_path / "index", embedding)
    assert changes(report) == (3, 0, 0, 0)
    assert report.failed == ()
    assert report.seconds > 0
    assert [entry.file for entry in snapshot.entries] == ["a_water.txt", "b_parks.md", "c_studio.txt"]
    assert (report.documents, report.sections, report.chunks) == (
        3,
        sum(len(list(document.walk())) for document in snapshot.documents()),
        len(embedding.texts),
    )
    assert verify(tmp_path / "index") == []


def test_the_index_holds_what_the_reader_read(library: Path, tmp_path: Path, embedding: RecordingEmbedding) -> None:
    build([library], tmp_path / "index", embedding=embedding)
    snapshot = open_snapshot(tmp_path / "index", embedding)
    reader = standard_reader()
    for file in ("a_water.txt", "b_parks.md", "c_studio.txt"):
        document = reader.read(Found(file, str(library / file)))
        held = snapshot.document(document.id)
        assert replace(held, relations=()) == replace(document, relations=())
        assert snapshot.chunks(document.id) == list(reader.chunk(document))
    texts = [chunk.embed_text for entry in snapshot.entries for chunk in snapshot.chunks(entry.id)]
    vectors = snapshot.retrieval.store.vectors.rows(list(range(len(texts))))
    assert np.allclose(vectors, embedding.encode(texts), atol=1e-6)


def test_a_relation_leads_to_the_document_it_names(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding
) -> None:
    build([library], tmp_path / "index", embedding=embedding)
    snapshot = open_snapshot(tmp_path / "index")
    water, _, studio = snapshot.documents()
    assert ("临河市节约用水办法", water.id) in [(relation.title, relation.doc) for relation in studio.relations]
    (library / "a_water.txt").unlink()
    build([library], tmp_path / "index", embedding=embedding)
    _, studio = open_snapshot(tmp_path / "index").documents()
    assert [relation.doc for relation in studio.relations if relation.title == "临河市节约用水办法"] == [None]


def test_nothing_changed_nothing_read_embedded_or_written(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding
) -> None:
    first = build([library], tmp_path / "index", embedding=embedding)
    before = read_manifest(tmp_path / "index")
    embedding.texts.clear()
    again = build([library], tmp_path / "index", embedding=embedding, reader=replace(standard_reader(), read=refuse))
    assert changes(again) == (0, 0, 3, 0)
    assert (again.documents, again.sections, again.chunks) == (first.documents, first.sections, first.chunks)
    assert embedding.texts == []
    assert read_manifest(tmp_path / "index") == before


def test_only_what_changed_is_read_and_embedded(library: Path, tmp_path: Path, embedding: RecordingEmbedding) -> None:
    build([library], tmp_path / "index", embedding=embedding)
    (library / "b_parks.md").write_text(PARKS.replace("2米", "3米"), encoding="utf-8")
    (library / "d_more.txt").write_text("临河市图书馆规定\n\n第一条 图书馆免费借书。\n", encoding="utf-8")
    (library / "c_studio.txt").unlink()
    embedding.texts.clear()
    read: list[str] = []
    own = standard_reader()

    def noting(found: Found) -> Document:
        read.append(found.file)
        return own.read(found)

    report = build([library], tmp_path / "index", embedding=embedding, reader=replace(own, read=noting))
    assert changes(report) == (1, 1, 1, 1)
    assert read == ["b_parks.md", "d_more.txt"]
    snapshot = open_snapshot(tmp_path / "index", embedding)
    assert [entry.file for entry in snapshot.entries] == ["a_water.txt", "b_parks.md", "d_more.txt"]
    _, parks, more = (snapshot.chunks(entry.id) for entry in snapshot.entries)
    assert embedding.texts == [chunk.embed_text for chunk in (*parks, *more)]
    assert verify(tmp_path / "index") == []
    assert len(list((tmp_path / "index" / "snapshots").iterdir())) == 1


def test_an_updated_index_equals_one_built_at_once(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding
) -> None:
    (library / "a_water.txt").write_text(STUDIO, encoding="utf-8")
    build([library], tmp_path / "updated", embedding=embedding)
    (library / "a_water.txt").write_text(WATER, encoding="utf-8")
    (library / "a_copy.md").write_text(WATER.replace("第", "## 第"), encoding="utf-8")
    build([library], tmp_path / "updated", embedding=embedding)
    build([library], tmp_path / "fresh", embedding=embedding)
    assert everything(tmp_path / "updated", embedding) == everything(tmp_path / "fresh", embedding)


def test_another_reader_reads_everything_again(library: Path, tmp_path: Path, embedding: RecordingEmbedding) -> None:
    build([library], tmp_path / "index", embedding=embedding)
    newer = replace(standard_reader(), version="newer")
    assert changes(build([library], tmp_path / "index", embedding=embedding, reader=newer)) == (0, 3, 0, 0)
    assert changes(build([library], tmp_path / "index", embedding=embedding, reader=newer)) == (0, 0, 3, 0)


def test_another_embedding_embeds_again_without_reading(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding, other_embedding: StaticEmbedding
) -> None:
    first = build([library], tmp_path / "index", embedding=embedding)
    other = RecordingEmbedding(other_embedding)
    again = build([library], tmp_path / "index", embedding=other, reader=replace(standard_reader(), read=refuse))
    assert (changes(again), len(other.texts)) == ((0, 0, 3, 0), first.chunks)
    snapshot = open_snapshot(tmp_path / "index", other)
    assert np.allclose(
        snapshot.retrieval.store.vectors.rows([0]), other.encode([snapshot.catalogue.chunk_at(0).embed_text])
    )


def test_a_damaged_index_is_not_built_upon(library: Path, tmp_path: Path, embedding: RecordingEmbedding) -> None:
    build([library], tmp_path / "index", embedding=embedding)
    texts = next((tmp_path / "index").rglob("texts.sqlite"))
    data = texts.read_bytes().replace("免费".encode(), "收费".encode())
    texts.write_bytes(data)
    assert changes(build([library], tmp_path / "index", embedding=embedding)) == (3, 0, 0, 0)
    assert "收费" not in "".join(document.text for document in open_snapshot(tmp_path / "index").documents())


def test_a_file_that_cannot_be_read_is_listed_and_the_others_go_on(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding
) -> None:
    (library / "bad.txt").write_bytes(b"\x7fELF\0\0\0\1" * 99)
    (library / "empty.md").write_bytes(b"")
    report = build([library, tmp_path / "nowhere.txt"], tmp_path / "index", embedding=embedding)
    assert changes(report) == (3, 0, 0, 0)
    assert [failure.file for failure in report.failed] == ["bad.txt", "empty.md", "nowhere.txt"]
    assert all("\n" not in failure.error and "；请" in failure.error for failure in report.failed)
    before = read_manifest(tmp_path / "index")
    again = build([library, tmp_path / "nowhere.txt"], tmp_path / "index", embedding=embedding)
    assert (changes(again), len(again.failed)) == ((0, 0, 3, 0), 3)
    assert read_manifest(tmp_path / "index") == before


def test_a_surprise_in_one_file_costs_no_other(library: Path, tmp_path: Path, embedding: RecordingEmbedding) -> None:
    own = standard_reader()

    def surprising(found: Found) -> Document:
        if found.file == "b_parks.md":
            raise ZeroDivisionError("two\nlines")
        return own.read(found)

    report = build([library], tmp_path / "index", embedding=embedding, reader=replace(own, read=surprising))
    assert changes(report) == (2, 0, 0, 0)
    [failure] = report.failed
    assert failure.file == "b_parks.md"
    assert failure.error.startswith("读取时出错（ZeroDivisionError: two lines）")


def test_a_file_that_has_become_unreadable_leaves_the_index(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding
) -> None:
    build([library], tmp_path / "index", embedding=embedding)
    (library / "b_parks.md").write_bytes(b"\0" * 100)
    report = build([library], tmp_path / "index", embedding=embedding)
    assert (changes(report), [failure.file for failure in report.failed]) == ((0, 0, 2, 0), ["b_parks.md"])
    assert [entry.file for entry in open_snapshot(tmp_path / "index").entries] == ["a_water.txt", "c_studio.txt"]


@pytest.mark.parametrize("held", [False, True], ids=["first build", "over an old index"])
def test_an_empty_folder_publishes_nothing(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding, held: bool
) -> None:
    if held:
        build([library], tmp_path / "index", embedding=embedding)
    (tmp_path / "empty").mkdir()
    report = build([tmp_path / "empty"], tmp_path / "index", embedding=embedding)
    assert report.documents == 0
    assert [failure.file for failure in report.failed] == ["empty"]
    assert (tmp_path / "index" / "manifest.json").exists() == held
    if held:
        assert next(entry.file for entry in open_snapshot(tmp_path / "index").entries) == "a_water.txt"


def test_the_same_bytes_in_two_folders_are_two_documents(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding
) -> None:
    shutil.copytree(library, tmp_path / "second")
    report = build([library, tmp_path / "second"], tmp_path / "index", embedding=embedding)
    assert changes(report) == (6, 0, 0, 0)
    snapshot = open_snapshot(tmp_path / "index")
    assert len({entry.id for entry in snapshot.entries}) == 6
    assert sorted(len(snapshot.renderings(entry.id)) for entry in snapshot.entries) == [2] * 6


def test_an_id_that_is_taken_gets_a_mark_of_its_own(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding
) -> None:
    own = standard_reader()
    namesakes = replace(own, read=lambda found: replace(own.read(found), id="same"))
    build([library], tmp_path / "index", embedding=embedding, reader=namesakes)
    snapshot = open_snapshot(tmp_path / "index")
    ids = [entry.id for entry in snapshot.entries]
    assert (ids[0], len(set(ids)), [id_[:5] for id_ in ids[1:]]) == ("same", 3, ["same-", "same-"])
    assert all(chunk.doc == id_ for id_ in ids for chunk in snapshot.chunks(id_))


def test_one_build_at_a_time(library: Path, tmp_path: Path, embedding: RecordingEmbedding) -> None:
    (tmp_path / "index").mkdir()
    with (tmp_path / "index" / "lock").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(SnapshotError, match="另一个 wence build 正在写这个索引"):
            build([library], tmp_path / "index", embedding=embedding)
    assert build([library], tmp_path / "index", embedding=embedding).documents == 3


def test_folders_that_are_not_ours_are_left_alone(library: Path, tmp_path: Path, embedding: RecordingEmbedding) -> None:
    theirs = tmp_path / "index" / "snapshots" / "holiday"
    theirs.mkdir(parents=True)
    left = tmp_path / "index" / "snapshots" / "20200101T000000-0123abcd"
    left.mkdir()
    build([library], tmp_path / "index", embedding=embedding)
    assert theirs.exists()
    assert not left.exists()


def test_an_index_that_cannot_be_written_is_one_clear_line(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SnapshotError, match=r"写不了索引：.*file.*；原有的索引没有改动"):
        build([library], tmp_path / "file", embedding=embedding)


def test_the_files_can_be_read_by_those_who_may_read_the_catalogue(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding
) -> None:
    build([library], tmp_path / "index", embedding=embedding)
    files = [path for path in (tmp_path / "index" / "snapshots").rglob("*") if path.is_file()]
    assert len({path.stat().st_mode for path in files}) == 1


def test_a_file_that_says_nothing_is_a_document_without_passages(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, bare = tmp_path / "index", tmp_path / "bare"
    build([library], bare, embedding=embedding)
    for name in ("b_marks.txt", "z_marks.txt"):
        (library / name).write_text(MARKS, encoding="utf-8")
    report = build([library], index, embedding=embedding)
    assert (changes(report), report.failed) == ((5, 0, 0, 0), ())
    assert [warned.file for warned in report.warnings] == ["b_marks.txt", "z_marks.txt"]
    assert all("没有可引用的正文" in warned.warning for warned in report.warnings)
    assert verify(index) == []
    snapshot = open_snapshot(index, embedding)
    marks = snapshot.find("z_marks.txt")
    assert marks is not None
    assert snapshot.catalogue.uncited() == ["b_marks.txt", "z_marks.txt"]
    assert snapshot.renderings(marks.id) == (marks.id,)  # the same bytes, and yet nothing that both say
    assert (snapshot.chunks(marks.id), snapshot.document(marks.id).text) == ([], MARKS)
    assert found(index, embedding) == found(bare, embedding)
    assert changes(build([library], index, embedding=embedding)) == (0, 0, 5, 0)
    monkeypatch.setattr("index.build._SMALL_PART", 1)
    monkeypatch.setattr("index.build._ROW_BYTES", 10**6)
    (library / "y_marks.txt").write_text(f"{MARKS}\n---", encoding="utf-8")  # alone in a part of its own
    assert changes(build([library], index, embedding=embedding)) == (1, 0, 5, 0)
    assert [part.count > 0 for part in read_manifest(index).parts] == [True, False]
    assert verify(index) == []
    assert found(index, embedding) == found(bare, embedding)
    monkeypatch.undo()
    (library / "y_marks.txt").rename(library / "x_marks.txt")
    assert changes(build([library], index, embedding=embedding)) == (1, 0, 5, 1)  # its title is its file's name
    assert verify(index) == []


def test_nothing_is_published_of_files_that_say_nothing(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding
) -> None:
    folder, index = tmp_path / "marks", tmp_path / "index"
    folder.mkdir()
    (folder / "a.txt").write_text(MARKS, encoding="utf-8")
    for before in (0, 3):
        report = build([folder], index, embedding=embedding)
        assert (report.documents, changes(report), len(report.warnings)) == (0, (0, 0, 0, 0), 1)
        assert (read_manifest(index).counts.documents if before else 0) == before
        build([library], index, embedding=embedding)


def test_moved_files_are_neither_read_nor_embedded_again(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding
) -> None:
    index = tmp_path / "index"
    build([library], index, embedding=embedding)
    (library / "old").mkdir()
    (library / "a_water.txt").rename(library / "old" / "z_water.txt")
    (library / "b_parks.md").write_text(PARKS + "\n新的一段。\n", encoding="utf-8")
    embedding.texts.clear()
    report = build([library], index, embedding=embedding)
    assert (*changes(report), report.moved, report.documents) == (0, 1, 2, 0, 1, 3)
    assert not any("节约用水" in text for text in embedding.texts)
    moved = everything(index, embedding)
    fresh = tmp_path / "fresh"
    build([library], fresh, embedding=embedding)
    assert moved == everything(fresh, embedding)
    snapshot = open_snapshot(index, embedding)
    assert [entry.file for entry in snapshot.entries] == ["b_parks.md", "c_studio.txt", "old/z_water.txt"]
    assert verify(index) == []
    (library / "c_studio.txt").unlink()
    (library / "old" / "z_water.txt").rename(library / "z_water.txt")
    report = build([library], index, embedding=embedding)
    assert (*changes(report), report.moved) == (0, 0, 2, 1, 1)


def test_a_file_that_gives_its_document_the_title_is_read_again(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding
) -> None:
    (library / "空.txt").write_text("————\n| a | b |\n|---|---|\n| 1 | 2 |\n", encoding="utf-8")
    build([library], tmp_path / "index", embedding=embedding)
    (library / "空.txt").rename(library / "表.txt")
    report = build([library], tmp_path / "index", embedding=embedding)
    titles = {entry.file: entry.title for entry in open_snapshot(tmp_path / "index").entries}
    assert (report.moved, report.documents) == (0 if titles["表.txt"] == "表.txt" else 1, 4)
    assert titles["表.txt"] != "空.txt"
