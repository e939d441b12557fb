"""The documents by what questions call them: what is looked up in one text is what a look at each title finds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.homes import Homes
from assistant.scope import scope
from assistant.shelf import Lines, Shelf
from index.catalogue import Entry
from index.lexicon import load_lexicon
from index.search import Searcher

TEXTS = st.lists(st.text("河海管理办法ab\n", max_size=12), max_size=8)
LEXICON = load_lexicon()
PLACES = [place.term for place in LEXICON.inside("中国")]
NAMES = [name for place in LEXICON.inside("中国") for name in (place.term, *place.same, *place.near, *place.english)]


@given(TEXTS, st.text("河海管理办法ab\n", max_size=3))
def test_texts_hold_what_each_of_them_holds(texts: list[str], part: str) -> None:
    assert Lines(texts).holding(part) == [number for number, text in enumerate(texts) if part in text]


@given(TEXTS, st.lists(st.text("河海管理办法ab", min_size=1, max_size=2), max_size=9), st.floats(0.1, 1.0))
def test_texts_share_what_each_of_them_shares(texts: list[str], parts: list[str], least: float) -> None:
    shares = {number: sum(part in text for part in parts) / max(1, len(parts)) for number, text in enumerate(texts)}
    assert Lines(texts).sharing(parts, least) == {number: share for number, share in shares.items() if share >= least}


@pytest.fixture(scope="module")
def entry(small: Searcher) -> Entry:
    return replace(small.snapshot.entries[0], region=None, doc_number=None, kind=None)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([*NAMES, "公园", "管理 办法", "-", "’s ", "2024年", "Park"]), max_size=4), max_size=4
    ),
    st.lists(st.sampled_from(PLACES), max_size=3),
)
def test_documents_are_of_the_places_that_their_titles_name(
    entry: Entry, pieces: list[list[str]], regions: list[str]
) -> None:
    titles = ["".join(its) for its in pieces]
    entries = [replace(entry, title=title) for title in titles]
    entries += [replace(entry, title="办法", region=region) for region in regions]
    named = {home for one in entries for home in LEXICON.places_in(f"{one.region or ''} {one.title}")}
    homes = Homes(entries)
    wider = {wide for home in named for wide in LEXICON.broader(home)}
    for place in {*named, *wider, "上海市", "宁波市", "浦东新区"}:
        assert homes.has(place) == any(LEXICON.contains(place, home) for home in named), place


def test_what_lies_in_a_place_is_what_it_contains() -> None:
    for outer in ("上海市", "浦东", "中国", "朝阳区", "没有这个地方"):
        expected = {place for place in PLACES if LEXICON.contains(outer, place)}
        assert {place.term for place in LEXICON.inside(outer)} == expected, outer


def test_kinds_numbers_and_talks_name_documents(entry: Entry) -> None:
    titles = [
        "公园管理办法",
        "关于印发《公园管理办法》的通知",
        "《公园管理办法》发布会实录",
        "公园意见",
        "绿地措施问答",
    ]
    entries = [replace(entry, id=str(at), number=at, title=title) for at, title in enumerate(titles)]
    entries[3] = replace(entries[3], kind="办法", doc_number="海府〔2024〕5号")
    shelf = Shelf(entries)
    assert (shelf.called("办法"), shelf.talks) == ({0, 3}, {2, 4})
    assert scope("公园办法里怎么说", shelf).docs == {"0", "3"}
    assert scope("若干措施里怎么说", shelf).docs == {"4"}  # only what is said about them is there
    assert scope("公园发布会上说了什么", shelf).docs == {"2"}
    assert scope("海府〔2024〕5号是什么", shelf).docs == {"3"}
    assert scope("《公园管理办法》第三条", shelf).docs == {"0"}
    assert scope("《市公园管理办法》第三条", shelf).docs == {"0", "1", "2"}  # most of its pairs of characters
    assert scope("《燃气管理办法》第三条", shelf).unknown == ("《燃气管理办法》",)


def test_what_only_stands_before_the_word_for_a_place_is_none(entry: Entry) -> None:
    titles = (
        "关于促进房地产市场健康发展的通知",
        "居家社区养老服务办法",
        "关于印发广州市住房办法的通知",
        "持续促进我市消费的措施",
    )
    entries = [replace(entry, title=title) for title in titles]
    entries += [replace(entry, title="石榴市路灯办法", region="石榴市"), replace(entry, title="成都市停车办法")]
    assert Shelf(entries).homes == ["成都", "石榴"]
