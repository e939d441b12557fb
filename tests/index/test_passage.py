"""Passages made ready for matching: kept in the index, and the same as those made from their texts."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import index.passage
import index.prepare
from index.build import build
from index.passage import Passage, dump, load, prepare
from index.search import Searcher
from index.snapshot import open_snapshot
from tests.index.conftest import RecordingEmbedding, shipped

_TEXT = st.text(st.sampled_from("公园ＡbＣ９。；\n ﬁ㎡\U00020000\ud800é"), max_size=40)


def same(one: Passage, other: Passage) -> bool:
    arrays = ("codes", "starts", "pieces", "bounds", "norms")
    plain = (one.text, one.body) == (other.text, other.body)
    return plain and all(getattr(one, name).tolist() == getattr(other, name).tolist() for name in arrays)


@settings(deadline=None)  # the first example waits for the model
@given(headings=st.lists(_TEXT, max_size=2).map(tuple), text=_TEXT)
@example(headings=("条例", "第一条"), text="公园免费开放。" * 400)
@example(headings=("公园" * 900,), text="开放")
@example(headings=(), text="")
@example(headings=("Σ",), text="\u0301a")
def test_what_is_kept_of_a_passage_gives_it_back(headings: tuple[str, ...], text: str) -> None:
    [made] = prepare([(headings, text)], shipped())
    back = load(headings, text, dump(made))
    assert back is not None
    assert same(back, made)


def test_what_is_damaged_or_of_another_text_or_program_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    headings, text = ("条例",), "公园免费开放。闭园另行公布。"
    kept = dump(prepare([(headings, text)], shipped())[0])
    assert load(headings, text, kept) is not None
    for at in range(len(kept)):
        harmed = bytearray(kept)
        harmed[at] ^= 1 << at % 8
        assert load(headings, text, bytes(harmed)) is None
        assert load(headings, text, kept[:at]) is None
    assert load(headings, f"{text}。", kept) is None
    assert load(("条例 ",), text, kept) is None
    monkeypatch.setattr(index.passage, "_VERSION", 0)
    assert load(headings, text, kept) is None


def test_an_index_keeps_every_passage_ready_and_an_update_cuts_only_new_ones(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build([library], tmp_path / "index", embedding=shipped())
    cut: list[str] = []
    real = index.prepare.ready
    monkeypatch.setattr(index.prepare, "ready", lambda its, model: cut.extend(t for _, t in its) or real(its, model))
    (library / "d_new.txt").write_text("临河市犬只管理规定\n\n第一条 犬只应当登记。\n", encoding="utf-8")
    build([library], tmp_path / "index", embedding=shipped())
    with closing(open_snapshot(tmp_path / "index", shipped())) as snapshot:
        rows = range(snapshot.counts().chunks)
        kept = snapshot.catalogue.ready_at(rows)
        chunks = snapshot.catalogue.chunks_at(rows)
    assert cut == [chunk.text for chunk in chunks if "犬只" in chunk.text and chunk.doc == chunks[-1].doc]
    for (headings, text, pieces), chunk in zip(kept, chunks, strict=True):
        assert (headings, text) == (chunk.headings, chunk.text)
        loaded = load(headings, text, pieces)
        assert loaded is not None
        assert same(loaded, prepare([(headings, text)], shipped())[0])


def test_a_search_without_what_is_kept_finds_the_same(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build([library], tmp_path / "index", embedding=shipped())
    found = []
    for version in (index.passage._VERSION, 0):
        monkeypatch.setattr(index.passage, "_VERSION", version)
        with closing(open_snapshot(tmp_path / "index", shipped())) as snapshot:
            hits = Searcher(snapshot).search("遛狗的绳子最长几米")
        found.append([(hit.chunk.id, hit.score, hit.parts) for hit in hits])
    assert found[0] == found[1]
    assert found[0]


def test_an_embedding_without_pieces_keeps_none(library: Path, tmp_path: Path, embedding: RecordingEmbedding) -> None:
    build([library], tmp_path / "index", embedding=embedding)
    with closing(open_snapshot(tmp_path / "index")) as snapshot:
        kept = snapshot.catalogue.ready_at(range(snapshot.counts().chunks))
    assert {pieces for *_, pieces in kept} == {b""}
