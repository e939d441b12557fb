from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errors import SnapshotError
from index.catalogue import Catalogue, Counts, Entry, Finished, entry_of, part_folder, write_catalogue
from index.database import Database
from index.part import Facts, Part, PartTexts, PartWriter, Prepared, dump_body, dump_chunk, pack
from index.provisions.codec import dump as dump_provisions
from index.vectors import VectorFile
from ingest.document import (
    Attachment,
    Chunk,
    CleanText,
    Document,
    Doubt,
    Dropped,
    Fact,
    Relation,
    Repair,
    Run,
    Section,
    Span,
    Table,
)

words = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8)
maybe = st.none() | words
numbers = st.integers(0, 10**7)
spans = st.builds(Span, numbers, numbers)


def tuples(of: st.SearchStrategy[object], *, least: int = 0) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(of, min_size=least, max_size=3).map(tuple)


def sections(children: st.SearchStrategy[tuple[object, ...]]) -> st.SearchStrategy[Section]:
    return st.builds(
        Section,
        path=words,
        number=maybe,
        heading=maybe,
        level=st.integers(1, 9),
        paragraphs=tuples(tuples(spans, least=1), least=1),
        children=children,
    )


trees = st.recursive(sections(st.just(())), lambda below: sections(tuples(below)), max_leaves=12)
tables = st.builds(
    Table,
    path=words,
    caption=maybe,
    columns=tuples(words),
    rows=tuples(tuples(words)),
    labels=tuples(st.none() | spans),
    label_column=st.integers(0, 3),
    spans=tuples(spans, least=1),
)
documents = st.builds(
    Document,
    id=st.uuids().map(str),
    file=words,
    sha256=words,
    text=words,
    title=words,
    doc_number=maybe,
    issuer=maybe,
    issue_date=maybe,
    kind=maybe,
    region=maybe,
    period=st.none() | st.tuples(words, words),
    relations=tuples(st.builds(Relation, type=words, title=words, doc=maybe, doc_number=maybe, span=st.none() | spans)),
    sections=tuples(trees),
    tables=tuples(tables),
    dropped=tuples(st.builds(Dropped, start=numbers, end=numbers, reason=words)),
    repairs=tuples(st.builds(Repair, start=numbers, end=numbers, kind=words)),
    pages=tuples(numbers),
    attachments=tuples(st.builds(Attachment, name=words, target=words)),
    doubts=tuples(st.builds(Doubt, start=numbers, end=numbers, confidence=st.floats(0, 1))),
    warnings=tuples(words),
    issuers=tuples(words),
    publish_date=maybe,
    effective_date=maybe,
    valid_until=maybe,
    level=maybe,
    facts=tuples(st.builds(Fact, words, words, numbers, numbers)),
)
chunks = st.builds(
    Chunk,
    doc=words,
    section=words,
    headings=tuples(words),
    clean=st.builds(CleanText, words, tuples(st.builds(Run, numbers, numbers, numbers))),
    table=maybe,
    row=st.none() | numbers,
)


def prepared(document: Document, its: Sequence[Chunk], number: int) -> Prepared:
    names = Facts.__dataclass_fields__.keys() & Document.__dataclass_fields__.keys()
    facts = Facts(
        **{name: getattr(document, name) for name in names},
        path=f"/library/{number}",
        stamp="",
        section_count=sum(1 for _ in document.walk()),
    )
    return Prepared(
        facts=facts,
        signature=bytes([number]),
        body=dump_body(document),
        provisions=pack(dump_provisions(())),
        words=tuple(f"词 {number}" for _ in its),
        chunks=tuple(map(dump_chunk, its)),
        pieces=tuple(b"%d" % number for _ in its),
        vectors=np.full((len(its), 2), number, dtype=np.float32),
    )


def write(folder: Path, held: Sequence[tuple[Document, Sequence[Chunk]]], *, halves: bool = False) -> Catalogue:
    """A catalogue of one part, or of two."""
    shutil.rmtree(folder, ignore_errors=True)
    half = len(held) // 2
    shares = [held[:half], held[half:]] if halves else [held]
    parts: list[Part] = []
    entries: list[Entry] = []
    for number, share in enumerate(shares):
        first = parts[-1].end if parts else 0
        writer = PartWriter(folder / "loose" / str(number), first=first, dimension=2)
        for document, its in share:
            stored = writer.add(prepared(document, its, len(entries)))
            entries.append(entry_of(stored, len(entries), number))
        parts.append(writer.part)
        writer.finish(part_folder(folder, number), kind=None, threads=1)
    write_catalogue(folder / "catalogue.sqlite", entries, [document.relations for document, _ in held])
    return Catalogue.open(folder, parts)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(documents, st.lists(chunks, max_size=4)), max_size=3), st.booleans())
def test_records_come_back_equal(
    tmp_path_factory: pytest.TempPathFactory, held: list[tuple[Document, list[Chunk]]], halves: bool
) -> None:
    catalogue = write(tmp_path_factory.getbasetemp() / "round", held, halves=halves)
    entries = catalogue.entries()
    assert [catalogue.document(entry.number) for entry in entries] == [document for document, _ in held]
    assert [catalogue.chunks(entry.first_chunk, entry.chunk_count) for entry in entries] == [its for _, its in held]
    assert [entry.title for entry in entries] == [document.title for document, _ in held]
    assert [entry.period for entry in entries] == [document.period for document, _ in held]
    assert [entry.signature for entry in entries] == [bytes([number]) for number in range(len(held))]
    assert [entry.path for entry in entries] == [f"/library/{number}" for number in range(len(held))]
    assert [catalogue.provisions(entry.number) for entry in entries] == [()] * len(held)
    every = [chunk for _, its in held for chunk in its]
    assert catalogue.counts() == Counts(
        documents=len(held),
        sections=sum(len(list(document.walk())) for document, _ in held),
        chunks=len(every),
    )
    assert catalogue.chunks(0, len(every)) == every
    backwards = list(reversed(range(len(every))))
    assert catalogue.chunks_at(backwards) == every[::-1]
    assert catalogue.unused() == []
    words = [catalogue.texts(entry.part).words(entry.place) for entry in entries]
    assert words == [tuple(f"词 {number}" for _ in its) for number, (_, its) in enumerate(held)]
    assert catalogue.sound()
    assert all(catalogue.texts(part).sound() for part in range(1 + halves))
    catalogue.close()


@pytest.fixture
def small(tmp_path: Path) -> Catalogue:
    chunk = Chunk(doc="d", section="一、", headings=("标题", "一、"), clean=CleanText("免费开放。", (Run(0, 7, 5),)))
    document = Document(
        id="d",
        file="d.txt",
        sha256="0",
        text="一、公园\n    免费开放。",
        title="标题",
        doc_number=None,
        issuer=None,
        issue_date=None,
        kind=None,
        region=None,
        period=None,
        relations=(),
        sections=(),
        tables=(),
        dropped=(),
        repairs=(),
    )
    return write(tmp_path / "small", [(document, [chunk])])


def test_a_chunk_is_found_by_its_id(small: Catalogue) -> None:
    assert small.row_of(small.chunk_at(0).id) == 0
    assert small.row_of("0" * 16) is None


def test_a_chunk_stands_for_itself_until_told_otherwise(small: Catalogue) -> None:
    assert small.passages([0]) == {0: 0}


def test_chunks_that_were_read_are_kept_up_to_a_number(small: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    [first] = small.chunks_at([0])
    assert [chunk is first for chunk in small.chunks_at([0, 0])] == [True, True]
    with pytest.raises(KeyError):
        small.chunks_at([0, 10_000])
    monkeypatch.setattr("index.catalogue.reader._KEPT", 0)
    assert small.chunks_at([0]) == [first]
    small._read.clear()
    assert small.chunks_at([0]) == [first] == small.chunks_at([0])
    assert len(small._read) <= 1


def test_what_is_not_there(small: Catalogue) -> None:
    with pytest.raises(IndexError):
        small.document(1)
    with pytest.raises(IndexError):
        small.chunk_at(1)


def test_a_reader_cannot_write(small: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="readonly"):
        Database(tmp_path / "small" / "catalogue.sqlite").all(len, "DELETE FROM documents")


@pytest.mark.parametrize("name", ["catalogue.sqlite", "parts/0/texts.sqlite"])
@pytest.mark.parametrize("data", [None, b"", b"SQLite format 3\0 but no more"], ids=["missing", "empty", "cut"])
def test_a_file_that_is_no_catalogue(small: Catalogue, tmp_path: Path, name: str, data: bytes | None) -> None:
    path = tmp_path / "small" / name
    path.unlink()
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(SnapshotError, match=rf"索引文件已损坏：.*{Path(name).name}.*wence build"):
        Catalogue.open(tmp_path / "small", [Part(first=0, count=1)])


@pytest.mark.parametrize(("was", "now"), [('["标题"', '["标题]'), ("[[0,7,5]]", "[[0,7,[]]")], ids=["json", "runs"])
def test_damage_that_only_reading_finds(small: Catalogue, tmp_path: Path, was: str, now: str) -> None:
    path = tmp_path / "small" / "parts" / "0" / "texts.sqlite"
    path.write_bytes(path.read_bytes().replace(was.encode(), now.encode() + b" " * (len(was) - len(now))))
    with pytest.raises(SnapshotError, match=r"索引文件已损坏：.*texts\.sqlite"):
        Catalogue.open(tmp_path / "small", [Part(first=0, count=1)]).chunks(0, 1)


def test_a_packed_text_that_is_damaged(small: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "small" / "parts" / "0" / "texts.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE documents SET body = substr(body, 1, 20)")
    with pytest.raises(SnapshotError, match=r"索引文件已损坏：.*texts\.sqlite"):
        Catalogue.open(tmp_path / "small", [Part(first=0, count=1)]).document(0)


def test_an_unfinished_part_goes_on_where_it_was_kept(small: Catalogue, tmp_path: Path) -> None:
    document, [chunk] = small.document(0), small.chunks(0, 1)
    folder = tmp_path / "begun"
    killed = PartWriter(folder, first=7, dimension=2)
    killed.add(prepared(document, [chunk, chunk], 0))
    killed.keep()
    killed.add(prepared(replace(document, id="lost"), [chunk], 1))
    shutil.copytree(folder, tmp_path / "left")  # what a kill leaves: no commit, perhaps more bytes of vectors
    killed.close()
    with (tmp_path / "left" / "vectors.f32").open("ab") as file:
        file.write(b"\0" * 5)
    again = PartWriter(tmp_path / "left", first=7, dimension=2)
    assert [(one.facts.id, one.first_chunk, one.chunk_count) for one in again.stored()] == [("d", 7, 2)]
    again.add(prepared(replace(document, id="next"), [chunk], 2))
    again.cut(1)
    again.add(prepared(replace(document, id="other"), [chunk], 3))
    assert again.part == Part(first=7, count=3)
    again.finish(tmp_path / "done", kind=None, threads=1)
    assert PartTexts(tmp_path / "done").counts() == (2, 3)
    assert VectorFile(tmp_path / "done" / "vectors.faiss").rows(np.arange(3))[:, 0].tolist() == [0, 0, 3]
    (tmp_path / "left" / "vectors.f32").write_bytes(b"")  # lost when the machine went down
    empty = PartWriter(tmp_path / "left", first=7, dimension=2)
    assert (empty.stored(), empty.part.count) == ([], 0)
    empty.close()


def entry(number: int, id: str, **told: Any) -> Entry:
    counted = {"section_count": 1, "first_chunk": 3 * number, "chunk_count": 3, "work": number, "signature": b"1"}
    facts = dict.fromkeys(("doc_number", "issuer", "issue_date", "kind", "region", "period"))
    return Entry(number=number, id=id, path=f"/{id}", file=id, sha256=id, title=id, **{**facts, **counted, **told})


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_is_taken_from_an_older_catalogue_is_as_if_it_were_written(data: st.DataObject) -> None:
    names = st.lists(st.sampled_from("abcdef"), unique=True, max_size=5)
    told = st.fixed_dictionaries(
        {"issuer": st.sampled_from([None, "甲", "乙"]), "ended_by": st.sampled_from([None, 0])}
    )
    named = st.lists(st.builds(Relation, type=st.just("basis"), title=st.sampled_from("甲乙")), max_size=1)

    def lines() -> tuple[list[Entry], list[Sequence[Relation]], list[tuple[int, int]]]:
        ids = data.draw(names)
        entries = [entry(number, id, **data.draw(told)) for number, id in enumerate(ids)]
        return entries, [data.draw(named) for _ in ids], [(3 * number + 1, 0) for number in range(len(ids))]

    with TemporaryDirectory() as folder:
        older, updated, fresh = (Path(folder) / name for name in ("older", "updated", "fresh"))
        entries, relations, repeats = lines()
        write_catalogue(older, entries, relations, repeats)
        old = Finished(path=older, entries=entries, relations=relations)
        before, new = older.read_bytes(), lines()
        write_catalogue(updated, *new, old=old)
        write_catalogue(fresh, *new)
        assert older.read_bytes() == before
        tables = ("SELECT * FROM documents ORDER BY number", "SELECT * FROM repeats ORDER BY row")
        with closing(sqlite3.connect(updated)) as one, closing(sqlite3.connect(fresh)) as other:
            for select in (*tables, "PRAGMA integrity_check"):
                assert one.execute(select).fetchall() == other.execute(select).fetchall()
