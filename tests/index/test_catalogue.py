from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errors import SnapshotError
from index.catalogue import Catalogue, CatalogueWriter, Counts
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


def write(path: Path, held: Sequence[tuple[Document, Sequence[Chunk]]]) -> Catalogue:
    path.unlink(missing_ok=True)
    writer = CatalogueWriter(path)
    for number, (document, its) in enumerate(held):
        writer.add(document, f"/library/{number}", its, [f"词 {number}" for _ in its], bytes([number]))
    writer.close()
    return Catalogue.open(path)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(documents, st.lists(chunks, max_size=4)), max_size=3))
def test_records_come_back_equal(
    tmp_path_factory: pytest.TempPathFactory, held: list[tuple[Document, list[Chunk]]]
) -> None:
    catalogue = write(tmp_path_factory.getbasetemp() / "round.sqlite", held)
    entries = catalogue.entries()
    assert [catalogue.document(entry.number) for entry in entries] == [document for document, _ in held]
    assert [catalogue.chunks(entry.first_chunk, entry.chunk_count) for entry in entries] == [its for _, its in held]
    assert [entry.title for entry in entries] == [document.title for document, _ in held]
    assert [entry.period for entry in entries] == [document.period for document, _ in held]
    assert [entry.signature for entry in entries] == [bytes([number]) for number in range(len(held))]
    assert [entry.path for entry in entries] == [f"/library/{number}" for number in range(len(held))]
    assert catalogue.counts() == Counts(
        documents=len(held),
        sections=sum(len(list(document.walk())) for document, _ in held),
        chunks=sum(len(its) for _, its in held),
    )
    texts = [(f"词 {number}", chunk.embed_text) for number, (_, its) in enumerate(held) for chunk in its]
    assert list(catalogue.tokens(batch=2)) == texts
    assert catalogue.sound()
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
    return write(tmp_path / "small.sqlite", [(document, [chunk])])


def test_a_chunk_is_found_by_its_id(small: Catalogue) -> None:
    assert small.row_of(small.chunk_at(0).id) == 0
    assert small.row_of("0" * 16) is None


def test_a_chunk_stands_for_itself_until_told_otherwise(small: Catalogue) -> None:
    assert small.passages([0]) == {0: 0}


def test_what_is_not_there(small: Catalogue) -> None:
    with pytest.raises(IndexError):
        small.document(1)
    with pytest.raises(IndexError):
        small.chunk_at(1)


def test_a_reader_cannot_write(small: Catalogue) -> None:
    with pytest.raises(SnapshotError, match="readonly"):
        small._all(len, "DELETE FROM chunks")


@pytest.mark.parametrize("data", [None, b"", b"SQLite format 3\0 but no more"], ids=["missing", "empty", "cut"])
def test_a_file_that_is_no_catalogue(tmp_path: Path, data: bytes | None) -> None:
    if data is not None:
        (tmp_path / "bad.sqlite").write_bytes(data)
    with pytest.raises(SnapshotError, match=r"索引文件已损坏：.*bad\.sqlite.*wence build"):
        Catalogue.open(tmp_path / "bad.sqlite")


@pytest.mark.parametrize(("was", "now"), [('["标题"', '["标题]'), ("[[0,7,5]]", "[[0,7,[]]")], ids=["json", "runs"])
def test_damage_that_only_reading_finds(small: Catalogue, tmp_path: Path, was: str, now: str) -> None:
    path = tmp_path / "small.sqlite"
    path.write_bytes(path.read_bytes().replace(was.encode(), now.encode() + b" " * (len(was) - len(now))))
    with pytest.raises(SnapshotError, match=r"索引文件已损坏：.*small\.sqlite"):
        Catalogue.open(path).chunks(0, 1)
